//! Writing back: from what the journal wants a document to say to the fewest bytes that must change.
//!
//! Start reading at [`edit`]. Everything that is not edited stays byte for byte: line endings, tabs,
//! a byte order mark, a missing final newline, wrongly decoded text.

use model::diagnostic::Span;
use model::writing::{About, Content, Field, Wish};

use crate::Reading;

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

/// Every field that may be written back, in the order of the document.
pub fn fields(reading: &Reading) -> Vec<Written> {
    let mut fields = Vec::new();
    for task in &reading.draft.tasks {
        let mut add = |field, content, span: Option<Span>| {
            if let Some(span) = span {
                let about = About::Task(task.key.clone());
                fields.push(Written { about, field, content, span, line: task.line });
            }
        };
        add(Field::Mark, Content::Ticked(task.checked == Some(true)), task.places.mark);
        if let Some(status) = &task.status {
            let (state, word) = (status.state, Some(status.word.clone()));
            add(Field::Status, Content::Status { state, blocked: false, word }, task.places.status);
        }
        if let Some(percent) = task.percent {
            add(Field::Percent, Content::Number(percent), task.places.percent);
        }
    }
    fields
}

/// The edits that make a document say what is wished. A wish that the document says already, in
/// whatever words, takes none; neither does one about something the document does not have.
pub fn edit(reading: &Reading, wishes: &[Wish]) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    for written in fields(reading) {
        let wish = wishes.iter().find(|wish| wish.about == written.about && wish.field == written.field);
        if let Some(text) = wish.and_then(|wish| replacement(&written.content, &wish.content)) {
            edits.push(TextEdit { span: written.span, text });
        }
    }
    edits
}

/// The document with its edits carried out; nothing else of it changes.
pub fn apply(bytes: &[u8], _reading: &Reading, edits: &[TextEdit]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for edit in edits {
        out.extend_from_slice(bytes.get(from..edit.span.start as usize)?);
        out.extend_from_slice(edit.text.as_bytes());
        from = edit.span.end as usize;
    }
    out.extend_from_slice(bytes.get(from..)?);
    Some(out)
}

fn replacement(now: &Content, wished: &Content) -> Option<String> {
    match (now, wished) {
        (Content::Ticked(now), Content::Ticked(wished)) if now != wished => {
            Some(if *wished { "x" } else { " " }.to_owned())
        }
        (Content::Number(now), Content::Number(wished)) if now != wished => Some(wished.to_string()),
        _ => None,
    }
}
