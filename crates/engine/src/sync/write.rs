//! Writing a document: what the journal wants said, announced, put in its place, confirmed.

use journal::Blob;
use model::command::Command;
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::{FILE_NOT_FOUND, PLAN_MOVED, Refusal};

use super::fault::Point;
use super::merge::edits_between;
use super::replace::{Replacing, replace};
use super::revise::Wish;
use super::state::{Standing, Surveyed, survey_one};
use super::wanted::{Judged, judge};
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
        synced(store, plan.id, request, document)?;
    }
    Ok(())
}

/// Writes one document, as often as somebody else changes it meanwhile.
pub(super) fn write(
    store: &Store,
    plan: PlanId,
    request: &Request,
    path: &str,
    details: bool,
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
        let judged = judge(store, &known, &surveyed, Some(&Wish { details, ..Wish::default() }))?;
        let Some(new) = &judged.new else {
            if judged.wished {
                settle(store, &known, request, &surveyed)?;
            }
            return Ok(());
        };
        announce(store, &known, request, &surveyed, new)?;
        store.faults().pass(Point::Intended);
        drop(known);
        match replace(store.faults(), &surveyed.place, &surveyed.raw, new) {
            Ok(Replacing::Done(displaced)) => {
                let digest = Blob::name(&store.desk().redactor().redact_bytes(new));
                synced(store, plan, request, &Surveyed { digest, confirms: true, ..surveyed })?;
                store.faults().pass(Point::Synced);
                note(written, path, judged);
                match displaced.clear(store.faults()) {
                    Ok(false) => return Ok(()),
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
                written.left.push(Unsynced { path: path.to_owned(), why, hint });
                return Ok(());
            }
        }
    }
    let why = "changes without pause".to_owned();
    let hint = Some("`countersign sync` writes it once it rests".to_owned());
    written.left.push(Unsynced { path: path.to_owned(), why, hint });
    Ok(())
}

fn note(written: &mut Written, path: &str, judged: Judged) {
    if !written.documents.iter().any(|known| known == path) {
        written.documents.push(path.to_owned());
    }
    for change in judged.changes {
        if !written.changes.contains(&change) {
            written.changes.push(change);
        }
    }
}

fn recover_one(store: &Store, plan: PlanId, path: &str) -> Result<(), Denied> {
    let known = store.desk().plan(plan)?;
    if let Some(source) = known.sources.iter().find(|source| source.path == path) {
        recover::recover(store, &known, source)?;
    }
    Ok(())
}

fn earlier(surveyed: &Surveyed) -> Option<Unsynced> {
    matches!(surveyed.standing, Standing::Earlier { .. }).then(|| Unsynced {
        path: surveyed.path.clone(),
        why: "is an earlier version of itself, as after a change of branch, and was left alone".to_owned(),
        hint: Some("if this is the version to go on with, use `countersign sync`".to_owned()),
    })
}

/// Says what is about to be written, before a byte of the file changes.
fn announce(
    store: &Store,
    plan: &Plan,
    request: &Request,
    surveyed: &Surveyed,
    new: &[u8],
) -> Result<(), Denied> {
    let redactor = store.desk().redactor();
    let stored = redactor.redact_bytes(new);
    let edits = edits_between(surveyed.text(), &stored).filter(|edits| {
        // A piece of a text may look like a secret although the whole does not.
        edits.iter().all(|edit| !redactor.suspects(edit.put.as_bytes()))
    });
    let mut own = own(request);
    if edits.is_none() {
        own.blobs.push(Blob::new(stored.to_vec()));
    }
    let (path, from, to) = (surveyed.path.clone(), surveyed.digest, Blob::name(&stored));
    let command = Command::IntendDocument { path, from, to, through: plan.seq, edits };
    store.desk().submit(plan.id, &own, command)?;
    Ok(())
}

/// Says that a document has the text that was announced.
fn synced(store: &Store, plan: PlanId, request: &Request, document: &Surveyed) -> Result<(), Denied> {
    let known = store.desk().plan(plan)?;
    let following = known.following(&document.path).ok_or_else(|| not_of(&document.path))?;
    let through = match following.intent {
        Some(intent) if intent.to == document.digest => intent.through,
        _ => following.written,
    };
    let (path, digest) = (document.path.clone(), document.digest);
    store.desk().submit(plan, &own(request), Command::SyncDocument { path, digest, through })?;
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
    Request { agent_present: request.agent_present, ..Request::new(request.by.clone()) }
}

fn not_of(path: &str) -> Refusal {
    Refusal::new(FILE_NOT_FOUND, format!("`{path}` is no document of the plan")).with("path", path)
}
