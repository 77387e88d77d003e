//! A folder with a store for tests in it and a plan under control, made without a document.

use engine::desk::{Desk as _, LocalDesk, Request};
use engine::store::{Fixture, Place, Store};
use journal::Blob;
use model::actor::{Actor, By, Known};
use model::command::Command;
use model::definition::Definition;
use model::ids::{Key, PersonId};
use testkit::sketch::sketch;

use crate::harness::{Came, Desk};

/// When everything happens: nine o'clock on 1 May 2031, a Thursday.
pub(crate) const NOW: &str = "2031-05-01T09:00:00Z";

/// A folder with a store in it.
pub(crate) struct World {
    pub(crate) desk: Desk,
}

impl World {
    /// A store that holds the plan of a sketch.
    pub(crate) fn adopt(text: &str) -> Self {
        let world = Self::empty();
        world.take_in("plan", text);
        world
    }

    /// A store without a plan.
    pub(crate) fn empty() -> Self {
        let desk = Desk::new().with("COUNTERSIGN_NOW", NOW).with("COUNTERSIGN_SEED", "1");
        let world = Self { desk };
        let place =
            Place::find(None, world.desk.folder(), world.desk.folder()).expect("a folder has a place");
        Store::create_for_tests(&place, fixture()).expect("a store can be made in a temporary folder");
        world
    }

    /// Brings another plan under control.
    pub(crate) fn take_in(&self, key: &str, text: &str) {
        let desk = self.engine();
        let mut request = Request::new(person("Ada"));
        let mut definition = sketch(text);
        // Nothing of it lies in a document, so there is none to keep in step.
        definition.sources.clear();
        definition.key = Some(Key::new(key).expect("a plain key"));
        self.file_away(&desk, &mut request, &mut definition, text);
        let id = desk.new_plan_id();
        desk.submit(id, &request, Command::AdoptPlan(Box::new(definition)))
            .expect("the sketch can be governed");
    }

    /// Takes a changed sketch in.
    pub(crate) fn revise(&self, who: &str, text: &str) {
        let desk = self.engine();
        let plan = desk.plans().expect("the store can be read")[0].id;
        let onto = desk.plan(plan).expect("it was adopted").revision;
        let mut request = Request::new(person(who));
        let mut definition = sketch(text);
        definition.sources.clear();
        self.file_away(&desk, &mut request, &mut definition, text);
        let command = Command::RevisePlan { onto, base: None, definition: Box::new(definition) };
        desk.submit(plan, &request, command).expect("the sketch can be governed");
    }

    fn file_away(&self, desk: &LocalDesk, request: &mut Request, definition: &mut Definition, text: &str) {
        let blob: Blob = desk.blob(text.as_bytes());
        for source in &mut definition.sources {
            source.digest = blob.digest();
        }
        request.blobs = vec![blob];
    }

    fn engine(&self) -> std::sync::Arc<LocalDesk> {
        let place = Place::find(None, self.desk.folder(), self.desk.folder()).expect("a folder has a place");
        let store = Store::open_to_write(&place, fixture()).expect("the store can be opened");
        std::sync::Arc::clone(store.desk())
    }

    /// Calls the program with arguments written as in a shell.
    pub(crate) fn run(&self, line: &str) -> Came {
        self.desk.run(line)
    }

    /// Calls the program at another moment.
    pub(crate) fn run_at(&mut self, moment: &str, line: &str) -> Came {
        self.desk.set("COUNTERSIGN_NOW", moment);
        let came = self.desk.run(line);
        self.desk.set("COUNTERSIGN_NOW", NOW);
        came
    }

    /// How many events the plan has.
    pub(crate) fn events(&self) -> u64 {
        let desk = self.engine();
        desk.plans().expect("the store can be read").iter().map(|plan| plan.seq.0).sum()
    }
}

fn fixture() -> Fixture {
    Fixture { now: Some(NOW.parse().expect("a moment")), seed: Some(1) }
}

fn person(name: &str) -> By {
    By::new(Actor::Person(PersonId::new(name).expect("a plain name")), Known::Declared)
}
