//! `take`: one winner, in the order of needs, roles and paths; takeover once a lease ran out.

use std::thread;

use crate::harness::{Came, Desk};
use crate::world::World;

const PLAN: &str = "7.1: Prepare | path: docs/\n7.3: Quality | check tests: make test | path: src/**\n\
                    7.4: Ship | needs: 7.3\n7.5: Polish | path: src/lib.rs | agent: reviewer";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

/// What was refused, newest first: `lease/taken take by smith (smith)`.
fn attempts(world: &World) -> String {
    world.run("log --refused").ok().out
}

#[test]
fn a_lease_comes_with_its_grant_and_an_end() {
    let world = World::adopt(PLAN);
    let taken = world.run("take 7.3 --agent smith --json").ok().json();
    let lease = &taken["lease"];
    assert_eq!((lease["task"].as_str(), lease["fence"].as_u64()), (Some("7.3"), Some(1)), "{taken}");
    assert_eq!(lease["until"], "2031-05-01T09:15:00Z", "{taken}");
    assert_eq!(
        (lease["paths"][0].as_str(), lease["live"].as_bool()),
        (Some("src/**"), Some(true)),
        "{taken}"
    );
    let shell = world.run("take 7.1 --agent smith --ttl 90s --export").ok();
    assert_eq!(shell.out, "export COUNTERSIGN_TASK='7.1'\nexport COUNTERSIGN_FENCE='1'\n");
    let text = world.run("leases").ok().out;
    assert!(text.contains("7.3") && text.contains("smith"), "{text}");
}

#[test]
fn a_task_is_not_taken_before_what_it_needs_is_verified() {
    let world = World::adopt(PLAN);
    let came = world.run("take 7.4 --agent smith");
    assert!(came.err.contains("7.3  ready"), "{}", came.shown());
    refused(came, 7, "dependency/unmet", "cannot take task `7.4`: it needs `7.3`");
    assert!(attempts(&world).contains("dependency/unmet"), "{}", attempts(&world));
    // Neither somebody's word nor handing it in verifies it.
    world.run("take 7.3 --agent smith").ok();
    world.run("submit 7.3 --agent smith --summary done").ok();
    refused(world.run("take 7.4 --agent smith"), 7, "dependency/unmet", "it needs `7.3`");
    refused(world.run("start 7.4 --agent smith"), 7, "dependency/unmet", "it needs `7.3`");
    refused(world.run("claim 7.4 --agent smith"), 7, "dependency/unmet", "it needs `7.3`");
}

#[test]
fn what_nobody_knows_is_never_taken() {
    let world = World::adopt(PLAN);
    refused(world.run("take 7.9 --agent smith"), 3, "task/not-found", "has no task `7.9`");
    refused(
        world.run("take 7.3 --agent smith --session nowhere"),
        3,
        "session/not-found",
        "no session `nowhere`",
    );
    refused(world.run("take --agent smith"), 2, "usage/invalid", "");
    refused(world.run("take 7.3 --next --agent smith"), 2, "usage/invalid", "");
    refused(world.run("take 7.3 --fast --agent smith"), 2, "usage/invalid", "--fast");
    refused(
        world.run("take 7.3 --ttl soon --agent smith"),
        4,
        "value/invalid",
        "`soon` is not a length of time",
    );
    refused(
        world.run("take 7.3 --path ../x --agent smith"),
        4,
        "value/invalid",
        "leads out of the plan's folder",
    );
    assert_eq!(world.run("leases --json").ok().json()["leases"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_next_task_is_one_that_can_be_done_in_ones_role() {
    let world = World::adopt(PLAN);
    let next = |line: &str| {
        let taken = world.run(&format!("take --next --json {line}")).ok().json();
        taken["lease"]["task"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(next("--agent smith --role coder"), "7.3", "what others wait for comes first");
    assert_eq!(next("--agent smith --role coder"), "7.1");
    refused(
        world.run("take --next --agent smith --role coder"),
        3,
        "work/none",
        "no task that could be taken",
    );
    refused(world.run("take 7.5 --agent smith --role coder"), 5, "policy/denied", "for the role `reviewer`");
    refused(world.run("take 7.5 --agent jones --role reviewer"), 8, "path/reserved", "meets `src/**`");
}

#[test]
fn an_expired_lease_goes_to_somebody_else_and_the_first_one_has_lost_it() {
    let mut world = World::adopt(PLAN);
    world.run("session start crew").ok();
    world.run("take 7.3 --agent smith --session crew").ok();
    let other = "take 7.3 --agent jones --session crew";
    refused(world.run_at("2031-05-01T09:14:59Z", other), 8, "lease/taken", "held by smith (crew)");
    let taken = world.run_at("2031-05-01T09:15:00Z", &format!("{other} --json")).ok().json();
    assert_eq!(taken["lease"]["fence"], 2, "{taken}");
    let later = "2031-05-01T09:16:00Z";
    for line in
        ["beat 7.3", "submit 7.3", "release 7.3", "claim 7.3", "block 7.3 --reason x", "reserve 7.3 src/a.rs"]
    {
        let came = world.run_at(later, &format!("{line} --agent smith --session crew --fence 1"));
        refused(came, 8, "lease/lost", "under grant 1 is lost; jones (crew) holds it under 2 now");
        let came = world.run_at(later, &format!("{line} --agent smith --session crew"));
        refused(came, 8, "lease/taken", "held by jones (crew)");
    }
    let log = attempts(&world);
    assert_eq!(log.matches("lease/lost").count(), 6, "{log}");
    world.run_at(later, "submit 7.3 --agent jones --session crew --fence 2").ok();
}

#[test]
fn a_grant_in_the_environment_is_about_its_own_task() {
    let world = World::adopt(PLAN);
    world.run("take 7.3 --agent smith --ttl 1s").ok();
    let mut world = world;
    world.run_at("2031-05-01T09:10:00Z", "take 7.3 --agent smith --ttl 1h").ok();
    world.run("take 7.1 --agent smith").ok();
    world.desk.set("COUNTERSIGN_AGENT", "smith");
    world.desk.set("COUNTERSIGN_TASK", "7.3");
    world.desk.set("COUNTERSIGN_FENCE", "2");
    world.run("block 7.1 --reason 'no key'").ok();
    world.run("beat").ok();
    world.run("submit 7.1").ok();
    world.desk.set("COUNTERSIGN_FENCE", "1");
    refused(world.run("submit"), 8, "lease/lost", "under grant 1 is lost");
}

#[test]
fn race_twenty_processes_take_one_task_and_one_wins() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Build\n");
    desk.run("adopt PLAN.md").ok();
    let came: Vec<Came> = thread::scope(|scope| {
        let desk = &desk;
        let takers = (1..=20).map(|n| scope.spawn(move || desk.run(&format!("take T-1 --agent agent-{n}"))));
        let takers: Vec<_> = takers.collect();
        takers.into_iter().map(|taker| taker.join().expect("the call itself does not panic")).collect()
    });
    let won = came.iter().filter(|came| came.exit == 0).count();
    let lost =
        came.iter().filter(|came| came.exit == 8 && came.code().as_deref() == Some("lease/taken")).count();
    assert_eq!((won, lost), (1, 19), "{}", came.iter().map(Came::shown).collect::<String>());
    let leases = desk.run("leases --json").ok().json();
    assert_eq!(leases["leases"][0]["fence"], 1, "{leases}");
    assert_eq!(desk.run("log --refused --json").ok().out.matches("lease/taken").count(), 19);
    desk.run("audit verify").ok();
    println!("20 processes took one task at once: {won} won, {lost} were told who has it");
}
