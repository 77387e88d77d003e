//! One batch: `{id, name, priority, status, progress, targetDate, blockers, owner, notes}`.

use std::collections::{HashMap, HashSet};

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged as _;
use model::draft::{DraftTask, Owner, OwnerRole, Stated, Status, TaskKind};
use model::ids::Key;

use super::json::{Faults, described, inside, number, range_of, span_of};
use crate::diagnostics::Lines;
use crate::words::{due, is_empty};

/// Every status a batch may have, and what it says about the work.
pub const STATUSES: [(&str, Stated); 5] = [
    ("not-started", Stated::Open),
    ("queued", Stated::Open),
    ("in-progress", Stated::Active),
    ("blocked", Stated::Open),
    ("done", Stated::Claimed),
];

/// What is said about a status that is none of them.
pub fn invalid_status(word: &str) -> String {
    let allowed = STATUSES.map(|(status, _)| status).join(", ");
    format!("Invalid status '{word}'. Allowed: {allowed}")
}

pub(super) fn read_all(
    elements: &[Value<'_>],
    text: &str,
    lines: &Lines<'_>,
    faults: &mut Faults,
) -> Vec<DraftTask> {
    let mut batches = Vec::with_capacity(elements.len());
    for (place, element) in elements.iter().enumerate() {
        match element {
            Value::Object(object) => {
                faults.repeated(object);
                batches.push(Batch { object, text, lines, place, faults }.read());
            }
            other => {
                faults.wrong(other, format!("a batch must be an object, and this is {}", described(other)));
            }
        }
    }
    let names = Names::of(&batches);
    for task in &mut batches {
        names.resolve(task);
    }
    batches
}

struct Batch<'a, 'f> {
    object: &'a Object<'a>,
    text: &'a str,
    lines: &'a Lines<'a>,
    place: usize,
    faults: &'f mut Faults,
}

impl<'a> Batch<'a, '_> {
    fn read(mut self) -> DraftTask {
        let name = self.text_of("name");
        let (key, key_generated) = self.key(name);
        let title = name.map_or_else(|| key.to_string(), |name| name.trim().to_owned());
        let line = self.lines.line_of(self.object.range.start as u32);
        let mut task = DraftTask::new(key, TaskKind::Batch, title, line, span_of(self.object.range));
        task.key_generated = key_generated;
        task.places.title = self.value("name").map(|value| inside(range_of(value)));
        task.priority = self.text_of("priority").filter(|text| !is_empty(text)).map(str::to_owned);
        self.status(&mut task);
        self.progress(&mut task);
        if let Some(text) = self.text_of("targetDate") {
            task.due = due::read(text);
            task.places.due = self.value("targetDate").map(|value| inside(range_of(value)));
        }
        if let Some(owner) = self.text_of("owner").filter(|text| !is_empty(text)) {
            task.owners.push(Owner { name: owner.trim().to_owned(), role: OwnerRole::Primary });
        }
        self.blockers(&mut task);
        self.extra(&mut task);
        task
    }

    fn value(&self, name: &str) -> Option<&'a Value<'a>> {
        let mut properties = self.object.properties.iter().rev();
        properties.find(|property| property.name.as_str() == name).map(|property| &property.value)
    }

    /// A field that must be text where it is given.
    fn text_of(&mut self, name: &str) -> Option<&'a str> {
        match self.value(name)? {
            Value::StringLit(text) => Some(&text.value),
            Value::NullKeyword(_) => None,
            other => {
                self.faults.wrong(other, format!("`{name}` must be text, and is {}", described(other)));
                None
            }
        }
    }

    fn key(&mut self, name: Option<&str>) -> (Key, bool) {
        let given = match self.value("id") {
            Some(Value::StringLit(id)) => Some(id.value.to_string()),
            Some(other) => {
                self.faults.wrong(other, format!("`id` must be text, and is {}", described(other)));
                number(other).map(|number| number.to_string())
            }
            None => {
                self.faults.missing(self.object, "the batch has no `id`".to_owned());
                None
            }
        };
        if let Some(id) = given {
            match Key::new(&id) {
                Ok(key) => return (key, false),
                Err(error) => {
                    let value = self.value("id").unwrap_or(&NOTHING);
                    self.faults.wrong(value, format!("`id` cannot be used: {error}"));
                }
            }
        }
        let slug = slug(name.unwrap_or_default());
        let slug = if slug.is_empty() { (self.place + 1).to_string() } else { slug };
        let key = Key::new(&format!("batches/{slug}"));
        (key.unwrap_or_else(|_| numbered(self.place)), true)
    }

    fn status(&mut self, task: &mut DraftTask) {
        match self.value("status") {
            Some(value @ Value::StringLit(word)) => {
                let known = STATUSES.iter().find(|(status, _)| *status == word.value);
                if known.is_none() {
                    self.faults.not_allowed(value, invalid_status(&word.value));
                }
                let state = known.map_or(Stated::Open, |(_, state)| *state);
                task.status = Some(Status { word: word.value.to_string(), state });
                task.places.status = Some(inside(range_of(value)));
            }
            Some(other) => {
                self.faults.wrong(other, format!("`status` must be text, and is {}", described(other)));
            }
            None => {}
        }
    }

    fn progress(&mut self, task: &mut DraftTask) {
        let Some(value) = self.value("progress") else { return };
        match number(value) {
            Some(percent) if (0.0..=100.0).contains(&percent) => {
                task.percent = Some(percent);
                task.places.percent = Some(span_of(range_of(value)));
            }
            Some(_) => self.faults.not_allowed(value, "Progress must be between 0 and 100".to_owned()),
            None => {
                self.faults.wrong(value, format!("`progress` must be a number, and is {}", described(value)));
            }
        }
    }

    fn blockers(&mut self, task: &mut DraftTask) {
        let elements = match self.value("blockers") {
            Some(Value::Array(list)) => list.elements.as_slice(),
            None | Some(Value::NullKeyword(_)) => &[],
            Some(other) => {
                self.faults.wrong(other, format!("`blockers` must be a list, and is {}", described(other)));
                &[]
            }
        };
        for element in elements {
            match element {
                Value::StringLit(text) if !is_empty(&text.value) => {
                    task.blockers.push(text.value.trim().to_owned());
                }
                Value::StringLit(_) => {}
                other => {
                    self.faults
                        .wrong(other, format!("a blocker must be text, and this is {}", described(other)));
                }
            }
        }
    }

    /// Notes, and whatever has no name here: text as it is, anything else as its JSON.
    fn extra(&self, task: &mut DraftTask) {
        const KNOWN: [&str; 8] =
            ["id", "name", "priority", "status", "progress", "targetDate", "blockers", "owner"];
        for property in &self.object.properties {
            let name = property.name.as_str();
            if KNOWN.contains(&name) {
                continue;
            }
            let value = match &property.value {
                Value::StringLit(text) => text.value.to_string(),
                other => self.text[other.range().start..other.range().end].to_owned(),
            };
            if !value.is_empty() {
                task.extra.insert(name.to_owned(), value);
            }
        }
    }
}

const NOTHING: Value<'static> = Value::NullKeyword(jsonc_parser::ast::NullKeyword {
    range: jsonc_parser::common::Range { start: 0, end: 0 },
});

fn numbered(place: usize) -> Key {
    Key::new(&format!("batches/{}", place + 1)).expect("a word, a slash and a number make a key")
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().take(64) {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// What batches are called: by id, by name, and by what both look like once they are made alike.
pub(crate) struct Names {
    by_id: HashMap<String, Key>,
    by_slug: HashMap<String, Key>,
    families: HashSet<String>,
}

impl Names {
    pub(crate) fn of(batches: &[DraftTask]) -> Self {
        let mut names = Self { by_id: HashMap::new(), by_slug: HashMap::new(), families: HashSet::new() };
        for task in batches {
            names.by_id.entry(task.key.to_string()).or_insert_with(|| task.key.clone());
            names.families.extend(family(task.key.as_str()).map(str::to_owned));
        }
        for task in batches {
            for called in [task.key.as_str(), &task.title] {
                names.by_slug.entry(slug(called)).or_insert_with(|| task.key.clone());
            }
        }
        names
    }

    /// Blockers that name a batch become needs; so does what can only be meant as an id, for lint
    /// to say that nothing has it. The others stay what they are, words.
    fn resolve(&self, task: &mut DraftTask) {
        let mut words = thin_vec::ThinVec::new();
        for blocker in std::mem::take(&mut task.blockers) {
            match self.key_of(&blocker) {
                Some(key) if !task.needs.contains(&key) => task.needs.push(key),
                Some(_) => {}
                None => words.push(blocker),
            }
        }
        task.blockers = words;
    }

    /// The key of the batch that a blocker names.
    pub(crate) fn key_of(&self, blocker: &str) -> Option<Key> {
        let known = self.by_id.get(blocker).or_else(|| self.by_slug.get(&slug(blocker))).cloned();
        known.or_else(|| {
            let alike = family(blocker).is_some_and(|family| self.families.contains(family));
            alike.then(|| Key::new(blocker).ok()).flatten()
        })
    }
}

/// What stands before the number of an id: `batch-` for `batch-4`.
fn family(id: &str) -> Option<&str> {
    let family = id.trim_end_matches(|c: char| c.is_ascii_digit());
    (family.len() < id.len() && !family.is_empty() && !id.contains(char::is_whitespace)).then_some(family)
}
