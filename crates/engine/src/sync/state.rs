//! How each document of a plan stands beside the journal, found out by reading files and nothing
//! else. Writes nothing.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use formats::Reading;
use formats::edit::{Apart, lines_between, unfinished_merges};
use jiff::Timestamp;
use journal::Blob;
use model::digest::Digest;
use model::fault::Fault;
use model::following::Following;
use model::ids::Seq;
use model::plan::{Plan, Source};
use serde::Serialize;

use super::file::{Found, Save};
use super::history::{Version, text_of, version_of};
use super::merge::between;
use super::told::Telling;
use crate::documents::SIDECAR_FORMAT;
use crate::store::Store;

/// How long after one of our writes a save is taken to be of a text that was read before it. Nobody
/// reads, undoes and saves that fast.
const SAME_INSTANT: Duration = Duration::from_millis(100);

/// From this many bytes on only what changed is looked through for secrets.
const LARGE: usize = 256 * 1024;

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
    pub(super) raw: Arc<Vec<u8>>,
    /// Its stored text, where that is not the bytes themselves.
    pub(super) clean: Option<Vec<u8>>,
    /// The digest of its stored text.
    pub(super) digest: Digest,
    pub(super) standing: Standing,
    /// The text both sides began from, where that is not simply the one on record.
    pub(super) base: Option<Vec<u8>>,
    /// The text on record, once somebody wanted to know; nothing where it is not kept any more.
    recorded: OnceCell<Option<Vec<u8>>>,
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

    /// The text on record; nothing where it is not kept any more.
    pub(super) fn recorded(&self, store: &Store, plan: &Plan) -> Result<Option<&[u8]>, Fault> {
        if let Some(known) = self.recorded.get() {
            return Ok(known.as_deref());
        }
        let digest = plan.digest_of(&self.path).unwrap_or_default();
        let text = text_of(store.desk(), plan, &self.path, digest)?;
        Ok(self.recorded.get_or_init(|| text).as_deref())
    }

    /// Whether secrets may stand in its bytes: what is as in the text on record holds none.
    fn may_hold_secrets(&self, store: &Store, plan: &Plan) -> Result<bool, Fault> {
        /// A secret may begin before the lines that changed.
        const AROUND: usize = 1024;
        if self.raw.len() <= LARGE {
            return Ok(true);
        }
        let Some(recorded) = self.recorded(store, plan)? else { return Ok(true) };
        let Apart { start, after_end, .. } = lines_between(recorded, &self.raw);
        let changed = start.saturating_sub(AROUND)..(after_end + AROUND).min(self.raw.len());
        Ok(store.desk().redactor().suspects(&self.raw[changed]))
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
        raw: Arc::default(),
        clean: None,
        digest: source.digest,
        standing: Standing::InStep,
        base: None,
        recorded: OnceCell::new(),
        file: RefCell::default(),
        before: RefCell::default(),
        telling: OnceCell::new(),
        since: following.map_or(plan.seq, |following| following.written),
        confirms: false,
    };
    let save = match store.files().read(&surveyed.place) {
        Found::Text { raw, digest, save } => {
            (surveyed.raw, surveyed.digest) = (raw, digest);
            save
        }
        Found::Missing => return Ok(Surveyed { standing: Standing::Missing, ..surveyed }),
        Found::Unreadable(why) => {
            return Ok(Surveyed { standing: Standing::Unreadable { why }, ..surveyed });
        }
    };
    if surveyed.digest != source.digest
        && surveyed.may_hold_secrets(store, plan)?
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
    if let Some(Version { seq, at, .. }) = version_of(store.desk(), plan, &source.path, surveyed.digest)? {
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
    if surveyed.text().trim_ascii().is_empty() {
        let recorded = surveyed.recorded(store, plan)?;
        if recorded.is_some_and(|text| !text.trim_ascii().is_empty()) {
            let why = "is empty".to_owned();
            return Ok(Surveyed { standing: Standing::Unreadable { why }, ..surveyed });
        }
    }
    let marks = unfinished_merges(surveyed.text());
    if let Some(line) = marks.first() {
        // A document may be about such marks.
        let recorded = surveyed.recorded(store, plan)?;
        if recorded.is_none_or(|text| unfinished_merges(text).len() < marks.len()) {
            return Ok(Surveyed { standing: Standing::Markers { line: *line }, ..surveyed });
        }
    }
    surveyed.standing = Standing::Edited;
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
