use model::draft::{Draft, Stated};

use crate::diagnostics::{Source, located};

const PLAN: &str = r#"{
  "title": "Harbour move",
  "batches": [
    {
      "id": "batch-1",
      "name": "Cranes",
      "priority": "P0",
      "status": "in-progress",
      "progress": 12.5,
      "targetDate": "Week 1–2",
      "blockers": [],
      "owner": "dana",
      "notes": "two of them",
      "wharf": {"north": true}
    },
    {
      "id": "batch-2",
      "name": "Rails",
      "status": "queued",
      "progress": 0,
      "targetDate": "2031-05-05",
      "blockers": ["batch-1", "Cranes", "the permit"],
      "owner": ""
    },
    { "id": "batch-3", "name": "Lights", "status": "done", "progress": 100, "blockers": ["Batch 2"] }
  ],
  "metrics": { "coverage": 81.5, "incidents": 0 }
}
"#;

fn read(text: &str) -> (Draft, Vec<String>) {
    let reading = crate::read("execution-plan.json", text.as_bytes());
    let source =
        Source { path: "execution-plan.json", text: &reading.text, diagnostics: &reading.diagnostics };
    let found = located(&[source]);
    let shown =
        found.iter().map(|at| format!("{}:{} {} {}", at.line, at.column, at.code, at.message)).collect();
    (reading.draft, shown)
}

/// What is said about a document, as `line:column code message`.
fn check(text: &str, said: &[&str]) -> Draft {
    let (draft, found) = read(text);
    assert_eq!(found, said, "{text}");
    draft
}

#[test]
fn batches_are_tasks_and_blockers_needs() {
    let draft = check(PLAN, &[]);
    assert_eq!((draft.format, &*draft.title), ("execution-plan", "Harbour move"));
    let [cranes, rails, lights] = &draft.tasks[..] else { panic!("{:?}", draft.tasks) };
    assert_eq!((cranes.key.as_str(), &*cranes.title, cranes.line), ("batch-1", "Cranes", 4));
    assert_eq!(cranes.status.as_ref().unwrap().state, Stated::Active);
    assert_eq!((cranes.percent, cranes.priority.as_deref()), (Some(12.5), Some("P0")));
    assert_eq!(cranes.due.as_ref().map(|due| (&*due.text, due.at)), Some(("Week 1–2", None)));
    assert_eq!(cranes.owners[0].name, "dana");
    assert_eq!(cranes.extra["notes"], "two of them");
    assert_eq!(cranes.extra["wharf"], r#"{"north": true}"#);
    assert_eq!(rails.needs.iter().map(|key| key.as_str()).collect::<Vec<_>>(), ["batch-1"]);
    assert_eq!(rails.blockers, ["the permit"]);
    assert!(rails.due.as_ref().unwrap().at.is_some() && rails.owners.is_empty());
    assert_eq!(lights.needs[0].as_str(), "batch-2");
    assert_eq!(lights.status.as_ref().unwrap().state, Stated::Claimed);
    let metrics: Vec<_> =
        draft.metrics.iter().map(|metric| (&*metric.name, metric.value, metric.line)).collect();
    assert_eq!(metrics, [("coverage", Some(81.5), 27), ("incidents", Some(0.0), 27)]);
}

#[test]
fn what_may_be_written_back_has_its_place() {
    let draft = check(PLAN, &[]);
    let places = draft.tasks[0].places;
    let at = |span: Option<model::diagnostic::Span>| &PLAN[span.unwrap().range()];
    assert_eq!(at(places.status), "in-progress");
    assert_eq!(at(places.percent), "12.5");
    assert_eq!(at(places.title), "Cranes");
    assert_eq!(at(places.due), "Week 1–2");
    assert_eq!(&PLAN[draft.metrics[0].span.range()], "81.5");
}

#[test]
fn what_is_no_json_has_a_line_and_a_column() {
    check("", &["1:1 document/malformed the document is not valid JSON: there is nothing in it"]);
    check(
        "{\n  \"batches\": [\n    {\"id\": }\n  ]\n}",
        &["3:12 document/malformed the document is not valid JSON: unexpected close brace"],
    );
    let cut = &PLAN[..PLAN.find("Rails").unwrap() + 7];
    let (draft, found) = read(cut);
    assert!(draft.tasks.is_empty());
    assert!(found[0].contains("document/malformed the document is not valid JSON: "), "{found:?}");
    for text in ["{,}", "{\"batches\": [],}", "{} {}", "// note\n{}", "{'batches': []}", "\u{1F534}", "{\"é"]
    {
        let (_, found) = read(text);
        assert!(found[0].contains("document/malformed"), "{text} {found:?}");
    }
}

#[test]
fn wrong_types_are_told_and_the_rest_is_read() {
    let draft = check(
        r#"{ "batches": [
  { "id": 7, "name": "Cranes", "status": "finished", "progress": "abc" },
  { "name": "Rails", "progress": 101, "blockers": "batch-1", "owner": 3 },
  "Lights",
  { "id": "batch-4", "progress": null, "status": 1, "blockers": [2], "id": "batch-5" }
], "metrics": { "coverage": "high", "incidents": -1, "unmeasured": null } }"#,
        &[
            "2:11 document/field-invalid `id` must be text, and is the number 7",
            "2:42 document/value-invalid Invalid status 'finished'. Allowed: not-started, queued, in-progress, blocked, done",
            "2:66 document/field-invalid `progress` must be a number, and is the text `abc`",
            "3:3 document/field-invalid the batch has no `id`",
            "3:34 document/value-invalid Progress must be between 0 and 100",
            "3:51 document/field-invalid `blockers` must be a list, and is the text `batch-1`",
            "3:71 document/field-invalid `owner` must be text, and is the number 3",
            "4:3 document/field-invalid a batch must be an object, and this is the text `Lights`",
            "5:34 document/field-invalid `progress` must be a number, and is `null`",
            "5:50 document/field-invalid `status` must be text, and is the number 1",
            "5:66 document/field-invalid a blocker must be text, and this is the number 2",
            "5:70 document/field-invalid `id` stands here twice, and only the last one counts",
            "6:29 document/field-invalid metric `coverage` must be a number, and is the text `high`",
            "6:50 document/value-invalid metric `incidents` is -1, and must not be negative",
        ],
    );
    let keys: Vec<&str> = draft.tasks.iter().map(|task| task.key.as_str()).collect();
    assert_eq!(keys, ["7", "batches/rails", "batch-5"]);
}

#[test]
fn what_is_no_plan_at_all_says_so() {
    check(
        "[]",
        &["1:1 document/field-invalid an execution plan is an object with `batches`, and this is a list"],
    );
    check("{}", &["1:1 document/field-invalid the plan has no `batches`"]);
    check(
        r#"{"batches": {}, "metrics": []}"#,
        &[
            "1:13 document/field-invalid `batches` must be a list of batches, and is an object",
            "1:28 document/field-invalid `metrics` must be an object of numbers, and is a list",
        ],
    );
}

#[test]
fn nesting_has_a_bound() {
    let deep =
        |levels: usize| format!("{{\"batches\": [], \"x\": {}{}}}", "[".repeat(levels), "]".repeat(levels));
    check(&deep(63), &[]);
    check(
        &deep(64),
        &["1:85 document/too-deep lists and objects stand more than 64 deep in one another here"],
    );
    check(&format!("{{\"batches\": [], \"x\": \"\\\"{}\"}}", "[".repeat(100)), &[]);
    let (_, found) = read(&"[".repeat(200_000));
    assert_eq!(found.len(), 1);
}

#[test]
fn an_id_that_nothing_has_is_still_a_need() {
    let draft =
        check(r#"{"batches": [{"id": "batch-1", "blockers": ["batch-9", "vendor", "batch-1"]}]}"#, &[]);
    let needs: Vec<&str> = draft.tasks[0].needs.iter().map(|key| key.as_str()).collect();
    assert_eq!(needs, ["batch-9", "batch-1"]);
    assert_eq!(draft.tasks[0].blockers, ["vendor"]);
}

#[test]
fn the_format_is_known_by_name_or_by_shape() {
    let format = |path: &str, text: &str| crate::read(path, text.as_bytes()).draft.format;
    assert_eq!(format("a/execution-plan.json", "broken"), "execution-plan");
    assert_eq!(format("plan.txt", " {\"batches\": []}"), "execution-plan");
    assert_eq!(format("plan.txt", "{ batches }"), "markdown");
    assert_eq!(format("plan.md", "{\"batches\": []}"), "markdown");
}

#[test]
fn the_values_themselves_keep_every_digit() {
    let values = super::values(r#"{"a": 123456789012345680000, "b": [null, 33.30], "c": "x", "c": true}"#);
    let values = values.unwrap();
    assert_eq!(values["a"].as_f64(), Some(123456789012345680000.0));
    assert_eq!((values["b"][1].as_f64(), &values["c"]), (Some(33.3), &true.into()));
    assert_eq!(super::values("{"), None);
}
