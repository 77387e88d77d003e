//! What was handed on from role to role, with what it came from and what came of it.

use jiff::Timestamp;
use model::lease::{Handoff, same_role};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, moment};

/// Handoffs of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handoffs<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In the order they were made.
    pub handoffs: Vec<HandoffRow<'a>>,
}

/// A handoff.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HandoffRow<'a> {
    /// From which role.
    pub from: &'a str,
    /// To which role.
    pub to: &'a str,
    /// The task it comes out of.
    pub task: Option<&'a str>,
    /// What was worked from.
    pub inputs: &'a [String],
    /// What is handed on.
    pub outputs: &'a [String],
    /// By when it is needed.
    pub required_by: Option<Timestamp>,
    /// What the next one should know.
    pub text: &'a str,
    /// Who handed it on.
    pub by: Who,
    /// When.
    pub at: Timestamp,
}

/// Handoffs of a plan, to one role where one is named.
pub fn handoffs<'a>(look: &Look<'a>, to: Option<&str>) -> Handoffs<'a> {
    let wanted = |handoff: &&Handoff| to.is_none_or(|to| same_role(to, &handoff.what.to));
    let rows = look.plan.handoffs.iter().filter(wanted).map(|handoff| {
        let what = &handoff.what;
        let task = what.task.and_then(|task| look.plan.task(task));
        HandoffRow {
            from: &what.from,
            to: &what.to,
            task: task.map(|task| task.key.as_str()),
            inputs: &what.inputs,
            outputs: &what.outputs,
            required_by: what.required_by,
            text: &what.text,
            by: Who::from(&handoff.by),
            at: handoff.at,
        }
    });
    Handoffs { plan: look.head(), handoffs: rows.collect() }
}

impl Answer for Handoffs<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.handoffs.is_empty() {
            page.paragraph("nothing was handed on");
        }
        let mut table = Table::new([
            Column::text("From"),
            Column::text("To"),
            Column::whole("Task"),
            Column::text("Inputs"),
            Column::text("Outputs"),
            Column::whole("Required by"),
            Column::text("Text"),
            Column::text("By"),
            Column::whole("At"),
        ]);
        for row in &self.handoffs {
            table.row([
                Tone::Strong.cell(row.from),
                Tone::Strong.cell(row.to),
                row.task.unwrap_or_default().into(),
                row.inputs.join(", ").into(),
                row.outputs.join(", ").into(),
                row.required_by.map(moment).unwrap_or_default().into(),
                Cell::from(row.text),
                row.by.plain().into(),
                moment(row.at).into(),
            ]);
        }
        page.table(table.without_empty_columns());
        self.plan.warn(&mut page);
        page
    }
}
