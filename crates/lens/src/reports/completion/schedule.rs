//! The schedule: what the plan was first adopted with, what is in force now, and by how much that
//! slipped.

use model::plan::Plan;
use model::task::Task;
use serde::Serialize;

use crate::look::Look;
use crate::views::critical::{Options, critical};
use crate::views::due::{Filter, calendar, due, working_days_between};
use crate::words::{date_in, day, key_of};

/// Dates, windows and estimates against the first baseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule<'a> {
    /// Working days along the longest chain, by the estimates in force; nothing where none is
    /// estimated or needs run in a circle.
    pub total_days: Option<f64>,
    /// The same, of what is not done yet.
    pub remaining_days: Option<f64>,
    /// How many tasks have no estimate; they were taken as no time at all.
    pub unestimated: usize,
    /// How many of those are not done.
    pub unestimated_open: usize,
    /// How many tasks are past due and not done.
    pub late: usize,
    /// What was changed since the first baseline, and by how much.
    pub slipped: Vec<Slipped<'a>>,
}

/// A date, window or estimate that is not what it first was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slipped<'a> {
    /// Key of the task.
    pub key: String,
    /// `due`, `window` or `estimate`.
    pub field: &'a str,
    /// What the plan was first adopted with.
    pub first: Option<&'a str>,
    /// What is in force now; nothing where it was taken away.
    pub now: Option<String>,
    /// Working days between the two, where both name a day or a length; negative where it is
    /// sooner or shorter now.
    pub slip_days: Option<f64>,
    /// How often it was rebaselined.
    pub rebaselines: usize,
}

/// Dates, windows and estimates against the first baseline.
pub(super) fn schedule<'a>(look: &Look<'a>) -> Schedule<'a> {
    let path = |remaining| critical(look, Options { from: None, remaining });
    let (all, left) = (path(false), path(true));
    let estimated = all.unestimated.len() < all.tasks.len();
    Schedule {
        total_days: all.total_days.filter(|_| estimated),
        remaining_days: left.total_days.filter(|_| estimated),
        unestimated: all.unestimated.len(),
        unestimated_open: all.tasks.iter().filter(|row| row.days.is_none() && !row.done).count(),
        late: due(look, Filter::default()).late,
        slipped: slipped(look),
    }
}

/// One row for each task and field that was rebaselined, in the order they first were.
fn slipped<'a>(look: &Look<'a>) -> Vec<Slipped<'a>> {
    let plan = look.plan;
    let mut rows: Vec<Slipped<'a>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for known in plan.rebaselines.iter().filter(|known| known.missing.is_empty()) {
        let place = *places.entry((known.task, known.field.as_str())).or_insert_with(|| {
            let now = plan.task(known.task).and_then(|task| in_force(task, &known.field));
            let first = known.first.as_deref();
            rows.push(Slipped {
                key: key_of(plan, known.task),
                field: &known.field,
                first,
                slip_days: slip(plan, known.task, &known.field, first),
                now,
                rebaselines: 0,
            });
            rows.len() - 1
        });
        rows[place].rebaselines += 1;
    }
    rows
}

fn in_force(task: &Task, field: &str) -> Option<String> {
    match field {
        "due" => task.facts.due().map(|due| due.text.clone()),
        "window" => task.facts.window().map(str::to_owned),
        _ => task.facts.estimate_days().map(|days| days.to_string()),
    }
}

fn slip(plan: &Plan, task: model::ids::TaskId, field: &str, first: Option<&str>) -> Option<f64> {
    let task = plan.task(task)?;
    match field {
        "due" => {
            let due = task.facts.due()?;
            let current = date_in(&due.text).or_else(|| due.at.map(day))?;
            Some(working_days_between(date_in(first?)?, current, &calendar(&plan.settings)) as f64)
        }
        "window" => None,
        _ => {
            let (first, _) = model::target::take_number(first?)?;
            Some(task.facts.estimate_days()? - first)
        }
    }
}
