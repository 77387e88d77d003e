//! JSON as peers write it: records whose fields are taken one by one, whatever nobody took kept as
//! it is; and a small tree to write it again with the fields in the order people know.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged as _;
use model::diagnostic::{Diagnostic, Severity, Span};

use super::lost::Lost;
use crate::diagnostics::Lines;
use crate::execution_plan::json::{described, number, parse};

/// A file being read, and what is odd about it so far.
pub(super) struct Sheet<'t> {
    pub(super) path: &'t str,
    pub(super) text: &'t str,
    pub(super) lines: Lines<'t>,
    pub(super) found: Vec<Diagnostic>,
    pub(super) lost: Vec<Lost>,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(text: &'t str, path: &'t str) -> Self {
        Self { path, text, lines: Lines::new(text), found: Vec::new(), lost: Vec::new() }
    }

    /// Parses a stretch of the file.
    pub(super) fn parse(&mut self, range: Range<usize>) -> Option<Value<'t>> {
        let base = range.start as u32;
        match parse(&self.text[range]) {
            Ok(value) => Some(value),
            Err(mut fault) => {
                fault.span = Span { start: fault.span.start + base, end: fault.span.end + base };
                self.found.push(*fault);
                None
            }
        }
    }

    /// A value that cannot be what its field means: told, and lost.
    pub(super) fn wrong(&mut self, span: Span, key: Option<&str>, field: &str, why: String) {
        let line = self.lines.line_of(span.start);
        let value = &self.text[span.range()];
        let lost = Lost::new(self.path, line, field, value, &why);
        self.lost.push(match key {
            Some(key) => lost.of(key),
            None => lost,
        });
        self.found.push(Diagnostic::new("document/field-invalid", Severity::Error, span, why));
    }
}

/// The fields of an object that nobody has taken yet.
pub(super) struct Record<'t> {
    fields: Vec<(String, Value<'t>)>,
    /// Where the text begins that the values were parsed from.
    base: usize,
    /// Its whole place.
    pub(super) span: Span,
    /// Its line.
    pub(super) line: u32,
    /// What its fields are told under.
    pub(super) key: Option<String>,
}

impl<'t> Record<'t> {
    pub(super) fn new(object: Object<'t>, base: usize, sheet: &mut Sheet<'t>) -> Self {
        let span = Span::new(base + object.range.start, base + object.range.end);
        let line = sheet.lines.line_of(span.start);
        let mut record = Self { fields: Vec::new(), base, span, line, key: None };
        for property in object.properties {
            let name = property.name.as_str().to_owned();
            if let Some(place) = record.fields.iter().position(|(known, _)| *known == name) {
                let (_, earlier) = record.fields.remove(place);
                let why = format!("`{name}` stands here twice, and only the last one counts");
                sheet.wrong(record.place(&earlier), None, &name, why);
            }
            if !matches!(property.value, Value::NullKeyword(_)) {
                record.fields.push((name, property.value));
            }
        }
        record
    }

    /// Where a value stands.
    pub(super) fn place(&self, value: &Value<'t>) -> Span {
        let range = value.range();
        Span::new(self.base + range.start, self.base + range.end)
    }

    /// The names of the fields nobody has taken yet.
    pub(super) fn names(&self) -> Vec<String> {
        self.fields.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Takes a field, whatever it is.
    pub(super) fn take(&mut self, name: &str) -> Option<Value<'t>> {
        let place = self.fields.iter().position(|(known, _)| known == name)?;
        Some(self.fields.remove(place).1)
    }

    /// Takes a field that must be text; an empty one is none.
    pub(super) fn text(&mut self, name: &str, sheet: &mut Sheet<'t>) -> Option<String> {
        match self.take(name)? {
            Value::StringLit(text) => Some(text.value.into_owned()).filter(|text| !text.trim().is_empty()),
            other => {
                self.wrong(&other, name, "text", sheet);
                None
            }
        }
    }

    /// Takes an id: text, or a number as it is written.
    pub(super) fn id(&mut self, name: &str, sheet: &mut Sheet<'t>) -> Option<String> {
        let value = self.take(name)?;
        let id = id_of(&value);
        if id.is_none() {
            self.wrong(&value, name, "text or a number", sheet);
        }
        id
    }

    /// Takes a finite number.
    pub(super) fn number(&mut self, name: &str, sheet: &mut Sheet<'t>) -> Option<f64> {
        let value = self.take(name)?;
        let found = number(&value);
        if found.is_none() {
            self.wrong(&value, name, "a number", sheet);
        }
        found
    }

    /// Takes a list.
    pub(super) fn list(&mut self, name: &str, sheet: &mut Sheet<'t>) -> Vec<Value<'t>> {
        match self.take(name) {
            Some(Value::Array(list)) => list.elements,
            Some(other) => {
                self.wrong(&other, name, "a list", sheet);
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Takes a list of texts.
    pub(super) fn texts(&mut self, name: &str, sheet: &mut Sheet<'t>) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.list(name, sheet) {
            match value {
                Value::StringLit(text) => texts.push(text.value.into_owned()),
                other => self.wrong(&other, name, "a list of texts", sheet),
            }
        }
        texts
    }

    /// An object among the values of a field.
    pub(super) fn record(&self, value: Value<'t>, field: &str, sheet: &mut Sheet<'t>) -> Option<Record<'t>> {
        match value {
            Value::Object(object) => {
                let mut record = Record::new(object, self.base, sheet);
                record.key.clone_from(&self.key);
                Some(record)
            }
            other => {
                self.wrong(&other, field, "an object", sheet);
                None
            }
        }
    }

    /// A value that is not what its field means.
    pub(super) fn wrong(&self, value: &Value<'t>, name: &str, wanted: &str, sheet: &mut Sheet<'t>) {
        let why = format!("`{name}` must be {wanted}, and is {}", described(value));
        sheet.wrong(self.place(value), self.key.as_deref(), name, why);
    }

    /// The text of a value as it stands in the file.
    pub(super) fn raw(&self, value: &Value<'t>, sheet: &Sheet<'t>) -> &'t str {
        &sheet.text[self.place(value).range()]
    }

    /// Everything that nobody took, by name.
    pub(super) fn rest(self, sheet: &mut Sheet<'t>) -> BTreeMap<String, String> {
        let mut rest = BTreeMap::new();
        let Self { fields, base, key, .. } = self;
        for (name, value) in fields {
            let range = value.range();
            let span = Span::new(base + range.start, base + range.end);
            match kept(&value, &sheet.text[span.range()]) {
                Some(text) => drop(rest.insert(name, text)),
                None => {
                    let why = format!("`{name}` holds a number that is too large to be kept");
                    sheet.wrong(span, key.as_deref(), &name, why);
                }
            }
        }
        rest
    }
}

/// An id as text.
pub(super) fn id_of(value: &Value<'_>) -> Option<String> {
    match value {
        Value::StringLit(text) => Some(text.value.trim().to_owned()),
        Value::NumberLit(number) => Some(number.value.to_owned()),
        _ => None,
    }
}

/// A value as text that [`Json::kept`] writes back as it was: words as they are, the rest as JSON.
fn kept(value: &Value<'_>, raw: &str) -> Option<String> {
    match value {
        Value::StringLit(text) if serde_json::from_str::<serde_json::Value>(&text.value).is_err() => {
            Some(text.value.to_string())
        }
        Value::StringLit(text) => Some(quoted(&text.value)),
        _ => serde_json::from_str::<serde_json::Value>(raw).ok().map(|_| raw.to_owned()),
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// JSON to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    /// Text.
    Text(String),
    /// JSON as it is.
    Raw(String),
    /// A list.
    List(Vec<Json>),
    /// Fields in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn number(number: impl std::fmt::Display) -> Self {
        Self::Raw(number.to_string())
    }

    pub(super) fn texts<T: AsRef<str>>(texts: &[T]) -> Self {
        Self::List(texts.iter().map(|text| Self::text(text.as_ref())).collect())
    }

    /// What [`Record::rest`] kept.
    pub(super) fn kept(text: &str) -> Self {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => Self::Raw(text.trim().to_owned()),
            Err(_) => Self::text(text),
        }
    }

    /// On one line.
    pub(super) fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// Indented by two spaces, as editors and most tools do.
    pub(super) fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: Option<usize>) {
        match self {
            Self::Text(text) => out.push_str(&quoted(text)),
            // A line feed between tokens would tear a line of JSON lines.
            Self::Raw(text) if text.contains(['\n', '\r']) => {
                match serde_json::from_str::<serde_json::Value>(text) {
                    Ok(value) => out.push_str(&value.to_string()),
                    Err(_) => out.push_str(&quoted(text)),
                }
            }
            Self::Raw(text) => out.push_str(text),
            Self::List(items) => {
                write_all(out, depth, '[', ']', items, |out, item, depth| item.write(out, depth));
            }
            Self::Object(fields) => {
                write_all(out, depth, '{', '}', fields, |out, (name, value), depth| {
                    let gap = if depth.is_some() { " " } else { "" };
                    let _ = write!(out, "{}:{gap}", quoted(name));
                    value.write(out, depth);
                });
            }
        }
    }
}

fn write_all<T>(
    out: &mut String,
    depth: Option<usize>,
    open: char,
    close: char,
    items: &[T],
    write: impl Fn(&mut String, &T, Option<usize>),
) {
    out.push(open);
    let inner = depth.map(|depth| depth + 1);
    let line = |out: &mut String, depth: Option<usize>| {
        if let Some(depth) = depth {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
    };
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        line(out, inner);
        write(out, item, inner);
    }
    if !items.is_empty() {
        line(out, depth);
    }
    out.push(close);
}
