//! `leases`, `beat` and `release`: who holds what, how it stays theirs, how it is given back.

use crate::harness::Came;
use crate::world::World;

const PLAN: &str = "setting strikes: 2\nT-1: Build\nT-2: Test";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn a_heartbeat_renews_every_lease_of_its_holder() {
    let mut world = World::adopt(PLAN);
    world.run("take T-1 --agent smith").ok();
    world.run("take T-2 --agent smith").ok();
    let came = world.run_at("2031-05-01T09:10:00Z", "beat --agent smith --json").ok().json();
    assert_eq!(came["leases"].as_array().map(Vec::len), Some(2), "{came}");
    assert_eq!(
        (came["leases"][1]["until"].as_str(), came["stop"].as_bool()),
        (Some("2031-05-01T09:25:00Z"), Some(false))
    );
    refused(world.run("beat --agent jones"), 8, "lease/lost", "you hold no task under a lease");
    refused(world.run("beat T-1 --agent jones"), 8, "lease/taken", "held by smith (smith)");
    refused(world.run("beat T-9 --agent smith"), 3, "task/not-found", "`T-9`");
}

#[test]
fn a_lease_that_ran_out_is_shown_as_such() {
    let mut world = World::adopt(PLAN);
    world.run("take T-1 --agent smith").ok();
    let shown = world.run_at("2031-05-01T09:15:00Z", "leases --json").ok().json();
    assert_eq!(
        (shown["leases"][0]["live"].as_bool(), shown["leases"][0]["missed"].as_u64()),
        (Some(false), Some(3))
    );
    // Nobody was faster, so a late heartbeat still does.
    world.run_at("2031-05-01T09:20:00Z", "beat --agent smith").ok();
}

#[test]
fn a_task_is_given_back_by_its_holder_or_taken_by_a_person() {
    let world = World::adopt(PLAN);
    world.run("take T-1 --agent smith").ok();
    refused(world.run("release T-1 --agent jones"), 8, "lease/taken", "held by smith");
    refused(world.run("release T-1"), 4, "value/invalid", "the reason for taking a task");
    let beside = world.run("release T-1 --reason mine --as Ada --session jones");
    refused(beside, 5, "identity/unproven", "an agent is present");
    world.run("release T-1 --reason 'it hangs'").ok();
    refused(world.run("release T-1 --agent smith"), 8, "task/state", "nobody holds task `T-1`");
    world.run("take T-1 --agent smith").ok();
    world.run("release --agent smith").ok();
}

#[test]
fn a_task_that_keeps_failing_waits_for_a_person_to_open_it_again() {
    let world = World::adopt(PLAN);
    for _ in 0..2 {
        world.run("take T-1 --agent smith").ok();
        world.run("release T-1 --failed --reason 'does not build' --agent smith").ok();
    }
    refused(
        world.run("take T-1 --agent jones"),
        8,
        "lease/strikes",
        "lost its worker 2 times, the plan allows 2",
    );
    refused(world.run("reopen T-1 --reason again --agent jones"), 5, "policy/denied", "only a person");
    world.run("reopen T-1 --reason 'the key was missing'").ok();
    world.run("take T-1 --agent jones").ok();
}

#[test]
fn who_misses_six_heartbeats_is_put_before_people() {
    let mut world = World::adopt(PLAN);
    world.run("take T-1 --agent smith --ttl 3h").ok();
    world.run_at("2031-05-01T09:30:00Z", "take T-2 --agent jones").ok();
    let log = world.run("log").ok().out;
    assert!(log.contains("has missed 6 heartbeats"), "{log}");
}
