//! The hooks that agents call around each task, whole process, on a store that is in use, against
//! the least a coordinator written in Node can take: starting, and doing nothing.

use std::fs;
use std::path::Path;

use testkit::plans::{Sample, sample};

use super::bed::{missing, write};
use super::measure::{Run, Subject, alone, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const TASKS: usize = 1_000;
/// So many remarks stand on record beside the plan's own events: 10,000 events in all.
const REMARKS: usize = 9_000;
const ROUNDS: usize = 25;
const TIMES: f64 = 15.0;
const LIMIT_KIB: f64 = 18.0 * 1024.0;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("hook-calls")?;
    let plan = sample(TASKS, 1);
    fill(bed, &folder, &plan)?;
    let begin = |round: usize| {
        call(bed, &folder, &format!("hooks pre-task --description begin --task-id {}", free(&plan, round)?))
    };
    let edit = |round: usize| {
        write(&folder.join("src/file.rs"), &format!("// {round}\n"))?;
        call(bed, &folder, "hooks post-edit --file src/file.rs --memory-key area/one --task-id T-0001")
    };
    let end =
        |round: usize| call(bed, &folder, &format!("hooks post-task --task-id {}", free(&plan, round)?));
    let node = |_| Subject::new("node", &folder).with("-e 0").run();
    let mut rows = Vec::new();
    for (hook, ours) in [
        ("`hooks pre-task`", &begin as &dyn Fn(usize) -> Outcome<Run>),
        ("`hooks post-edit`", &edit),
        ("`hooks post-task`", &end),
    ] {
        let what = format!("{hook} on a store of 1,000 tasks and 10,000 events, against `node -e 0`");
        let our_run = match missing("node", "nodejs") {
            Some(why) => {
                rows.push(Row::skipped(what, why));
                alone(ROUNDS, ours)?
            }
            None => {
                let (our_run, their_run) = duel(ROUNDS, ours, &node)?;
                rows.push(Row::faster(what, our_run, their_run, TIMES));
                our_run
            }
        };
        let what = format!("{hook} on that store, peak memory");
        rows.push(Row::memory(what, our_run, LIMIT_KIB, "", "under 18 MiB"));
    }
    Ok(rows)
}

/// A hook, called by an agent.
fn call(bed: &Bed, folder: &Path, line: &str) -> Outcome<Run> {
    bed.countersign(folder, line).variable("COUNTERSIGN_AGENT", "bench").run()
}

/// A plan on which much has been remarked.
fn fill(bed: &Bed, folder: &Path, plan: &Sample) -> Outcome {
    let made = fs::create_dir_all(folder.join("src"));
    made.map_err(|error| format!("{}: {error}", folder.display()))?;
    write(&folder.join("PLAN.md"), &plan.markdown_tables())?;
    bed.countersign(folder, "adopt PLAN.md").run()?;
    let fill = bed.example("engine", "store_in_use")?;
    Subject::new(fill, folder).with(&format!(". notes {REMARKS}")).run()?;
    bed.countersign(folder, "reserve T-0001 src/**").run()?;
    bed.countersign(folder, "take T-0001 --agent bench").run().map(drop)
}

/// The so-many-eth task that needs nothing, the first one aside: that one is held all along.
fn free(plan: &Sample, nth: usize) -> Outcome<&str> {
    let mut free = plan.tasks.iter().skip(2).filter(|task| task.needs.is_empty());
    free.nth(nth)
        .map(|task| task.key.as_str())
        .ok_or_else(|| "the plan has too few tasks that need nothing".to_owned())
}
