//! A thousand agents that hold a task each and say that they are alive: through the desk, by several
//! processes without pause, and as calls of the program. Beside it the least a durable record takes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::Bed;
use super::bed::write;
use super::measure::{Run, Subject};
use super::row::{Row, time};
use crate::tool::Outcome;

const LEASES: usize = 1_000;
/// Processes that beat at the same time.
const PROCESSES: usize = 4;
/// How often each agent is heard of.
const ROUNDS: usize = 8;
/// Calls of the program, and how many at the same time.
const CALLS: usize = 400;
const CALLS_AT_ONCE: usize = 2;
const LIMIT: Duration = Duration::from_millis(20);

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("beats")?;
    write(&folder.join("PLAN.md"), &plan())?;
    bed.countersign(&folder, "adopt PLAN.md").run()?;
    let example = bed.example("engine", "beats")?;
    let beats = Subject::new(example, &folder);
    beats.clone().with(&format!(". take {LEASES}")).run()?;
    let floor = Times::of(&floor(bed, &folder)?);
    let ours = Times::of(&through_the_desk(&folder, &beats)?);
    let calls = Times::of(&calls(bed, &folder)?);
    let what = format!("a beat, {LEASES} live leases, {PROCESSES} processes without pause, p95");
    let row = |what, times: &Times| {
        let run = |wall| Run { wall, ..Run::default() };
        let mut row = Row::under_beside(what, run(times.p95), run(floor.p95), LIMIT);
        row.ours = times.told();
        row.theirs = format!("one durable commit {}", floor.told());
        row.target = format!("p95 {}", row.target);
        row
    };
    let called = format!("`beat KEY` on that store, whole process, {CALLS_AT_ONCE} at a time, p95");
    Ok(vec![row(what, &ours), row(called, &calls)])
}

/// A small row, committed by bare SQLite, again and again.
fn floor(bed: &Bed, folder: &Path) -> Outcome<Vec<Duration>> {
    let out = folder.join("floor.txt");
    let bare = Subject::new(bed.example("journal", "bare_commits")?, folder);
    bare.with(&format!("rows.db {LEASES}")).output(out.clone()).run()?;
    micros(&out)
}

/// Each process has agents of its own; all of them beat on the same store.
fn through_the_desk(folder: &Path, beats: &Subject) -> Outcome<Vec<Duration>> {
    let own = LEASES / PROCESSES;
    let beat = |process: usize| {
        let out = folder.join(format!("beats-{process}.txt"));
        beats.clone().with(&format!(". beat {} {own} {ROUNDS}", process * own)).output(out.clone()).run()?;
        micros(&out)
    };
    side_by_side(PROCESSES, &beat)
}

/// The program itself, called for one agent after the other.
fn calls(bed: &Bed, folder: &Path) -> Outcome<Vec<Duration>> {
    let call = |caller: usize| {
        let places = (caller..CALLS).step_by(CALLS_AT_ONCE);
        let call = |place: usize| {
            let agent = format!("agent-{place}");
            let called = bed.countersign(folder, &format!("beat {} --agent {agent}", key(place)));
            called.variable("COUNTERSIGN_SESSION", agent).run().map(|run| run.wall)
        };
        places.map(call).collect()
    };
    side_by_side(CALLS_AT_ONCE, &call)
}

/// What several at the same time came to.
fn side_by_side(
    count: usize,
    one: &(dyn Fn(usize) -> Outcome<Vec<Duration>> + Sync),
) -> Outcome<Vec<Duration>> {
    let all: Vec<Outcome<Vec<Duration>>> = thread::scope(|scope| {
        let started: Vec<_> = (0..count).map(|place| scope.spawn(move || one(place))).collect();
        let lost = || Err("a measurement was cut off".to_owned());
        started.into_iter().map(|thread| thread.join().unwrap_or_else(|_| lost())).collect()
    });
    Ok(all.into_iter().collect::<Outcome<Vec<_>>>()?.concat())
}

fn micros(path: &Path) -> Outcome<Vec<Duration>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let micros = |line: &str| line.parse().map(Duration::from_micros).map_err(|error| error.to_string());
    text.lines().map(micros).collect()
}

/// How long something took, as it was for most.
struct Times {
    p50: Duration,
    p95: Duration,
    p99: Duration,
}

impl Times {
    fn of(took: &[Duration]) -> Self {
        let mut took = took.to_vec();
        took.sort_unstable();
        let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
        Self { p50: at(50), p95: at(95), p99: at(99) }
    }

    fn told(&self) -> String {
        format!("{} (p50 {}, p99 {})", time(self.p95), time(self.p50), time(self.p99))
    }
}

fn key(place: usize) -> String {
    format!("N-{:04}", place + 1)
}

fn plan() -> String {
    let mut text = String::from("# Many agents\n\n## Tasks\n\n");
    for place in 0..LEASES {
        let _ = writeln!(text, "- [ ] {}: takes long", key(place));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_are_told_apart_from_the_slowest() {
        let took: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        let times = Times::of(&took);
        assert_eq!((times.p50.as_millis(), times.p95.as_millis(), times.p99.as_millis()), (101, 191, 199));
        assert_eq!(Times::of(&[]).p99, Duration::ZERO);
    }
}
