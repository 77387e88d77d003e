//! What the journal remembers of a document's texts: any of them by its digest, and whether a file
//! has one that it had before.

use std::collections::HashMap;
use std::ops::ControlFlow;

use jiff::Timestamp;
use journal::Kept;
use model::digest::Digest;
use model::event::{Event, Recorded};
use model::fault::Fault;
use model::following::DocumentEdit;
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
    // Most texts are only edits of the one before them; they are followed from the last whole one,
    // and for an older text from the beginning.
    let Some(following) = plan.following(path) else { return Ok(None) };
    for from in [following.whole, Seq(0)] {
        if let Some(text) = follow(desk, plan.id, path, from, digest)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// The latest version of a document that had this digest.
pub(crate) fn version_of(
    desk: &LocalDesk,
    plan: PlanId,
    path: &str,
    digest: Digest,
) -> Result<Option<Version>, Fault> {
    let (mut found, mut through) = (None, Seq(0));
    events_about_documents(desk, plan, Seq(0), &mut |recorded| {
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
                if let Some(source) = sources.iter().find(|source| source.path == path)
                    && current(whole, &steps) != Some(source.digest)
                {
                    (whole, steps) = (Some(source.digest), Vec::new());
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
        let Some(next) = DocumentEdit::apply_all(edits, &text) else { return Ok(None) };
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
