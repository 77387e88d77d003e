//! How a JSON document is laid out: what stands between its values, so that what is put in looks
//! like what is there.

use jsonc_parser::ast::{Array, Object, ObjectProp};
use jsonc_parser::common::Ranged as _;
use model::diagnostic::Span;

use super::TextEdit;
use super::json::quoted;

/// The layout of one document.
pub(super) struct Layout<'a> {
    text: &'a str,
    /// What one level is indented by; nothing where the document stands on one line.
    unit: Option<&'a str>,
    line_end: &'a str,
    /// What stands behind the colon of a property.
    after_colon: &'a str,
}

impl<'a> Layout<'a> {
    /// Learns the layout from the outermost object.
    pub(super) fn new(text: &'a str, root: &Object<'_>) -> Self {
        let first = root.properties.first();
        let before = first.map_or("", |first| &text[root.range.start + 1..first.range.start]);
        let unit = before.rfind('\n').map(|line| &before[line + 1..]);
        let line_end = if before.contains("\r\n") { "\r\n" } else { "\n" };
        let after_colon = first.map_or(" ", |first| after_colon(text, first));
        // Inside the outermost object may stand several more on one line each; that shows there.
        Self { text, unit, line_end, after_colon }
    }

    /// Puts properties behind the last one of an object.
    pub(super) fn added(&self, object: &Object<'_>, properties: &[(&str, String)]) -> TextEdit {
        let Some(last) = object.properties.last() else {
            let text = self.object_at(self.indent_of_line(object.range.start), properties);
            return TextEdit { span: Span::new(object.range.start, object.range.end), text };
        };
        let before = self.before(object, object.properties.len() - 1);
        let colon = after_colon(self.text, last);
        let between = match object.properties.len() {
            1 if !before.contains('\n') => colon,
            _ => before,
        };
        let text = properties
            .iter()
            .map(|(name, value)| format!(",{between}{}:{colon}{value}", quoted(name)))
            .collect();
        TextEdit { span: Span::new(last.range.end, last.range.end), text }
    }

    /// A new object with properties, to stand in another as a value.
    pub(super) fn object_in(&self, parent: &Object<'_>, properties: &[(&str, String)]) -> String {
        let indent = match parent.properties.len() {
            0 => self.unit.map(str::to_owned),
            count => self.before(parent, count - 1).rsplit_once('\n').map(|(_, indent)| indent.to_owned()),
        };
        match indent {
            Some(indent) => self.object_at(&indent, properties),
            None => self.object_on_a_line(properties),
        }
    }

    fn object_at(&self, indent: &str, properties: &[(&str, String)]) -> String {
        let Some(unit) = self.unit else { return self.object_on_a_line(properties) };
        let line = format!("{}{indent}{unit}", self.line_end);
        let inside: Vec<String> = properties.iter().map(|property| self.property(property)).collect();
        format!("{{{line}{}{}{indent}}}", inside.join(&format!(",{line}")), self.line_end)
    }

    fn object_on_a_line(&self, properties: &[(&str, String)]) -> String {
        let inside: Vec<String> = properties.iter().map(|property| self.property(property)).collect();
        format!("{{{}}}", inside.join(&format!(",{}", self.after_colon)))
    }

    fn property(&self, (name, value): &(&str, String)) -> String {
        format!("{}:{}{value}", quoted(name), self.after_colon)
    }

    /// The values as a list that looks like one with other elements.
    pub(super) fn list_like(&self, model: &Array<'_>, values: &[String]) -> String {
        let (Some(first), Some(last)) = (model.elements.first(), model.elements.last()) else {
            return on_a_line(values, "", ", ");
        };
        if values.is_empty() {
            return "[]".to_owned();
        }
        let open = &self.text[model.range.start + 1..first.range().start];
        let close = &self.text[last.range().end..model.range.end - 1];
        let between = match model.elements.get(1) {
            Some(second) => &self.text[first.range().end..second.range().start],
            None if open.contains('\n') => {
                return format!("[{open}{}{close}]", values.join(&format!(",{open}")));
            }
            None if self.after_colon.is_empty() => ",",
            None => ", ",
        };
        format!("[{open}{}{close}]", values.join(between))
    }

    /// The values as a list in the place of an empty one, or of none.
    pub(super) fn new_list(
        &self,
        other: Option<&Array<'_>>,
        object: Option<&Object<'_>>,
        known: Option<&ObjectProp<'_>>,
        values: &[String],
    ) -> String {
        if values.is_empty() {
            return "[]".to_owned();
        }
        let on_lines = |list: &Array<'_>| {
            let first = list.elements.first();
            first.is_some_and(|first| self.text[list.range.start + 1..first.range().start].contains('\n'))
        };
        if let Some(other) = other.filter(|other| !on_lines(other)) {
            return self.list_like(other, values);
        }
        // On lines of its own, as deep as its property and one level more.
        let indent = object.zip(self.unit).and_then(|(object, unit)| {
            let at = known.and_then(|known| {
                object.properties.iter().position(|property| property.range == known.range)
            });
            let at = at.or(object.properties.len().checked_sub(1))?;
            let indent = self.before(object, at).rsplit_once('\n')?.1;
            let unit = indent.strip_prefix(self.indent_of_line(object.range.end - 1)).unwrap_or(unit);
            Some((indent, unit))
        });
        let Some((indent, unit)) = indent else {
            return on_a_line(values, "", if self.after_colon.is_empty() { "," } else { ", " });
        };
        let line = format!("{}{indent}{unit}", self.line_end);
        format!("[{line}{}{}{indent}]", values.join(&format!(",{line}")), self.line_end)
    }

    /// What stands between a property and the comma or brace before it.
    fn before(&self, object: &Object<'_>, at: usize) -> &'a str {
        let start = object.properties[at].range.start;
        let end =
            at.checked_sub(1).map_or(object.range.start + 1, |before| object.properties[before].range.end);
        let between = &self.text[end..start];
        between.split_once(',').map_or(between, |(_, after)| after)
    }

    /// What the line of a place is indented by.
    fn indent_of_line(&self, at: usize) -> &'a str {
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = &self.text[start..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

fn on_a_line(values: &[String], pad: &str, between: &str) -> String {
    format!("[{pad}{}{pad}]", values.join(between))
}

/// What stands behind the colon of a property.
fn after_colon<'t>(text: &'t str, property: &ObjectProp<'_>) -> &'t str {
    let between = &text[property.name.range().end..property.value.range().start];
    between.split_once(':').map_or(" ", |(_, after)| after)
}
