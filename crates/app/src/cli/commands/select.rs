//! `select`: which of several documents to work from.

use clap::Args;
use formats::standing::{moment, standing};
use lens::select::{Candidate, DocumentStatus, selected};
use model::refusal::{Refusal, VALUE_INVALID};
use serde::Deserialize;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_FILES, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Select>(
    "select",
    Group::Agents,
    "chooses the document to work from: approved before review before draft, then the newest",
    &[READS_FILES, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Select {
    /// Documents, or lists of candidates as JSON: `[{"path", "status", "updatedAt"}]`
    #[arg(value_name = "FILE")]
    files: Vec<String>,
}

/// A list of candidates in a file.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a list of `{\"path\", \"status\", \"updatedAt\"}`")]
enum Listed {
    Plain(Vec<Entry>),
    Named { candidates: Vec<Entry> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    path: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    updated_at: Option<String>,
}

impl Handler for Select {
    fn run(self, call: &Call) -> Outcome {
        let mut candidates = Vec::new();
        for file in &self.files {
            let bytes = call.read_file(file)?;
            if file.to_ascii_lowercase().ends_with(".json") {
                candidates.extend(listed(file, &bytes)?);
                continue;
            }
            let told = standing(&String::from_utf8_lossy(&bytes));
            candidates.push(candidate(file.clone(), told.status.as_deref(), told.updated_at));
        }
        call.show(&selected(candidates));
        Ok(())
    }
}

fn candidate(path: String, status: Option<&str>, updated_at: Option<jiff::Timestamp>) -> Candidate {
    let status = status.map_or(DocumentStatus::Unknown, DocumentStatus::read);
    Candidate { path, status, updated_at }
}

fn listed(file: &str, bytes: &[u8]) -> Result<Vec<Candidate>, Refusal> {
    let no = |why: String| {
        Refusal::new(VALUE_INVALID, format!("`{file}` is no list of candidates: {why}"))
            .hint("write it as `[{\"path\": \"a.md\", \"status\": \"approved\", \"updatedAt\": \"2031-05-01\"}]`")
            .with("path", file)
    };
    let read: Listed = serde_json::from_slice(bytes).map_err(|error| no(error.to_string()))?;
    let (Listed::Plain(entries) | Listed::Named { candidates: entries }) = read;
    let read = |entry: Entry| {
        let updated_at = match &entry.updated_at {
            Some(text) => Some(moment(text).ok_or_else(|| no(format!("`{text}` is not a moment")))?),
            None => None,
        };
        Ok(candidate(entry.path, entry.status.as_deref(), updated_at))
    };
    entries.into_iter().map(read).collect()
}
