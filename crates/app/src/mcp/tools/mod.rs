//! The tools, one file each. To add one: its file, and a line in [`TOOLS`]; all their descriptions
//! together stay under 2,000 tokens, for they fill every agent's context.

mod memory;
mod message;
mod ready;
mod report;
mod show;
mod submit;
mod take;
mod update;

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

/// Every tool, in the order an agent meets them.
pub const TOOLS: &[ToolLine] = &[
    ready::TOOL,
    take::TOOL,
    show::TOOL,
    update::TOOL,
    submit::TOOL,
    memory::TOOL,
    message::TOOL,
    report::TOOL,
];

/// One line of the registry.
pub struct ToolLine {
    /// `take`.
    pub name: &'static str,
    /// What it does and when to use it.
    pub about: &'static str,
    /// Whether it only reads.
    pub reads: bool,
    /// What it takes: name, schema, whether it must be there.
    pub takes: fn() -> Vec<(&'static str, Value, bool)>,
    /// The command lines it stands for.
    pub line: fn(&mut Given<'_>) -> Result<Vec<Step>, String>,
}

/// One command line of a tool.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Under which name its answer is given, where there are several.
    pub name: &'static str,
    /// Its words, without the program.
    pub arguments: Vec<String>,
}

/// The tool of this name.
pub(super) fn named(name: &str) -> Option<&'static ToolLine> {
    TOOLS.iter().find(|tool| tool.name == name)
}

impl ToolLine {
    /// As the protocol lists it.
    pub fn tool(&self) -> Tool {
        let takes = (self.takes)();
        let required: Vec<&str> =
            takes.iter().filter(|(_, _, must)| *must).map(|(name, _, _)| *name).collect();
        let properties: JsonObject =
            takes.iter().map(|(name, schema, _)| ((*name).to_owned(), schema.clone())).collect();
        let mut schema = JsonObject::new();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), Value::Object(properties));
        schema.insert("required".to_owned(), json!(required));
        schema.insert("additionalProperties".to_owned(), json!(false));
        let hints = ToolAnnotations::new().read_only(self.reads).destructive(false).open_world(false);
        Tool::new(self.name, self.about, Arc::new(schema)).with_annotations(hints)
    }

    /// The command lines that arguments stand for, or what is wrong with them.
    pub fn steps(&self, given: &JsonObject) -> Result<Vec<Step>, String> {
        let takes = (self.takes)();
        for name in given.keys() {
            if !takes.iter().any(|(known, _, _)| known == name) {
                let known: Vec<&str> = takes.iter().map(|(known, _, _)| *known).collect();
                return Err(format!("`{}` does not take `{name}`; it takes {}", self.name, known.join(", ")));
            }
        }
        for (name, _, must) in &takes {
            if *must && given.get(*name).is_none_or(Value::is_null) {
                return Err(format!("`{}` needs `{name}`", self.name));
            }
        }
        (self.line)(&mut Given { tool: self.name, values: given })
    }
}

/// What an agent gave a tool.
pub struct Given<'g> {
    tool: &'static str,
    values: &'g JsonObject,
}

impl<'g> Given<'g> {
    fn value(&self, name: &str) -> Option<&'g Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, wanted: &str) -> String {
        format!("`{name}` of `{}` must be {wanted}", self.tool)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&'g str>, String> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(name, "a text"))
    }

    /// A list of texts, or one text.
    pub fn texts(&self, name: &str) -> Result<Vec<&'g str>, String> {
        let wrong = || self.wrong(name, "a list of texts");
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// A whole number from zero.
    pub fn count(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_u64().map(Some).ok_or_else(|| self.wrong(name, "a whole number from 0"))
    }

    /// Yes or no.
    pub fn flag(&self, name: &str, otherwise: bool) -> Result<bool, String> {
        let Some(value) = self.value(name) else { return Ok(otherwise) };
        value.as_bool().ok_or_else(|| self.wrong(name, "true or false"))
    }

    /// Names with values, which may be texts, numbers or true and false.
    pub fn pairs(&self, name: &str) -> Result<Vec<(&'g str, String)>, String> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(name, "an object of texts and numbers");
        let pairs = value.as_object().ok_or_else(wrong)?;
        pairs
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) => Ok((name.as_str(), text.clone())),
                Value::Number(_) | Value::Bool(_) => Ok((name.as_str(), value.to_string())),
                _ => Err(wrong()),
            })
            .collect()
    }
}

/// The words of one verb: options first, then `--`, then what is never taken for an option.
fn line(name: &'static str, words: &[&str], options: &[(&str, Option<String>)], plain: &[&str]) -> Step {
    let mut arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    arguments.push("--json".to_owned());
    for (option, value) in options {
        if let Some(value) = value {
            // In one word, so that a value that begins with a dash stays a value.
            arguments.push(format!("{option}={value}"));
        }
    }
    if !plain.is_empty() {
        arguments.push("--".to_owned());
        arguments.extend(plain.iter().map(|word| (*word).to_owned()));
    }
    Step { name, arguments }
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn texts(about: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": about })
}

fn count(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn flag(about: &str) -> Value {
    json!({ "type": "boolean", "description": about })
}

fn one_of(words: &[&str], about: &str) -> Value {
    json!({ "type": "string", "enum": words, "description": about })
}

#[cfg(test)]
mod tests;
