//! The critical path of a large plan against TaskJuggler, which must come to the same dates.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use testkit::plans::{Sample, identifier, sample};

use super::bed::{missing, write};
use super::measure::{Subject, alone, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const START: &str = "2026-01-05";
const END: &str = "2034-01-05";
/// TaskJuggler takes about twelve seconds each time.
const ROUNDS: usize = 2;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let what = "critical path, 10,000 tasks, against `tj3`, whole process";
    let folder = bed.fresh("critical-path")?;
    let plan = sample(10_000, 1);
    write(&folder.join("plan.txt"), &plan.network())?;
    write(&folder.join("plan.tjp"), &plan.task_juggler(START, END))?;
    let example = bed.example("schedule", "critical_path")?;
    let ours = Subject::new(example, &folder)
        .with(START)
        .input(folder.join("plan.txt"))
        .output(folder.join("ours.csv"));
    let theirs = Subject::new("tj3", &folder).with("--silent plan.tjp");
    if let Some(why) = missing("tj3", "tj3") {
        alone(ROUNDS, &|_| ours.run())?;
        return Ok(vec![Row::skipped(what, why)]);
    }
    let (our_run, their_run) = duel(ROUNDS, &|_| ours.run(), &|_| theirs.run())?;
    same_dates(&plan, &folder)?;
    Ok(vec![Row::faster(format!("{what}, same dates"), our_run, their_run, 100.0)])
}

/// Fails unless both say the same start and end for every task.
fn same_dates(plan: &Sample, folder: &Path) -> Outcome {
    let ours = dates(&folder.join("ours.csv"))?;
    let theirs = dates(&folder.join("dates.csv"))?;
    for task in &plan.tasks {
        let key = identifier(&task.key);
        match (ours.get(&key), theirs.get(&key)) {
            (Some(ours), Some(theirs)) if ours == theirs => {}
            (ours, theirs) => {
                return Err(format!("`{}`: we say {ours:?}, TaskJuggler says {theirs:?}", task.key));
            }
        }
    }
    Ok(())
}

fn dates(path: &Path) -> Outcome<BTreeMap<String, (String, String)>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let row = |line: &str| {
        let mut cells = line.split(';').map(|cell| cell.trim_matches('"').to_owned());
        Some((identifier(&cells.next()?), (cells.next()?, cells.next()?)))
    };
    Ok(text.lines().filter_map(row).collect())
}
