//! A server's journal, as its client reads it. What would write to it goes to the server's desk instead,
//! or is refused: nothing of a client is ever appended as it is.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use journal::brought::Brought;
use journal::{
    AppendError, Appended, Attempt, Blob, BlobLine, Delivered, Earlier, Entry, Head, Journal, Kept, Line,
    Page as MemoryPage, Refusals, Snapshot, SnapshotKey, Stored, Survey, Turn,
};
use model::actor::{By, Cause};
use model::commons::{MemoryEntry, Message, Reader};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{CHAIN_BROKEN, STORE_REMOTE};

use super::answering::{BLOB, END, FAULT, HEAD, LINE, WRONG};
use super::question::{
    AttemptTold, BlobTold, DeliveredTold, EarlierTold, HeadTold, Page, Question, Row, SnapshotLine, Wanted,
};
use super::server::{Server, strange};

/// A server's journal.
pub struct RemoteJournal {
    server: Arc<Server>,
}

impl RemoteJournal {
    /// The journal of a server.
    pub fn of(server: Arc<Server>) -> Self {
        Self { server }
    }

    /// Shows the wanted events of a plan, page after page.
    fn pages(
        &self,
        plan: PlanId,
        mut after: Seq,
        mut limit: usize,
        wanted: &Wanted,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        while limit > 0 {
            let question = Question::Events { plan, after, limit, wanted: wanted.clone() };
            let (page, rows) = self.rows(&question)?;
            limit = limit.saturating_sub(rows.len());
            for row in rows {
                let stored = Stored::from(row);
                let follows = stored.plan == plan && stored.seq > after;
                if !follows || (*wanted == Wanted::All && stored.seq != after.next()) {
                    return Err(Fault::new(
                        CHAIN_BROKEN,
                        format!("event {} of `{plan}` is missing or out of order", after.next()),
                    )
                    .with("plan", plan));
                }
                after = stored.seq;
                if each(&stored).is_break() {
                    return Ok(());
                }
            }
            if !page.more {
                break;
            }
            after = after.max(Seq(page.through));
        }
        Ok(())
    }

    fn rows(&self, question: &Question) -> Result<(Page, Vec<Row>), Fault> {
        let (page, rest): (Page, Vec<u8>) = self.server.ask(question)?;
        let lines = rest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let rows = lines.map(|line| serde_json::from_slice(line).map_err(|error| strange(&error)));
        Ok((page, rows.collect::<Result<_, _>>()?))
    }

    /// Shows those events of a plan in which one of some texts stands.
    pub fn visit_naming(
        &self,
        plan: PlanId,
        texts: Vec<String>,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.pages(plan, Seq(0), usize::MAX, &Wanted::Naming(texts), each)
    }

    fn list<T, U>(&self, question: &Question) -> Result<Vec<U>, Fault>
    where
        T: serde::de::DeserializeOwned,
        U: From<T>,
    {
        let (found, _): (Vec<T>, _) = self.server.ask(question)?;
        Ok(found.into_iter().map(U::from).collect())
    }

    fn one<T: serde::de::DeserializeOwned>(&self, question: &Question) -> Result<T, Fault> {
        Ok(self.server.ask(question)?.0)
    }
}

/// What only the server itself may do to its journal.
fn not_from_here(what: &str) -> Fault {
    Fault::new(STORE_REMOTE, format!("{what} cannot be done from another side of the network"))
        .hint("do it where the store's folder is")
}

impl Journal for RemoteJournal {
    fn append(&self, _: PlanId, _: Seq, _: &Entry) -> Result<Appended, AppendError> {
        Err(AppendError::Fault(not_from_here("appending events")))
    }

    fn append_all(&self, _: &[(PlanId, Seq, Entry)]) -> Result<Vec<Appended>, AppendError> {
        Err(AppendError::Fault(not_from_here("appending events")))
    }

    fn visit(
        &self,
        plan: PlanId,
        after: Seq,
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        self.pages(plan, after, usize::MAX, &Wanted::All, each)
    }

    fn visit_some(
        &self,
        plan: PlanId,
        after: Seq,
        beginnings: &[&str],
        each: &mut dyn FnMut(&Stored) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let beginnings = beginnings.iter().map(|text| (*text).to_owned()).collect();
        self.pages(plan, after, usize::MAX, &Wanted::Beginning(beginnings), each)
    }

    fn read(&self, plan: PlanId, after: Seq, limit: usize) -> Result<Vec<Stored>, Fault> {
        let mut events = Vec::new();
        self.pages(plan, after, limit, &Wanted::All, &mut |stored| {
            events.push(stored.clone());
            ControlFlow::Continue(())
        })?;
        Ok(events)
    }

    fn follow(&self, mut after: u64, limit: usize) -> Result<Vec<Stored>, Fault> {
        let mut events = Vec::new();
        while events.len() < limit {
            let (page, rows) = self.rows(&Question::Follow { after, limit: limit - events.len() })?;
            events.extend(rows.into_iter().map(Stored::from));
            if !page.more {
                break;
            }
            after = page.through;
        }
        Ok(events)
    }

    fn position(&self) -> Result<u64, Fault> {
        self.one(&Question::Position)
    }

    fn head(&self, plan: PlanId) -> Result<Option<Head>, Fault> {
        Ok(self.one::<Option<HeadTold>>(&Question::Head { plan })?.map(Head::from))
    }

    fn heads(&self) -> Result<Vec<Head>, Fault> {
        self.list::<HeadTold, _>(&Question::Heads)
    }

    fn bring(&self, _: &Brought, _: Timestamp, _: &By, _: &Cause) -> Result<Appended, AppendError> {
        Err(AppendError::Fault(not_from_here("bringing a plan in whole")))
    }

    fn remove(&self, _: PlanId, _: Seq, _: Timestamp, _: &By, _: &Cause) -> Result<(), AppendError> {
        Err(AppendError::Fault(not_from_here("removing a plan")))
    }

    fn put_blob(&self, _: &Blob) -> Result<(), Fault> {
        Err(not_from_here("keeping content that no command names"))
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Kept>, Fault> {
        let (told, bytes) = self.server.ask(&Question::Blob { digest: *digest })?;
        Ok(match told {
            BlobTold::Never => None,
            BlobTold::Purged(at) => Some(Kept::Purged { at }),
            BlobTold::Here if Blob::name(&bytes) == *digest => Some(Kept::Bytes(bytes)),
            BlobTold::Here => {
                let what = format!("the content that came for `{digest}` does not have that digest");
                return Err(Fault::new(CHAIN_BROKEN, what).with("digest", digest));
            }
        })
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, Fault> {
        self.one(&Question::HasBlob { digest: *digest })
    }

    fn purge_blob(&self, _: &Digest, _: &str, _: Timestamp, _: &By, _: &Cause) -> Result<bool, Fault> {
        Err(not_from_here("purging a blob past the desk"))
    }

    fn refused(&self, _: &Attempt) -> Result<(), Fault> {
        Err(not_from_here("recording an attempt past the desk"))
    }

    fn attempts(&self, plan: Option<PlanId>, limit: usize) -> Result<Vec<Attempt>, Fault> {
        self.list::<AttemptTold, _>(&Question::Attempts { plan, limit })
    }

    fn refusals(&self, after: u64) -> Result<Refusals, Fault> {
        let (last, by_code) = self.one(&Question::Refusals { after })?;
        Ok(Refusals { last, by_code })
    }

    fn request(&self, id: &str) -> Result<Option<Earlier>, Fault> {
        let question = Question::Request { id: id.to_owned() };
        Ok(self.one::<Option<EarlierTold>>(&question)?.map(Earlier::from))
    }

    fn put_snapshot(&self, _: &SnapshotKey, _: &[u8]) -> Result<bool, Fault> {
        // The server keeps its own.
        Ok(false)
    }

    fn snapshot(&self, plan: PlanId, code_version: &str) -> Result<Option<Snapshot>, Fault> {
        let question = Question::Snapshot { plan, code_version: code_version.to_owned() };
        let (line, bytes): (Option<SnapshotLine>, _) = self.server.ask(&question)?;
        Ok(line.and_then(|line| snapshot(line, bytes)))
    }

    fn snapshots(&self) -> Result<Vec<(PlanId, Option<Snapshot>)>, Fault> {
        let (lines, bytes): (Vec<SnapshotLine>, Vec<u8>) = self.server.ask(&Question::Snapshots)?;
        let mut rest = bytes.as_slice();
        let mut found = Vec::new();
        for line in lines {
            let length = line.of.as_ref().map_or(0, |of| of.length);
            let (own, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = after;
            found.push((line.plan, snapshot(line, own.to_vec())));
        }
        Ok(found)
    }

    fn drop_snapshot(&self, _: PlanId) -> Result<(), Fault> {
        Err(not_from_here("throwing a snapshot away"))
    }

    fn fact(&self, name: &str) -> Result<Option<String>, Fault> {
        self.one(&Question::Fact { name: name.to_owned() })
    }

    fn memory_entry(&self, key: &str) -> Result<Option<MemoryEntry>, Fault> {
        self.one(&Question::MemoryEntry { key: key.to_owned() })
    }

    fn memories(&self, page: &MemoryPage<'_>) -> Result<Vec<MemoryEntry>, Fault> {
        let MemoryPage { prefix, after, limit, now } = *page;
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        self.one(&Question::Memories { prefix, after, limit, now })
    }

    fn memory_history(&self, key: &str, after: u64, limit: usize) -> Result<Vec<MemoryEntry>, Fault> {
        self.one(&Question::MemoryHistory { key: key.to_owned(), after, limit })
    }

    fn memory_search(&self, words: &str, now: Timestamp, limit: usize) -> Result<Vec<MemoryEntry>, Fault> {
        self.one(&Question::MemorySearch { words: words.to_owned(), now, limit })
    }

    fn message(&self, number: Seq) -> Result<Option<Message>, Fault> {
        self.one(&Question::Message { number })
    }

    fn inbox(
        &self,
        reader: &Reader,
        unread: bool,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<Delivered>, Fault> {
        self.list::<DeliveredTold, _>(&Question::Inbox { reader: reader.into(), unread, after, limit })
    }

    fn index_anew(&self) -> Result<(), Fault> {
        Err(not_from_here("making an index anew"))
    }

    fn turn(&self) -> Turn {
        // Whose turn it is, is decided where the rulings are.
        Box::new(())
    }

    fn survey(&self, see: &mut dyn Survey) -> Result<u64, Fault> {
        let (mut held, mut ended) = (Vec::new(), None);
        self.server.ask_for_all(&Question::Survey, &mut |bytes| {
            held.extend_from_slice(bytes);
            let mut used = 0;
            while let Some((kind, parts, length)) = piece(&held[used..]) {
                used += length;
                ended = seen(kind, &parts, see).or(ended.take());
            }
            held.drain(..used);
        })?;
        ended.unwrap_or_else(|| Err(strange(&"it ended in the middle")))
    }
}

fn snapshot(line: SnapshotLine, bytes: Vec<u8>) -> Option<Snapshot> {
    let SnapshotLine { plan, of } = line;
    let of = of.filter(|of| of.length == bytes.len())?;
    let key = SnapshotKey { plan, seq: of.seq, digest: of.digest, code_version: of.code_version };
    Some(Snapshot { key, bytes })
}

/// The first piece of a survey, where it is there whole, with its length.
fn piece(bytes: &[u8]) -> Option<(u8, Vec<&[u8]>, usize)> {
    let [kind, count, rest @ ..] = bytes else { return None };
    let (mut rest, mut parts) = (rest, Vec::new());
    for _ in 0..*count {
        let (length, after) = rest.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
        let (part, after) = after.split_at_checked(length)?;
        parts.push(part);
        rest = after;
    }
    Some((*kind, parts, bytes.len() - rest.len()))
}

/// Shows a piece; gives how the survey ended, where this was its end.
fn seen(kind: u8, parts: &[&[u8]], see: &mut dyn Survey) -> Option<Result<u64, Fault>> {
    let number = |part: &[u8]| part.try_into().map(i64::from_be_bytes).unwrap_or(-1);
    match (kind, parts) {
        (HEAD, [told]) => match serde_json::from_slice::<HeadTold>(told) {
            Ok(told) => see.head(&told.into()),
            Err(error) => return Some(Err(strange(&error))),
        },
        (LINE, [plan, seq, position, at, by, cause, event, prev, digest, in_place]) => see.line(&Line {
            plan,
            seq: number(seq),
            position: number(position),
            at,
            by,
            cause,
            event,
            prev,
            digest,
            in_place: *in_place == [1],
        }),
        (BLOB, [digest, [is_there, purged], bytes]) => {
            see.blob(&BlobLine { digest, bytes: (*is_there == 1).then_some(*bytes), purged: *purged == 1 })
        }
        (WRONG, [what]) => see.wrong(&String::from_utf8_lossy(what)),
        (END, [position]) => return Some(Ok(number(position).max(0).unsigned_abs())),
        (FAULT, [told]) => {
            return Some(Err(serde_json::from_slice(told).unwrap_or_else(|error| strange(&error))));
        }
        _ => return Some(Err(strange(&"a piece is of no known kind"))),
    }
    None
}
