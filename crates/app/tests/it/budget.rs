//! `budget`: what is used up is asked about, not killed.

use crate::harness::Came;
use crate::world::World;

const PLAN: &str = "setting tokens: 1000\nT-1: Build\nT-2: Test\nT-3: Ship";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn a_spent_budget_lets_nothing_new_begin_until_a_person_allows_more() {
    let world = World::adopt(PLAN);
    world.run("take T-1 --agent smith").ok();
    world.run("take T-2 --agent jones").ok();
    world.run("submit T-1 --agent smith --tokens 1000 --money 1.5 --time 2m").ok();
    refused(world.run("take --next --agent smith"), 10, "budget/spent", "used up: 1000 of 1000 tokens");
    refused(world.run("start T-3 --agent smith"), 10, "budget/spent", "1000 of 1000 tokens");
    // What runs goes on to its end.
    world.run("beat --agent jones").ok();
    world.run("submit T-2 --agent jones --tokens 5").ok();
    let allow = "budget allow --tokens 500 --reason 'more was found'";
    refused(world.run(&format!("{allow} --agent smith")), 5, "policy/denied", "only a person can allow more");
    refused(world.run("budget allow --reason why"), 4, "value/invalid", "nothing was named");
    refused(world.run("budget allow --money -1 --reason why"), 2, "usage/invalid", "");
    world.run(allow).ok();
    let shown = world.run("budget --json").ok().json();
    assert_eq!(
        (shown["used"]["tokens"].as_u64(), shown["used"]["money_micros"].as_u64()),
        (Some(1005), Some(1_500_000))
    );
    assert_eq!((shown["allowed"]["tokens"].as_u64(), shown["spent"].is_null()), (Some(500), true), "{shown}");
    assert!(world.run("budget").ok().out.contains("1500"));
    world.run("take T-3 --agent smith").ok();
}
