//! Taking named values out of a table, and telling about those nobody asked for.

use std::collections::BTreeMap;

use model::diagnostic::{Diagnostic, Severity, Span};
use toml_edit::{Item, TableLike, Value};

use super::CODE;

/// The most similarity a misspelt name may lack: two letters in a name of six.
pub(super) const NEAR: f64 = 0.7;

/// The values of one table, by name.
pub(super) struct Fields<'d> {
    what: String,
    left: BTreeMap<&'d str, (&'d Item, Span)>,
    known: Vec<&'static str>,
}

impl<'d> Fields<'d> {
    /// The values of a table; where it is none, that is told, and there are none.
    pub(super) fn of(item: &'d Item, what: &str, found: &mut Vec<Diagnostic>) -> Self {
        let mut left = BTreeMap::new();
        if let Some(table) = table(item, what, found) {
            for (name, item) in table.iter() {
                let key = table.key(name).and_then(toml_edit::Key::span);
                left.insert(name, (item, key.map_or_else(|| span_of(item), Span::from)));
            }
        }
        Self { what: what.to_owned(), left, known: Vec::new() }
    }

    /// Takes the value of this name, whatever it is.
    pub(super) fn take(&mut self, name: &'static str) -> Option<&'d Item> {
        self.known.push(name);
        self.left.remove(name).map(|(item, _)| item)
    }

    pub(super) fn text(&mut self, name: &'static str, found: &mut Vec<Diagnostic>) -> Option<String> {
        let item = self.take(name)?;
        match item.as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => self.wrong(item, name, "text in quotes", found),
        }
    }

    pub(super) fn flag(&mut self, name: &'static str, found: &mut Vec<Diagnostic>) -> Option<bool> {
        let item = self.take(name)?;
        item.as_bool().or_else(|| self.wrong(item, name, "`true` or `false`", found))
    }

    /// A whole number from 1.
    pub(super) fn count(&mut self, name: &'static str, found: &mut Vec<Diagnostic>) -> Option<u32> {
        let item = self.take(name)?;
        let number = item.as_integer().and_then(|number| u32::try_from(number).ok());
        number.filter(|number| *number > 0).or_else(|| self.wrong(item, name, "a whole number from 1", found))
    }

    pub(super) fn texts(&mut self, name: &'static str, found: &mut Vec<Diagnostic>) -> Vec<String> {
        let Some(item) = self.take(name) else { return Vec::new() };
        let texts = item.as_array().and_then(|array| {
            array.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts
            .or_else(|| self.wrong(item, name, "a list of texts, like `[\"a\", \"b\"]`", found))
            .unwrap_or_default()
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, T)],
        found: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let item = self.take(name)?;
        let wrote = item.as_str().unwrap_or_default();
        let known = words.iter().find(|(word, _)| *word == wrote).map(|(_, meaning)| *meaning);
        let list: Vec<String> = words.iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
        known.or_else(|| self.wrong(item, name, &list.join(" or "), found))
    }

    /// Tells about names that nobody asked for.
    pub(super) fn finish(self, found: &mut Vec<Diagnostic>) {
        for (name, (_, span)) in self.left {
            let unknown =
                Diagnostic::new(CODE, Severity::Error, span, format!("{} has no `{name}`", self.what));
            let score = |known: &str| strsim::jaro_winkler(known, name);
            let near = self.known.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
            found.push(match near.filter(|known| score(known) >= NEAR) {
                Some(known) => unknown.help(format!("did you mean `{known}`?")),
                None => unknown.help(format!("it may have `{}`", self.known.join("`, `"))),
            });
        }
    }

    fn wrong<T>(&self, item: &Item, name: &str, wanted: &str, found: &mut Vec<Diagnostic>) -> Option<T> {
        found.push(wrong(item, &format!("`{name}` of {}", self.what), wanted));
        None
    }
}

/// The entries of a table whose names are the author's own.
pub(super) fn entries<'d>(
    item: &'d Item,
    what: &str,
    found: &mut Vec<Diagnostic>,
) -> Vec<(&'d str, &'d Item)> {
    table(item, what, found).map(|table| table.iter().collect()).unwrap_or_default()
}

/// Says that a value is not what it has to be.
pub(super) fn wrong(item: &Item, what: &str, wanted: &str) -> Diagnostic {
    let is = match item {
        Item::Value(Value::String(text)) => format!("`{}`", text.value()),
        Item::None | Item::Table(_) | Item::ArrayOfTables(_) => "a table".to_owned(),
        Item::Value(value) => format!("`{}`", value.to_string().trim()),
    };
    Diagnostic::new(CODE, Severity::Error, span_of(item), format!("{what} is {is}, not {wanted}"))
}

/// Where a value stands.
pub(super) fn span_of(item: &Item) -> Span {
    item.span().map_or(Span::default(), Span::from)
}

fn table<'d>(item: &'d Item, what: &str, found: &mut Vec<Diagnostic>) -> Option<&'d dyn TableLike> {
    let table = item.as_table_like();
    if table.is_none() {
        found.push(wrong(item, what, "a table"));
    }
    table
}
