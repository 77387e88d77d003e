//! Rebaselines: dates, windows and estimates that were changed after adoption, and who agreed.

use jiff::Timestamp;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, key_of, moment};

/// The rebaselines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rebaselines<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In the order they were asked for.
    pub rebaselines: Vec<RebaselineRow<'a>>,
}

/// One rebaseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RebaselineRow<'a> {
    /// Key of the task.
    pub key: String,
    /// `due`, `window` or `estimate`.
    pub field: &'a str,
    /// Before.
    pub from: Option<&'a str>,
    /// After.
    pub to: &'a str,
    /// What the plan was first adopted with.
    pub first: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Who asked.
    pub by: Who,
    /// When.
    pub at: Timestamp,
    /// Whether it is in force.
    pub in_force: bool,
    /// Roles that must still approve it.
    pub missing: &'a [String],
    /// Who approved, in which role.
    pub approved: Vec<Approved<'a>>,
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approved<'a> {
    /// In which role.
    pub role: &'a str,
    /// Who.
    pub by: Who,
}

/// The rebaselines.
pub fn rebaselines<'a>(look: &Look<'a>) -> Rebaselines<'a> {
    let row = |known: &'a model::registers::Rebaseline| RebaselineRow {
        key: key_of(look.plan, known.task),
        field: &known.field,
        from: known.from.as_deref(),
        to: &known.to,
        first: known.first.as_deref(),
        reason: &known.reason,
        by: Who::from(&known.by),
        at: known.at,
        in_force: known.missing.is_empty(),
        missing: &known.missing,
        approved: known.approved.iter().map(|(role, by)| Approved { role, by: Who::from(by) }).collect(),
    };
    Rebaselines { plan: look.head(), rebaselines: look.plan.rebaselines.iter().map(row).collect() }
}

impl Answer for Rebaselines<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.rebaselines.is_empty() {
            page.paragraph("nothing was rebaselined");
        }
        show(&mut page, &self.rebaselines);
        self.plan.warn(&mut page);
        page
    }
}

/// Adds rebaselines to a page.
pub fn show(page: &mut Page, rebaselines: &[RebaselineRow<'_>]) {
    let mut table = Table::new([
        Column::whole("Task"),
        Column::whole("What"),
        Column::whole("From"),
        Column::whole("To"),
        Column::text("Reason"),
        Column::text("Asked by"),
        Column::text("Approved by"),
        Column::whole("When"),
    ]);
    for row in rebaselines {
        let given: Vec<String> =
            row.approved.iter().map(|given| format!("{} as {}", given.by.marked(), given.role)).collect();
        let mut approved = Cell::from(given.join(", "));
        if !row.in_force {
            let gap = if approved.text.is_empty() { "" } else { "; " };
            approved = Tone::Warn.cell(format!("{}{gap}waits for {}", approved.text, row.missing.join(", ")));
        }
        table.row([
            Tone::Strong.cell(row.key.as_str()),
            Cell::from(row.field),
            Cell::from(row.from.unwrap_or("n/a")),
            Cell::from(row.to),
            Cell::from(row.reason),
            Cell::from(row.by.with_known()),
            approved,
            Tone::Faint.cell(moment(row.at)),
        ]);
    }
    page.table(table.without_empty_columns());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::command::{Command, Schedule};

    #[test]
    fn a_rebaseline_waits_for_whom_the_plan_names() {
        let mut world =
            World::adopt("# P\nrebaseline owner\nrebaseline sponsor\n- a Sand\n  window Week 1\n");
        let task = world.task("a");
        let to = Schedule::Window("Week 3".to_owned());
        world.does("Rae", Command::Rebaseline { task, to, reason: "rain".to_owned() });
        world.does("Ada", Command::ApproveRebaseline { task, role: "owner".to_owned() });
        check(
            &rebaselines(&world.look()),
            "
| Task | What | From | To | Reason | Asked by | Approved by | When |
| --- | --- | --- | --- | --- | --- | --- | --- |
| **a** | window | Week 1 | Week 3 | rain | Rae [declared] | Ada [unauthenticated] as owner; waits for sponsor | 2031-05-01 09:00 UTC |
",
        );
        world.does("Sam", Command::ApproveRebaseline { task, role: "sponsor".to_owned() });
        assert!(rebaselines(&world.look()).rebaselines[0].in_force);
    }
}
