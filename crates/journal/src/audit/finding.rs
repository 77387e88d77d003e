//! What an audit finds wrong.

use std::fmt;

use model::digest::Digest;
use model::ids::{PlanId, Seq};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What, as the end of a sentence that begins with the place.
    pub what: String,
}

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An event.
    Event {
        /// The plan whose stream it belongs to.
        plan: PlanId,
        /// Its number.
        seq: Seq,
    },
    /// A blob.
    Blob {
        /// Its name.
        digest: Digest,
    },
    /// A snapshot.
    Snapshot {
        /// Its plan.
        plan: PlanId,
        /// The last event it includes; 0 where that cannot be read.
        seq: Seq,
    },
    /// The store as a whole.
    Store,
}

impl Finding {
    pub(crate) fn event(plan: PlanId, seq: Seq, what: &str) -> Self {
        Self { place: Place::Event { plan, seq }, what: what.to_owned() }
    }

    pub(crate) fn blob(digest: Digest, what: &str) -> Self {
        Self { place: Place::Blob { digest }, what: what.to_owned() }
    }

    pub(crate) fn snapshot(plan: PlanId, seq: Seq, what: &str) -> Self {
        Self { place: Place::Snapshot { plan, seq }, what: what.to_owned() }
    }

    pub(crate) fn store(what: &str) -> Self {
        Self { place: Place::Store, what: what.to_owned() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match &self.place {
            Place::Event { plan, seq } if *plan == PlanId::STORE => {
                write!(f, "event {seq} of the store's own stream `{plan}` {what}")
            }
            Place::Event { plan, seq } => write!(f, "event {seq} of `{plan}` {what}"),
            Place::Blob { digest } => write!(f, "blob `{digest}` {what}"),
            Place::Snapshot { plan, seq: Seq(0) } => write!(f, "the snapshot of `{plan}` {what}"),
            Place::Snapshot { plan, seq } => write!(f, "the snapshot of `{plan}` at event {seq} {what}"),
            Place::Store => f.write_str(what),
        }
    }
}
