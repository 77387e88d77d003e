//! Bringing a document of 10 MB in step after one field of it changed, on either side, against the
//! least any program must do for it: read the file, write it, wait for the disk, put it in place.

use std::fs;
use std::path::Path;

use testkit::plans::sample;

use super::bed::write;
use super::measure::{Run, Subject, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const ROUNDS: usize = 5;

/// How large the document is.
const BYTES: usize = 10_000_000;

/// The floor: the same bytes read, written durably and put in the file's place.
const FLOOR: &str = "cat PLAN.md > .copy && sync .copy && mv .copy PLAN.md && sync .\n";

/// Documents follow only where that is asked for, so that a claim and its sync are two steps.
const SETTINGS: &str = "[settings]\nsync = \"manual\"\n";

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let mut rows = measured(bed, 1_000, "mostly prose, 1,000 tasks")?;
    rows.extend(measured(bed, 100_000, "100,000 tasks")?);
    Ok(rows)
}

fn measured(bed: &Bed, count: usize, kind: &str) -> Outcome<Vec<Row>> {
    let plan = sample(count, 1);
    let mut text = plan.markdown_checklists();
    while text.len() < BYTES {
        text.push_str("\nWhat was said about it at length, and what follows from that for everybody who was not there.\n");
    }
    let (ours, floor) = (bed.fresh("ours")?, bed.fresh("floor")?);
    for folder in [&ours, &floor] {
        write(&folder.join("PLAN.md"), &text)?;
    }
    write(&ours.join("countersign.toml"), SETTINGS)?;
    write(&floor.join("floor.sh"), FLOOR)?;
    bed.countersign(&ours, "adopt PLAN.md").run()?;
    let least = Subject::new("sh", &floor).with("floor.sh");
    let sync = || bed.countersign(&ours, "sync PLAN.md").run();
    let mut rows = Vec::new();
    let journal = |round: usize| -> Outcome<Run> {
        bed.countersign(&ours, &format!("claim {}", plan.tasks[count / 2 + round].key)).run()?;
        sync()
    };
    let hand = |round: usize| -> Outcome<Run> {
        tick(&ours, &plan.tasks[count / 3 + round].key)?;
        sync()
    };
    type Round<'r> = &'r dyn Fn(usize) -> Outcome<Run>;
    let sides: [(&str, Round<'_>); 2] = [("changed in the journal", &journal), ("changed by hand", &hand)];
    for (side, ours) in sides {
        let (our_run, floor_run) = duel(ROUNDS, ours, &|_| least.run())?;
        let share = 100.0 * floor_run.wall.as_secs_f64() / our_run.wall.as_secs_f64();
        let what = format!(
            "`sync` of 10 MB, {kind}, one box {side}, against reading and writing the file ({share:.0} % of ours)"
        );
        rows.push(Row::within(what, our_run, floor_run, 2.0));
    }
    Ok(rows)
}

/// Ticks a box as an author does.
fn tick(folder: &Path, key: &str) -> Outcome<()> {
    let path = folder.join("PLAN.md");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    write(&path, &text.replacen(&format!("- [ ] {key}:"), &format!("- [x] {key}:"), 1))
}
