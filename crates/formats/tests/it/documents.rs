//! The documents under `tests/`, and what lint finds in a document.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use formats::lint::{self, Surroundings};
use formats::{Reading, read};
use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::settings::Settings;

/// The moment at which every test document is read: a Thursday at noon.
pub(crate) fn now() -> Timestamp {
    "2031-05-15T12:00:00Z".parse().expect("a moment in RFC 3339")
}

/// A folder below `tests/`.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The bytes of a document.
#[expect(clippy::disallowed_methods, reason = "the rule is for the crate; its tests have documents to read")]
pub(crate) fn bytes(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

/// A document of a folder, where it is there.
pub(crate) fn document(folder: &Path, name: &str) -> Option<Vec<u8>> {
    bytes(&folder.join(name))
}

/// A document with what lint finds in it.
pub(crate) struct Linted {
    pub(crate) reading: Reading,
    pub(crate) found: Vec<Diagnostic>,
}

impl Linted {
    /// Lints a document among the files of a folder: `sibling.md` is another document of the same
    /// plan, `previous.md` the document as it was adopted last.
    pub(crate) fn new(folder: &Path, name: &str, bytes: &[u8], settings: &Settings) -> Self {
        let reading = read(name, bytes);
        let beside = |name: &str| document(folder, name).map(|bytes| read(name, &bytes).draft);
        let (sibling, previous) = (beside("sibling.md"), beside("previous.md"));
        let siblings: Vec<_> = sibling.iter().collect();
        let world = Surroundings {
            exists: &|path| folder.join(path).exists(),
            now: now(),
            siblings: &siblings,
            previous: previous.as_ref(),
        };
        let found = lint::lint(&reading.text, &reading.draft, &reading.diagnostics, &world, settings);
        Self { reading, found }
    }

    /// `code line`, in the order of the text.
    pub(crate) fn places(&self) -> Vec<(String, u32)> {
        let lines = formats::diagnostics::Lines::new(&self.reading.text);
        self.found.iter().map(|found| (found.code.to_owned(), lines.line_of(found.span.start))).collect()
    }

    /// The same as text, one a line.
    pub(crate) fn listed(&self) -> String {
        self.places().iter().map(|(code, line)| format!("{code} {line}\n")).collect()
    }

    /// How often each code was found.
    pub(crate) fn count(&self, code: &str) -> usize {
        self.found.iter().filter(|found| found.code == code).count()
    }

    /// The findings for people, for a failing test.
    pub(crate) fn shown(&self) -> String {
        let source = formats::diagnostics::Source {
            path: &self.reading.draft.source,
            text: &self.reading.text,
            diagnostics: &self.found,
        };
        formats::diagnostics::render(&[source], formats::diagnostics::Output::Text, false)
    }
}

/// The settings of a plan that says nothing about them.
pub(crate) fn settings() -> Settings {
    Settings::for_format("markdown")
}

/// How often each thing occurs.
pub(crate) fn counted<T: Ord>(things: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for thing in things {
        *counts.entry(thing).or_default() += 1;
    }
    counts
}
