//! Every command crosses the wire and is what it was.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Command;
use crate::definition::Definition;
use crate::digest::Digest;
use crate::registers::{EntryDetails, RiskDetails};
use crate::scopes::{asked_for, asked_of_the_system};

const TASK: &str = "tsk_00000000000000000000000001";
const CHECK: &str = "chk_00000000000000000000000002";
const WAIVER: &str = "wvr_00000000000000000000000003";
const TIME: &str = "2031-05-01T09:00:00Z";

/// One of each.
fn samples() -> Vec<Value> {
    let (digest, seq) = (json!(Digest::ZERO), json!(7));
    let definition = serde_json::to_value(Definition::default()).unwrap();
    let (entry, risk) = (
        serde_json::to_value(EntryDetails::default()).unwrap(),
        serde_json::to_value(RiskDetails::default()).unwrap(),
    );
    let usage = json!({ "tokens": 1, "money_micros": 2, "seconds": 3 });
    let told = json!({ "task": TASK, "facts": [{ "percent": 12.5 }], "asserted": null });
    vec![
        json!({ "adopt_plan": definition }),
        json!({ "revise_plan": { "onto": 1, "base": definition, "definition": definition } }),
        json!({ "revise_tasks": { "onto": 1, "sources": [], "edits": [], "told": [told] } }),
        json!({ "start": TASK }),
        json!({ "claim": { "task": TASK, "how": "verb" } }),
        json!({ "update": { "task": TASK, "put": [{ "priority": "P0" }], "clear": [] } }),
        json!({ "rewire": { "task": TASK, "needs": [TASK], "blockers": ["rain"] } }),
        json!({ "block": { "task": TASK, "reason": "rain" } }),
        json!({ "unblock": TASK }),
        json!({ "drop": { "task": TASK, "reason": "no" } }),
        json!({ "reopen": { "task": TASK, "reason": "no" } }),
        json!({ "note": { "task": TASK, "text": "é\n\"" } }),
        json!({ "attach": { "task": TASK, "name": "a", "blob": digest, "size": 9 } }),
        json!({ "record_verdict": { "check": CHECK, "attempt": 1, "spec": digest, "inputs": digest,
            "outcome": "pass", "evidence": { "summary": "exit status 0", "exit": 0, "value": 0.1,
            "output": null, "milliseconds": 5 } } }),
        json!({ "verify": { "task": TASK, "inputs": digest } }),
        json!({ "approve": { "subject": { "task": TASK }, "check": null, "role": "lead" } }),
        json!({ "approve_weakening": { "check": CHECK } }),
        json!({ "waive": { "check": CHECK, "reason": "x", "until": TIME, "approve": false } }),
        json!({ "waive_need": { "task": TASK, "need": TASK, "reason": "x", "until": TIME, "approve": true } }),
        json!({ "approve_waiver": WAIVER }),
        json!({ "revoke_waiver": { "waiver": WAIVER, "reason": "x" } }),
        json!({ "add_task": { "kind": "item", "key": "T-1", "title": "x", "needs": [], "facts": [] } }),
        json!({ "add_risk": { "key": null, "details": risk } }),
        json!({ "change_risk": { "key": "R-1", "details": risk } }),
        json!({ "decide": entry }),
        json!({ "escalate": { "entry": entry, "task": TASK } }),
        json!({ "resolve_escalation": { "escalation": "esc_00000000000000000000000004", "outcome": "x" } }),
        json!({ "assume": "it rains" }),
        json!({ "check_assumption": { "assumption": "asm_00000000000000000000000005", "holds": true } }),
        json!({ "define_metric": { "name": "m", "unit": null, "target": "< 20" } }),
        json!({ "record_reading": { "name": "m", "value": 1.5, "unit": null, "source": "x", "role": "baseline" } }),
        json!({ "record_ci_run": { "workflow": "ci", "result": "success", "seconds": 1.0 } }),
        json!({ "record_deployment": { "environment": "e", "result": "succeeded", "at": TIME } }),
        json!({ "open_incident": { "key": null, "text": "x", "severity": null, "since": TIME } }),
        json!({ "end_incident": { "incident": "I-1", "outcome": "x", "at": null } }),
        json!({ "rebaseline": { "task": TASK, "to": { "estimate": 2.5 }, "reason": "x" } }),
        json!({ "approve_rebaseline": { "task": TASK, "role": "lead" } }),
        json!({ "intend_document": { "path": "P", "from": digest, "to": digest, "through": seq,
            "edits": null } }),
        json!({ "sync_document": { "path": "P", "digest": digest, "through": seq } }),
        json!({ "take": { "which": { "task": TASK }, "roles": [], "ttl_seconds": 9, "paths": null,
            "base": null } }),
        json!({ "beat": TASK }),
        json!({ "tell_silence": TASK }),
        json!({ "release": { "task": TASK, "how": "released", "reason": "x" } }),
        json!({ "submit": { "task": TASK, "commit": null, "touched": ["a"], "summary": "x" } }),
        json!({ "reserve": { "task": TASK, "paths": ["a"], "shared": false } }),
        json!({ "touch": { "task": TASK, "path": "a", "digest": digest } }),
        json!({ "hand_off": { "from": "a", "to": "b" } }),
        json!({ "record_usage": { "task": TASK, "usage": usage } }),
        json!({ "report": { "task": TASK, "name": "progress", "payload": { "deep": [1, { "a": null }] } } }),
        json!({ "allow_budget": { "usage": usage, "reason": "x" } }),
        json!({ "request_review": { "about": null, "summary": "x", "due": null, "payload": { "a": "b" } } }),
        json!({ "assign_ticket": { "ticket": "tkt_00000000000000000000000007", "reviewer": "Ada" } }),
        json!({ "unassign_ticket": "tkt_00000000000000000000000007" }),
        json!({ "note_ticket": { "ticket": "tkt_00000000000000000000000007", "text": "x" } }),
        json!({ "resolve_ticket": { "ticket": "tkt_00000000000000000000000007", "outcome": "resolved", "summary": "x", "check": null,
            "role": null } }),
        json!({ "halt": { "reason": "x" } }),
        json!("resume"),
        json!({ "register_agent": { "agent": "a", "card": {} } }),
        json!({ "start_session": { "session": "s", "plan": null, "topology": null, "max_agents": 3,
            "silence_seconds": null } }),
        json!({ "join_session": { "session": "s", "agent": "a" } }),
        json!({ "see_agent": { "session": "s", "agent": "a", "process": null } }),
        json!({ "end_session": { "session": "s", "reason": "x", "stuck": false } }),
        json!({ "set_memory": { "key": "k", "value": "v", "expect": 0, "ttl_seconds": null, "tags": [],
            "under": null } }),
        json!({ "delete_memory": { "key": "k", "expect": null, "under": null } }),
        json!({ "send_message": { "to": "everybody", "text": "x", "plan": null, "task": null, "answers": 3 } }),
        json!({ "acknowledge_messages": [1, 2] }),
        json!({ "issue_token": { "name": "ci", "digest": digest, "subject": { "agent": "a" }, "roles": ["lead"],
            "scopes": [], "until": null } }),
        json!({ "revoke_token": { "id": "tok_00000000000000000000000006", "reason": "x" } }),
        json!({ "trust": { "path": "P", "set": digest, "commands": 1 } }),
        json!({ "register_key": { "person": "Ada", "key": "ed25519:x" } }),
    ]
}

/// What a command is called in JSON.
fn tag(sample: &Value) -> String {
    let named = sample.as_object().and_then(|fields| fields.keys().next()).map(String::as_str);
    named.or(sample.as_str()).expect("a tag").to_owned()
}

#[test]
fn every_command_survives_the_way_there_and_has_a_scope() {
    let mut seen = BTreeSet::new();
    for sample in samples() {
        let command: Command =
            serde_json::from_value(sample.clone()).unwrap_or_else(|error| panic!("{sample}: {error}"));
        let text = serde_json::to_string(&command).unwrap();
        let back: Command = serde_json::from_str(&text).unwrap();
        assert_eq!(back, command, "{text}");
        // A signature is over this.
        assert_eq!(format!("{back:?}"), format!("{command:?}"));
        assert!(
            !asked_for(&command).as_str().is_empty() && !asked_of_the_system(&command).as_str().is_empty()
        );
        assert!(seen.insert(tag(&sample)), "twice: {text}");
    }
    // The error of a command that is none lists those there are.
    let error = serde_json::from_str::<Command>("{\"nothing\":1}").unwrap_err().to_string();
    let known: BTreeSet<String> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert_eq!(seen, known);
}

#[test]
fn what_nobody_asked_for_is_not_passed_over() {
    for text in [
        r#"{"halt":{"reason":"x","quietly":true}}"#,
        r#"{"take":{"which":"next","roles":[],"ttl_seconds":null,"paths":null,"base":null,"as":"Ada"}}"#,
        r#"{"start":"tsk_00000000000000000000000001","claim":{}}"#,
    ] {
        assert!(serde_json::from_str::<Command>(text).is_err(), "{text}");
    }
}
