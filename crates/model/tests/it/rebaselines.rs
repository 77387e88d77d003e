//! Rebaselining: dates, windows and estimates move with a reason and the approvals the plan asks for.

use model::command::{Command, Schedule};
use model::facts::Fact;

use crate::story::{Story, agent, author, given, person};

const PLAN: &str = "setting rebaseline: owner, programme manager\nT-1: Build | due: 2031-06-01 | estimate: 3";

fn due(plan: &Story) -> Option<String> {
    plan.task("T-1").facts.due().map(|due| due.text.clone())
}

#[test]
fn a_date_moves_once_every_role_approved() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given(PLAN);
    plan.rebaseline(&agent("smith"), "T-1", "2031-07-01")
        .refused("policy/denied", "only a person can rebaseline");
    plan.rebaseline(&ada, "T-1", "2031-07-01").gives(&["rebaseline_requested T-1"]);
    assert_eq!(due(&plan).as_deref(), Some("2031-06-01"));
    plan.approve_rebaseline(&ada, "T-1", "owner")
        .refused("approval/self", "ada asked for the rebaseline of `T-1`");
    plan.approve_rebaseline(&agent("smith"), "T-1", "owner").refused("policy/denied", "only a person");
    plan.approve_rebaseline(&bob, "T-1", "king")
        .refused("value/invalid", "the rebaseline of `T-1` asks for no `king`");
    plan.approve_rebaseline(&bob, "T-1", "owner").gives(&["rebaseline_approved"]);
    assert_eq!(due(&plan).as_deref(), Some("2031-06-01"));
    plan.approve_rebaseline(&bob, "T-1", "owner").refused("value/invalid", "asks for no `owner`");
    plan.approve_rebaseline(&bob, "T-1", "programme manager")
        .gives(&["rebaseline_approved", "facts_changed T-1"]);
    assert_eq!(due(&plan).as_deref(), Some("2031-07-01"));
    let moment = plan.task("T-1").facts.due().and_then(|due| due.at).expect("a moment");
    assert_eq!(moment.to_string(), "2031-07-01T23:59:59Z");
    plan.approve_rebaseline(&bob, "T-1", "owner")
        .refused("task/state", "no rebaseline of `T-1` waits for approval");
    let entry = &plan.plan.rebaselines[0];
    assert_eq!(
        (entry.from.as_deref(), entry.approved.len(), &*entry.reason),
        (Some("2031-06-01"), 2, "the vendor is late")
    );
}

#[test]
fn slip_is_counted_from_the_first_baseline() {
    let mut plan = given("T-1: Build | due: 2031-06-01");
    for date in ["2031-07-01", "2031-08-01"] {
        plan.rebaseline(&person("ada"), "T-1", date)
            .gives(&["rebaseline_requested T-1", "facts_changed T-1"]);
    }
    let last = &plan.plan.rebaselines[1];
    assert_eq!((last.from.as_deref(), last.first.as_deref()), (Some("2031-07-01"), Some("2031-06-01")));
}

#[test]
fn a_role_with_names_belongs_to_its_people() {
    let mut plan = given("setting rebaseline: owner\nsetting role owner: cleo\nT-1: Build | due: 2031-06-01");
    plan.rebaseline(&person("ada"), "T-1", "2031-07-01").done();
    plan.approve_rebaseline(&person("bob"), "T-1", "owner")
        .refused("policy/denied", "bob does not have the role `owner`");
    plan.approve_rebaseline(&person("cleo"), "T-1", "owner").done();
    assert_eq!(due(&plan).as_deref(), Some("2031-07-01"));
}

#[test]
fn a_lone_author_approves_their_own() {
    let mut plan = given("setting solo: yes\nsetting rebaseline: owner\nT-1: Build | due: 2031-06-01");
    plan.rebaseline(&person("ada"), "T-1", "2031-07-01").done();
    plan.approve_rebaseline(&person("ada"), "T-1", "owner").done();
}

#[test]
fn the_latest_of_each_field_waits() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("setting rebaseline: owner\nT-1: Build | due: 2031-06-01 | estimate: 3");
    let task = plan.id("T-1");
    plan.rebaseline(&ada, "T-1", "2031-07-01").done();
    plan.rebaseline(&ada, "T-1", "2031-08-01").done();
    plan.when(
        &ada,
        Command::Rebaseline { task, to: Schedule::Estimate(5.0), reason: "more work".to_owned() },
    )
    .done();
    plan.approve_rebaseline(&bob, "T-1", "owner").done();
    plan.approve_rebaseline(&bob, "T-1", "owner").done();
    assert_eq!(
        (due(&plan).as_deref(), plan.task("T-1").facts.estimate_days()),
        (Some("2031-08-01"), Some(5.0))
    );
    plan.approve_rebaseline(&bob, "T-1", "owner").refused("task/state", "waits for approval");
}

#[test]
fn a_date_that_moves_in_the_document_waits_too() {
    let bob = person("bob");
    let mut plan = given(PLAN);
    let moved = PLAN.replace("2031-06-01", "2031-07-01");
    plan.revise(&author(), &moved).gives(&["plan_revised", "rebaseline_requested T-1"]);
    assert_eq!(due(&plan).as_deref(), Some("2031-06-01"));
    plan.approve_rebaseline(&bob, "T-1", "owner").done();
    // Another revision does not ask again, so what was approved stays so.
    plan.revise(&author(), &format!("{moved}\nT-2: Ship")).gives(&["plan_revised", "task_added T-2"]);
    plan.approve_rebaseline(&bob, "T-1", "programme manager").done();
    assert_eq!(due(&plan).as_deref(), Some("2031-07-01"));
    plan.revise(&author(), &moved).gives(&["plan_revised", "task_dropped T-2"]);
}

#[test]
fn a_date_that_vanishes_from_the_document_waits_too() {
    let bob = person("bob");
    let mut plan = given(PLAN);
    plan.revise(&author(), &PLAN.replace(" | due: 2031-06-01", ""))
        .gives(&["plan_revised", "rebaseline_requested T-1"]);
    assert_eq!(due(&plan).as_deref(), Some("2031-06-01"));
    for role in ["owner", "programme manager"] {
        plan.approve_rebaseline(&bob, "T-1", role).done();
    }
    assert_eq!(due(&plan), None);
    assert_eq!(plan.plan.rebaselines[0].to, "");
}

#[test]
fn where_nobody_must_approve_a_moved_date_is_recorded_and_in_force() {
    let mut plan = given("T-1: Build | due: 2031-06-01");
    plan.revise(&author(), "T-1: Build | due: 2031-07-01").gives(&[
        "plan_revised",
        "task_changed T-1",
        "rebaseline_requested T-1",
    ]);
    assert_eq!(due(&plan).as_deref(), Some("2031-07-01"));
    assert_eq!(plan.plan.rebaselines[0].reason, "changed in the document");
}

#[test]
fn windows_and_estimates_move_alike_and_bad_values_do_not() {
    let ada = person("ada");
    let mut plan = given("setting rebaseline: owner\nT-1: Build | window: Week 1");
    let task = plan.id("T-1");
    let to = |to: Schedule, reason: &str| Command::Rebaseline { task, to, reason: reason.to_owned() };
    plan.when(&ada, to(Schedule::Estimate(f64::NAN), "more"))
        .refused("value/invalid", "an estimate is a number of days");
    plan.when(&ada, to(Schedule::Estimate(-1.0), "more"))
        .refused("value/invalid", "an estimate is a number of days");
    plan.when(&ada, to(Schedule::Window("Week 2".to_owned()), "")).refused("value/invalid", "the reason");
    plan.when(&ada, to(Schedule::Window("Week 2".to_owned()), "late")).done();
    plan.approve_rebaseline(&person("bob"), "T-1", "owner").done();
    assert_eq!(plan.task("T-1").facts.window(), Some("Week 2"));
    assert!(!plan.task("T-1").facts.0.iter().any(|fact| matches!(fact, Fact::EstimateDays(_))));
}
