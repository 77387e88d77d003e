//! Agents that do nothing: what giving them tasks, checking what they hand in and keeping all of it
//! on record costs, against ninja starting the same commands, and what git adds to it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::Bed;
use super::bed::{missing, remove, write};
use super::measure::{Run, Subject, alone, duel};
use super::row::{Row, verdict};
use crate::tool::Outcome;

const COUNT: usize = 1_000;
const MANY: usize = 10_000;
const WITH_TREES: usize = 100;
const ROUNDS: usize = 3;
/// Five times what DBOS does on SQLite on a machine of this class.
const RATE: f64 = 925.0;
/// What ten thousand tasks may take, in KiB.
const MEMORY_KIB: f64 = 192.0 * 1024.0;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    // Outside git, so that nobody asks git what the checks could read.
    let place = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
    let rows = measure(bed, &place);
    remove(&place)?;
    rows
}

fn measure(bed: &Bed, place: &Path) -> Outcome<Vec<Row>> {
    let mut rows = without_trees(bed, place)?;
    rows.push(many(bed, place)?);
    rows.push(with_trees(bed, place)?);
    Ok(rows)
}

/// A thousand tasks, each an agent and a check, against ninja starting as many commands.
fn without_trees(bed: &Bed, place: &Path) -> Outcome<Vec<Row>> {
    let (ours, theirs) = (place.join("ours"), bed.fresh("theirs")?);
    prepare(&ours, COUNT, false)?;
    write(&theirs.join("build.ninja"), &ninja())?;
    let dispatch = |_| fresh_run(bed, &ours);
    let build = |_| {
        for leftover in [".ninja_log", ".ninja_deps"] {
            // The first time there is none.
            let _ = fs::remove_file(theirs.join(leftover));
        }
        Subject::new("ninja", &theirs).with("-j2 --quiet").run()
    };
    let what = "1,000 tasks to no-op agents, checked and on record, against `ninja -j2`";
    let mut rows = Vec::new();
    let our_run = if let Some(why) = missing("ninja", "ninja-build") {
        rows.push(Row::skipped(what, why));
        alone(ROUNDS, &dispatch)?
    } else {
        let (our_run, their_run) = duel(ROUNDS, &dispatch, &build)?;
        let mut row = Row::within(what, our_run, their_run, 2.0);
        row.ours += &format!(" ({:.0}/s)", rate(COUNT, our_run));
        row.theirs += &format!(" ({:.0}/s)", rate(COUNT, their_run));
        row.target = "at least half of ninja's rate".to_owned();
        rows.push(row);
        our_run
    };
    let found = rate(COUNT, our_run);
    rows.push(Row {
        what: "1,000 tasks to no-op agents, checked and on record, a second".to_owned(),
        ours: format!("{found:.0}/s"),
        theirs: "DBOS on SQLite: 185/s".to_owned(),
        ratio: format!("{:.1}×", found / 185.0),
        target: format!("at least {RATE:.0}/s"),
        verdict: verdict(found >= RATE),
    });
    Ok(rows)
}

/// Ten thousand tasks: what is kept in memory must not grow with what has been done.
fn many(bed: &Bed, place: &Path) -> Outcome<Row> {
    let folder = place.join("many");
    prepare(&folder, MANY, false)?;
    let run = fresh_run(bed, &folder)?;
    let what = format!("10,000 tasks to no-op agents ({:.0}/s), peak memory", rate(MANY, run));
    Ok(Row::memory(what, run, MEMORY_KIB, "", "under 192 MiB"))
}

/// A worktree for each attempt and one for its checks: the rate, and what of it is git's.
fn with_trees(bed: &Bed, place: &Path) -> Outcome<Row> {
    let (with, without) = (place.join("with"), place.join("without"));
    prepare(&with, WITH_TREES, true)?;
    prepare(&without, WITH_TREES, false)?;
    let (with_run, without_run) = duel(ROUNDS, &|_| fresh_run(bed, &with), &|_| fresh_run(bed, &without))?;
    let share = 1.0 - without_run.wall.as_secs_f64() / with_run.wall.as_secs_f64();
    Ok(Row {
        what: "100 tasks to agents with a worktree each".to_owned(),
        ours: format!("{:.0}/s", rate(WITH_TREES, with_run)),
        theirs: format!("without worktrees {:.0}/s", rate(WITH_TREES, without_run)),
        ratio: format!("{:.0} % of the time is git's", share * 100.0),
        target: "told".to_owned(),
        verdict: verdict(true),
    })
}

fn rate(count: usize, run: Run) -> f64 {
    count as f64 / run.wall.as_secs_f64()
}

/// One run of the dispatcher on a store that is not there yet.
fn fresh_run(bed: &Bed, folder: &Path) -> Outcome<Run> {
    remove(&folder.join(".countersign"))?;
    // The run before has ticked its boxes, and what is done is given to nobody.
    let unticked = folder.join("PLAN.new");
    fs::copy(&unticked, folder.join("PLAN.md"))
        .map_err(|error| format!("{}: {error}", unticked.display()))?;
    if folder.join(".git").exists() {
        git(folder, "update-ref -d refs/heads/countersign/plan").run()?;
    }
    bed.countersign(folder, "run PLAN.md --agents --trust --jobs 2 --quiet").run()
}

fn prepare(folder: &Path, count: usize, trees: bool) -> Outcome<()> {
    remove(folder)?;
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let settings = "[settings]\nsync = \"manual\"\n";
    let agent = if trees {
        "[agents.hand]\nconcurrency = 4\ncommand = \"echo x >$COUNTERSIGN_TASK.txt\"\n".to_owned()
    } else {
        "[agents.hand]\nconcurrency = 16\nworktree = false\ncommand = [\"true\"]\n".to_owned()
    };
    write(&folder.join("countersign.toml"), &format!("{settings}{agent}"))?;
    write(&folder.join("PLAN.md"), &plan(count))?;
    write(&folder.join("PLAN.new"), &plan(count))?;
    if trees {
        git(folder, "init --quiet").run()?;
        git(folder, "add .").run()?;
        git(folder, "commit --quiet -m begin").run()?;
    }
    Ok(())
}

fn git(folder: &Path, arguments: &str) -> Subject {
    Subject::new(PathBuf::from("git"), folder)
        .with("-c user.name=bench -c user.email=bench@example.org -c commit.gpgSign=false")
        .with(arguments)
}

/// No two commands are the same text, so that nothing can be answered from memory.
fn plan(count: usize) -> String {
    let mut text = String::from("# Many tasks\n\n## Tasks\n\n");
    for place in 0..count {
        let _ = writeln!(text, "- [ ] N-{:05}: does nothing — check: `: {place}`", place + 1);
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
