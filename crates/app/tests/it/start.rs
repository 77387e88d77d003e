//! `start`, and what every verb that changes something has in common: who acts, which plan is
//! meant, requests that are carried out once.

use crate::harness::{Desk, expect};
use crate::world::World;

const PLAN: &str = "T-1: Build the importer\nT-2: Measure it | needs: T-1";

#[test]
fn a_task_is_begun_by_whoever_the_system_names() {
    let world = World::adopt(PLAN);
    expect(
        &world.run("start T-1").shown(),
        "exit 0\n--- out\ncasey [declared] started `T-1`\n\
         note: a test store: its clock and ids are made up\n",
    );
    let again = world.run("start T-1 --as Bo");
    assert_eq!((again.exit, again.code().as_deref()), (8, Some("task/state")), "{}", again.shown());
}

#[test]
fn an_unmet_need_is_named() {
    let world = World::adopt(PLAN);
    expect(
        &world.run("start T-2").shown(),
        "exit 7\n--- err\nerror[dependency/unmet]: cannot start task `T-2`: it needs `T-1`\n  T-1  ready\n\
         hint: see the chain of reasons with `countersign why T-2`\n",
    );
}

#[test]
fn a_task_nobody_knows_is_refused_with_the_nearest() {
    let world = World::adopt(PLAN);
    expect(
        &world.run("start T-11").shown(),
        "exit 3\n--- err\nerror[task/not-found]: plan `plan` has no task `T-11`\nhint: did you mean `T-1`?\n",
    );
    let far = world.run("start nonsense --json").error();
    assert_eq!(far["error"]["hint"], "see the keys with `countersign list`", "{far}");
    assert_eq!(far["error"]["context"]["task"], "nonsense", "{far}");
    assert_eq!(world.run("start t-1 --json").ok().json()["events"][0]["text"], "started `T-1`");
}

#[test]
fn the_receipt_names_what_was_recorded() {
    let world = World::adopt(PLAN);
    let receipt = world.run("start T-1 --json").ok().json();
    assert_eq!(receipt["key"], "plan", "{receipt}");
    assert_eq!(receipt["seq"], world.events(), "{receipt}");
    assert_eq!(receipt["test_store"], true, "{receipt}");
    let task = receipt["events"][0]["event"]["task_started"]["task"].as_str().unwrap_or_default().to_owned();
    let claimed = world.run(&format!("claim {task} --json")).ok().json();
    assert_eq!(claimed["events"][0]["text"], "claimed `T-1`", "a task is also known by its id: {claimed}");
}

#[test]
fn the_same_request_is_carried_out_once() {
    let world = World::adopt(PLAN);
    world.run("start T-1 --request r1").ok();
    let events = world.events();
    let again = world.run("start T-1 --request r1").ok();
    assert!(again.out.contains("carried out before"), "{}", again.shown());
    assert_eq!(world.events(), events);
    let other = world.run("claim T-1 --request r1");
    assert_eq!((other.exit, other.code().as_deref()), (8, Some("request/repeated")), "{}", other.shown());
}

#[test]
fn several_plans_ask_for_a_name() {
    let world = World::adopt(PLAN);
    world.take_in("other", "X-1: Something else");
    expect(
        &world.run("start X-1").shown(),
        "exit 2\n--- err\nerror[plan/ambiguous]: this store holds 2 plans and none was named\n  plan  Plan\n  other  Plan\n\
         hint: name one with `--plan KEY`\n",
    );
    world.run("start X-1 --plan other").ok();
    let unknown = world.run("start X-1 --plan othr");
    assert_eq!(unknown.exit, 3, "{}", unknown.shown());
    assert!(unknown.err.ends_with("hint: did you mean `other`?\n"), "{}", unknown.shown());
}

#[test]
fn an_agent_acts_as_itself_and_a_person_beside_it_by_name() {
    let world = World::adopt(PLAN);
    world.run("session start s1").ok();
    let came = world.run("start T-1 --agent coder --session s1").ok();
    assert!(came.out.starts_with("coder (s1) [declared] started `T-1`\n"), "{}", came.shown());
    let world = World::adopt(PLAN);
    let desk = world.desk.with("COUNTERSIGN_AGENT", "coder").with("COUNTERSIGN_AS", "Ada");
    let came = desk.run("start T-1").ok();
    assert!(came.out.starts_with("coder (coder) [declared] started"), "{}", came.shown());
    let came = desk.run("claim T-1 --as Ada").ok();
    assert!(came.out.starts_with("Ada [declared] claimed"), "{}", came.shown());
}

#[test]
fn without_a_store_there_is_nothing_to_change_and_none_is_made() {
    let desk = Desk::new();
    let came = desk.run("start T-1");
    assert_eq!((came.exit, came.code().as_deref()), (3, Some("store/not-found")), "{}", came.shown());
    assert!(!desk.has(".countersign"));
    let empty = World::empty().run("start T-1");
    assert_eq!((empty.exit, empty.code().as_deref()), (3, Some("plan/not-found")), "{}", empty.shown());
}

#[test]
fn a_clock_from_outside_is_believed_by_test_stores_only() {
    let desk = Desk::new().with("COUNTERSIGN_NOW", crate::world::NOW);
    let place = engine::store::Place::find(None, desk.folder(), desk.folder()).unwrap();
    engine::store::Store::create(&place, engine::store::Fixture::default()).unwrap();
    let came = desk.run("start T-1");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("config/invalid")), "{}", came.shown());
}
