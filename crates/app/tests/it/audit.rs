//! `audit`: what was changed behind the journal's back is named, and ends with 9.

use std::path::PathBuf;

use crate::world::World;

const PLAN: &str = "T-1: Build it\nT-2: Measure it | needs: T-1";

fn world() -> World {
    let world = World::adopt(PLAN);
    world.run("start T-1 --as Ada").ok();
    world.run("claim T-1 --as Ada").ok();
    world
}

/// Changes bytes of the database file; what replaces them is as long.
fn tamper(world: &World, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    world.desk.fold();
    let path: PathBuf = world.desk.folder().join(".countersign").join("journal.db");
    let mut bytes = std::fs::read(&path).expect("the database is there");
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from.as_bytes())
        .map(|(place, _)| place)
        .collect();
    assert!(!places.is_empty(), "`{from}` is not in the database");
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to.as_bytes());
    }
    std::fs::write(&path, bytes).expect("it may be written");
}

#[test]
fn a_whole_store_is_said_to_be_whole() {
    let world = world();
    let came = world.run("audit verify").ok();
    assert!(came.out.starts_with("whole: 1 plan, 6 events, 1 blob, 0 snapshots\n"), "{}", came.shown());
    let heads = world.run("audit head").ok().out;
    assert_eq!(heads.lines().count(), 2, "{heads}");
    world.desk.write("heads.txt", &heads);
    world.run("claim T-2").ok();
    let pinned = world.run("audit verify --head heads.txt").ok();
    assert!(pinned.out.contains("2 pinned heads hold\n"), "{}", pinned.shown());
    world.desk.write("heads.txt", "nonsense\n");
    let wrong = world.run("audit verify --head heads.txt");
    assert_eq!((wrong.exit, wrong.code().as_deref()), (4, Some("value/invalid")), "{}", wrong.shown());
    let missing = world.run("audit verify --head none.txt");
    assert_eq!((missing.exit, missing.code().as_deref()), (3, Some("file/not-found")), "{}", missing.shown());
}

#[test]
fn a_changed_actor_time_or_event_is_named_by_its_number() {
    for (from, to) in [
        (r#""person":"Ada"},"known":"declared"#, r#""person":"Eve"},"known":"declared"#),
        (r#"{"task_claimed""#, r#"{"task_dropped""#),
    ] {
        let world = world();
        tamper(&world, from, to);
        let came = world.run("audit verify");
        assert_eq!((came.exit, came.code().as_deref()), (9, Some("chain/broken")), "{}", came.shown());
        assert!(came.out.contains("broken: event ") && came.err.contains("event "), "{}", came.shown());
    }
}

#[test]
fn a_history_that_was_cut_or_built_anew_does_not_hold_against_a_pinned_head() {
    let world = world();
    let heads = world.run("audit head").ok().out;
    let other = World::adopt(PLAN);
    other.run("start T-1 --as Eve").ok();
    other.desk.write("heads.txt", &heads);
    let came = other.run("audit verify --head heads.txt --json");
    assert_eq!((came.exit, came.code().as_deref()), (9, Some("chain/broken")), "{}", came.shown());
    assert_eq!(came.json()["whole"], false);
    assert_eq!(came.error()["error"]["exit"], 9);
}

#[test]
fn every_event_is_handed_out_with_the_bytes_of_the_chain() {
    let world = world();
    let text = world.run("audit export").ok().out;
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6, "{text}");
    let last = lines.iter().find(|line| line["event"].get("task_claimed").is_some()).expect("the claim");
    assert_eq!(last["by"]["actor"]["person"], "Ada", "{last}");
    let before = lines.iter().find(|line| line["digest"] == last["prev"]).expect("the event before it");
    assert_eq!(before["seq"].as_u64().map(|seq| seq + 1), last["seq"].as_u64(), "{before}");
}
