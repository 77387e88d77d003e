use model::check::Outcome;
use model::command::Command;

use super::*;
use crate::testing::World;

const PLAN: &str =
    "# P\n- a Sand\n  check dry: make dry\n- b Paint\ngate release\n  check smoke: run smoke\n";

fn figures(world: &World) -> Figures {
    let mut figures = Figures::default();
    for record in world.records() {
        figures.see(world.plan.id, &record);
    }
    figures
}

#[test]
fn a_task_takes_from_its_beginning_to_its_end_by_its_agents() {
    let mut world = World::adopt(PLAN);
    let b = world.task("b");
    world.does("Ada", Command::Start(b)).later(1).claims("Ada", "b");
    let figures = figures(&world);
    let (course, histogram) = figures.tasks.iter().next().expect("one course");
    assert_eq!((course.entry_point, course.agent_count().as_str()), ("plan", "0"));
    assert_eq!((histogram.count(), histogram.sum()), (1, 3600.0));
}

#[test]
fn many_agents_are_not_told_apart() {
    let course = |agents| Course { entry_point: "plan", agents }.agent_count();
    assert_eq!([course(0), course(5), course(6)], ["0", "5", "5_plus"]);
}

#[test]
fn verdicts_are_counted_by_gate_and_failures_by_whether_one_can_go_back() {
    let mut world = World::adopt(PLAN);
    world.ran("a", "dry", Outcome::Fail, "wet").ran("a", "dry", Outcome::Pass, "dry");
    world.ran("release", "smoke", Outcome::Error, "no smoke");
    let figures = figures(&world);
    let verdicts: Vec<_> =
        figures.verdicts.iter().map(|((gate, verdict), n)| (gate.as_str(), *verdict, *n)).collect();
    assert_eq!(verdicts, [("release", "error", 1), ("task", "fail", 1), ("task", "pass", 1)]);
    assert_eq!(figures.failed_without_checkpoint, 2);
    assert_eq!((figures.checks.count(), figures.checks.sum()), (3, 4.5));
}
