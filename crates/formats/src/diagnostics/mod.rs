//! Diagnostics on their way out: as text for people, as JSON, SARIF and GitHub annotations for
//! machines. Knows nothing of how a diagnostic was found. Lines and columns count from 1; columns
//! count Unicode characters, not bytes.

mod github;
mod json;
mod place;
mod sarif;
mod text;

use model::diagnostic::{Diagnostic, Severity};

pub use json::{Located, Located as JsonDiagnostic, Related};
pub use place::{Lines, Position};

/// The diagnostics of one document, with what is needed to show where they stand.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The path as given on the command line.
    pub path: &'a str,
    /// The text the spans index.
    pub text: &'a str,
    /// What is odd about it.
    pub diagnostics: &'a [Diagnostic],
}

/// The shapes diagnostics are printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// For people, like a compiler's.
    #[default]
    Text,
    /// `{"diagnostics":[…]}`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub workflow commands that annotate a pull request.
    Github,
}

impl Output {
    /// Every shape with the name `--format` knows it by.
    pub const ALL: [(&'static str, Output); 4] =
        [("text", Self::Text), ("json", Self::Json), ("sarif", Self::Sarif), ("github", Self::Github)];

    /// Finds a shape by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, output)| *output)
    }
}

/// Renders the diagnostics of some documents, in the order given. `color` matters to text only.
pub fn render(sources: &[Source<'_>], output: Output, color: bool) -> String {
    match output {
        Output::Text => text::render(sources, color),
        Output::Json => json::render(sources),
        Output::Sarif => sarif::render(sources),
        Output::Github => github::render(sources),
    }
}

/// The diagnostics with their places, as `--json` shapes them.
pub fn located(sources: &[Source<'_>]) -> Vec<Located> {
    sources.iter().flat_map(json::locate).collect()
}

/// The diagnostics of one document with their places, one at a time: a document may have very many.
pub fn located_in<'a>(source: &Source<'a>) -> impl Iterator<Item = Located> + use<'a> {
    json::locate(source)
}

/// One line that counts errors, warnings and infos: `1 error, 2 warnings`; `no findings` for none.
pub fn summary<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> String {
    let mut counts = [0usize; 3];
    for diagnostic in diagnostics {
        counts[diagnostic.severity as usize] += 1;
    }
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .filter_map(|severity| {
            let count = counts[severity as usize];
            let word = match (severity, count) {
                (Severity::Info, _) => "info",
                (_, 1) => severity.as_str(),
                (Severity::Error, _) => "errors",
                (Severity::Warning, _) => "warnings",
            };
            (count > 0).then(|| format!("{count} {word}"))
        })
        .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
