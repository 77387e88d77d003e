//! `gate`: what guards, and whether it is open.

use crate::world::World;

const PLAN: &str = "phase A: Prepare | entrance approval: lead\nT-1: Build it | phase: A\ngate release | needs: T-1 | approval: release";

#[test]
fn a_shut_gate_ends_with_six_and_an_open_one_with_none() {
    let world = World::adopt(PLAN);
    let shut = world.run("gate check 'entrance of A'");
    assert_eq!(shut.exit, 6, "{}", shut.shown());
    assert!(shut.out.contains("0 of 1 approvals for lead"), "{}", shut.shown());
    assert_eq!(world.run("start T-1").code().as_deref(), Some("gate/shut"));
    world.run("approve 'entrance of A' --as Bo").ok();
    world.run("gate check 'entrance of A'").ok();
    world.run("approve release --as Bo").ok();
    let waits = world.run("gate check release --json");
    assert_eq!(
        (waits.exit, &waits.json()["gate"]["unmet_needs"][0]),
        (6, &"T-1".into()),
        "{}",
        waits.shown()
    );
    world.run("claim T-1 --as Ada").ok();
    world.run("gate check release").ok();
}

#[test]
fn gates_are_listed_and_shown() {
    let world = World::adopt(PLAN);
    let list = world.run("gate list").ok();
    assert!(list.out.contains("entrance of A") && list.out.contains("release"), "{}", list.shown());
    world.run("gate show release").ok();
    let near = world.run("gate show relaese");
    assert_eq!((near.exit, near.code().as_deref()), (3, Some("gate/not-found")), "{}", near.shown());
    assert!(near.err.ends_with("hint: did you mean `release`?\n"), "{}", near.shown());
}
