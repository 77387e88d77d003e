//! `message`: what agents and people tell each other.

use serde_json::json;

use super::{Step, ToolLine, line, text};

pub(super) const TOOL: ToolLine = ToolLine {
    name: "message",
    about: "Sends a message to an agent, a person, role:NAME or session:ID, or reads your unread ones and \
            acknowledges them.",
    reads: false,
    takes: || {
        let numbers = json!({ "type": "array", "items": { "type": "integer" }, "description": "numbers you have dealt with" });
        vec![
            ("text", text("what to send; your inbox is read where none is given"), false),
            ("to", text("to whom; everybody where none is given"), false),
            ("acknowledge", numbers, false),
        ]
    },
    line: |given| {
        let mut steps: Vec<Step> = Vec::new();
        if let Some(value) = given.value("acknowledge") {
            let numbers = value.as_array().into_iter().flatten().map(serde_json::Value::as_u64);
            let numbers: Vec<u64> = numbers
                .collect::<Option<_>>()
                .ok_or_else(|| given.wrong("acknowledge", "a list of numbers"))?;
            let options: Vec<(&str, Option<String>)> =
                numbers.iter().map(|number| ("--ack", Some(number.to_string()))).collect();
            if !options.is_empty() {
                steps.push(line("acknowledged", &["inbox"], &options, &[]));
            }
        }
        match given.text("text")? {
            Some(message) => {
                let options =
                    [("--message", Some(message.to_owned())), ("--to", given.text("to")?.map(str::to_owned))];
                steps.push(line("sent", &["notify"], &options, &[]));
            }
            None => steps.push(line("inbox", &["inbox"], &[], &[])),
        }
        Ok(steps)
    },
};
