//! `validate`: one sentence, or every fault with its place.

use crate::harness::{Desk, expect};
use crate::tracker::{PLAN, desk};

#[test]
fn a_sound_plan_is_said_to_be_so() {
    let desk = desk();
    expect(&desk.run("validate").shown(), "exit 0\n--- out\nPlan is valid\n");
    assert_eq!(desk.run("validate --json").ok().json()["valid"], true);
    assert!(!desk.has(".countersign"));
    let desk = Desk::new().file("a b/plan.json", PLAN).with("EXECUTION_PLAN_PATH", "a b/plan.json");
    expect(&desk.run("validate").ok().out, "Plan is valid\n");
}

#[test]
fn every_fault_is_told_with_line_and_column() {
    let text = r#"{
  "batches": [
    { "id": "a-1", "status": "resting", "progress": 101, "blockers": ["a-9"] },
    { "id": "a-2", "name": 7, "progress": -1, "blockers": ["a-3"] },
    { "id": "a-3", "status": "queued", "progress": 0, "blockers": ["a-2"] },
    { "id": "a-3", "status": "queued", "progress": "50abc", "blockers": "a-1" }
  ],
  "metrics": { "coverage": "NaN", "incidents": -2 }
}
"#;
    let desk = Desk::new().file("execution-plan.json", text);
    let came = desk.run("validate");
    let path = desk.path().join("execution-plan.json").display().to_string();
    expect(
        &came.out.replace(&path, "PLAN"),
        "\
PLAN:3:30: Invalid status 'resting'. Allowed: not-started, queued, in-progress, blocked, done (document/value-invalid)
PLAN:3:53: Progress must be between 0 and 100 (document/value-invalid)
PLAN:3:72: task `a-1` needs `a-9`, which names no task (plan/need-unknown)
PLAN:4:28: `name` must be text, and is the number 7 (document/field-invalid)
PLAN:4:43: Progress must be between 0 and 100 (document/value-invalid)
PLAN:4:61: 2 tasks wait for each other: a-2 → a-3 → a-2 (plan/cycle)
PLAN:6:5: Duplicate batch id detected: a-3 (plan/duplicate-key)
PLAN:6:52: `progress` must be a number, and is the text `50abc` (document/field-invalid)
PLAN:6:73: `blockers` must be a list, and is the text `a-1` (document/field-invalid)
PLAN:8:28: metric `coverage` must be a number, and is the text `NaN` (document/field-invalid)
PLAN:8:48: metric `incidents` is -2, and must not be negative (document/value-invalid)
",
    );
    assert_eq!(came.exit, 4, "{}", came.shown());
    let json = desk.run("validate --json").json();
    assert_eq!(
        (&json["valid"], json["files"][0]["faults"].as_array().map(Vec::len)),
        (&false.into(), Some(11))
    );
    assert_eq!(json["files"][0]["faults"][0]["line"], 3);
    assert_eq!(desk.read("execution-plan.json"), text);
}

#[test]
fn a_plan_of_the_store_is_validated_by_its_documents() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Build it\n");
    desk.run("adopt PLAN.md").ok();
    expect(&desk.run("validate").ok().out, "Plan is valid\n");
    desk.write(
        "PLAN.md",
        "# Plan\n\n| Task ID | Description | Prereqs |\n|---|---|---|\n| T-1 | Build it | T-9 |\n",
    );
    let came = desk.run("validate");
    assert!(came.exit == 4 && came.out.contains("PLAN.md:5:"), "{}", came.shown());
}
