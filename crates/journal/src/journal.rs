//! The trait that every home of the journal implements.

use std::ops::ControlFlow;

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::commons::{MemoryEntry, Message, Reader};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

use crate::attempt::{Attempt, Refusals};
use crate::blob::{Blob, Kept};
use crate::brought::Brought;
use crate::commons::{Delivered, Page};
use crate::entry::{AppendError, Appended, Earlier, Entry};
use crate::snapshot::{Snapshot, SnapshotKey};
use crate::stored::{BlobLine, Head, Line, Stored};

/// A place among those who want to write next; dropping it gives it up.
pub type Turn = Box<dyn std::any::Any + Send>;

/// A journal: streams of chained events, and what belongs to them.
///
/// Every method either does the whole of its work, durably, or returns a fault and has done
/// nothing. Several processes may use one journal at the same time.
pub trait Journal: Send + Sync {
    /// Appends an entry to a plan's stream, whose last event must be `expected` (0 for a new plan).
    ///
    /// Events, positions, chain, head, blobs and the request are one transaction. A request
    /// carried out before gives `Duplicate`, even where the plan has moved since. The first event
    /// of a plan also appends `plan_made` to the store's own stream.
    fn append(&self, plan: PlanId, expected: Seq, entry: &Entry) -> Result<Appended, AppendError>;

    /// Appends several entries, each as [`append`](Self::append) would after those before it, in one
    /// transaction: all of them or, where one cannot be appended, none. Many writers share one wait for
    /// the disk this way.
    fn append_all(&self, entries: &[(PlanId, Seq, Entry)]) -> Result<Vec<Appended>, AppendError>;

    /// Shows every event of a plan after `after`, in order, until there are no more or `each`
    /// breaks. One event is in memory at a time; all are of one moment.
    ///
    /// A gap, a wrong order or a missing tail is the fault `chain/broken`; digests are not
    /// computed again (that is [`audit::verify`](crate::audit::verify)).
    fn visit(
        &self,
        plan: PlanId,
        after: Seq,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault>;

    /// Shows those events of a plan after `after` whose stored text begins with one of these, in order,
    /// until there are no more or `each` breaks. The others are passed over unread: whether they are
    /// all there is not asked.
    fn visit_some(
        &self,
        plan: PlanId,
        after: Seq,
        beginnings: &[&str],
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.visit(plan, after, &mut |stored| {
            let wanted = beginnings.iter().any(|beginning| stored.event.starts_with(beginning.as_bytes()));
            if wanted { each(stored) } else { ControlFlow::Continue(()) }
        })
    }

    /// Reads up to `limit` events of a plan after `after`.
    fn read(&self, plan: PlanId, after: Seq, limit: usize) -> Result<Vec<Stored>, Fault> {
        let mut events = Vec::new();
        if limit == 0 {
            return Ok(events);
        }
        self.visit(plan, after, &mut |event| {
            events.push(event.clone());
            if events.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(events)
    }

    /// Reads up to `limit` events of all streams after a position, in order of position.
    fn follow(&self, after: u64, limit: usize) -> Result<Vec<Stored>, Fault>;

    /// The last position given to any event; 0 in a new store.
    fn position(&self) -> Result<u64, Fault>;

    /// Where a plan's stream ends; `None` for a plan never heard of.
    fn head(&self, plan: PlanId) -> Result<Option<Head>, Fault>;

    /// Where every stream ends, the store's own first, then plans as they were made.
    fn heads(&self) -> Result<Vec<Head>, Fault>;

    /// Brings a stream in from another store, byte for byte, its chain computed again first.
    ///
    /// Rows, blobs, tombstones and what the store's own stream says about it (`plan_made`, and
    /// `plan_brought` with who did it and the digest of the file) are one transaction. A plan that
    /// is there, or was, gives `Moved` or `Removed`.
    fn bring(&self, stream: &Brought, at: Timestamp, by: &By, cause: &Cause)
    -> Result<Appended, AppendError>;

    /// Removes a plan's events; the store's own stream keeps that, when, by whom and the last digest.
    fn remove(
        &self,
        plan: PlanId,
        expected: Seq,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<(), AppendError>;

    /// Keeps a blob. One that is there already, or was purged, stays as it is.
    fn put_blob(&self, blob: &Blob) -> Result<(), Fault>;

    /// Reads a blob; `None` where the store never had it. Content that does not have its digest
    /// any more, or is gone without a tombstone, is the fault `chain/broken`.
    fn blob(&self, digest: &Digest) -> Result<Option<Kept>, Fault>;

    /// Whether a blob's content is there.
    fn has_blob(&self, digest: &Digest) -> Result<bool, Fault>;

    /// Removes a blob's content and leaves a tombstone, recorded in the store's own stream with the
    /// reason. Gives whether there was content to remove.
    fn purge_blob(
        &self,
        digest: &Digest,
        reason: &str,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<bool, Fault>;

    /// Records a refused command.
    fn refused(&self, attempt: &Attempt) -> Result<(), Fault>;

    /// The latest refused commands, newest first, of one plan or of all.
    fn attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault>;

    /// How often commands were refused after the one of a number (0: ever), by code, and the number of
    /// the last of them: whoever counts goes on from there.
    fn refusals(&self, after: u64) -> Result<Refusals, Fault>;

    /// What came of a request, where it was carried out before.
    fn request(&self, id: &str) -> Result<Option<Earlier>, Fault>;

    /// Keeps a snapshot in place of the plan's earlier one. Gives `false` where the store cannot
    /// be written: a snapshot is never needed.
    fn put_snapshot(&self, key: &SnapshotKey, bytes: &[u8]) -> Result<bool, Fault>;

    /// The plan's snapshot, if this code version made it and it belongs to the plan's history.
    fn snapshot(&self, plan: PlanId, code_version: &str) -> Result<Option<Snapshot>, Fault>;

    /// What is kept as each plan's snapshot; the content is `None` where it is damaged.
    fn snapshots(&self) -> Result<Vec<(PlanId, Option<Snapshot>)>, Fault>;

    /// Throws a plan's snapshot away.
    fn drop_snapshot(&self, plan: PlanId) -> Result<(), Fault>;

    /// A fact fixed when the store was made; see [`facts`](crate::facts).
    fn fact(&self, name: &str) -> Result<Option<String>, Fault>;

    /// An entry of the shared memory as it was last written, deleted and forgotten ones included.
    fn memory_entry(&self, key: &str) -> Result<Option<MemoryEntry>, Fault>;

    /// Entries of the shared memory in order of key, neither deleted nor forgotten.
    fn memories(&self, page: &Page<'_>) -> Result<Vec<MemoryEntry>, Fault>;

    /// Up to `limit` versions of an entry after one (0: all), oldest first, deletions included.
    fn memory_history(&self, key: &str, after: u64, limit: usize) -> Result<Vec<MemoryEntry>, Fault>;

    /// Up to `limit` entries, neither deleted nor forgotten, in whose key, value or tags all of these
    /// words stand, in any form and order; the best first. No text is a wrong question.
    fn memory_search(&self, words: &str, now: Timestamp, limit: usize) -> Result<Vec<MemoryEntry>, Fault>;

    /// A message by its number.
    fn message(&self, number: Seq) -> Result<Option<Message>, Fault>;

    /// Up to `limit` messages meant for a reader after a number, in order: all, or those that the
    /// reader did not acknowledge. What somebody sent to a role, a session or everybody is not for
    /// themselves.
    fn inbox(&self, reader: &Reader, unread: bool, after: Seq, limit: usize)
    -> Result<Vec<Delivered>, Fault>;

    /// Makes the index of memory and messages anew from the events.
    fn index_anew(&self) -> Result<(), Fault>;

    /// Waits for its turn among writers who found that their plan had moved: whoever holds it
    /// loads, judges and appends while the others wait, so that many of them need one try each
    /// instead of one for every rival. Advice only: nothing is wrong without it, and after some
    /// seconds it is granted to everybody.
    fn turn(&self) -> Turn;

    /// Says that the program ends with its answer: letting go of the journal need not tidy it up. What
    /// is recorded is on the disk; tidying up costs as much again as a small change, so it is left to
    /// whoever finds that there is much to tidy.
    fn ends_soon(&self) {}

    /// Shows an audit everything, all of one moment: every head, every line of every stream (in
    /// order within a stream), every blob. Gives the last position that was given.
    fn survey(&self, see: &mut dyn Survey) -> Result<u64, Fault>;
}

/// Whoever looks at everything in a store.
pub trait Survey {
    /// A stream's end.
    fn head(&mut self, head: &Head);
    /// A row of a stream, as it lies.
    fn line(&mut self, line: &Line<'_>);
    /// A blob's row, as it lies.
    fn blob(&mut self, blob: &BlobLine<'_>);
    /// Something wrong with what holds the lines, as the end of a sentence.
    fn wrong(&mut self, what: &str);
}
