//! What the journal wants written into a document, set against what its file says.

use std::borrow::Cow;
use std::cell::Ref;
use std::ops::ControlFlow;

use formats::Reading;
use formats::edit::{Reason, TextEdit, Unwritten};
use model::command::Told;
use model::event::Event;
use model::fault::Fault;
use model::ids::Seq;
use model::plan::Plan;
use model::writing::{WISHFUL, Wish, wishes};

use super::merge::{
    Change, Conflict, FileSide, changes_of, file_side, file_side_of, journal_side, localised,
};
use super::near::near;
use super::state::{Standing, Surveyed};
use super::told::telling;
use super::{merge, revise};
use crate::desk::{LocalDesk, recorded};
use crate::store::Store;

/// From this many bytes on only what stands near is read, where that is enough.
const LARGE: usize = 4 * 1024;

/// Up to this many bytes what was written is read again before it is put in its place.
const READ_AGAIN: usize = 1024 * 1024;

/// What is to become of a document.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What its file's side did; looked at only where that matters.
    pub(super) file: FileSide,
    /// What is to be edited in its bytes.
    pub(super) edits: Vec<TextEdit>,
    /// The same for people, where asked for.
    pub(super) changes: Vec<Change>,
    /// Fields nobody decided about.
    pub(super) conflicts: Vec<Conflict>,
    /// Its bytes with the edits; nothing where there are none.
    pub(super) new: Option<Vec<u8>>,
    /// What it cannot be made to say, in words.
    pub(super) unwritten: Vec<String>,
    /// Whether the journal had anything to say about it at all.
    pub(super) wished: bool,
    /// What the file says anew of which tasks, where that could be told without reading all of it.
    pub(super) told: Option<Vec<Told>>,
}

/// Sets the journal's wishes against a file. `wish`: what somebody asked for by name.
pub(super) fn judge(
    store: &Store,
    plan: &Plan,
    surveyed: &Surveyed,
    wish: Option<&revise::Wish>,
) -> Result<Judged, Fault> {
    judge_with(store, plan, surveyed, wish, &[])
}

/// The same with events that are about to be recorded and are in the plan already.
pub(super) fn judge_with(
    store: &Store,
    plan: &Plan,
    surveyed: &Surveyed,
    wish: Option<&revise::Wish>,
    more: &[Event],
) -> Result<Judged, Fault> {
    let by_name = wish.is_some_and(|wish| wish.by_name);
    let since = match &surveyed.standing {
        Standing::InStep | Standing::Edited => surveyed.since,
        Standing::Earlier { .. } if by_name => since_of_earlier(store, plan, surveyed)?,
        _ => return Ok(Judged::default()),
    };
    let details = wish.is_some_and(|wish| wish.details);
    let events = events_since(store.desk(), plan, since)?;
    let wishes = wishes(plan, events.iter().chain(more));
    let edited = surveyed.standing != Standing::InStep;
    if wishes.is_empty()
        && wish.is_some()
        && let Some(telling) = telling(store, plan, surveyed)?
    {
        let file = file_side_of(&surveyed.path, &telling.reread);
        return Ok(Judged { file, told: Some(telling.told.clone()), ..Judged::default() });
    }
    if wishes.is_empty() && !(edited && details) {
        return Ok(Judged::default());
    }
    if !edited
        && surveyed.raw.len() > LARGE
        && let Some(near) = near(plan, surveyed, &wishes)
    {
        #[cfg(debug_assertions)]
        assert_same(surveyed, &wishes, &near.edits);
        let new = (!near.edits.is_empty()).then_some(near.new);
        let (edits, changes) = (near.edits, near.changes);
        return Ok(Judged { wished: true, edits, changes, new, ..Judged::default() });
    }
    let mut file = surveyed.file.borrow_mut();
    let file = &*file.get_or_insert_with(|| surveyed.read(&surveyed.raw));
    let wishes = localised(plan, file, wishes);
    let mut judged = Judged { wished: !wishes.is_empty(), ..Judged::default() };
    if edited && let Some(base) = before(store, plan, surveyed)? {
        let stored: Cow<'_, Reading> = match &surveyed.clean {
            Some(clean) => Cow::Owned(surveyed.read(clean)),
            None => Cow::Borrowed(file),
        };
        judged.file = file_side(&surveyed.path, &base, &stored);
    }
    // An older version is what somebody put back: only what the journal did since is set against it.
    let nothing = FileSide::default();
    let earlier = matches!(surveyed.standing, Standing::Earlier { .. });
    let changed = if earlier { &nothing } else { &judged.file };
    let take = wish.and_then(|wish| wish.take.map(|side| (side, wish.keys.as_slice())));
    let side = journal_side(&surveyed.path, file, changed, wishes, take);
    judged.conflicts = side.conflicts;
    if surveyed.raw.len() <= READ_AGAIN {
        let rewritten = formats::edit::write(&surveyed.raw, file, &side.write);
        judged.unwritten = rewritten.unwritten.iter().filter_map(told).collect();
        judged.new = (!rewritten.edits.is_empty()).then_some(rewritten.bytes);
        judged.edits = rewritten.edits;
    } else {
        let planned = formats::edit::plan(file, &side.write);
        judged.unwritten = planned.unwritten.iter().filter_map(told).collect();
        if !planned.edits.is_empty() {
            judged.new = formats::edit::apply(&surveyed.raw, file, &planned.edits).ok();
        }
        judged.edits = planned.edits;
    }
    if details {
        judged.changes = changes_of(&surveyed.path, file, &judged.edits, &side.write);
    }
    Ok(judged)
}

/// What is done in a test, so that each test of documents proves the short way right.
#[cfg(debug_assertions)]
fn assert_same(surveyed: &Surveyed, wishes: &[Wish], near: &[TextEdit]) {
    if surveyed.raw.len() < READ_AGAIN {
        let whole = formats::edit::write(&surveyed.raw, &surveyed.read(&surveyed.raw), wishes);
        assert_eq!(whole.edits, near, "the short way writes what the long one does");
    }
}

/// What the text says that both sides began from; nothing where it is not kept any more.
fn before<'s>(store: &Store, plan: &Plan, surveyed: &'s Surveyed) -> Result<Option<Ref<'s, Reading>>, Fault> {
    if surveyed.before.borrow().is_none() {
        let text = match &surveyed.base {
            Some(base) => Some(base.as_slice()),
            None => surveyed.recorded(store, plan)?,
        };
        let Some(text) = text else { return Ok(None) };
        *surveyed.before.borrow_mut() = Some(surveyed.read(text));
    }
    Ok(Ref::filter_map(surveyed.before.borrow(), Option::as_ref).ok())
}

/// Why a wish was not written, where somebody should know.
fn told(unwritten: &Unwritten) -> Option<String> {
    if unwritten.reason == Reason::Absent {
        return None;
    }
    let Wish { about, field, .. } = &unwritten.wish;
    Some(format!("{} of `{}` was not written: {}", field.as_str(), merge::about(about), unwritten.reason))
}

/// The journal's changes after this event are not in an earlier version.
pub(super) fn since_of_earlier(store: &Store, plan: &Plan, surveyed: &Surveyed) -> Result<Seq, Fault> {
    let version = super::history::version_of(store.desk(), plan, &surveyed.path, surveyed.digest)?;
    Ok(version.map_or(surveyed.since, |version| version.through))
}

/// What happened after an event that documents could say.
fn events_since(desk: &LocalDesk, plan: &Plan, since: Seq) -> Result<Vec<Event>, Fault> {
    if since >= plan.seq {
        return Ok(Vec::new());
    }
    let beginnings: Vec<String> = WISHFUL.iter().map(|kind| format!("{{\"{kind}\"")).collect();
    let beginnings: Vec<&str> = beginnings.iter().map(String::as_str).collect();
    let (mut events, mut unreadable) = (Vec::new(), None);
    desk.journal().visit_some(plan.id, since, &beginnings, &mut |stored| {
        if stored.seq > plan.seq {
            return ControlFlow::Break(());
        }
        match recorded(stored.clone()) {
            Ok(recorded) => events.push(recorded.event),
            Err(fault) => {
                unreadable = Some(fault);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    unreadable.map_or(Ok(events), Err)
}
