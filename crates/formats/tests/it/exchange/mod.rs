//! Other tools' files: what is read of them, and that nothing is lost on the way through a plan
//! and out again but what the lists of losses name.

mod beads;
mod github;
mod shapes;
mod strangers;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use formats::exchange::{self, Exported, Imported, Lost, Peer, Wishes};
use jiff::Timestamp;
use model::actor::{Actor, By, Known};
use model::apply::{Stamp, apply};
use model::command::Command;
use model::context::{Context, Ids};
use model::definition::Definition;
use model::draft::{Draft, Stated};
use model::ids::{PersonId, PlanId};
use model::plan::Plan;
use model::ruling::rule;
use model::settings::Settings;

/// A peer by name.
pub(crate) fn peer(name: &str) -> &'static dyn Peer {
    exchange::peer(name).expect("a peer of this name")
}

struct Count(u128);

impl Ids for Count {
    fn next(&mut self, _: Timestamp) -> u128 {
        self.0 += 1;
        self.0
    }
}

/// A plan made of drafts by adopting them, as `import` does it.
pub(crate) fn adopted(drafts: Vec<Draft>) -> Plan {
    let now = Timestamp::UNIX_EPOCH;
    let by = By::new(Actor::Person(PersonId::new("Ada").expect("the test made it so")), Known::Declared);
    let mut ids = Count(1 << 80);
    let mut context = Context { now, by: &by, agent_present: false, fence: None, ids: &mut ids };
    let mut plan = Plan::empty(PlanId::from_bits(1));
    let definition = Definition::from_drafts(drafts, Settings::default());
    let events =
        rule(&plan, Command::AdoptPlan(Box::new(definition)), &mut context).expect("it can be governed");
    for event in &events {
        let stamp = Stamp { seq: plan.seq.next(), at: now, by: &by };
        apply(&mut plan, event, stamp);
    }
    plan
}

pub(crate) fn import(name: &str, path: &str, text: &str) -> Imported {
    exchange::import(peer(name), path, text.as_bytes())
}

pub(crate) fn export(name: &str, plan: &Plan) -> Exported {
    exchange::export(peer(name), plan, Wishes::default())
}

/// What the files of an export say, read again.
pub(crate) fn again(name: &str, files: &[(String, String)]) -> Vec<Imported> {
    files.iter().map(|(path, text)| import(name, path, text)).collect()
}

/// What is said about one task, field by field, in a form that two readings can be compared in.
pub(crate) type Said = BTreeMap<String, String>;

/// What drafts say about each task, by key.
pub(crate) fn said(drafts: &[Draft]) -> BTreeMap<String, Said> {
    let known: BTreeSet<_> =
        drafts.iter().flat_map(|draft| &draft.tasks).map(|task| task.key.clone()).collect();
    let mut all = BTreeMap::new();
    for draft in drafts {
        for task in &draft.tasks {
            let mut said = Said::new();
            let mut put = |name: &str, value: String| {
                if !value.is_empty() {
                    said.insert(name.to_owned(), value);
                }
            };
            let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join("|");
            put("title", task.title.clone());
            let ticked = task.checked == Some(true);
            let state = task.status.as_ref().map_or(Stated::Open, |status| status.state);
            put("state", format!("{:?}", if ticked { Stated::Claimed } else { state }));
            put("status word", task.status.as_ref().map_or_else(String::new, |status| status.word.clone()));
            put("priority", task.priority.clone().unwrap_or_default());
            put(
                "owners",
                list(&mut task.owners.iter().map(|owner| format!("{}:{:?}", owner.name, owner.role))),
            );
            let mut needs: Vec<String> =
                task.needs.iter().filter(|need| known.contains(*need)).map(ToString::to_string).collect();
            needs.sort();
            put("needs", needs.join("|"));
            put(
                "parent",
                task.parent.iter().filter(|key| known.contains(*key)).map(ToString::to_string).collect(),
            );
            let phase =
                drafts.iter().flat_map(|draft| &draft.phases).find(|phase| phase.tasks.contains(&task.key));
            put("phase", phase.map_or_else(String::new, |phase| phase.key.to_string()));
            put("due", task.due.as_ref().map_or_else(String::new, |due| due.text.clone()));
            put("estimate", task.estimate_days.map_or_else(String::new, |days| format!("{days:.4}")));
            put("percent", task.percent.map_or_else(String::new, |percent| percent.to_string()));
            let criteria = task.criteria.iter().map(|one| format!("{:?} {}", one.checked, one.text));
            put("criteria", list(&mut criteria.into_iter()));
            put("links", list(&mut task.links.iter().cloned()));
            put("paths", list(&mut task.paths.iter().cloned()));
            for (name, value) in &task.extra {
                // JSON is the same with its fields in another order.
                let json = serde_json::from_str::<serde_json::Value>(value);
                put(&format!("extra {name}"), json.map_or_else(|_| value.clone(), |json| json.to_string()));
            }
            all.insert(task.key.to_string(), said);
        }
    }
    all
}

/// Fields that a list of losses names, by task.
fn named(lost: &[Lost]) -> BTreeSet<(String, String)> {
    lost.iter().filter_map(|one| Some((one.key.clone()?, one.field.clone()))).collect()
}

/// Demands that two readings say the same, but for what the losses name.
pub(crate) fn same_but(before: &[Draft], after: &[Draft], lost: &[Lost], context: &str) {
    nothing_gone(before, after, lost, context);
    // Where a task had no word, its state is said in a word of the peer.
    let silent = said(before).into_iter().filter(|(_, one)| !one.contains_key("status word"));
    let added = silent.map(|(key, _)| Lost::new("", 0, "status word", "", "").of(&key));
    let lost: Vec<Lost> = lost.iter().cloned().chain(added).collect();
    nothing_gone(after, before, &lost, context);
}

/// Demands that a second reading says whatever the first does, but for what the losses name.
pub(crate) fn nothing_gone(before: &[Draft], after: &[Draft], lost: &[Lost], context: &str) {
    let (before, after) = (said(before), said(after));
    let keys = |all: &BTreeMap<String, Said>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&before), keys(&after), "the same tasks\n{context}");
    let lost = named(lost);
    for (key, one) in &before {
        let other = &after[key];
        for field in one.keys() {
            let told = lost.contains(&(key.clone(), field.clone()))
                || field.strip_prefix("extra ").is_some_and(|name| {
                    // Named under its own name, or among those that have none here.
                    lost.contains(&(key.clone(), name.to_owned()))
                        || lost.contains(&(key.clone(), "other fields".to_owned()))
                });
            assert!(
                told || one.get(field) == other.get(field),
                "`{field}` of `{key}` was {:?}, is {:?}, and no list says so\n{context}",
                one.get(field),
                other.get(field)
            );
        }
    }
}

/// In, through a plan, out, and in again: the same but for what the lists name. Gives the losses on
/// the way out.
pub(crate) fn round_trip(name: &str, files: &[(String, String)]) -> Vec<Lost> {
    let first = again(name, files);
    let before: Vec<Draft> = first.iter().map(|read| read.draft.clone()).collect();
    let plan = adopted(before.clone());
    let exported = export(name, &plan);
    let written: Vec<(String, String)> =
        exported.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
    let second = again(name, &written);
    let torn = second.iter().flat_map(|read| &read.diagnostics).find(|found| exchange::is_torn_by(found));
    let context = format!("in:  {files:?}\nout: {written:?}");
    assert!(torn.is_none(), "what was written is not whole: {torn:?}\n{context}");
    let after: Vec<Draft> = second.into_iter().map(|read| read.draft).collect();
    same_but(&before, &after, &exported.lost, &context);
    exported.lost
}

#[test]
fn every_peer_says_how_much_of_every_field_it_holds() {
    use formats::exchange::{Field, Holds};
    for peer in exchange::peers() {
        for field in Field::ALL {
            match peer.holds(*field) {
                Holds::Whole => {}
                Holds::Partly(why) | Holds::Nothing(why) => assert!(!why.is_empty(), "{}", peer.name()),
            }
        }
        assert!(formats::registry().iter().any(|format| format.name() == peer.document()), "{}", peer.name());
    }
}

#[test]
fn files_are_told_apart_by_name_and_shape() {
    let check = |path: &str, text: &str, wanted: Option<&str>| {
        let found = exchange::recognise(path, text.as_bytes()).map(|peer| peer.name());
        assert_eq!(found, wanted, "{path}");
        if let Some(name) = wanted {
            assert_eq!(formats::read(path, text.as_bytes()).draft.format, peer(name).document(), "{path}");
        }
    };
    check(".beads/issues.jsonl", "\n{\"id\":\"a-1\",\"title\":\"x\"}\n", Some("beads"));
    check("tasks.json", "{\"tasks\": []}", Some("task-master"));
    check("t.json", "{\"master\": {\"tasks\": []}}", Some("task-master"));
    check("issues.json", "[{\"number\": 1, \"title\": \"x\"}]", Some("github"));
    check("plan.csv", "key,title\n", Some("csv"));
    check("specs/1/tasks.md", "## Phase 1: x\n\n- [ ] T001 y\n", Some("spec-kit"));
    check("task-1 - x.md", "---\nid: task-1\ntitle: x\nstatus: To Do\nassignee: []\n---\n", Some("backlog"));
    for (path, text) in [
        ("execution-plan.json", "{\"batches\": [], \"tasks\": []}"),
        ("plan.json", "{}"),
        ("plan.json", "{\"tasks\": ["),
        ("PLAN.md", "# Plan\n\n- [ ] T001 y\n"),
        ("tasks.md", "# Tasks\n\n- [ ] buy milk\n"),
        ("post.md", "---\ntitle: x\ndate: y\n---\n"),
        ("x", ""),
    ] {
        check(path, text, None);
    }
}
