//! What is handed in at a server's desk.

use journal::Blob;
use model::actor::By;
use model::command::Command;
use model::digest::Digest;
use model::ids::{Fence, PlanId, Seq, SessionId};
use serde::{Deserialize, Serialize};

use super::framing::{frame, unframe};
use super::told::{ToldBatch, ToldReceipt, ToldRefusal};
use crate::desk::Request;

/// One thing that is to be done, once.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// [`LANGUAGE`](super::LANGUAGE) of the client.
    pub language: u32,
    /// The client's own name for this delivery. What is delivered again under it is not done again.
    pub delivery: String,
    /// The start of the server that the client has spoken with; nothing says so of another one's memory.
    pub instance: String,
    /// Whether it may have been delivered before.
    pub again: bool,
    /// Which plan it is about; [`PlanId::STORE`] for what all plans share.
    pub plan: PlanId,
    /// Whom the client says it acts for. The server believes as much of it as it likes.
    pub by: By,
    /// Whether an agent is around.
    pub agent_present: bool,
    /// The grant it is done under.
    pub fence: Option<Fence>,
    /// The last event the sender saw.
    pub onto: Option<Seq>,
    /// The sender's own id for the request.
    pub id: Option<String>,
    /// A signature over the command.
    pub signature: Option<String>,
    /// What is to be done.
    pub what: What,
    /// The lengths of the blobs, which lie behind the message: those of the request, then those that
    /// belong to what follows.
    pub blobs: Vec<usize>,
}

/// What is to be done at the desk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// Rule on a command.
    Submit(Box<Command>),
    /// Rule on several, all of them or none.
    All {
        /// What the sender did.
        name: String,
        /// In order.
        commands: Vec<Command>,
        /// What is recorded with them.
        follows: Option<Follows>,
    },
    /// Rule on several, each for itself.
    Batch(Vec<Command>),
    /// Put on record that something was refused before it became a command.
    TurnDown {
        /// What was kept from being done.
        what: String,
        /// Why.
        refusal: ToldRefusal,
    },
    /// Remove a blob's content.
    PurgeBlob {
        /// Which.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// End a session, and give back what its agents hold.
    EndSession {
        /// Which.
        session: SessionId,
        /// Why.
        reason: String,
        /// Whether it fell silent.
        stuck: bool,
    },
    /// Make visible what time alone has changed.
    Sweep,
}

/// What follows from commands as the client rehearsed them: good for the plan it rehearsed them on alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// The plan's last event when that was done.
    pub onto: Seq,
    /// What is recorded with them.
    pub commands: Vec<Command>,
    /// How many of the blobs belong to it, the last ones.
    pub blobs: usize,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// Of commands.
    Receipt(ToldReceipt),
    /// Of commands, each for itself.
    Batch(ToldBatch),
    /// Nothing: what followed was rehearsed on an earlier state of the plan.
    Moved,
    /// Of purging: whether there was content.
    Purged(bool),
    /// Of sweeping: how many holders were told of, and how many sessions closed.
    Swept(usize, usize),
    /// It is on record.
    Noted,
}

impl Handed {
    /// The message.
    pub(super) fn pack(&self, blobs: &[Blob]) -> Vec<u8> {
        let mut message = frame(self);
        blobs.iter().for_each(|blob| message.extend_from_slice(blob.bytes()));
        message
    }

    /// The request for the desk, by whomever the server takes the sender for. The blobs of what follows
    /// are given apart.
    pub fn request(&self, by: By, mut blobs: Vec<Blob>) -> (Request, Vec<Blob>) {
        let of_follows = match &self.what {
            What::All { follows: Some(follows), .. } => follows.blobs,
            _ => 0,
        };
        let rest = blobs.split_off(blobs.len().saturating_sub(of_follows));
        let request = Request {
            agent_present: self.agent_present || by.actor.is_agent(),
            fence: self.fence,
            onto: self.onto,
            id: self.id.clone(),
            signature: self.signature.clone(),
            blobs,
            by,
        };
        (request, rest)
    }
}

/// A message with its blobs; why it is none, where it is none.
pub fn unpack(message: &[u8]) -> Result<(Handed, Vec<Blob>), String> {
    let (line, mut rest) = unframe(message).ok_or("there is no line to begin with")?;
    let handed: Handed = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut blobs = Vec::new();
    for length in &handed.blobs {
        let (bytes, after) = rest.split_at_checked(*length).ok_or("a blob is cut off")?;
        blobs.push(Blob::new(bytes));
        rest = after;
    }
    if !rest.is_empty() {
        return Err("there is more than the blobs that were announced".to_owned());
    }
    Ok((handed, blobs))
}
