//! How each document of a plan stands beside the journal, found out by reading files and nothing
//! else. Writes nothing.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use formats::{MAX_DOCUMENT_BYTES, Reading};
use jiff::Timestamp;
use journal::Blob;
use model::digest::Digest;
use model::fault::Fault;
use model::following::Following;
use model::ids::Seq;
use model::plan::{Plan, Source};
use serde::Serialize;

use super::history::{Version, text_of, version_of};
use super::lease::{Lease, Quiet};
use super::merge::between;
use super::told::Telling;
use crate::documents::SIDECAR_FORMAT;
use crate::store::Store;

/// How long after one of our writes a save is taken to be of a text that was read before it. Nobody
/// reads, undoes and saves that fast.
const SAME_INSTANT: Duration = Duration::from_millis(100);

/// How a document stands beside the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// It is what it was when both were last in step.
    InStep,
    /// Somebody edited it.
    Edited,
    /// It is what it was at an earlier time: another branch, an undone change.
    Earlier {
        /// The event after which it was so last.
        seq: Seq,
        /// When that was.
        at: Timestamp,
    },
    /// It is not there.
    Missing,
    /// It cannot be read as it lies there.
    Unreadable {
        /// Why, as the end of a sentence about the file.
        why: String,
    },
    /// Somebody's merge is unfinished.
    Markers {
        /// The line of the first mark.
        line: u32,
    },
}

/// A document's file, and what it means.
#[derive(Debug)]
pub(super) struct Surveyed {
    /// The path on record.
    pub(super) path: String,
    /// The path to open.
    pub(super) place: PathBuf,
    /// What format it is of.
    pub(super) format: String,
    /// Its bytes, where it could be read.
    pub(super) raw: Vec<u8>,
    /// Its stored text, where that is not the bytes themselves.
    pub(super) clean: Option<Vec<u8>>,
    /// The digest of its stored text.
    pub(super) digest: Digest,
    pub(super) standing: Standing,
    /// The text both sides began from, where that is not simply the one on record.
    pub(super) base: Option<Vec<u8>>,
    /// What the journal changed after this event is not in the file.
    pub(super) since: Seq,
    /// What its bytes say, once somebody wanted to know.
    pub(super) file: RefCell<Option<Reading>>,
    /// What the text both sides began from says, once somebody wanted to know.
    pub(super) before: RefCell<Option<Reading>>,
    /// What it says anew, once somebody wanted to know: where that is plain from its lines.
    pub(super) telling: OnceCell<Option<Telling>>,
    /// Whether a write that was begun turns out to be done, and nobody said so yet.
    pub(super) confirms: bool,
}

impl Surveyed {
    /// Its stored text.
    pub(super) fn text(&self) -> &[u8] {
        self.clean.as_deref().unwrap_or(&self.raw)
    }

    /// What a text of it says.
    pub(super) fn read(&self, text: &[u8]) -> Reading {
        formats::read_as(Some(&self.format), &self.path, text)
    }
}

/// The documents among a plan's sources.
pub(super) fn documents(plan: &Plan) -> impl Iterator<Item = &Source> {
    plan.sources.iter().filter(|source| source.format != SIDECAR_FORMAT)
}

/// Looks at every document of a plan.
pub(super) fn survey(store: &Store, plan: &Plan) -> Result<Vec<Surveyed>, Fault> {
    documents(plan).map(|source| survey_one(store, plan, source)).collect()
}

pub(super) fn survey_one(store: &Store, plan: &Plan, source: &Source) -> Result<Surveyed, Fault> {
    let place = store.absolute(&source.path);
    let following = plan.following(&source.path);
    let mut surveyed = Surveyed {
        path: source.path.clone(),
        place,
        format: source.format.clone(),
        raw: Vec::new(),
        clean: None,
        digest: source.digest,
        standing: Standing::InStep,
        base: None,
        file: RefCell::default(),
        before: RefCell::default(),
        telling: OnceCell::new(),
        since: following.map_or(plan.seq, |following| following.written),
        confirms: false,
    };
    let (raw, save) = match read(&surveyed.place) {
        Found::Text { raw, save } => (raw, save),
        Found::Missing => return Ok(Surveyed { standing: Standing::Missing, ..surveyed }),
        Found::Unreadable(why) => {
            return Ok(Surveyed { standing: Standing::Unreadable { why }, ..surveyed });
        }
    };
    surveyed.raw = raw;
    surveyed.digest = Blob::name(&surveyed.raw);
    if surveyed.digest != source.digest
        && let Cow::Owned(clean) = store.desk().redactor().redact_bytes(&surveyed.raw)
    {
        surveyed.digest = Blob::name(&clean);
        surveyed.clean = Some(clean);
    }
    if surveyed.digest == source.digest {
        return Ok(surveyed);
    }
    if let Some(intent) = following.and_then(|following| following.intent)
        && intent.to == surveyed.digest
    {
        return Ok(Surveyed { since: intent.through, confirms: true, ..surveyed });
    }
    let overtaken = following.and_then(|following| following.last).filter(|last| {
        let instant = SystemTime::from(last.at) + SAME_INSTANT;
        last.from == surveyed.digest && store.is_timely() && save.happened_before(instant)
    });
    if let Some(last) = overtaken {
        // Somebody saved, in the instant of our write, what they had read before it, unchanged.
        let base = Some(surveyed.text().to_vec());
        return Ok(Surveyed { standing: Standing::Edited, base, since: last.written, ..surveyed });
    }
    if let Some(Version { seq, at, .. }) = version_of(store.desk(), plan.id, &source.path, surveyed.digest)? {
        return Ok(Surveyed { standing: Standing::Earlier { seq, at }, ..surveyed });
    }
    edited(store, plan, source, surveyed, &save)
}

fn edited(
    store: &Store,
    plan: &Plan,
    source: &Source,
    mut surveyed: Surveyed,
    save: &Save,
) -> Result<Surveyed, Fault> {
    let text = |digest| text_of(store.desk(), plan, &source.path, digest);
    let mut base = None;
    if surveyed.text().trim_ascii().is_empty() {
        base = text(source.digest)?;
        if base.as_ref().is_some_and(|base| !base.trim_ascii().is_empty()) {
            let why = "is empty".to_owned();
            return Ok(Surveyed { standing: Standing::Unreadable { why }, ..surveyed });
        }
    }
    let marks = marks(surveyed.text());
    if let Some(line) = marks.first() {
        base = text(source.digest)?;
        // A document may be about such marks.
        if base.as_ref().is_none_or(|base| self::marks(base).len() < marks.len()) {
            return Ok(Surveyed { standing: Standing::Markers { line: *line }, ..surveyed });
        }
    }
    surveyed.standing = Standing::Edited;
    surveyed.base = base;
    let Some(following) = plan.following(&source.path) else { return Ok(surveyed) };
    if let Some(intent) = following.intent {
        // The program ended between announcing a write and confirming it: the file was either text
        // when somebody edited it, so a field that says what either says is nobody's edit.
        if let (Some(from), Some(to)) = (text(intent.from)?, text(intent.to)?) {
            surveyed.base = Some(between(source, &from, &to, surveyed.text()).text);
        }
    } else if let Some((base, since)) = overlooked(store, plan, following, source, &surveyed, save)? {
        (surveyed.base, surveyed.since) = (Some(base), since);
    }
    Ok(surveyed)
}

/// Where somebody saved, in the instant of our last write, a text they had read before it: what
/// they began from, and up to where the journal stood in it.
fn overlooked(
    store: &Store,
    plan: &Plan,
    following: &Following,
    source: &Source,
    surveyed: &Surveyed,
    save: &Save,
) -> Result<Option<(Vec<u8>, Seq)>, Fault> {
    let Some(last) = following.last.filter(|_| store.is_timely()) else { return Ok(None) };
    if !save.happened_before(SystemTime::from(last.at) + SAME_INSTANT) {
        return Ok(None);
    }
    let text = |digest| text_of(store.desk(), plan, &source.path, digest);
    let (Some(from), Some(to)) = (text(last.from)?, text(source.digest)?) else { return Ok(None) };
    let between = between(source, &from, &to, surveyed.text());
    Ok(between.all_back.then_some((between.text, last.written)))
}

/// When a file was saved, as far as its dates tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Save {
    born: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl Save {
    fn of(metadata: &Metadata) -> Self {
        Self { born: metadata.created().ok(), modified: metadata.modified().ok() }
    }

    /// Whether the save happened before a moment: also a file that was written earlier and put there
    /// later was made, at the latest, when it was put there.
    fn happened_before(&self, moment: SystemTime) -> bool {
        self.modified.is_some_and(|time| time < moment) && self.born.is_none_or(|time| time < moment)
    }
}

/// What lies where a document should be.
pub(super) enum Found {
    Text { raw: Vec<u8>, save: Save },
    Missing,
    Unreadable(String),
}

/// Reads a document as it is while nobody writes it.
pub(super) fn read(path: &Path) -> Found {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        match try_read(path) {
            Ok(Some(found)) => return found,
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Missing,
            Err(error) => return Found::Unreadable(format!("cannot be read: {error}")),
        }
    }
    Found::Unreadable("is being written all the time".to_owned())
}

/// Nothing where it changed while it was read.
fn try_read(path: &Path) -> io::Result<Option<Found>> {
    // A pipe would keep us waiting for somebody to write into it.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits();
    let mut file = File::options().read(true).custom_flags(nonblock as i32).open(path)?;
    let before = file.metadata()?;
    if before.is_dir() {
        return Ok(Some(Found::Unreadable("is a folder".to_owned())));
    }
    if !before.is_file() {
        return Ok(Some(Found::Unreadable("is no file that could be a document".to_owned())));
    }
    if before.len() > MAX_DOCUMENT_BYTES as u64 {
        let why = format!("has {} bytes, and at most {MAX_DOCUMENT_BYTES} are read", before.len());
        return Ok(Some(Found::Unreadable(why)));
    }
    let Some(lease) = Lease::wait(&file)? else {
        return Ok(Some(Found::Unreadable("is open for writing somewhere".to_owned())));
    };
    let before = file.metadata()?;
    let mut raw = Vec::with_capacity(before.len() as usize + 1);
    file.read_to_end(&mut raw)?;
    let after = file.metadata()?;
    let same = before.len() == after.len()
        && (before.mtime(), before.mtime_nsec()) == (after.mtime(), after.mtime_nsec())
        && raw.len() as u64 == after.len();
    // With a lease nobody wrote; without one only the dates tell.
    let settled = same || lease.quiet() == Quiet::Yes;
    Ok(settled.then(|| Found::Text { raw, save: Save::of(&after) }))
}

/// The lines on which somebody's version begins, of merges that were not finished.
fn marks(text: &[u8]) -> Vec<u32> {
    let (mut found, mut open, mut parted) = (Vec::new(), None, false);
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        if line.starts_with(b"<<<<<<<") {
            (open, parted) = (Some(number), false);
        } else if line.starts_with(b"=======") {
            parted = open.is_some();
        } else if line.starts_with(b">>>>>>>") && parted {
            found.extend(open.take());
            parted = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_a_merge_are_told_from_underlined_headings() {
        let check = |text: &str, lines: &[u32]| assert_eq!(marks(text.as_bytes()), lines, "{text}");
        check("Plan\n=======\n\n- [ ] one\n", &[]);
        check("<<<<<<< HEAD\n- [ ] one\n=======\n- [x] one\n>>>>>>> theirs\n", &[1]);
        check("Plan\n=======\n<<<<<<< HEAD\n- [ ] one\n", &[]);
        check(">>>>>>> a quotation of a quotation\n=======\n", &[]);
        check("<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> x\r\n<<<<<<<\n=======\n>>>>>>>\n", &[1, 6]);
    }
}
