//! Writing back: from what the journal wants a document to say to the fewest bytes that must change.
//!
//! Everything that is not edited stays byte for byte: line endings, tabs, a byte order mark, a
//! missing final newline, wrongly decoded text. It knows documents and wishes, and nothing of
//! files, journals or who wished what.
//!
//! Start reading at [`write`]: [`plan`] says which text becomes which, [`apply`] carries that out
//! on the file's bytes, and what came of it is read again, so that nothing is written that would
//! not read as wished. [`write_at`] is the short way, for a task whose line is known, and
//! [`reread_at`] the short way in, for what an author changed on such a line.

mod alike;
mod apart;
mod bytes;
mod json;
mod layout;
mod line;
mod markdown;
mod meaning;
mod numbers;
mod reread;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

use model::diagnostic::Span;
use model::writing::{About, Content, Field, Wish};

use crate::markdown::places::{self as markdown_places, Place};
use crate::{MAX_DOCUMENT_BYTES, Reading};

pub use apart::{Apart, lines_between, unfinished_merges};
pub use bytes::apply;
pub use line::{Known, Others, stands_elsewhere, write_at};
pub use reread::{Reread, lines_apart, reread_at, with_line_of};
pub use write::{Rewritten, write};

/// A field of a document as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// What it belongs to.
    pub about: About,
    /// Which field.
    pub field: Field,
    /// What it says.
    pub content: Content,
    /// Where, in the reading's text.
    pub span: Span,
    /// On which line.
    pub line: u32,
}

/// A replacement of some text, in the reading's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced; empty where text is put in.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// What is to be done about some wishes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Planned {
    /// The edits, in the order of the document; none overlaps another.
    pub edits: Vec<TextEdit>,
    /// The wishes that cannot be carried out, and why. One that the document says already is in
    /// neither list.
    pub unwritten: Vec<Unwritten>,
}

/// A wish that a document cannot be made to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwritten {
    /// What was wished.
    pub wish: Wish,
    /// Why it stays unwritten.
    pub reason: Reason,
}

/// Why something is not written into a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The document has no such thing or no such field. Nobody need be told.
    Absent,
    /// Several places say it, so that none alone can be changed.
    Ambiguous,
    /// The text has a line break, and the place holds one line.
    LineBreak,
    /// What is wished is no content of this field, or the place holds something else altogether.
    Kind,
    /// The document's format has no word for the status.
    NoWord,
    /// The document's encoding cannot hold it.
    Encoding,
    /// The result would not read as wished, or something else would read differently.
    ReadsOtherwise,
    /// The bytes are not those of the reading.
    OtherBytes,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "the document has no place for it",
            Self::Ambiguous => "several places in the document say it",
            Self::LineBreak => "the text has a line break, and the place holds one line",
            Self::Kind => "the place in the document holds something of another kind",
            Self::NoWord => "the document's format has no word for this status",
            Self::Encoding => "the document's encoding cannot hold it",
            Self::ReadsOtherwise => "the document would not read as wished",
            Self::OtherBytes => "the document has changed since it was read",
        })
    }
}

/// Every field that may be written back, in the order of the document.
///
/// The text is read again for it: places of fields are needed seldom, and a plan may hold a
/// hundred thousand tasks.
pub fn fields(reading: &Reading) -> Vec<Written> {
    Places::of(reading).fields(reading)
}

/// The edits that make a document say what is wished; see [`plan`].
pub fn edit(reading: &Reading, wishes: &[Wish]) -> Vec<TextEdit> {
    plan(reading, wishes).edits
}

/// The edits that make a document say what is wished, and the wishes it cannot be made to say. A
/// wish that the document says already, in whatever words, takes none.
pub fn plan(reading: &Reading, wishes: &[Wish]) -> Planned {
    if wishes.is_empty() {
        return Planned::default();
    }
    Places::of(reading).plan(reading, wishes)
}

/// Where the fields of a document stand, as far as its kind needs that told before.
enum Places {
    Json,
    Markdown(Vec<Place>),
    /// Another tool's file: it is read and never written.
    Other,
}

impl Places {
    fn of(reading: &Reading) -> Self {
        match reading.draft.format {
            "execution-plan" => Self::Json,
            "markdown" => Self::Markdown(markdown_places::note(&reading.text).2),
            _ => Self::Other,
        }
    }

    /// Reads a document as one of the kind of another, and notes the places of its fields.
    fn reading(format: &str, path: &str, bytes: &[u8]) -> (Reading, Self) {
        if format == "markdown" && bytes.len() <= MAX_DOCUMENT_BYTES {
            let mut places = Vec::new();
            let reading = crate::reading::read_by("markdown", path, bytes, |text| {
                let (draft, found, noted) = markdown_places::note(text);
                places = noted;
                (draft, found)
            });
            return (reading, Self::Markdown(places));
        }
        let reading = crate::read_as(Some(format), path, bytes);
        let places = Self::of(&reading);
        (reading, places)
    }

    fn fields(&self, reading: &Reading) -> Vec<Written> {
        match self {
            Self::Json => json::fields(reading),
            Self::Markdown(places) => markdown::fields(reading, places),
            Self::Other => Vec::new(),
        }
    }

    fn plan(&self, reading: &Reading, wishes: &[Wish]) -> Planned {
        let mut planned = Planned::default();
        match self {
            Self::Json => json::plan(reading, wishes, &mut planned),
            Self::Markdown(places) => markdown::plan(reading, places, wishes, &mut planned),
            Self::Other => {
                let absent = |wish: &Wish| Unwritten { wish: wish.clone(), reason: Reason::Absent };
                planned.unwritten.extend(wishes.iter().map(absent));
            }
        }
        planned.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        planned
    }
}
