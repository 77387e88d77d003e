//! What is said about writing documents. Anybody may say it: it proves nothing, and moves no task.

use super::Ruling;
use crate::digest::Digest;
use crate::event::Event;
use crate::following::{DocumentEdit, Following};
use crate::ids::Seq;
use crate::refusal::{self, Refusal};

/// A write begins from the text on record: whoever knows another one looked too long ago.
pub(super) fn intend(
    ruling: &mut Ruling<'_>,
    path: String,
    (from, to): (Digest, Digest),
    through: Seq,
    edits: Option<Vec<DocumentEdit>>,
) -> Result<(), Refusal> {
    let (_, recorded) = document(ruling, &path)?;
    if from != recorded || through > ruling.before().seq {
        return Err(moved(&path));
    }
    let whole = edits.is_none();
    let edits = edits.unwrap_or_default();
    ruling.record(Event::DocumentIntended { path, from, to, through, edits, whole });
    Ok(())
}

/// A text is in step only where the journal knows it: it was intended, or it is the one on record.
pub(super) fn synced(
    ruling: &mut Ruling<'_>,
    path: String,
    digest: Digest,
    through: Seq,
) -> Result<(), Refusal> {
    let (following, recorded) = document(ruling, &path)?;
    let intended = following.intent.is_some_and(|intent| intent.to == digest);
    if (!intended && digest != recorded) || through > ruling.before().seq {
        return Err(moved(&path));
    }
    ruling.record(Event::DocumentSynced { path, digest, through });
    Ok(())
}

fn document<'a>(ruling: &'a Ruling<'_>, path: &str) -> Result<(&'a Following, Digest), Refusal> {
    let plan = ruling.before();
    plan.following(path).zip(plan.digest_of(path)).ok_or_else(|| {
        Refusal::new(refusal::FILE_NOT_FOUND, format!("`{path}` is no document of plan `{}`", plan.key))
            .with("path", path)
    })
}

fn moved(path: &str) -> Refusal {
    Refusal::new(refusal::PLAN_MOVED, format!("`{path}` is not what the journal has of it any more"))
        .hint("look at it again and retry")
        .with("path", path)
}
