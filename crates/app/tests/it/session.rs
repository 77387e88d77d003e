//! `session`: begun once, with room for so many, and over when it is over.

use crate::harness::Came;
use crate::world::World;

const PLAN: &str = "T-1: Build\nT-2: Test";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn a_session_is_begun_once_and_only_as_it_is() {
    let world = World::adopt(PLAN);
    assert!(world.run("session start crew --max-agents 2").ok().out.starts_with("session crew is open\n"));
    let again = world.run("session start crew --max-agents 2").ok();
    assert!(again.out.starts_with("session crew is open already\n"), "{}", again.shown());
    refused(world.run("session start crew"), 4, "agent/differs", "open already, with another configuration");
    refused(
        world.run("session start crew --max-agents 0"),
        4,
        "value/invalid",
        "room for at least one agent",
    );
    refused(world.run("session start idle --silence 0s"), 4, "value/invalid", "`0s` is not a length of time");
    let shown = world.run("session show crew --json").ok().json();
    assert_eq!((shown["state"].as_str(), shown["plan"].as_str()), (Some("open"), Some("plan")), "{shown}");
}

#[test]
fn nobody_works_in_a_session_that_is_not_there() {
    let world = World::adopt(PLAN);
    let who = "--agent smith --session crew";
    for line in ["take T-1", "start T-1", "claim T-1", "note T-1 hello", "halt --reason x", "beat"] {
        refused(world.run(&format!("{line} {who}")), 3, "session/not-found", "there is no session `crew`");
    }
    for line in ["session show crew", "session end crew", "session join crew smith"] {
        refused(world.run(line), 3, "session/not-found", "there is no session `crew`");
    }
    refused(world.run("session begin crew"), 2, "usage/invalid", "begin");
    assert!(world.run("log --refused").ok().out.contains("session/not-found"));
}

#[test]
fn a_full_session_takes_nobody_more() {
    let world = World::adopt(PLAN);
    world.run("session start crew --max-agents 1").ok();
    world.run("take T-1 --agent smith --session crew").ok();
    world.run("session join crew smith").ok();
    refused(world.run("take T-2 --agent jones --session crew"), 8, "session/full", "has room for 1 agents");
    refused(world.run("session join crew jones"), 8, "session/full", "has room for 1 agents");
    let shown = world.run("session show crew --json").ok().json();
    assert_eq!(shown["agents"].as_array().map(Vec::len), Some(1), "{shown}");
    assert_eq!(
        (shown["agents"][0]["agent"].as_str(), shown["agents"][0]["active"].as_bool()),
        (Some("smith"), Some(true))
    );
}

#[test]
fn an_ended_session_gives_back_what_it_holds_and_does_nothing_more() {
    let world = World::adopt(PLAN);
    world.run("session start crew").ok();
    world.run("take T-1 --agent smith --session crew").ok();
    world.run("session start other").ok();
    refused(
        world.run("session end crew --agent jones --session other"),
        5,
        "policy/denied",
        "jones (other) takes no part in session `crew` and cannot end it",
    );
    refused(world.run("session end crew --agent jones --session crew"), 5, "policy/denied", "takes no part");
    world.run("session end crew --agent smith --session crew --reason 'all is done'").ok();
    assert_eq!(world.run("leases --json").ok().json()["leases"].as_array().map(Vec::len), Some(0));
    for line in ["take T-1", "beat T-1", "submit T-1", "claim T-1", "session end crew"] {
        let came = world.run(&format!("{line} --agent smith --session crew"));
        refused(came, 8, "session/ended", "session `crew` has ended: all is done");
    }
    let listed = world.run("session list --all --json").ok().json();
    assert_eq!(listed["sessions"][0]["state"], "ended", "{listed}");
    assert_eq!(world.run("session list --json").ok().json()["sessions"][0]["id"], "other");
    // The task is free for the next one, and so is the name.
    world.run("take T-1 --agent jones --session other").ok();
    world.run("session start crew --max-agents 3").ok();
}

#[test]
fn a_session_that_fell_silent_is_closed_and_its_leases_count_as_failed() {
    let mut world = World::adopt(PLAN);
    world.run("session start crew --silence 30m").ok();
    world.run("take T-1 --agent smith --session crew --ttl 3h").ok();
    let later = "2031-05-01T09:30:01Z";
    let listed = world.run_at(later, "session list --json").ok().json();
    assert_eq!(listed["sessions"][0]["state"], "stuck", "{listed}");
    // Whoever takes something looks after what fell silent.
    world.run_at(later, "take T-2 --agent jones").ok();
    let shown = world.run_at(later, "session show crew --json").ok().json();
    assert_eq!(shown["state"], "closed", "{shown}");
    let log = world.run_at(later, "log").ok().out;
    assert!(log.contains("failed") || log.contains("T-1"), "{log}");
    world.run_at(later, "take T-1 --agent jones").ok();
    refused(
        world.run_at(later, "submit T-1 --agent smith --session crew"),
        8,
        "session/ended",
        "nothing was heard of it",
    );
}
