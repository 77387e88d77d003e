//! What is appended: one command's events and blobs, and what comes of appending them.

use std::fmt;

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

use crate::blob::Blob;

/// The most bytes a single event may have; anything bigger belongs into a blob.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// One command's outcome, appended whole or not at all.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: By,
    /// Which command, and the request it came with; a request is carried out at most once.
    pub cause: Cause,
    /// The events, in order; may be empty where only the request and blobs are to be recorded.
    pub events: Events,
    /// Contents the events refer to by digest.
    pub blobs: Vec<Blob>,
    /// The other streams on which the outcome rests, each with its last event when that was judged:
    /// where one has moved since, nothing is appended.
    pub given: Vec<(PlanId, Seq)>,
}

impl Entry {
    /// Makes an entry without events or blobs.
    pub fn new(at: Timestamp, by: By, cause: Cause) -> Self {
        Self { at, by, cause, events: Events::default(), blobs: Vec::new(), given: Vec::new() }
    }

    /// Adds an event's bytes.
    #[must_use]
    pub fn event(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.events.push(bytes.as_ref());
        self
    }

    /// Refuses what no store can hold.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        for (index, event) in self.events.iter().enumerate() {
            if event.len() > MAX_EVENT_BYTES {
                let (size, most) = (event.len(), MAX_EVENT_BYTES);
                return Err(Fault::new(
                    "value/invalid",
                    format!("an event of {size} bytes is too large; at most {most} fit"),
                )
                .hint("put the content into a blob and its digest into the event"));
            }
            if std::str::from_utf8(event).is_err() {
                return Err(Fault::new(
                    "value/invalid",
                    format!("event {} of an entry is not text", index + 1),
                ));
            }
        }
        Ok(())
    }

    /// Adds a blob.
    #[must_use]
    pub fn blob(mut self, blob: Blob) -> Self {
        self.blobs.push(blob);
        self
    }
}

/// Events as stored bytes, one after the other in a single buffer: adopting a large plan appends
/// hundreds of thousands at once, and an allocation for each would cost more than the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Events {
    /// Adds an event's bytes.
    pub fn push(&mut self, event: &[u8]) {
        self.write(|bytes| bytes.extend_from_slice(event));
    }

    /// Adds an event by letting `write` put its bytes at the end of the buffer.
    pub fn write<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let answer = write(&mut self.bytes);
        self.ends.push(self.bytes.len());
        answer
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The events, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let event = &self.bytes[start..*end];
            start = *end;
            event
        })
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Events {
    fn from_iter<I: IntoIterator<Item = T>>(events: I) -> Self {
        let mut all = Self::default();
        for event in events {
            all.push(event.as_ref());
        }
        all
    }
}

/// What was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Number of the first event; one past `last` where the entry had none.
    pub first: Seq,
    /// Number of the last event: the plan's new head.
    pub last: Seq,
    /// Digest of the last event.
    pub digest: Digest,
    /// Position of the last event in the whole store.
    pub position: u64,
}

/// What came of a request the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The request's id.
    pub request: String,
    /// The plan it was about.
    pub plan: PlanId,
    /// The command it carried: the same id with another command is a mistake of the sender.
    pub command: String,
    /// When it was carried out.
    pub at: Timestamp,
    /// What it appended.
    pub appended: Appended,
}

/// Why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendError {
    /// Somebody else appended first: load what is new, judge again, and retry.
    Moved {
        /// Where the plan stands now.
        actual: Seq,
    },
    /// The request was carried out before; this is what came of it.
    Duplicate(Box<Earlier>),
    /// The plan was removed from the store.
    Removed,
    /// The world failed; nothing was acknowledged.
    Fault(Fault),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moved { actual } => write!(f, "the plan has moved on to event {actual}"),
            Self::Duplicate(earlier) => write!(f, "request `{}` was carried out before", earlier.request),
            Self::Removed => f.write_str("the plan was removed from the store"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {}

impl From<Fault> for AppendError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The fault of a plan that nobody ever made.
pub(crate) fn not_found(plan: PlanId) -> Fault {
    Fault::new("plan/not-found", format!("there is no plan `{plan}` in this store")).with("plan", plan)
}
