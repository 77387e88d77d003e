//! An event with what surrounds it on record.

use jiff::Timestamp;

use super::Event;
use crate::actor::{By, Cause};
use crate::digest::Digest;
use crate::ids::{PlanId, Seq};

/// An event as the journal keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Whose stream.
    pub plan: PlanId,
    /// Its place in the stream.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: By,
    /// What led to it.
    pub cause: Cause,
    /// What happened.
    pub event: Event,
    /// Digest of the event before it.
    pub prev: Digest,
    /// Digest over prev, plan, seq, at, by, cause and the event's bytes.
    pub digest: Digest,
}
