//! Diagnostics as JSON: `{"diagnostics":[{code, severity, message, line, column, …}]}`.

use model::diagnostic::{Severity, Span};
use serde::Serialize;

use super::{Lines, Source};

/// A diagnostic with its place, as `--json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Located {
    /// Stable code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The document.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode characters.
    pub column: u32,
    /// Line of its end.
    pub end_line: u32,
    /// One past its last character.
    pub end_column: u32,
    /// What would mend it.
    pub help: Option<String>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

/// Another place that belongs to a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode characters.
    pub column: u32,
    /// What it has to do with it.
    pub label: String,
}

#[derive(Serialize)]
struct Listing {
    diagnostics: Vec<Located>,
}

pub(super) fn render(sources: &[Source<'_>]) -> String {
    let listing = Listing { diagnostics: super::located(sources) };
    let mut text = serde_json::to_string_pretty(&listing).unwrap_or_default();
    text.push('\n');
    text
}

pub(super) fn locate<'a>(source: &Source<'a>) -> impl Iterator<Item = Located> + use<'a> {
    let lines = Lines::new(source.text);
    let Source { path, diagnostics, .. } = *source;
    diagnostics.iter().map(move |diagnostic| {
        let (start, end) = lines.range(diagnostic.span);
        let related = |(span, label): &(Span, String)| {
            let place = lines.position(span.start);
            Related { line: place.line, column: place.column, label: label.clone() }
        };
        Located {
            code: diagnostic.code,
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            file: path.to_owned(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            help: diagnostic.help.clone(),
            related: diagnostic.also.iter().map(related).collect(),
        }
    })
}
