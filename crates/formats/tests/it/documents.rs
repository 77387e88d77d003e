//! The documents under `tests/`, and the moment they are read at.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
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

/// The settings of a plan that says nothing about them.
pub(crate) fn settings() -> Settings {
    Settings::for_format("markdown")
}
