//! What agents call many times a day, whole process, on a store that is in use, against the least a
//! coordinator written in Node can take: starting, and doing nothing.

use std::path::Path;

use testkit::plans::sample;

use super::bed::{missing, write};
use super::measure::{Subject, alone, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const TASKS: usize = 1_000;
/// Keys of the shared memory, each written so many times: with the plan, 10,000 events.
const KEYS: usize = 2_000;
const VERSIONS: usize = 4;
const ROUNDS: usize = 41;
const TIMES: f64 = 15.0;
const LIMIT_KIB: f64 = 18.0 * 1024.0;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("hooks")?;
    fill(bed, &folder)?;
    let set = |round: usize| format!("memory set area/{}/status build-{round}-is-green", round % KEYS);
    let get = |round: usize| format!("memory get area/{}/status", round % KEYS);
    let search = |round: usize| format!("memory search green area {round}");
    let node = |_| Subject::new("node", &folder).with("-e 0").run();
    let mut rows = Vec::new();
    for (verb, line) in [
        ("`memory set`", &set as &dyn Fn(usize) -> String),
        ("`memory get`", &get),
        ("`memory search`", &search),
    ] {
        let ours = |round: usize| bed.countersign(&folder, &line(round)).run();
        let what = format!("{verb} on a store of 1,000 tasks and 10,000 events, against `node -e 0`");
        let our_run = match missing("node", "nodejs") {
            Some(why) => {
                rows.push(Row::skipped(what, why));
                alone(ROUNDS, &ours)?
            }
            None => {
                let (our_run, their_run) = duel(ROUNDS, &ours, &node)?;
                rows.push(Row::faster(what, our_run, their_run, TIMES));
                our_run
            }
        };
        let what = format!("{verb} on that store, peak memory");
        rows.push(Row::memory(what, our_run, LIMIT_KIB, "", "under 18 MiB"));
    }
    Ok(rows)
}

/// A plan, and a shared memory that has been written to.
fn fill(bed: &Bed, folder: &Path) -> Outcome {
    write(&folder.join("PLAN.md"), &sample(TASKS, 1).markdown_tables())?;
    bed.countersign(folder, "adopt PLAN.md").run()?;
    let fill = bed.example("engine", "store_in_use")?;
    Subject::new(fill, folder).with(&format!(". memory {KEYS} {VERSIONS}")).run().map(drop)
}
