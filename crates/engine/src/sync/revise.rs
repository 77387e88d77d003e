//! Taking hand edits in: from files to the revision that records what they say now.

use std::borrow::Cow;

use formats::diagnostics::Lines;
use journal::Blob;
use model::command::{Command, Told};
use model::diagnostic::{Diagnostic, Severity};
use model::digest::Digest;
use model::fault::Fault;
use model::following::SourceEdits;
use model::ids::{Key, PlanId, Seq};
use model::plan::Plan;
use model::refusal::{DOCUMENT_UNREADABLE, FILE_NOT_FOUND, Refusal};

use super::history::{text_of, version_of};
use super::merge::edits_between;
use super::merge::{Change, Side};
use super::state::{Standing, Surveyed, documents};
use super::write::{around, has_few_steps};
use super::{TakenIn, moved, wanted};
use crate::desk::{Denied, Receipt, Request};
use crate::documents::{Contents, Document, Documents, SIDECAR, SIDECAR_FORMAT, Said, definition_of};
use crate::store::Store;

/// What whoever syncs wants.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    /// Whether a sync was asked for by name: then earlier versions follow too.
    pub(super) by_name: bool,
    /// Which side prevails where both changed a field.
    pub(super) take: Option<Side>,
    /// About which tasks that decides.
    pub(super) keys: Vec<Key>,
    /// Whether people are to see every field.
    pub(super) details: bool,
}

/// A revision that is ready to be handed in.
#[derive(Debug)]
pub(super) struct Revision {
    /// The documents it takes in.
    pub(super) files: Vec<String>,
    pub(super) command: Command,
    changes: Vec<Change>,
    blobs: Vec<Blob>,
    /// Documents that the journal's changes were in up to another event than it thought.
    stands: Vec<(String, Digest, Seq)>,
}

/// What taking the files in would record; nothing where none of them was edited.
pub(super) fn revision(
    store: &Store,
    plan: &Plan,
    surveyed: &[Surveyed],
    wish: &Wish,
) -> Result<Option<Revision>, Denied> {
    let sidecar = sidecar(store, plan, wish)?;
    let taken = |document: &Surveyed| match document.standing {
        Standing::Edited => true,
        Standing::Earlier { .. } => wish.by_name,
        _ => false,
    };
    if !surveyed.iter().any(taken) && matches!(sidecar, Sidecar::Same) {
        return Ok(None);
    }
    let (mut contents, mut stands, mut changes, mut conflicts) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for document in surveyed {
        let recorded = plan.digest_of(&document.path).unwrap_or_default();
        let mut says = None;
        let bytes = if taken(document) {
            let judged = wanted::judge(store, plan, document, Some(wish))?;
            conflicts.extend(judged.conflicts);
            changes.extend(judged.file.changes);
            if let Some(told) = judged.told.filter(|_| matches!(sidecar, Sidecar::Same)) {
                return Ok(Some(retelling(store, plan, document, told, changes)?));
            }
            let earlier = matches!(document.standing, Standing::Earlier { .. });
            // What the journal is about to write there is nobody's hand edit.
            if let Some(new) = judged.new.filter(|_| earlier || wish.take == Some(Side::Journal)) {
                says = Some(store.desk().redactor().redact_bytes(&new).into_owned());
            }
            let since =
                if earlier { wanted::since_of_earlier(store, plan, document)? } else { document.since };
            if plan.following(&document.path).is_some_and(|following| following.written != since) {
                stands.push((document.path.clone(), document.digest, since));
            }
            document.raw.to_vec()
        } else if document.standing == Standing::InStep {
            document.raw.to_vec()
        } else {
            let text = text_of(store.desk(), plan, &document.path, recorded)?;
            text.ok_or_else(|| gone(&document.path))?
        };
        let (path, format) = (document.place.clone(), document.format.clone());
        let known = document.file.borrow_mut().take().filter(|_| says.is_none() && !bytes.is_empty());
        let reading = known.filter(|_| taken(document));
        contents.push(Contents { path, format, bytes, says, source: document.path.clone(), reading });
    }
    if !conflicts.is_empty() {
        return Err(moved(&conflicts).into());
    }
    let base = definition_of(plan, &mut |source| {
        let Some(document) = surveyed.iter().find(|document| document.path == source.path) else {
            return Ok(text_of(store.desk(), plan, &source.path, source.digest)?.map(Said::Text));
        };
        Ok(match (&document.standing, &document.base) {
            (Standing::InStep, _) => Some(Said::Text(document.text().to_vec())),
            (Standing::Edited, base) => match (document.before.borrow_mut().take(), base) {
                (Some(before), _) => Some(Said::Draft(Box::new(before.draft))),
                (None, Some(base)) => Some(Said::Text(base.clone())),
                (None, None) => text_of(store.desk(), plan, &source.path, source.digest)?.map(Said::Text),
            },
            _ => text_of(store.desk(), plan, &source.path, source.digest)?.map(Said::Text),
        })
    })?;
    let sidecar = match sidecar {
        Sidecar::Recorded(path, text) => Some((path, text)),
        Sidecar::Same | Sidecar::Changed => None,
    };
    let read = Documents::of(contents, sidecar).map_err(|unread| {
        Refusal::new(FILE_NOT_FOUND, format!("`{}` cannot be read: {}", unread.path.display(), unread.error))
            .with("path", unread.path.display().to_string())
    })?;
    for document in &read.documents {
        whole(document)?;
    }
    let (definition, blobs) = read.define(store)?;
    if stands.is_empty() && definition.sources == plan.sources {
        return Ok(None);
    }
    let files = surveyed.iter().filter(|document| taken(document)).map(|document| document.path.clone());
    let mut files: Vec<String> = files.collect();
    if files.is_empty() {
        files.push(SIDECAR.to_owned());
    }
    let command = Command::RevisePlan {
        onto: plan.revision,
        base: base.map(Box::new),
        definition: Box::new(definition),
    };
    Ok(Some(Revision { files, command, changes, blobs, stands }))
}

/// The revision of a plan whose only document says something anew of a few tasks.
fn retelling(
    store: &Store,
    plan: &Plan,
    document: &Surveyed,
    told: Vec<Told>,
    changes: Vec<Change>,
) -> Result<Revision, Fault> {
    let recorded = document.recorded(store, plan)?.filter(|_| has_few_steps(plan, &document.path));
    let redactor = store.desk().redactor();
    let edits = recorded.and_then(|text| edits_between(text, &document.raw)).filter(|edits| {
        // An event is stored without what looks like a secret, and edits must be what they are.
        edits.iter().all(|edit| !redactor.suspects(around(&document.raw, edit)))
    });
    let path = document.path.clone();
    let (edits, blobs) = match edits {
        Some(edits) => (vec![SourceEdits { path, edits }], Vec::new()),
        None => (Vec::new(), vec![Blob::new(document.raw.to_vec())]),
    };
    let mut sources = plan.sources.clone();
    for source in sources.iter_mut().filter(|source| source.path == document.path) {
        source.digest = document.digest;
    }
    Ok(Revision {
        files: vec![document.path.clone()],
        command: Command::ReviseTasks { onto: plan.revision, sources, edits, told },
        changes,
        blobs,
        stands: Vec::new(),
    })
}

impl Revision {
    /// Hands it in.
    pub(super) fn record(self, store: &Store, plan: PlanId, request: &Request) -> Result<TakenIn, Denied> {
        let request = Request {
            agent_present: request.agent_present,
            blobs: self.blobs,
            ..Request::new(request.by.clone())
        };
        let mut commands = vec![self.command];
        commands.extend(self.stands.into_iter().map(|(path, digest, through)| Command::SyncDocument {
            path,
            digest,
            through,
        }));
        let receipt = store.desk().submit_batch(plan, &request, &commands)?;
        if let Some(Err(no)) = receipt.rulings.into_iter().find(|ruling| ruling.is_err()) {
            return Err(no.into());
        }
        let (count, at) = (receipt.events.len(), store.desk().now());
        let receipt =
            Receipt { plan, count, events: receipt.events, last: receipt.last, at, repeated: false };
        Ok(TakenIn { recorded: count, receipt: Some(receipt), files: self.files, changes: self.changes })
    }
}

/// The sidecar as it is to be taken in.
enum Sidecar {
    /// As it was.
    Same,
    /// As it lies there.
    Changed,
    /// As it is on record, because what lies there is of another branch.
    Recorded(std::path::PathBuf, String),
}

/// Whether the sidecar changed. One that is gone, or is an earlier version of itself, is taken in
/// only where a sync was asked for by name: it may be another branch's.
fn sidecar(store: &Store, plan: &Plan, wish: &Wish) -> Result<Sidecar, Denied> {
    let Some(first) = documents(plan).next() else { return Ok(Sidecar::Same) };
    let place = store.absolute(&first.path).with_file_name(SIDECAR);
    let source = plan.sources.iter().find(|source| source.format == SIDECAR_FORMAT);
    let found = std::fs::read(&place).ok();
    let Some(source) = source else {
        return Ok(if found.is_some() { Sidecar::Changed } else { Sidecar::Same });
    };
    let redactor = store.desk().redactor();
    let digest = found.as_ref().map(|bytes| match redactor.redact_bytes(bytes) {
        Cow::Borrowed(bytes) => Blob::name(bytes),
        Cow::Owned(clean) => Blob::name(&clean),
    });
    let known = match digest {
        Some(digest) if digest == source.digest => return Ok(Sidecar::Same),
        Some(digest) => version_of(store.desk(), plan, &source.path, digest)?.is_some(),
        None => true,
    };
    if !known || wish.by_name {
        return Ok(Sidecar::Changed);
    }
    let text = text_of(store.desk(), plan, &source.path, source.digest)?;
    let text = text.and_then(|text| String::from_utf8(text).ok());
    Ok(text.map_or(Sidecar::Same, |text| Sidecar::Recorded(place, text)))
}

/// Refuses a document that could be read only in part: what is missing was not withdrawn by anybody.
fn whole(document: &Document) -> Result<(), Refusal> {
    let broken = |found: &&Diagnostic| {
        found.severity == Severity::Error && matches!(found.code, "document/malformed" | "document/too-deep")
    };
    let reading = &document.reading;
    let Some(found) = reading.diagnostics.iter().find(broken) else { return Ok(()) };
    let line = Lines::new(&reading.text).position(found.span.start).line;
    let path = document.path.display();
    Err(Refusal::new(
        DOCUMENT_UNREADABLE,
        format!("`{path}` cannot be taken in, line {line}: {}", found.message),
    )
    .hint("put it right, then go on; nothing was taken in")
    .with("path", path.to_string())
    .with("line", line))
}

fn gone(path: &str) -> Refusal {
    Refusal::new(
        FILE_NOT_FOUND,
        format!("`{path}` is not there, and its last text is not on record any more"),
    )
    .hint("put it back, or adopt the plan without it")
    .with("path", path)
}
