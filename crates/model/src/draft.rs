//! A draft: what could be read from one plan document, before anybody adopts it.
//!
//! Field names and shapes are those of `parse --json`, except for the spans, which stay inside
//! the program. Lines count from 1. Lists that are usually empty are `ThinVec`s (8 bytes):
//! a plan may hold a hundred thousand tasks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::check::CheckSpec;
use crate::diagnostic::Span;
use crate::ids::Key;
use crate::target::Target;

/// What could be read from one document.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Draft {
    /// Name of the format that read it: `markdown`, `execution-plan`, `beads`.
    pub format: &'static str,
    /// The path it was read from, as given.
    pub source: String,
    /// First heading, or the file's stem.
    pub title: String,
    /// Whether it is another tool's file: what that calls done is brought in, not said here.
    #[serde(skip)]
    pub imported: bool,
    /// What had to be done to the bytes before they could be read.
    pub encoding: Encoding,
    /// Named stretches of the plan.
    pub phases: Vec<DraftPhase>,
    /// Units of work, in document order.
    pub tasks: Vec<DraftTask>,
    /// Risk register and risk-to-task mapping, merged by key.
    pub risks: Vec<DraftRisk>,
    /// Named numbers.
    pub metrics: Vec<DraftMetric>,
    /// Success criteria of the plan as a whole (definition of done, completion criteria).
    pub criteria: Vec<DraftCriterion>,
    /// Decisions the document records.
    pub decisions: Vec<DraftEntry>,
    /// Escalations the document records.
    pub escalations: Vec<DraftEntry>,
    /// Changes of plan the document records.
    pub rebaselines: Vec<DraftEntry>,
    /// Assumptions and constraints.
    pub assumptions: Vec<DraftNote>,
    /// Milestones.
    pub milestones: Vec<DraftMilestone>,
    /// Named moments: `09:05 PT kickoff notes posted`.
    pub checkpoints: Vec<DraftMilestone>,
    /// Owner matrix, one per row.
    pub owners: Vec<DraftOwner>,
    /// Paths of runbooks.
    pub runbooks: Vec<DraftNote>,
    /// Reporting and meeting rhythm.
    pub cadence: Vec<DraftNote>,
    /// What the prose states about the plan itself.
    pub claims: Vec<DraftClaim>,
    /// Rows and boxes that found no other place.
    pub notes: Vec<DraftNote>,
}

/// What had to be done to a document's bytes before they could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Encoding {
    /// Whether wrongly decoded text was put right for reading (the file is untouched).
    pub repaired: bool,
    /// The code page the UTF-8 had been read as: `cp1252` or `macroman`.
    pub from: Option<&'static str>,
    /// How many runs of wrongly decoded characters there were.
    pub runs: u32,
    /// Whether the file began with a byte order mark.
    #[serde(skip)]
    pub bom: bool,
    /// How many byte sequences were not UTF-8 at all and read as U+FFFD.
    #[serde(skip)]
    pub invalid: u32,
}

/// What kind of work a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A row of a task table or a task brief.
    #[default]
    Task,
    /// A batch of an execution plan.
    Batch,
    /// A tracked action item.
    Action,
    /// A story of a sprint.
    Story,
    /// A checklist item.
    Item,
    /// A workstream.
    Workstream,
    /// Something to be delivered.
    Deliverable,
}

impl TaskKind {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Batch => "batch",
            Self::Action => "action",
            Self::Story => "story",
            Self::Item => "item",
            Self::Workstream => "workstream",
            Self::Deliverable => "deliverable",
        }
    }
}

/// The state a document's own status word maps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stated {
    /// Not begun, queued, blocked, planned.
    #[default]
    Open,
    /// Begun; also everything up to and including review.
    Active,
    /// The document says the work is done.
    Claimed,
    /// The document says it will not be done.
    Dropped,
}

/// A document's own status word beside the state it maps to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Verbatim, without emoji padding: `Ready for Review`, `🟡`.
    pub word: String,
    /// What it maps to.
    pub state: Stated,
}

/// Who stands beside a task and in which role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// As the document names them.
    pub name: String,
    /// In which role.
    pub role: OwnerRole,
}

/// The role of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnerRole {
    /// Answers for it.
    Primary,
    /// Helps.
    Support,
    /// An agent type that is to do it.
    Agent,
}

/// When something is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Verbatim: `2025-01-13 10:30 PT`, `Week 1–2`.
    pub text: String,
    /// The moment, where the text names one; a bare date means the end of that day in UTC.
    pub at: Option<Timestamp>,
}

/// A unit of work as a document describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftTask {
    /// The author's key, or a generated `<group>/<slug>`.
    pub key: Key,
    /// Whether the key was generated.
    #[serde(skip)]
    pub key_generated: bool,
    /// What kind of work.
    pub kind: TaskKind,
    /// One line, without key, emoji, estimate and probe.
    pub title: String,
    /// The document's status word.
    pub status: Option<Status>,
    /// The document's percentage, 0 to 100.
    pub percent: Option<f64>,
    /// Verbatim: `P0`, `High`.
    pub priority: Option<String>,
    /// Who.
    pub owners: ThinVec<Owner>,
    /// Estimate in working days; a range counts by its upper end.
    pub estimate_days: Option<f64>,
    /// When due.
    pub due: Option<Due>,
    /// Verbatim: `Day 0-2`, `Week 1–2`.
    pub window: Option<String>,
    /// Keys of the tasks that must be done first.
    pub needs: ThinVec<Key>,
    /// What goes in.
    pub inputs: ThinVec<String>,
    /// What comes out.
    pub outputs: ThinVec<String>,
    /// Where it comes from: `SR §3 B-003`.
    pub sources: ThinVec<String>,
    /// Key of the first phase that lists it.
    pub phase: Option<Key>,
    /// Key of the task it is part of.
    pub parent: Option<Key>,
    /// The box: ticked, unticked, or no box at all.
    pub checked: Option<bool>,
    /// What it is for.
    pub objectives: ThinVec<String>,
    /// What it delivers.
    pub deliverables: ThinVec<String>,
    /// When it counts as done.
    pub criteria: ThinVec<DraftCriterion>,
    /// What would prove it.
    pub checks: ThinVec<DraftCheck>,
    /// What stands in its way, in words.
    pub blockers: ThinVec<String>,
    /// What is to be done next.
    pub next_steps: ThinVec<String>,
    /// Pull requests, issues, URLs.
    pub links: ThinVec<String>,
    /// Files and globs it names.
    pub paths: ThinVec<String>,
    /// Keys of the shared memory that it reads or writes.
    pub memory: ThinVec<String>,
    /// Columns and fields nobody has a name for, by their header.
    pub extra: BTreeMap<String, String>,
    /// Line of its row, box or heading.
    pub line: u32,
    /// The whole row, item or heading.
    #[serde(skip)]
    pub span: Span,
    /// Where the fields stand that may be written back.
    #[serde(skip)]
    pub places: Places,
}

/// Where the fields of a task stand that may be written back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    /// The one character inside the box.
    pub mark: Option<Span>,
    /// The status word or cell content.
    pub status: Option<Span>,
    /// The number of the percentage, without the sign.
    pub percent: Option<Span>,
    /// The title, for diagnostics.
    pub title: Option<Span>,
    /// The due date.
    pub due: Option<Span>,
}

impl DraftTask {
    /// A task that has a key, a title and a place, and nothing else yet.
    pub fn new(key: Key, kind: TaskKind, title: impl Into<String>, line: u32, span: Span) -> Self {
        Self {
            key,
            key_generated: false,
            kind,
            title: title.into(),
            status: None,
            percent: None,
            priority: None,
            owners: ThinVec::new(),
            estimate_days: None,
            due: None,
            window: None,
            needs: ThinVec::new(),
            inputs: ThinVec::new(),
            outputs: ThinVec::new(),
            sources: ThinVec::new(),
            phase: None,
            parent: None,
            checked: None,
            objectives: ThinVec::new(),
            deliverables: ThinVec::new(),
            criteria: ThinVec::new(),
            checks: ThinVec::new(),
            blockers: ThinVec::new(),
            next_steps: ThinVec::new(),
            links: ThinVec::new(),
            paths: ThinVec::new(),
            memory: ThinVec::new(),
            extra: BTreeMap::new(),
            line,
            span,
            places: Places::default(),
        }
    }
}

/// A condition a task, phase or plan must meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftCriterion {
    /// Without box and probe.
    pub text: String,
    /// The box, where there is one.
    pub checked: Option<bool>,
    /// The number it names, where the text is plain about it.
    pub target: Option<Target>,
    /// Line it stands on.
    pub line: u32,
    /// What would prove it.
    #[serde(skip)]
    pub checks: ThinVec<DraftCheck>,
    /// The whole item.
    #[serde(skip)]
    pub span: Span,
    /// The one character inside the box.
    #[serde(skip)]
    pub mark: Option<Span>,
}

/// A probe as a document states it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftCheck {
    /// What would prove it.
    #[serde(flatten)]
    pub spec: CheckSpec,
    /// Line it stands on; 0 for a sidecar.
    pub line: u32,
    /// The probe's text.
    #[serde(skip)]
    pub span: Span,
}

/// A named stretch of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftPhase {
    /// The author's key (`Phase A`), or a generated one.
    pub key: Key,
    /// The title without the key.
    pub title: String,
    /// Verbatim: `Week 1–2`.
    pub window: Option<String>,
    /// What must hold before it begins.
    pub entrance: Vec<DraftCriterion>,
    /// What must hold at its end.
    pub exit: Vec<DraftCriterion>,
    /// Keys of its tasks, in order.
    pub tasks: Vec<Key>,
    /// Line of its heading.
    pub line: u32,
    /// The heading.
    #[serde(skip)]
    pub span: Span,
    /// Where each key of `tasks` is named, in the same order.
    #[serde(skip)]
    pub task_spans: Vec<Span>,
}

/// A risk as a document describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftRisk {
    /// The author's key, or a generated one.
    pub key: Key,
    /// What may happen.
    pub title: String,
    /// Verbatim.
    pub probability: Option<String>,
    /// Verbatim.
    pub impact: Option<String>,
    /// `Yellow`, `Open`.
    pub status: Option<String>,
    /// `trending Green`.
    pub trend: Option<String>,
    /// Who watches it.
    pub owner: Option<String>,
    /// What is done about it.
    pub mitigation: Option<String>,
    /// When it is raised, and to whom.
    pub escalation: Option<String>,
    /// Tasks that mitigate it.
    pub tasks: Vec<Key>,
    /// Line it stands on.
    pub line: u32,
    /// The whole row or item.
    #[serde(skip)]
    pub span: Span,
}

/// What a metric's value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricRole {
    /// Measured before the work.
    Baseline,
    /// To be reached.
    Target,
    /// What the document says it is now.
    Claimed,
}

impl MetricRole {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Target => "target",
            Self::Claimed => "value",
        }
    }
}

/// A named number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftMetric {
    /// What is measured.
    pub name: String,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// `%`, `minutes`, `warnings`.
    pub unit: Option<String>,
    /// What it must satisfy.
    pub target: Option<Target>,
    /// Where it was read.
    pub source: Option<String>,
    /// What the value stands for.
    pub role: MetricRole,
    /// What was measured last, in the same unit, where the value is where it began.
    pub measured: Option<f64>,
    /// Whether its author says that the target is met, where the metric is a gate: a claim, no proof.
    pub checked: Option<bool>,
    /// Numbers of the row's other cells, each of another time.
    #[serde(skip)]
    pub others: ThinVec<f64>,
    /// Line it stands on.
    pub line: u32,
    /// The row or sentence.
    #[serde(skip)]
    pub span: Span,
}

/// A decision, escalation or rebaseline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftEntry {
    /// Verbatim, without its label.
    pub text: String,
    /// Who.
    pub owner: Option<String>,
    /// The author's key.
    pub key: Option<Key>,
    /// By when.
    pub due: Option<Due>,
    /// Whether it holds only if something else happens ("contingent on …", "if …").
    pub conditional: bool,
    /// Who approved it, as far as the text says.
    pub approvals: Vec<String>,
    /// Line it stands on.
    pub line: u32,
    /// The item.
    #[serde(skip)]
    pub span: Span,
}

/// A text with its line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftNote {
    /// Verbatim.
    pub text: String,
    /// Line it stands on.
    pub line: u32,
    /// The item or row.
    #[serde(skip)]
    pub span: Span,
}

/// A named moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftMilestone {
    /// Verbatim.
    pub text: String,
    /// When.
    pub due: Option<Due>,
    /// Line it stands on.
    pub line: u32,
    /// The item or row.
    #[serde(skip)]
    pub span: Span,
}

/// One row of an owner matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftOwner {
    /// What is owned.
    pub workstream: String,
    /// Who answers for it.
    pub primary: Option<String>,
    /// Who helps.
    pub support: Option<String>,
    /// Line of the row.
    pub line: u32,
    /// The row.
    #[serde(skip)]
    pub span: Span,
}

/// What the prose states about the plan itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftClaim {
    /// Which statement: `total_duration_days`, `readiness_percent`, `completion_date`,
    /// `complete`, `tests_passing`, `count`, …
    pub what: &'static str,
    /// The number or date.
    pub value: ClaimValue,
    /// Verbatim.
    pub text: String,
    /// Line it stands on.
    pub line: u32,
    /// The sentence.
    #[serde(skip)]
    pub span: Span,
}

/// The value of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimValue {
    /// A plain number.
    Number(f64),
    /// A calendar date.
    Date(Date),
}

impl Serialize for ClaimValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Date(date) => serializer.collect_str(date),
        }
    }
}
