//! `weekly`: the report of a week, true or as ever.

use crate::harness::{Desk, expect};
use crate::tracker::{PLAN, desk};

const AS_EVER: &str = "\
## Weekly Progress Report - Week 3

### 🎯 Current Batch: Cranes | winches

**Overall Progress:** 33.5% complete

### ✅ Completed This Week
- [x] Piers (100%)

### 🚧 In Progress
- [x] Cranes | winches (33.5%)

### ⚠️ Blockers
- Cranes | winches blocked by quay-1
- Lights blocked by the permit
- Lights blocked by quay-2
- Lights blocked by quay-1
- Tolls blocked by quay-2

### 📊 Metrics This Week
- PRs merged: 0
- CI pass rate: 97.5%
- Test coverage: 0%
- Production incidents: 0
- Mean time to deploy: 0 minutes

### 📅 Next Week Goals
- [ ] Define goals for next sprint

### 🆘 Help Needed
- [ ] Identify assistance required

### 🎉 Wins
- [ ] Celebrate accomplishments
";

const TRUE: &str = "\
## Weekly Progress Report - Week 3

### 🎯 Current Batch: Cranes | winches

**Overall Progress:** 26.7% complete

### ✅ Completed This Week
- [x] Piers (100%)

### 🚧 In Progress
- [ ] Cranes | winches - jon - 33.5%

### ⚠️ Blockers
- Lights blocked by quay-2
- Lights blocked by the permit
- Tolls blocked by quay-2

### 📊 Metrics This Week
- PRs merged: n/a
- CI pass rate: 97.5%
- Test coverage: 0%
- Production incidents: n/a
- Mean time to deploy: n/a
- tides: 2

### 📅 Next Week Goals
- [ ] Tolls, once quay-2 is done
- [ ] Ferry

### 🆘 Help Needed
- None

### 🎉 Wins
- Piers is done
";

#[test]
fn the_report_has_the_bytes_its_users_know_where_they_ask_for_them() {
    let desk = desk();
    expect(&desk.run("weekly 'Week 3' --compat").ok().out, AS_EVER);
    expect(
        desk.run("weekly 'Week 3' --compat --json").ok().json()["text"].as_str().unwrap_or_default(),
        AS_EVER,
    );
    let came = Desk::new().file("execution-plan.json", "{\"batches\": []}\n").run("weekly w --compat");
    assert!(came.exit == 4 && came.err.contains("the plan has no batches"), "{}", came.shown());
}

#[test]
fn the_report_is_filled_from_the_plan() {
    let desk = desk();
    expect(&desk.run("weekly 'Week 3'").ok().out, TRUE);
    let json = desk.run("weekly 'Week 3' --json").ok().json();
    assert_eq!((&json["progress"], &json["goals"][0]["once"][0]), (&26.7.into(), &"quay-2".into()), "{json}");
    assert!(!desk.has(".countersign"));
    let mut desk = Desk::new().file("a b/p.json", PLAN);
    desk.set("EXECUTION_PLAN_PATH", "a b/p.json");
    expect(&desk.run("weekly 'Week 3'").ok().out, TRUE);
    desk.set("EXECUTION_PLAN_PATH", "none.json");
    expect(&desk.run("weekly 'Week 3' --file 'a b/p.json'").ok().out, TRUE);
}

#[test]
fn other_plans_have_a_report_too_and_none_as_ever() {
    let desk = Desk::new().file("PLAN.md", "# Plan\n\n- [ ] T-1: Build it\n- [ ] T-2: Ship it\n");
    desk.run("adopt PLAN.md").ok();
    desk.run("claim T-1").ok();
    let came = desk.run("weekly 'Week 3'").ok();
    assert!(came.out.contains("### 🎯 Current Task: Ship it\n"), "{}", came.shown());
    assert!(came.out.contains("- [x] Build it (100%) - claimed, no evidence\n"), "{}", came.shown());
    let came = desk.run("weekly 'Week 3' --compat");
    assert_eq!((came.exit, came.code().as_deref()), (4, Some("value/invalid")), "{}", came.shown());
    assert_eq!(desk.run("weekly ' '").exit, 2);
    assert_eq!(desk.run("weekly").exit, 2);
}
