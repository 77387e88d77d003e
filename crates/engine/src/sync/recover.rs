//! What an ended program or an overtaken editor left beside a document. Nothing that somebody wrote
//! is ever removed before it stands in the document, or in a file that its author finds.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::Path;

use journal::{Blob, file_fault};
use model::fault::Fault;
use model::plan::{Plan, Source};

use super::file::Found;
use super::history::{text_of, version_of};
use super::lines;
use super::merge::between_fields;
use super::replace::{Beside, Replacing, replace};
use crate::store::Store;

/// What was done about something left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// What somebody saved in the instant of a write stands in the document.
    Merged {
        /// The document.
        path: String,
    },
    /// It could not be merged and is kept beside the document.
    Kept {
        /// The document.
        path: String,
        /// Where it is.
        at: String,
    },
}

/// Looks beside a document, and puts in order what lies there. The lock is held.
pub(super) fn recover(store: &Store, plan: &Plan, source: &Source) -> Result<Option<Recovered>, Fault> {
    let place = store.absolute(&source.path);
    let Ok(target) = place.canonicalize() else { return Ok(None) };
    let Some(beside) = Beside::of(&target) else { return Ok(None) };
    let failed = |error: io::Error| file_fault(&error, &place, "put in order what lies beside");
    match fs::remove_file(beside.growing()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    match fs::read(beside.exchanged()) {
        Ok(bytes) if is_known(store, plan, source, &bytes)? => {
            fs::remove_file(beside.exchanged()).map_err(failed)?;
        }
        Ok(_) => fs::rename(beside.exchanged(), beside.saved()).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    match fs::read(beside.saved()) {
        Ok(saved) => merge_saved(store, plan, source, &target, &beside, saved).map_err(failed).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// Whether a text is one the journal has, or was about to have.
fn is_known(store: &Store, plan: &Plan, source: &Source, bytes: &[u8]) -> Result<bool, Fault> {
    let text = store.desk().redactor().redact_bytes(bytes);
    let digest = Blob::name(&text);
    let intended = plan.following(&source.path).and_then(|following| following.intent);
    Ok(digest == source.digest
        || intended.is_some_and(|intent| intent.to == digest)
        || version_of(store.desk(), plan, &source.path, digest)?.is_some())
}

/// Puts what somebody saved into the document: their text, with what our write had put into the one
/// they began from.
fn merge_saved(
    store: &Store,
    plan: &Plan,
    source: &Source,
    target: &Path,
    beside: &Beside,
    saved: Vec<u8>,
) -> io::Result<Recovered> {
    const TRIES: u32 = 20;
    let done = || -> io::Result<Recovered> {
        fs::remove_file(beside.saved())?;
        Ok(Recovered::Merged { path: source.path.clone() })
    };
    for _ in 0..TRIES {
        let Found::Text { raw: now, .. } = store.files().read(target) else { break };
        if *now == saved {
            return done();
        }
        let Some(merged) = merged(store, plan, source, &saved, &now)? else { break };
        if merged == *now {
            return done();
        }
        match replace(store.faults(), target, &now, &merged) {
            Ok(Replacing::Done(displaced)) => {
                if displaced.clear(store.faults())? {
                    return Ok(Recovered::Merged { path: source.path.clone() });
                }
                return done();
            }
            Ok(Replacing::Moved) => {}
            // The merged text stands, and what somebody saved meanwhile has the name of the one merged:
            // it is the next to look at.
            Ok(Replacing::Overtaken) => return Ok(Recovered::Merged { path: source.path.clone() }),
            Err(left) => return Err(io::Error::other(left.why)),
        }
    }
    let kept = beside.kept(&Blob::name(&saved).short());
    fs::write(&kept, &saved)?;
    if fs::read(beside.saved()).is_ok_and(|bytes| bytes == saved) {
        fs::remove_file(beside.saved())?;
    }
    Ok(Recovered::Kept { path: source.path.clone(), at: kept.to_string_lossy().into_owned() })
}

/// What somebody saved and what stands there now, in one text.
fn merged(
    store: &Store,
    plan: &Plan,
    source: &Source,
    saved: &[u8],
    now: &[u8],
) -> io::Result<Option<Vec<u8>>> {
    let redactor = store.desk().redactor();
    let following = plan.following(&source.path);
    // Between which two texts our last write stood: announced only, or confirmed.
    let (from, to) = match following.map(|following| (following.intent, following.last)) {
        Some((Some(intent), _)) => (intent.from, intent.to),
        Some((None, Some(last))) => (last.from, source.digest),
        _ => return Ok(None),
    };
    let text = |digest| text_of(store.desk(), plan, &source.path, digest).map_err(io::Error::other);
    let (Some(from), Some(to)) = (text(from)?, text(to)?) else { return Ok(None) };
    let stored = redactor.redact_bytes(now);
    if *stored == *to {
        // Only our fields stand between: they are put into what was saved, wherever it still says
        // what it said before.
        return Ok(between_fields(source, &from, &to, saved));
    }
    if let (Cow::Borrowed(_), Cow::Borrowed(_)) = (&stored, redactor.redact_bytes(saved)) {
        return Ok(lines::merge(&from, saved, now));
    }
    Ok(None)
}
