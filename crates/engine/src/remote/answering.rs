//! The server's end: answers questions from its journal, and hands in at its own desk.

use std::cell::Cell;
use std::ops::ControlFlow;

use journal::{BlobLine, Head, Journal, Kept, Line, Page as MemoryPage, Stored, Survey};
use model::actor::By;
use model::command::Command;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{INTERNAL_FAULT, Refusal, VALUE_INVALID};
use serde::Serialize;

use super::framing::frame;
use super::handed::{Came, Handed, What};
use super::question::{
    AttemptTold, BlobTold, DeliveredTold, EarlierTold, HeadTold, Page, Question, Row, SnapshotLine,
    SnapshotOf, Wanted,
};
use crate::desk::{Denied, Desk as _, LocalDesk, Receipt, Request};
use crate::sessions;

/// A page of events ends after so many bytes, or so many events.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_EVENTS: usize = 4096;

/// The longest name of what a sender did.
const LONGEST_NAME: usize = 64;

/// Hands a single command in at the desk.
pub type Submit<'s> = &'s dyn Fn(PlanId, &Request, Command) -> Result<Receipt, Denied>;

/// Does what was handed in, by whomever the server takes the sender for. A single command goes through
/// `submit`: those that come at the same time may share a wait for the disk.
pub fn hand_in(
    desk: &LocalDesk,
    by: By,
    handed: Handed,
    blobs: Vec<journal::Blob>,
    submit: Submit<'_>,
) -> Result<Came, Denied> {
    if let Some(blob) = blobs.iter().find(|blob| desk.blob(blob.bytes()).digest() != blob.digest()) {
        // It was named after what it holds, so it cannot be cleaned here.
        let what = format!("the content `{}` holds what looks like a secret", blob.digest());
        return Err(Refusal::new(VALUE_INVALID, what)
            .hint("take it out, or use the client's own way in")
            .into());
    }
    let (request, of_follows) = handed.request(by, blobs);
    let plan = handed.plan;
    match handed.what {
        What::Submit(command) => Ok(Came::Receipt(submit(plan, &request, *command)?.into())),
        What::All { name, commands, follows } => {
            let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if name.is_empty() || name.len() > LONGEST_NAME || !is_plain(&name) {
                return Err(Refusal::new(VALUE_INVALID, "what was done has no name of small letters").into());
            }
            let Some(follows) = follows else {
                return Ok(Came::Receipt(desk.submit_all(plan, &request, &name, &commands)?.into()));
            };
            let moved = Cell::new(false);
            let receipt = desk.submit_with(plan, &request, &name, &commands, &mut |after, events| {
                if after.seq.0 != follows.onto.0 + events.len() as u64 {
                    moved.set(true);
                    return Err(Fault::new(INTERNAL_FAULT, "it was rehearsed on an earlier state"));
                }
                Ok((follows.commands.clone(), of_follows.clone()))
            });
            if moved.get() { Ok(Came::Moved) } else { Ok(Came::Receipt(receipt?.into())) }
        }
        What::Batch(commands) => Ok(Came::Batch(desk.submit_batch(plan, &request, &commands)?.into())),
        What::TurnDown { what, refusal } => {
            desk.turn_down(plan, &request.by, &what, &refusal.into_refusal()?);
            Ok(Came::Noted)
        }
        What::PurgeBlob { digest, reason } => Ok(Came::Purged(desk.purge_blob(&request, &digest, &reason)?)),
        What::EndSession { session, reason, stuck } => {
            Ok(Came::Receipt(sessions::end(desk, &request, &session, &reason, stuck)?.into()))
        }
        What::Sweep => {
            let (told, closed) = sessions::sweep(desk, &*desk.plan(plan)?)?;
            Ok(Came::Swept(told, closed))
        }
    }
}

/// Answers a question. `Hello` and `Survey` are for whoever has the connection.
pub fn answer(desk: &LocalDesk, question: Question) -> Result<Vec<u8>, Fault> {
    let journal = desk.journal();
    Ok(match question {
        Question::Hello { .. } | Question::Survey => {
            return Err(Fault::new(INTERNAL_FAULT, "that question is answered elsewhere"));
        }
        Question::Plans => frame(&desk.plans()?),
        Question::Events { plan, after, limit, wanted } => events(journal, plan, after, limit, &wanted)?,
        Question::Follow { after, limit } => {
            let found = journal.follow(after, limit.min(MOST_EVENTS))?;
            rows(
                &found,
                found.len() == limit.min(MOST_EVENTS),
                found.last().map_or(after, |row| row.position),
            )
        }
        Question::Position => frame(&journal.position()?),
        Question::Head { plan } => frame(&journal.head(plan)?.map(HeadTold::from)),
        Question::Heads => listed::<_, HeadTold>(journal.heads()?),
        Question::Blob { digest } => match journal.blob(&digest)? {
            None => frame(&BlobTold::Never),
            Some(Kept::Purged { at }) => frame(&BlobTold::Purged(at)),
            Some(Kept::Bytes(bytes)) => behind(&BlobTold::Here, &bytes),
        },
        Question::HasBlob { digest } => frame(&journal.has_blob(&digest)?),
        Question::Attempts { plan, limit } => listed::<_, AttemptTold>(journal.attempts(plan, limit)?),
        Question::Refusals { after } => {
            let refusals = journal.refusals(after)?;
            frame(&(refusals.last, refusals.by_code))
        }
        Question::Request { id } => frame(&journal.request(&id)?.map(EarlierTold::from)),
        Question::Snapshot { plan, code_version } => match journal.snapshot(plan, &code_version)? {
            None => frame(&None::<SnapshotLine>),
            Some(snapshot) => behind(&Some(line_of(plan, Some(&snapshot))), &snapshot.bytes),
        },
        Question::Snapshots => {
            let snapshots = journal.snapshots()?;
            let lines = snapshots.iter().map(|(plan, snapshot)| line_of(*plan, snapshot.as_ref()));
            let mut message = frame(&lines.collect::<Vec<_>>());
            for (_, snapshot) in &snapshots {
                message.extend(snapshot.iter().flat_map(|snapshot| &snapshot.bytes));
            }
            message
        }
        Question::Fact { name } => {
            // What marks of secrets are salted with is not for everybody.
            let known = [journal::facts::TEST, journal::facts::MADE_AT].contains(&name.as_str());
            frame(&if known { journal.fact(&name)? } else { None })
        }
        Question::MemoryEntry { key } => frame(&journal.memory_entry(&key)?),
        Question::Memories { prefix, after, limit, now } => {
            frame(&journal.memories(&MemoryPage { prefix: &prefix, after: after.as_deref(), limit, now })?)
        }
        Question::MemoryHistory { key, after, limit } => frame(&journal.memory_history(&key, after, limit)?),
        Question::MemorySearch { words, now, limit } => frame(&journal.memory_search(&words, now, limit)?),
        Question::Message { number } => frame(&journal.message(number)?),
        Question::Inbox { reader, unread, after, limit } => {
            listed::<_, DeliveredTold>(journal.inbox(&reader.into(), unread, after, limit)?)
        }
    })
}

fn listed<T, U: From<T> + Serialize>(items: Vec<T>) -> Vec<u8> {
    frame(&items.into_iter().map(U::from).collect::<Vec<_>>())
}

fn behind(head: &impl Serialize, bytes: &[u8]) -> Vec<u8> {
    let mut message = frame(head);
    message.extend_from_slice(bytes);
    message
}

fn line_of(plan: PlanId, snapshot: Option<&journal::Snapshot>) -> SnapshotLine {
    let of = snapshot.map(|snapshot| SnapshotOf {
        seq: snapshot.key.seq,
        digest: snapshot.key.digest,
        code_version: snapshot.key.code_version.clone(),
        length: snapshot.bytes.len(),
    });
    SnapshotLine { plan, of }
}

fn events(
    journal: &dyn Journal,
    plan: PlanId,
    after: Seq,
    limit: usize,
    wanted: &Wanted,
) -> Result<Vec<u8>, Fault> {
    let limit = limit.min(MOST_EVENTS);
    let (mut found, mut bytes, mut through, mut more) = (Vec::new(), 0, after.0, false);
    if limit > 0 {
        let mut see = |stored: &Stored| {
            through = stored.seq.0;
            if wanted.holds(&stored.event) {
                bytes += stored.event.len();
                found.push(stored.clone());
            }
            more = found.len() >= limit || bytes >= MOST_BYTES;
            if more { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        match wanted {
            Wanted::Beginning(texts) => {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                journal.visit_some(plan, after, &texts, &mut see)?;
            }
            _ => journal.visit(plan, after, &mut see)?,
        }
    }
    Ok(rows(&found, more, through))
}

fn rows(found: &[Stored], more: bool, through: u64) -> Vec<u8> {
    let mut message = frame(&Page { more, through });
    for stored in found {
        message.append(&mut frame(&Row::from(stored)));
    }
    message
}

impl Wanted {
    /// Whether an event of this stored text is wanted.
    pub fn holds(&self, event: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Beginning(texts) => texts.iter().any(|text| event.starts_with(text.as_bytes())),
            Self::Naming(texts) => {
                let event = std::str::from_utf8(event).unwrap_or_default();
                texts.iter().any(|text| event.contains(text.as_str()))
            }
        }
    }
}

/// Shows everything in a journal, as it lies, in pieces for the other end, until that has enough.
pub fn survey(journal: &dyn Journal, send: &mut dyn FnMut(Vec<u8>) -> bool) {
    let mut pieces = Pieces { send, full: Vec::new(), open: true };
    match journal.survey(&mut pieces) {
        Ok(position) => pieces.piece(END, &[&position.to_be_bytes()]),
        Err(fault) => pieces.piece(FAULT, &[&serde_json::to_vec(&fault).unwrap_or_default()]),
    }
    pieces.flush();
}

pub(super) const HEAD: u8 = b'h';
pub(super) const LINE: u8 = b'l';
pub(super) const BLOB: u8 = b'b';
pub(super) const WRONG: u8 = b'w';
pub(super) const END: u8 = b'e';
pub(super) const FAULT: u8 = b'f';

/// So much is gathered before it is sent.
const PIECE: usize = 256 * 1024;

/// Pieces of a survey: a letter, how many parts, and each part with its length before it.
struct Pieces<'a> {
    send: &'a mut dyn FnMut(Vec<u8>) -> bool,
    full: Vec<u8>,
    open: bool,
}

impl Pieces<'_> {
    fn piece(&mut self, kind: u8, parts: &[&[u8]]) {
        self.full.push(kind);
        self.full.push(parts.len() as u8);
        for part in parts {
            self.full.extend_from_slice(&(part.len() as u64).to_be_bytes());
            self.full.extend_from_slice(part);
        }
        if self.full.len() >= PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let full = std::mem::take(&mut self.full);
        self.open = self.open && (self.send)(full);
    }
}

impl Survey for Pieces<'_> {
    fn head(&mut self, head: &Head) {
        let told = serde_json::to_vec(&HeadTold::from(*head)).unwrap_or_default();
        self.piece(HEAD, &[&told]);
    }

    fn line(&mut self, line: &Line<'_>) {
        let Line { plan, seq, position, at, by, cause, event, prev, digest, in_place } = line;
        let (seq, position) = (seq.to_be_bytes(), position.to_be_bytes());
        let in_place = [u8::from(*in_place)];
        self.piece(LINE, &[plan, &seq, &position, at, by, cause, event, prev, digest, &in_place]);
    }

    fn blob(&mut self, blob: &BlobLine<'_>) {
        let standing = [u8::from(blob.bytes.is_some()), u8::from(blob.purged)];
        self.piece(BLOB, &[blob.digest, &standing, blob.bytes.unwrap_or_default()]);
    }

    fn wrong(&mut self, what: &str) {
        self.piece(WRONG, &[what.as_bytes()]);
    }
}
