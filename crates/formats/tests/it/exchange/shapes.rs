//! Task Master, Backlog.md and Spec Kit.

use proptest::prelude::*;

use super::{adopted, export, import, round_trip, said};

const FLAT: &str = r#"{
  "tasks": [
    {"id": 1, "title": "Pack", "description": "In boxes.", "status": "done", "priority": "high", "dependencies": [], "details": "two rooms", "testStrategy": "count", "subtasks": []},
    {"id": 2, "title": "Move", "status": "pending", "dependencies": [1], "subtasks": [
      {"id": 1, "title": "Lift", "status": "in-progress", "dependencies": []},
      {"id": 2, "title": "Van", "status": "cancelled", "dependencies": [1, "1"]}
    ]}
  ]
}"#;

#[test]
fn task_master_is_read_flat_and_tagged() {
    let read = import("task-master", "tasks.json", FLAT);
    assert!(read.diagnostics.is_empty() && read.lost.is_empty(), "{:?} {:?}", read.diagnostics, read.lost);
    let keys: Vec<&str> = read.draft.tasks.iter().map(|task| task.key.as_str()).collect();
    assert_eq!(keys, ["1", "2", "2.1", "2.2"]);
    let van = &read.draft.tasks[3];
    assert_eq!(van.parent.as_ref().expect("the test made it so").as_str(), "2");
    assert_eq!(van.needs.iter().map(|need| need.as_str()).collect::<Vec<_>>(), ["2.1", "1"]);
    let tagged = FLAT.replacen("\"tasks\"", "\"master\": {\"tasks\"", 1).replacen(
        "  ]\n}",
        "  ], \"metadata\": {\"created\": \"x\"}}\n}",
        1,
    );
    let again = import("task-master", "tasks.json", &tagged);
    assert_eq!(said(std::slice::from_ref(&again.draft)), said(std::slice::from_ref(&read.draft)));
    assert_eq!(again.lost.len(), 1, "{:?}", again.lost);
    let other = tagged.replacen("\"master\"", "\"next\"", 1);
    let keys: Vec<String> = import("task-master", "tasks.json", &other)
        .draft
        .tasks
        .iter()
        .map(|task| task.key.to_string())
        .collect();
    assert_eq!(keys, ["next:1", "next:2", "next:2.1", "next:2.2"]);
    for text in [FLAT, &tagged, &other] {
        let lost = round_trip("task-master", &[("tasks.json".to_owned(), text.to_owned())]);
        assert_eq!(lost.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["history"], "{lost:?}");
    }
    let out = export("task-master", &adopted(vec![read.draft])).files.remove(0).text;
    assert!(
        out.contains("\"dependencies\": [\n            1\n          ]") || out.contains("\"id\": 2,"),
        "{out}"
    );
}

const BACKLOG: &str = "---\nid: task-3\ntitle: 'Move: the cabinets'\nstatus: In Progress\nassignee:\n  - '@mina'\ncreated_date: '2031-04-02 08:00'\nlabels: [move, hall]\ndependencies:\n  - task-1\nparent_task_id: task-2\npriority: high\nordinal: 3000\nreferences:\n  - docs/lift.md\nmilestone: m-1\n---\n\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\nMind the door.\n\n- and the lift\n<!-- SECTION:DESCRIPTION:END -->\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [x] #1 nothing is scratched\n- [ ] #2 the lift is booked\n<!-- AC:END -->\n\n## Implementation Notes\n\nbooked for nine\n";

fn other(id: &str) -> String {
    format!("---\nid: {id}\ntitle: other {id}\nstatus: Done\nassignee: []\ndependencies: []\n---\n")
}

#[test]
fn backlog_files_are_documents_of_one_plan() {
    let files = [
        ("tasks/task-3 - Move.md".to_owned(), BACKLOG.to_owned()),
        ("tasks/task-1 - x.md".to_owned(), other("task-1")),
        ("tasks/task-2 - y.md".to_owned(), other("task-2")),
    ];
    let read = import("backlog", &files[0].0, BACKLOG);
    let task = &read.draft.tasks[0];
    assert_eq!((task.title.as_str(), task.priority.as_deref()), ("Move: the cabinets", Some("high")));
    assert_eq!((task.criteria.len(), task.criteria[1].text.as_str()), (2, "the lift is booked"));
    assert_eq!(task.extra["description"], "Mind the door.\n\n- and the lift");
    assert_eq!(task.extra["## Implementation Notes"], "booked for nine");
    let lost = round_trip("backlog", &files);
    assert_eq!(lost.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["history"], "{lost:?}");
    let exported = export("backlog", &adopted(vec![read.draft]));
    assert_eq!(exported.files[0].name, "tasks/task-3 - Move-the-cabinets.md");
    assert!(exported.files[0].text.contains("- [x] #1 nothing is scratched"), "{}", exported.files[0].text);
    let torn = import("backlog", "tasks/x.md", "---\nid: x\n");
    assert!(formats::exchange::is_torn(&torn.diagnostics));
}

#[test]
fn names_of_files_stay_in_their_folder() {
    let text = BACKLOG.replace("task-3", "../../etc/x").replace("'Move: the cabinets'", "'a/../../b'");
    let exported = export("backlog", &adopted(vec![import("backlog", "t.md", &text).draft]));
    let name = &exported.files[0].name;
    assert!(name.starts_with("tasks/") && !name[6..].contains('/') && !name.contains(".."), "{name}");
}

const SPEC: &str = "# Tasks: Reading room\n\n**Input**: specs\n\n## Phase 1: Setup\n\n- [x] T001 Make the box list\n- [ ] T002 [P] Order labels\n\n---\n\n## Phase 2: User Story 1 - Shelves (Priority: P1)\n\n**Goal**: empty shelves\n\n- [ ] T003 [P] [US1] Count books (depends on T001, T002)\n";

#[test]
fn spec_kit_is_markdown_with_ids_and_stories() {
    let read = import("spec-kit", "tasks.md", SPEC);
    let task = &read.draft.tasks[2];
    assert_eq!((task.title.as_str(), task.needs.len()), ("Count books", 2));
    assert_eq!((&*task.extra["story"], &*task.extra["parallel"]), ("US1", "yes"));
    let prose: Vec<(u32, &str)> = read.lost.iter().map(|one| (one.line, one.field.as_str())).collect();
    assert_eq!(prose, [(3, "prose"), (14, "prose")]);
    let lost = round_trip("spec-kit", &[("tasks.md".to_owned(), SPEC.to_owned())]);
    assert_eq!(lost.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["history"], "{lost:?}");
}

/// Task Master's task, with the ids of those before it.
fn task(id: usize, depth: usize) -> BoxedStrategy<serde_json::Value> {
    let statuses: &'static [&'static str] =
        &["pending", "in-progress", "done", "review", "deferred", "cancelled", "blocked", "odd"];
    let fields = (
        "[A-Za-z][a-z ]{0,20}[a-z]",
        prop::sample::select(statuses),
        prop::option::of(prop::sample::select(vec!["high", "medium", "low", "critical"])),
        prop::option::of("[ -~\n]{0,30}"),
        prop::collection::btree_set(1..id.max(2), 0..3),
        prop::option::of("[a-z \"\\\\]{1,12}"),
    );
    let below = if depth == 0 {
        Just(Vec::new()).boxed()
    } else {
        (0usize..4)
            .prop_flat_map(move |count| (1..=count).map(|id| task(id, depth - 1)).collect::<Vec<_>>())
            .boxed()
    };
    (fields, below).prop_map(move |((title, status, priority, description, needs, other), below)| {
        let needs: Vec<usize> = needs.into_iter().filter(|need| *need < id).collect();
        let mut task = serde_json::json!({"id": id, "title": title, "status": status, "dependencies": needs, "subtasks": below});
        let fields = task.as_object_mut().expect("the test made it so");
        if let Some(priority) = priority { fields.insert("priority".to_owned(), priority.into()); }
        if let Some(text) = description { fields.insert("description".to_owned(), text.into()); }
        if let Some(text) = other { fields.insert("complexity".to_owned(), text.into()); }
        task
    }).boxed()
}

fn list() -> impl Strategy<Value = serde_json::Value> {
    (1usize..5)
        .prop_flat_map(|count| (1..=count).map(|id| task(id, 2)).collect::<Vec<_>>())
        .prop_map(|tasks| serde_json::json!({"tasks": tasks}))
}

/// A task file of Backlog.md, needing files before it.
fn backlog(number: usize) -> impl Strategy<Value = (String, String)> {
    let statuses: &'static [&'static str] =
        &["To Do", "In Progress", "Done", "Ready for Review", "Cancelled"];
    (
        "[A-Za-z][ -~]{0,30}[a-z]",
        prop::sample::select(statuses),
        prop::collection::vec("@?[a-z]{2,6}", 0..3),
        prop::collection::btree_set("[a-z,:#' ]{0,5}[a-z]", 0..3),
        prop::option::of(prop::sample::select(vec!["high", "medium", "low"])),
        prop::collection::vec(("[a-z][a-z #0-9]{0,20}", any::<bool>()), 0..3),
        prop::option::of("[A-Za-z][ -~]{0,40}"),
        prop::collection::btree_set(0..number.max(1), 0..3),
    )
        .prop_map(move |(title, status, owners, labels, priority, criteria, text, needs)| {
            let quoted = |text: &str| format!("'{}'", text.trim().replace('\'', "''"));
            let mut out =
                format!("---\nid: task-{number}\ntitle: {}\nstatus: {status}\nassignee:", quoted(&title));
            out.push_str(if owners.is_empty() { " []\n" } else { "\n" });
            owners.iter().for_each(|owner| out.push_str(&format!("  - {}\n", quoted(owner))));
            let labels: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
            out.push_str(&format!("labels: [{}]\ncreated_date: '2031-01-02 08:00'\n", labels.join(", ")));
            let needs: Vec<String> =
                needs.into_iter().filter(|need| *need < number).map(|need| format!("task-{need}")).collect();
            out.push_str(&format!("dependencies: [{}]\n", needs.join(", ")));
            if let Some(priority) = priority {
                out.push_str(&format!("priority: {priority}\n"));
            }
            out.push_str("---\n");
            if let Some(text) = text.filter(|text| !text.trim().starts_with("##")) {
                out.push_str(&format!("\n## Description\n\n{}\n", text.trim()));
            }
            if !criteria.is_empty() {
                out.push_str("\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n");
                for (place, (text, ticked)) in criteria.iter().enumerate() {
                    out.push_str(&format!(
                        "- [{}] #{} {}\n",
                        if *ticked { 'x' } else { ' ' },
                        place + 1,
                        text.trim()
                    ));
                }
                out.push_str("<!-- AC:END -->\n");
            }
            (format!("tasks/task-{number} - x.md"), out)
        })
}

/// A task list of Spec Kit.
fn spec() -> impl Strategy<Value = String> {
    let task = (
        "[A-Z][a-z]{2,8}( [a-z]{2,8}){0,4}",
        any::<bool>(),
        any::<bool>(),
        prop::option::of(1u8..4),
        any::<u8>(),
    );
    let phases = prop::collection::vec(("[A-Z][a-z]{3,9}", prop::collection::vec(task, 1..4)), 1..4);
    phases.prop_map(|phases| {
        let (mut out, mut number) = (String::from("# Tasks: Something\n"), 0u32);
        for (at, (title, tasks)) in phases.iter().enumerate() {
            out.push_str(&format!("\n## Phase {}: {title}\n\n**Goal**: done\n\n", at + 1));
            for (text, ticked, parallel, story, need) in tasks {
                number += 1;
                let mark = if *ticked { 'x' } else { ' ' };
                out.push_str(&format!("- [{mark}] T{number:03}"));
                if *parallel {
                    out.push_str(" [P]");
                }
                if let Some(story) = story {
                    out.push_str(&format!(" [US{story}]"));
                }
                out.push_str(&format!(" {text}"));
                let need = u32::from(*need) % 6;
                if need > 0 && need < number {
                    out.push_str(&format!(" (depends on T{need:03})"));
                }
                out.push('\n');
            }
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_task_master_file_comes_out_as_it_went_in(flat in list(), tagged in any::<bool>()) {
        let text = if tagged { serde_json::json!({"master": flat, "later": flat}) } else { flat };
        round_trip("task-master", &[("tasks.json".to_owned(), text.to_string())]);
    }

    #[test]
    fn any_backlog_folder_comes_out_as_it_went_in(files in (1usize..5).prop_flat_map(|count| (0..count).map(backlog).collect::<Vec<_>>())) {
        round_trip("backlog", &files);
    }

    #[test]
    fn any_spec_kit_list_comes_out_as_it_went_in(text in spec()) {
        round_trip("spec-kit", &[("tasks.md".to_owned(), text)]);
    }
}
