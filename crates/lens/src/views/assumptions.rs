//! Assumptions and constraints, and whether anybody looked if they hold.

use jiff::Timestamp;
use model::ids::AssumptionId;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::moment;

/// The assumptions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumptions<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In plan order.
    pub assumptions: Vec<AssumptionRow<'a>>,
}

/// One assumption.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssumptionRow<'a> {
    /// Its id.
    pub id: AssumptionId,
    /// The text.
    pub text: &'a str,
    /// Whether it holds; nothing while nobody looked.
    pub holds: Option<bool>,
    /// When it was recorded, or last looked at.
    pub at: Timestamp,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
}

/// The assumptions.
pub fn assumptions<'a>(look: &Look<'a>) -> Assumptions<'a> {
    let row = |known: &'a model::registers::Assumption| AssumptionRow {
        id: known.id,
        text: &known.text,
        holds: known.holds,
        at: known.at,
        line: known.line,
    };
    Assumptions { plan: look.head(), assumptions: look.plan.assumptions.iter().map(row).collect() }
}

impl Answer for Assumptions<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.assumptions.is_empty() {
            page.paragraph("no assumption is on record");
        }
        let mut table = Table::new([
            Column::whole("Id"),
            Column::whole("Holds"),
            Column::text("Assumption"),
            Column::whole("Since"),
        ]);
        for row in &self.assumptions {
            table.row([
                Tone::Faint.cell(row.id.to_string()),
                match row.holds {
                    Some(true) => Tone::Good.cell("yes"),
                    Some(false) => Tone::Bad.cell("no"),
                    None => Tone::Warn.cell("n/a"),
                },
                Cell::from(row.text),
                Tone::Faint.cell(moment(row.at)),
            ]);
        }
        page.table(table);
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::command::Command;

    #[test]
    fn nobody_looked_is_not_the_same_as_it_holds() {
        let mut world = World::adopt("# P\n");
        world.does("Rae", Command::Assume("The wall is dry".to_owned()));
        world.does("Rae", Command::Assume("It will not rain".to_owned()));
        let assumption = world.plan.assumptions[1].id;
        world.later(2).does("Sam", Command::CheckAssumption { assumption, holds: false });
        let first = world.plan.assumptions[0].id;
        check(
            &assumptions(&world.look()),
            &format!(
                "
| Id | Holds | Assumption | Since |
| --- | --- | --- | --- |
| {first} | n/a | The wall is dry | 2031-05-01 09:00 UTC |
| {assumption} | no | It will not rain | 2031-05-01 11:00 UTC |
"
            ),
        );
    }
}
