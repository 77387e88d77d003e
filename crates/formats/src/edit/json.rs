//! Writing into `execution-plan.json`: values, properties that are not there yet, and lists, in
//! the layout the document has.

use std::collections::HashMap;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use model::diagnostic::Span;
use model::draft::{DraftTask, Stated};
use model::writing::{About, Content, Field, Wish};

use super::layout::Layout;
use super::meaning::{Reads, Said, is_nothing, said, says, vocabulary_word};
use super::numbers::javascript;
use super::{Planned, Reason, TextEdit, Unwritten, Written};
use crate::Reading;
use crate::diagnostics::Lines;
use crate::execution_plan::STATUSES;
use crate::execution_plan::batch::Names;
use crate::execution_plan::json::{inside, number, parse, span_of};

/// Every value that may be written back.
pub(super) fn fields(reading: &Reading) -> Vec<Written> {
    let Ok(Value::Object(root)) = parse(&reading.text) else { return Vec::new() };
    let page = Page::new(&reading.text, &root, &reading.draft.tasks);
    let lines = Lines::new(&reading.text);
    let mut fields = Vec::new();
    for (task, object) in &page.batches {
        for property in last_of_each(object) {
            let Some(field) = field_of(property.name.as_str()) else { continue };
            if let Some((content, span)) = page.content(&field, &property.value) {
                let line = lines.line_of(span.start);
                fields.push(Written { about: About::Task(task.key.clone()), field, content, span, line });
            }
        }
    }
    for property in page.metrics.iter().flat_map(|metrics| last_of_each(metrics)) {
        if let Some((content, span)) = page.content(&Field::Value, &property.value) {
            let about = About::Metric(property.name.as_str().to_owned());
            let line = lines.line_of(span.start);
            fields.push(Written { about, field: Field::Value, content, span, line });
        }
    }
    fields.sort_by_key(|field| field.span);
    fields
}

/// Plans the edits that some wishes take.
pub(super) fn plan(reading: &Reading, wishes: &[Wish], planned: &mut Planned) {
    let unwritten = |wish: &Wish, reason| Unwritten { wish: wish.clone(), reason };
    let Ok(Value::Object(root)) = parse(&reading.text) else {
        planned.unwritten.extend(wishes.iter().map(|wish| unwritten(wish, Reason::Absent)));
        return;
    };
    let page = Page::new(&reading.text, &root, &reading.draft.tasks);
    let mut added: Vec<(Owner, Vec<(&str, String)>)> = Vec::new();
    for wish in wishes {
        match page.change(wish) {
            Ok(None) => {}
            Ok(Some(Change::Replace(edit))) => planned.edits.push(edit),
            Ok(Some(Change::Add(owner, name, value))) => {
                match added.iter_mut().find(|(known, _)| *known == owner) {
                    Some((_, properties)) => properties.push((name, value)),
                    None => added.push((owner, vec![(name, value)])),
                }
            }
            Err(reason) => planned.unwritten.push(unwritten(wish, reason)),
        }
    }
    for (owner, properties) in added {
        planned.edits.extend(page.add(owner, &properties));
    }
}

/// A document taken apart.
struct Page<'a> {
    text: &'a str,
    root: &'a Object<'a>,
    layout: Layout<'a>,
    batches: Vec<(&'a DraftTask, &'a Object<'a>)>,
    /// Places in `batches` by key; nothing where two have it.
    by_key: HashMap<&'a str, Option<usize>>,
    metrics: Option<&'a Object<'a>>,
    names: Names,
}

/// What a property is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Batch(usize),
    Metrics,
}

enum Change<'w> {
    Replace(TextEdit),
    Add(Owner, &'w str, String),
}

impl<'a> Page<'a> {
    fn new(text: &'a str, root: &'a Object<'a>, tasks: &'a [DraftTask]) -> Self {
        let value = |name: &str| property(root, name).map(|property| &property.value);
        let objects: Vec<&Object<'_>> = match value("batches") {
            Some(Value::Array(list)) => {
                list.elements.iter().filter_map(|element| element.as_object()).collect()
            }
            _ => Vec::new(),
        };
        let batches: Vec<_> = tasks.iter().zip(objects).collect();
        let mut by_key = HashMap::with_capacity(batches.len());
        for (at, (task, _)) in batches.iter().enumerate() {
            by_key.entry(task.key.as_str()).and_modify(|known| *known = None).or_insert(Some(at));
        }
        let metrics = match value("metrics") {
            Some(Value::Object(metrics)) => Some(metrics),
            _ => None,
        };
        Self {
            text,
            root,
            layout: Layout::new(text, root),
            batches,
            by_key,
            metrics,
            names: Names::of(tasks),
        }
    }

    fn change<'w>(&self, wish: &'w Wish) -> Result<Option<Change<'w>>, Reason> {
        let (owner, object, name) = match &wish.about {
            About::Task(key) => {
                let at = self.by_key.get(key.as_str()).ok_or(Reason::Absent)?.ok_or(Reason::Ambiguous)?;
                let name = name_of(&wish.field).ok_or(Reason::Absent)?;
                (Owner::Batch(at), Some(self.batches[at].1), name)
            }
            About::Metric(name) if wish.field == Field::Value => {
                (Owner::Metrics, self.metrics, name.as_str())
            }
            About::Metric(_) | About::Criterion { .. } => return Err(Reason::Absent),
        };
        let known = object.and_then(|object| property(object, name));
        let now = known.and_then(|property| self.content(&wish.field, &property.value));
        match &now {
            Some((now, _)) if says(Reads::Exactly, &wish.field, now, &wish.content) => return Ok(None),
            // What is not there is as good as empty.
            None if known.is_none_or(|known| is_null(&known.value)) && is_nothing(&wish.content) => {
                return Ok(None);
            }
            _ => {}
        }
        let value = self.value(wish, owner, known)?;
        Ok(Some(match known {
            Some(known) => Change::Replace(TextEdit { span: span_of(known.value.range()), text: value }),
            None => Change::Add(owner, name, value),
        }))
    }

    /// What a value says as the content of a field, and where that stands.
    fn content(&self, field: &Field, value: &Value<'_>) -> Option<(Content, Span)> {
        let whole = span_of(value.range());
        let content = match (field, value) {
            (Field::Status, Value::StringLit(word)) => {
                let known = STATUSES.iter().find(|(status, _)| *status == word.value);
                let state = known.map_or(Stated::Open, |(_, state)| *state);
                Content::Status {
                    state,
                    blocked: word.value == "blocked",
                    word: Some(word.value.to_string()),
                }
            }
            (Field::Percent, value) => {
                Content::Number(number(value).filter(|number| (0.0..=100.0).contains(number))?)
            }
            (Field::Value, value) => Content::Number(number(value)?),
            (Field::Blockers, Value::Array(list)) => {
                let mut items: Vec<String> = Vec::with_capacity(list.elements.len());
                for element in &list.elements {
                    let item = self.blocker(element)?;
                    if !item.is_empty() && !items.contains(&item) {
                        items.push(item);
                    }
                }
                Content::List(items)
            }
            (Field::Status | Field::Blockers, _) => return None,
            (_, Value::StringLit(text)) => Content::Text(text.value.to_string()),
            (Field::Extra(_), Value::NullKeyword(_)) => return None,
            (Field::Extra(_), _) => Content::Text(self.text[whole.range()].to_owned()),
            _ => return None,
        };
        let span = if matches!(value, Value::StringLit(_)) { inside(value.range()) } else { whole };
        Some((content, span))
    }

    /// The key that a blocker names, else its words.
    fn blocker(&self, element: &Value<'_>) -> Option<String> {
        let Value::StringLit(text) = element else { return None };
        if crate::words::is_empty(&text.value) {
            return Some(String::new());
        }
        let text = text.value.trim();
        Some(self.names.key_of(text).map_or_else(|| text.to_owned(), |key| key.to_string()))
    }

    /// The JSON that makes a field say what is wished.
    fn value(&self, wish: &Wish, owner: Owner, known: Option<&ObjectProp<'_>>) -> Result<String, Reason> {
        let now = known.map(|known| &known.value);
        match (&wish.field, &wish.content) {
            (Field::Status, Content::Status { state, blocked, word }) => {
                let word = self.status_word(*state, *blocked, word.as_deref(), now).ok_or(Reason::NoWord)?;
                Ok(quoted(word))
            }
            (Field::Percent | Field::Value, Content::Number(number)) if number.is_finite() => {
                Ok(javascript(*number))
            }
            (Field::Owner | Field::Due | Field::Priority, Content::Text(text)) => Ok(quoted(text)),
            (Field::Extra(_), Content::Text(text)) => match now {
                None | Some(Value::StringLit(_) | Value::NullKeyword(_)) => Ok(quoted(text)),
                Some(Value::NumberLit(_)) => text.parse().map(javascript).map_err(|_| Reason::Kind),
                Some(Value::BooleanLit(_)) if matches!(text.as_str(), "true" | "false") => Ok(text.clone()),
                Some(_) => Err(Reason::Kind),
            },
            (Field::Blockers, Content::List(items)) => Ok(self.list(items, owner, known)),
            _ => Err(Reason::Kind),
        }
    }

    fn status_word(
        &self,
        state: Stated,
        blocked: bool,
        word: Option<&str>,
        now: Option<&Value<'_>>,
    ) -> Option<&'static str> {
        if let Some(word) = word.and_then(vocabulary_word) {
            return Some(word);
        }
        match said(state, blocked) {
            Said::Done => Some("done"),
            Said::Active => Some("in-progress"),
            Said::Blocked => Some("blocked"),
            Said::Dropped => None,
            Said::Open => {
                let queued = matches!(now, Some(Value::StringLit(word)) if word.value == "queued");
                Some(if queued { "queued" } else { "not-started" })
            }
        }
    }

    /// A list in the layout it has, else in that of the other lists of its kind. What stays in it
    /// stays as it is written.
    fn list(&self, items: &[String], owner: Owner, known: Option<&ObjectProp<'_>>) -> String {
        let elements = match known.map(|known| &known.value) {
            Some(Value::Array(list)) => list.elements.as_slice(),
            _ => &[],
        };
        let mut left: Vec<&String> = items.iter().collect();
        let mut raw: Vec<String> = Vec::with_capacity(items.len());
        for element in elements {
            let named = self.blocker(element);
            if let Some(at) = left.iter().position(|item| Some(*item) == named.as_ref()) {
                left.remove(at);
                raw.push(self.text[element.range().start..element.range().end].to_owned());
            }
        }
        raw.extend(left.iter().map(|item| quoted(item)));
        let object = match owner {
            Owner::Batch(at) => self.batches.get(at).map(|(_, object)| *object),
            Owner::Metrics => None,
        };
        let model = match known.map(|known| &known.value) {
            Some(Value::Array(list)) if !list.elements.is_empty() => Some(list),
            _ => None,
        };
        // Another batch shows how the author lays such lists out.
        let others = || {
            self.batches.iter().find_map(|(_, object)| match &property(object, "blockers")?.value {
                Value::Array(list) if !list.elements.is_empty() => Some(list),
                _ => None,
            })
        };
        match model {
            Some(list) => self.layout.list_like(list, &raw),
            None => self.layout.new_list(others(), object, known, &raw),
        }
    }

    /// The edit that adds properties to an object, or the object with them.
    fn add(&self, owner: Owner, properties: &[(&str, String)]) -> Option<TextEdit> {
        let object = match owner {
            Owner::Batch(at) => Some(self.batches.get(at)?.1),
            Owner::Metrics => self.metrics,
        };
        if let Some(object) = object {
            return Some(self.layout.added(object, properties));
        }
        let whole = self.layout.object_in(self.root, properties);
        Some(match property(self.root, "metrics") {
            Some(known) => TextEdit { span: span_of(known.value.range()), text: whole },
            None => self.layout.added(self.root, &[("metrics", whole)]),
        })
    }
}

/// The property that counts where one stands twice: the last.
fn property<'o>(object: &'o Object<'o>, name: &str) -> Option<&'o ObjectProp<'o>> {
    object.properties.iter().rev().find(|property| property.name.as_str() == name)
}

fn last_of_each<'o>(object: &'o Object<'o>) -> impl Iterator<Item = &'o ObjectProp<'o>> {
    object.properties.iter().enumerate().filter_map(|(at, property)| {
        let again =
            object.properties[at + 1..].iter().any(|later| later.name.as_str() == property.name.as_str());
        (!again).then_some(property)
    })
}

fn field_of(name: &str) -> Option<Field> {
    Some(match name {
        "id" | "name" => return None,
        "status" => Field::Status,
        "progress" => Field::Percent,
        "priority" => Field::Priority,
        "targetDate" => Field::Due,
        "owner" => Field::Owner,
        "blockers" => Field::Blockers,
        other => Field::Extra(other.to_owned()),
    })
}

fn name_of(field: &Field) -> Option<&str> {
    match field {
        Field::Status => Some("status"),
        Field::Percent => Some("progress"),
        Field::Priority => Some("priority"),
        Field::Due => Some("targetDate"),
        Field::Owner => Some("owner"),
        Field::Blockers => Some("blockers"),
        // What another field is about is no extra.
        Field::Extra(name) => matches!(field_of(name), Some(Field::Extra(_))).then_some(name),
        Field::Mark | Field::Evidence | Field::Value => None,
    }
}

fn is_null(value: &Value<'_>) -> bool {
    matches!(value, Value::NullKeyword(_))
}

/// A text as a JSON string, escaped as little as JSON allows.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
