//! Which tasks are given out in a turn, and to whom.

use std::collections::HashMap;
use std::time::Instant;

use jiff::Timestamp;
use model::ids::{AgentId, Key, TaskId};
use model::lease::Usage;
use model::plan::Plan;
use model::task::Task;

use super::attempt::Worked;
use super::choosing::{is_open, rank, stand_in, suited};
use super::turns::{Turns, beat_seconds};
use crate::agents::usable::Usable;
use crate::desk::{Denied, Desk as _};

/// A task and who is to have it.
pub(super) struct Pick {
    pub(super) task: TaskId,
    pub(super) key: Key,
    pub(super) roles: Vec<String>,
    pub(super) usable: Usable,
    pub(super) first: AgentId,
}

impl Turns<'_, '_> {
    /// The tasks that agents with time for them are given now. `ended`: they have as much more time.
    pub(super) fn pick(
        &mut self,
        ended: &HashMap<AgentId, Vec<(TaskId, Worked)>>,
    ) -> Result<Vec<Pick>, Denied> {
        let mut picks = Vec::new();
        if self.stopping || self.out.paused.is_some() {
            self.stale = false;
            self.woken.clear();
            return Ok(picks);
        }
        let now = Instant::now();
        let rested = self.resting.len();
        self.resting.retain(|_, until| *until > now);
        self.stale |= self.resting.len() != rested;
        let plan = self.d.store.desk().plan(self.d.plan)?;
        self.heartbeat_seconds = beat_seconds(&plan);
        self.wake(&plan);
        let mut free: HashMap<AgentId, u32> = HashMap::new();
        for usable in &self.d.agents.usable {
            let name = &usable.agent.name;
            let busy = self.busy.get(name).copied().unwrap_or(0);
            let ended = ended.get(name).map_or(0, |ended| u32::try_from(ended.len()).unwrap_or(u32::MAX));
            let used = self.used.get(name).copied().unwrap_or_default();
            let spent = usable.agent.budget.spent(used, Usage::default()).is_some();
            if !spent && !self.broken.contains(name) {
                free.insert(
                    name.clone(),
                    usable.agent.concurrency.saturating_sub(busy.saturating_sub(ended)),
                );
            }
        }
        let mut taken = Vec::new();
        for entry in &self.ready {
            if free.values().all(|free| *free == 0) {
                break;
            }
            let Some(task) = plan.task(entry.1).filter(|_| !self.parked.contains(&entry.1)) else { continue };
            let Some(wanted) = suited(task, self.d.agents, self.d.only) else { continue };
            for first in &wanted.agents {
                let Some(usable) = stand_in(first, self.d.agents, &self.broken) else { continue };
                let Some(free) = free.get_mut(&usable.agent.name).filter(|free| **free > 0) else { continue };
                *free -= 1;
                taken.push(*entry);
                picks.push(Pick {
                    task: task.id,
                    key: task.key.clone(),
                    roles: wanted.roles.clone(),
                    usable: usable.clone(),
                    first: first.clone(),
                });
                break;
            }
        }
        for entry in taken {
            self.ready.remove(&entry);
        }
        Ok(picks)
    }

    /// Finds what has become ready: of what waited for something that is done now, or, where that is
    /// not known, of all.
    fn wake(&mut self, plan: &Plan) {
        let now = self.d.store.desk().now();
        let woken = std::mem::take(&mut self.woken);
        if !self.stale {
            for dependant in woken.iter().flat_map(|done| plan.dependants(*done)) {
                if let Some(task) = plan.task(*dependant).filter(|task| self.is_ready(plan, task, now)) {
                    self.ready.insert((rank(plan, task), task.id));
                }
            }
            if !self.ready.is_empty() || !self.progressed {
                return;
            }
        }
        self.ready.clear();
        for task in &plan.tasks {
            if self.is_ready(plan, task, now) {
                self.ready.insert((rank(plan, task), task.id));
            }
        }
        (self.stale, self.progressed) = (false, false);
    }

    fn is_ready(&self, plan: &Plan, task: &Task, now: Timestamp) -> bool {
        let id = task.id;
        let out = !self.d.only.is_meant(&task.key)
            || self.running.contains_key(&id)
            || self.checking.contains(&id)
            || self.resting.contains_key(&id)
            || self.given_up.contains(&id)
            || task.needs.iter().any(|need| self.given_up.contains(need));
        !out && is_open(plan, task, now)
    }
}
