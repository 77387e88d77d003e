//! Many checks that do nothing, two at a time, against ninja on the same commands. Ours are
//! recorded with their evidence; ninja keeps a log line for each.

use std::fmt::Write;

use super::bed::{missing, remove, write};
use super::measure::{Subject, alone, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const COUNT: usize = 1_000;
const ROUNDS: usize = 3;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let what = "1,000 no-op checks, `run`, against `ninja -j2`";
    let (ours, theirs) = (bed.fresh("ours")?, bed.fresh("theirs")?);
    write(&theirs.join("build.ninja"), &ninja())?;
    let check = |_| {
        remove(&ours.join(".countersign"))?;
        // The run before has ticked its boxes.
        write(&ours.join("PLAN.md"), &plan())?;
        bed.countersign(&ours, "run PLAN.md --trust --jobs 2").run()
    };
    let build = |_| {
        for leftover in [".ninja_log", ".ninja_deps"] {
            // The first time there is none.
            let _ = std::fs::remove_file(theirs.join(leftover));
        }
        Subject::new("ninja", &theirs).with("-j2 --quiet").run()
    };
    if let Some(why) = missing("ninja", "ninja-build") {
        alone(1, &check)?;
        return Ok(vec![Row::skipped(what, why)]);
    }
    let (our_run, their_run) = duel(ROUNDS, &check, &build)?;
    let rate = |seconds: f64| format!(" ({:.0}/s)", COUNT as f64 / seconds);
    let mut row = Row::within(what, our_run, their_run, 2.0);
    row.ours += &rate(our_run.wall.as_secs_f64());
    row.theirs += &rate(their_run.wall.as_secs_f64());
    row.target = "at least half of ninja's rate".to_owned();
    Ok(vec![row])
}

/// No two commands are the same text, so that nothing can be answered from memory.
fn plan() -> String {
    let mut text = String::from("# A thousand checks\n\n## Items\n\n");
    for place in 0..COUNT {
        let _ = writeln!(text, "- [ ] N-{:04}: does nothing — check: `: {place}`", place + 1);
    }
    text
}

fn ninja() -> String {
    let mut text = String::from("rule nothing\n  command = : $number\n\n");
    for place in 0..COUNT {
        let _ = writeln!(text, "build out{place}: nothing\n  number = {place}");
    }
    text
}
