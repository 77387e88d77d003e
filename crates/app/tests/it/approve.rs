//! `approve`: people countersign.

use crate::harness::expect;
use crate::world::World;

const PLAN: &str = "T-1: Build it\nT-2: Review it | approval: security\ncriteria | approval: release";

#[test]
fn a_task_that_nothing_proves_is_signed_off_by_somebody_else() {
    let world = World::adopt(PLAN);
    world.run("claim T-1 --as Ada").ok();
    let own = world.run("approve T-1 --as Ada");
    assert_eq!((own.exit, own.code().as_deref()), (5, Some("approval/self")), "{}", own.shown());
    let came = world.run("approve T-1 --as Bo").ok();
    assert!(came.out.starts_with("Bo [unauthenticated] "), "{}", came.shown());
}

#[test]
fn a_check_that_asks_for_a_person_gets_one() {
    let world = World::adopt(PLAN);
    let came = world.run("approve T-2 --role security --as Bo").ok();
    assert!(came.out.starts_with("Bo [unauthenticated] approved check "), "{}", came.shown());
    world.run("approve criteria --as Bo").ok();
    world.run("session start s1").ok();
    let agent = world.run("approve T-2 --agent coder --session s1");
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("policy/denied")), "{}", agent.shown());
    let check = world.run("approve T-2 --check securty");
    assert_eq!((check.exit, check.code().as_deref()), (3, Some("check/not-found")), "{}", check.shown());
}

#[test]
fn a_weakening_needs_somebody_who_did_not_bring_it_in() {
    let world = World::adopt("T-1: Build it | check: make test");
    world.revise("Ada", "T-1: Build it");
    let own = world.run("approve weakening T-1 --as Ada");
    assert_eq!((own.exit, own.code().as_deref()), (5, Some("approval/self")), "{}", own.shown());
    let came = world.run("approve weakening T-1 --as Bo").ok();
    assert!(came.out.starts_with("Bo [unauthenticated] approved the weakening of "), "{}", came.shown());
    let again = world.run("approve weakening T-1 --as Bo");
    assert_eq!((again.exit, again.code().as_deref()), (8, Some("task/state")), "{}", again.shown());
    let settings = world.run("approve weakening settings --as Bo");
    assert_eq!((settings.exit, settings.code().as_deref()), (8, Some("task/state")), "{}", settings.shown());
}

#[test]
fn what_cannot_be_understood_says_how_it_is_written() {
    let world = World::adopt(PLAN);
    expect(
        &world.run("approve exit of A").shown(),
        "exit 2\n--- err\nerror[usage/invalid]: `exit` cannot be approved with `of A`\n\
         hint: see `countersign approve --help`; a name of several words needs quotes\n",
    );
    let gate = world.run("approve 'success criterai'");
    assert_eq!((gate.exit, gate.code().as_deref()), (3, Some("gate/not-found")), "{}", gate.shown());
    assert!(gate.err.ends_with("hint: did you mean `success criteria`?\n"), "{}", gate.shown());
    let waiver = world.run("approve waiver x");
    assert_eq!((waiver.exit, waiver.code().as_deref()), (3, Some("waiver/not-found")), "{}", waiver.shown());
}
