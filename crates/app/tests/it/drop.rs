//! `drop` and `reopen`: only a person gives a task up, and takes a dropped one up again.

use crate::world::World;

const PLAN: &str = "T-1: Build it\nT-2: Measure it | needs: T-1";

#[test]
fn only_a_person_gives_a_task_up() {
    let world = World::adopt(PLAN);
    world.run("session start s1").ok();
    let agent = world.run("drop T-1 --reason late --agent coder --session s1");
    assert_eq!((agent.exit, agent.code().as_deref()), (5, Some("policy/denied")), "{}", agent.shown());
    let beside = world.run("drop T-1 --reason late --as Ada --session s1");
    assert_eq!((beside.exit, beside.code().as_deref()), (5, Some("identity/unproven")), "{}", beside.shown());
    let came = world.run("drop T-1 --reason 'out of scope'").ok();
    assert!(came.out.contains("dropped `T-1`: out of scope"), "{}", came.shown());
    let came = world.run("reopen T-1 --reason 'in scope again'").ok();
    assert!(came.out.contains("reopened `T-1` for attempt 2: in scope again"), "{}", came.shown());
}

#[test]
fn what_builds_on_a_reopened_task_is_flagged() {
    let world = World::adopt(PLAN);
    world.run("claim T-1").ok();
    world.run("start T-2").ok();
    let came = world.run("reopen T-1 --reason 'it does not build'").ok();
    assert!(came.out.lines().any(|line| line.contains("flagged `T-2`")), "{}", came.shown());
    let again = world.run("reopen T-1 --reason again");
    assert_eq!((again.exit, again.code().as_deref()), (8, Some("task/state")), "{}", again.shown());
}
