//! `update`: how work on a task goes.

use serde_json::json;

use super::{Step, ToolLine, flag, line, text};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "update",
    about: "Says how work on your task goes: renews its lease, sets fields, leaves a note, reports or lifts an \
            obstacle, records a file you wrote, or gives the task back.",
    reads: false,
    takes: || {
        let fields = json!({ "type": "object", "description": "fields to set, such as {\"progress\": 40}" });
        vec![
            ("task", text("its key"), true),
            ("beat", flag("renew the lease; the answer says whether to stop"), false),
            ("set", fields, false),
            ("note", text("a remark"), false),
            ("blocked", text("what stands in the way; empty lifts it"), false),
            ("wrote", text("a file you wrote"), false),
            ("give_back", text("gives the task back, for this reason"), false),
        ]
    },
    line: |given| {
        let task = given.text("task")?.unwrap_or_default();
        let mut steps: Vec<Step> = Vec::new();
        if given.flag("beat", false)? {
            steps.push(line("beat", &["beat"], &[], &[task]));
        }
        let fields: Vec<String> =
            given.pairs("set")?.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !fields.is_empty() {
            let words: Vec<&str> = std::iter::once(task).chain(fields.iter().map(String::as_str)).collect();
            steps.push(line("update", &["update"], &[], &words));
        }
        if let Some(note) = given.text("note")? {
            steps.push(line("note", &["note"], &[], &[task, note]));
        }
        match given.text("blocked")? {
            None => {}
            Some("") => steps.push(line("unblock", &["unblock"], &[], &[task])),
            Some(reason) => steps.push(line("block", &["block"], &[], &[task, reason])),
        }
        if let Some(file) = given.text("wrote")? {
            let options = [("--file", Some(file.to_owned())), ("--task-id", Some(task.to_owned()))];
            steps.push(line("wrote", &["hooks", "post-edit"], &options, &[]));
        }
        if let Some(reason) = given.text("give_back")? {
            steps.push(line("give_back", &["release"], &[("--reason", Some(reason.to_owned()))], &[task]));
        }
        if steps.is_empty() {
            return Err(
                "`update` needs something to say: beat, set, note, blocked, wrote or give_back".to_owned()
            );
        }
        Ok(steps)
    },
};
