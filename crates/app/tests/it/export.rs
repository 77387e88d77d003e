//! `export`: plans in other tools' shapes, and files that are not written over.

use crate::harness::Desk;

const PLAN: &str = "# Move\n\n| Task ID | Description | Owner | Prereqs | Priority | Status |\n\
    |---|---|---|---|---|---|\n\
    | T-1 | Pack | mina | | P1 | Done |\n| T-2 | Move | mina, li | T-1 | P0 | In Progress |\n";

fn desk() -> Desk {
    let desk = Desk::new().file("PLAN.md", PLAN);
    desk.run("adopt PLAN.md").ok();
    desk
}

#[test]
fn beads_are_printed_and_what_they_do_not_hold_is_told_beside() {
    let came = desk().run("export --to beads").ok();
    let lines: Vec<serde_json::Value> =
        came.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["id"], &lines[0]["status"]), (&"T-1".into(), &"closed".into()));
    assert_eq!((&lines[1]["status"], &lines[1]["priority"]), (&"in_progress".into(), &0.into()));
    assert_eq!(lines[1]["dependencies"][0]["depends_on_id"], "T-1");
    assert!(came.err.contains("owners") && came.err.contains("history"), "{}", came.shown());
}

#[test]
fn files_that_are_there_are_kept_unless_asked() {
    let desk = desk().file("out.jsonl", "mine\n");
    let came = desk.run("export --to beads --out out.jsonl");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("confirm/required")), "{}", came.shown());
    assert_eq!(desk.read("out.jsonl"), "mine\n");
    desk.run("export --to beads --out out.jsonl --force").ok();
    assert!(desk.read("out.jsonl").starts_with("{\"id\":\"T-1\""));
    std::os::unix::fs::symlink(desk.path().join("out.jsonl"), desk.path().join("link.jsonl")).unwrap();
    let came = desk.run("export --to beads --out link.jsonl --force");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    let json = desk.run("export --to beads --json").ok().json();
    assert_eq!(json["files"][0]["name"], "issues.jsonl");
    assert!(
        json["lost"]
            .as_array()
            .unwrap()
            .iter()
            .any(|lost| lost["field"] == "owners" && lost["value"] == "li")
    );
}
