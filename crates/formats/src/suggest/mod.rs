//! Suggestions: probes that criteria almost name already, as a sidecar for the author to accept.
//!
//! A criterion whose prose names a command, a file or a number with a comparison gets a proposal;
//! nothing of it is in force until the author has put it beside the plan. Only words are looked at:
//! whether a command does what it says, nobody knows here. Start reading at [`suggestions`].

mod commands;
mod numbers;
mod paths;

use std::collections::HashMap;
use std::fmt::Write as _;

use model::check::{CheckSpec, FileExpect, Probe};
use model::definition::PLAN_KEY;
use model::draft::{Draft, DraftCriterion, TaskKind};
use model::ids::Key;
use model::target::Target;

/// A probe that a criterion almost names.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The task or phase it would be bound to; `plan` for the plan's own success criteria.
    pub key: Key,
    /// What would prove it.
    pub check: CheckSpec,
    /// The criterion, as the document has it.
    pub criterion: String,
    /// A command that the criterion names beside a number: it may be made to print the number.
    pub reading: Option<String>,
    /// Line of the criterion.
    pub line: u32,
}

/// What a document's criteria name without saying it is a probe, in the order of the document.
pub fn suggestions(draft: &Draft) -> Vec<Suggestion> {
    let mut found = Found::default();
    for task in &draft.tasks {
        for criterion in &task.criteria {
            found.look(&task.key, criterion);
        }
        // A checklist item is its own criterion.
        if task.kind == TaskKind::Item && task.criteria.is_empty() && task.checks.is_empty() {
            found.propose(&task.key, &task.title, None, task.line);
        }
    }
    for phase in &draft.phases {
        for criterion in &phase.exit {
            found.look(&phase.key, criterion);
        }
    }
    if let Ok(plan) = Key::new(PLAN_KEY) {
        for criterion in &draft.criteria {
            found.look(&plan, criterion);
        }
    }
    found.all.sort_by_key(|suggestion| suggestion.line);
    found.all
}

/// The suggestions as a sidecar, each under a comment that says which criterion it would prove.
pub fn sidecar(suggestions: &[Suggestion], source: &str) -> String {
    let mut out = format!(
        "# Proposed from {}, by its words alone. Nothing here is in force until it stands in\n\
         # `countersign.toml` beside the plan: keep what fits, correct it, delete the rest.\n",
        comment(source)
    );
    for suggestion in suggestions {
        // Writing to a string cannot fail.
        let _ = write!(out, "\n{}", table(suggestion));
    }
    if suggestions.is_empty() {
        out.push_str("\n# No criterion names a command, a file or a number.\n");
    }
    out
}

#[derive(Default)]
struct Found {
    all: Vec<Suggestion>,
    /// Names that are taken, by key.
    names: HashMap<Key, Vec<String>>,
}

impl Found {
    fn look(&mut self, key: &Key, criterion: &DraftCriterion) {
        if criterion.checks.is_empty() {
            self.propose(key, &criterion.text, criterion.target.as_ref(), criterion.line);
        }
    }

    fn propose(&mut self, key: &Key, text: &str, target: Option<&Target>, line: u32) {
        let commands = commands::named(text);
        if let Some((name, target)) = numbers::compared(text, target) {
            let probe = Probe::Metric { name: name.clone(), target, command: None };
            self.add(key, CheckSpec::new(name, probe), text, commands.into_iter().next(), line);
            return;
        }
        for command in &commands {
            let probe = Probe::Check { command: command.clone() };
            self.add(key, CheckSpec::new(commands::short(command), probe), text, None, line);
        }
        if commands.is_empty() {
            for (path, contains) in paths::named(text) {
                let expect = contains.map_or(FileExpect::Exists, FileExpect::Contains);
                let name = paths::short(&path);
                self.add(key, CheckSpec::new(name, Probe::File { path, expect }), text, None, line);
            }
        }
    }

    fn add(&mut self, key: &Key, mut check: CheckSpec, text: &str, reading: Option<String>, line: u32) {
        let taken = self.names.entry(key.clone()).or_default();
        if taken.contains(&check.name) {
            let fresh = (2..).map(|twin| format!("{}-{twin}", check.name)).find(|name| !taken.contains(name));
            check.name = fresh.unwrap_or(check.name);
        }
        taken.push(check.name.clone());
        self.all.push(Suggestion { key: key.clone(), check, criterion: text.to_owned(), reading, line });
    }
}

fn table(suggestion: &Suggestion) -> String {
    let Suggestion { key, check, criterion, reading, line } = suggestion;
    let mut out = format!(
        "# line {line}: {}\n[checks.{}.{}]\nkind = {}\n",
        comment(criterion),
        quoted_key(key.as_str()),
        quoted_key(&check.name),
        quoted(check.probe.kind())
    );
    let fields: Vec<(&str, String)> = match &check.probe {
        Probe::Check { command } => vec![("command", command.clone())],
        Probe::Metric { name, target, .. } => {
            vec![("name", name.clone()), ("target", target.to_string())]
        }
        Probe::File { path, expect: FileExpect::Contains(text) } => {
            vec![("path", path.clone()), ("contains", text.clone())]
        }
        Probe::File { path, .. } => vec![("path", path.clone())],
        _ => Vec::new(),
    };
    for (field, value) in fields.into_iter().chain([("text", criterion.clone())]) {
        let _ = writeln!(out, "{field} = {}", quoted(&value));
    }
    if matches!(check.probe, Probe::Metric { .. }) {
        let command = reading.as_deref().unwrap_or("./a-command-that-prints-the-number");
        let _ = writeln!(
            out,
            "# Without a command the last recorded reading counts; with one, the last number it prints:\n\
             # command = {}",
            quoted(command)
        );
    }
    out
}

/// A text on one line of a comment; control characters are not allowed there.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn quoted(text: &str) -> String {
    // Always a basic string on one line, whatever is in it.
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn quoted_key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { name.to_owned() } else { quoted(name) }
}

/// What stands between backticks.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).map(str::trim).filter(|code| !code.is_empty())
}

/// Small letters, digits and `between` for anything else.
fn slug(text: &str, between: char) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with(between) {
            slug.push(between);
        }
    }
    slug.trim_end_matches(between).to_owned()
}

#[cfg(test)]
mod tests;
