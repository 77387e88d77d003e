//! The program as the world plays it: the bare rules, without desk or journal.

use jiff::Timestamp;
use model::apply::{Stamp, apply};
use model::context::{Context, Ids};
use model::ids::PlanId;
use model::plan::Plan;
use model::refusal::Refusal;
use model::ruling::rule;

use super::{Ask, World};
use crate::checkers::Entry;

/// The bare rules on one plan at a time.
pub struct Play {
    plan: Plan,
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
        Self { plan: Plan::empty(PlanId::from_bits(0)), ids: Row(1_000) }
    }
}

impl Play {
    /// Rules on what is asked and applies what comes of it.
    pub fn submit(&mut self, ask: Ask) -> Result<Vec<Entry>, Refusal> {
        if self.plan.id != ask.plan {
            self.plan = Plan::empty(ask.plan);
        }
        let Ask { now, by, agent_present, command, .. } = ask;
        let name = command.name();
        let mut cx = Context { now, by: &by, agent_present, fence: None, ids: &mut self.ids };
        let events = rule(&self.plan, command, &mut cx)?;
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            let seq = self.plan.seq.next();
            apply(&mut self.plan, &event, Stamp { seq, at: now, by: &by });
            entries.push(Entry { at: now, by: by.clone(), command: name.to_owned(), event });
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
