//! The world of rude actors against the real desk over the journal in memory: what was recorded is
//! read back from the journal and judged there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use engine::clock::Clock;
use engine::desk::{Denied, Desk, LocalDesk, Request};
use engine::ids::RandomIds;
use jiff::Timestamp;
use journal::Memory;
use model::actor::{By, Known};
use model::ids::{PlanId, Seq};
use testkit::checkers::Entry;
use testkit::world::{Ask, World};

/// A clock that the world sets, also backwards.
#[derive(Clone, Default)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("nobody panics with the clock in hand")
    }
}

#[test]
fn rude_actors_break_no_rule_at_the_desk() {
    let (clock, ids) = (Hands::default(), RandomIds::from_seed(1));
    let desk = LocalDesk::new(Arc::new(Memory::new()), Box::new(clock.clone()), Box::new(ids), b"salt");
    let mut seen: BTreeMap<PlanId, Seq> = BTreeMap::new();
    let mut world = World::new(4);
    for _ in 0..2_000 {
        world.step(&mut |ask| {
            let Ask { plan, now, by, agent_present, fence, command } = ask;
            *clock.0.lock().expect("nobody panics with the clock in hand") = now;
            // Nobody here has a key, so what the world calls signed comes with a token.
            let known = if by.known == Known::Signature { Known::Token } else { by.known };
            let request = Request { agent_present, fence, ..Request::new(By { known, ..by }) };
            match desk.submit(plan, &request, command) {
                Ok(_) => {
                    let seen = seen.entry(plan).or_insert(Seq(0));
                    let fresh = desk.read(plan, *seen, usize::MAX).expect("the journal reads");
                    *seen = fresh.last().map_or(*seen, |recorded| recorded.seq);
                    Ok(fresh.iter().map(Entry::from).collect())
                }
                Err(Denied::Refused(refusal)) => Err(*refusal),
                Err(Denied::Down(fault)) => panic!("the world failed: {fault}"),
            }
        });
        if world.plan().seq.0 > 0 {
            let of_the_desk = desk.plan(world.plan().id).expect("the desk has the plan");
            assert_eq!(&*of_the_desk, world.plan(), "the desk's plan is what its journal makes of it");
        }
    }
    let tally = world.tally();
    println!("{} accepted, {} refused", tally.accepted, tally.refused);
    assert!(tally.accepted > 600, "{}", tally.accepted);
}
