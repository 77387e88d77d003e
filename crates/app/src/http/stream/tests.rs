use std::sync::Arc;

use engine::clock::FixedClock;
use engine::desk::{Desk as _, LocalDesk, Request};
use engine::ids::RandomIds;
use journal::{Entry, Memory};
use model::actor::{Actor, By, Cause, Known};
use model::command::Command;
use model::ids::{Key, PersonId};
use model::plan::Plan;
use testkit::sketch::sketch;

use super::past::Past;
use super::*;

/// A journal in memory with a plan in it.
struct World {
    journal: Arc<Memory>,
    desk: LocalDesk,
    request: Request,
    plan: PlanId,
}

fn world(text: &str) -> World {
    let journal = Arc::new(Memory::new());
    let start: jiff::Timestamp = "2031-05-01T09:00:00Z".parse().unwrap();
    let (clock, ids) = (Box::new(FixedClock::at(start)), Box::new(RandomIds::from_seed(1)));
    let desk = LocalDesk::new(Arc::clone(&journal) as Arc<dyn Journal>, clock, ids, b"salt");
    let ada = Actor::Person(PersonId::new("Ada").unwrap());
    let request = Request::new(By::new(ada, Known::Declared));
    let plan = desk.new_plan_id();
    desk.submit(plan, &request, Command::AdoptPlan(Box::new(sketch(text)))).unwrap();
    World { journal, desk, request, plan }
}

impl World {
    fn plan(&self) -> Arc<Plan> {
        self.desk.plan(self.plan).unwrap()
    }

    fn task(&self, key: &str) -> TaskId {
        self.plan().task_by_key(&Key::new(key).unwrap()).unwrap().id
    }

    fn does(&self, command: Command) {
        self.desk.submit(self.plan, &self.request, command).unwrap();
    }

    /// Appends what no reader understands.
    fn spoil(&self) {
        let start: jiff::Timestamp = "2031-05-01T09:00:00Z".parse().unwrap();
        let cause = Cause::command("start");
        let entry = Entry::new(start, self.request.by.clone(), cause).event(br#"{"kind":"#);
        self.journal.append(self.plan, self.plan().seq, &entry).unwrap();
    }
}

fn names(frames: &[Arc<Frame>]) -> Vec<(String, String)> {
    frames.iter().map(|frame| (frame.id.to_string(), frame.event.name.clone())).collect()
}

#[test]
fn what_could_not_be_read_is_not_passed_over() {
    let world = world("a: Sand\nb: Paint");
    world.does(Command::Start(world.task("a")));
    let good = world.journal.position().unwrap();
    world.spoil();
    let (mut reader, mut told) = (Reader::default(), Vec::new());
    for _ in 0..2 {
        let came = reader.read_on(&*world.journal, &mut |frame| told.push(frame));
        assert!(came.is_err(), "it was passed over");
        assert_eq!(reader.position, good, "what came before it was taken in, and no more");
    }
    assert_eq!(told.len(), 2, "each was told once: {told:?}");
}

#[test]
fn two_events_of_one_position_have_numbers_of_their_own() {
    let world = world("a: Sand");
    world.does(Command::Start(world.task("a")));
    let position = world.journal.position().unwrap();
    let (mut reader, mut told) = (Reader::default(), Vec::new());
    reader.read_on(&*world.journal, &mut |frame| told.push(frame)).unwrap();
    let first = (format!("{position}.1"), "task_started".to_owned());
    assert_eq!(names(&told), [first, (position.to_string(), "agent_started".to_owned())]);
    let hub = Hub { reader: Mutex::new(reader), ..Hub::default() };
    let after = |id: &str| {
        let after = After::Id(id.parse().unwrap());
        let wanted = Wanted { plan: None, task: None, names: Vec::new(), after };
        names(&Vec::from(hub.at_hand(&wanted).unwrap().frames))
    };
    assert_eq!(after("0").len(), 2);
    assert_eq!(after(&format!("{position}.1")), [(position.to_string(), "agent_started".to_owned())]);
    assert_eq!(after(&position.to_string()), []);
}

#[test]
fn what_is_at_hand_is_what_is_read_from_the_journal() {
    let world = world("a: Sand\nb: Paint");
    let (a, b) = (world.task("a"), world.task("b"));
    for (task, count) in [(a, RECENT), (b, 3)] {
        world.does(Command::Start(task));
        for number in 0..count {
            world.does(Command::Note { task, text: number.to_string() });
        }
    }
    let mut reader = Reader::default();
    reader.read_on(&*world.journal, &mut |_| {}).unwrap();
    let oldest = reader.recent.after;
    let hub = Hub { reader: Mutex::new(reader), ..Hub::default() };
    let read = |wanted: &Wanted| {
        let (mut past, mut frames) = (Past::of(wanted), Vec::new());
        loop {
            let (more, is_all) = past.next(&*world.journal).unwrap();
            assert!(more.len() <= 2 * BATCH, "a batch is bounded");
            frames.extend(more.into_iter().filter(|frame| wanted.wants(frame)).map(Arc::new));
            if is_all {
                return names(&frames);
            }
        }
    };
    let at_hand = |wanted: &Wanted| hub.at_hand(wanted).map(|found| names(&Vec::from(found.frames)));
    let all = |after| Wanted { plan: None, task: None, names: Vec::new(), after };
    assert_eq!(at_hand(&all(After::Id(EventId::default()))), None, "some of it is gone");
    assert_eq!(read(&all(After::Id(EventId::default()))).len(), RECENT + 3 + 4);
    let kept = all(After::Id(oldest));
    assert_eq!(at_hand(&kept), Some(read(&kept)));
    let named = Wanted { names: vec!["task_started".to_owned()], ..kept };
    assert_eq!(at_hand(&named), Some(read(&named)));
    for after in [0, 1, 2, 5] {
        let wanted = Wanted::task(world.plan, b, after);
        assert_eq!(at_hand(&wanted), Some(read(&wanted)), "after {after}");
        assert_eq!(at_hand(&Wanted::task(world.plan, a, after)), None, "after {after}");
    }
    assert_eq!(at_hand(&Wanted::task(world.plan, a, RECENT as u64 + 2)), Some(Vec::new()));
}

#[test]
fn what_is_at_hand_is_bounded_however_long_events_are() {
    let world = world("a: Sand");
    let task = world.task("a");
    world.does(Command::Start(task));
    let payload = serde_json::Map::from_iter([("words".to_owned(), "x".repeat(60_000).into())]);
    for _ in 0..300 {
        world.does(Command::Report { task, name: "progress".to_owned(), payload: payload.clone() });
    }
    let mut reader = Reader::default();
    reader.read_on(&*world.journal, &mut |_| {}).unwrap();
    let kept: usize = reader.recent.frames.iter().map(|frame| frame.size).sum();
    assert_eq!(kept, reader.recent.size);
    assert!((MOST_AT_HAND - 70_000..=MOST_AT_HAND).contains(&kept), "{kept}");
    let first = reader.recent.frames.front().unwrap().id;
    assert!(reader.recent.after < first && reader.recent.frames.len() < 302);
}
