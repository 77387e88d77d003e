//! `doctor`: a row for each thing, a hint for each trouble, and failure only where one is bad.

use std::os::unix::fs::PermissionsExt;

use crate::harness::{Came, Desk};

fn row(came: &Came, name: &str) -> (String, String) {
    let all = came.json();
    let row = all["checks"].as_array().and_then(|rows| rows.iter().find(|row| row["name"] == name)).cloned();
    let row = row.unwrap_or_else(|| panic!("no row `{name}`: {}", came.shown()));
    let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
    assert_eq!(row["state"] == "ok", row["hint"].is_null(), "a trouble has a hint: {row}");
    (text("state"), text("found"))
}

#[test]
fn all_is_well_before_and_after_there_is_a_store() {
    let desk = Desk::new();
    let came = desk.run("doctor --json").ok();
    assert_eq!(came.json()["well"], true);
    for name in ["program", "store", "SQLite", "git", "sh", "clock", "settings", "keys", "trust"] {
        assert_eq!(row(&came, name).0, "ok", "{name}: {}", came.shown());
    }
    assert!(!desk.has(".countersign") && !desk.has(".config"), "looking makes nothing");
    desk.write("PLAN.md", "# P\n\n- [ ] one — check: `true`\n");
    desk.run("run PLAN.md --trust").ok();
    desk.run("key new").ok();
    let came = desk.run("doctor --json").ok();
    assert!(row(&came, "journal").1.starts_with("format 1, 1 plan, "), "{}", came.shown());
    assert_eq!(row(&came, "trust").0, "ok");
    assert!(row(&came, "keys").1.starts_with("1 key in "), "{}", came.shown());
    let table = desk.run("doctor").ok().out;
    assert!(table.lines().any(|line| line.starts_with("ok") && line.contains("SQLite")), "{table}");
}

#[test]
fn each_trouble_is_bad_and_says_what_to_do() {
    let desk = Desk::new();
    desk.run("key new").ok();
    let config = desk.folder().join(".config/countersign");
    let mode =
        |path: &str, mode| std::fs::set_permissions(config.join(path), std::fs::Permissions::from_mode(mode));
    mode("keys/casey.key", 0o640).unwrap();
    let came = desk.run("doctor --json");
    assert_eq!((came.exit, row(&came, "keys").0.as_str()), (1, "bad"), "{}", came.shown());
    assert_eq!(came.json()["well"], false);
    mode("keys/casey.key", 0o600).unwrap();

    std::fs::create_dir_all(config.join("trusted")).unwrap();
    mode("trusted", 0o777).unwrap();
    let came = desk.run("doctor --json");
    assert_eq!((came.exit, row(&came, "trust").0.as_str()), (1, "bad"), "{}", came.shown());
    mode("trusted", 0o700).unwrap();
    desk.run("doctor").ok();

    desk.write(".countersign/journal.db", "not a database at all");
    let came = desk.run("doctor --json");
    assert_eq!((came.exit, row(&came, "store").0.as_str()), (9, "bad"), "{}", came.shown());
}

#[test]
fn a_test_store_and_a_missing_git_are_warnings_and_a_clock_behind_is_bad() {
    let desk = Desk::new().with("COUNTERSIGN_NOW", "2031-05-01T09:00:00Z");
    desk.run("init --test").ok();
    desk.write("PLAN.md", "# P\n\n- [ ] one\n");
    desk.run("adopt PLAN.md").ok();
    let came = desk.run("doctor --json").ok();
    assert_eq!((row(&came, "store").0.as_str(), row(&came, "clock").0.as_str()), ("warn", "ok"));
    let behind = desk.with("COUNTERSIGN_NOW", "2031-04-30T09:00:00Z");
    let came = behind.run("doctor --json");
    assert_eq!((came.exit, row(&came, "clock").0.as_str()), (1, "bad"), "{}", came.shown());
    let bare = Desk::new().with("PATH", "/nowhere");
    let came = bare.run("doctor --json");
    assert_eq!(
        (row(&came, "git").0.as_str(), row(&came, "sh").0.as_str()),
        ("warn", "bad"),
        "{}",
        came.shown()
    );
}
