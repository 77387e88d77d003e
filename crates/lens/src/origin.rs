//! Where something that a report says comes from: what was run, who said so, which line claims it.
//! What nobody measured comes from nowhere, and reads `n/a`.

use jiff::Timestamp;
use model::digest::Digest;
use model::gate::Verdict;
use model::ids::Seq;
use model::plan::Plan;
use model::registers::Reading;
use serde::Serialize;

use crate::words::{Who, moment};

/// Where something that a report says comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin<'a> {
    /// A check that was run.
    Ran {
        /// The command, or the file that was looked at.
        what: &'a str,
        /// The event that recorded it.
        seq: Seq,
        /// When.
        at: Timestamp,
        /// Digest of everything it could read.
        inputs: Digest,
        /// Digest of its output.
        evidence: Option<Digest>,
        /// The commit that was checked out.
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<&'a str>,
    },
    /// A reading that somebody recorded.
    Reading {
        /// A command and commit, a file, or a person.
        source: &'a str,
        /// Who recorded it.
        by: Who,
        /// When.
        at: Timestamp,
    },
    /// People's approvals.
    Approvals {
        /// Those that count.
        by: Vec<Who>,
        /// When the last of them was given.
        at: Timestamp,
    },
    /// A file that a person attached.
    Attached {
        /// Its name.
        name: &'a str,
        /// Digest of its bytes.
        file: Digest,
        /// Who.
        by: Who,
        /// When.
        at: Timestamp,
    },
    /// Counted from the journal itself.
    Counted {
        /// The last event that was counted.
        seq: Seq,
    },
    /// Somebody's word, which nothing proves.
    Word {
        /// Who.
        by: Who,
        /// When.
        at: Timestamp,
    },
    /// What stands in the plan's document, which nothing proves.
    Document {
        /// The document, where there is only one that can be meant.
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<&'a str>,
        /// The line.
        line: u32,
    },
    /// Nobody measured it.
    Nowhere,
}

impl<'a> Origin<'a> {
    /// What a check saw.
    pub fn of_verdict(what: &'a str, verdict: &'a Verdict) -> Self {
        Self::Ran {
            what,
            seq: verdict.seq,
            at: verdict.at,
            inputs: verdict.inputs,
            evidence: verdict.evidence.output,
            commit: verdict.evidence.commit.as_deref(),
        }
    }

    /// A recorded reading.
    pub fn of_reading(reading: &'a Reading) -> Self {
        Self::Reading { source: &reading.source, by: Who::from(&reading.by), at: reading.at }
    }

    /// A reading; one that was taken from one of the plan's documents is that document's word,
    /// whoever took the document in.
    pub fn of_stated(plan: &'a Plan, reading: &'a Reading) -> Self {
        let (path, line) = match reading.source.rsplit_once(':') {
            Some((path, line)) => (path, line.parse().unwrap_or(0)),
            None => (reading.source.as_str(), 0),
        };
        match plan.sources.iter().any(|source| source.path == path) {
            true => Self::Document { path: Some(path), line },
            false => Self::of_reading(reading),
        }
    }

    /// Whether nothing but a word stands behind it: the document's, an agent's, a person's.
    pub fn is_claim(&self) -> bool {
        match self {
            Self::Word { .. } | Self::Document { .. } => true,
            Self::Reading { by, .. } => matches!(by.kind, "agent" | "document"),
            _ => false,
        }
    }

    /// In one line; empty for what comes from nowhere.
    pub fn text(&self) -> String {
        match self {
            Self::Ran { what, at, inputs, evidence, commit, .. } => {
                let evidence = evidence.map(|digest| format!(", evidence {}", digest.short()));
                let commit =
                    commit.map(|commit| format!(" at commit {}", commit.get(..10).unwrap_or(commit)));
                format!(
                    "`{what}` on working tree {}{}, {}{}",
                    inputs.short(),
                    commit.unwrap_or_default(),
                    moment(*at),
                    evidence.unwrap_or_default()
                )
            }
            Self::Reading { source, by, at } => {
                let claimed = if self.is_claim() { "claimed" } else { "recorded" };
                let unverified = if self.is_claim() { ", unverified" } else { "" };
                format!("{source}, {claimed} by {}, {}{unverified}", by.marked(), moment(*at))
            }
            Self::Approvals { by, at } => {
                let by: Vec<String> = by.iter().map(Who::marked).collect();
                format!("{}, {}", by.join(", "), moment(*at))
            }
            Self::Attached { name, file, by, at } => {
                format!("`{name}` ({}), attached by {}, {}", file.short(), by.marked(), moment(*at))
            }
            Self::Counted { seq } => format!("counted from the journal at event {seq}"),
            Self::Word { by, at } => format!("claimed by {}, {}, unverified", by.with_known(), moment(*at)),
            Self::Document { path, line } => {
                let path = path.unwrap_or("the document");
                let line = if *line > 0 { format!(", line {line}") } else { String::new() };
                format!("claimed by {path}{line}, unverified")
            }
            Self::Nowhere => String::new(),
        }
    }
}
