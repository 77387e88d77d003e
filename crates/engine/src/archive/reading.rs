//! Reading an archive: whole or not at all. Every line is where it belongs, the end carries the
//! digest of all before it, the chain holds, every content has its name.

use std::collections::BTreeSet;

use journal::Blob;
use journal::brought::{Brought, Row};
use model::digest::Digest;
use model::event::Event;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{CHAIN_BROKEN, PLAN_INVALID, Refusal, STORE_NEWER, VALUE_INVALID};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Archive, KIND, MAX_ARCHIVE_BYTES, VERSION, base64};
use crate::desk::Denied;

#[derive(Deserialize)]
struct HeadLine {
    countersign: String,
    version: u32,
    plan: PlanId,
    events: u64,
    #[serde(default)]
    test_store: bool,
}

#[derive(Deserialize)]
struct EventLine<'l> {
    seq: Seq,
    at: String,
    #[serde(borrow)]
    by: &'l RawValue,
    #[serde(borrow)]
    cause: &'l RawValue,
    #[serde(borrow)]
    event: &'l RawValue,
    prev: Digest,
    digest: Digest,
}

#[derive(Deserialize)]
struct BlobLine {
    blob: Digest,
    text: Option<String>,
    base64: Option<String>,
    #[serde(default)]
    purged: bool,
}

#[derive(Deserialize)]
struct EndLine {
    end: bool,
    sha256: Digest,
}

/// Whether a file begins as an archive does.
pub fn is_archive(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<HeadLine>(first).is_ok_and(|head| head.countersign == KIND)
}

/// Reads an archive.
pub fn read(bytes: &[u8]) -> Result<Archive, Denied> {
    if bytes.len() > MAX_ARCHIVE_BYTES {
        let message =
            format!("the archive has {} bytes; the most that is read is {MAX_ARCHIVE_BYTES}", bytes.len());
        return Err(Refusal::new(VALUE_INVALID, message).into());
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        torn(line, "is not text")
    })?;
    let lines: Vec<&str> = text.split_terminator('\n').collect();
    let head: HeadLine = line(&lines, 0, "does not begin an archive")?;
    if head.version > VERSION {
        return Err(Fault::new(STORE_NEWER, "the archive was written by a newer version")
            .hint("use the newer version that wrote it")
            .into());
    }
    whole(text, &lines)?;
    let events = usize::try_from(head.events).unwrap_or(usize::MAX).min(lines.len() - 2);
    let mut rows = Vec::with_capacity(events);
    for at in 1..=events {
        let found: EventLine<'_> = line(&lines, at, "is no event")?;
        if found.seq.0 != at as u64 {
            return Err(torn(at + 1, &format!("holds event {} where event {at} belongs", found.seq)).into());
        }
        rows.push(Row {
            at: found.at,
            by: found.by.get().into(),
            cause: found.cause.get().into(),
            event: found.event.get().into(),
            prev: found.prev,
            digest: found.digest,
        });
    }
    let file = Digest::sha256(bytes);
    let mut stream = Brought { plan: head.plan, rows, blobs: Vec::new(), purged: Vec::new(), file };
    stream.check()?;
    contents(&lines, events + 1, &mut stream)?;
    all_there(&stream)?;
    Ok(Archive { stream, test_store: head.test_store })
}

/// The end line is there, and carries the digest of all before it. Where it does not, the chain
/// most often says more precisely what was changed, so that is asked first.
fn whole(text: &str, lines: &[&str]) -> Result<(), Denied> {
    let end: Option<EndLine> = lines.last().and_then(|last| serde_json::from_str(last).ok());
    let Some(EndLine { end: true, sha256 }) = end.filter(|_| lines.len() > 2) else {
        return Err(torn(lines.len(), "is the last, and the archive's end is missing: it was cut off").into());
    };
    let before = text.trim_end_matches('\n').len() - lines[lines.len() - 1].len();
    if Digest::sha256(&text.as_bytes()[..before]) != sha256 {
        // Left to the chain and the names of the contents; what they do not cover is the head.
        let named = first_bad(lines);
        return Err(named.unwrap_or_else(|| torn(1, "or the end was changed").into()));
    }
    Ok(())
}

/// What was changed, as far as the chain and the contents' names tell.
fn first_bad(lines: &[&str]) -> Option<Denied> {
    let head: HeadLine = line(lines, 0, "does not begin an archive").ok()?;
    let mut rows = Vec::new();
    let mut after = lines.len() - 1;
    for (at, text) in lines.iter().enumerate().take(lines.len() - 1).skip(1) {
        if text.starts_with("{\"blob\"") {
            after = at;
            break;
        }
        let found: EventLine<'_> = match line(lines, at, "is no event") {
            Ok(found) => found,
            Err(denied) => return Some(denied),
        };
        let [by, cause, event] = [found.by, found.cause, found.event].map(|raw| raw.get().into());
        rows.push(Row { at: found.at, by, cause, event, prev: found.prev, digest: found.digest });
    }
    let file = Digest::ZERO;
    let mut stream = Brought { plan: head.plan, rows, blobs: Vec::new(), purged: Vec::new(), file };
    if let Err(fault) = stream.check() {
        return Some(fault.into());
    }
    contents(lines, after, &mut stream).err()
}

fn contents(lines: &[&str], from: usize, stream: &mut Brought) -> Result<(), Denied> {
    for at in from..lines.len() - 1 {
        let found: BlobLine = line(lines, at, "is neither an event nor a content")?;
        let bytes = match (found.text, found.base64) {
            _ if found.purged => {
                stream.purged.push(found.blob);
                continue;
            }
            (Some(text), None) => text.into_bytes(),
            (None, Some(text)) => base64::decode(&text).ok_or_else(|| torn(at + 1, "is not base64"))?,
            _ => return Err(torn(at + 1, "holds no content, or two").into()),
        };
        let blob = Blob::new(bytes);
        if blob.digest() != found.blob {
            return Err(Fault::new(
                CHAIN_BROKEN,
                format!("blob `{}` does not have its digest: its content was replaced", found.blob),
            )
            .hint("take the archive from where it was made once more")
            .with("digest", found.blob)
            .into());
        }
        stream.blobs.push(blob);
    }
    Ok(())
}

/// Contents that events name are all there, if only as a name.
fn all_there(stream: &Brought) -> Result<(), Denied> {
    let known: BTreeSet<Digest> =
        stream.blobs.iter().map(Blob::digest).chain(stream.purged.iter().copied()).collect();
    for (at, row) in stream.rows.iter().enumerate() {
        let seq = Seq(at as u64 + 1);
        if let Some(gone) = event(stream, seq, row)?.blobs().iter().find(|digest| !known.contains(*digest)) {
            return Err(Fault::new(
                CHAIN_BROKEN,
                format!("blob `{gone}` is missing; event {seq} of the archive names it"),
            )
            .with("digest", gone)
            .into());
        }
    }
    Ok(())
}

/// An event's meaning.
pub(super) fn event(stream: &Brought, seq: Seq, row: &Row) -> Result<Event, Denied> {
    serde_json::from_slice(&row.event).map_err(|error| {
        let newer = error.to_string().starts_with("unknown variant");
        let (code, what) = if newer {
            (STORE_NEWER, "is of a kind that this version does not know")
        } else {
            (CHAIN_BROKEN, "cannot be read, though its digest holds")
        };
        Fault::new(code, format!("event {seq} of `{}` {what}", stream.plan)).with("seq", seq).into()
    })
}

fn line<'l, T: Deserialize<'l>>(lines: &[&'l str], at: usize, what: &str) -> Result<T, Denied> {
    let text = lines.get(at).copied().unwrap_or_default();
    serde_json::from_str(text).map_err(|_| torn(at + 1, what).into())
}

fn torn(line: usize, what: &str) -> Refusal {
    Refusal::new(PLAN_INVALID, format!("line {line} of the archive {what}"))
        .hint("take the archive from where it was made once more")
        .with("line", line)
}
