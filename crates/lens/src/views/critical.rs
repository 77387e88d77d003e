//! The critical path: which chain of tasks sets the end, when each can start and must, and how
//! much slack there is.

use jiff::civil::Date;
use model::ids::TaskId;
use model::standing::Standings;
use model::task::Task;
use schedule::{Calendar, Length, Node, Times, critical_path};
use serde::Serialize;
use std::collections::HashMap;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::views::due::calendar;
use crate::words::count_of;

/// No calendar is written further ahead than this many working days.
const LONGEST: usize = 100_000;

/// What is to be computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The day on which the work begins; without it, days are counted from the start.
    pub from: Option<Date>,
    /// Only what is left: tasks that are done take no time.
    pub remaining: bool,
}

/// The critical path of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Critical<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// How many working days the plan takes; nothing where its needs run in a circle.
    pub total_days: Option<f64>,
    /// The last day of work, where a first one is known.
    pub finish: Option<Date>,
    /// Whether tasks that are done were left out of the sum.
    pub remaining: bool,
    /// Keys along the longest chain.
    pub path: Vec<&'a str>,
    /// Tasks without an estimate; they were taken as no time at all.
    pub unestimated: Vec<&'a str>,
    /// Keys along a circle of needs, where there is one.
    pub cycle: Vec<&'a str>,
    /// Every task, in document order.
    pub tasks: Vec<CriticalRow<'a>>,
}

/// When one task can happen and must.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriticalRow<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The estimate in working days.
    pub days: Option<f64>,
    /// Whether it is done.
    pub done: bool,
    /// Working days from the start until it can begin.
    pub earliest_start: f64,
    /// Working days from the start until it can be finished.
    pub earliest_finish: f64,
    /// Working days from the start until it must begin.
    pub latest_start: f64,
    /// Working days from the start until it must be finished.
    pub latest_finish: f64,
    /// Working days it may slip without moving the end.
    pub slack: f64,
    /// Whether any slip moves the end.
    pub critical: bool,
    /// The day on which it can begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Date>,
    /// The day on which it can be finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish: Option<Date>,
}

/// The critical path of a plan.
pub fn critical<'a>(look: &Look<'a>, options: Options) -> Critical<'a> {
    let plan = look.plan;
    let tasks: Vec<&'a Task> = plan.tasks.iter().filter(|task| !task.is_dropped()).collect();
    let places: HashMap<TaskId, usize> =
        tasks.iter().enumerate().map(|(place, task)| (task.id, place)).collect();
    let standings = Standings::new(plan, look.now);
    let done: Vec<bool> = tasks.iter().map(|task| standings.of(task).is_done()).collect();
    let nodes: Vec<Node> = tasks
        .iter()
        .zip(&done)
        .map(|(task, done)| {
            let needs: Vec<usize> = task.needs.iter().filter_map(|need| places.get(need).copied()).collect();
            let counts = !(options.remaining && *done);
            let length = task.facts.estimate_days().filter(|_| counts).map(Length::from_days);
            Node::new(length.unwrap_or_default(), needs)
        })
        .collect();
    let key = |place: &usize| tasks[*place].key.as_str();
    let mut answer = Critical {
        plan: look.head(),
        total_days: None,
        finish: None,
        remaining: options.remaining,
        path: Vec::new(),
        unestimated: tasks
            .iter()
            .filter(|task| task.facts.estimate_days().is_none())
            .map(|task| task.key.as_str())
            .collect(),
        cycle: Vec::new(),
        tasks: Vec::new(),
    };
    let found = match critical_path(&nodes) {
        Ok(found) => found,
        Err(cycle) => {
            answer.cycle = cycle.path.iter().map(key).collect();
            return answer;
        }
    };
    let days = options.from.map(|from| worked_days(from, found.total, &calendar(&plan.settings)));
    answer.total_days = Some(found.total.days());
    answer.path = found.path.iter().map(key).collect();
    answer.finish = days.as_deref().and_then(|days| last_day(days, Length::ZERO, found.total));
    let rows = tasks.iter().zip(&found.times).zip(&done);
    answer.tasks = rows.map(|((task, times), done)| row(task, times, *done, days.as_deref())).collect();
    answer
}

fn row<'a>(task: &'a Task, times: &Times, done: bool, days: Option<&[Date]>) -> CriticalRow<'a> {
    CriticalRow {
        key: task.key.as_str(),
        title: &task.title,
        days: task.facts.estimate_days(),
        done,
        earliest_start: times.earliest_start.days(),
        earliest_finish: times.earliest_finish.days(),
        latest_start: times.latest_start.days(),
        latest_finish: times.latest_finish.days(),
        slack: times.slack().days(),
        critical: times.is_critical(),
        start: days.and_then(|days| first_day(days, times.earliest_start)),
        finish: days.and_then(|days| last_day(days, times.earliest_start, times.earliest_finish)),
    }
}

/// The working days the plan reaches into, the first of them the first.
fn worked_days(from: Date, total: Length, calendar: &Calendar) -> Vec<Date> {
    let wanted = total.seconds().div_ceil(Length::DAY.seconds()).saturating_add(1);
    let wanted = usize::try_from(wanted).unwrap_or(LONGEST).min(LONGEST);
    let mut days = Vec::with_capacity(wanted);
    let mut next = calendar.add_working_days(from, 0);
    while let Some(day) = next.filter(|_| days.len() < wanted) {
        days.push(day);
        next = day.tomorrow().ok().and_then(|day| calendar.add_working_days(day, 0));
    }
    days
}

fn first_day(days: &[Date], start: Length) -> Option<Date> {
    let place = start.seconds() / Length::DAY.seconds();
    days.get(usize::try_from(place).ok()?).copied()
}

/// The day on which something ends: the one its last second falls on, not the one after.
fn last_day(days: &[Date], start: Length, finish: Length) -> Option<Date> {
    if start == finish {
        return first_day(days, start);
    }
    first_day(days, finish - Length::from_seconds(1))
}

impl Answer for Critical<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let Some(total) = self.total_days else {
            let mut circle = self.cycle.clone();
            circle.extend(self.cycle.first());
            page.paragraph(Tone::Bad.cell(format!("the needs run in a circle: {}", circle.join(" → "))));
            return page;
        };
        let left = if self.remaining { "left" } else { "in all" };
        let end = self.finish.map(|day| format!(", the last of them {day}")).unwrap_or_default();
        page.paragraph(format!("{} {left}{end}", working_days(total)));
        if !self.path.is_empty() {
            page.paragraph(Tone::Strong.cell(self.path.join(" → ")));
        }
        let mut table = Table::new([
            Column::whole("Key"),
            Column::text("Title"),
            Column::number("Days"),
            Column::number("Start"),
            Column::number("Finish"),
            Column::number("Slack"),
        ]);
        for row in &self.tasks {
            let tone = if row.critical { Tone::Strong } else { Tone::Plain };
            let date =
                |date: Option<Date>, days: f64| date.map_or_else(|| number(days), |date| date.to_string());
            table.row([
                tone.cell(row.key),
                Cell::from(row.title),
                Cell::from(row.days.map_or_else(|| "n/a".to_owned(), number)),
                Cell::from(date(row.start, row.earliest_start)),
                Cell::from(date(row.finish, row.earliest_finish)),
                if row.critical { Tone::Warn.cell("none") } else { Cell::from(number(row.slack)) },
            ]);
        }
        page.table(table);
        if !self.unestimated.is_empty() {
            let tasks = count_of(self.unestimated.len(), "task");
            page.paragraph(Tone::Warn.cell(format!("{tasks} without an estimate, taken as no time at all")));
        }
        self.plan.warn(&mut page);
        page
    }
}

fn working_days(days: f64) -> String {
    if days == 1.0 { "1 working day".to_owned() } else { format!("{} working days", number(days)) }
}

fn number(days: f64) -> String {
    Length::from_days(days).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check};

    const WORK: &str = "
# P
- 7.1 Build
  days 2.4
- 7.2 Configure
  days 1
- 7.3 Quality
  days 1.2
- 7.4 Notes
  days 1.5
  needs 7.3
- 7.5 Party
  needs 7.4
";

    #[test]
    fn the_longest_chain_sets_the_end() {
        let world = World::adopt(WORK);
        check(
            &critical(&world.look(), Options::default()),
            "
2.7 working days in all

7.3 → 7.4

| Key | Title | Days | Start | Finish | Slack |
| --- | --- | ---: | ---: | ---: | ---: |
| 7.1 | Build | 2.4 | 0 | 2.4 | 0.3 |
| 7.2 | Configure | 1 | 0 | 1 | 1.7 |
| **7.3** | Quality | 1.2 | 0 | 1.2 | none |
| **7.4** | Notes | 1.5 | 1.2 | 2.7 | none |
| **7.5** | Party | n/a | 2.7 | 2.7 | none |

1 task without an estimate, taken as no time at all
",
        );
    }

    #[test]
    fn dates_step_over_the_weekend() {
        let world = World::adopt(WORK);
        let from = "2031-05-01".parse().ok();
        let answer = critical(&world.look(), Options { from, remaining: false });
        let dates = |key: &str| {
            let row = answer.tasks.iter().find(|row| row.key == key).unwrap();
            (row.start.unwrap().to_string(), row.finish.unwrap().to_string())
        };
        // A Thursday: the third working day is the Monday after.
        assert_eq!(dates("7.1"), ("2031-05-01".to_owned(), "2031-05-05".to_owned()));
        assert_eq!(dates("7.2"), ("2031-05-01".to_owned(), "2031-05-01".to_owned()));
        assert_eq!(dates("7.4"), ("2031-05-02".to_owned(), "2031-05-05".to_owned()));
        assert_eq!(answer.finish.unwrap().to_string(), "2031-05-05");
    }

    #[test]
    fn what_is_done_takes_no_more_time() {
        let mut world = World::adopt(WORK);
        world.claims("Rae", "7.1").claims("Rae", "7.3");
        let answer = critical(&world.look(), Options { from: None, remaining: true });
        assert_eq!((answer.total_days, answer.path.as_slice()), (Some(1.5), ["7.3", "7.4"].as_slice()));
    }
}
