use model::command::Command;
use model::registers::EntryDetails;

use super::*;
use crate::testing::{World, check_text, definition};

const BATCHES: &str = "
# Harbour
trust
- quay-1 Piers
  status done
  percent 100
- quay-2 Cranes
  status in-progress
  percent 33.5
  owner jon
  needs quay-1
- quay-3 Lights
  status blocked
  percent 0
  needs quay-2
  blocker a permit
- quay-4 Tolls
  status queued
  percent 0
  needs quay-2
- quay-5 Ferry
  status not-started
";

fn world() -> World {
    let mut made = definition(BATCHES);
    made.sources[0].format = EXECUTION_PLAN.to_owned();
    let mut world = World::empty();
    world.does("Ada", Command::AdoptPlan(Box::new(made)));
    world
}

fn weekly<'a>(world: &'a World, has_history: bool) -> Weekly<'a> {
    let look = world.look();
    let mut view = WeeklyView::new(&look, "Week 9", has_history);
    for record in world.records().filter(|_| has_history) {
        view.see(&record);
    }
    view.answer()
}

/// The lines under a heading.
fn under(report: &Weekly<'_>, heading: &str) -> Vec<String> {
    let text = report.markdown();
    let mut lines = text.lines().skip_while(|line| !line.contains(heading)).skip(1);
    lines.by_ref().take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_plan_without_history_is_told_whole() {
    let world = world();
    check_text(
        &weekly(&world, false).markdown(),
        "
## Weekly Progress Report - Week 9

### 🎯 Current Batch: Cranes

**Overall Progress:** 26.7% complete

### ✅ Completed This Week
- [x] Piers (100%)

### 🚧 In Progress
- [ ] Cranes - jon - 33.5%

### ⚠️ Blockers
- Lights blocked by quay-2
- Lights blocked by a permit
- Tolls blocked by quay-2

### 📊 Metrics This Week
- PRs merged: n/a
- CI pass rate: n/a
- Test coverage: n/a
- Production incidents: n/a
- Mean time to deploy: n/a

### 📅 Next Week Goals
- [ ] Tolls, once quay-2 is done
- [ ] Ferry

### 🆘 Help Needed
- None

### 🎉 Wins
- Piers is done
",
    );
}

#[test]
fn by_history_only_what_was_completed_in_seven_days_counts() {
    let mut world = world();
    assert_eq!(under(&weekly(&world, true), "Completed"), ["- [ ] No batches completed"]);
    world.claims("Jon", "quay-2");
    world.later(7 * 24);
    let report = weekly(&world, true);
    assert_eq!(under(&report, "Completed"), ["- [x] Cranes (33.5%)"], "the edge belongs to the week");
    assert_eq!(under(&report, "Wins"), ["- Cranes is done"]);
    assert_eq!(under(&report, "Blockers"), ["- Lights blocked by a permit"]);
    world.later(1);
    assert_eq!(under(&weekly(&world, true), "Completed"), ["- [ ] No batches completed"]);
    let task = world.task("quay-2");
    world.claims("Jon", "quay-5");
    world.does("Jon", Command::Reopen { task, reason: "it leans".to_owned() });
    assert_eq!(under(&weekly(&world, true), "Completed"), ["- [x] Ferry (100%)"]);
}

#[test]
fn numbers_and_escalations_come_from_the_plan() {
    let mut world = world();
    let reading = |name: &str, value| Command::RecordReading {
        name: name.to_owned(),
        value,
        unit: None,
        source: "a".to_owned(),
        role: None,
    };
    world.does("Ada", reading("coverage", 81.5)).does("Ada", reading("tides", 2.0));
    let entry = EntryDetails {
        text: "the permit is late".to_owned(),
        owner: Some("Bo".to_owned()),
        ..EntryDetails::default()
    };
    world.does("Ada", Command::Escalate { entry, task: None });
    let report = weekly(&world, true);
    assert_eq!(under(&report, "Metrics")[2], "- Test coverage: 81.5%");
    assert_eq!(under(&report, "Metrics")[5], "- tides: 2");
    assert_eq!(under(&report, "Help"), ["- [ ] the permit is late (Bo)"]);
}

#[test]
fn where_a_word_is_not_enough_the_report_says_how_it_stands() {
    let mut world = World::adopt(crate::testing::RELEASE);
    world.claims("Rae", "7.3").claims("Rae", "7.1");
    let report = weekly(&world, true);
    assert_eq!(
        under(&report, "Completed"),
        [
            "- [x] Build infrastructure (100%) - claimed, unproven",
            "- [x] Code quality (100%) - claimed, unproven"
        ]
    );
    assert!(report.markdown().contains("### 🎯 Current Task: Configuration\n"));
}
