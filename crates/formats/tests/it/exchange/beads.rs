//! Beads, one issue to a line.

use proptest::prelude::*;

use super::{adopted, export, import, round_trip};

#[test]
fn every_field_of_an_issue_has_its_place() {
    let text = r#"{"id":"lib-7","title":"Pack","description":"In boxes.","design":"two rooms","notes":"soon","status":"blocked","priority":2,"issue_type":"bug","assignee":"mina","estimated_minutes":240,"due_at":"2031-05-09T12:00:00Z","labels":["a","b,c"],"acceptance_criteria":"- [x] one\n- [ ] two","external_ref":"gh-9","pinned":true,"dependencies":[{"issue_id":"lib-7","depends_on_id":"lib-8","type":"related"},{"issue_id":"lib-7","depends_on_id":"lib-9","type":"parent-child"}]}
{"id":"lib-8","title":"x","status":"closed","closed_at":"2031-05-01T00:00:00Z"}
{"id":"lib-9","title":"y","status":"in_progress"}"#;
    let read = import("beads", "issues.jsonl", text);
    assert!(read.diagnostics.is_empty() && read.lost.is_empty(), "{:?} {:?}", read.diagnostics, read.lost);
    let task = &read.draft.tasks[0];
    assert_eq!((task.estimate_days, task.priority.as_deref()), (Some(0.5), Some("P2")));
    assert_eq!((task.criteria.len(), task.criteria[0].checked), (2, Some(true)));
    assert_eq!(task.parent.as_ref().map(|key| key.as_str()), Some("lib-9"));
    assert!(task.needs.is_empty(), "related is no need");
    assert_eq!((&*task.extra["labels"], &*task.extra["pinned"]), ("[\"a\",\"b,c\"]", "true"));
    let lost = round_trip("beads", &[("issues.jsonl".to_owned(), text.to_owned())]);
    let fields: Vec<&str> = lost.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["history"], "{lost:?}");
    let out = export("beads", &adopted(vec![read.draft])).files.remove(0).text;
    for kept in
        ["\"external_ref\":\"gh-9\"", "\"pinned\":true", "\"type\":\"related\"", "\"design\":\"two rooms\""]
    {
        assert!(out.contains(kept), "{kept}: {out}");
    }
}

#[test]
fn odd_lines_are_told_with_their_line() {
    let check = |line: &str, says: &str| {
        let text = format!("{{\"id\":\"a\",\"title\":\"x\"}}\n{line}\n{{\"id\":\"c\",\"title\":\"z\"}}\n");
        let read = import("beads", "issues.jsonl", &text);
        assert!(read.draft.tasks.len() >= 2, "{line}");
        let found =
            read.lost.iter().find(|lost| lost.line == 2).unwrap_or_else(|| panic!("{line}: {:?}", read.lost));
        assert!(found.why.contains(says), "{line}: {found:?}");
    };
    check("{\"id\":\"b\"", "not whole");
    check("[1]", "must be an object");
    check("{\"id\":\"b\",\"title\":5}", "must be text");
    check("{\"id\":\"b\",\"title\":\"y\",\"priority\":\"high\"}", "must be a number");
    check("{\"id\":\"b\",\"title\":\"y\",\"priority\":1e999}", "must be a number");
    check("{\"id\":\"b\",\"title\":\"y\",\"other\":1e999}", "too large");
    check("{\"id\":\"b\",\"title\":\"y\",\"labels\":\"a\"}", "must be a list");
    check("{\"id\":\"b\",\"title\":\"y\",\"title\":\"z\"}", "twice");
    check("{\"title\":\"y\"}", "no `id`");
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,8}( [a-z]{1,8}){0,4}",
        1 => "[ -~äöü—🎯\n\"'\\\\{}\\[\\],:#]{1,24}".prop_filter("visible", |text| !text.trim().is_empty()),
        1 => Just("true".to_owned()),
        1 => Just("[1, 2]".to_owned()),
    ]
}

fn issue(number: usize, before: usize) -> impl Strategy<Value = serde_json::Value> {
    let statuses: &'static [&'static str] =
        &["open", "in_progress", "closed", "blocked", "deferred", "tombstone", "someday"];
    let needs = prop::collection::btree_set(0..before.max(1), 0..3);
    (
        "[a-z][a-z ]{0,20}[a-z]",
        prop::option::of(words()),
        prop::sample::select(statuses),
        prop::option::of(0u8..5),
        prop::option::of("[a-z]{2,8}"),
        prop::collection::vec("[a-z,\"]{1,6}", 0..3),
        prop::option::of(0u32..5000),
        needs,
        prop::collection::btree_map("x_[a-z]{1,5}", words(), 0..3),
        prop::option::of(prop_oneof![words(), Just("- [ ] one\n- [x] two".to_owned())]),
    )
        .prop_map(move |(title, description, status, priority, assignee, labels, minutes, needs, other, criteria)| {
            let links: Vec<_> = needs
                .into_iter()
                .filter(|_| before > 0)
                .map(|to| {
                    let kind = ["blocks", "blocks", "related", "discovered-from"][(to + number) % 4];
                    serde_json::json!({"issue_id": format!("t-{number}"), "depends_on_id": format!("t-{to}"), "type": kind, "created_by": "x"})
                })
                .collect();
            let mut issue = serde_json::json!({
                "id": format!("t-{number}"), "title": title, "status": status,
                "created_at": "2031-01-01T00:00:00Z", "issue_type": "task",
            });
            let fields = issue.as_object_mut().expect("the test made it so");
            let mut put = |name: &str, value: serde_json::Value| drop(fields.insert(name.to_owned(), value));
            if let Some(text) = description { put("description", text.into()); }
            if let Some(rank) = priority { put("priority", rank.into()); }
            if let Some(name) = assignee { put("assignee", name.into()); }
            if let Some(minutes) = minutes { put("estimated_minutes", minutes.into()); }
            if let Some(text) = criteria { put("acceptance_criteria", text.into()); }
            if !labels.is_empty() { put("labels", labels.into()); }
            if !links.is_empty() { put("dependencies", links.into()); }
            if status == "closed" { put("closed_at", "2031-02-01T00:00:00Z".into()); }
            for (name, value) in other { put(&name, value.into()); }
            issue
        })
}

fn file() -> impl Strategy<Value = String> {
    (1usize..7).prop_flat_map(|count| {
        let issues: Vec<_> = (0..count).map(|number| issue(number, number).boxed()).collect();
        issues.prop_map(|issues| issues.iter().map(|issue| format!("{issue}\n")).collect::<String>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_file_comes_out_as_it_went_in(text in file()) {
        round_trip("beads", &[("issues.jsonl".to_owned(), text)]);
    }

    #[test]
    fn any_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..200), path in prop::sample::select(vec!["a.jsonl", "tasks.json", "i.json", "p.csv", "t.md"])) {
        for peer in formats::exchange::peers() {
            formats::exchange::import(*peer, path, &bytes);
        }
    }
}
