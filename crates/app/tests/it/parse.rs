//! `parse`: the whole draft as JSON, and what an author sees of it.

use crate::harness::{Desk, expect};

const PLAN: &str = "\
# Release 2

Total Duration: 3 days

## Phase A — Build (Week 1)

Tasks: T-1, T-2

## Tasks

| Task ID | Description | Owner | Prereqs | Status |
| --- | --- | --- | --- | --- |
| T-1 | Write it | Ada | None | In Progress (40%) |
| T-2 | Test it | Bo | T-1 | Done |
| T-3 | Ship it | Bo | T-2 | |

## Risks

- **R-1 – Nobody reads it (Owner: Ada)**

## Success criteria

- [ ] The notes are there — file: `NOTES.md`
";

/// The fields of the reference, in its order.
const FIELDS: &str = "format source title encoding phases tasks risks metrics criteria decisions escalations \
     rebaselines assumptions milestones checkpoints owners runbooks cadence claims notes diagnostics";
const TASK_FIELDS: &str = "key kind title status percent priority owners estimate_days due window needs inputs \
     outputs sources phase parent checked objectives deliverables criteria checks blockers next_steps links \
     paths extra line";

#[test]
fn the_draft_is_printed_field_by_field_in_the_order_of_the_reference() {
    let came = Desk::new().file("PLAN.md", PLAN).run("parse PLAN.md --json").ok();
    let parsed = came.json();
    assert_eq!(in_order(&came.out, FIELDS), FIELDS.split_whitespace().count(), "{}", came.out);
    let tasks = &came.out[came.out.find("\"tasks\":[{").expect("tasks are listed")..];
    assert_eq!(in_order(tasks, TASK_FIELDS), TASK_FIELDS.split_whitespace().count(), "{}", came.out);
    assert_eq!(parsed.as_object().map(|fields| fields.len()), Some(FIELDS.split_whitespace().count()));
    assert_eq!(parsed["encoding"], serde_json::json!({ "repaired": false, "from": null, "runs": 0 }));
    assert_eq!(parsed["phases"][0]["tasks"], serde_json::json!(["T-1", "T-2"]));
    let first = &parsed["tasks"][0];
    assert_eq!(first["status"], serde_json::json!({ "word": "In Progress", "state": "active" }));
    assert_eq!(first["owners"], serde_json::json!([{ "name": "Ada", "role": "primary" }]));
    assert_eq!((&first["checked"], &first["line"]), (&serde_json::Value::Null, &13.into()));
    assert_eq!(parsed["tasks"][1]["needs"], serde_json::json!(["T-1"]));
    assert_eq!(parsed["criteria"][0]["text"], "The notes are there");
    assert_eq!(parsed["claims"][0]["what"], "total_duration_days");
}

/// How many of the names stand in the text as fields, each after the one before.
fn in_order(text: &str, names: &str) -> usize {
    let mut from = 0;
    names
        .split_whitespace()
        .take_while(|name| match text[from..].find(&format!("\"{name}\":")) {
            Some(at) => {
                from += at;
                true
            }
            None => false,
        })
        .count()
}

#[test]
fn diagnostics_have_line_column_and_help() {
    let text = "# P\n\n| Task ID | Title |\n| --- | --- |\n| T-1 | a | b |\n";
    let parsed = Desk::new().file("PLAN.md", text).run("parse PLAN.md --json").ok().json();
    let found = &parsed["diagnostics"][0];
    assert_eq!(found["code"], "table/ragged");
    assert_eq!(
        (&found["severity"], &found["line"], &found["column"]),
        (&"warning".into(), &5.into(), &1.into())
    );
    assert!(found["help"].is_string(), "{found}");
}

#[test]
fn an_author_sees_numbers_and_every_task_under_its_phase() {
    expect(
        &Desk::new().file("PLAN.md", PLAN).run("parse PLAN.md").shown(),
        "\
exit 0
--- out
Release 2
read as    markdown
tasks      3
besides    1 phase, 1 risk, 1 claim, 1 success criterion
probes     1

Phase A  Build  (Week 1)
Line  Key  Title     Status                    Owner  Needs
  13  T-1  Write it  In Progress 40% → active  Ada
  14  T-2  Test it   Done → claimed            Bo     T-1

in no phase
Line  Key  Title    Status  Owner  Needs
  15  T-3  Ship it          Bo     T-2

risks
Line  Key  Title            Tasks
  19  R-1  Nobody reads it
",
    );
}

#[test]
fn standard_input_and_broken_text_are_read_as_well() {
    let desk = Desk::new();
    let came = desk.call(&["parse", "-", "--json"], Some("# P\n\n- [ ] caf\u{c3}\u{a9} is open\n")).ok();
    assert_eq!(came.json()["source"], "-");
    assert_eq!(came.json()["tasks"][0]["checked"], false);
    let came = desk.file("x.md", b"\xff\xfe\x00").run("parse x.md --json").ok();
    assert!(came.json()["tasks"].as_array().is_some_and(Vec::is_empty));
}

#[test]
fn what_is_no_document_is_refused() {
    let desk = Desk::new().file("folder/x", "");
    expect(
        &desk.run("parse nowhere.md").shown(),
        "exit 3\n--- err\nerror[file/not-found]: `nowhere.md` does not exist\n",
    );
    assert_eq!(desk.run("parse folder").code().as_deref(), Some("usage/invalid"));
    assert!(!desk.has(".countersign"));
}
