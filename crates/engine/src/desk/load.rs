//! Loading a plan: the snapshot, where there is one, and the events after it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Journal, Snapshot, SnapshotKey, StoreEvent};
use model::apply::{Stamp, apply};
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::plan::Plan;
use model::refusal::PLAN_NOT_FOUND;

use super::encoding;

/// Names the form of snapshots: raise the last number whenever a plan's fields or what an event
/// does to them change, so that no snapshot of another form is read.
pub const SNAPSHOT_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/10");

/// After so many events a plan is kept as a snapshot again; more for a large plan, whose snapshot
/// takes longer to write than its latest events take to replay.
const EVENTS_BETWEEN_SNAPSHOTS: u64 = 256;

/// The same for the store's own stream: what is kept of it is small, and each process that writes to
/// the shared memory loads it anew.
const EVENTS_BETWEEN_SNAPSHOTS_OF_THE_STORE: u64 = 32;

/// How long a process keeps none after it kept one.
const BETWEEN_SNAPSHOTS: Duration = Duration::from_millis(250);

/// A plan and where its history stands.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Shared with readers; changing it while they hold it makes a copy.
    pub(super) plan: Arc<Plan>,
    /// Digest of the last event applied.
    pub(super) digest: Digest,
    /// The last event in the plan's snapshot; 0 without one.
    pub(super) snapshot: Seq,
    /// When this process kept one last.
    kept: Option<Instant>,
    /// Whether this process itself has recorded more since.
    pub(super) behind: bool,
}

impl Loaded {
    fn empty(id: PlanId) -> Self {
        Self {
            plan: Arc::new(Plan::empty(id)),
            digest: Digest::ZERO,
            snapshot: Seq(0),
            kept: None,
            behind: false,
        }
    }

    /// Whether enough has happened since the last snapshot.
    pub(super) fn wants_snapshot(&self) -> bool {
        // Who records thousands of events a second would write little but snapshots.
        if self.kept.is_some_and(|kept| kept.elapsed() < BETWEEN_SNAPSHOTS) {
            return false;
        }
        let since = self.plan.seq.0.saturating_sub(self.snapshot.0);
        if self.plan.id == PlanId::STORE {
            return since >= EVENTS_BETWEEN_SNAPSHOTS_OF_THE_STORE;
        }
        since >= EVENTS_BETWEEN_SNAPSHOTS.max(self.plan.tasks.len() as u64 / 4)
    }

    /// Keeps the plan as a snapshot; that it could not be kept is no harm.
    pub(super) fn keep_snapshot(&mut self, journal: &dyn Journal) {
        let key = SnapshotKey {
            plan: self.plan.id,
            seq: self.plan.seq,
            digest: self.digest,
            code_version: SNAPSHOT_VERSION.to_owned(),
        };
        if let Ok(bytes) = self.plan.freeze()
            && journal.put_snapshot(&key, &bytes).is_ok_and(|kept| kept)
        {
            self.snapshot = self.plan.seq;
            self.kept = Some(Instant::now());
        }
    }

    /// Applies the events that have been recorded since.
    pub(super) fn catch_up(&mut self, journal: &dyn Journal, until: Option<Seq>) -> Result<(), Fault> {
        let mut unreadable = None;
        let after = self.plan.seq;
        self.behind = false;
        if until.is_some_and(|until| until <= after) {
            return Ok(());
        }
        let plan = Arc::make_mut(&mut self.plan);
        let of_the_store = plan.id == PlanId::STORE;
        journal.visit(plan.id, after, &mut |stored| {
            match encoding::read(stored) {
                // The store's own stream also says which plans were made: the journal's own words.
                Err(_) if of_the_store && StoreEvent::from_bytes(&stored.event).is_some() => {
                    (plan.seq, plan.at, self.digest) = (stored.seq, stored.at, stored.digest);
                }
                Ok(event) => {
                    apply(plan, &event, Stamp { seq: stored.seq, at: stored.at, by: &stored.by });
                    self.digest = stored.digest;
                }
                Err(fault) => {
                    unreadable = Some(fault);
                    return ControlFlow::Break(());
                }
            }
            if until.is_some_and(|until| stored.seq >= until) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        clear_table(plan);
        unreadable.map_or(Ok(()), Err)
    }
}

/// Puts away what was laid out for a command: entries of the shared memory and messages are kept by
/// the journal, not by the fold.
pub(super) fn clear_table(plan: &mut Plan) {
    if let Some(commons) = &mut plan.commons {
        commons.memory.clear();
        commons.messages.clear();
    }
}

/// The plan as it is now; of the store's own stream, what all plans share.
pub(super) fn load(journal: &dyn Journal, id: PlanId) -> Result<Loaded, Fault> {
    let mut loaded = match journal.snapshot(id, SNAPSHOT_VERSION)?.and_then(thaw) {
        Some(loaded) => loaded,
        None => Loaded::empty(id),
    };
    loaded.catch_up(journal, None)?;
    Ok(loaded)
}

/// The plan as it was after an event, from its events alone.
pub(super) fn load_at(journal: &dyn Journal, id: PlanId, seq: Seq) -> Result<Loaded, Fault> {
    let mut loaded = Loaded::empty(id);
    loaded.catch_up(journal, Some(seq))?;
    if loaded.plan.seq != seq {
        return Err(Fault::new(
            PLAN_NOT_FOUND,
            format!("the plan has no event {seq}; its last is {}", loaded.plan.seq),
        )
        .with("seq", seq));
    }
    Ok(loaded)
}

/// A plan out of its snapshot; nothing where the bytes are not what this version writes.
pub(super) fn thaw(snapshot: Snapshot) -> Option<Loaded> {
    let plan = Plan::thaw(snapshot.bytes)?;
    let fits = plan.id == snapshot.key.plan && plan.seq == snapshot.key.seq;
    fits.then_some(Loaded {
        plan: Arc::new(plan),
        digest: snapshot.key.digest,
        snapshot: snapshot.key.seq,
        kept: None,
        behind: false,
    })
}
