//! A whole stream that comes from another store: its rows byte for byte, so that the chain holds
//! here as it did there, and what its events refer to.

use model::actor::{By, Cause};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

use crate::blob::Blob;
use crate::replay::broken;
use crate::stored;

/// A stream from another store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The plan whose stream it is.
    pub plan: PlanId,
    /// Its rows from the first on.
    pub rows: Vec<Row>,
    /// Contents its events refer to.
    pub blobs: Vec<Blob>,
    /// Contents that were purged there: only their names come along.
    pub purged: Vec<Digest>,
    /// SHA-256 of the file it was brought in.
    pub file: Digest,
}

/// A row of a stream exactly as it lay in the other store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When, as text.
    pub at: String,
    /// Who, as JSON.
    pub by: Vec<u8>,
    /// Which command, as JSON.
    pub cause: Vec<u8>,
    /// The event.
    pub event: Vec<u8>,
    /// Digest of the event before it.
    pub prev: Digest,
    /// Its own digest.
    pub digest: Digest,
}

impl Brought {
    /// Number of its last event.
    pub fn last(&self) -> Seq {
        Seq(self.rows.len() as u64)
    }

    /// Digest of its last event.
    pub fn head(&self) -> Digest {
        self.rows.last().map_or(Digest::ZERO, |row| row.digest)
    }

    /// Computes the chain again, and refuses a stream that is not as it was written: the fault
    /// names the first bad event.
    pub fn check(&self) -> Result<(), Fault> {
        let plan = self.plan.to_string();
        let mut prev = Digest::ZERO;
        for (index, row) in self.rows.iter().enumerate() {
            let seq = Seq(index as u64 + 1);
            let bad = |what: &str| {
                let mut fault = broken(self.plan, seq, what);
                fault.hint = Some("take the archive from where it was made once more".to_owned());
                Err(fault)
            };
            if row.prev != prev {
                return bad("does not follow the event before it: one was changed, removed or inserted");
            }
            if row.digest != stored::chain(&prev, &plan, seq, &row.at, &row.by, &row.cause, &row.event) {
                return bad("does not have its digest: event, actor, cause or time was changed");
            }
            let readable = row.at.parse::<jiff::Timestamp>().is_ok()
                && serde_json::from_slice::<By>(&row.by).is_ok()
                && serde_json::from_slice::<Cause>(&row.cause).is_ok()
                && std::str::from_utf8(&row.event).is_ok();
            if !readable {
                return bad("has no readable time, actor or cause");
            }
            prev = row.digest;
        }
        Ok(())
    }
}
