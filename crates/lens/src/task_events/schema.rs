//! What an envelope looks like, as a JSON Schema (draft 2020-12) for readers that check what they get.

use serde_json::{Value, json};

/// Where the service gives it out.
pub const PATH: &str = "/api/v1/schemas/task-event.v1.json";

/// The names that readers know.
const KNOWN: [&str; 10] = [
    "task_started",
    "agent_started",
    "agent_completed",
    "agent_failed",
    "agent_skipped",
    "tool_invoked",
    "guardrail_triggered",
    "thinking",
    "progress",
    "task_completed | task_failed",
];

/// The schema of an envelope.
pub fn schema() -> Value {
    let number = json!({ "type": "integer", "minimum": 1 });
    let text = |about: &str| json!({ "type": "string", "minLength": 1, "description": about });
    let name = json!({
        "type": "string",
        "pattern": "^[a-z0-9_]+$",
        "description": format!("What happened: {}. Readers pass over names they do not know.", KNOWN.join(", ")),
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": PATH,
        "title": "Task event",
        "description": "Something that happened to a task, in its task's stream. Fields stand in this order; \
            further ones may be added, and readers pass over what they do not know.",
        "type": "object",
        "required": ["version", "schema", "event", "type", "sequence", "task_id", "timestamp", "payload"],
        "properties": {
            "version": { "const": 1, "description": "Of the envelope." },
            "schema": text("`countersign.task-event.v1`, or the name that `?schema=` asked for."),
            "event": name,
            "type": { "type": "string", "description": "The same as `event`." },
            "sequence": with(&number, "Its number in its task's stream: 1, 2, 3 without gaps."),
            "task_id": {
                "type": "string", "pattern": "^tsk_[0-9a-hjkmnp-tv-z]{26}$", "description": "The task.",
            },
            "timestamp": { "type": "string", "format": "date-time", "description": "When, in UTC." },
            "payload": {
                "type": "object",
                "description": "What belongs to it. It repeats nothing of the envelope.",
                "not": { "anyOf": [
                    { "required": ["task_id"] }, { "required": ["timestamp"] }, { "required": ["run_id"] },
                ]},
            },
            "run_id": text("The run of work it belongs to; there once it is known, and then until the run ends."),
        },
        "allOf": [
            by_name("task_started", json!({
                "required": ["prompt"],
                "properties": { "prompt": { "type": "string", "description": "What was asked for." } },
            })),
            by_name("task_completed", json!({
                "required": ["standing", "verified"],
                "properties": {
                    "standing": { "enum": ["claimed", "verified"] },
                    "verified": {
                        "type": "boolean", "description": "Whether evidence or a person stands behind it.",
                    },
                },
            })),
            by_name("task_failed", json!({
                "required": ["standing", "reason"],
                "properties": { "standing": { "const": "dropped" }, "reason": { "type": "string" } },
            })),
        ],
    })
}

/// The schema as it is published.
pub fn document() -> String {
    format!("{:#}\n", schema())
}

fn with(schema: &Value, about: &str) -> Value {
    let mut schema = schema.clone();
    schema["description"] = json!(about);
    schema
}

/// What holds for events of a name: `event` and `type` say the same, and the payload is so.
fn by_name(name: &str, payload: Value) -> Value {
    json!({
        "if": { "required": ["event"], "properties": { "event": { "const": name } } },
        "then": { "properties": { "type": { "const": name }, "payload": payload } },
    })
}
