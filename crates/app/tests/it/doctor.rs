//! `doctor`: what is there, what is missing, what is wrong.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Desk;
use crate::world::World;

fn state(checks: &serde_json::Value, name: &str) -> String {
    let list = checks["checks"].as_array().cloned().unwrap_or_default();
    let found =
        list.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no `{name}`: {checks}"));
    found["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_healthy_place_is_healthy_and_nothing_is_made() {
    let desk = Desk::new();
    let checks = desk.run("doctor --json").ok().json();
    assert_eq!((state(&checks, "sh"), state(&checks, "store")), ("ok".to_owned(), "warn".to_owned()));
    assert!(!desk.has(".countersign"));
    let world = World::adopt("T-1: Build it");
    let came = world.run("doctor").ok();
    assert!(came.out.contains("1 plan; made for tests"), "{}", came.shown());
}

#[test]
fn a_clock_behind_history_and_a_key_others_may_read_are_told() {
    let mut world = World::adopt("T-1: Build it");
    let early = world.run_at("2031-04-01T00:00:00Z", "doctor --json").ok().json();
    assert_eq!(state(&early, "clock"), "warn");
    let made = world.run("key new --json").ok().json();
    let path = made["path"].as_str().unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let came = world.run("doctor --json");
    assert_eq!((came.exit, state(&came.json(), "key").as_str()), (4, "fail"), "{}", came.shown());
}

#[test]
fn a_damaged_store_is_told_and_left_alone() {
    let world = World::adopt("T-1: Build it");
    let path = world.desk.folder().join(".countersign/journal.db");
    std::fs::write(&path, b"not a database").unwrap();
    let came = world.run("doctor --json");
    assert_eq!((came.exit, state(&came.json(), "store").as_str()), (9, "fail"), "{}", came.shown());
    assert_eq!(std::fs::read(&path).unwrap(), b"not a database");
    let list = world.run("list");
    assert_eq!((list.exit, list.code().as_deref()), (9, Some("store/damaged")), "{}", list.shown());
}
