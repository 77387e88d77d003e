//! The desk: the one door. Whoever wants something of a plan, the command line, a service, a hook,
//! the document or the hands, hands a command in here and gets events or a refusal back.
//!
//! [`LocalDesk`] serves it in this process: over a journal of its own, or before a server's desk, to
//! which only commands cross and from which only recorded events come ([`remote`](crate::remote)).
//! Deliberately knows no file format and runs nothing.

mod admission;
mod auditing;
mod both;
pub mod crowd;
mod encoding;
pub mod errand;
mod known;
mod load;
mod local;
mod signing;
mod submitting;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use journal::{Attempt, Blob};
use model::actor::By;
use model::command::Command;
use model::event::{Event, Recorded};
use model::fault::Fault;
use model::ids::{Fence, Key, PlanId, Seq};
use model::plan::Plan;
use model::refusal::Refusal;

pub use both::Addressed;
pub(crate) use encoding::holds_secret;
pub use encoding::recorded;
pub use load::SNAPSHOT_VERSION;
pub use local::LocalDesk;
pub use signing::statement;

/// Where commands are handed in and recorded events are read.
pub trait Desk: Send + Sync {
    /// Rules on a command and records what comes of it.
    fn submit(&self, plan: PlanId, request: &Request, command: Command) -> Result<Receipt, Denied>;

    /// Reads up to `limit` events of a plan after `after`.
    fn read(&self, plan: PlanId, after: Seq, limit: usize) -> Result<Vec<Recorded>, Fault>;

    /// The plan as it is now.
    fn plan(&self, plan: PlanId) -> Result<Arc<Plan>, Fault>;

    /// The plan as it was after an event.
    fn plan_at(&self, plan: PlanId, seq: Seq) -> Result<Plan, Fault>;

    /// Every plan of the store, in the order they were adopted.
    fn plans(&self) -> Result<Vec<PlanLine>, Fault>;

    /// The latest refused commands of a plan, newest first.
    fn attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault>;
}

/// Who asks, and what comes with the command.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks, and how that is known. A signature is believed only where `signature` holds.
    pub by: By,
    /// Whether an agent is around, so that a name that is only declared proves nothing.
    pub agent_present: bool,
    /// The grant under which the sender believes to work, where it said so.
    pub fence: Option<Fence>,
    /// The last event of the plan as the sender saw it; where more has happened since, nothing is done.
    pub onto: Option<Seq>,
    /// The sender's own id for the request; the same id is carried out once.
    pub id: Option<String>,
    /// The sender's signature over the command's [`statement`], hexadecimal.
    pub signature: Option<String>,
    /// Contents the command names by digest, from [`LocalDesk::blob`].
    pub blobs: Vec<Blob>,
}

impl Request {
    /// A request without id, signature and blobs.
    pub fn new(by: By) -> Self {
        let agent_present = by.actor.is_agent();
        Self { by, agent_present, fence: None, onto: None, id: None, signature: None, blobs: Vec::new() }
    }

    /// A request by Countersign itself.
    pub fn system() -> Self {
        Self::new(By::system())
    }
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The plan.
    pub plan: PlanId,
    /// How many events were recorded; 0 where everything was so already.
    pub count: usize,
    /// What was recorded, in order; of very many only the first.
    pub events: Vec<Event>,
    /// Number of the plan's last event.
    pub last: Seq,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whether this is the answer of an earlier request with the same id.
    pub repeated: bool,
}

/// What came of several commands handed in at once.
#[derive(Debug)]
pub struct BatchReceipt {
    /// For each command, in order: nothing, or why it was refused.
    pub rulings: Vec<Result<(), Refusal>>,
    /// What was recorded, in order.
    pub events: Vec<Event>,
    /// Number of the plan's last event.
    pub last: Seq,
}

/// A plan of the store, in one line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PlanLine {
    /// Stable id.
    pub id: PlanId,
    /// Its key.
    pub key: Key,
    /// Its title at adoption.
    pub title: String,
    /// Number of its last event.
    pub seq: Seq,
}

/// Nothing was recorded.
#[derive(Debug, Clone, PartialEq)]
pub enum Denied {
    /// The domain said no.
    Refused(Box<Refusal>),
    /// The world failed.
    Down(Box<Fault>),
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Fault> for Denied {
    fn from(fault: Fault) -> Self {
        Self::Down(Box::new(fault))
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Down(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Denied {}

#[cfg(test)]
mod tests;
