//! `brief`: what whoever takes a task needs to know; `report handoff` and `report briefing`.

use crate::world::World;

const PLAN: &str = "phase A: Prepare\n\
    T-1: Build the importer | phase: A | check: make test\n\
    T-2: Measure it | needs: T-1 | metric warnings: warnings < 20 from ./count.sh";

#[test]
fn the_same_state_gives_the_same_bytes_within_the_budget() {
    let world = World::adopt(PLAN);
    let text = world.run("brief T-2").ok().out;
    assert!(text.starts_with("# T-2 Measure it\n"), "{text}");
    assert!(text.contains("metric: warnings < 20 from `./count.sh`"), "{text}");
    assert!(text.contains("\ncountersign wait T-1 --until verified --timeout 30m\n"), "{text}");
    assert_eq!(world.run("brief T-2").ok().out, text);
    let json = world.run("brief t-2 --json").ok().json();
    assert_eq!(json["tokens"], text.len().div_ceil(4), "{json}");
    assert_eq!(json["budget"], 4000);
    let small = world.run("brief T-2 --budget 250").ok().out;
    assert!(small.len() <= 1000 && small.contains("countersign submit T-2"), "{small}");
    let none = world.run("brief T-2 --budget 5");
    assert_eq!((none.exit, none.code().as_deref()), (4, Some("value/invalid")), "{}", none.shown());
    let unknown = world.run("brief T-9");
    assert_eq!((unknown.exit, unknown.code().as_deref()), (3, Some("task/not-found")), "{}", unknown.shown());
}

#[test]
fn a_plan_is_handed_over_and_its_agents_are_briefed() {
    let world = World::adopt(PLAN);
    world.run("take T-1 --agent coder").ok();
    let text = world.run("report handoff").ok().out;
    assert!(text.starts_with("# Handoff of Plan\n\n- verdict: NOT COMPLETE: "), "{text}");
    assert!(text.contains("| **T-1** | Build the importer | coder (coder) | "), "{text}");
    assert!(text.contains("| **T-2** | Measure it | waits for T-1 |"), "{text}");
    let text = world.run("report briefing").ok().out;
    assert!(text.contains("- T-1 → T-2\n"), "{text}");
    assert!(text.contains("countersign hooks post-task --task-id KEY\n"), "{text}");
    let json = world.run("report handoff --json").ok().json();
    assert_eq!(json["in_hand"][0]["lease"]["holder"]["name"], "coder", "{json}");
    assert_eq!(world.run("report briefing --json").ok().json()["roles"][0]["tasks"][1]["needs"][0], "T-1");
}
