//! A baseline: findings that were there before anybody asked, so that only new ones count.
//!
//! A finding is known by its file, its code and the content of its line, so it stays known when
//! lines above it come and go, and becomes new when its own line changes.

use std::collections::BTreeMap;
use std::fmt;

use model::diagnostic::Diagnostic;
use model::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::diagnostics::{Lines, Source};

/// The version of the baseline file this program writes.
const VERSION: u32 = 1;

/// Known findings and how often each is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<(String, String, String), u32>,
}

/// Says why a text is no baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineError(String);

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a baseline: {}", self.0)
    }
}

impl std::error::Error for BaselineError {}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Known>,
}

#[derive(Serialize, Deserialize)]
struct Known {
    file: String,
    code: String,
    line: String,
    count: u32,
}

impl Baseline {
    /// Takes everything that is found now for known.
    pub fn of(sources: &[Source<'_>]) -> Self {
        let mut baseline = Self::default();
        for source in sources {
            let lines = Lines::new(source.text);
            for diagnostic in source.diagnostics {
                *baseline.known.entry(name(source.path, &lines, diagnostic)).or_default() += 1;
            }
        }
        baseline
    }

    /// Reads a baseline file.
    pub fn read(json: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_str(json).map_err(|error| BaselineError(error.to_string()))?;
        if file.version != VERSION {
            return Err(BaselineError(format!("version {} is not known, only {VERSION}", file.version)));
        }
        let findings = file.findings.into_iter();
        let known = findings.map(|known| ((known.file, known.code, known.line), known.count)).collect();
        Ok(Self { known })
    }

    /// The file's content, one finding a line, sorted, so that it can be reviewed and merged.
    pub fn write(&self) -> String {
        let lines: Vec<String> = self
            .known
            .iter()
            .map(|((file, code, line), count)| {
                let known =
                    Known { file: file.clone(), code: code.clone(), line: line.clone(), count: *count };
                format!("    {}", serde_json::to_string(&known).unwrap_or_default())
            })
            .collect();
        let findings =
            if lines.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", lines.join(",\n")) };
        format!("{{\n  \"version\": {VERSION},\n  \"findings\": {findings}\n}}\n")
    }

    /// The findings of a document that are new; each known one is known only as often as listed.
    pub fn new_ones(&self, source: &Source<'_>) -> Vec<Diagnostic> {
        let lines = Lines::new(source.text);
        let mut left = self.known.clone();
        let is_new = |diagnostic: &&Diagnostic| match left.get_mut(&name(source.path, &lines, diagnostic)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        source.diagnostics.iter().filter(is_new).cloned().collect()
    }

    /// How many findings are known.
    pub fn len(&self) -> usize {
        self.known.values().map(|count| *count as usize).sum()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a finding is known by.
fn name(path: &str, lines: &Lines<'_>, diagnostic: &Diagnostic) -> (String, String, String) {
    let line = lines.text(lines.line_of(diagnostic.span.start));
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    (path.to_owned(), diagnostic.code.to_owned(), Digest::sha256(line.trim().as_bytes()).to_string())
}

#[cfg(test)]
mod tests {
    use model::diagnostic::{Severity, Span};

    use super::*;

    fn found(text: &str, parts: &[&str]) -> Vec<Diagnostic> {
        parts
            .iter()
            .map(|part| {
                let at = text.find(part).expect("the part stands in the text");
                Diagnostic::new("text/placeholder", Severity::Warning, Span::new(at, at + part.len()), "odd")
            })
            .collect()
    }

    fn new_ones(baseline: &Baseline, text: &str, parts: &[&str]) -> usize {
        let diagnostics = found(text, parts);
        baseline.new_ones(&Source { path: "plan.md", text, diagnostics: &diagnostics }).len()
    }

    #[test]
    fn known_findings_survive_moved_lines_but_not_changed_ones() {
        let text = "- one TBD\n- two TBD\n";
        let diagnostics = found(text, &["one", "two"]);
        let baseline = Baseline::of(&[Source { path: "./plan.md", text, diagnostics: &diagnostics }]);
        let baseline = Baseline::read(&baseline.write()).expect("it reads what it wrote");
        assert_eq!(baseline.len(), 2);
        let moved = "# New\n\nwords\n\n- two TBD\n  - one TBD\n";
        assert_eq!(new_ones(&baseline, moved, &["one", "two"]), 0);
        assert_eq!(new_ones(&baseline, "- one TBD, later\n- two TBD\n", &["one", "two"]), 1);
    }

    #[test]
    fn a_finding_is_known_only_as_often_as_it_was() {
        let text = "- one TBD\n";
        let diagnostics = found(text, &["one"]);
        let baseline = Baseline::of(&[Source { path: "plan.md", text, diagnostics: &diagnostics }]);
        assert_eq!(new_ones(&baseline, text, &["one", "one"]), 1);
        let elsewhere = Source { path: "other.md", text, diagnostics: &diagnostics };
        assert_eq!(baseline.new_ones(&elsewhere).len(), 1, "another file is another finding");
    }

    #[test]
    fn what_is_no_baseline_says_why() {
        assert!(Baseline::read("{").unwrap_err().to_string().starts_with("not a baseline: "));
        let newer = r#"{"version": 2, "findings": []}"#;
        assert_eq!(
            Baseline::read(newer).unwrap_err().to_string(),
            "not a baseline: version 2 is not known, only 1"
        );
        assert_eq!(Baseline::default().write(), "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
    }
}
