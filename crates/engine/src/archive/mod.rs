//! A plan as one file: its whole stream byte for byte, and every content its events refer to. What
//! is written here and brought in elsewhere is the same plan with the same chain.
//!
//! One JSON value to a line: a head, the events, the blobs, an end with the digest of all before
//! it. The file proves nothing by itself: whoever can write one can make one up. So only a person
//! may bring one in, and the store says for good who did and from which file.

mod base64;
mod reading;
mod writing;

use journal::brought::Brought;
use journal::{AppendError, Appended, StoreEvent};
use model::actor::{Actor, Cause};
use model::apply::{Stamp, apply};
use model::event::Event;
use model::ids::{Key, PlanId, Seq};
use model::plan::Plan;
use model::refusal::{
    IDENTITY_UNPROVEN, KEY_DUPLICATE, PLAN_MOVED, PLAN_NOT_FOUND, POLICY_DENIED, Refusal, STORE_DAMAGED,
    VALUE_INVALID,
};

use crate::desk::{Denied, Desk as _, Request};
use crate::store::Store;

pub use reading::{is_archive, read};
pub use writing::{Written, write};

/// What an archive calls itself in its first line.
const KIND: &str = "plan-archive";

/// The form that is written, and the newest that is read.
const VERSION: u32 = 1;

/// The most bytes of an archive that are read.
pub const MAX_ARCHIVE_BYTES: usize = 1 << 30;

/// An archive that is whole and whose chain holds.
#[derive(Debug)]
pub struct Archive {
    /// The stream and its contents.
    pub stream: Brought,
    /// Whether it comes from a store for tests, whose times and ids may be invented.
    pub test_store: bool,
}

/// What bringing an archive in has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtIn {
    /// The plan.
    pub plan: PlanId,
    /// Its key.
    pub key: Key,
    /// How many events it has.
    pub events: u64,
    /// How many contents came with it.
    pub blobs: usize,
    /// Whether it was there already, event for event.
    pub unchanged: bool,
}

/// Brings an archive's plan into a store.
pub fn bring(store: &Store, request: &Request, archive: &Archive) -> Result<BroughtIn, Denied> {
    let Archive { stream, test_store } = archive;
    allowed(request)?;
    if *test_store && !store.is_test() {
        return Err(Refusal::new(
            VALUE_INVALID,
            "the archive comes from a store for tests, whose times are made up",
        )
        .hint("bring it into a store made with `countersign init --test`")
        .into());
    }
    let plan = replayed(store, stream)?;
    let done = |unchanged| BroughtIn {
        plan: stream.plan,
        key: plan.key.clone(),
        events: stream.last().0,
        blobs: stream.blobs.len(),
        unchanged,
    };
    let desk = store.desk();
    let known = desk.plans()?;
    if known.iter().any(|line| line.key == plan.key && line.id != plan.id) {
        return Err(Refusal::new(KEY_DUPLICATE, format!("another plan here has the key `{}`", plan.key))
            .hint("bring it into a store of its own: `--store PATH`")
            .with("key", plan.key.as_str())
            .into());
    }
    let cause = Cause { request: None, ..Cause::command("import") };
    let by = &request.by;
    match desk.journal().bring(stream, desk.now(), by, &cause) {
        Ok(Appended { .. }) => Ok(done(false)),
        Err(AppendError::Moved { actual }) => {
            let head = desk.journal().head(stream.plan)?;
            if head.is_some_and(|head| head.seq == stream.last() && head.digest == stream.head()) {
                return Ok(done(true));
            }
            Err(moved(&plan, actual, stream.last()).into())
        }
        Err(AppendError::Removed) => {
            Err(Refusal::new(PLAN_NOT_FOUND, format!("plan `{}` was removed from this store", plan.key))
                .hint("bring it into another store: `--store PATH`")
                .into())
        }
        Err(AppendError::Fault(fault)) => Err(fault.into()),
        Err(AppendError::Duplicate(_)) => Ok(done(true)),
    }
}

/// A history can hold anybody's approval: only a person may vouch for one, and not by a declared
/// name where an agent is around.
fn allowed(request: &Request) -> Result<(), Refusal> {
    let Actor::Person(_) = &request.by.actor else {
        let message = format!("only a person can bring an archive in, not {}", request.by.actor);
        return Err(Refusal::new(POLICY_DENIED, message).hint("ask a person to do it"));
    };
    if request.agent_present && !request.by.known.is_proven() {
        return Err(Refusal::new(
            IDENTITY_UNPROVEN,
            "an agent is present, so a declared name is not enough to bring an archive in",
        )
        .hint("do it where no agent is around"));
    }
    Ok(())
}

fn moved(plan: &Plan, here: Seq, there: Seq) -> Refusal {
    Refusal::new(
        PLAN_MOVED,
        format!("plan `{}` is here already, at event {here}; the archive ends at {there}", plan.key),
    )
    .hint("histories are not merged; bring it into another store: `--store PATH`")
    .with("key", plan.key.as_str())
}

/// The plan that the events make. Each must be known, and hold no secret in the clear.
fn replayed(store: &Store, stream: &Brought) -> Result<Plan, Denied> {
    let mut plan = Plan::empty(stream.plan);
    let bad = |seq: Seq, what: &str| {
        Refusal::new(VALUE_INVALID, format!("event {seq} of the archive {what}")).with("seq", seq.0)
    };
    for row in &stream.rows {
        let seq = plan.seq.next();
        let event = reading::event(stream, seq, row)?;
        if (seq == Seq(1)) != matches!(event, Event::PlanAdopted { .. }) {
            return Err(bad(seq, "is out of place: a plan begins with being adopted, once").into());
        }
        if matches!(
            event,
            Event::TrustGiven { .. }
                | Event::KeyRegistered { .. }
                | Event::TokenIssued(_)
                | Event::TokenRevoked { .. }
        ) || StoreEvent::from_bytes(&row.event).is_some()
        {
            return Err(bad(seq, "belongs to a store, not to a plan").into());
        }
        if crate::desk::holds_secret(&row.event, store.desk().redactor())? {
            return Err(bad(seq, "holds what looks like a secret")
                .hint("what this program writes holds none; see where the archive comes from")
                .into());
        }
        let unread = || model::fault::Fault::new(STORE_DAMAGED, format!("event {seq} cannot be read"));
        let by = serde_json::from_slice(&row.by).map_err(|_| unread())?;
        let at = row.at.parse().map_err(|_| unread())?;
        apply(&mut plan, &event, Stamp { seq, at, by: &by });
    }
    if plan.seq == Seq(0) {
        return Err(Refusal::new(VALUE_INVALID, "the archive holds no event").into());
    }
    for blob in &stream.blobs {
        if matches!(store.desk().redactor().redact_bytes(blob.bytes()), std::borrow::Cow::Owned(_)) {
            let message = format!("blob `{}` of the archive holds what looks like a secret", blob.digest());
            return Err(Refusal::new(VALUE_INVALID, message).into());
        }
    }
    Ok(plan)
}
