//! Stories of one document and one journal, through the same door as the verbs.

use std::sync::Arc;

use model::actor::{Actor, By, Known};
use model::command::Command;
use model::ids::{Key, PersonId, PlanId};
use model::plan::Plan;
use model::task::ClaimHow;

use super::*;
use crate::desk::{Desk as _, Request};
use crate::documents::Documents;
use crate::scratch::Scratch;
use crate::store::{FOLDER, Fixture, Place};

/// A folder with a plan in it, and the store beside.
struct Bench {
    scratch: Scratch,
    store: Store,
    plan: PlanId,
}

impl Bench {
    fn new(text: &str) -> Self {
        let scratch = Scratch::new("sync");
        scratch.write("PLAN.md", text);
        let place = Place { folder: scratch.path().join(FOLDER), exists: false };
        let store = Store::create_for_tests(&place, Fixture::default()).unwrap();
        let read = Documents::read(&[scratch.path().join("PLAN.md")]).unwrap();
        let plan = read.take_in(&store, &ada()).unwrap().plan();
        Self { scratch, store, plan }
    }

    fn plan(&self) -> Arc<Plan> {
        self.store.desk().plan(self.plan).unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.scratch.path().join("PLAN.md")).unwrap()
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.text();
        assert!(text.contains(from), "`{from}` is not in {text}");
        self.scratch.write("PLAN.md", &text.replacen(from, to, 1));
    }

    fn claim(&self, key: &str) -> Around {
        let task = self.plan().task_by_key(&Key::new(key).unwrap()).unwrap().id;
        let command = Command::Claim { task, how: ClaimHow::Verb };
        submit(&self.store, self.plan, &ada(), command).unwrap().1
    }

    fn sync(&self) -> Synced {
        sync(&self.store, self.plan, &ada(), &Options::default()).unwrap()
    }
}

fn ada() -> Request {
    Request::new(By::new(Actor::Person(PersonId::new("ada").unwrap()), Known::Declared))
}

const PLAN: &str = "# Plan\n\n- [ ] T-1: Build it\n- [ ] T-2: Measure it\n- [ ] T-3: Tell of it\n";

#[test]
fn a_claim_ticks_its_box_and_nothing_else() {
    let bench = Bench::new(PLAN);
    let around = bench.claim("T-2");
    assert_eq!(around, Around { taken_in: 0, written: vec!["PLAN.md".to_owned()], left: Vec::new() });
    assert_eq!(bench.text(), PLAN.replace("[ ] T-2", "[x] T-2"));
    assert!(look(&bench.store, &bench.plan()).unwrap().iter().all(DocumentState::is_in_step));
    let before = bench.plan().seq;
    assert_eq!(bench.sync().written, []);
    assert_eq!(bench.plan().seq, before, "syncing again is nothing");
    assert_eq!(bench.plan().revision.0, 1, "our own tick is no revision");
}

#[test]
fn a_hand_edit_and_a_claim_meet_in_one_document() {
    let bench = Bench::new(PLAN);
    bench.edit("Tell of it", "Tell everybody of it");
    let around = bench.claim("T-1");
    assert!(around.taken_in > 0 && around.written == ["PLAN.md"], "{around:?}");
    assert_eq!(bench.text(), PLAN.replace("[ ] T-1", "[x] T-1").replace("Tell of", "Tell everybody of"));
    bench.edit("[ ] T-3", "[x] T-3");
    let around = bench.claim("T-2");
    assert!(around.left.is_empty(), "{around:?}");
    let plan = bench.plan();
    let task = plan.task_by_key(&Key::new("T-1").unwrap()).unwrap();
    assert_eq!(task.asserted.checked, Some(false), "our own tick is nobody's word");
    let task = plan.task_by_key(&Key::new("T-3").unwrap()).unwrap();
    assert_eq!(task.asserted.checked, Some(true));
}
