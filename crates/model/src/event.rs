//! Events: what happened, past tense, small, and sufficient to check from the log alone that the
//! rules were kept. A stored contract: kinds and fields are only ever added (see `tests/golden/`).

mod carried;
mod kind;
mod recorded;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

pub use carried::{TaskAdded, TaskChanged, VerdictRecorded};
pub use recorded::Recorded;

use crate::access::TokenIssued;
use crate::check::CheckSpec;
use crate::commons::{AgentCard, Holding, MemorySet, MessageSent, Process, SessionJoined, SessionStarted};
use crate::delivery::{CiRun, Deployed};
use crate::digest::Digest;
use crate::draft::MetricRole;
use crate::facts::Fact;
use crate::following::{DocumentEdit, SourceEdits};
use crate::gate::{Basis, Loosened, Stated, Subject};
use crate::ids::{
    AgentId, AssumptionId, CheckId, DecisionId, EscalationId, Fence, GateId, Key, NoteId, PersonId, PhaseId,
    Revision, RiskId, Seq, SessionId, TaskId, TicketId, TokenId, WaiverId,
};
use crate::lease::{HandedOff, LeaseEnd, LeaseTaken, PathTouched, Usage, WorkReported, WorkSubmitted};
use crate::plan::Source;
use crate::registers::{EntryDetails, RiskDetails};
use crate::review::{TicketJoined, TicketOpened, TicketOutcome};
use crate::settings::Settings;
use crate::target::Target;
use crate::task::{Assertion, ClaimHow};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    // ---- the plan and its documents
    /// A plan came under control; its phases and tasks follow in the same batch.
    PlanAdopted {
        /// The plan's key.
        key: Key,
        /// Its title.
        title: String,
        /// How strict it is with itself.
        settings: Box<Settings>,
        /// What it was read from.
        sources: Vec<Source>,
    },
    /// The documents changed and the plan with them; the differences follow in the same batch.
    PlanRevised {
        /// The new revision.
        revision: Revision,
        /// The revision it was made on.
        parent: Revision,
        /// Its title.
        title: String,
        /// What it was read from.
        sources: Vec<Source>,
        /// Documents whose new text follows from the old one by a few edits, and is not kept as a blob.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<SourceEdits>,
    },
    /// A document is about to be written; recorded before a byte of the file changes.
    DocumentIntended {
        /// The document, as among the plan's sources.
        path: String,
        /// BLAKE3 of the text that is to go.
        from: Digest,
        /// BLAKE3 of the text that is to stand there.
        to: Digest,
        /// The last event whose change is in it.
        through: Seq,
        /// What becomes of the old text, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<DocumentEdit>,
        /// Whether the new text is kept as a blob instead.
        #[serde(default, skip_serializing_if = "is_default")]
        whole: bool,
    },
    /// A document and the journal are in step.
    DocumentSynced {
        /// The document, as among the plan's sources.
        path: String,
        /// BLAKE3 of the text that stands there.
        digest: Digest,
        /// The last event whose change is in it.
        through: Seq,
    },
    /// The plan's settings changed.
    SettingsChanged {
        /// As they are now.
        settings: Box<Settings>,
    },
    /// Somebody allowed a set of commands to run.
    TrustGiven {
        /// The plan document the commands come from.
        path: String,
        /// Digest over every command and the scripts they call.
        set: Digest,
        /// How many commands.
        commands: u32,
    },
    /// A person's public key became known.
    KeyRegistered {
        /// Whose.
        person: PersonId,
        /// `ed25519:…`
        key: String,
    },

    // ---- phases
    /// A phase was added.
    PhaseAdded {
        /// The phase.
        phase: PhaseId,
        /// The author's key.
        key: Key,
        /// Its title.
        title: String,
        /// Verbatim.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<String>,
        /// Line of its heading.
        line: u32,
    },
    /// A phase's title, window or line changed.
    PhaseChanged {
        /// The phase.
        phase: PhaseId,
        /// Its title.
        title: String,
        /// Verbatim.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<String>,
        /// Line of its heading.
        line: u32,
    },
    /// A phase went away; its tasks stay.
    PhaseRemoved {
        /// The phase.
        phase: PhaseId,
    },

    // ---- tasks
    /// A task was added.
    TaskAdded(Box<TaskAdded>),
    /// What the document says about a task changed.
    TaskChanged(Box<TaskChanged>),
    /// The document's own word about a task's state changed.
    TaskAsserted {
        /// The task.
        task: TaskId,
        /// What the document says now.
        asserted: Assertion,
        /// Needs that were unmet when it said so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        against: Vec<TaskId>,
        /// Whether the document is another tool's file.
        #[serde(default, skip_serializing_if = "is_default")]
        imported: bool,
    },
    /// Somebody began.
    TaskStarted {
        /// The task.
        task: TaskId,
        /// Its new fence.
        fence: Fence,
    },
    /// Somebody says it is done.
    TaskClaimed {
        /// The task.
        task: TaskId,
        /// How it was said.
        how: ClaimHow,
    },
    /// A claim was taken back.
    ClaimWithdrawn {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// Evidence, or a named person, countersigned it.
    TaskVerified {
        /// The task.
        task: TaskId,
        /// Which attempt.
        attempt: u32,
        /// On what it rests.
        basis: Basis,
    },
    /// It no longer counts as done.
    TaskReopened {
        /// The task.
        task: TaskId,
        /// The new attempt.
        attempt: u32,
        /// Why.
        reason: String,
    },
    /// A task deserves a second look.
    TaskFlagged {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// It will not be done.
    TaskDropped {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// Somebody reported an obstacle.
    TaskBlocked {
        /// The task.
        task: TaskId,
        /// What stands in the way.
        reason: String,
    },
    /// The obstacles were lifted.
    TaskUnblocked {
        /// The task.
        task: TaskId,
    },
    /// Fields of a task were set by a verb.
    FactsChanged {
        /// The task.
        task: TaskId,
        /// New values.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        put: Vec<Fact>,
        /// Kinds that went away, with the value they had.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        clear: Vec<Fact>,
    },
    /// What must be done before a task was set by a verb.
    NeedsChanged {
        /// The task.
        task: TaskId,
        /// What must be done first.
        #[serde(default, skip_serializing_if = "ThinVec::is_empty")]
        needs: ThinVec<TaskId>,
        /// What else stands in its way, in words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        blockers: Vec<String>,
    },
    /// Somebody remarked something.
    NoteAdded {
        /// The task.
        task: TaskId,
        /// The text.
        text: String,
    },
    /// Somebody attached a file.
    FileAttached {
        /// The task.
        task: TaskId,
        /// File name.
        name: String,
        /// BLAKE3 of its bytes.
        blob: Digest,
        /// Bytes.
        size: u64,
    },

    // ---- gates, checks and criteria
    /// A named gate was added.
    GateAdded {
        /// The gate.
        gate: GateId,
        /// `deploy`.
        name: String,
        /// What must come first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        needs: Vec<String>,
        /// `production`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        environment: Option<String>,
    },
    /// What must come before a named gate changed.
    GateChanged {
        /// The gate.
        gate: GateId,
        /// What must come first.
        needs: Vec<String>,
        /// `production`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        environment: Option<String>,
    },
    /// A check came into force.
    CheckAdded {
        /// The check.
        check: CheckId,
        /// What it guards.
        subject: Subject,
        /// What it demands.
        spec: CheckSpec,
        /// The criterion it proves.
        text: String,
        /// The criterion's box.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checked: Option<bool>,
        /// Line it stands on; 0 for a sidecar.
        line: u32,
    },
    /// A check was changed in a way that weakens nothing, or its text, box or line moved.
    CheckChanged {
        /// The check.
        check: CheckId,
        /// What it demands now.
        spec: CheckSpec,
        /// The criterion it proves.
        text: String,
        /// The criterion's box.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checked: Option<bool>,
        /// Line it stands on.
        line: u32,
    },
    /// A revision wants a check looser or gone; the old one stays in force.
    WeakeningProposed {
        /// The check.
        check: CheckId,
        /// What is to stand in its place; nothing where it is to go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<CheckSpec>,
    },
    /// The documents ask for the check as it was: the proposal is void.
    WeakeningWithdrawn {
        /// The check.
        check: CheckId,
    },
    /// A revision wants the plan's settings looser; the old ones stay in force.
    SettingsProposed {
        /// As they are to be.
        settings: Box<Settings>,
    },
    /// A weakening takes effect.
    WeakeningApproved {
        /// What becomes looser.
        loosened: Loosened,
    },
    /// Criteria that nothing proves, as the document states them.
    CriteriaStated {
        /// What they guard.
        subject: Subject,
        /// All of them.
        stated: ThinVec<Stated>,
    },
    /// A check was run.
    VerdictRecorded(Box<VerdictRecorded>),
    /// A person approved.
    ApprovalGiven {
        /// The check that asks for it.
        check: CheckId,
        /// Which attempt of its subject.
        attempt: u32,
        /// Digest of the specification it was given for.
        spec: Digest,
        /// In which role.
        role: String,
    },

    // ---- waivers
    /// Somebody asked for an exception.
    WaiverRequested {
        /// The waiver.
        waiver: WaiverId,
        /// The check; one that nothing else has where the exception is for a need.
        check: CheckId,
        /// What that check guards, or what has the need.
        subject: Subject,
        /// Digest of the specification it was asked for, or of the need.
        spec: Digest,
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// A person granted it.
    WaiverApproved {
        /// The waiver.
        waiver: WaiverId,
    },
    /// A person took it back.
    WaiverRevoked {
        /// The waiver.
        waiver: WaiverId,
        /// Why.
        reason: String,
    },

    // ---- registers
    /// A risk was added.
    RiskAdded {
        /// The risk.
        risk: RiskId,
        /// The author's key.
        key: Key,
        /// What it is about.
        details: RiskDetails,
        /// Line in the document.
        #[serde(default, skip_serializing_if = "is_default")]
        line: u32,
    },
    /// A risk changed.
    RiskChanged {
        /// The risk.
        risk: RiskId,
        /// As it is now.
        details: RiskDetails,
        /// Line in the document.
        #[serde(default, skip_serializing_if = "is_default")]
        line: u32,
    },
    /// A decision was recorded.
    DecisionRecorded {
        /// The decision.
        decision: DecisionId,
        /// What was decided.
        entry: EntryDetails,
        /// Line in the document.
        #[serde(default, skip_serializing_if = "is_default")]
        line: u32,
    },
    /// Something was escalated.
    EscalationOpened {
        /// The escalation.
        escalation: EscalationId,
        /// What is escalated.
        entry: EntryDetails,
        /// The task it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<TaskId>,
        /// Line in the document.
        #[serde(default, skip_serializing_if = "is_default")]
        line: u32,
    },
    /// An escalation ended.
    EscalationResolved {
        /// The escalation.
        escalation: EscalationId,
        /// How.
        outcome: String,
    },
    /// An assumption or constraint was recorded.
    AssumptionRecorded {
        /// The assumption.
        assumption: AssumptionId,
        /// The text.
        text: String,
        /// Line in the document.
        #[serde(default, skip_serializing_if = "is_default")]
        line: u32,
    },
    /// Somebody looked whether an assumption holds.
    AssumptionChecked {
        /// The assumption.
        assumption: AssumptionId,
        /// Whether it holds.
        holds: bool,
    },
    /// A metric's unit or target was set.
    MetricDefined {
        /// Its name.
        name: String,
        /// Its unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// What it must satisfy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Target>,
    },
    /// A value was measured, or stated by a document.
    ReadingRecorded {
        /// The metric.
        name: String,
        /// The number.
        value: f64,
        /// Its unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// Where it was read.
        source: String,
        /// What it stands for; nothing for a measurement.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<MetricRole>,
    },
    /// Somebody wants a date, window or estimate changed.
    RebaselineRequested {
        /// The task.
        task: TaskId,
        /// `due`, `window` or `estimate`.
        field: String,
        /// Before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// After; empty where it is taken away.
        to: String,
        /// Why.
        reason: String,
        /// Roles that must approve.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        missing: Vec<String>,
    },
    /// A person approved a rebaseline.
    RebaselineApproved {
        /// Its place in the plan's list.
        rebaseline: u32,
        /// In which role.
        role: String,
    },

    // ---- leases and the work done under them
    /// A task was given to somebody for a time.
    LeaseTaken(Box<LeaseTaken>),
    /// Its holder was heard of.
    LeaseRenewed {
        /// The task.
        task: TaskId,
        /// The grant.
        fence: Fence,
        /// When it ends now.
        until: Timestamp,
    },
    /// Its holder was not heard of for too long, and somebody was told.
    LeaseSilent {
        /// The task.
        task: TaskId,
        /// The grant.
        fence: Fence,
        /// How many heartbeats are missing.
        missed: u32,
    },
    /// A task was given back, or taken from its holder.
    LeaseEnded {
        /// The task.
        task: TaskId,
        /// The grant.
        fence: Fence,
        /// How it ended.
        how: LeaseEnd,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Work was handed in; the claim follows in the same batch.
    WorkSubmitted(Box<WorkSubmitted>),
    /// Paths were set aside for a task.
    PathsReserved {
        /// The task.
        task: TaskId,
        /// All of its patterns now.
        paths: Vec<String>,
        /// Whether others may write there too.
        #[serde(default, skip_serializing_if = "is_default")]
        shared: bool,
    },
    /// A file was written.
    PathTouched(Box<PathTouched>),
    /// Work passed from one role to another.
    HandedOff(Box<HandedOff>),
    /// Work on a task used something up.
    UsageRecorded {
        /// The task.
        task: TaskId,
        /// How much.
        usage: Usage,
    },
    /// Whoever works on a task said how it goes.
    WorkReported(Box<WorkReported>),
    /// A person allowed more to be used up than the plan's budget says.
    BudgetAllowed {
        /// How much more.
        usage: Usage,
        /// Why.
        reason: String,
    },
    /// Nothing new begins.
    PlanHalted {
        /// Why.
        reason: String,
    },
    /// Work goes on.
    PlanResumed {},

    // ---- the review queue
    /// People are asked to look at something.
    TicketOpened(Box<TicketOpened>),
    /// More came to a ticket that was there already.
    TicketJoined(Box<TicketJoined>),
    /// Somebody has it now.
    TicketAssigned {
        /// The ticket.
        ticket: TicketId,
        /// Who is to look.
        reviewer: PersonId,
    },
    /// Nobody has it any more.
    TicketUnassigned {
        /// The ticket.
        ticket: TicketId,
    },
    /// Somebody remarked something on it.
    TicketNoted {
        /// The ticket.
        ticket: TicketId,
        /// The remark.
        note: NoteId,
        /// The text.
        text: String,
    },
    /// It is over; an approval that was given with it stands before it in the same batch.
    TicketClosed {
        /// The ticket.
        ticket: TicketId,
        /// Whether it was answered or put aside.
        outcome: TicketOutcome,
        /// In the reviewer's words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        summary: String,
    },

    // ---- how the work gets out
    /// A run of continuous integration ended.
    CiRunRecorded(Box<CiRun>),
    /// Something was deployed, or was to be.
    DeploymentRecorded(Box<Deployed>),
    /// Something broke for those who use it.
    IncidentOpened {
        /// What the incident is called.
        incident: Key,
        /// What is broken.
        text: String,
        /// How bad it is, in the team's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        severity: Option<String>,
        /// Since when.
        since: Timestamp,
    },
    /// It works again.
    IncidentEnded {
        /// The incident.
        incident: Key,
        /// How.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        outcome: String,
        /// Since when.
        at: Timestamp,
    },

    // ---- what all plans of a store share
    /// An agent made itself known.
    AgentRegistered {
        /// Its name.
        agent: AgentId,
        /// What it says of itself.
        card: AgentCard,
    },
    /// A session began.
    SessionStarted(Box<SessionStarted>),
    /// An agent joined a session.
    SessionJoined(Box<SessionJoined>),
    /// An agent was heard of.
    AgentSeen {
        /// In which session.
        session: SessionId,
        /// The agent.
        agent: AgentId,
        /// The process it runs as.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Process>,
    },
    /// A session ended.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Why.
        reason: String,
        /// Whether nothing was heard of it for too long.
        #[serde(default, skip_serializing_if = "is_default")]
        stuck: bool,
    },
    /// A value was written to the shared memory.
    MemorySet(Box<MemorySet>),
    /// A value was taken out of the shared memory.
    MemoryDeleted {
        /// Its key.
        key: String,
        /// The key's new version.
        version: u64,
        /// Under which grant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<Holding>,
    },
    /// A message was sent.
    MessageSent(Box<MessageSent>),
    /// Messages were acknowledged by one of those they were meant for.
    MessagesAcknowledged {
        /// Their numbers.
        messages: Vec<Seq>,
    },

    // ---- who may ask the service
    /// A token was made.
    TokenIssued(Box<TokenIssued>),
    /// A token was taken back before its time.
    TokenRevoked {
        /// Which.
        id: TokenId,
        /// Why.
        reason: String,
    },
}

impl Event {
    /// The digests of the blobs it refers to.
    pub fn blobs(&self) -> Vec<Digest> {
        match self {
            Self::PlanAdopted { sources, .. } => sources.iter().map(|source| source.digest).collect(),
            Self::PlanRevised { sources, edits, .. } => {
                let whole = |source: &&Source| edits.iter().all(|edited| edited.path != source.path);
                sources.iter().filter(whole).map(|source| source.digest).collect()
            }
            Self::VerdictRecorded(verdict) => verdict.evidence.output.into_iter().collect(),
            Self::FileAttached { blob, .. } => vec![*blob],
            Self::DocumentIntended { to, whole: true, .. } => vec![*to],
            _ => Vec::new(),
        }
    }
}
