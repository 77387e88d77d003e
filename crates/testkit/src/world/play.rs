//! The program as the world plays it: the bare rules, without desk or journal.

use jiff::Timestamp;
use model::apply::{Stamp, apply};
use model::context::{Context, Ids};
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::Refusal;
use model::ruling::commons::admits;
use model::ruling::{holds, rule};

use super::{Ask, World};
use crate::checkers::Entry;

/// The bare rules on one plan at a time.
pub struct Play {
    plan: Plan,
    store: Plan,
    ids: Row,
}

struct Row(u128);

impl Ids for Row {
    fn next(&mut self, _: Timestamp) -> u128 {
        self.0 += 1;
        self.0
    }
}

impl Default for Play {
    fn default() -> Self {
        let (plan, store) = (Plan::empty(PlanId::from_bits(0)), Plan::empty(PlanId::STORE));
        Self { plan, store, ids: Row(1_000) }
    }
}

impl Play {
    /// Rules on what is asked and applies what comes of it.
    pub fn submit(&mut self, ask: Ask) -> Result<Vec<Entry>, Refusal> {
        let shared = ask.plan == PlanId::STORE;
        if !shared && self.plan.id != ask.plan {
            self.plan = Plan::empty(ask.plan);
        }
        let Ask { now, by, agent_present, fence, command, .. } = ask;
        let name = command.name();
        if let Some(commons) = &self.store.commons {
            admits(commons, &by, &command)?;
        }
        let mut cx = Context { now, by: &by, agent_present, fence, ids: &mut self.ids };
        if let Some(holding) = command.holding() {
            holds(&self.plan, holding, &cx)?;
        }
        let plan = if shared { &mut self.store } else { &mut self.plan };
        let events = rule(plan, command, &mut cx)?;
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            let seq = plan.seq.next();
            apply(plan, &event, Stamp { seq, at: now, by: &by });
            entries.push(Entry { seq, at: now, by: by.clone(), command: name.to_owned(), event });
        }
        Ok(entries)
    }
}

/// Plays so many steps of a world against the bare rules.
pub fn play(seed: u64, steps: u32) -> World {
    let (mut world, mut rules) = (World::new(seed), Play::default());
    for _ in 0..steps {
        world.step(&mut |ask| rules.submit(ask));
    }
    world
}
