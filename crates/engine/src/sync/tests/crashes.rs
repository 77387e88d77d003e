//! The program is ended at every moment of a sync, by the signal that nobody can answer.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command as Program, Stdio};

use super::*;
use crate::sync::fault::Point;

/// Where the child finds its store.
const CHILD: &str = "COUNTERSIGN_TEST_SYNC_CHILD";

/// Not a test of its own: what a child does that is to be ended.
#[test]
#[ignore = "runs as a child of the tests below"]
fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let place = Place::of(Path::new(&folder).join(FOLDER));
    let store = Store::open_to_write(&place, Fixture::default()).unwrap();
    let path = Path::new(&folder).join("PLAN.md");
    if std::env::var_os("COUNTERSIGN_TEST_SYNC_EDITOR").is_some() {
        store.faults().hook(Some(Box::new(move |at| {
            if at == Point::Flushed {
                let own = path.with_extension("swp");
                let text = std::fs::read_to_string(&path).unwrap().replace("Tell of it", "Tell all of it");
                std::fs::write(&own, text).unwrap();
                std::fs::rename(&own, &path).unwrap();
            }
        })));
    }
    let line = store.desk().plans().unwrap().remove(0);
    let task = store.desk().plan(line.id).unwrap().task_by_key(&Key::new("T-1").unwrap()).unwrap().id;
    let command = Command::Claim { task, how: ClaimHow::Verb };
    submit(&store, line.id, &ada(), command).unwrap();
}

/// Lets a child claim T-1 and end at a point; tells whether it came by there.
fn ended_at(bench: &Bench, point: Point, editor: bool) -> bool {
    let mut program = Program::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "sync::tests::crashes::child", "--ignored"])
        .env(CHILD, bench.scratch.path())
        .env("COUNTERSIGN_FAULT", point.name())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if editor {
        program.env("COUNTERSIGN_TEST_SYNC_EDITOR", "1");
    }
    let status = program.status().unwrap();
    assert!(status.success() || status.signal() == Some(9), "{point}: {status}");
    status.signal() == Some(9)
}

/// What must hold once the next command has run, however the last one ended.
fn whole(bench: &Bench, told: &str) {
    assert_eq!(bench.sync().conflicts, [], "{told}");
    let (text, task) = (bench.text(), bench.task("T-1"));
    assert_eq!(task.claim().is_some(), text.contains("- [x] T-1"), "{told}: {text}");
    assert_eq!(task.asserted.checked, Some(false), "{told}: a hand edit was invented");
    assert_eq!(bench.files(), ["PLAN.md"], "{told}");
    let seq = bench.plan().seq;
    bench.sync();
    assert_eq!(bench.plan().seq, seq, "{told}: syncing again is nothing");
}

#[test]
fn crash_at_every_point_and_the_next_command_neither_invents_nor_loses_an_edit() {
    let (mut covered, mut runs) = (Vec::new(), 0);
    for point in Point::ALL {
        let told = format!("ended at {point}");
        // Nobody else around.
        let bench = Bench::new(PLAN);
        let hit = ended_at(&bench, *point, false);
        whole(&bench, &told);
        assert_eq!(bench.plan().revision.0, 1, "{told}: nothing was edited by hand");
        assert_eq!(
            bench.text(),
            PLAN.replace("[ ] T-1", if bench.task("T-1").claim().is_some() { "[x] T-1" } else { "[ ] T-1" })
        );
        // Somebody had edited before, and edits again before the next command.
        let bench = Bench::new(PLAN);
        bench.edit("Measure it", "Measure all of it");
        let hit_edited = ended_at(&bench, *point, false);
        bench.edit("[ ] T-3", "[x] T-3");
        bench.edit("# Plan\n", "# Plan\n\nA word before.\n");
        whole(&bench, &told);
        let text = bench.text();
        assert!(
            text.contains("Measure all of it") && text.contains("A word before.") && text.contains("[x] T-3"),
            "{told}: {text}"
        );
        assert_eq!(&bench.task("T-2").title, "Measure all of it");
        assert_eq!(bench.task("T-3").asserted.checked, Some(true), "{told}: a hand edit was lost");
        // Somebody saves in the instant, and the program ends all the same.
        let bench = Bench::new(PLAN);
        let hit_saved = ended_at(&bench, *point, true);
        let has = |name: &String| {
            std::fs::read_to_string(bench.scratch.path().join(name))
                .is_ok_and(|text| text.contains("Tell all of it"))
        };
        let saved = bench.files().iter().filter(|name| *name != "PLAN.swp").any(has);
        whole(&bench, &told);
        assert_eq!(saved, bench.text().contains("Tell all of it"), "{told}: {}", bench.text());
        runs += 3;
        if hit || hit_edited || hit_saved {
            covered.push(*point);
        }
    }
    assert_eq!(covered, Point::ALL, "every point is one where the program was really ended");
    println!("ended at each of {} points, in {runs} runs; nothing invented, nothing lost", covered.len());
}
