//! Reading a document: from bytes to a draft and what is odd about it. Knows which formats there
//! are, and nothing of what is inside them.

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::Draft;

use crate::encoding::{self, Decoded};
use crate::exchange;
use crate::execution_plan::ExecutionPlan;

/// The largest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// What could be read from one document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The text that every span indexes: decoded, and put right where it had been decoded wrongly.
    pub text: String,
    /// What the text says.
    pub draft: Draft,
    /// What is odd about it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A kind of plan document.
pub trait Format: Sync {
    /// The name in [`Draft::format`].
    fn name(&self) -> &'static str;

    /// Whether a document is of this kind, judged by its path and what it looks like.
    fn recognises(&self, path: &str, text: &str) -> bool;

    /// Reads a document; never fails, and says what is odd.
    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>);
}

/// Every format, the one that takes whatever the others leave last.
pub fn registry() -> &'static [&'static dyn Format] {
    &[
        &exchange::Beads,
        &exchange::TaskMaster,
        &exchange::Github,
        &exchange::Backlog,
        &exchange::Csv,
        &ExecutionPlan,
        &Markdown,
    ]
}

/// Reads a document of whatever format. Any bytes at all may be handed in: what cannot be read is
/// told in the diagnostics.
pub fn read(path: &str, bytes: &[u8]) -> Reading {
    read_as(None, path, bytes)
}

/// Reads a document of a format that is known by name already; one that nobody has is found out.
pub fn read_as(format: Option<&str>, path: &str, bytes: &[u8]) -> Reading {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return too_large(path, bytes.len());
    }
    let decoded = encoding::decode(bytes);
    let named = format.and_then(|name| registry().iter().copied().find(|format| format.name() == name));
    let format = named.unwrap_or_else(|| format_of(path, &decoded.text));
    assembled(format.name(), path, decoded, |text| format.read(text, path))
}

/// Reads a document by somebody's own way of reading its text.
pub(crate) fn read_by(
    format: &'static str,
    path: &str,
    bytes: &[u8],
    read: impl FnOnce(&str) -> (Draft, Vec<Diagnostic>),
) -> Reading {
    assembled(format, path, encoding::decode(bytes), read)
}

fn assembled(
    format: &'static str,
    path: &str,
    decoded: Decoded,
    read: impl FnOnce(&str) -> (Draft, Vec<Diagnostic>),
) -> Reading {
    let (mut draft, found) = read(&decoded.text);
    draft.format = format;
    path.clone_into(&mut draft.source);
    if draft.title.is_empty() {
        stem(path).clone_into(&mut draft.title);
    }
    draft.encoding = decoded.encoding;
    let mut diagnostics = decoded.diagnostics;
    diagnostics.extend(found);
    Reading { text: decoded.text, draft, diagnostics }
}

struct Markdown;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn recognises(&self, _path: &str, _text: &str) -> bool {
        true
    }

    fn read(&self, text: &str, path: &str) -> (Draft, Vec<Diagnostic>) {
        crate::markdown::read(text, path)
    }
}

fn format_of(path: &str, text: &str) -> &'static dyn Format {
    registry().iter().copied().find(|format| format.recognises(path, text)).unwrap_or(&Markdown)
}

pub(crate) fn too_large(path: &str, size: usize) -> Reading {
    let mib = |bytes: usize| bytes as f64 / (1024.0 * 1024.0);
    let message = format!(
        "the document has {size} bytes ({:.1} MiB); the most that is read is {MAX_DOCUMENT_BYTES} ({} MiB)",
        mib(size),
        mib(MAX_DOCUMENT_BYTES)
    );
    let diagnostic = Diagnostic::new("document/too-large", Severity::Error, Span::default(), message)
        .help("split the plan into several documents; `adopt` takes them together");
    let format = format_of(path, "").name();
    let title = stem(path).to_owned();
    Reading {
        text: String::new(),
        draft: Draft { format, source: path.to_owned(), title, ..Draft::default() },
        diagnostics: vec![diagnostic],
    }
}

/// The file's name without folders and without its last extension.
fn stem(path: &str) -> &str {
    let name = path.trim_end_matches(['/', '\\']);
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match name.rfind('.') {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_too_large_to_read_says_so() {
        let reading = read("plans/big.md", &vec![b'x'; MAX_DOCUMENT_BYTES + 1]);
        assert_eq!(reading.diagnostics.len(), 1);
        assert_eq!(reading.diagnostics[0].code, "document/too-large");
        assert!(reading.diagnostics[0].message.contains("16777217 bytes"), "{:?}", reading.diagnostics);
        assert_eq!((reading.draft.format, &*reading.draft.title), ("markdown", "big"));
        assert!(reading.text.is_empty() && reading.draft.tasks.is_empty());
    }

    #[test]
    fn the_largest_document_is_read() {
        let reading = read("plans/big.md", &vec![b'x'; MAX_DOCUMENT_BYTES]);
        assert_eq!(reading.text.len(), MAX_DOCUMENT_BYTES);
        assert!(reading.diagnostics.iter().all(|found| found.code != "document/too-large"));
    }

    #[test]
    fn a_document_without_a_heading_is_called_by_its_file() {
        for (path, title) in [
            ("docs/release.plan.md", "release.plan"),
            ("PLAN", "PLAN"),
            (".hidden", ".hidden"),
            (r"C:\plans\a.md", "a"),
        ] {
            assert_eq!(read(path, b"").draft.title, title, "{path}");
        }
    }
}
