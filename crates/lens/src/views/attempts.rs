//! Attempts: commands that were refused. They changed nothing, so they are no part of history.

use jiff::Timestamp;
use model::actor::By;
use serde::Serialize;

use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment};

/// A refused command, whoever kept it.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// When.
    pub at: Timestamp,
    /// Who tried, and how known.
    pub by: &'a By,
    /// The command's name.
    pub command: &'a str,
    /// The refusal's code.
    pub code: &'a str,
    /// The refusal's sentence.
    pub message: &'a str,
}

/// Commands that were refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempts<'a> {
    /// In order.
    pub attempts: Vec<AttemptRow<'a>>,
}

/// A refused command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttemptRow<'a> {
    /// When.
    pub at: Timestamp,
    /// Who tried, and how known.
    pub by: Who,
    /// The command's name.
    pub command: &'a str,
    /// The refusal's code.
    pub code: &'a str,
    /// The refusal's sentence.
    pub message: &'a str,
}

/// Commands that were refused, as the store kept them.
pub fn attempts<'a>(kept: impl IntoIterator<Item = Refused<'a>>) -> Attempts<'a> {
    let row = |Refused { at, by, command, code, message }| AttemptRow {
        at,
        by: Who::from(by),
        command,
        code,
        message,
    };
    Attempts { attempts: kept.into_iter().map(row).collect() }
}

impl Answer for Attempts<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.attempts.is_empty() {
            page.paragraph("nothing was refused");
        }
        let mut table = Table::new([
            Column::whole("When"),
            Column::whole("Who"),
            Column::whole("Command"),
            Column::whole("Refused with"),
            Column::text("Because"),
        ]);
        for row in &self.attempts {
            table.row([
                Tone::Faint.cell(moment(row.at)),
                Cell::from(row.by.with_known()),
                Cell::from(row.command),
                Tone::Warn.cell(row.code),
                Cell::from(row.message),
            ]);
        }
        page.table(table);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, person};

    #[test]
    fn who_tried_what_and_why_not() {
        let by = person("Rae");
        let refused = Refused {
            at: "2031-05-01T09:00:00Z".parse().unwrap(),
            by: &by,
            command: "claim",
            code: "dependency/unmet",
            message: "cannot claim task `b`: it needs `a`",
        };
        check(
            &attempts([refused]),
            "
| When | Who | Command | Refused with | Because |
| --- | --- | --- | --- | --- |
| 2031-05-01 09:00 UTC | Rae [declared] | claim | dependency/unmet | cannot claim task `b`: it needs `a` |
",
        );
        check(&attempts([]), "nothing was refused");
    }
}
