//! What could be begun now: tasks that nobody began and that nothing stands in the way of.

use model::standing::Standing;
use model::task::TaskState;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::tasks::Rows;
use crate::words::count_of;

/// Tasks that could be begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ready<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In document order.
    pub tasks: Vec<ReadyRow<'a>>,
    /// How many there are, shown or not.
    pub total: usize,
}

/// A task that could be begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadyRow<'a> {
    /// The author's key.
    pub key: &'a str,
    /// One line.
    pub title: &'a str,
    /// Key of its phase.
    pub phase: Option<&'a str>,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// The priority, verbatim.
    pub priority: Option<&'a str>,
    /// The estimate in working days.
    pub estimate_days: Option<f64>,
    /// When due, verbatim.
    pub due: Option<&'a str>,
    /// How many tasks wait for it.
    pub needed_by: usize,
    /// How many checks would prove it.
    pub checks: usize,
}

/// What could be begun now, at most so many rows.
pub fn ready<'a>(look: &Look<'a>, limit: Option<usize>) -> Ready<'a> {
    let plan = look.plan;
    let rows = Rows::new(look);
    let mut answer = Ready { plan: look.head(), tasks: Vec::new(), total: 0 };
    for task in &plan.tasks {
        // A lease that ran out stands in nobody's way.
        let abandoned = task.lease().is_some_and(|lease| !lease.is_live(look.now));
        let ready = match task.state {
            TaskState::Open => rows.standing(task) == Standing::Ready,
            _ => abandoned && plan.is_unblocked(task, look.now),
        };
        if !ready {
            continue;
        }
        answer.total += 1;
        if limit.is_some_and(|limit| answer.tasks.len() >= limit) {
            continue;
        }
        answer.tasks.push(ReadyRow {
            key: task.key.as_str(),
            title: &task.title,
            phase: rows.phase(task),
            owner: task.facts.owner(),
            priority: task.facts.priority(),
            estimate_days: task.facts.estimate_days(),
            due: task.facts.due().map(|due| due.text.as_str()),
            needed_by: plan.dependants(task.id).len(),
            checks: task.gate.checks.len(),
        });
    }
    answer
}

impl Answer for Ready<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let mut table = Table::new([
            Column::whole("Key"),
            Column::text("Title"),
            Column::text("Owner"),
            Column::whole("Priority"),
            Column::number("Days"),
            Column::whole("Due"),
            Column::number("Needed by"),
        ]);
        let number = |number: usize| if number == 0 { String::new() } else { number.to_string() };
        for task in &self.tasks {
            table.row([
                Tone::Strong.cell(task.key),
                Cell::from(task.title),
                Cell::from(task.owner.unwrap_or_default()),
                Cell::from(task.priority.unwrap_or_default()),
                Cell::from(task.estimate_days.map(|days| days.to_string()).unwrap_or_default()),
                Cell::from(task.due.unwrap_or_default()),
                Cell::from(number(task.needed_by)),
            ]);
        }
        page.table(table.without_empty_columns());
        let text = match (self.total, self.total - self.tasks.len()) {
            (0, _) => "nothing is ready".to_owned(),
            (total, 0) => format!("{} ready", count_of(total, "task")),
            (total, _) => {
                format!("{} ready; the first {} are shown", count_of(total, "task"), self.tasks.len())
            }
        };
        page.paragraph(text);
        self.plan.warn(&mut page);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{RELEASE, World, check};

    #[test]
    fn only_what_could_begin_is_ready() {
        let world = World::adopt(RELEASE);
        check(
            &ready(&world.look(), None),
            "
| Key | Title | Owner | Days | Needed by |
| --- | --- | --- | ---: | ---: |
| **7.1** | Build infrastructure | Rae | 2.4 |  |
| **7.3** | Code quality | Rae | 1.2 | 1 |

2 tasks ready
",
        );
        let first = ready(&world.look(), Some(1));
        assert_eq!((first.tasks.len(), first.total), (1, 2));
    }
}
