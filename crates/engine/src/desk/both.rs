//! Two commands of two streams that belong together: recorded in one go, with one wait for the disk,
//! where both stand.

use std::collections::HashMap;

use journal::Appended;
use model::command::Command;
use model::event::Event;
use model::ids::PlanId;

use super::crowd::Settled;
use super::{Denied, Desk as _, LocalDesk, Receipt, Request};

/// A command, and whose it is.
pub type Addressed = (PlanId, Command);

impl LocalDesk {
    /// Rules on a command, and on another that follows from what the first one records, and records what
    /// comes of both in one go. Where that cannot be, because either is refused or comes to nothing or
    /// somebody was faster, they are handed in one after the other: what becomes of the second one
    /// changes nothing for the first.
    pub fn submit_both(
        &self,
        request: &Request,
        (plan, command): Addressed,
        then: &dyn Fn(&[Event]) -> Addressed,
    ) -> Result<(Receipt, Result<Receipt, Denied>), Denied> {
        if self.server().is_none()
            && let Some((first, second)) = self.both(request, (plan, &command), then)
        {
            return Ok((first, Ok(second)));
        }
        let first = self.submit(plan, request, command)?;
        let (other, next) = then(&first.events);
        let second = self.submit(other, request, next);
        Ok((first, second))
    }

    /// Nothing where not both are recorded; then nothing is.
    fn both(
        &self,
        request: &Request,
        (plan, command): (PlanId, &Command),
        then: &dyn Fn(&[Event]) -> Addressed,
    ) -> Option<(Receipt, Receipt)> {
        let (mut plans, mut entries) = (HashMap::new(), Vec::new());
        let mut rule = |plan: PlanId, command: &Command| {
            let ruled = self.rule_beside(&mut plans, &mut entries, (plan, request), &|_| Ok(command.clone()));
            match ruled {
                Ok(Settled::Recorded(events)) => Some(events),
                _ => None,
            }
        };
        let ruled = rule(plan, command).and_then(|first| {
            let (other, next) = then(&first);
            rule(other, &next).map(|second| [first, second])
        });
        let Some(events) = ruled else {
            // What was changed for what is not recorded is forgotten; the rest is as it was.
            plans.retain(|plan, _| entries.iter().all(|(changed, ..)| changed != plan));
            plans.into_iter().for_each(|(plan, loaded)| self.put(plan, loaded));
            return None;
        };
        let appended = self.append_beside(plans, &entries)?;
        let mut receipts =
            entries.iter().zip(appended).zip(events).map(|(((plan, _, entry), appended), events)| {
                let Appended { last, .. } = appended;
                Receipt { plan: *plan, count: events.len(), events, last, at: entry.at, repeated: false }
            });
        receipts.next().zip(receipts.next())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use journal::{Journal as _, Memory};
    use model::actor::{Actor, By, Known};
    use model::command::{SetMemory, Take, Which};
    use model::commons::Holding;
    use model::draft::TaskKind;
    use model::ids::{AgentId, Fence, Seq, SessionId, TaskId};
    use model::refusal;

    use super::*;
    use crate::clock::FixedClock;
    use crate::ids::RandomIds;

    struct World {
        journal: Arc<Memory>,
        desk: LocalDesk,
        plan: PlanId,
        task: TaskId,
        agent: Request,
    }

    /// A plan with a task that an agent holds.
    fn world() -> World {
        let journal = Arc::new(Memory::new());
        let clock = Box::new(FixedClock::at(Timestamp::UNIX_EPOCH));
        let desk =
            LocalDesk::new(Arc::clone(&journal) as _, clock, Box::new(RandomIds::from_seed(1)), b"salt");
        let (agent, session) = (AgentId::new("writer").unwrap(), SessionId::new("writer").unwrap());
        let agent = Request::new(By::new(Actor::Agent { agent, session }, Known::Declared));
        let plan = desk.new_plan_id();
        desk.submit(plan, &agent, Command::AdoptPlan(Box::default())).unwrap();
        let (kind, title) = (TaskKind::Task, "write it".to_owned());
        let add = Command::AddTask { kind, key: None, title, needs: Vec::new(), facts: Vec::new() };
        desk.submit(plan, &agent, add).unwrap();
        let task = desk.plan(plan).unwrap().tasks[0].id;
        let (roles, paths) = (Vec::new(), Some(vec!["src/**".to_owned()]));
        let take = Take { which: Which::Task(task), roles, ttl_seconds: None, paths, base: None };
        desk.submit(plan, &agent, Command::Take(Box::new(take))).unwrap();
        World { journal, desk, plan, task, agent }
    }

    impl World {
        fn touch(&self, path: &str) -> Addressed {
            let path = path.to_owned();
            (self.plan, Command::Touch { task: self.task, path, digest: None })
        }

        /// Says in the memory whether the touched path was foreign, under a grant.
        fn told(&self, events: &[Event], fence: u64, expect: Option<u64>) -> Addressed {
            let foreign = events.iter().any(|event| matches!(event, Event::PathTouched(of) if of.foreign));
            let holding = Holding { plan: self.plan, task: self.task, fence: Fence(fence) };
            let set = SetMemory {
                key: "edits/one".to_owned(),
                value: foreign.to_string(),
                expect,
                ttl_seconds: None,
                tags: Vec::new(),
                under: Some(holding),
            };
            (PlanId::STORE, Command::SetMemory(Box::new(set)))
        }

        fn kept(&self) -> Option<String> {
            self.journal.memory_entry("edits/one").unwrap().and_then(|entry| entry.value)
        }

        fn seqs(&self) -> [Seq; 2] {
            [self.plan, PlanId::STORE].map(|plan| self.journal.head(plan).unwrap().unwrap().seq)
        }
    }

    #[test]
    fn both_are_recorded_in_one_go_and_the_second_follows_from_the_first() {
        let world = world();
        let [plan, store] = world.seqs();
        for (path, foreign) in [("src/a.rs", "false"), ("docs/a.md", "true")] {
            let (whose, touch) = world.touch(path);
            let then = |events: &[Event]| world.told(events, 1, None);
            let (first, second) = world.desk.both(&world.agent, (whose, &touch), &then).expect("at once");
            assert_eq!((first.plan, second.plan, second.count), (world.plan, PlanId::STORE, 1));
            assert_eq!(world.seqs(), [first.last, second.last]);
            assert_eq!(world.kept().as_deref(), Some(foreign));
            assert_eq!(world.desk.plan(world.plan).unwrap().seq, first.last);
        }
        assert_eq!(world.seqs()[1], Seq(store.0 + 2));
        assert!(world.seqs()[0] > plan);
        assert!(world.desk.audit(&[]).unwrap().is_whole());
    }

    #[test]
    fn what_becomes_of_the_second_changes_nothing_for_the_first() {
        let world = world();
        let [plan, store] = world.seqs();
        for (fence, expect, code) in [(7, None, refusal::LEASE_LOST), (1, Some(5), refusal::MEMORY_CONFLICT)]
        {
            let then = |events: &[Event]| world.told(events, fence, expect);
            let both = world.desk.submit_both(&world.agent, world.touch("src/a.rs"), &then);
            let Ok((first, Err(Denied::Refused(no)))) = both else { panic!("it is refused: {both:?}") };
            assert_eq!((first.count, no.code), (1, code));
        }
        assert_eq!(world.seqs(), [Seq(plan.0 + 2), store]);
        assert_eq!(world.journal.attempts(None, 9).unwrap().len(), 2, "each refusal once");
    }

    #[test]
    fn where_the_first_is_refused_nothing_is_recorded() {
        let world = world();
        let before = world.seqs();
        let (whose, _) = world.touch("src/a.rs");
        let touch = Command::Touch { task: TaskId::from_bits(1), path: "a".to_owned(), digest: None };
        let then = |events: &[Event]| world.told(events, 1, None);
        let both = world.desk.submit_both(&world.agent, (whose, touch), &then);
        assert!(matches!(both, Err(Denied::Refused(no)) if no.code == refusal::TASK_NOT_FOUND));
        assert_eq!(world.seqs(), before);
        assert_eq!(world.journal.attempts(None, 9).unwrap().len(), 1);
    }
}
