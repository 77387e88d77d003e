//! Decisions and escalations: two registers of the same shape.

use jiff::Timestamp;
use model::ids::{DecisionId, EscalationId};
use model::registers::EntryDetails;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment};

/// The decisions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decisions<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In plan order.
    pub decisions: Vec<DecisionRow<'a>>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionRow<'a> {
    /// Its id.
    pub id: DecisionId,
    /// What it says.
    pub entry: EntryRow<'a>,
}

/// The escalations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Escalations<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In plan order.
    pub escalations: Vec<EscalationRow<'a>>,
    /// How many are open.
    pub open: usize,
}

/// One escalation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EscalationRow<'a> {
    /// Its id.
    pub id: EscalationId,
    /// What it says.
    pub entry: EntryRow<'a>,
    /// How it ended; nothing while it is open.
    pub outcome: Option<&'a str>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// What both registers say of an entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntryRow<'a> {
    /// The author's key.
    pub key: Option<&'a str>,
    /// The text.
    pub text: &'a str,
    /// Who.
    pub owner: Option<&'a str>,
    /// By when, verbatim.
    pub due: Option<&'a str>,
    /// Whether it holds only if something else happens.
    pub conditional: bool,
    /// Who approved it, as far as the text says: a claim, not an approval on record.
    pub approvals: &'a [String],
    /// Who recorded it.
    pub by: Who,
    /// When.
    pub at: Timestamp,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
}

/// The decisions.
pub fn decisions<'a>(look: &Look<'a>) -> Decisions<'a> {
    let row = |known: &'a model::registers::Decision| DecisionRow {
        id: known.id,
        entry: entry(&known.entry, Who::from(&known.by), known.at, known.line),
    };
    Decisions { plan: look.head(), decisions: look.plan.decisions.iter().map(row).collect() }
}

/// The escalations.
pub fn escalations<'a>(look: &Look<'a>) -> Escalations<'a> {
    let row = |known: &'a model::registers::Escalation| EscalationRow {
        id: known.id,
        entry: entry(&known.entry, Who::from(&known.by), known.at, known.line),
        outcome: known.resolved.as_ref().map(|(outcome, _)| outcome.as_str()),
        ended: known.resolved.as_ref().map(|(_, at)| *at),
    };
    let escalations: Vec<_> = look.plan.escalations.iter().map(row).collect();
    let open = escalations.iter().filter(|row| row.outcome.is_none()).count();
    Escalations { plan: look.head(), escalations, open }
}

fn entry(details: &EntryDetails, by: Who, at: Timestamp, line: u32) -> EntryRow<'_> {
    EntryRow {
        key: details.key.as_ref().map(|key| key.as_str()),
        text: &details.text,
        owner: details.owner.as_deref(),
        due: details.due.as_ref().map(|due| due.text.as_str()),
        conditional: details.conditional,
        approvals: &details.approvals,
        by,
        at,
        line,
    }
}

impl EntryRow<'_> {
    fn cells(&self, id: String) -> Vec<Cell> {
        let conditional = if self.conditional { " (conditional)" } else { "" };
        let approvals = match self.approvals {
            [] => String::new(),
            names => format!("{} (unverified)", names.join(", ")),
        };
        vec![
            Tone::Strong.cell(self.key.map_or(id, str::to_owned)),
            Cell::from(format!("{}{conditional}", self.text)),
            Cell::from(self.owner.unwrap_or_default()),
            Cell::from(self.due.unwrap_or_default()),
            Cell::from(approvals),
            Tone::Faint.cell(format!("{}, {}", self.by.with_known(), moment(self.at))),
        ]
    }
}

fn columns(last: Option<Column>) -> Vec<Column> {
    let mut columns = vec![
        Column::whole("Key"),
        Column::text("Text"),
        Column::text("Owner"),
        Column::whole("Due"),
        Column::text("Approvals"),
        Column::text("Recorded"),
    ];
    columns.extend(last);
    columns
}

impl Answer for Decisions<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.decisions.is_empty() {
            page.paragraph("no decision is on record");
        }
        let mut table = Table::new(columns(None));
        for row in &self.decisions {
            table.row(row.entry.cells(row.id.to_string()));
        }
        page.table(table.without_empty_columns());
        self.plan.warn(&mut page);
        page
    }
}

impl Answer for Escalations<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.escalations.is_empty() {
            page.paragraph("nothing is escalated");
        }
        show_escalations(&mut page, &self.escalations);
        self.plan.warn(&mut page);
        page
    }
}

/// Adds escalations to a page.
pub fn show_escalations(page: &mut Page, escalations: &[EscalationRow<'_>]) {
    let mut table = Table::new(columns(Some(Column::text("Outcome"))));
    for row in escalations {
        let mut cells = row.entry.cells(row.id.to_string());
        cells.push(match row.outcome {
            Some(outcome) => Cell::from(outcome),
            None => Tone::Warn.cell("open"),
        });
        table.row(cells);
    }
    page.table(table.without_empty_columns());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::command::Command;

    #[test]
    fn decisions_say_who_recorded_them_and_what_is_only_said() {
        let mut world = World::adopt("# P\n");
        let details = EntryDetails {
            text: "Ship on Monday".to_owned(),
            conditional: true,
            approvals: vec!["Sam".to_owned()],
            key: model::ids::Key::new("D-1").ok(),
            ..EntryDetails::default()
        };
        world.does("Rae", Command::Decide(details));
        check(
            &decisions(&world.look()),
            "
| Key | Text | Approvals | Recorded |
| --- | --- | --- | --- |
| **D-1** | Ship on Monday (conditional) | Sam (unverified) | Rae [declared], 2031-05-01 09:00 UTC |
",
        );
    }

    #[test]
    fn an_escalation_is_open_until_it_has_an_outcome() {
        let mut world = World::adopt("# P\n");
        let details = EntryDetails { text: "No budget".to_owned(), ..EntryDetails::default() };
        world.does("Rae", Command::Escalate { entry: details, task: None });
        assert_eq!(escalations(&world.look()).open, 1);
        let escalation = world.plan.escalations[0].id;
        world.does("Sam", Command::ResolveEscalation { escalation, outcome: "found some".to_owned() });
        let answer = escalations(&world.look());
        assert_eq!((answer.open, answer.escalations[0].outcome), (0, Some("found some")));
        check(
            &answer,
            &format!(
                "
| Key | Text | Recorded | Outcome |
| --- | --- | --- | --- |
| **{escalation}** | No budget | Rae [declared], 2031-05-01 09:00 UTC | found some |
"
            ),
        );
    }
}
