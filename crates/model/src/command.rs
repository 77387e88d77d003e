//! Commands: what somebody asks for. A command names things as its sender does, by key;
//! [`rule`](crate::ruling::rule) decides what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::Bearer;
use crate::check::{Evidence, Outcome};
use crate::commons::{AgentCard, Holding, Process, Recipient};
use crate::definition::Definition;
use crate::delivery::{CiRun, Deployed};
use crate::digest::Digest;
use crate::draft::{Due, MetricRole, TaskKind};
use crate::facts::Fact;
use crate::following::{DocumentEdit, SourceEdits};
use crate::gate::{Loosened, Subject};
use crate::ids::{
    AgentId, AssumptionId, CheckId, EscalationId, Key, PersonId, Revision, Seq, SessionId, TaskId, TicketId,
    TokenId, WaiverId,
};
use crate::lease::{HandedOff, LeaseEnd, Usage};
use crate::plan::Source;
use crate::registers::{EntryDetails, RiskDetails};
use crate::review::TicketOutcome;
use crate::target::Target;
use crate::task::{Assertion, ClaimHow};

/// What somebody asks for.
///
/// Its JSON form crosses the wire between a client and a server's desk of the same version
/// ([`scopes`](crate::scopes) says which scope each takes there); it is stored nowhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
    /// Take in what changed documents say of a few tasks, where nothing else in them changed.
    ReviseTasks {
        /// The revision the sender knows.
        onto: Revision,
        /// The documents, with the digests they have now.
        sources: Vec<Source>,
        /// What became of those whose new text is not handed in whole.
        edits: Vec<SourceEdits>,
        /// The tasks.
        told: Vec<Told>,
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
    Escalate {
        /// What is escalated.
        entry: EntryDetails,
        /// The task it is about.
        task: Option<TaskId>,
    },
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
    /// Take in a run of continuous integration.
    RecordCiRun(Box<CiRun>),
    /// Take in a deployment.
    RecordDeployment(Box<Deployed>),
    /// Say that something is broken for those who use it.
    OpenIncident {
        /// What to call it; a name is made where none is given.
        key: Option<Key>,
        /// What is broken.
        text: String,
        /// How bad it is.
        severity: Option<String>,
        /// Since when; now, where nobody says.
        since: Option<Timestamp>,
    },
    /// Say that it works again.
    EndIncident {
        /// The incident.
        incident: Key,
        /// How.
        outcome: String,
        /// Since when; now, where nobody says.
        at: Option<Timestamp>,
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
    /// Take a task under a lease.
    Take(Box<Take>),
    /// Say that the holder of a lease is alive.
    Beat(TaskId),
    /// Say that a lease's holder has not been heard of for too long.
    TellSilence(TaskId),
    /// Give a task back, or take it from its holder.
    Release {
        /// The task.
        task: TaskId,
        /// How the lease ends.
        how: LeaseEnd,
        /// Why.
        reason: String,
    },
    /// Hand work in for verification.
    Submit {
        /// The task.
        task: TaskId,
        /// The commit that holds it, where it was done in git.
        commit: Option<String>,
        /// The files it changed.
        touched: Vec<String>,
        /// In the worker's words.
        summary: String,
    },
    /// Set paths aside for a task.
    Reserve {
        /// The task.
        task: TaskId,
        /// All of its patterns.
        paths: Vec<String>,
        /// Whether others may write there too.
        shared: bool,
    },
    /// Say that a file was written for a task.
    Touch {
        /// The task.
        task: TaskId,
        /// The file.
        path: String,
        /// Digest of what stands there now; nothing where it is gone.
        digest: Option<Digest>,
    },
    /// Pass work from one role to another.
    HandOff(Box<HandedOff>),
    /// Say what work on a task has used up.
    RecordUsage {
        /// The task.
        task: TaskId,
        /// How much.
        usage: Usage,
    },
    /// Say how work on a task goes.
    Report {
        /// The task.
        task: TaskId,
        /// What kind of news: `thinking`, `progress`, `tool_invoked`, or a name of one's own.
        name: String,
        /// Whatever belongs to it.
        payload: serde_json::Map<String, serde_json::Value>,
    },
    /// Allow more to be used up than the budget says.
    AllowBudget {
        /// How much more.
        usage: Usage,
        /// Why.
        reason: String,
    },
    /// Ask people to look at something.
    RequestReview(Box<RequestReview>),
    /// Give a review ticket to somebody.
    AssignTicket {
        /// Which.
        ticket: TicketId,
        /// To whom; to whoever asks, where nobody is named.
        reviewer: Option<PersonId>,
    },
    /// Take a review ticket from whoever has it.
    UnassignTicket(TicketId),
    /// Remark something on a review ticket.
    NoteTicket {
        /// Which.
        ticket: TicketId,
        /// The text.
        text: String,
    },
    /// Answer a review ticket, or put it aside.
    ResolveTicket(Box<ResolveTicket>),
    /// Begin nothing new.
    Halt {
        /// Why.
        reason: String,
    },
    /// Go on after a halt.
    Resume,
    /// Make an agent known (the store's own stream).
    RegisterAgent {
        /// Its name.
        agent: AgentId,
        /// What it says of itself.
        card: AgentCard,
    },
    /// Begin a session (the store's own stream).
    StartSession {
        /// Its name.
        session: SessionId,
        /// The key of the plan it is about.
        plan: Option<Key>,
        /// How its agents stand to each other.
        topology: Option<String>,
        /// How many agents may join.
        max_agents: Option<u32>,
        /// After so many seconds of silence it counts as stuck.
        silence_seconds: Option<u32>,
    },
    /// Have an agent join a session (the store's own stream).
    JoinSession(Box<crate::commons::SessionJoined>),
    /// Say that an agent is alive (the store's own stream).
    SeeAgent {
        /// In which session.
        session: SessionId,
        /// The agent.
        agent: AgentId,
        /// The process it runs as.
        process: Option<Process>,
    },
    /// End a session (the store's own stream).
    EndSession {
        /// The session.
        session: SessionId,
        /// Why.
        reason: String,
        /// Whether it is closed because nothing was heard of it.
        stuck: bool,
    },
    /// Write a value to the shared memory (the store's own stream).
    SetMemory(Box<SetMemory>),
    /// Take a value out of the shared memory (the store's own stream).
    DeleteMemory {
        /// Its key.
        key: String,
        /// The version it must have.
        expect: Option<u64>,
        /// Under which grant.
        under: Option<Holding>,
    },
    /// Send a message (the store's own stream).
    SendMessage {
        /// To whom.
        to: Recipient,
        /// The text.
        text: String,
        /// The key of the plan it is about.
        plan: Option<Key>,
        /// The key of the task it is about.
        task: Option<Key>,
        /// The message it answers.
        answers: Option<Seq>,
    },
    /// Acknowledge messages (the store's own stream).
    AcknowledgeMessages(Vec<Seq>),
    /// Make a token for the service (the store's own stream).
    IssueToken(Box<IssueToken>),
    /// Take a token back (the store's own stream).
    RevokeToken {
        /// Which.
        id: TokenId,
        /// Why.
        reason: String,
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
        person: PersonId,
        /// `ed25519:…`
        key: String,
    },
}

/// What a token is to be; the token itself stays with whoever made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueToken {
    /// What people call it.
    pub name: String,
    /// SHA-256 of the token.
    pub digest: Digest,
    /// As whom its holder acts.
    pub subject: Bearer,
    /// The roles it stands for.
    pub roles: BTreeSet<String>,
    /// The scopes it has besides.
    pub scopes: BTreeSet<String>,
    /// When it ends.
    pub until: Option<Timestamp>,
}

/// What somebody who takes a task asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Take {
    /// Which task.
    pub which: Which,
    /// The roles of who takes it; none: it takes any.
    pub roles: Vec<String>,
    /// For how long; the plan's own rule where nothing is said.
    pub ttl_seconds: Option<u32>,
    /// What it intends to write, instead of what is reserved.
    pub paths: Option<Vec<String>>,
    /// The commit the work begins at.
    pub base: Option<String>,
}

/// Which task is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// This one.
    Task(TaskId),
    /// The one that comes next: by priority, then by how many wait for it, then as the document
    /// has them.
    Next,
}

/// What somebody who wants people to look at something asks for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestReview {
    /// What it is about; nothing: the plan as a whole.
    pub about: Option<Subject>,
    /// One line.
    pub summary: String,
    /// By when an answer is asked for: then its owners are to acknowledge it.
    pub due: Option<Timestamp>,
    /// What whoever looks should know besides, by name.
    pub payload: BTreeMap<String, String>,
}

/// How somebody ends a review ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolveTicket {
    /// Which.
    pub ticket: TicketId,
    /// Answered, or put aside.
    pub outcome: TicketOutcome,
    /// In their words.
    pub summary: String,
    /// Which approval is given with it, where it asks for several.
    pub check: Option<String>,
    /// In which role it is given, where it asks for several.
    pub role: Option<String>,
}

/// A value for the shared memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetMemory {
    /// Its key.
    pub key: String,
    /// The value.
    pub value: String,
    /// The version the key must have now; 0: it must have no value.
    pub expect: Option<u64>,
    /// For how many seconds it is kept.
    pub ttl_seconds: Option<u64>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Under which grant it is written.
    pub under: Option<Holding>,
}

/// What a document says anew of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The task.
    pub task: TaskId,
    /// Its status and percentage, as far as it says others than before.
    pub facts: Vec<Fact>,
    /// What box and status word together say, where that is something else than before.
    pub asserted: Option<Assertion>,
}

/// The part of a task's schedule that a rebaseline changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
            // However much of the plan was read for it, it is one act.
            Self::RevisePlan { .. } | Self::ReviseTasks { .. } => "revise_plan",
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
            Self::Escalate { .. } => "escalate",
            Self::ResolveEscalation { .. } => "resolve_escalation",
            Self::Assume(_) => "assume",
            Self::CheckAssumption { .. } => "check_assumption",
            Self::DefineMetric { .. } => "define_metric",
            Self::RecordReading { .. } => "record_reading",
            Self::RecordCiRun(_) => "record_ci_run",
            Self::RecordDeployment(_) => "record_deployment",
            Self::OpenIncident { .. } => "open_incident",
            Self::EndIncident { .. } => "end_incident",
            Self::Rebaseline { .. } => "rebaseline",
            Self::ApproveRebaseline { .. } => "approve_rebaseline",
            Self::IntendDocument { .. } => "intend_document",
            Self::SyncDocument { .. } => "sync_document",
            Self::Take(_) => "take",
            Self::Beat(_) => "beat",
            Self::TellSilence(_) => "tell_silence",
            Self::Release { .. } => "release",
            Self::Submit { .. } => "submit",
            Self::Reserve { .. } => "reserve",
            Self::Touch { .. } => "touch",
            Self::HandOff(_) => "hand_off",
            Self::RecordUsage { .. } => "record_usage",
            Self::Report { .. } => "report",
            Self::AllowBudget { .. } => "allow_budget",
            Self::RequestReview(_) => "request_review",
            Self::AssignTicket { .. } => "assign_ticket",
            Self::UnassignTicket(_) => "unassign_ticket",
            Self::NoteTicket { .. } => "note_ticket",
            Self::ResolveTicket(_) => "resolve_ticket",
            Self::Halt { .. } => "halt",
            Self::Resume => "resume",
            Self::RegisterAgent { .. } => "register_agent",
            Self::StartSession { .. } => "start_session",
            Self::JoinSession(_) => "join_session",
            Self::SeeAgent { .. } => "see_agent",
            Self::EndSession { .. } => "end_session",
            Self::SetMemory(_) => "set_memory",
            Self::DeleteMemory { .. } => "delete_memory",
            Self::SendMessage { .. } => "send_message",
            Self::AcknowledgeMessages(_) => "acknowledge_messages",
            Self::IssueToken(_) => "issue_token",
            Self::RevokeToken { .. } => "revoke_token",
            Self::Trust { .. } => "trust",
            Self::RegisterKey { .. } => "register_key",
        }
    }

    /// Whether it is about the store's own stream and not about a plan.
    pub fn is_of_the_store(&self) -> bool {
        matches!(
            self,
            Self::Trust { .. }
                | Self::RegisterKey { .. }
                | Self::RegisterAgent { .. }
                | Self::StartSession { .. }
                | Self::JoinSession(_)
                | Self::SeeAgent { .. }
                | Self::EndSession { .. }
                | Self::SetMemory(_)
                | Self::DeleteMemory { .. }
                | Self::SendMessage { .. }
                | Self::AcknowledgeMessages(_)
                | Self::IssueToken(_)
                | Self::RevokeToken { .. }
        )
    }

    /// The task whose work it is about, so that whoever does not hold that task is turned away.
    /// Remarks, evidence and what a person decides about a task are not work on it.
    pub fn works_on(&self) -> Option<TaskId> {
        match self {
            Self::Start(task)
            | Self::Claim { task, .. }
            | Self::Update { task, .. }
            | Self::Rewire { task, .. }
            | Self::Block { task, .. }
            | Self::Unblock(task)
            | Self::Reopen { task, .. }
            | Self::Beat(task)
            | Self::Release { task, .. }
            | Self::Submit { task, .. }
            | Self::Reserve { task, .. }
            | Self::Touch { task, .. }
            | Self::RecordUsage { task, .. }
            | Self::Report { task, .. } => Some(*task),
            _ => None,
        }
    }

    /// The grant a command about the store's own stream is given under.
    pub fn holding(&self) -> Option<Holding> {
        match self {
            Self::SetMemory(set) => set.under,
            Self::DeleteMemory { under, .. } => *under,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
