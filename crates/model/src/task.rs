//! A task under control: its state carries exactly what is true in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::actor::{Actor, By};
use crate::digest::Digest;
use crate::draft::{Stated, TaskKind};
use crate::facts::Facts;
use crate::gate::{Basis, Gate};
use crate::ids::{Fence, Key, PhaseId, TaskId};
use crate::lease::{Effort, Lease};
use crate::packed::Packed;

/// A unit of work under control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Stable id; the key may change, this does not.
    pub id: TaskId,
    /// The author's key.
    pub key: Key,
    /// What kind of work.
    pub kind: TaskKind,
    /// One line.
    pub title: String,
    /// The first phase that lists it.
    pub phase: Option<PhaseId>,
    /// The task it is part of.
    pub parent: Option<TaskId>,
    /// What must be done first.
    pub needs: ThinVec<TaskId>,
    /// What must be proven before it counts as verified.
    pub gate: Gate,
    /// Where it stands.
    pub state: TaskState,
    /// Rises with each start; a stale holder shows an older one.
    pub fence: Fence,
    /// Rises each time it is reopened; verdicts, approvals and attachments of earlier attempts do
    /// not count.
    pub attempt: u32,
    /// What the document says besides.
    pub facts: Facts,
    /// The document's own word about its state.
    pub asserted: Assertion,
    /// Obstacles somebody reported and nobody lifted yet.
    pub obstacles: ThinVec<Obstacle>,
    /// Why it deserves a second look: a task it builds on was reopened.
    pub flags: ThinVec<String>,
    /// Remarks.
    pub notes: Packed<Remark>,
    /// Files people attached.
    pub attachments: ThinVec<Attachment>,
    /// What is kept about the work on it, once there is some.
    pub effort: Option<Box<Effort>>,
    /// Line in its document.
    pub line: u32,
}

/// Where a task stands. What can be derived (blocked, ready, late, stale) is not here.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Not begun.
    #[default]
    Open,
    /// Somebody works on it.
    Active(Box<Active>),
    /// Somebody says it is done.
    Claimed(Box<Claim>),
    /// Evidence, or a named person, countersigned it.
    Verified(Box<Verified>),
    /// It will not be done.
    Dropped(Box<Dropped>),
}

impl TaskState {
    /// `open`, `active`, `claimed`, `verified` or `dropped`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Active(_) => "active",
            Self::Claimed(_) => "claimed",
            Self::Verified(_) => "verified",
            Self::Dropped(_) => "dropped",
        }
    }
}

/// Somebody works on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Active {
    /// Who.
    pub by: By,
    /// Since when.
    pub since: Timestamp,
    /// The lease it is done under; nothing where somebody simply began.
    pub lease: Option<Box<Lease>>,
}

/// Somebody's word that a task is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Who, and how known.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// How it was said.
    pub how: ClaimHow,
}

/// How a claim was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimHow {
    /// With the `claim` verb.
    Verb,
    /// By an agent's submission.
    Submit,
    /// By a tick or status word in the document.
    Document,
    /// It came so from another tool.
    Import,
}

impl ClaimHow {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verb => "verb",
            Self::Submit => "submit",
            Self::Document => "document",
            Self::Import => "import",
        }
    }
}

/// Evidence, or a named person, countersigned it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// On what it rests.
    pub basis: Basis,
    /// Whose event it was; the person's own, where somebody signed it off.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// The claim that preceded it, where there was one.
    pub claim: Option<Claim>,
}

/// It will not be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// The document's own word about a task's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Assertion {
    /// Its box, where it has one.
    pub checked: Option<bool>,
    /// What box and status word together say.
    pub state: Stated,
}

/// An obstacle somebody reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Obstacle {
    /// What stands in the way.
    pub reason: String,
    /// Who said so.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    /// The text.
    pub text: String,
    /// Who.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// A file somebody attached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// BLAKE3 of its bytes, kept as a blob.
    pub blob: Digest,
    /// Bytes.
    pub size: u64,
    /// The task's attempt it belongs to.
    pub attempt: u32,
    /// Who.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

impl Task {
    /// The claim it carries now, also underneath a verification.
    pub fn claim(&self) -> Option<&Claim> {
        match &self.state {
            TaskState::Claimed(claim) => Some(claim),
            TaskState::Verified(verified) => verified.claim.as_ref(),
            _ => None,
        }
    }

    /// Who says it is done, or works on it: that person cannot approve it.
    pub fn worker(&self) -> Option<&Actor> {
        match &self.state {
            TaskState::Active(active) => Some(&active.by.actor),
            _ => self.claim().map(|claim| &claim.by.actor),
        }
    }

    /// The lease somebody holds on it, live or not.
    pub fn lease(&self) -> Option<&Lease> {
        match &self.state {
            TaskState::Active(active) => active.lease.as_deref(),
            _ => None,
        }
    }

    /// Who holds a lease on it whose time is not over.
    pub fn holder(&self, now: Timestamp) -> Option<(&By, &Lease)> {
        match &self.state {
            TaskState::Active(active) => {
                let lease = active.lease.as_deref().filter(|lease| lease.is_live(now))?;
                Some((&active.by, lease))
            }
            _ => None,
        }
    }

    /// Whether it was given up.
    pub fn is_dropped(&self) -> bool {
        matches!(self.state, TaskState::Dropped(_))
    }

    /// Whether somebody began it, ever so little: anything but open or dropped.
    pub fn has_begun(&self) -> bool {
        !matches!(self.state, TaskState::Open | TaskState::Dropped(_))
    }

    /// Whether anything would prove it.
    pub fn has_checks(&self) -> bool {
        !self.gate.checks.is_empty()
    }
}
