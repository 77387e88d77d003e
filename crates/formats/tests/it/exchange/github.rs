//! GitHub issues: in as the command line lists them, out as a script. The tests here play the
//! script: its calls are read as a shell would read them, and change a list of issues.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{adopted, export, import, same_but};

/// The words of each call of a script, with `$issue` left as it is.
fn calls(script: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let body = script.split_once("\n}\n").map(|(_, calls)| calls).expect("the calls follow the function");
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' if word.is_none() && words.is_empty() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\'' => {
                let inner = word.get_or_insert_default();
                inner.extend(std::iter::from_fn(|| chars.next_if(|c| *c != '\'')));
                assert_eq!(chars.next(), Some('\''), "a quote is closed");
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            ' ' => words.extend(word.take()),
            '\n' => {
                words.extend(word.take());
                if !words.is_empty() {
                    calls.push(std::mem::take(&mut words));
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    for call in &mut calls {
        call.retain(|word| ![">/dev/null", "2>&1", "||", "true"].contains(&word.as_str()));
        let first = call[0].trim_start_matches("issue=$(").to_owned();
        assert_eq!(first, "call", "{call:?}");
        if call[0].starts_with("issue=") {
            // The bracket that closes the substitution stands right behind the last word.
            let last = call.last_mut().expect("the test made it so");
            assert!(last.ends_with(')'), "{last}");
            last.pop();
        }
        assert_eq!(call[1], "gh");
        call.drain(..2);
    }
    calls
}

/// Issues as they are after a script was let act.
fn play(script: &str, mut issues: Vec<Value>) -> Vec<Value> {
    let mut last = 0;
    for call in calls(script) {
        let option = |name: &str| {
            let prefix = format!("--{name}=");
            call.iter().find_map(|word| word.strip_prefix(&prefix)).map(str::to_owned)
        };
        let names = |text: Option<String>| -> Vec<String> {
            let text = text.unwrap_or_default();
            let mut names = Vec::new();
            let mut chars = text.chars().peekable();
            while chars.peek().is_some() {
                let mut name = String::new();
                if chars.next_if_eq(&'"').is_some() {
                    while let Some(c) = chars.next() {
                        if c == '"' && chars.next_if_eq(&'"').is_none() {
                            break;
                        }
                        name.push(c);
                    }
                    chars.next_if_eq(&',');
                } else {
                    name.extend(std::iter::from_fn(|| chars.next_if(|c| *c != ',')));
                    chars.next_if_eq(&',');
                }
                names.push(name);
            }
            names
        };
        let number: usize = match call[2].as_str() {
            "$issue" | "\"$issue\"" => last,
            other => other.parse().unwrap_or(0),
        };
        let place = issues.iter().position(|issue| issue["number"] == number);
        match (&*call[0], &*call[1]) {
            ("label" | "api", _) => {}
            ("issue", "create") => {
                last = issues.len() + 100;
                let label = |name: &String| json!({"name": name});
                let login = |name: &String| json!({"login": name});
                issues.push(json!({
                    "number": last, "title": option("title"), "body": option("body"), "state": "OPEN",
                    "labels": names(option("label")).iter().map(label).collect::<Vec<_>>(),
                    "assignees": names(option("assignee")).iter().map(login).collect::<Vec<_>>(),
                    "milestone": option("milestone").map(|title| json!({"title": title})),
                }));
            }
            ("issue", "edit") => {
                let issue = &mut issues[place.expect("the test made it so")];
                issue["title"] = json!(option("title").expect("the test made it so"));
                issue["body"] = json!(option("body").expect("the test made it so"));
                for (list, field, added) in
                    [("labels", "name", "add-label"), ("assignees", "login", "add-assignee")]
                {
                    for name in names(option(added)) {
                        let list = issue[list].as_array_mut().expect("the test made it so");
                        if !list.iter().any(|known| known[field] == name) {
                            list.push(json!({field: name}));
                        }
                    }
                }
            }
            ("issue", "close") => {
                let issue = &mut issues[place.expect("the test made it so")];
                issue["state"] = json!("CLOSED");
                issue["stateReason"] =
                    json!(if option("reason").expect("the test made it so") == "completed" {
                        "COMPLETED"
                    } else {
                        "NOT_PLANNED"
                    });
            }
            ("issue", "reopen") => issues[place.expect("the test made it so")]["state"] = json!("OPEN"),
            ("issue", "comment") => {}
            other => panic!("a call nobody knows: {other:?}"),
        }
    }
    issues
}

const ISSUES: &str = r#"[
  {"number": 1, "title": "Pack", "state": "CLOSED", "stateReason": "COMPLETED", "labels": [{"id": "L1", "name": "hall", "color": "aa0000", "description": ""}, {"name": "priority: P1"}], "assignees": [{"login": "mina", "name": "Mina"}], "milestone": {"number": 2, "title": "May", "description": "", "dueOn": "2031-05-31T00:00:00Z"}, "body": "In boxes.\r\n\r\n## Acceptance criteria\r\n\r\n- [x] all of them", "author": {"login": "li", "is_bot": false}, "createdAt": "2031-04-02T08:00:00Z", "url": "https://github.example/o/r/issues/1", "comments": [{"author": {"login": "li"}, "body": "well done"}]},
  {"number": 2, "title": "Move", "state": "OPEN", "labels": [], "assignees": [], "milestone": null, "body": "Depends on #1\n\nPart of: #3"},
  {"number": 3, "title": "It's $(all)", "state": "CLOSED", "stateReason": "NOT_PLANNED", "labels": [], "assignees": [], "milestone": null, "body": ""}
]"#;

#[test]
fn issues_become_tasks() {
    let read = import("github", "issues.json", ISSUES);
    assert!(read.diagnostics.is_empty() && read.lost.is_empty(), "{:?} {:?}", read.diagnostics, read.lost);
    let [pack, shift, all] = read.draft.tasks.as_slice() else { panic!("three issues") };
    assert_eq!(
        (pack.key.as_str(), pack.priority.as_deref(), pack.owners[0].name.as_str()),
        ("GH-1", Some("P1"), "mina")
    );
    assert_eq!((&*pack.extra["labels"], &*pack.extra["description"]), ("hall", "In boxes."));
    assert_eq!((pack.criteria[0].text.as_str(), pack.criteria[0].checked), ("all of them", Some(true)));
    assert_eq!(read.draft.phases[0].window.as_deref(), Some("2031-05-31T00:00:00Z"));
    assert_eq!(
        (shift.needs[0].as_str(), shift.parent.as_ref().expect("the test made it so").as_str()),
        ("GH-1", "GH-3")
    );
    assert_eq!(all.status.as_ref().expect("the test made it so").state, model::draft::Stated::Dropped);
}

fn through(text: &str) {
    let issues: Vec<Value> = serde_json::from_str(text).expect("the test made it so");
    let before = import("github", "issues.json", text).draft;
    let exported = export("github", &adopted(vec![before.clone()]));
    let script = &exported.files[0].text;
    let after = Value::Array(play(script, issues)).to_string();
    let after = import("github", "issues.json", &after).draft;
    same_but(&[before], &[after], &exported.lost, script);
}

#[test]
fn a_script_over_the_same_issues_changes_nothing_that_counts() {
    through(ISSUES);
}

#[test]
fn a_plan_from_elsewhere_becomes_issues() {
    let text = "key,title,state,priority,owners,labels,description,needs,parent,phase,criteria\nT-1,Pack it's,claimed,P1,\"mina, li\",\"a, b c\",\"some\ntext\",,,Hall,- [ ] done\nT-2,\"Move\n$(x)\",open,,,,,T-1,T-1,,\nT-3,Gone,dropped,,,,,,,,\n";
    let plan = adopted(vec![import("csv", "p.csv", text).draft]);
    let exported = export("github", &plan);
    let issues = play(&exported.files[0].text, Vec::new());
    let after = import("github", "issues.json", &Value::Array(issues).to_string()).draft;
    let before = import("csv", "p.csv", text).draft;
    let mut lost = exported.lost;
    // Numbers and words that GitHub gives to what is new.
    for task in &before.tasks {
        for field in ["other fields", "status word"] {
            lost.push(formats::exchange::Lost::new("", 0, field, "", "new").of(task.key.as_str()));
        }
    }
    same_but(&[before], &[after], &lost, &exported.files[0].text);
}

fn issue(number: usize) -> impl Strategy<Value = Value> {
    (
        "[ -~]{0,20}[a-z]",
        prop::sample::select(vec![
            ("OPEN", None),
            ("CLOSED", Some("COMPLETED")),
            ("CLOSED", Some("NOT_PLANNED")),
            ("CLOSED", None),
        ]),
        prop::collection::btree_set("[a-z,\"' $]{0,6}[a-z]", 0..3),
        prop::collection::btree_set("[a-z]{2,6}", 0..3),
        prop::option::of(prop::sample::select(vec!["May", "Q3: late"])),
        "[ -~\n'$`\\\\]{0,60}",
        prop::option::of(1..number.max(2)),
    )
        .prop_map(move |(title, (state, reason), labels, people, milestone, body, need)| {
            let need = need
                .filter(|need| *need < number)
                .map_or_else(String::new, |need| format!("\n\nNeeds: #{need}"));
            json!({
                "number": number, "title": title.trim(), "state": state, "stateReason": reason,
                "labels": labels.iter().map(|name| json!({"name": name.trim()})).collect::<Vec<_>>(),
                "assignees": people.iter().map(|name| json!({"login": name})).collect::<Vec<_>>(),
                "milestone": milestone.map(|title| json!({"title": title})),
                "body": format!("{body}{need}"),
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_issues_are_the_same_after_the_script(issues in (1usize..5).prop_flat_map(|count| (1..=count).map(issue).collect::<Vec<_>>())) {
        through(&Value::Array(issues).to_string());
    }
}
