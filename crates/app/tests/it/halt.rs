//! `halt` and `resume`: nothing begins, who works is told, and a person lets it go on.

use crate::harness::Came;
use crate::world::World;

const PLAN: &str = "T-1: Build\nT-2: Test";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn nothing_begins_while_the_plan_is_halted() {
    let world = World::adopt(PLAN);
    world.run("take T-1 --agent smith").ok();
    world.run("halt --reason 'the build is broken' --agent smith").ok();
    let again = world.run("halt --reason 'the build is broken'").ok();
    assert!(again.out.starts_with("nothing to change"), "{}", again.shown());
    for line in
        ["take T-2 --agent jones", "take --next --agent jones", "start T-2 --agent jones", "start T-2"]
    {
        refused(
            world.run(line),
            8,
            "plan/halted",
            "the plan was halted by smith (smith): the build is broken",
        );
    }
    // Who works is told to stop, and may hand in what is done.
    let beat = world.run("beat --agent smith").ok();
    assert!(beat.err.contains("stop: the plan was halted: the build is broken"), "{}", beat.shown());
    let told = world.run("beat --agent smith --json").ok().json();
    assert_eq!((told["stop"].as_bool(), told["reason"].as_str()), (Some(true), Some("the build is broken")));
    assert_eq!(world.run("leases --json").ok().json()["halted"], "the build is broken");
    world.run("submit T-1 --agent smith").ok();
    refused(
        world.run("resume --agent smith"),
        5,
        "policy/denied",
        "only a person can let a halted plan go on",
    );
    let beside = world.desk.run("resume --as Ada --session smith");
    refused(beside, 5, "identity/unproven", "an agent is present");
    world.run("resume").ok();
    world.run("take T-2 --agent jones").ok();
    refused(world.run("halt"), 2, "usage/invalid", "--reason");
    refused(world.run("halt --reason ' '"), 4, "value/invalid", "the reason must not be empty");
}
