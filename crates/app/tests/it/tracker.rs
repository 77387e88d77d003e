//! The users of `execution-plan.json`: which file is meant, and the bytes they have always had.

use crate::harness::{Desk, expect};

/// A plan as its users keep it: two-space indent, raw non-ASCII, one final newline, and keys that
/// the tracker has never heard of.
pub(crate) const PLAN: &str = r#"{
  "title": "Hafen – Umzug",
  "batches": [
    {
      "id": "quay-1",
      "name": "Piers",
      "priority": "P0",
      "status": "done",
      "progress": 100,
      "targetDate": "Week 1–2",
      "blockers": [],
      "owner": "mira",
      "notes": "piles & planks"
    },
    {
      "id": "quay-2",
      "name": "Cranes | winches",
      "priority": "P1",
      "status": "in-progress",
      "progress": 33.5,
      "targetDate": "Week 3–4",
      "blockers": ["quay-1"],
      "owner": "jon",
      "notes": "",
      "wharf": { "north": true, "depth": 11.50 }
    },
    {
      "id": "quay-3",
      "name": "Lights",
      "priority": "P1",
      "status": "queued",
      "progress": 0,
      "targetDate": "Week 5–6",
      "blockers": [
        "the permit",
        "quay-2",
        "quay-1"
      ],
      "owner": "",
      "notes": "Übergabe"
    },
    {
      "id": "quay-4",
      "name": "Tolls",
      "priority": "P2",
      "status": "blocked",
      "progress": 0,
      "targetDate": "Week 7–8",
      "blockers": ["quay-2"],
      "owner": "",
      "notes": ""
    },
    {
      "id": "quay-5",
      "name": "Ferry",
      "priority": "P2",
      "status": "not-started",
      "progress": 0,
      "targetDate": "Week 9–10",
      "blockers": [],
      "owner": "",
      "notes": ""
    }
  ],
  "metrics": {
    "ciPassRate": 97.5,
    "coverage": 0,
    "tides": 2
  },
  "reviewed": null
}
"#;

const TABLE: &str = "\
| Batch | Priority | Status | Progress | Target Date | Blockers |
| --- | --- | --- | --- | --- | --- |
| Piers | P0 | ✅ Done | 100% | Week 1–2 | None |
| Cranes \\| winches | P1 | 🟡 In Progress | 33.5% | Week 3–4 | quay-1 |
| Lights | P1 | ⚪ Queued | 0% | Week 5–6 | the permit, quay-2, quay-1 |
| Tolls | P2 | 🟥 Blocked | 0% | Week 7–8 | quay-2 |
| Ferry | P2 | 🔴 Not Started | 0% | Week 9–10 | None |
";

/// A folder with the plan in it under its usual name.
pub(crate) fn desk() -> Desk {
    Desk::new().file("execution-plan.json", PLAN)
}

#[test]
fn the_dashboard_has_the_bytes_its_users_know() {
    let desk = desk();
    expect(&desk.run("dashboard").ok().out, TABLE);
    let came = desk.run("dashboard --owner").ok();
    let lines: Vec<&str> = came.out.lines().collect();
    assert_eq!(lines[0], "| Batch | Priority | Status | Progress | Target Date | Owner | Blockers |");
    assert_eq!(lines[3], "| Cranes \\| winches | P1 | 🟡 In Progress | 33.5% | Week 3–4 | jon | quay-1 |");
    assert_eq!(lines[6], "| Ferry | P2 | 🔴 Not Started | 0% | Week 9–10 | Unassigned | None |");
    assert!(!desk.has(".countersign"), "looking makes no store");
    assert_eq!(desk.run("dashboard --json").ok().json()["rows"][2]["blockers"][0], "the permit");
    assert_eq!(desk.read("execution-plan.json"), PLAN);
}

#[test]
fn the_file_is_found_by_name_variable_and_folder_in_that_order() {
    let one = |name: &str| PLAN.replace("Piers", name);
    let mut desk = Desk::new()
        .file("execution-plan.json", one("Here"))
        .file("a b/plan.json", one("Variable"))
        .file("c.json", one("Named"));
    let shown = |desk: &Desk, line: &str| {
        let out = desk.run(line).ok().out;
        let row = out.lines().nth(2).unwrap_or_default();
        row.split('|').nth(1).unwrap_or_default().trim().to_owned()
    };
    assert_eq!(shown(&desk, "dashboard"), "Here");
    desk.set("EXECUTION_PLAN_PATH", "./a b/../a b/plan.json");
    assert_eq!(shown(&desk, "dashboard"), "Variable");
    assert_eq!(shown(&desk, "dashboard c.json"), "Named");
    let absolute = desk.path().join("a b/plan.json").display().to_string();
    desk.set("EXECUTION_PLAN_PATH", &absolute);
    assert_eq!(shown(&desk, "dashboard"), "Variable");
    desk.set("EXECUTION_PLAN_PATH", "");
    assert_eq!(shown(&desk, "dashboard"), "Here");
}

#[test]
fn a_plan_of_the_store_is_meant_where_it_is_named_or_no_file_is_there() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Build it\n");
    desk.run("adopt PLAN.md").ok();
    assert!(desk.run("dashboard").ok().out.contains("Build it"));
    desk.write("execution-plan.json", PLAN);
    assert!(desk.run("dashboard").ok().out.contains("Ferry"));
    assert!(desk.run("dashboard --plan plan").ok().out.contains("Build it"));
    let desk = desk.with("COUNTERSIGN_PLAN", "plan");
    assert!(desk.run("dashboard").ok().out.contains("Build it"));
    let desk = desk.with("EXECUTION_PLAN_PATH", "execution-plan.json");
    assert!(desk.run("dashboard").ok().out.contains("Ferry"));
    assert!(desk.run("dashboard --plan plan").ok().out.contains("Build it"));
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_whole_path() {
    let desk = Desk::new();
    let folder = desk.path().display().to_string();
    for verb in ["dashboard", "weekly w", "weekly w --compat", "validate"] {
        let came = desk.run(verb);
        let first = format!("error[file/not-found]: Plan file not found at {folder}/execution-plan.json");
        assert_eq!((came.exit, came.err.lines().next()), (3, Some(&*first)), "{verb}: {}", came.shown());
    }
    let desk = desk.with("EXECUTION_PLAN_PATH", "plans/../x y.json");
    let came = desk.run("dashboard");
    assert!(came.err.contains(&format!("Plan file not found at {folder}/x y.json\n")), "{}", came.shown());
    assert!(!desk.has(".countersign"));
}

#[test]
fn a_file_of_which_half_would_be_guessed_is_not_shown() {
    let cut = &PLAN[..PLAN.len() / 2];
    let typed = PLAN.replace("\"progress\": 33.5", "\"progress\": \"33.5\"");
    let twice = PLAN.replace("\"id\": \"quay-3\"", "\"id\": \"quay-2\"");
    for (text, code, told) in [
        (cut, "plan/invalid", "the document is not valid JSON"),
        (&typed, "plan/invalid", "`progress` must be a number"),
        (&twice, "key/duplicate", "Duplicate batch id detected: quay-2\n"),
    ] {
        let desk = Desk::new().file("execution-plan.json", text);
        for verb in ["dashboard", "weekly w", "weekly w --compat", "validate"] {
            let came = desk.run(verb);
            assert_eq!((came.exit, came.code().as_deref()), (4, Some(code)), "{verb}: {}", came.shown());
            assert!(came.err.contains(&format!("error[{code}]: {told}")), "{verb}: {}", came.shown());
        }
        assert_eq!(desk.read("execution-plan.json"), text);
    }
    let folder = Desk::new().file("execution-plan.json/inside", "");
    let came = folder.run("dashboard");
    assert!(came.exit == 4 && came.err.contains("is a folder"), "{}", came.shown());
    // What is merely not allowed is shown, as it always was.
    let odd =
        PLAN.replace("\"queued\"", "\"resting\"").replace("\"blockers\": [],", "\"blockers\": [\"quay-3\"],");
    let came = Desk::new().file("execution-plan.json", odd).run("dashboard").ok();
    assert!(came.out.contains("| Lights | P1 | 🔴 Not Started |"), "{}", came.shown());
}
