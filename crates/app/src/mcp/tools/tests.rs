//! What tools look like to agents, and which command lines they stand for.

use serde_json::{Value, json};

use super::*;

fn words(tool: &str, given: Value) -> Result<Vec<String>, String> {
    let given = given.as_object().cloned().unwrap_or_default();
    let steps = named(tool).expect("a tool").steps(&given)?;
    Ok(steps.iter().map(|step| step.arguments.join(" ")).collect())
}

#[test]
fn there_are_at_most_eight_and_their_descriptions_are_short() {
    assert!(TOOLS.len() <= 8);
    let all: String = TOOLS
        .iter()
        .map(|tool| serde_json::to_string(&tool.tool()).expect("a tool has a JSON form"))
        .collect();
    // Four bytes to a token is the rule of thumb for English text; JSON has more tokens than that.
    let tokens = all.len() / 3;
    assert!(tokens < 2_000, "{tokens} tokens");
}

#[test]
fn a_tool_stands_for_command_lines() {
    for (tool, given, lines) in [
        ("ready", json!({}), &["ready --json --limit=20"][..]),
        ("ready", json!({"limit": 3, "held": true}), &["ready --json --limit=3", "leases --json"]),
        ("take", json!({}), &["take --next --json"]),
        ("take", json!({"task": "--store", "roles": ["a b"]}), &["take --json --role=a b -- --store"]),
        ("show", json!({"task": "7.3"}), &["brief --json -- 7.3"]),
        ("show", json!({"task": "7.3", "what": "why"}), &["why --json -- 7.3"]),
        (
            "update",
            json!({"task": "7.3", "beat": true, "set": {"progress": 40, "notes": "-x"}, "blocked": ""}),
            &["beat --json -- 7.3", "update --json -- 7.3 notes=-x progress=40", "unblock --json -- 7.3"],
        ),
        (
            "submit",
            json!({"task": "7.3", "summary": "--done", "tokens": 9}),
            &["submit --json --summary=--done --tokens=9 -- 7.3", "verify --json -- 7.3"],
        ),
        ("memory", json!({"action": "set", "key": "a/b", "value": "--v"}), &["memory set --json -- a/b --v"]),
        ("memory", json!({"action": "list"}), &["memory list --json"]),
        ("message", json!({"acknowledge": [3, 4]}), &["inbox --json --ack=3 --ack=4", "inbox --json"]),
        (
            "message",
            json!({"text": "hi", "to": "role:planner"}),
            &["notify --json --message=hi --to=role:planner"],
        ),
        ("report", json!({"name": "completion"}), &["report completion --format md"]),
    ] {
        assert_eq!(
            words(tool, given.clone()).as_deref(),
            Ok(lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>().as_slice()),
            "{tool} {given}"
        );
    }
}

#[test]
fn what_is_given_wrongly_is_told() {
    for (tool, given, told) in [
        ("take", json!({"tusk": "7.3"}), "`take` does not take `tusk`; it takes task, roles, paths, ttl"),
        ("take", json!({"task": 7}), "`task` of `take` must be a text"),
        ("show", json!({}), "`show` needs `task`"),
        ("show", json!({"task": null}), "`show` needs `task`"),
        ("update", json!({"task": "7.3"}), "`update` needs something to say"),
        ("update", json!({"task": "7.3", "set": [1]}), "`set` of `update` must be an object"),
        ("memory", json!({"action": "get"}), "this action of `memory` needs `key`"),
        ("memory", json!({"action": "cas", "key": "a", "value": "b"}), "needs `expect`"),
        ("memory", json!({"action": "drop"}), "`memory` cannot `drop`"),
        ("message", json!({"acknowledge": ["x"]}), "`acknowledge` of `message` must be a list of numbers"),
        ("report", json!({"name": "../x"}), "there is no report `../x`"),
    ] {
        let error = words(tool, given.clone()).expect_err("refused");
        assert!(error.contains(told), "{tool} {given}: {error}");
    }
}
