//! A journal in memory, for tests and for trying things out: same rules, nothing kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::commons::{MemoryEntry, Message, Reader};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};

use crate::attempt::{Attempt, Refusals};
use crate::blob::{Blob, Kept};
use crate::brought::{self, Brought};
use crate::commons::index::{self, Indexed};
use crate::commons::lookup::{Found, Lookup, NoAnswer};
use crate::commons::{Delivered, Page};
use crate::entry::{AppendError, Appended, Earlier, Entry};
use crate::journal::{Journal, Survey, Turn};
use crate::replay::Replay;
use crate::snapshot::{Snapshot, SnapshotKey};
use crate::store_event::StoreEvent;
use crate::stored::{self, BlobLine, Head, Line, Stored};

/// A journal in memory.
#[derive(Default)]
pub struct Memory {
    facts: BTreeMap<String, String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In the order the plans were made; the store's own stream is always there and first.
    streams: Vec<Stream>,
    position: u64,
    blobs: BTreeMap<Digest, Kept>,
    attempts: Vec<Attempt>,
    requests: BTreeMap<String, Earlier>,
    snapshots: BTreeMap<PlanId, Snapshot>,
    /// An index of the store's own stream, once somebody asked; it catches up with each question.
    index: Option<rusqlite::Connection>,
}

struct Stream {
    head: Head,
    rows: Vec<Row>,
}

struct Row {
    position: u64,
    at: String,
    by: Vec<u8>,
    cause: Vec<u8>,
    event: Vec<u8>,
    prev: Digest,
    digest: Digest,
}

impl Memory {
    /// Makes an empty journal.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty journal with facts about itself.
    pub fn with_facts(facts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { facts: facts.into_iter().collect(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.streams.is_empty() {
            state.streams.push(Stream::new(PlanId::STORE));
        }
        state
    }
}

impl Stream {
    fn new(plan: PlanId) -> Self {
        let head = Head { plan, seq: Seq(0), digest: Digest::ZERO, position: 0, removed: false };
        Self { head, rows: Vec::new() }
    }

    fn line<'a>(&'a self, plan: &'a str, index: usize) -> Line<'a> {
        let row = &self.rows[index];
        Line {
            plan: plan.as_bytes(),
            seq: index as i64 + 1,
            position: row.position as i64,
            at: row.at.as_bytes(),
            by: &row.by,
            cause: &row.cause,
            event: &row.event,
            prev: row.prev.as_bytes(),
            digest: row.digest.as_bytes(),
            in_place: true,
        }
    }
}

impl State {
    /// Whether an entry could be appended, with streams ending where others before it leave them.
    fn admits(
        &self,
        ends: &HashMap<PlanId, Seq>,
        plan: PlanId,
        expected: Seq,
        entry: &Entry,
    ) -> Result<(), AppendError> {
        if let Some(earlier) = entry.cause.request.as_ref().and_then(|id| self.requests.get(id)) {
            return Err(AppendError::Duplicate(Box::new(earlier.clone())));
        }
        let head = |plan| self.index(plan).map(|index| self.streams[index].head);
        if head(plan).is_some_and(|head| head.removed) {
            return Err(AppendError::Removed);
        }
        for (stream, seq) in std::iter::once((plan, expected)).chain(entry.given.iter().copied()) {
            let known = ends.get(&stream).copied();
            let actual = known.unwrap_or_else(|| head(stream).map_or(Seq(0), |head| head.seq));
            if actual != seq {
                return Err(AppendError::Moved { actual });
            }
        }
        Ok(())
    }

    fn append(&mut self, plan: PlanId, expected: Seq, entry: &Entry) -> Appended {
        let state = self;
        let known = state.index(plan);
        let request = entry.cause.request.as_ref();
        let who = (entry.at, &entry.by, &entry.cause);
        let head = match known {
            None if entry.events.is_empty() => Stream::new(plan).head,
            known => {
                let index = known.unwrap_or_else(|| {
                    let made = StoreEvent::PlanMade { plan }.to_bytes();
                    state.push(0, who, std::iter::once(made.as_slice()));
                    state.streams.push(Stream::new(plan));
                    state.streams.len() - 1
                });
                state.push(index, who, entry.events.iter())
            }
        };
        for blob in &entry.blobs {
            state.keep(blob);
        }
        let appended =
            Appended { first: expected.next(), last: head.seq, digest: head.digest, position: head.position };
        if let Some(id) = request {
            state.requests.insert(
                id.clone(),
                Earlier {
                    request: id.clone(),
                    plan,
                    command: entry.cause.command.clone(),
                    at: entry.at,
                    appended,
                },
            );
        }
        appended
    }

    fn stream(&self, plan: PlanId) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.head.plan == plan)
    }

    fn index(&self, plan: PlanId) -> Option<usize> {
        self.streams.iter().position(|stream| stream.head.plan == plan)
    }

    fn push<'a>(
        &mut self,
        index: usize,
        (at, by, cause): (Timestamp, &By, &Cause),
        events: impl Iterator<Item = &'a [u8]>,
    ) -> Head {
        let (at, by, cause) = (at.to_string(), json(by), json(cause));
        let stream = &mut self.streams[index];
        let plan = stream.head.plan.to_string();
        for event in events {
            self.position += 1;
            let (prev, seq) = (stream.head.digest, stream.head.seq.next());
            let digest = stored::chain(&prev, &plan, seq, &at, &by, &cause, event);
            stream.head = Head { seq, digest, position: self.position, ..stream.head };
            stream.rows.push(Row {
                position: self.position,
                at: at.clone(),
                by: by.clone(),
                cause: cause.clone(),
                event: event.to_vec(),
                prev,
                digest,
            });
        }
        stream.head
    }

    fn keep(&mut self, blob: &Blob) {
        self.blobs.entry(blob.digest()).or_insert_with(|| Kept::Bytes(blob.bytes().to_vec()));
    }
}

impl State {
    fn event(&self, seq: Seq) -> Result<Option<Stored>, Fault> {
        let Some(index) = (seq.0 as usize).checked_sub(1).filter(|index| *index < self.streams[0].rows.len())
        else {
            return Ok(None);
        };
        let name = PlanId::STORE.to_string();
        let line = self.streams[0].line(&name, index);
        Replay::new(PlanId::STORE, Seq(index as u64)).next(&line).cloned().map(Some)
    }

    fn look_up<T>(&mut self, ask: &dyn Fn(&Lookup<'_>) -> Found<T>) -> Result<T, Fault> {
        let kept = match self.index.take() {
            Some(kept) => kept,
            None => index::in_memory().map_err(unusable)?,
        };
        let reached = index::reached(&kept).map_err(unusable)?.unwrap_or(Seq(0));
        for number in reached.0..self.streams[0].rows.len() as u64 {
            if let Some(stored) = self.event(Seq(number + 1))? {
                let indexed = Indexed { seq: stored.seq, by: &stored.by, event: &stored.event };
                index::add(&kept, &indexed).map_err(unusable)?;
            }
        }
        index::reach(&kept, self.streams[0].head.seq).map_err(unusable)?;
        let event = |seq: Seq| self.event(seq);
        let found = ask(&Lookup { index: &kept, event: &event });
        self.index = Some(kept);
        found.map_err(|no| match no {
            NoAnswer::Failed(fault) => fault,
            NoAnswer::Database(error) => unusable(error),
            NoAnswer::Astray => Fault::new("store/fault", "the index in memory does not fit its stream"),
        })
    }
}

fn unusable(error: rusqlite::Error) -> Fault {
    Fault::new("store/fault", format!("the index in memory could not be used: {error}"))
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("actors and causes are names and words, which always have a JSON form")
}

impl Journal for Memory {
    fn append(&self, plan: PlanId, expected: Seq, entry: &Entry) -> Result<Appended, AppendError> {
        entry.check()?;
        let state = &mut *self.state();
        state.admits(&HashMap::new(), plan, expected, entry)?;
        Ok(state.append(plan, expected, entry))
    }

    fn append_all(&self, entries: &[(PlanId, Seq, Entry)]) -> Result<Vec<Appended>, AppendError> {
        let state = &mut *self.state();
        // All are looked at before the first is appended: there is nothing to be undone.
        let mut ends = HashMap::new();
        let mut requests = HashSet::new();
        for (plan, expected, entry) in entries {
            entry.check()?;
            state.admits(&ends, *plan, *expected, entry)?;
            if let Some(id) = &entry.cause.request
                && !requests.insert(id.as_str())
            {
                return Err(AppendError::Moved { actual: *expected });
            }
            if state.index(*plan).is_none() && !ends.contains_key(plan) {
                // The store's own stream says that the plan was made.
                let store = ends.entry(PlanId::STORE).or_insert(state.streams[0].head.seq);
                *store = store.next();
            }
            ends.insert(*plan, Seq(expected.0 + entry.events.iter().count() as u64));
        }
        Ok(entries.iter().map(|(plan, expected, entry)| state.append(*plan, *expected, entry)).collect())
    }

    fn visit(
        &self,
        plan: PlanId,
        after: Seq,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        // Copied out first, so that `each` may use the journal.
        let events = {
            let state = self.state();
            let Some(stream) = state.stream(plan) else { return Ok(()) };
            let name = plan.to_string();
            let mut replay = Replay::new(plan, after);
            (after.0 as usize..stream.rows.len())
                .map(|index| replay.next(&stream.line(&name, index)).cloned())
                .collect::<Result<Vec<_>, _>>()?
        };
        for event in &events {
            if each(event).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn follow(&self, after: u64, limit: usize) -> Result<Vec<Stored>, Fault> {
        let mut events = Vec::new();
        for head in self.heads()?.iter().filter(|head| head.position > after) {
            self.visit(head.plan, Seq(0), &mut |event| {
                if event.position > after {
                    events.push(event.clone());
                }
                ControlFlow::Continue(())
            })?;
        }
        events.sort_by_key(|event| event.position);
        events.truncate(limit);
        Ok(events)
    }

    fn position(&self) -> Result<u64, Fault> {
        Ok(self.state().position)
    }

    fn head(&self, plan: PlanId) -> Result<Option<Head>, Fault> {
        Ok(self.state().stream(plan).map(|stream| stream.head))
    }

    fn heads(&self) -> Result<Vec<Head>, Fault> {
        Ok(self.state().streams.iter().map(|stream| stream.head).collect())
    }

    fn bring(
        &self,
        stream: &Brought,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<Appended, AppendError> {
        stream.check()?;
        let state = &mut *self.state();
        if let Some(known) = state.stream(stream.plan) {
            let Head { removed, seq, .. } = known.head;
            return Err(if removed { AppendError::Removed } else { AppendError::Moved { actual: seq } });
        }
        let mut said = vec![StoreEvent::PlanMade { plan: stream.plan }, StoreEvent::brought(stream)];
        for digest in &stream.purged {
            if !state.blobs.contains_key(digest) {
                state.blobs.insert(*digest, Kept::Purged { at });
                let reason = crate::sqlite::PURGED_ELSEWHERE.to_owned();
                said.push(StoreEvent::BlobPurged { digest: *digest, reason });
            }
        }
        let said: Vec<Vec<u8>> = said.iter().map(StoreEvent::to_bytes).collect();
        state.push(0, (at, by, cause), said.iter().map(Vec::as_slice));
        for blob in &stream.blobs {
            state.keep(blob);
        }
        let mut made = Stream::new(stream.plan);
        for row in &stream.rows {
            state.position += 1;
            let (seq, position) = (made.head.seq.next(), state.position);
            made.head = Head { seq, digest: row.digest, position, ..made.head };
            let brought::Row { at, by, cause, event, prev, digest } = row.clone();
            made.rows.push(Row { position, at, by, cause, event, prev, digest });
        }
        let Head { seq, digest, position, .. } = made.head;
        state.streams.push(made);
        Ok(Appended { first: Seq(1), last: seq, digest, position })
    }

    fn remove(
        &self,
        plan: PlanId,
        expected: Seq,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<(), AppendError> {
        let state = &mut *self.state();
        let Some(index) = state.index(plan).filter(|index| *index > 0) else {
            return Err(AppendError::Fault(crate::entry::not_found(plan)));
        };
        let head = state.streams[index].head;
        if head.removed {
            return Err(AppendError::Removed);
        }
        if head.seq != expected {
            return Err(AppendError::Moved { actual: head.seq });
        }
        let gone = StoreEvent::PlanRemoved { plan, seq: head.seq, digest: head.digest }.to_bytes();
        state.push(0, (at, by, cause), std::iter::once(gone.as_slice()));
        state.streams[index].head.removed = true;
        state.streams[index].rows.clear();
        state.snapshots.remove(&plan);
        Ok(())
    }

    fn put_blob(&self, blob: &Blob) -> Result<(), Fault> {
        self.state().keep(blob);
        Ok(())
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Kept>, Fault> {
        Ok(self.state().blobs.get(digest).cloned())
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, Fault> {
        Ok(matches!(self.state().blobs.get(digest), Some(Kept::Bytes(_))))
    }

    fn purge_blob(
        &self,
        digest: &Digest,
        reason: &str,
        at: Timestamp,
        by: &By,
        cause: &Cause,
    ) -> Result<bool, Fault> {
        let state = &mut *self.state();
        let Some(kept @ Kept::Bytes(_)) = state.blobs.get_mut(digest) else { return Ok(false) };
        *kept = Kept::Purged { at };
        let purged = StoreEvent::BlobPurged { digest: *digest, reason: reason.to_owned() }.to_bytes();
        state.push(0, (at, by, cause), std::iter::once(purged.as_slice()));
        Ok(true)
    }

    fn refused(&self, attempt: &Attempt) -> Result<(), Fault> {
        self.state().attempts.push(attempt.clone());
        Ok(())
    }

    fn attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault> {
        let state = self.state();
        let about = state.attempts.iter().rev().filter(|attempt| plan.is_none() || attempt.plan == plan);
        Ok(about.take(limit).cloned().collect())
    }

    fn refusals(&self, after: u64) -> Result<Refusals, Fault> {
        let state = self.state();
        let mut counted = Refusals { last: after.max(state.attempts.len() as u64), ..Refusals::default() };
        for attempt in state.attempts.iter().skip(usize::try_from(after).unwrap_or(usize::MAX)) {
            *counted.by_code.entry(attempt.code.clone()).or_default() += 1;
        }
        Ok(counted)
    }

    fn request(&self, id: &str) -> Result<Option<Earlier>, Fault> {
        Ok(self.state().requests.get(id).cloned())
    }

    fn put_snapshot(&self, key: &SnapshotKey, bytes: &[u8]) -> Result<bool, Fault> {
        key.header(bytes)?;
        self.state().snapshots.insert(key.plan, Snapshot { key: key.clone(), bytes: bytes.to_vec() });
        Ok(true)
    }

    fn snapshot(&self, plan: PlanId, code_version: &str) -> Result<Option<Snapshot>, Fault> {
        let state = self.state();
        let kept = state.snapshots.get(&plan).filter(|kept| kept.key.code_version == code_version);
        let belongs = |key: &SnapshotKey| {
            let index = (key.seq.0 as usize).checked_sub(1)?;
            Some(state.stream(plan)?.rows.get(index)?.digest == key.digest)
        };
        Ok(kept.filter(|kept| belongs(&kept.key) == Some(true)).cloned())
    }

    fn snapshots(&self) -> Result<Vec<(PlanId, Option<Snapshot>)>, Fault> {
        Ok(self.state().snapshots.iter().map(|(plan, kept)| (*plan, Some(kept.clone()))).collect())
    }

    fn drop_snapshot(&self, plan: PlanId) -> Result<(), Fault> {
        self.state().snapshots.remove(&plan);
        Ok(())
    }

    fn fact(&self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.facts.get(name).cloned())
    }

    fn memory_entry(&self, key: &str) -> Result<Option<MemoryEntry>, Fault> {
        self.state().look_up(&|lookup| lookup.entry(key))
    }

    fn memories(&self, page: &Page<'_>) -> Result<Vec<MemoryEntry>, Fault> {
        self.state().look_up(&|lookup| lookup.page(page))
    }

    fn memory_history(&self, key: &str, after: u64, limit: usize) -> Result<Vec<MemoryEntry>, Fault> {
        self.state().look_up(&|lookup| lookup.history(key, after, limit))
    }

    fn memory_search(&self, words: &str, now: Timestamp, limit: usize) -> Result<Vec<MemoryEntry>, Fault> {
        self.state().look_up(&|lookup| lookup.search(words, now, limit))
    }

    fn message(&self, number: Seq) -> Result<Option<Message>, Fault> {
        self.state().look_up(&|lookup| lookup.message(number))
    }

    fn inbox(
        &self,
        reader: &Reader,
        unread: bool,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Delivered>, Fault> {
        self.state().look_up(&|lookup| lookup.inbox(reader, unread, after, limit))
    }

    fn index_anew(&self) -> Result<(), Fault> {
        self.state().index = None;
        Ok(())
    }

    fn turn(&self) -> Turn {
        Box::new(())
    }

    fn survey(&self, see: &mut dyn Survey) -> Result<u64, Fault> {
        let state = self.state();
        for stream in &state.streams {
            see.head(&stream.head);
        }
        for stream in &state.streams {
            let plan = stream.head.plan.to_string();
            for index in 0..stream.rows.len() {
                see.line(&stream.line(&plan, index));
            }
        }
        for (digest, kept) in &state.blobs {
            let bytes = match kept {
                Kept::Bytes(bytes) => Some(bytes.as_slice()),
                Kept::Purged { .. } => None,
            };
            see.blob(&BlobLine { digest: digest.as_bytes(), bytes, purged: bytes.is_none() });
        }
        Ok(state.position)
    }
}
