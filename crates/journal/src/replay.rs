//! From raw lines to events: checks that lines follow each other, and does not parse actor, cause
//! and time anew where they repeat, which they do for hundreds of events in a row.

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

use crate::stored::{Line, Stored};

/// Turns lines into events, one at a time, reusing its buffers.
pub(crate) struct Replay {
    event: Stored,
    started: bool,
    at: Vec<u8>,
    by: Vec<u8>,
    cause: Vec<u8>,
}

impl Replay {
    /// Begins after an event of a plan.
    pub(crate) fn new(plan: PlanId, after: Seq) -> Self {
        let event = Stored {
            plan,
            seq: after,
            position: 0,
            at: Timestamp::UNIX_EPOCH,
            by: By::system(),
            cause: Cause::command(""),
            event: Vec::new(),
            prev: Digest::ZERO,
            digest: Digest::ZERO,
        };
        Self { started: after.0 == 0, event, at: Vec::new(), by: Vec::new(), cause: Vec::new() }
    }

    /// The number of the last event seen.
    pub(crate) fn seq(&self) -> Seq {
        self.event.seq
    }

    /// The digest of the last event seen.
    pub(crate) fn digest(&self) -> Digest {
        self.event.digest
    }

    /// Passes over the events before one.
    pub(crate) fn pass_over(&mut self, seq: Seq) {
        (self.event.seq, self.started) = (Seq(seq.0.saturating_sub(1)), false);
    }

    /// Takes the next line; the event stays valid until the one after it.
    pub(crate) fn next(&mut self, line: &Line<'_>) -> Result<&Stored, Fault> {
        let event = &mut self.event;
        let seq = event.seq.next();
        if line.seq as u64 != seq.0 || !line.in_place {
            return Err(broken(event.plan, seq, "is missing or out of order"));
        }
        let prev = digest(line.prev).ok_or_else(|| broken(event.plan, seq, "has no digest before it"))?;
        if self.started && prev != event.digest {
            return Err(broken(event.plan, seq, "does not follow the event before it"));
        }
        event.digest = digest(line.digest).ok_or_else(|| broken(event.plan, seq, "has no digest"))?;
        if self.by != line.by {
            event.by = serde_json::from_slice(line.by)
                .map_err(|_| broken(event.plan, seq, "names no readable actor"))?;
            line.by.clone_into(&mut self.by);
        }
        if self.cause != line.cause {
            event.cause = serde_json::from_slice(line.cause)
                .map_err(|_| broken(event.plan, seq, "names no readable cause"))?;
            line.cause.clone_into(&mut self.cause);
        }
        if self.at != line.at {
            event.at = std::str::from_utf8(line.at)
                .ok()
                .and_then(|at| at.parse().ok())
                .ok_or_else(|| broken(event.plan, seq, "has no readable time"))?;
            line.at.clone_into(&mut self.at);
        }
        event.prev = prev;
        event.seq = seq;
        event.position = line.position as u64;
        line.event.clone_into(&mut event.event);
        self.started = true;
        Ok(event)
    }
}

/// Thirty-two bytes as a digest.
pub(crate) fn digest(bytes: &[u8]) -> Option<Digest> {
    bytes.try_into().ok().map(Digest::from_bytes)
}

/// The fault of a stream that is not as it was written.
pub(crate) fn broken(plan: PlanId, seq: Seq, what: &str) -> Fault {
    Fault::new("chain/broken", format!("event {seq} of `{plan}` {what}"))
        .hint("`countersign audit verify` names everything that is wrong; restore the store from a backup")
        .with("plan", plan)
        .with("seq", seq)
}
