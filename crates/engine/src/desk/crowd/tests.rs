use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use journal::{Journal as _, Memory};
use model::actor::{Actor, Known};
use model::draft::TaskKind;
use model::ids::{PersonId, TaskId};

use super::*;
use crate::clock::Clock;
use crate::ids::RandomIds;

/// A clock that fails whoever asks it, as often as it was told to.
#[derive(Default)]
struct Failing(AtomicU32);

impl Clock for Failing {
    fn now(&self) -> Timestamp {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "the clock has stopped");
        Timestamp::UNIX_EPOCH
    }
}

/// The same clock, seen from outside the desk.
impl Clock for Arc<Failing> {
    fn now(&self) -> Timestamp {
        Failing::now(self)
    }
}

struct World {
    journal: Arc<Memory>,
    clock: Arc<Failing>,
    desk: Arc<LocalDesk>,
    plan: PlanId,
}

fn world() -> World {
    let (journal, clock) = (Arc::new(Memory::new()), Arc::new(Failing::default()));
    let ids = Box::new(RandomIds::from_seed(1));
    let desk =
        Arc::new(LocalDesk::new(Arc::clone(&journal) as _, Box::new(Arc::clone(&clock)), ids, b"salt"));
    let plan = desk.new_plan_id();
    desk.submit(plan, &request(None), Command::AdoptPlan(Box::default())).unwrap();
    World { journal, clock, desk, plan }
}

fn request(id: Option<&str>) -> Request {
    let by = By::new(Actor::Person(PersonId::new("Ada").unwrap()), Known::Declared);
    Request { id: id.map(str::to_owned), ..Request::new(by) }
}

fn add(title: &str) -> Command {
    let title = title.to_owned();
    Command::AddTask { kind: TaskKind::Task, key: None, title, needs: Vec::new(), facts: Vec::new() }
}

fn job(plan: PlanId, id: Option<&str>, command: Command) -> Job {
    let (whose, wish) = (Whose::Plan(plan), Wish::Command(Box::new(command)));
    Job { plan, errand: Errand { whose, request: request(id), wish, answer: Box::new(|_| {}) } }
}

#[test]
fn a_group_that_cannot_be_recorded_leaves_nothing_behind() {
    let World { journal, desk, plan, .. } = world();
    let refused = || job(plan, None, Command::Unblock(TaskId::from_bits(1)));
    let before = journal.position().unwrap();

    // Two of them are one request: the journal takes none.
    let group = [job(plan, Some("x"), add("one")), job(plan, Some("x"), add("one")), refused()];
    assert!(together(&desk, &group).is_none());
    assert_eq!(journal.position().unwrap(), before);
    assert_eq!(journal.attempts(None, 10).unwrap(), []);
    assert_eq!(desk.plan(plan).unwrap().tasks.len(), 0);

    // By themselves, each gets what is true of it, once.
    let answers: Vec<_> = group.iter().map(|job| alone(&desk, job)).collect();
    assert!(matches!(&answers[..], [Ok(one), Ok(again), Err(_)] if !one.repeated && again.repeated));
    assert_eq!(journal.attempts(None, 10).unwrap().len(), 1);

    // And a group that is recorded keeps each attempt, once.
    let answers = together(&desk, &[refused(), job(plan, None, add("two")), refused()]).unwrap();
    assert!(matches!(&answers[..], [Err(_), Ok(two), Err(_)] if two.count == 1));
    assert_eq!(journal.attempts(None, 10).unwrap().len(), 3);
    assert_eq!(desk.plan(plan).unwrap().tasks.len(), 2);
}

#[test]
fn a_fault_in_one_command_ends_neither_the_others_nor_the_desk() {
    let World { clock, desk, plan, .. } = world();
    let group = [job(plan, None, add("one")), job(plan, None, add("two"))];
    clock.0.store(1, Ordering::SeqCst);
    assert!(together(&desk, &group).is_none());
    assert_eq!(desk.plan(plan).unwrap().tasks.len(), 0);

    let crowd = Crowd::before(Arc::clone(&desk)).unwrap();
    clock.0.store(1, Ordering::SeqCst);
    let cut_off = crowd.submit(plan, request(None), add("one"));
    assert!(matches!(cut_off, Err(Denied::Down(fault)) if fault.code == INTERNAL_FAULT));
    assert_eq!(crowd.submit(plan, request(None), add("two")).unwrap().count, 1);
    assert_eq!(desk.plan(plan).unwrap().tasks.len(), 1);
}
