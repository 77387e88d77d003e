//! `plans` and everything with `--all-plans`: forty plans in one store, told in one go.

use crate::harness::{Desk, expect};
use crate::world::World;

const TEST_STORE: &str = "note: a test store: its clock and ids are made up\n";

/// Forty plans: the seventh is late, the ninth has a red risk, the last one is done.
fn forty() -> World {
    let world = World::empty();
    for number in 1..=40 {
        let due = if number == 7 { " | due: 2031-04-29" } else { "" };
        let text = format!("A-{number}: Begin it{due}\nB-{number}: End it | needs: A-{number}");
        world.take_in(&format!("plan-{number:02}"), &text);
    }
    world.run("risk add 'The pier is closed' --status Red --plan plan-09").ok();
    for task in ["A-40", "B-40"] {
        world.run(&format!("claim {task} --plan plan-40")).ok();
        world.run(&format!("approve {task} --plan plan-40 --as Ada")).ok();
    }
    world
}

#[test]
fn forty_plans_are_one_row_each_what_needs_attention_first() {
    let world = forty();
    let came = world.run("plans").ok();
    let lines: Vec<&str> = came.out.lines().collect();
    let rest = (1..40).filter(|number| ![7, 9].contains(number)).map(|number| {
        format!(
            "plan-{number:02}  Plan   NOT COMPLETE      2               2        0%                        1             just now"
        )
    });
    let wanted: Vec<String> = [
        "Plan     Title  Verdict       Tasks  Verified  Open  Progress  Next due        Blocked  Risks red  Last activity  Attention",
        "plan-07  Plan   NOT COMPLETE      2               2        0%  2031-04-29 A-7        1             just now       late",
        "plan-09  Plan   NOT COMPLETE      2               2        0%                        1          1  just now       risk red",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(rest)
    .chain([
        "plan-40  Plan   VERIFIED          2         2            100%                                      just now".to_owned(),
        String::new(),
        "40 plans: 1 verified, 39 not complete; 80 tasks: 2 verified, 39 ready, 39 blocked, 1 of them late; \
         2.5% verified"
            .to_owned(),
        "note: a test store: its clock and ids are made up".to_owned(),
    ])
    .collect();
    expect(&lines.join("\n"), &wanted.join("\n"));
    expect(&world.run("list --all-plans").ok().out, &came.out);
    let totals = &world.run("plans --json").ok().json()["totals"];
    assert_eq!((&totals["plans"], &totals["tasks"]["ready"]), (&40.into(), &39.into()), "{totals}");
    let pasted = world.run("dashboard --all-plans").ok().out;
    assert_eq!(pasted.lines().count(), 43, "{pasted}");
    assert!(
        pasted.ends_with("| All 40 plans | 1 of 40 verified | 80 | 2 | 0 | 78 | 2.5% |  | 39 | 0 | 1 |\n"),
        "{pasted}"
    );
}

#[test]
fn one_question_is_asked_of_every_plan() {
    let world = World::empty();
    world.take_in("pier", "A-1: Drive piles | due: 2031-05-03\nA-2: Lay planks | needs: A-1");
    world.take_in("fence", "B-1: Paint it | check: true");
    world.run("claim A-1 --plan pier").ok();
    expect(
        &world.run("ready --all-plans").ok().out.replace(TEST_STORE, ""),
        "\
pier: Plan

Key  Title
A-2  Lay planks

1 task ready

fence: Plan

Key  Title
B-1  Paint it

1 task ready
",
    );
    let keys = |line: &str| {
        let json = world.run(line).ok().json();
        let plans = json["plans"].as_array().cloned().unwrap_or_default();
        plans.iter().filter_map(|plan| Some(plan["plan"]["key"].as_str()?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(keys("list --state claimed --all-plans --json"), ["pier"]);
    assert_eq!(keys("due --done --all-plans --json"), ["pier"]);
    assert_eq!(keys("waivers --all-plans --json"), [""; 0]);
    assert_eq!(keys("gate list --all-plans --json"), [""; 0]);
    assert_eq!(keys("stale --days 0 --all-plans --json"), ["pier"]);
    let nothing = world.run("due --all-plans").ok();
    assert!(nothing.out.starts_with("nothing in 2 plans\n"), "{}", nothing.shown());
}

#[test]
fn archived_plans_are_shown_where_somebody_asks() {
    let desk = Desk::new()
        .file("PLAN.md", "# Pier\n\n- [ ] A-1: Drive piles\n")
        .file("old/PLAN.md", "# Fence\n\n- [ ] B-1: Paint it\n")
        .file("old/countersign.toml", "[settings]\narchived = true\n");
    desk.run("adopt PLAN.md").ok();
    desk.run("adopt old/PLAN.md").ok();
    let keys = |line: &str| {
        let rows = desk.run(line).ok().json()["plans"].as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| Some(row["key"].as_str()?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(keys("plans --json"), ["plan"]);
    assert_eq!(keys("plans --archived --json"), ["plan", "old-plan"]);
    assert!(desk.run("plans").ok().out.ends_with("besides 1 archived plan; see with `--archived`\n"));
    assert_eq!(desk.run("list --archived").exit, 2, "it means something only with `--all-plans`");
    let none = Desk::new().run("plans");
    assert_eq!((none.exit, none.code().as_deref()), (3, Some("store/not-found")), "{}", none.shown());
}
