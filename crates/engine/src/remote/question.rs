//! What a client asks a server's journal.

use std::collections::BTreeSet;

use jiff::Timestamp;
use journal::{Attempt, Delivered, Earlier, Head, Stored};
use model::access::Bearer;
use model::actor::{By, Cause};
use model::commons::{Message, Reader};
use model::digest::Digest;
use model::ids::{PlanId, Seq, SessionId};
use serde::{Deserialize, Serialize};

/// A question. Its answer is a line of JSON, and behind it bytes where that is said.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// [`Hello`].
    Hello {
        /// [`LANGUAGE`](super::LANGUAGE) of the client.
        language: u32,
    },
    /// Every plan, as the desk lists them.
    Plans,
    /// A page of a stream's events: [`Page`], and the events behind it, each a [`Row`] on a line.
    Events {
        /// Whose stream.
        plan: PlanId,
        /// Only those after this one.
        after: Seq,
        /// At most so many.
        limit: usize,
        /// Which of them.
        wanted: Wanted,
    },
    /// A page of all streams' events, in order of position, as for `Events`.
    Follow {
        /// Only those after this position.
        after: u64,
        /// At most so many.
        limit: usize,
    },
    /// The last position.
    Position,
    /// Where a stream ends.
    Head {
        /// Whose.
        plan: PlanId,
    },
    /// Where all streams end.
    Heads,
    /// Whether a blob is there, gone or was never; its content behind it.
    Blob {
        /// Its name.
        digest: Digest,
    },
    /// Whether a blob's content is there.
    HasBlob {
        /// Its name.
        digest: Digest,
    },
    /// The latest refused commands.
    Attempts {
        /// Of one plan, or of all.
        plan: Option<PlanId>,
        /// At most so many.
        limit: usize,
    },
    /// How often commands were refused.
    Refusals {
        /// Only those after this one.
        after: u64,
    },
    /// What came of a request.
    Request {
        /// Its id.
        id: String,
    },
    /// A plan's snapshot: its event's number and digest; its bytes behind it.
    Snapshot {
        /// The plan.
        plan: PlanId,
        /// Only one that this code made.
        code_version: String,
    },
    /// All snapshots, as [`SnapshotLine`]s; their bytes behind it.
    Snapshots,
    /// A fact about the store.
    Fact {
        /// Its name.
        name: String,
    },
    /// An entry of the shared memory.
    MemoryEntry {
        /// Its key.
        key: String,
    },
    /// A page of the shared memory.
    Memories {
        /// How its keys begin.
        prefix: String,
        /// Only keys after this one.
        after: Option<String>,
        /// At most so many.
        limit: usize,
        /// What is forgotten by now is left out.
        now: Timestamp,
    },
    /// Versions of an entry.
    MemoryHistory {
        /// Its key.
        key: String,
        /// Only those after this one.
        after: u64,
        /// At most so many.
        limit: usize,
    },
    /// Entries in which words stand.
    MemorySearch {
        /// All of these.
        words: String,
        /// What is forgotten by now is left out.
        now: Timestamp,
        /// At most so many.
        limit: usize,
    },
    /// A message.
    Message {
        /// Its number.
        number: Seq,
    },
    /// Messages for a reader.
    Inbox {
        /// Who reads.
        reader: ReaderTold,
        /// Only those that are not acknowledged.
        unread: bool,
        /// Only those after this one.
        after: Seq,
        /// At most so many.
        limit: usize,
    },
    /// Everything, row by row: see [`survey`](super::survey).
    Survey,
}

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// All of them.
    All,
    /// Those whose stored text begins with one of these.
    Beginning(Vec<String>),
    /// Those in whose stored text one of these stands.
    Naming(Vec<String>),
}

/// Who a server is, and whom it takes the client for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// Its [`LANGUAGE`](super::LANGUAGE).
    pub language: u32,
    /// Its version, for people.
    pub version: String,
    /// A name for this start of it.
    pub instance: String,
    /// Whether its store was made for tests.
    pub test: bool,
    /// Its time.
    pub now: Timestamp,
    /// Whether its clock stands still.
    pub still: bool,
    /// The last position, by which ids of tests differ.
    pub position: u64,
    /// What marks of redacted secrets are salted with; nothing for those who only look.
    pub salt: Option<String>,
    /// Whose token it was shown; nothing where it asks for none.
    pub subject: Option<Bearer>,
}

/// What stands before a page of events.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Page {
    /// Whether there may be more.
    pub more: bool,
    /// The last event that was looked at, wanted or not.
    pub through: u64,
}

/// An event on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub plan: PlanId,
    pub seq: Seq,
    pub position: u64,
    pub at: Timestamp,
    pub by: By,
    pub cause: Cause,
    pub prev: Digest,
    pub digest: Digest,
    /// The event's text, every byte of it.
    pub event: String,
}

impl From<&Stored> for Row {
    fn from(stored: &Stored) -> Self {
        let Stored { plan, seq, position, at, by, cause, event, prev, digest } = stored.clone();
        let event = String::from_utf8_lossy(&event).into_owned();
        Self { plan, seq, position, at, by, cause, prev, digest, event }
    }
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let Row { plan, seq, position, at, by, cause, prev, digest, event } = row;
        Self { plan, seq, position, at, by, cause, event: event.into_bytes(), prev, digest }
    }
}

/// Where a stream ends.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HeadTold {
    plan: PlanId,
    seq: Seq,
    digest: Digest,
    position: u64,
    removed: bool,
}

impl From<Head> for HeadTold {
    fn from(Head { plan, seq, digest, position, removed }: Head) -> Self {
        Self { plan, seq, digest, position, removed }
    }
}

impl From<HeadTold> for Head {
    fn from(HeadTold { plan, seq, digest, position, removed }: HeadTold) -> Self {
        Self { plan, seq, digest, position, removed }
    }
}

/// What became of a blob.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BlobTold {
    Never,
    Purged(Timestamp),
    Here,
}

/// A snapshot without its bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SnapshotLine {
    pub plan: PlanId,
    /// Nothing where its content is damaged.
    pub of: Option<SnapshotOf>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SnapshotOf {
    pub seq: Seq,
    pub digest: Digest,
    pub code_version: String,
    pub length: usize,
}

/// A refused command.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AttemptTold {
    at: Timestamp,
    plan: Option<PlanId>,
    by: By,
    command: String,
    code: String,
    message: String,
}

impl From<Attempt> for AttemptTold {
    fn from(Attempt { at, plan, by, command, code, message }: Attempt) -> Self {
        Self { at, plan, by, command, code, message }
    }
}

impl From<AttemptTold> for Attempt {
    fn from(AttemptTold { at, plan, by, command, code, message }: AttemptTold) -> Self {
        Self { at, plan, by, command, code, message }
    }
}

/// What came of a request.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EarlierTold {
    request: String,
    plan: PlanId,
    command: String,
    at: Timestamp,
    first: Seq,
    last: Seq,
    digest: Digest,
    position: u64,
}

impl From<Earlier> for EarlierTold {
    fn from(Earlier { request, plan, command, at, appended }: Earlier) -> Self {
        let journal::Appended { first, last, digest, position } = appended;
        Self { request, plan, command, at, first, last, digest, position }
    }
}

impl From<EarlierTold> for Earlier {
    fn from(told: EarlierTold) -> Self {
        let EarlierTold { request, plan, command, at, first, last, digest, position } = told;
        let appended = journal::Appended { first, last, digest, position };
        Self { request, plan, command, at, appended }
    }
}

/// Somebody who reads messages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderTold {
    name: String,
    roles: BTreeSet<String>,
    sessions: BTreeSet<SessionId>,
}

impl From<&Reader> for ReaderTold {
    fn from(reader: &Reader) -> Self {
        let Reader { name, roles, sessions } = reader.clone();
        Self { name, roles, sessions }
    }
}

impl From<ReaderTold> for Reader {
    fn from(ReaderTold { name, roles, sessions }: ReaderTold) -> Self {
        Self { name, roles, sessions }
    }
}

/// A message as it was delivered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DeliveredTold {
    message: Message,
    acknowledged: Option<Timestamp>,
}

impl From<Delivered> for DeliveredTold {
    fn from(Delivered { message, acknowledged }: Delivered) -> Self {
        Self { message, acknowledged }
    }
}

impl From<DeliveredTold> for Delivered {
    fn from(DeliveredTold { message, acknowledged }: DeliveredTold) -> Self {
        Self { message, acknowledged }
    }
}
