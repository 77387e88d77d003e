//! What this process knows of the plans of its store: the plans as it saw them last, which of them are
//! being worked on, and what never changes about any.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::fault::Fault;
use model::ids::{Key, PlanId, TaskId};
use model::plan::Plan;

use super::load::Loaded;
use super::{Desk as _, LocalDesk};

/// A plan that is being worked on is waited for so long before it is read anew.
const PATIENCE: Duration = Duration::from_millis(200);

/// So many names of plans are remembered.
const MOST_NAMES: usize = 10_000;

/// See the module.
#[derive(Default)]
pub(super) struct Known {
    plans: Mutex<HashMap<PlanId, Loaded>>,
    at_work: Mutex<Worked>,
    /// Tells that a plan is not worked on any more.
    free: Condvar,
    /// Key and title at adoption.
    adopted: Mutex<HashMap<PlanId, (Key, String)>>,
    /// What a key or id named when it was last looked for.
    names: Mutex<HashMap<String, PlanId>>,
}

/// Plans that are being worked on.
#[derive(Default)]
struct Worked {
    plans: HashSet<PlanId>,
    /// How many wait for one of them.
    waiting: usize,
}

/// Says that plans are being worked on, for as long as it lives.
pub(super) struct AtWork<'k> {
    known: &'k Known,
    plans: Vec<PlanId>,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        let mut at_work = lock(&self.known.at_work);
        for plan in &self.plans {
            at_work.plans.remove(plan);
        }
        if at_work.waiting > 0 {
            self.known.free.notify_all();
        }
    }
}

impl Known {
    /// Takes a plan out, so that it can be changed in place.
    pub(super) fn take(&self, plan: PlanId) -> Option<Loaded> {
        lock(&self.plans).remove(&plan)
    }

    pub(super) fn put(&self, plan: PlanId, loaded: Loaded) {
        // A plan that is not there is nothing to remember.
        if loaded.plan.seq.0 > 0 {
            lock(&self.plans).insert(plan, loaded);
        }
    }

    /// The plan as it was seen last. Whoever works on it puts it back in less time than it takes to read
    /// it anew.
    pub(super) fn shown(&self, plan: PlanId) -> Option<Arc<Plan>> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(plan) = self.peek(plan) {
                return Some(plan);
            }
            let mut at_work = lock(&self.at_work);
            let left = until.saturating_duration_since(Instant::now());
            if !at_work.plans.contains(&plan) {
                drop(at_work);
                return self.peek(plan);
            }
            if left.is_zero() {
                return None;
            }
            at_work.waiting += 1;
            let woken = self.free.wait_timeout(at_work, left);
            woken.unwrap_or_else(PoisonError::into_inner).0.waiting -= 1;
        }
    }

    /// The plan as it was seen last, where nobody works on it.
    fn peek(&self, plan: PlanId) -> Option<Arc<Plan>> {
        lock(&self.plans).get(&plan).map(|loaded| Arc::clone(&loaded.plan))
    }

    /// Key and title of a plan at adoption, which `find` reads where they are not known.
    pub(super) fn adopted(
        &self,
        plan: PlanId,
        find: impl FnOnce() -> Result<(Key, String), Fault>,
    ) -> Result<(Key, String), Fault> {
        if let Some(known) = lock(&self.adopted).get(&plan) {
            return Ok(known.clone());
        }
        let found = find()?;
        lock(&self.adopted).insert(plan, found.clone());
        Ok(found)
    }

    /// Forgets a plan that is gone.
    pub(super) fn forget(&self, plan: PlanId) {
        lock(&self.plans).remove(&plan);
        lock(&self.adopted).remove(&plan);
        lock(&self.names).retain(|_, named| *named != plan);
    }
}

impl LocalDesk {
    /// Says that plans are being worked on, so that readers wait for them instead of reading them anew.
    pub(super) fn at_work(&self, plans: impl Iterator<Item = PlanId>) -> AtWork<'_> {
        let plans: Vec<PlanId> = plans.collect();
        lock(&self.known().at_work).plans.extend(&plans);
        AtWork { known: self.known(), plans }
    }

    /// The plan as this process saw it last.
    pub(super) fn known_plan(&self, plan: PlanId) -> Option<Arc<Plan>> {
        self.known().peek(plan)
    }

    /// The plan of a key or id. It was that when this process last looked; whether it is still there
    /// shows when something is recorded of it.
    pub(super) fn plan_named(&self, name: &str) -> Result<Option<PlanId>, Fault> {
        if let Some(known) = lock(&self.known().names).get(name) {
            return Ok(Some(*known));
        }
        let lines = self.plans()?;
        let found = lines.iter().find(|line| line.key.as_str() == name || line.id.to_string() == name);
        let Some(found) = found else { return Ok(None) };
        let mut names = lock(&self.known().names);
        if names.len() >= MOST_NAMES {
            names.clear();
        }
        names.insert(name.to_owned(), found.id);
        Ok(Some(found.id))
    }

    /// The plan that has a task.
    pub(super) fn plan_of(&self, task: TaskId) -> Result<Option<PlanId>, Fault> {
        let known = lock(&self.known().plans);
        let home = known.iter().find(|(_, loaded)| loaded.plan.task(task).is_some());
        if let Some((plan, _)) = home {
            return Ok(Some(*plan));
        }
        drop(known);
        for line in self.plans()? {
            if self.plan(line.id)?.task(task).is_some() {
                return Ok(Some(line.id));
            }
        }
        Ok(None)
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
