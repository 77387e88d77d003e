//! Stories of one document and one journal, through the same door as the verbs.

mod crashes;
mod editors;
mod refusing;
mod worlds;

use std::path::PathBuf;
use std::sync::Arc;

use model::actor::{Actor, By, Known};
use model::command::Command;
use model::ids::{Key, PersonId, PlanId};
use model::plan::Plan;
use model::task::{ClaimHow, Task};

use super::*;
use crate::desk::{Desk as _, Request};
use crate::documents::Documents;
use crate::scratch::Scratch;
use crate::store::{FOLDER, Fixture, Place};

/// A folder with a plan in it, and the store beside.
pub(super) struct Bench {
    scratch: Scratch,
    path: PathBuf,
    pub(super) store: Store,
    plan: PlanId,
}

impl Bench {
    pub(super) fn new(text: &str) -> Self {
        Self::named("PLAN.md", text)
    }

    fn named(name: &str, text: &str) -> Self {
        let scratch = Scratch::new("sync");
        scratch.write(name, text);
        let place = Place::of(scratch.path().join(FOLDER));
        let store = Store::create_for_tests(&place, Fixture::default()).unwrap();
        let read = Documents::read(&[scratch.path().join(name)]).unwrap();
        let plan = read.take_in(&store, &ada()).unwrap().plan();
        Self { path: scratch.path().join(name), scratch, store, plan }
    }

    pub(super) fn plan(&self) -> Arc<Plan> {
        self.store.desk().plan(self.plan).unwrap()
    }

    pub(super) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }

    pub(super) fn edit(&self, from: &str, to: &str) {
        let text = self.text();
        assert!(text.contains(from), "`{from}` is not in {text}");
        self.save(&text.replacen(from, to, 1));
    }

    fn save(&self, text: &str) {
        std::fs::write(&self.path, text).unwrap();
    }

    pub(super) fn task(&self, key: &str) -> Task {
        self.plan().task_by_key(&Key::new(key).unwrap()).unwrap().clone()
    }

    fn says(&self, command: Command) -> Around {
        submit(&self.store, self.plan, &ada(), command).unwrap().1
    }

    pub(super) fn claim(&self, key: &str) -> Around {
        self.says(Command::Claim { task: self.task(key).id, how: ClaimHow::Verb })
    }

    fn reopen(&self, key: &str) -> Around {
        self.says(Command::Reopen { task: self.task(key).id, reason: "not yet".to_owned() })
    }

    fn standing(&self) -> Standing {
        look(&self.store, &self.plan()).unwrap().remove(0).standing
    }

    /// What lies in the folder beside the store.
    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.scratch.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != FOLDER);
        names.sort();
        names
    }

    pub(super) fn sync(&self) -> Synced {
        sync(&self.store, self.plan, &ada(), &Options::default()).unwrap()
    }
}

fn ada() -> Request {
    Request::new(By::new(Actor::Person(PersonId::new("ada").unwrap()), Known::Declared))
}

const PLAN: &str = "# Plan\n\n- [ ] T-1: Build it\n- [ ] T-2: Measure it\n- [ ] T-3: Tell of it\n";

#[test]
fn that_there_is_nothing_to_write_is_recorded_with_the_command() {
    let bench = Bench::new("# Plan\n\n| ID | Task |\n|---|---|\n| T-1 | Build it |\n| T-2 | Measure it |\n");
    let before = bench.plan().seq;
    let around = bench.claim("T-2");
    assert_eq!((around.changes, around.left), (Vec::new(), Vec::new()));
    let recorded = bench.store.desk().read(bench.plan, before, 9).unwrap();
    let said: Vec<_> = recorded.iter().map(|event| (event.event.kind(), &*event.cause.command)).collect();
    assert_eq!(said, [("task_claimed", "claim"), ("document_synced", "claim")]);
    assert_eq!(bench.plan().following("PLAN.md").unwrap().written, recorded[0].seq);
    assert_eq!((bench.standing(), bench.sync().written), (Standing::InStep, Vec::new()));
    assert_eq!(bench.plan().seq, recorded[1].seq, "nothing more is to be said of it");
}

#[test]
fn a_claim_ticks_its_box_and_nothing_else() {
    let bench = Bench::new(PLAN);
    let around = bench.claim("T-2");
    assert_eq!((around.taken_in, around.written, around.left), (0, vec!["PLAN.md".to_owned()], Vec::new()));
    assert_eq!(around.changes.len(), 1);
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

#[test]
fn a_hand_tick_against_an_unmet_need_is_recorded_and_satisfies_nothing() {
    let text = "# Plan\n\n- [ ] T-1: Build it\n- [ ] T-2: Ship it (depends on T-1)\n- [ ] T-3: Sell it (depends on T-2)\n";
    let bench = Bench::new(text);
    assert_eq!(bench.task("T-2").needs.len(), 1);
    bench.edit("[ ] T-2", "[x] T-2");
    let synced = bench.sync();
    let against: Vec<_> = synced.against.iter().map(|against| (&*against.key, against.line)).collect();
    assert_eq!(against, [("T-2", 4)]);
    assert_eq!(synced.against[0].needs, ["T-1"]);
    assert!(bench.text().contains("[x] T-2"), "left as its author wrote it");
    let plan = bench.plan();
    let (ship, sell) = (bench.task("T-2"), bench.task("T-3"));
    assert!(!plan.satisfies(&ship, bench.store.desk().now()));
    assert_eq!(plan.unmet_needs(&sell, bench.store.desk().now()), [ship.id]);
    let mut said = 0;
    bench
        .store
        .desk()
        .visit(bench.plan, &|bytes| bytes.starts_with(b"{\"task_asserted\""), &mut |recorded| {
            if let model::event::Event::TaskAsserted { against, .. } = &recorded.event {
                said += against.len();
            }
        })
        .unwrap();
    assert_eq!(said, 1, "the journal says against which need");
}

#[test]
fn another_branch_and_back_withdraws_nothing_and_writes_nothing() {
    let bench = Bench::new(PLAN);
    bench.claim("T-1");
    let older = bench.text();
    bench.edit("[ ] T-3", "[x] T-3");
    bench.claim("T-2");
    let newer = bench.text();
    let before = bench.plan();
    bench.save(&older);
    assert!(matches!(bench.standing(), Standing::Earlier { .. }));
    let around = bench.says(Command::Note { task: bench.task("T-2").id, text: "seen".to_owned() });
    assert_eq!((around.taken_in, around.written.len(), around.left.len()), (0, 0, 1), "{around:?}");
    assert_eq!(bench.text(), older, "nothing written");
    bench.save(PLAN);
    bench.says(Command::Note { task: bench.task("T-2").id, text: "seen".to_owned() });
    assert_eq!(bench.text(), PLAN);
    bench.save(&newer);
    assert_eq!(bench.standing(), Standing::InStep);
    let after = bench.plan();
    assert_eq!(after.revision, before.revision);
    let states = |plan: &Plan| {
        plan.tasks.iter().map(|task| (task.state.clone(), task.asserted.clone())).collect::<Vec<_>>()
    };
    assert_eq!(states(&after), states(&before), "nothing withdrawn");
    // By name, the older text is the one to go on with: the journal's changes since are written again,
    // and what its author undid by hand is undone.
    bench.save(&older);
    let synced = bench.sync();
    let told = |changes: &[Change]| changes.iter().map(|change| change.about.clone()).collect::<Vec<_>>();
    assert_eq!((told(&synced.taken_in), told(&synced.written)), (vec!["T-3".into()], vec!["T-2".into()]));
    assert_eq!(bench.text(), older.replace("[ ] T-2", "[x] T-2"));
    assert_eq!(bench.task("T-3").asserted.checked, Some(false));
    assert_eq!(bench.standing(), Standing::InStep);
}

#[test]
fn a_field_that_both_sides_changed_is_named_and_nothing_is_done() {
    let bench = Bench::new(
        "# Plan\n\n| ID | Task | Progress |\n|---|---|---|\n| T-1 | Build it | 10% |\n| T-2 | Tell of it | 20% |\n",
    );
    let behind = |percent| {
        let command = Command::Update {
            task: bench.task("T-1").id,
            put: vec![model::facts::Fact::Percent(percent)],
            clear: Vec::new(),
        };
        bench.store.desk().submit(bench.plan, &ada(), command).unwrap();
    };
    behind(40.0);
    bench.edit("10%", "30%");
    bench.edit("Tell of it", "Tell all of it");
    let text = bench.text();
    let seq = bench.plan().seq;
    let synced = bench.sync();
    let conflict = &synced.conflicts[0];
    assert_eq!(
        (&*conflict.document, &*conflict.journal, conflict.line, &*conflict.about),
        ("30", "40", 5, "T-1")
    );
    assert_eq!((bench.text(), bench.plan().seq), (text.clone(), seq), "nothing written, nothing taken in");
    let no = take_in_first(&bench.store, bench.plan, &ada()).unwrap_err();
    assert!(matches!(&no, Denied::Refused(no) if no.code == PLAN_MOVED && no.facts.len() == 1), "{no:?}");
    let with = |side| Options { take: Some(side), ..Options::default() };
    sync(&bench.store, bench.plan, &ada(), &with(Side::Journal)).unwrap();
    assert_eq!(bench.text(), text.replace("30%", "40%"));
    assert_eq!(bench.task("T-1").facts.percent(), Some(40.0));
    behind(50.0);
    bench.edit("40%", "60%");
    sync(&bench.store, bench.plan, &ada(), &with(Side::Document)).unwrap();
    assert_eq!(bench.text(), text.replace("30%", "60%"));
    assert_eq!(bench.task("T-1").facts.percent(), Some(60.0));
    assert!(look(&bench.store, &bench.plan()).unwrap()[0].is_in_step());
}

#[test]
fn a_document_with_a_secret_is_written_and_its_secret_stays_out_of_the_store() {
    let secret = ["ghp_", "abcdefghijklmnopqrstuvwxyz0123456789"].concat();
    let text = PLAN.replace("Measure it", &format!("Measure it with {secret}"));
    let bench = Bench::new(&text);
    bench.claim("T-1");
    bench.edit("Tell of it", "Tell all of it");
    bench.claim("T-2");
    let wanted =
        text.replace("[ ] T-1", "[x] T-1").replace("[ ] T-2", "[x] T-2").replace("Tell of", "Tell all of");
    assert_eq!(bench.text(), wanted);
    for entry in std::fs::read_dir(bench.scratch.path().join(FOLDER)).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[test]
fn every_text_is_found_again_by_its_digest() {
    let bench = Bench::new(PLAN);
    let mut texts = vec![PLAN.to_owned()];
    for (number, key) in ["T-1", "T-2", "T-1", "T-3"].into_iter().enumerate() {
        if number == 2 {
            bench.reopen(key)
        } else {
            bench.claim(key)
        };
        texts.push(bench.text());
        bench.edit("# Plan", "# Plan!");
        bench.sync();
        texts.push(bench.text());
    }
    for text in texts {
        let digest = journal::Blob::name(text.as_bytes());
        let found = history::text_of(bench.store.desk(), &bench.plan(), "PLAN.md", digest).unwrap();
        assert_eq!(found.as_deref(), Some(text.as_bytes()));
    }
    let blobs = std::fs::read_dir(bench.scratch.path().join(FOLDER).join("blobs")).map_or(0, Iterator::count);
    assert_eq!(blobs, 0, "small edits are kept as such");
}

#[test]
fn a_task_that_stands_in_two_documents_is_written_in_both_and_each_has_its_own_state() {
    let bench = Bench::new(PLAN);
    let other = bench.scratch.path().join("TASKS.md");
    std::fs::write(&other, "# Tasks\n\n* [ ] T-2: Measure it\n* [ ] T-9: Clean up\n").unwrap();
    let read = Documents::read(&[bench.path.clone(), other.clone()]).unwrap();
    read.take_in(&bench.store, &ada()).unwrap();
    // One of them is a folder for a while: the other one is written, and this one later.
    std::fs::rename(&other, other.with_extension("away")).unwrap();
    std::fs::create_dir(&other).unwrap();
    let around = bench.claim("T-2");
    assert_eq!((around.written, around.left.len()), (vec!["PLAN.md".to_owned()], 1));
    assert_eq!(bench.text(), PLAN.replace("[ ] T-2", "[x] T-2"));
    std::fs::remove_dir(&other).unwrap();
    std::fs::rename(other.with_extension("away"), &other).unwrap();
    bench.edit("Tell of it", "Tell all of it");
    bench.sync();
    let tasks = std::fs::read_to_string(&other).unwrap();
    assert_eq!(tasks, "# Tasks\n\n* [x] T-2: Measure it\n* [ ] T-9: Clean up\n");
    assert_eq!(bench.task("T-3").title, "Tell all of it");
    assert_eq!(bench.task("T-2").asserted.checked, Some(false), "nobody ticked it by hand");
    assert!(look(&bench.store, &bench.plan()).unwrap().iter().all(DocumentState::is_in_step));
}
