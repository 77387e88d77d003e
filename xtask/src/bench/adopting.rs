//! A very large plan: adopting it against Taskwarrior's import, then a day's verbs on it.

use std::time::Duration;

use testkit::plans::sample;

use super::bed::{missing, remove, write};
use super::measure::{alone, duel};
use super::row::memory;
use super::{Bed, Row, tracking};
use crate::tool::Outcome;

const COUNT: usize = 100_000;
const ROUNDS: usize = 3;
const LIMIT: Duration = Duration::from_millis(300);

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let plan = sample(COUNT, 1);
    let (ours, theirs) = (bed.fresh("ours")?, bed.fresh("theirs")?);
    write(&ours.join("PLAN.md"), &plan.markdown_tables())?;
    write(&theirs.join("plan.json"), &plan.taskwarrior())?;
    let adopt = |_| {
        remove(&ours.join(".countersign"))?;
        bed.countersign(&ours, "adopt PLAN.md").run()
    };
    let import = |_| {
        remove(&theirs.join("data"))?;
        bed.taskwarrior(&theirs, "import plan.json")?.run()
    };
    let what = "`adopt`, 100,000 tasks, against `task import`";
    let mut rows = Vec::new();
    if let Some(why) = missing("task", "taskwarrior") {
        alone(1, &adopt)?;
        rows.push(Row::skipped(what, why));
    } else {
        let (our_run, their_run) = duel(ROUNDS, &adopt, &import)?;
        rows.push(Row::faster(what, our_run, their_run, 2.0));
        let quarter = their_run.peak_kib as f64 / 4.0;
        let peak = memory(their_run.peak_kib);
        rows.push(Row::memory("`adopt`, peak memory", our_run, quarter, &peak, "a quarter of its memory"));
    }
    let key = &plan.tasks[COUNT / 2].key;
    let ready = tracking::verb(ROUNDS, &|_| bed.countersign(&ours, "ready").run())?;
    let show = tracking::verb(ROUNDS, &|_| bed.countersign(&ours, &format!("show {key}")).run())?;
    let start = tracking::verb(ROUNDS, &|round| tracking::start(bed, &ours, &plan, round))?;
    for (verb, run) in [("`ready`", ready), ("`show KEY`", show), ("`start KEY`", start)] {
        rows.push(Row::under(format!("{verb} on a store of 100,000 tasks"), run, LIMIT));
    }
    Ok(rows)
}
