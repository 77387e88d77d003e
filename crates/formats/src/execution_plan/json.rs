//! JSON with places: what is not JSON, or not what a field must be, told with line and column.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use model::diagnostic::{Diagnostic, Severity, Span};

/// The code of a field that has a value of the wrong kind.
const FIELD_INVALID: &str = "document/field-invalid";

/// The code of a value that is of the right kind and yet none of those allowed.
const VALUE_INVALID: &str = "document/value-invalid";

/// How deep lists and objects may stand in one another.
const MOST_NESTING: usize = 64;

/// Parses strict JSON.
pub(crate) fn parse(text: &str) -> Result<Value<'_>, Box<Diagnostic>> {
    if let Some(at) = too_deep(text) {
        let message = format!("lists and objects stand more than {MOST_NESTING} deep in one another here");
        let fault = Diagnostic::new("document/too-deep", Severity::Error, Span::new(at, at + 1), message);
        return Err(Box::new(fault.help("nothing of the document is read; make it flatter")));
    }
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(result) => result.value.ok_or_else(|| {
            let whole = Span::new(text.len(), text.len());
            malformed(whole, "there is nothing in it".to_owned())
        }),
        Err(error) => {
            let range = error.range();
            let span = on_borders(text, range.start, range.end);
            let what = lower_first(&error.kind().to_string());
            let what = if text[span.range().start..].trim().is_empty() && span.start > 0 {
                format!("it ends too early: {what}")
            } else {
                what
            };
            Err(malformed(span, what))
        }
    }
}

/// A value without its places, numbers to their last digit; of a name that stands twice, the last
/// one counts.
pub(super) fn plain(value: &Value<'_>) -> serde_json::Value {
    use serde_json::Value as Plain;
    match value {
        Value::StringLit(text) => Plain::String(text.value.to_string()),
        Value::NumberLit(digits) => match digits.value.parse::<u64>() {
            Ok(whole) => Plain::from(whole),
            Err(_) => Plain::from(digits.value.parse::<f64>().unwrap_or(f64::NAN)),
        },
        Value::BooleanLit(boolean) => Plain::Bool(boolean.value),
        Value::Object(object) => {
            let pairs = object.properties.iter();
            pairs.map(|pair| (pair.name.as_str().to_owned(), plain(&pair.value))).collect()
        }
        Value::Array(list) => list.elements.iter().map(plain).collect(),
        Value::NullKeyword(_) => Plain::Null,
    }
}

fn malformed(span: Span, what: String) -> Box<Diagnostic> {
    let message = format!("the document is not valid JSON: {what}");
    Box::new(
        Diagnostic::new("document/malformed", Severity::Error, span, message)
            .help("nothing of it is read; put it right or take it from its history"),
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn on_borders(text: &str, start: usize, end: usize) -> Span {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = floor(start);
    Span::new(start, floor(end).max(start))
}

fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut in_string = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => drop(bytes.next()),
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > MOST_NESTING {
                    return Some(at);
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What is wrong with the fields of a document.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) found: Vec<Diagnostic>,
}

impl Faults {
    /// A value of a kind that its field cannot have.
    pub(super) fn wrong(&mut self, value: &Value<'_>, message: String) {
        self.push(span_of(range_of(value)), message);
    }

    /// A value of the right kind that is none of those its field may have.
    pub(super) fn not_allowed(&mut self, value: &Value<'_>, message: String) {
        let span = span_of(range_of(value));
        self.found.push(Diagnostic::new(VALUE_INVALID, Severity::Error, span, message));
    }

    /// A field that is not there.
    pub(super) fn missing(&mut self, object: &Object<'_>, message: String) {
        let start = object.range.start;
        self.push(Span::new(start, start + 1), message);
    }

    /// Fields that stand twice in one object.
    pub(super) fn repeated(&mut self, object: &Object<'_>) {
        for (place, property) in object.properties.iter().enumerate() {
            let name = property.name.as_str();
            let earlier = &object.properties[..place];
            if let Some(first) = earlier.iter().find(|earlier| earlier.name.as_str() == name) {
                let message = format!("`{name}` stands here twice, and only the last one counts");
                self.push(span_of(property.name.range()), message);
                if let Some(found) = self.found.last_mut() {
                    found.also.push((span_of(first.name.range()), "first here".to_owned()));
                }
            }
        }
    }

    fn push(&mut self, span: Span, message: String) {
        self.found.push(Diagnostic::new(FIELD_INVALID, Severity::Error, span, message));
    }
}

pub(crate) fn range_of(value: &Value<'_>) -> Range {
    value.range()
}

pub(crate) fn span_of(range: Range) -> Span {
    Span::new(range.start, range.end)
}

/// The place of a string's content, between its quotes.
pub(crate) fn inside(range: Range) -> Span {
    Span::new(range.start + 1, range.end.saturating_sub(1).max(range.start + 1))
}

/// A finite number.
pub(crate) fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::NumberLit(number) => number.value.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// What a value is, for a sentence.
pub(crate) fn described(value: &Value<'_>) -> String {
    match value {
        Value::StringLit(text) => format!("the text `{}`", text.value),
        Value::NumberLit(number) => format!("the number {}", number.value),
        Value::BooleanLit(boolean) => format!("`{}`", boolean.value),
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::NullKeyword(_) => "`null`".to_owned(),
    }
}
