//! The questions and answers of a day (what is ready, this one has begun) against Taskwarrior on
//! the same tasks with the same needs.

use std::path::Path;

use testkit::plans::{Sample, sample, uuid};

use super::bed::{missing, write};
use super::measure::{Contender, Run, alone, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

pub(super) fn thousand(bed: &Bed) -> Outcome<Vec<Row>> {
    compare(bed, 1_000, 11, 5.0, None)
}

pub(super) fn ten_thousand(bed: &Bed) -> Outcome<Vec<Row>> {
    compare(bed, 10_000, 5, 100.0, Some(20.0))
}

fn compare(bed: &Bed, count: usize, rounds: usize, ready: f64, change: Option<f64>) -> Outcome<Vec<Row>> {
    let plan = sample(count, 1);
    let (ours, theirs) = (bed.fresh("ours")?, bed.fresh("theirs")?);
    write(&ours.join("PLAN.md"), &plan.markdown_tables())?;
    bed.countersign(&ours, "adopt PLAN.md").run()?;
    let what = |verb: &str| format!("{verb}, {count} tasks, against `task`");
    if let Some(why) = missing("task", "taskwarrior") {
        return Ok(vec![Row::skipped(what("`ready`"), why)]);
    }
    write(&theirs.join("plan.json"), &plan.taskwarrior())?;
    bed.taskwarrior(&theirs, "import plan.json")?.run()?;
    let (our_run, their_run) = duel(rounds, &|_| bed.countersign(&ours, "ready").run(), &|_| {
        bed.taskwarrior(&theirs, "ready")?.run()
    })?;
    let mut rows = vec![Row::faster(what("`ready`"), our_run, their_run, ready)];
    let (our_run, their_run) = duel(rounds, &|round| start(bed, &ours, &plan, round), &|round| {
        bed.taskwarrior(&theirs, &format!("{} start", uuid(free(&plan, round)?)))?.run()
    })?;
    // No target is named at 1,000 tasks; there it is only shown to be faster at all.
    rows.push(Row::faster(what("`start KEY`"), our_run, their_run, change.unwrap_or(1.0)));
    Ok(rows)
}

/// Starts the task that is free to begin in that round.
pub(super) fn start(bed: &Bed, folder: &Path, plan: &Sample, round: usize) -> Outcome<Run> {
    bed.countersign(folder, &format!("start {}", plan.tasks[free(plan, round)?].key)).run()
}

/// Runs one verb of ours several times.
pub(super) fn verb(rounds: usize, ours: Contender<'_>) -> Outcome<Run> {
    alone(rounds, ours)
}

/// The place of the so-many-eth task that needs nothing.
fn free(plan: &Sample, nth: usize) -> Outcome<usize> {
    let mut free = (0..plan.tasks.len()).filter(|place| plan.tasks[*place].needs.is_empty());
    free.nth(nth).ok_or_else(|| "the plan has too few tasks that need nothing".to_owned())
}
