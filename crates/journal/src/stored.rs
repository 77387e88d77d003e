//! What is read back: events with their place in the chain, heads, and the raw lines an audit sees.

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::digest::Digest;
use model::ids::{PlanId, Seq};

/// An event as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The plan whose stream it belongs to.
    pub plan: PlanId,
    /// Its number in that stream, from 1, without gaps.
    pub seq: Seq,
    /// Its number in the whole store, from 1, without gaps.
    pub position: u64,
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: By,
    /// Which command.
    pub cause: Cause,
    /// The event's bytes, exactly as appended.
    pub event: Vec<u8>,
    /// Digest of the event before it; zero for the first.
    pub prev: Digest,
    /// Its own digest.
    pub digest: Digest,
}

/// Where a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The plan; [`PlanId::STORE`] for the store's own stream.
    pub plan: PlanId,
    /// Number of its last event; 0 where it has none.
    pub seq: Seq,
    /// Digest of its last event.
    pub digest: Digest,
    /// Position of its last event.
    pub position: u64,
    /// Whether the plan was removed; its events are gone then, the head stays.
    pub removed: bool,
}

/// A stored row exactly as it lies in the store, believed in nothing: what an audit works on.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The plan's id as text.
    pub plan: &'a [u8],
    /// The number it claims; -1 where that is no number.
    pub seq: i64,
    /// The position it claims; -1 where that is no number.
    pub position: i64,
    /// When, as text.
    pub at: &'a [u8],
    /// Who, as JSON.
    pub by: &'a [u8],
    /// Which command, as JSON.
    pub cause: &'a [u8],
    /// The event.
    pub event: &'a [u8],
    /// Digest of the event before it.
    pub prev: &'a [u8],
    /// Its own digest.
    pub digest: &'a [u8],
    /// Whether the row lies where its plan and number say it must.
    pub in_place: bool,
}

impl Line<'_> {
    /// The digest its bytes have, whatever it claims.
    pub fn computed(&self) -> Digest {
        chain_parts(self.prev, self.plan, self.seq as u64, self.at, self.by, self.cause, self.event)
    }
}

/// A blob's row exactly as it lies in the store.
#[derive(Debug, Clone, Copy)]
pub struct BlobLine<'a> {
    /// The digest it claims.
    pub digest: &'a [u8],
    /// Its bytes; none where they are missing.
    pub bytes: Option<&'a [u8]>,
    /// Whether a tombstone stands in its place.
    pub purged: bool,
}

/// The digest of an event: SHA-256 over the length-framed bytes of the digest before it (32), the
/// plan's id as text, the number (eight bytes, big-endian), the time as text, actor, cause and
/// event as the JSON text that is stored.
pub fn chain(prev: &Digest, plan: &str, seq: Seq, at: &str, by: &[u8], cause: &[u8], event: &[u8]) -> Digest {
    chain_parts(prev.as_bytes(), plan.as_bytes(), seq.0, at.as_bytes(), by, cause, event)
}

fn chain_parts(
    prev: &[u8],
    plan: &[u8],
    seq: u64,
    at: &[u8],
    by: &[u8],
    cause: &[u8],
    event: &[u8],
) -> Digest {
    Digest::framed([prev, plan, &seq.to_be_bytes(), at, by, cause, event])
}
