//! The whole way: plan, carry out, read again, and keep only what reads as wished.

use std::collections::HashMap;

use model::diagnostic::Severity;
use model::draft::Draft;
use model::writing::{About, Field, Wish};

use super::alike::Touched;
use super::meaning::{Reads, is_nothing, says};
use super::{Places, Planned, Reason, TextEdit, Unwritten, Written, apply};
use crate::Reading;

/// A document after its wishes were written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rewritten {
    /// The bytes; those that were handed in where nothing had to change.
    pub bytes: Vec<u8>,
    /// What they read as, where something changed.
    pub reading: Option<Reading>,
    /// What was done, in the text of the reading that was handed in.
    pub edits: Vec<TextEdit>,
    /// The wishes that could not be carried out, and why.
    pub unwritten: Vec<Unwritten>,
}

/// Writes wishes into a document. What comes of it has been read again: each wish that is not
/// among the unwritten ones reads as wished, and nothing else reads differently. A wish that
/// cannot be written holds no other up.
pub fn write(bytes: &[u8], reading: &Reading, wishes: &[Wish]) -> Rewritten {
    write_within(bytes, reading, Places::of(reading), wishes).rewritten
}

/// What came of writing, and what stood and stands in the document's fields; nothing of the fields
/// where nothing was written.
pub(super) struct Within {
    pub(super) rewritten: Rewritten,
    pub(super) before: Vec<Written>,
    pub(super) after: Vec<Written>,
}

/// The same for a document whose places are known.
pub(super) fn write_within(bytes: &[u8], reading: &Reading, places: Places, wishes: &[Wish]) -> Within {
    let Planned { edits, unwritten } = places.plan(reading, wishes);
    let untouched = |unwritten| {
        let rewritten = Rewritten { bytes: bytes.to_vec(), unwritten, ..Rewritten::default() };
        Within { rewritten, before: Vec::new(), after: Vec::new() }
    };
    if edits.is_empty() {
        return untouched(unwritten);
    }
    let before = places.fields(reading);
    let cannot: Vec<&Wish> = unwritten.iter().map(|cannot| &cannot.wish).collect();
    let could = wishes.iter().filter(|wish| !cannot.contains(wish));
    let could: Vec<Wish> = could.map(|wish| as_named(wish, &before)).collect();
    let planned = (wishes, edits);
    let mut attempt =
        Attempt { bytes, reading, places, planned, before, done: None, kept: Vec::new(), unwritten };
    attempt.settle(&could);
    let Attempt { done, before, unwritten, .. } = attempt;
    let Some(Done { bytes, reading, edits, after }) = done else { return untouched(unwritten) };
    Within { rewritten: Rewritten { bytes, reading: Some(reading), edits, unwritten }, before, after }
}

/// A wish with the name that the document has for its field: `Notes` where it says `notes`.
fn as_named(wish: &Wish, fields: &[Written]) -> Wish {
    let mut wish = wish.clone();
    if let Field::Extra(name) = &mut wish.field {
        let names =
            fields.iter().filter(|written| written.about == wish.about).filter_map(|written| match &written
                .field
            {
                Field::Extra(theirs) if theirs.eq_ignore_ascii_case(name) => Some(theirs),
                _ => None,
            });
        let names: Vec<&String> = names.collect();
        if let [theirs] = names[..] {
            theirs.clone_into(name);
        }
    }
    wish
}

/// What came of some wishes.
struct Done {
    bytes: Vec<u8>,
    reading: Reading,
    edits: Vec<TextEdit>,
    /// What stands in the fields.
    after: Vec<Written>,
}

struct Attempt<'a> {
    bytes: &'a [u8],
    reading: &'a Reading,
    places: Places,
    /// What was asked for, and the edits that would do all of it.
    planned: (&'a [Wish], Vec<TextEdit>),
    before: Vec<Written>,
    /// The outcome with every wish that is kept.
    done: Option<Done>,
    kept: Vec<Wish>,
    unwritten: Vec<Unwritten>,
}

impl Attempt<'_> {
    /// Keeps those wishes that can be carried out together with the ones kept so far.
    fn settle(&mut self, wishes: &[Wish]) {
        let together = [&self.kept[..], wishes].concat();
        match self.carry_out(&together) {
            Ok(done) => {
                self.done = done;
                self.kept = together;
            }
            Err(reason) if wishes.len() < 2 => {
                self.unwritten.extend(wishes.iter().map(|wish| Unwritten { wish: wish.clone(), reason }));
            }
            Err(_) => {
                let (first, second) = wishes.split_at(wishes.len() / 2);
                self.settle(first);
                self.settle(second);
            }
        }
    }

    fn carry_out(&self, wishes: &[Wish]) -> Result<Option<Done>, Reason> {
        let edits = match &self.planned {
            (all, edits) if wishes == *all => edits.clone(),
            _ => self.places.plan(self.reading, wishes).edits,
        };
        if edits.is_empty() {
            return Ok(None);
        }
        let bytes = apply(self.bytes, self.reading, &edits)?;
        let Draft { format, source, .. } = &self.reading.draft;
        let (after, places) = Places::reading(format, source, &bytes);
        let now = places.fields(&after);
        if self.came_true(wishes, &after, &now) {
            Ok(Some(Done { bytes, reading: after, edits, after: now }))
        } else {
            Err(Reason::ReadsOtherwise)
        }
    }

    /// Whether each wish came true and nothing else changed.
    fn came_true(&self, wishes: &[Wish], after: &Reading, now: &[Written]) -> bool {
        let touched = Touched::new(wishes.iter().map(|wish| (&wish.about, &wish.field)));
        if !touched.only(&self.reading.draft, &after.draft) || errors(after) > errors(self.reading) {
            return false;
        }
        let reads = if matches!(self.places, Places::Json) { Reads::Exactly } else { Reads::Freely };
        let by_name: HashMap<(&About, &Field), &Written> =
            now.iter().map(|written| ((&written.about, &written.field), written)).collect();
        let true_now = |wish: &Wish| match by_name.get(&(&wish.about, &wish.field)) {
            Some(written) => says(reads, &wish.field, &written.content, &wish.content),
            None => is_nothing(&wish.content),
        };
        let stayed = |old: &Written| {
            let new = by_name.get(&(&old.about, &old.field));
            touched.has(&old.about, &old.field) || new.is_some_and(|new| new.content == old.content)
        };
        wishes.iter().all(true_now) && self.before.iter().all(stayed)
    }
}

fn errors(reading: &Reading) -> usize {
    reading.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
}
