//! Commands: what somebody asks for. A command names things as its sender does, by key;
//! [`rule`](crate::ruling::rule) decides what comes of it.

use jiff::Timestamp;

use crate::check::{Evidence, Outcome};
use crate::definition::Definition;
use crate::digest::Digest;
use crate::draft::{Due, MetricRole, TaskKind};
use crate::facts::Fact;
use crate::following::DocumentEdit;
use crate::gate::{Loosened, Subject};
use crate::ids::{AssumptionId, CheckId, EscalationId, Key, Revision, Seq, TaskId, WaiverId};
use crate::registers::{EntryDetails, RiskDetails};
use crate::target::Target;
use crate::task::ClaimHow;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Bring a plan under control.
    AdoptPlan(Box<Definition>),
    /// Take a changed plan in, made on this revision.
    RevisePlan {
        /// The revision the sender knows.
        onto: Revision,
        /// The plan as the documents had it when last taken in, so that what somebody set with a
        /// verb is not undone by a document that never mentioned it.
        base: Option<Box<Definition>>,
        /// The plan as the documents have it now.
        definition: Box<Definition>,
    },
    /// Begin a task.
    Start(TaskId),
    /// Say that a task is done.
    Claim {
        /// The task.
        task: TaskId,
        /// How it is said.
        how: ClaimHow,
    },
    /// Set or clear fields of a task. An empty list clears nothing.
    Update {
        /// The task.
        task: TaskId,
        /// New values.
        put: Vec<Fact>,
        /// Kinds to take away (the value inside does not matter).
        clear: Vec<Fact>,
    },
    /// Set what must be done before a task, and what else stands in its way in words.
    Rewire {
        /// The task.
        task: TaskId,
        /// What must be done first, in order.
        needs: Vec<TaskId>,
        /// What else stands in its way.
        blockers: Vec<String>,
    },
    /// Report an obstacle.
    Block {
        /// The task.
        task: TaskId,
        /// What stands in the way.
        reason: String,
    },
    /// Lift the obstacles.
    Unblock(TaskId),
    /// Give a task up.
    Drop {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// Say that a task is not done after all.
    Reopen {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// Remark something.
    Note {
        /// The task.
        task: TaskId,
        /// The text.
        text: String,
    },
    /// Attach a file that is already a blob.
    Attach {
        /// The task.
        task: TaskId,
        /// File name.
        name: String,
        /// BLAKE3 of its bytes.
        blob: Digest,
        /// Bytes.
        size: u64,
    },
    /// Report what came of running a check.
    RecordVerdict {
        /// The check.
        check: CheckId,
        /// Which attempt of its subject it was run for.
        attempt: u32,
        /// Digest of the specification it ran under.
        spec: Digest,
        /// Digest of everything it could read.
        inputs: Digest,
        /// Pass, fail or error.
        outcome: Outcome,
        /// What it saw.
        evidence: Box<Evidence>,
    },
    /// Countersign a task whose checks all passed or are waived.
    Verify {
        /// The task.
        task: TaskId,
        /// Digest of everything its checks could read now.
        inputs: Digest,
    },
    /// Approve, as a person: what an `approval` check asks for, or a task that has no checks.
    Approve {
        /// What is approved.
        subject: Subject,
        /// Which approval check, where there are several.
        check: Option<String>,
        /// In which role.
        role: Option<String>,
    },
    /// Let a weakening take effect.
    ApproveWeakening(Loosened),
    /// Ask for an exception.
    Waive {
        /// The check.
        check: CheckId,
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
        /// Approve it in the same breath (only where the plan is one person's).
        approve: bool,
    },
    /// Ask to let a task go ahead before something it needs is done.
    WaiveNeed {
        /// The task.
        task: TaskId,
        /// What it needs.
        need: TaskId,
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
        /// Approve it in the same breath (only where the plan is one person's).
        approve: bool,
    },
    /// Grant an exception.
    ApproveWaiver(WaiverId),
    /// Take an exception back.
    RevokeWaiver {
        /// The waiver.
        waiver: WaiverId,
        /// Why.
        reason: String,
    },
    /// Add a task that stands in no document.
    AddTask {
        /// What kind of work.
        kind: TaskKind,
        /// Its key; one is made where none is given.
        key: Option<Key>,
        /// One line.
        title: String,
        /// What must be done first.
        needs: Vec<TaskId>,
        /// What else is known.
        facts: Vec<Fact>,
    },
    /// Add a risk.
    AddRisk {
        /// Its key; one is made where none is given.
        key: Option<Key>,
        /// What it is about.
        details: RiskDetails,
    },
    /// Change a risk: fields that are something replace what is there.
    ChangeRisk {
        /// Which.
        key: Key,
        /// What changes.
        details: RiskDetails,
    },
    /// Record a decision.
    Decide(EntryDetails),
    /// Escalate something.
    Escalate(EntryDetails),
    /// End an escalation.
    ResolveEscalation {
        /// Which.
        escalation: EscalationId,
        /// How it ended.
        outcome: String,
    },
    /// Record an assumption.
    Assume(String),
    /// Say whether an assumption holds.
    CheckAssumption {
        /// Which.
        assumption: AssumptionId,
        /// Whether it holds.
        holds: bool,
    },
    /// Set a metric's unit or target.
    DefineMetric {
        /// Its name.
        name: String,
        /// Its unit.
        unit: Option<String>,
        /// What it must satisfy.
        target: Option<Target>,
    },
    /// Record a measured value.
    RecordReading {
        /// The metric.
        name: String,
        /// The number.
        value: f64,
        /// Its unit.
        unit: Option<String>,
        /// Where it was read.
        source: String,
        /// `Baseline`, or nothing for a plain measurement.
        role: Option<MetricRole>,
    },
    /// Change a date, window or estimate, with a reason.
    Rebaseline {
        /// The task.
        task: TaskId,
        /// What changes.
        to: Schedule,
        /// Why.
        reason: String,
    },
    /// Approve the task's latest rebaseline that still waits, in a role.
    ApproveRebaseline {
        /// The task.
        task: TaskId,
        /// In which role.
        role: String,
    },
    /// Say that a document is about to be written; its edits say how.
    IntendDocument {
        /// The document, as among the plan's sources.
        path: String,
        /// Digest of the text that is to go.
        from: Digest,
        /// Digest of the text that is to stand there.
        to: Digest,
        /// The last event whose change is in it.
        through: Seq,
        /// What becomes of the old text; nothing where the new one comes as a blob.
        edits: Option<Vec<DocumentEdit>>,
    },
    /// Say that a document has the text that was intended, or still the one on record.
    SyncDocument {
        /// The document, as among the plan's sources.
        path: String,
        /// Digest of the text it has.
        digest: Digest,
        /// The last event whose change is in it.
        through: Seq,
    },
    /// Allow a set of commands to run (the store's own stream).
    Trust {
        /// The plan document the commands come from.
        path: String,
        /// Digest over every command and the scripts they call.
        set: Digest,
        /// How many commands.
        commands: u32,
    },
    /// Make a person's public key known (the store's own stream).
    RegisterKey {
        /// Whose.
        person: crate::ids::PersonId,
        /// `ed25519:…`
        key: String,
    },
}

/// The part of a task's schedule that a rebaseline changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// When it is due.
    Due(Due),
    /// Its window.
    Window(String),
    /// Its estimate in working days.
    Estimate(f64),
}

impl Command {
    /// The command's name, as recorded in an event's cause.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AdoptPlan(_) => "adopt_plan",
            Self::RevisePlan { .. } => "revise_plan",
            Self::Start(_) => "start",
            Self::Claim { .. } => "claim",
            Self::Update { .. } => "update",
            Self::Rewire { .. } => "rewire",
            Self::Block { .. } => "block",
            Self::Unblock(_) => "unblock",
            Self::Drop { .. } => "drop",
            Self::Reopen { .. } => "reopen",
            Self::Note { .. } => "note",
            Self::Attach { .. } => "attach",
            Self::RecordVerdict { .. } => "record_verdict",
            Self::Verify { .. } => "verify",
            Self::Approve { .. } => "approve",
            Self::ApproveWeakening(_) => "approve_weakening",
            Self::Waive { .. } => "waive",
            Self::WaiveNeed { .. } => "waive_need",
            Self::ApproveWaiver(_) => "approve_waiver",
            Self::RevokeWaiver { .. } => "revoke_waiver",
            Self::AddTask { .. } => "add_task",
            Self::AddRisk { .. } => "add_risk",
            Self::ChangeRisk { .. } => "change_risk",
            Self::Decide(_) => "decide",
            Self::Escalate(_) => "escalate",
            Self::ResolveEscalation { .. } => "resolve_escalation",
            Self::Assume(_) => "assume",
            Self::CheckAssumption { .. } => "check_assumption",
            Self::DefineMetric { .. } => "define_metric",
            Self::RecordReading { .. } => "record_reading",
            Self::Rebaseline { .. } => "rebaseline",
            Self::ApproveRebaseline { .. } => "approve_rebaseline",
            Self::IntendDocument { .. } => "intend_document",
            Self::SyncDocument { .. } => "sync_document",
            Self::Trust { .. } => "trust",
            Self::RegisterKey { .. } => "register_key",
        }
    }
}
