//! What is due, soonest first, with how far each date has slipped since the first baseline.

use jiff::Timestamp;
use jiff::civil::Date;
use model::plan::Plan;
use model::settings::Settings;
use model::task::Task;
use schedule::Calendar;
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::tasks::{Rows, TaskRow};
use crate::words::{count, count_of, date_in, day};

/// Which due tasks somebody wants to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those due within so many days, and what is late.
    pub within_days: Option<u32>,
    /// Done ones too.
    pub done: bool,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DueList<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// Soonest first; last, in document order, those whose date is no date (`Week 3`).
    pub tasks: Vec<DueRow<'a>>,
    /// How many of them are late.
    pub late: usize,
}

/// A task that is due.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DueRow<'a> {
    /// What a list says of it.
    pub task: TaskRow<'a>,
    /// The moment, where the text names one.
    pub at: Option<Timestamp>,
    /// Whole days left, negative once it is past.
    pub days_left: Option<i64>,
    /// What the plan was first adopted with, where that was changed since.
    pub first: Option<&'a str>,
    /// Working days between that and the date in force; negative where it is sooner now.
    pub slip_days: Option<i64>,
    /// How often it was rebaselined.
    pub rebaselines: usize,
    /// Whether another rebaseline waits for approval.
    pub rebaseline_waits: bool,
}

/// What is due.
pub fn due<'a>(look: &Look<'a>, filter: Filter) -> DueList<'a> {
    let rows = Rows::new(look);
    let calendar = calendar(&look.plan.settings);
    let mut answer = DueList { plan: look.head(), tasks: Vec::new(), late: 0 };
    for task in look.plan.tasks.iter().filter(|task| !task.is_dropped()) {
        let Some(due) = task.facts.due() else { continue };
        let days_left = due.at.map(|at| days_between(look.now, at));
        let too_far =
            filter.within_days.is_some_and(|days| days_left.is_none_or(|left| left > i64::from(days)));
        if too_far {
            continue;
        }
        let standing = rows.standing(task);
        if standing.is_done() && !filter.done {
            continue;
        }
        let task_row = rows.row_with(task, standing);
        answer.late += usize::from(task_row.late);
        let slip = slip(look.plan, task, &calendar);
        answer.tasks.push(DueRow {
            task: task_row,
            at: due.at,
            days_left,
            first: slip.first,
            slip_days: slip.days,
            rebaselines: slip.times,
            rebaseline_waits: slip.waits,
        });
    }
    answer.tasks.sort_by_key(|row| (row.at.is_none(), row.at));
    answer
}

fn days_between(now: Timestamp, at: Timestamp) -> i64 {
    at.as_second().saturating_sub(now.as_second()).div_euclid(86_400)
}

/// The plan's calendar, as arithmetic takes it. A week without working days counts as the usual one.
pub fn calendar(settings: &Settings) -> Calendar {
    Calendar::new(settings.calendar.days.iter().copied())
        .unwrap_or_default()
        .with_holidays(settings.calendar.holidays.iter().copied())
}

struct Slip<'a> {
    first: Option<&'a str>,
    days: Option<i64>,
    times: usize,
    waits: bool,
}

fn slip<'a>(plan: &'a Plan, task: &Task, calendar: &Calendar) -> Slip<'a> {
    let mut of_task = plan.rebaselines.iter().filter(|known| known.task == task.id && known.field == "due");
    let waits = of_task.clone().any(|known| !known.missing.is_empty());
    let times = of_task.clone().filter(|known| known.missing.is_empty()).count();
    let first = of_task.find(|known| known.missing.is_empty()).and_then(|known| known.first.as_deref());
    let current = task.facts.due().and_then(|due| date_in(&due.text).or_else(|| due.at.map(day)));
    let days = match (first.and_then(date_in), current) {
        (Some(first), Some(current)) => Some(working_days_between(first, current, calendar)),
        _ => None,
    };
    Slip { first, days, times, waits }
}

/// Working days from one day to another; negative where the other is sooner.
pub fn working_days_between(first: Date, current: Date, calendar: &Calendar) -> i64 {
    let after =
        |from: Date, to: Date| from.tomorrow().map_or(0, |next| i64::from(calendar.working_days(next, to)));
    if current >= first { after(first, current) } else { -after(current, first) }
}

/// Adds what is due to a page.
pub fn show(page: &mut Page, tasks: &[DueRow<'_>]) {
    let mut table = Table::new([
        Column::whole("Due"),
        Column::number("Days left"),
        Column::whole("Key"),
        Column::text("Title"),
        Column::text("Owner"),
        Column::whole("Status"),
        Column::text("Slip"),
    ]);
    for row in tasks {
        let tone = if row.task.late { Tone::Bad } else { Tone::Plain };
        table.row([
            tone.cell(row.task.due.unwrap_or_default()),
            tone.cell(row.days_left.map(|days| days.to_string()).unwrap_or_default()),
            Tone::Strong.cell(row.task.key),
            Cell::from(row.task.title),
            Cell::from(row.task.owner.unwrap_or_default()),
            row.task.status(),
            row.slip(),
        ]);
    }
    page.table(table.without_empty_columns());
}

impl Answer for DueList<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        show(&mut page, &self.tasks);
        page.paragraph(match (self.tasks.len(), self.late) {
            (0, _) => "nothing is due".to_owned(),
            (all, 0) => format!("{} due", count_of(all, "task")),
            (all, late) => format!("{} due, {late} of them late", count_of(all, "task")),
        });
        self.plan.warn(&mut page);
        page
    }
}

impl DueRow<'_> {
    /// `3 working days since 2031-05-02`.
    fn slip(&self) -> Cell {
        let mut text = match (self.first, self.slip_days) {
            (Some(first), Some(0)) => format!("none since {first}"),
            (Some(first), Some(days)) if days < 0 => {
                format!("{} sooner than {first}", count(-days, "working day"))
            }
            (Some(first), Some(days)) => format!("{} since {first}", count(days, "working day")),
            (Some(first), None) => format!("first {first}"),
            (None, _) => String::new(),
        };
        if self.rebaseline_waits {
            let gap = if text.is_empty() { "" } else { "; " };
            text.push_str(&format!("{gap}another date waits for approval"));
        }
        Tone::Warn.cell(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};
    use model::command::{Command, Schedule};
    use model::draft::Due;

    const DATED: &str = "
# P
rebaseline owner
- a Sand
  due 2031-05-02
- b Paint
  due 2031-04-30
- c Dry
  due Week 3
- d Hang
  due 2031-07-01
- e Sweep
";

    #[test]
    fn the_soonest_comes_first_and_what_is_late_is_said() {
        let world = World::adopt(DATED);
        check(
            &due(&world.look(), Filter::default()),
            "
| Due | Days left | Key | Title | Status |
| --- | ---: | --- | --- | --- |
| 2031-04-30 | -1 | **b** | Paint | ready, late |
| 2031-05-02 | 1 | **a** | Sand | ready |
| 2031-07-01 | 61 | **d** | Hang | ready |
| Week 3 |  | **c** | Dry | ready |

4 tasks due, 1 of them late
",
        );
        let soon = due(&world.look(), Filter { within_days: Some(7), ..Filter::default() });
        assert_eq!(soon.tasks.iter().map(|row| row.task.key).collect::<Vec<_>>(), ["b", "a"]);
    }

    #[test]
    fn slip_is_counted_in_working_days_from_the_first_date() {
        let mut world = World::adopt(DATED);
        let task = world.task("a");
        for (date, reason) in [("2031-05-05", "rain"), ("2031-05-07", "more rain")] {
            let at = format!("{date}T23:59:59Z").parse().ok();
            let to = Schedule::Due(Due { text: date.to_owned(), at });
            world.does("Rae", Command::Rebaseline { task, to, reason: reason.to_owned() });
            let waiting = due(&world.look(), Filter::default());
            let row = waiting.tasks.iter().find(|row| row.task.key == "a").unwrap();
            assert!(row.rebaseline_waits);
            world.does("Ada", Command::ApproveRebaseline { task, role: "owner".to_owned() });
        }
        let answer = due(&world.look(), Filter::default());
        let row = answer.tasks.iter().find(|row| row.task.key == "a").unwrap();
        // Friday the 2nd to Wednesday the 7th, the weekend not counted.
        assert_eq!((row.first, row.slip_days, row.rebaselines), (Some("2031-05-02"), Some(3), 2));
        assert_eq!(row.slip().text, "3 working days since 2031-05-02");
        assert!(!row.rebaseline_waits);
    }

    #[test]
    fn a_date_may_come_sooner_too() {
        let first: Date = "2031-05-07".parse().unwrap();
        let days = |to: &str| working_days_between(first, to.parse().unwrap(), &Calendar::default());
        assert_eq!((days("2031-05-02"), days("2031-05-07"), days("2031-05-10")), (-3, 0, 2));
    }
}
