//! Where fields stand that may be written back: noted while reading, where somebody asks for it.

use model::diagnostic::{Diagnostic, Span};
use model::draft::Draft;

use super::items;
use super::reader::Reader;
use crate::words::fields::Field;

/// Where a field stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    /// Position of the task among the draft's tasks, or of the metric among its metrics.
    pub(crate) of: usize,
    pub(crate) what: What,
    /// The whole value, without the space around it.
    pub(crate) span: Span,
    /// The header row and the number of the column, in a table.
    pub(crate) column: Option<(Span, usize)>,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Status,
    Percent,
    Owner,
    Due,
    Priority,
    /// Tasks that come first.
    Needs,
    /// What stands in the way.
    Blockers,
    /// A column or field nobody has a name for.
    Extra(String),
    /// The value of a metric.
    Value,
    /// Nothing: there ends the text of the item, cell or heading that a task was read from.
    End,
}

/// Reads a document and notes where its fields stand, in the order of reading; of a task's places,
/// not all need count in the end.
pub(crate) fn note(text: &str) -> (Draft, Vec<Diagnostic>, Vec<Place>) {
    let mut reader = Reader::new(text);
    reader.noted = Some(Vec::new());
    super::blocks::walk(text, &mut reader);
    let places = reader.tie();
    let (draft, found) = reader.into_parts();
    (draft, found, places)
}

impl<'a> Reader<'a> {
    /// Notes where a field stands.
    pub(super) fn note_place(&mut self, of: usize, what: What, value: &'a str) {
        if self.noted.is_none() {
            return;
        }
        // Only what was cut out of the text has a place in it.
        let Some(span) = items::place(self.text, 0, value) else { return };
        let column = self.column;
        if let Some(noted) = &mut self.noted {
            noted.push(Place { of, what, span, column });
        }
    }

    /// Notes where a field stands that says nothing yet.
    pub(super) fn note_empty(&mut self, of: usize, known: Option<Field>, name: &str, value: &'a str) {
        if self.noted.is_none() {
            return;
        }
        let what = match known {
            Some(Field::Status) => What::Status,
            Some(Field::Percent) => What::Percent,
            Some(Field::Owner) => What::Owner,
            Some(Field::Due) => What::Due,
            Some(Field::Priority) => What::Priority,
            Some(Field::Needs) => What::Needs,
            Some(Field::Blockers) => What::Blockers,
            None | Some(Field::Notes) if !name.trim().is_empty() => What::Extra(extra_name(name)),
            _ => return,
        };
        self.note_place(of, what, value);
    }

    /// Notes where the text ends that a task was read from.
    pub(super) fn note_end(&mut self, of: usize, end: usize) {
        if let Some(noted) = &mut self.noted {
            noted.push(Place { of, what: What::End, span: Span::new(end, end), column: self.column });
        }
    }

    /// What is said at the heading of a task belongs to the row or item that has the same key,
    /// where that does not say it itself.
    pub(super) fn move_places(&mut self, homes: &[(usize, usize)], gone: &[bool]) {
        let Some(noted) = &mut self.noted else { return };
        let home_of: std::collections::HashMap<usize, usize> =
            homes.iter().map(|(brief, home)| (*brief, *home)).collect();
        let (of_briefs, mut kept): (Vec<Place>, Vec<Place>) =
            noted.drain(..).partition(|place| place.what != What::Value && home_of.contains_key(&place.of));
        let said: std::collections::HashSet<(usize, String)> =
            kept.iter().map(|place| (place.of, format!("{:?}", place.what))).collect();
        for mut place in of_briefs {
            place.of = home_of[&place.of];
            if !said.contains(&(place.of, format!("{:?}", place.what))) {
                kept.push(place);
            }
        }
        let mut now = 0;
        let position: Vec<usize> = gone
            .iter()
            .map(|gone| {
                now += usize::from(!gone);
                now.saturating_sub(1)
            })
            .collect();
        for place in kept.iter_mut().filter(|place| place.what != What::Value) {
            place.of = position[place.of];
        }
        *noted = kept;
    }
}

/// The name an extra field is kept under.
pub(super) fn extra_name(name: &str) -> String {
    items::title(name).trim_end_matches(':').to_owned()
}
