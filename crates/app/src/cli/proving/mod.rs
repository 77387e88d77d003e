//! What `run`, `adopt`, `trust` and `verify` have in common: reading documents, taking them in,
//! asking for trust, and having the outstanding checks run.

mod checking;
mod conflicts;
mod gathering;
mod trusting;

use std::path::{Path, PathBuf};

use engine::desk::Desk as _;
use engine::documents::{Documents, TakenIn, Unread};
use engine::store::Store;
use formats::lint::{Surroundings, lint};
use jiff::Timestamp;
use model::diagnostic::{Diagnostic, Severity};
use model::draft::Draft;
use model::event::Event;
use model::ids::PlanId;
use model::plan::Plan;
use serde::Serialize;

use super::call::Call;
use super::error::{Outcome, Stop};
use super::files::is_there;

pub use checking::{Checked, check_everything, check_tasks, workspace_of};
pub use conflicts::{ConflictLine, conflicts};
pub use gathering::{Asked, Gathered, gather, shown};
pub use trusting::{TrustWish, commands_of, gain_trust, give_trust, required, set_of, show_set};

/// Documents that were read, and what is odd about each.
pub struct ReadIn {
    /// The documents.
    pub documents: Documents,
    /// What lint finds, document by document.
    pub findings: Vec<Vec<Diagnostic>>,
}

/// What was read, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingLine {
    /// The documents as they were named.
    pub documents: Vec<String>,
    /// How many tasks.
    pub tasks: usize,
    /// How many phases.
    pub phases: usize,
    /// How many gates have checks: of tasks, phases, the plan and named ones.
    pub gates: usize,
    /// How many risks.
    pub risks: usize,
    /// How many findings of each severity.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
}

/// How the documents were taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptingLine {
    /// The plan's key.
    pub plan: String,
    /// The revision in force now.
    pub revision: u32,
    /// `adopted`, `revised` or `unchanged`.
    pub how: &'static str,
    /// How much of the plan changed, where it was revised.
    pub changes: usize,
}

/// Reads documents that somebody named.
pub fn read_documents(paths: &[PathBuf], now: Timestamp) -> Outcome<ReadIn> {
    read_documents_as(paths, None, now)
}

/// Reads documents of a format that is known already.
pub fn read_documents_as(paths: &[PathBuf], format: Option<&'static str>, now: Timestamp) -> Outcome<ReadIn> {
    let documents = Documents::read_as(paths, format).map_err(|Unread { path, error }| {
        if error.kind() == std::io::ErrorKind::IsADirectory {
            return Stop::usage(format!("`{}` is a folder, not a plan document", path.display())).into();
        }
        Stop::file(&path.display().to_string(), "read", &error)
    })?;
    let settings = documents.settings();
    let drafts: Vec<&Draft> = documents.documents.iter().map(|document| &document.reading.draft).collect();
    let mut findings = Vec::new();
    for (place, document) in documents.documents.iter().enumerate() {
        let siblings: Vec<&Draft> =
            drafts.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, draft)| *draft).collect();
        let folder = document.path.parent().unwrap_or(Path::new("")).to_owned();
        let exists = |path: &str| is_there(&folder, path);
        let world = Surroundings { exists: &exists, now, siblings: &siblings, previous: None };
        let reading = &document.reading;
        findings.push(lint(&reading.text, &reading.draft, &reading.diagnostics, &world, &settings));
    }
    Ok(ReadIn { documents, findings })
}

impl ReadIn {
    /// What was read, in numbers.
    pub fn line(&self) -> ReadingLine {
        let count = |severity| self.findings.iter().flatten().filter(|d| d.severity == severity).count();
        let mut line = ReadingLine {
            documents: Vec::new(),
            tasks: 0,
            phases: 0,
            gates: 0,
            risks: 0,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
        };
        for document in &self.documents.documents {
            let draft = &document.reading.draft;
            let has_checks = |criteria: &[model::draft::DraftCriterion]| {
                usize::from(criteria.iter().any(|criterion| !criterion.checks.is_empty()))
            };
            line.documents.push(document.path.display().to_string());
            line.tasks += draft.tasks.len();
            line.phases += draft.phases.len();
            line.risks += draft.risks.len();
            line.gates += draft
                .tasks
                .iter()
                .filter(|task| !task.checks.is_empty() || has_checks(&task.criteria) > 0)
                .count();
            line.gates += draft
                .phases
                .iter()
                .map(|phase| has_checks(&phase.entrance) + has_checks(&phase.exit))
                .sum::<usize>();
            line.gates += has_checks(&draft.criteria);
        }
        line.gates += self.documents.sidecar.as_ref().map_or(0, |sidecar| sidecar.read.gates.len());
        line
    }
}

impl ReadingLine {
    /// `PLAN.md: 14 tasks in 3 phases, 4 gates, 2 risks; 1 warning`.
    pub fn text(&self) -> String {
        let many = |number: usize, thing: &str| {
            if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
        };
        let mut text = format!("{}: {}", self.documents.join(", "), many(self.tasks, "task"));
        if self.phases > 0 {
            text.push_str(&format!(" in {}", many(self.phases, "phase")));
        }
        for (number, thing) in [(self.gates, "gate"), (self.risks, "risk")] {
            if number > 0 {
                text.push_str(&format!(", {}", many(number, thing)));
            }
        }
        let found = [(self.errors, "error"), (self.warnings, "warning")];
        let found: Vec<String> =
            found.iter().filter(|(number, _)| *number > 0).map(|(n, thing)| many(*n, thing)).collect();
        if !found.is_empty() {
            text.push_str(&format!("; {}", found.join(", ")));
        }
        text
    }
}

impl AdoptingLine {
    /// What taking documents in came to, for a plan as it is afterwards.
    pub fn of(taken: &TakenIn, plan: &Plan) -> Self {
        let (how, changes) = match taken {
            TakenIn::Adopted(_) => ("adopted", 0),
            TakenIn::Revised(receipt) => {
                // Besides the events that say that there is a revision, and of what.
                let about_documents = |event: &&Event| {
                    matches!(event, Event::DocumentIntended { .. } | Event::DocumentSynced { .. })
                };
                let besides = 1 + receipt.events.iter().filter(about_documents).count();
                ("revised", receipt.count.saturating_sub(besides))
            }
            TakenIn::Unchanged(_) => ("unchanged", 0),
        };
        Self { plan: plan.key.to_string(), revision: plan.revision.0, how, changes }
    }

    /// `revision 2 (3 changes since revision 1)`.
    pub fn text(&self) -> String {
        match self.how {
            "revised" => {
                let changes = if self.changes == 1 {
                    "1 change".to_owned()
                } else {
                    format!("{} changes", self.changes)
                };
                format!("revision {} ({changes} since revision {})", self.revision, self.revision - 1)
            }
            "unchanged" => format!("revision {}, nothing changed", self.revision),
            _ => format!("revision {} as plan `{}`", self.revision, self.plan),
        }
    }
}

/// Takes documents in.
pub fn take_in(call: &Call, store: &Store, read: ReadIn) -> Outcome<(TakenIn, AdoptingLine)> {
    let taken = read.documents.take_in(store, &call.request()?)?;
    let plan = store.desk().plan(taken.plan())?;
    let line = AdoptingLine::of(&taken, &plan);
    Ok((taken, line))
}

/// Brings documents in, those of a plan that is known by way of what both sides did to them since
/// they were last in step: refused where both did different things to one field.
pub fn bring_in(
    call: &Call,
    store: &Store,
    known: Option<PlanId>,
    rearranged: bool,
    read: ReadIn,
) -> Outcome<(TakenIn, AdoptingLine)> {
    let Some(id) = known else { return take_in(call, store, read) };
    let edits = call.take_in_or_stop(store, id)?;
    let taken = match edits.receipt {
        Some(receipt) => TakenIn::Revised(receipt),
        None => TakenIn::Unchanged(id),
    };
    if !rearranged {
        let line = AdoptingLine::of(&taken, &*store.desk().plan(id)?);
        return Ok((taken, line));
    }
    let (of_documents, line) = take_in(call, store, read)?;
    match (&taken, &of_documents) {
        (TakenIn::Revised(_), TakenIn::Unchanged(_)) => {
            let line = AdoptingLine::of(&taken, &*store.desk().plan(id)?);
            Ok((taken, line))
        }
        _ => Ok((of_documents, line)),
    }
}

/// Where a plan's documents lie: the first one names the folder in which its commands run.
pub fn first_document(store: &Store, plan: &Plan) -> PathBuf {
    plan.sources.first().map_or_else(PathBuf::new, |source| store.absolute(&source.path))
}
