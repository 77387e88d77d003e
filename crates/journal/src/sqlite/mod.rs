//! A journal in a folder: an SQLite database, large blobs as files, snapshots as files.

mod append;
mod attempts;
mod blobs;
mod bring;
mod commons;
mod connections;
mod fault;
mod header;
mod log;
mod open;
mod read;
mod snapshots;
mod survey;

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::commons::{MemoryEntry, Message, Reader};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use rusqlite::OptionalExtension as _;

pub use blobs::BLOBS;
pub use fault::file as file_fault;
pub use open::{Access, DATABASE, Options};
pub use snapshots::SNAPSHOTS;

use crate::attempt::{Attempt, Refusals};
use crate::blob::{Blob, Kept};
use crate::brought::Brought;
use crate::commons::{Delivered, Page};
use crate::entry::{AppendError, Appended, Earlier, Entry};
use crate::files::Files;
use crate::journal::{Journal, Survey, Turn};
use crate::snapshot::{Snapshot, SnapshotKey};
use crate::stored::{Head, Stored};
use append::tip;
pub(crate) use bring::PURGED_ELSEWHERE;
use connections::Connections;

/// How many places each stream has.
const PLACES: i64 = 1 << 40;
/// How often, and how long between, a turn is asked for before it is granted anyway.
const TURN_TRIES: u32 = 5_000;
const TURN_PAUSE: Duration = Duration::from_millis(1);

/// Up to so many bytes a log is left to whoever opens the store next: they look at all of it twice,
/// which takes less time than moving it into the database each time would.
const LOG_TO_LEAVE: u64 = 128 * 1024;

/// The format of stores that this version makes; it reads this and older ones.
pub const FORMAT: u32 = header::SCHEMA_VERSION;

/// The version of the database library that is built in, and whether it may be used.
pub fn library() -> (&'static str, bool) {
    (rusqlite::version(), rusqlite::version_number() >= open::OLDEST_SQLITE)
}

/// A journal in a folder.
pub struct Sqlite {
    folder: PathBuf,
    connections: Connections,
    files: Arc<dyn Files>,
    access: Access,
    /// Whether the program ends when it lets go of the journal.
    ends_soon: AtomicBool,
    // Last, so that it outlives the connections.
    probe: header::Probe,
}

impl Sqlite {
    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        if self.access == Access::Read || !self.ends_soon.load(Ordering::Relaxed) {
            return;
        }
        if open::log_size(&self.connections.path) > LOG_TO_LEAVE {
            self.connections.empty_log();
        }
        self.connections.abandon();
        self.probe.abandon();
    }
}

/// Where an event lies in the table.
fn place(number: i64, seq: Seq) -> i64 {
    number * PLACES + seq.0.min(PLACES as u64 - 1) as i64
}

impl Journal for Sqlite {
    fn append(&self, plan: PlanId, expected: Seq, entry: &Entry) -> Result<Appended, AppendError> {
        let appended = self.append_entries(&[(plan, expected, entry)])?;
        Ok(appended[0])
    }

    fn append_all(&self, entries: &[(PlanId, Seq, Entry)]) -> Result<Vec<Appended>, AppendError> {
        let entries: Vec<_> =
            entries.iter().map(|(plan, expected, entry)| (*plan, *expected, entry)).collect();
        self.append_entries(&entries)
    }

    fn visit(
        &self,
        plan: PlanId,
        after: Seq,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.visit_stream(plan, after, each)
    }

    fn visit_some(
        &self,
        plan: PlanId,
        after: Seq,
        beginnings: &[&str],
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.visit_some_of(plan, after, beginnings, each)
    }

    fn follow(&self, after: u64, limit: usize) -> Result<Vec<Stored>, Fault> {
        self.follow_all(after, limit)
    }

    fn position(&self) -> Result<u64, Fault> {
        Ok(append::store_tip(&self.connections.take()?)?.given as u64)
    }

    fn head(&self, plan: PlanId) -> Result<Option<Head>, Fault> {
        let taken = self.connections.take()?;
        let found = tip(taken.get(), plan).map_err(|error| taken.fault(&error))?;
        Ok(found.map(|tip| tip.head))
    }

    fn heads(&self) -> Result<Vec<Head>, Fault> {
        Ok(append::tips(&self.connections.take()?)?.0.iter().map(|tip| tip.head).collect())
    }

    fn bring(
        &self,
        stream: &Brought,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<Appended, AppendError> {
        self.bring_stream(stream, (at, by, cause))
    }

    fn remove(
        &self,
        plan: PlanId,
        expected: Seq,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<(), AppendError> {
        self.remove_plan(plan, expected, (at, by, cause))
    }

    fn put_blob(&self, blob: &Blob) -> Result<(), Fault> {
        self.insert_blob(blob)
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Kept>, Fault> {
        self.read_blob(digest)
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, Fault> {
        self.is_blob_there(digest)
    }

    fn purge_blob(
        &self,
        digest: &Digest,
        reason: &str,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<bool, Fault> {
        self.purge(digest, reason, (at, by, cause))
    }

    fn refused(&self, attempt: &Attempt) -> Result<(), Fault> {
        self.insert_attempt(attempt)
    }

    fn attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault> {
        self.read_attempts(plan, limit)
    }

    fn refusals(&self, after: u64) -> Result<Refusals, Fault> {
        self.count_refusals(after)
    }

    fn request(&self, id: &str) -> Result<Option<Earlier>, Fault> {
        self.earlier(&self.connections.take()?, id)
    }

    fn put_snapshot(&self, key: &SnapshotKey, bytes: &[u8]) -> Result<bool, Fault> {
        self.write_snapshot(key, bytes)
    }

    fn snapshot(&self, plan: PlanId, code_version: &str) -> Result<Option<Snapshot>, Fault> {
        self.read_snapshot(plan, code_version)
    }

    fn snapshots(&self) -> Result<Vec<(PlanId, Option<Snapshot>)>, Fault> {
        self.all_snapshots()
    }

    fn drop_snapshot(&self, plan: PlanId) -> Result<(), Fault> {
        self.remove_snapshot(plan)
    }

    fn fact(&self, name: &str) -> Result<Option<String>, Fault> {
        let taken = self.connections.take()?;
        taken
            .get()
            .prepare_cached("SELECT value FROM store WHERE name = ?1")
            .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional())
            .map_err(|error| taken.fault(&error))
    }

    fn memory_entry(&self, key: &str) -> Result<Option<MemoryEntry>, Fault> {
        self.look_entry_up(key)
    }

    fn memories(&self, page: &Page<'_>) -> Result<Vec<MemoryEntry>, Fault> {
        self.look_page_up(page)
    }

    fn memory_history(&self, key: &str, after: u64, limit: usize) -> Result<Vec<MemoryEntry>, Fault> {
        self.look_history_up(key, after, limit)
    }

    fn memory_search(&self, words: &str, now: Timestamp, limit: usize) -> Result<Vec<MemoryEntry>, Fault> {
        self.look_words_up(words, now, limit)
    }

    fn message(&self, number: Seq) -> Result<Option<Message>, Fault> {
        self.look_message_up(number)
    }

    fn inbox(
        &self,
        reader: &Reader,
        unread: bool,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Delivered>, Fault> {
        self.look_inbox_up(reader, unread, after, limit)
    }

    fn index_anew(&self) -> Result<(), Fault> {
        self.make_index_anew()
    }

    fn turn(&self) -> Turn {
        // A lock on the folder itself: it leaves no file behind and dies with its holder.
        let Ok(folder) = File::open(&self.folder) else { return Box::new(()) };
        for _ in 0..TURN_TRIES {
            match folder.try_lock() {
                Ok(()) => return Box::new(folder),
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(TURN_PAUSE),
                Err(std::fs::TryLockError::Error(_)) => break,
            }
        }
        Box::new(())
    }

    fn ends_soon(&self) {
        self.ends_soon.store(true, Ordering::Relaxed);
    }

    fn survey(&self, see: &mut dyn Survey) -> Result<u64, Fault> {
        self.show_all(see)
    }
}
