//! Writing a document: what the journal wants said, announced, put in its place, confirmed.

use journal::Blob;
use model::command::Command;
use model::digest::Digest;
use model::event::Event;
use model::fault::Fault;
use model::following::DocumentEdit;
use model::ids::{PlanId, Seq};
use model::plan::Plan;
use model::refusal::{FILE_NOT_FOUND, PLAN_MOVED, Refusal};

use super::fault::Point;
use super::merge::edits_between;
use super::replace::{Replacing, replace};
use super::revise::Wish;
use super::state::{Standing, Surveyed, survey_one};
use super::wanted::{Judged, judge, judge_with};
use super::{ROUNDS, Unsynced, Written, recover, take_in_locked, unsynced};
use crate::desk::{Denied, Desk as _, Request};
use crate::store::Store;

/// Confirms writes that were done when the program ended before it could say so.
pub(super) fn confirm(
    store: &Store,
    plan: &Plan,
    request: &Request,
    surveyed: &[Surveyed],
) -> Result<(), Denied> {
    for document in surveyed.iter().filter(|document| document.confirms) {
        synced(store, plan.id, request, &document.path, document.digest)?;
    }
    Ok(())
}

/// Writes one document, as often as somebody else changes it meanwhile.
pub(super) fn write(
    store: &Store,
    plan: PlanId,
    request: &Request,
    path: &str,
    written: &mut Written,
) -> Result<(), Denied> {
    for _ in 0..ROUNDS {
        let known = store.desk().plan(plan)?;
        let Some(source) = known.sources.iter().find(|source| source.path == path) else { return Ok(()) };
        let surveyed = survey_one(store, &known, source)?;
        match surveyed.standing {
            Standing::InStep => {}
            Standing::Edited => {
                // Somebody saved since hand edits were taken in.
                drop(known);
                match take_in_locked(store, plan, request, &Wish::default()) {
                    Ok(_) => continue,
                    Err(Denied::Refused(no)) => {
                        written.left.push(Unsynced { path: path.to_owned(), why: no.message, hint: no.hint });
                        return Ok(());
                    }
                    Err(down) => return Err(down),
                }
            }
            _ => {
                let why = earlier(&surveyed);
                written.left.extend(unsynced(&surveyed).or(why));
                return Ok(());
            }
        }
        let judged = judge(store, &known, &surveyed, Some(&Wish { details: true, ..Wish::default() }))?;
        let Some(new) = &judged.new else {
            tell(written, path, &judged);
            if judged.wished {
                settle(store, &known, request, &surveyed)?;
            }
            return Ok(());
        };
        let (command, blob, to) = announcement(store, &known, &surveyed, new);
        let mut own = own(request);
        own.blobs.extend(blob);
        store.desk().submit(plan, &own, command)?;
        drop(known);
        if carry_out(store, plan, request, &Announced { surveyed, judged, to }, written)? {
            return Ok(());
        }
    }
    let why = "changes without pause".to_owned();
    let hint = Some("`countersign sync` writes it once it rests".to_owned());
    written.left.push(Unsynced { path: path.to_owned(), why, hint });
    Ok(())
}

/// A document that is about to be written.
pub(super) struct Announced {
    surveyed: Surveyed,
    judged: Judged,
    /// Digest of the text that is to stand there.
    to: Digest,
}

impl Announced {
    /// Whether the journal has it as what is to be written next.
    pub(super) fn is_announced(&self, plan: &Plan) -> bool {
        let intent = plan.following(&self.surveyed.path).and_then(|following| following.intent);
        intent.is_some_and(|intent| (intent.from, intent.to) == (self.surveyed.digest, self.to))
    }
}

/// What is said about documents together with a command.
#[derive(Default)]
pub(super) struct Announcements {
    /// Documents that are about to be written.
    pub(super) announced: Vec<Announced>,
    /// Documents in which nothing of the journal is missing, although nothing is written.
    pub(super) settled: Vec<(String, Digest)>,
    /// The commands that say all that.
    pub(super) commands: Vec<Command>,
    /// What they name by digest.
    pub(super) blobs: Vec<Blob>,
}

/// What a command that is about to be recorded changes in documents that are in step: said together
/// with it, so that recording it and announcing the write are one step, and recording it is all
/// where there is nothing to write.
pub(super) fn announcements(
    store: &Store,
    after: &Plan,
    events: &[Event],
    surveyed: Vec<Surveyed>,
) -> Result<Announcements, Fault> {
    let mut all = Announcements::default();
    for surveyed in surveyed {
        if surveyed.standing != Standing::InStep || surveyed.confirms {
            continue;
        }
        let wish = Wish { details: true, ..Wish::default() };
        let judged = judge_with(store, after, &surveyed, Some(&wish), events)?;
        let Some(new) = &judged.new else {
            if judged.wished && judged.unwritten.is_empty() {
                let (path, digest, through) = (surveyed.path, surveyed.digest, after.seq);
                all.settled.push((path.clone(), digest));
                all.commands.push(Command::SyncDocument { path, digest, through });
            }
            continue;
        };
        let (command, blob, to) = announcement(store, after, &surveyed, new);
        all.commands.push(command);
        all.blobs.extend(blob);
        all.announced.push(Announced { surveyed, judged, to });
    }
    Ok(all)
}

/// Whether the journal has it that nothing up to an event is missing in a document.
pub(super) fn is_settled(plan: &Plan, path: &str, digest: Digest, through: Seq) -> bool {
    let written = plan.following(path).map(|following| following.written);
    plan.digest_of(path) == Some(digest) && written.is_some_and(|written| written >= through)
}

/// Puts an announced text in its place and says so; false where somebody was faster, and file and
/// journal are to be compared anew.
pub(super) fn carry_out(
    store: &Store,
    plan: PlanId,
    request: &Request,
    announced: &Announced,
    written: &mut Written,
) -> Result<bool, Denied> {
    store.faults().pass(Point::Intended);
    let Announced { surveyed, judged, to } = announced;
    let (path, Some(new)) = (&surveyed.path, &judged.new) else { return Ok(true) };
    match replace(store.faults(), &surveyed.place, &surveyed.raw, new) {
        Ok(Replacing::Done(displaced)) => {
            synced(store, plan, request, path, *to)?;
            store.faults().pass(Point::Synced);
            note(written, path, judged);
            match displaced.clear(store.faults()) {
                Ok(false) => return Ok(true),
                Ok(true) | Err(_) => recover_one(store, plan, path)?,
            }
        }
        Ok(Replacing::Overtaken) => {
            recover_one(store, plan, path)?;
            note(written, path, judged);
        }
        Ok(Replacing::Moved) => {}
        Err(left) => {
            let (why, hint) = (left.why, left.hint.map(str::to_owned));
            written.left.push(Unsynced { path: path.clone(), why, hint });
            return Ok(true);
        }
    }
    Ok(false)
}

fn note(written: &mut Written, path: &str, judged: &Judged) {
    if !written.documents.iter().any(|known| known == path) {
        written.documents.push(path.to_owned());
    }
    for change in &judged.changes {
        if !written.changes.contains(change) {
            written.changes.push(change.clone());
        }
    }
    tell(written, path, judged);
}

/// Says what a document could not be made to say.
fn tell(written: &mut Written, path: &str, judged: &Judged) {
    for why in &judged.unwritten {
        let left = Unsynced { path: path.to_owned(), why: why.clone(), hint: None };
        if !written.left.contains(&left) {
            written.left.push(left);
        }
    }
}

fn recover_one(store: &Store, plan: PlanId, path: &str) -> Result<(), Denied> {
    let known = store.desk().plan(plan)?;
    if let Some(source) = known.sources.iter().find(|source| source.path == path) {
        for _ in 0..ROUNDS {
            if recover::recover(store, &known, source)?.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// What to say of a document that is at an earlier version.
pub(super) fn earlier(surveyed: &Surveyed) -> Option<Unsynced> {
    matches!(surveyed.standing, Standing::Earlier { .. }).then(|| Unsynced {
        path: surveyed.path.clone(),
        why: "is an earlier version of itself, as after a change of branch, and was left alone".to_owned(),
        hint: Some("if this is the version to go on with, use `countersign sync`".to_owned()),
    })
}

/// What is about to be written, said before a byte of the file changes.
fn announcement(
    store: &Store,
    plan: &Plan,
    surveyed: &Surveyed,
    new: &[u8],
) -> (Command, Option<Blob>, Digest) {
    let redactor = store.desk().redactor();
    // A text that held no secret holds none after edits that do not even begin like one.
    let few = has_few_steps(plan, &surveyed.path);
    let plain = (few && surveyed.clean.is_none()).then(|| edits_between(&surveyed.raw, new)).flatten();
    let plain = plain.filter(|edits| edits.iter().all(|edit| !redactor.suspects(around(new, edit))));
    if let Some(edits) = plain {
        let (path, from, to) = (surveyed.path.clone(), surveyed.digest, Blob::name(new));
        let edits = Some(edits);
        return (Command::IntendDocument { path, from, to, through: plan.seq, edits }, None, to);
    }
    let stored = redactor.redact_bytes(new);
    let edits = edits_between(surveyed.text(), &stored).filter(|_| few).filter(|edits| {
        // A piece of a text may look like a secret although the whole does not.
        edits.iter().all(|edit| !redactor.suspects(edit.put.as_bytes()))
    });
    let blob = edits.is_none().then(|| Blob::new(stored.to_vec()));
    let (path, from, to) = (surveyed.path.clone(), surveyed.digest, Blob::name(&stored));
    (Command::IntendDocument { path, from, to, through: plan.seq, edits }, blob, to)
}

/// Whether a document's text may be kept as edits once more: to find it again, all of them since the
/// last whole text are gone through.
pub(super) fn has_few_steps(plan: &Plan, path: &str) -> bool {
    const MOST: usize = 250;
    plan.following(path).is_none_or(|following| following.steps.len() < MOST)
}

/// The lines around a place that was edited.
pub(super) fn around<'t>(text: &'t [u8], edit: &DocumentEdit) -> &'t [u8] {
    const BYTES: usize = 1024;
    let at = usize::try_from(edit.at).unwrap_or(text.len()).min(text.len());
    &text[at.saturating_sub(BYTES)..(at + edit.put.len() + BYTES).min(text.len())]
}

/// Says that a document has the text that was announced.
fn synced(store: &Store, plan: PlanId, request: &Request, path: &str, digest: Digest) -> Result<(), Denied> {
    let known = store.desk().plan(plan)?;
    let following = known.following(path).ok_or_else(|| not_of(path))?;
    let through = match following.intent {
        Some(intent) if intent.to == digest => intent.through,
        _ => following.written,
    };
    drop(known);
    let command = Command::SyncDocument { path: path.to_owned(), digest, through };
    store.desk().submit(plan, &own(request), command)?;
    Ok(())
}

/// Says that nothing of the journal is missing in a document although nothing was written.
fn settle(store: &Store, plan: &Plan, request: &Request, document: &Surveyed) -> Result<(), Denied> {
    let (path, digest, through) = (document.path.clone(), document.digest, plan.seq);
    match store.desk().submit(plan.id, &own(request), Command::SyncDocument { path, digest, through }) {
        Err(Denied::Refused(no)) if no.code == PLAN_MOVED => Ok(()),
        other => other.map(drop),
    }
}

/// A request of the same sender for what belongs to writing.
fn own(request: &Request) -> Request {
    Request { agent_present: request.agent_present, fence: request.fence, ..Request::new(request.by.clone()) }
}

fn not_of(path: &str) -> Refusal {
    Refusal::new(FILE_NOT_FOUND, format!("`{path}` is no document of the plan")).with("path", path)
}
