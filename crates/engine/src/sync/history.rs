//! What the journal remembers of a document's texts: any of them by its digest, and whether a file
//! has one that it had before.

use std::collections::HashMap;
use std::ops::ControlFlow;

use jiff::Timestamp;
use journal::Kept;
use model::digest::Digest;
use model::event::{Event, Recorded};
use model::fault::Fault;
use model::following::{DocumentEdit, SourceEdits};
use model::ids::{PlanId, Seq};
use model::plan::Plan;

use crate::desk::LocalDesk;

/// A text that a document had when it and the journal were in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// Its digest.
    pub(crate) digest: Digest,
    /// The event after which it was in step.
    pub(crate) seq: Seq,
    /// When that was.
    pub(crate) at: Timestamp,
    /// The last event whose change is in it.
    pub(crate) through: Seq,
}

/// The stored text a document had under a digest; nothing where it is not kept any more.
pub(crate) fn text_of(
    desk: &LocalDesk,
    plan: &Plan,
    path: &str,
    digest: Digest,
) -> Result<Option<Vec<u8>>, Fault> {
    if let Some(Kept::Bytes(bytes)) = desk.journal().blob(&digest)? {
        return Ok(Some(bytes));
    }
    // Most texts are only edits of the one before them.
    if let Some(text) = by_steps(desk, plan, path, digest)? {
        return Ok(Some(text));
    }
    if !plan.texts.may_hold(&digest) {
        return Ok(None);
    }
    follow(desk, plan.id, path, Seq(0), digest)
}

/// A text that follows from the last whole one by the steps that the plan knows.
fn by_steps(desk: &LocalDesk, plan: &Plan, path: &str, wanted: Digest) -> Result<Option<Vec<u8>>, Fault> {
    let Some(following) = plan.following(path) else { return Ok(None) };
    let announced = following.intent.filter(|intent| !intent.whole).map(|intent| intent.seq);
    let Some(Kept::Bytes(mut text)) = desk.journal().blob(&following.whole)? else { return Ok(None) };
    for seq in following.steps.iter().copied().chain(announced) {
        let stored = desk.journal().read(plan.id, Seq(seq.0.saturating_sub(1)), 1)?;
        let Some(Recorded { event, .. }) =
            stored.into_iter().next().map(crate::desk::recorded).transpose()?
        else {
            return Ok(None);
        };
        let (edits, to) = match event {
            Event::DocumentIntended { edits, to, .. } => (edits, Some(to)),
            Event::PlanRevised { edits, sources, .. } => {
                let to = sources.iter().find(|source| source.path == path).map(|source| source.digest);
                (edits_of(&edits, path).unwrap_or_default().to_vec(), to)
            }
            _ => return Ok(None),
        };
        let Some(next) = DocumentEdit::apply_all(&edits, text) else { return Ok(None) };
        text = next;
        if to == Some(wanted) {
            return Ok((journal::Blob::name(&text) == wanted).then_some(text));
        }
    }
    Ok(None)
}

fn edits_of<'e>(edits: &'e [SourceEdits], path: &str) -> Option<&'e [DocumentEdit]> {
    edits.iter().find(|edited| edited.path == path).map(|edited| edited.edits.as_slice())
}

/// The latest version of a document that had this digest.
pub(crate) fn version_of(
    desk: &LocalDesk,
    plan: &Plan,
    path: &str,
    digest: Digest,
) -> Result<Option<Version>, Fault> {
    if !plan.texts.may_hold(&digest) {
        return Ok(None);
    }
    let (mut found, mut through) = (None, Seq(0));
    events_about_documents(desk, plan.id, Seq(0), &mut |recorded| {
        let Recorded { seq, at, event, .. } = recorded;
        let now = match event {
            Event::PlanAdopted { sources, .. } | Event::PlanRevised { sources, .. } => {
                if through.0 == 0 {
                    through = *seq;
                }
                sources.iter().find(|source| source.path == path).map(|source| source.digest)
            }
            Event::DocumentSynced { path: of, digest, through: to } if of == path => {
                through = *to;
                Some(*digest)
            }
            _ => None,
        };
        if now == Some(digest) {
            found = Some(Version { digest, seq: *seq, at: *at, through });
        }
    })?;
    Ok(found)
}

/// Texts as the journal has them from an event on, one after the other, until the wanted one.
fn follow(
    desk: &LocalDesk,
    plan: PlanId,
    path: &str,
    from: Seq,
    wanted: Digest,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut whole: Option<Digest> = None;
    let mut steps: Vec<(Digest, Vec<DocumentEdit>)> = Vec::new();
    let mut pending: HashMap<Digest, Option<Vec<DocumentEdit>>> = HashMap::new();
    let mut reached = false;
    events_about_documents(desk, plan, Seq(from.0.saturating_sub(1)), &mut |recorded| {
        if reached {
            return;
        }
        match &recorded.event {
            Event::PlanAdopted { sources, .. } | Event::PlanRevised { sources, .. } => {
                let found = sources.iter().find(|source| source.path == path).map(|source| source.digest);
                if let Some(now) = found.filter(|now| current(whole, &steps) != Some(*now)) {
                    let edits = match &recorded.event {
                        Event::PlanRevised { edits, .. } => edits_of(edits, path),
                        _ => None,
                    };
                    match edits {
                        Some(edits) => steps.push((now, edits.to_vec())),
                        None => (whole, steps) = (Some(now), Vec::new()),
                    }
                }
            }
            Event::DocumentIntended { path: of, to, edits, whole, .. } if of == path => {
                pending.insert(*to, (!whole).then(|| edits.clone()));
                reached = *to == wanted && whole_or_known(&pending, wanted);
                if reached && let Some(Some(edits)) = pending.remove(to) {
                    steps.push((*to, edits));
                }
            }
            Event::DocumentSynced { path: of, digest, .. } if of == path => match pending.remove(digest) {
                Some(Some(edits)) => steps.push((*digest, edits)),
                Some(None) => (whole, steps) = (Some(*digest), Vec::new()),
                None => {}
            },
            _ => {}
        }
        reached = reached || current(whole, &steps) == Some(wanted);
    })?;
    let Some(whole) = whole.filter(|_| reached) else { return Ok(None) };
    let Some(Kept::Bytes(mut text)) = desk.journal().blob(&whole)? else { return Ok(None) };
    for (_, edits) in &steps {
        let Some(next) = DocumentEdit::apply_all(edits, text) else { return Ok(None) };
        text = next;
    }
    Ok((journal::Blob::name(&text) == wanted).then_some(text))
}

fn whole_or_known(pending: &HashMap<Digest, Option<Vec<DocumentEdit>>>, wanted: Digest) -> bool {
    pending.get(&wanted).is_some_and(Option::is_some)
}

fn current(whole: Option<Digest>, steps: &[(Digest, Vec<DocumentEdit>)]) -> Option<Digest> {
    steps.last().map(|(digest, _)| *digest).or(whole)
}

/// Shows the events that say which text a document has; all others are passed over unread.
fn events_about_documents(
    desk: &LocalDesk,
    plan: PlanId,
    after: Seq,
    each: &mut dyn FnMut(&Recorded),
) -> Result<(), Fault> {
    const KINDS: [&str; 4] =
        ["{\"plan_adopted\"", "{\"plan_revised\"", "{\"document_intended\"", "{\"document_synced\""];
    let mut unreadable = None;
    desk.journal().visit_some(
        plan,
        after,
        &KINDS,
        &mut |stored| match crate::desk::recorded(stored.clone()) {
            Ok(recorded) => {
                each(&recorded);
                ControlFlow::Continue(())
            }
            Err(fault) => {
                unreadable = Some(fault);
                ControlFlow::Break(())
            }
        },
    )?;
    unreadable.map_or(Ok(()), Err)
}
