//! What lies still: tasks somebody works on or has claimed, without movement for some days.

use std::collections::HashMap;

use jiff::Timestamp;
use model::actor::Actor;
use model::event::Event;
use model::gate::Subject;
use model::ids::TaskId;
use model::task::{Task, TaskState};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::record::Record;
use crate::sentences::{Names, sentence};
use crate::tasks::{Rows, TaskRow};
use crate::words::{ago, count_of};

/// How many days count as long unless somebody says otherwise.
pub const DEFAULT_DAYS: u32 = 7;

/// Folds a stream into what lies still.
#[derive(Debug, Clone)]
pub struct StaleView<'a> {
    look: Look<'a>,
    days: u32,
    names: Names<'a>,
    last: HashMap<TaskId, (Timestamp, String)>,
}

/// What lies still.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stale<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// Without movement for at least so many days.
    pub days: u32,
    /// Longest still first.
    pub tasks: Vec<StaleRow<'a>>,
}

/// A task that lies still.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StaleRow<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// When somebody last moved it.
    pub last: Timestamp,
    /// What they did.
    pub did: String,
    /// Whole days since.
    pub days: i64,
}

impl<'a> StaleView<'a> {
    /// What lies still for at least so many days.
    pub fn new(look: &Look<'a>, days: u32) -> Self {
        Self { look: *look, days, names: Names::new(look.plan), last: HashMap::new() }
    }

    /// Looks at one event; they come in order.
    pub fn see(&mut self, record: &Record<'_>) {
        self.names.see(record.event);
        if !moves(record) {
            return;
        }
        let Some(Subject::Task(id)) = self.names.subject_of(record.event) else { return };
        if self.look.plan.task(id).is_some_and(is_under_way) {
            self.last.insert(id, (record.at, sentence(&self.names, record)));
        }
    }

    /// What lies still.
    pub fn answer(mut self) -> Stale<'a> {
        let rows = Rows::new(&self.look);
        let mut tasks = Vec::new();
        for task in self.look.plan.tasks.iter().filter(|task| is_under_way(task)) {
            let Some((last, did)) = self.last.remove(&task.id) else { continue };
            let days = self.look.now.as_second().saturating_sub(last.as_second()) / 86_400;
            if days >= i64::from(self.days) {
                tasks.push(StaleRow { task: rows.row(task), last, did, days });
            }
        }
        tasks.sort_by_key(|row| row.last);
        Stale { plan: self.look.head(), days: self.days, tasks }
    }
}

fn is_under_way(task: &Task) -> bool {
    matches!(task.state, TaskState::Active(_) | TaskState::Claimed(_))
}

/// Whether somebody moved the work: checks that ran by themselves and new wording in the document
/// move nothing.
fn moves(record: &Record<'_>) -> bool {
    record.by.actor != Actor::System
        && !matches!(
            record.event,
            Event::TaskChanged(_)
                | Event::TaskFlagged { .. }
                | Event::CheckAdded { .. }
                | Event::CheckChanged { .. }
                | Event::CriteriaStated { .. }
                | Event::WeakeningProposed { .. }
                | Event::WeakeningWithdrawn { .. }
        )
}

impl Answer for Stale<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::whole("Key"),
            Column::text("Title"),
            Column::text("Owner"),
            Column::whole("Status"),
            Column::number("Days"),
            Column::text("Last"),
        ]);
        for row in &self.tasks {
            table.row([
                Tone::Strong.cell(row.task.key),
                Cell::from(row.task.title),
                Cell::from(row.task.owner.unwrap_or_default()),
                row.task.status(),
                Tone::Warn.cell(row.days.to_string()),
                Cell::from(format!("{}: {}", ago(row.last, self.plan.now), row.did)),
            ]);
        }
        page.table(table.without_empty_columns());
        let days = self.days;
        page.paragraph(match self.tasks.len() {
            0 => format!("nothing under way has lain still for {days} days"),
            number => format!("{} without movement for {days} days or more", count_of(number, "task")),
        });
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::check::Outcome;
    use model::command::Command;

    #[test]
    fn only_what_is_under_way_and_nobody_touched_is_stale() {
        let mut world = World::adopt("# P\n- a Sand\n- b Paint\n  check sh: true\n- c Dry\n- d Hang\n");
        for key in ["a", "b", "d"] {
            let task = world.task(key);
            world.does("Rae", Command::Start(task));
        }
        world.later(24).claims("Rae", "b");
        world.later(24 * 8).ran("b", "sh", Outcome::Fail, "exit status 1");
        let task = world.task("d");
        world.does("Rae", Command::Note { task, text: "still at it".to_owned() });
        let of = |days| {
            let mut view = StaleView::new(&world.look(), days);
            world.records().for_each(|record| view.see(&record));
            view.answer()
        };
        check(
            &of(DEFAULT_DAYS),
            "
| Key | Title | Status | Days | Last |
| --- | --- | --- | ---: | --- |
| **a** | Sand | active | 9 | 9 days ago: started `a` |
| **b** | Paint | refuted | 8 | 8 days ago: claimed `b` |

2 tasks without movement for 7 days or more
",
        );
        check(&of(10), "nothing under way has lain still for 10 days");
    }
}
