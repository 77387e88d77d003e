//! Waivers: asked for by one, granted by another, always with an end.

use jiff::ToSpan;
use model::check::Outcome;
use model::command::Command;
use model::standing::{PlanVerdict, Standing};
use model::waiver::WaiverState;

use crate::story::{Story, agent, author, given, person, signed};

const PLAN: &str = "T-1: Build | check tests: make test";

/// A plan in which ada asked for three days without `tests`.
fn asked() -> Story {
    let mut plan = given(PLAN);
    plan.report("T-1", "tests", Outcome::Fail, "exit status 1").done();
    plan.waive(&person("ada"), "T-1", "tests", 3).gives(&["waiver_requested T-1.tests"]);
    plan
}

#[test]
fn a_granted_waiver_reads_waived_everywhere_and_ends() {
    let mut plan = asked();
    plan.verify("T-1").refused("gate/shut", "1 of 1");
    plan.grant(&person("bob")).gives(&["waiver_approved"]);
    plan.grant(&person("bob")).gives(&[]);
    assert_eq!(plan.stands("T-1", "tests").word(), "waived");
    plan.verify("T-1").done();
    assert_eq!(plan.standing("T-1"), Standing::Waived);
    assert_eq!(plan.plan.verdict(plan.now), PlanVerdict::Verified { waived: 1 });
    assert_eq!(plan.plan.waivers[0].days_left(plan.now), 3);
    // To the last moment before its end, and not a moment longer.
    let until = plan.plan.waivers[0].until;
    plan.now = until - 1.millisecond();
    plan.gates_agree();
    assert_eq!((plan.standing("T-1"), plan.plan.waivers[0].days_left(plan.now)), (Standing::Waived, 1));
    plan.now = until;
    plan.gates_agree();
    assert_eq!((plan.standing("T-1"), plan.plan.waivers[0].days_left(plan.now)), (Standing::Lapsed, 0));
    assert_eq!(plan.plan.verdict(plan.now).word(), "NOT COMPLETE");
    plan.verify("T-1").refused("waiver/expired", "1 of 1 checks have not passed");
    assert_eq!(plan.plan.waivers[0].state(plan.now), WaiverState::Lapsed);
    // The evidence itself makes up for it.
    plan.passes("T-1", "tests").done();
    assert_eq!(plan.standing("T-1"), Standing::Verified);
}

#[test]
fn who_asked_cannot_grant() {
    let mut plan = asked();
    let refusal = plan
        .grant(&person("ada"))
        .refused("waiver/self-approved", "who asked for a waiver cannot approve it");
    assert_eq!(refusal.exit(), 5);
    plan.grant(&signed("ada")).refused("waiver/self-approved", "cannot approve it");
    let (check, until) = (plan.check("T-1", "tests"), plan.now + 24.hours());
    let both = Command::Waive { check, reason: "late".to_owned(), until, approve: true };
    plan.when(&person("ada"), both).refused("waiver/self-approved", "cannot approve it");
}

#[test]
fn an_agent_may_ask_and_never_grant() {
    let mut plan = given(PLAN);
    plan.waive(&agent("smith"), "T-1", "tests", 3).done();
    for by in [agent("jones"), agent("smith"), model::actor::By::document(), model::actor::By::system()] {
        plan.grant(&by).refused("policy/denied", "only a person can approve a waiver");
    }
    plan.grant(&person("bob")).done();
}

#[test]
fn a_waiver_has_an_end_soon_and_a_reason() {
    let ada = person("ada");
    let mut plan = given("setting waiver_limit_days: 10\nT-1: Build | check tests: make test");
    plan.waive(&ada, "T-1", "tests", 0).refused("value/invalid", "a waiver must end in the future");
    plan.waive(&ada, "T-1", "tests", -1).refused("value/invalid", "a waiver must end in the future");
    plan.waive(&ada, "T-1", "tests", 11).refused("value/invalid", "a waiver may last 10 days at most");
    plan.waive(&ada, "T-1", "tests", 10).done();
    let (check, until) = (plan.check("T-1", "tests"), plan.now + 24.hours());
    let bare = Command::Waive { check, reason: "\t".to_owned(), until, approve: false };
    plan.when(&ada, bare).refused("value/invalid", "the reason must not be empty");
}

#[test]
fn thirty_days_are_the_limit_where_the_plan_names_none() {
    let mut plan = given(PLAN);
    plan.waive(&person("ada"), "T-1", "tests", 31).refused("value/invalid", "30 days at most");
    plan.waive(&person("ada"), "T-1", "tests", 30).done();
}

#[test]
fn a_changed_check_is_not_waived() {
    let mut plan = asked();
    plan.grant(&person("bob")).done();
    plan.verify("T-1").done();
    plan.revise(&author(), "T-1: Build | check tests: make test-more").done();
    assert_eq!((plan.stands("T-1", "tests").word(), plan.standing("T-1")), ("pending", Standing::Lapsed));
    // One that was only asked for is of no use any more.
    let mut plan = asked();
    plan.revise(&author(), "T-1: Build | check tests: make test-more").done();
    plan.grant(&person("bob"))
        .refused("waiver/scope", "the check was changed since the waiver was asked for");
}

#[test]
fn a_waiver_is_of_one_check() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Ship | check tests: make test");
    plan.waive(&ada, "T-1", "tests", 3).done();
    plan.grant(&bob).done();
    assert_eq!(
        (plan.stands("T-1", "tests").word(), plan.stands("T-2", "tests").word()),
        ("waived", "pending")
    );
    plan.verify("T-2").refused("gate/shut", "1 of 1");
}

#[test]
fn a_check_that_is_gone_leaves_its_waiver_without_scope() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | check tests: make test | check lint: make lint");
    plan.waive(&ada, "T-1", "lint", 3).done();
    plan.revise(&author(), PLAN).done();
    plan.approve_weakening(&bob, "T-1", "lint").done();
    plan.grant(&bob).refused("waiver/scope", "the check was changed");
}

#[test]
fn some_checks_are_never_waived_also_where_the_waiver_is_older() {
    let (ada, bob) = (person("ada"), person("bob"));
    let strict = "setting never_waivable: tests\nT-1: Build | check tests: make test";
    let mut plan = given(strict);
    plan.waive(&ada, "T-1", "tests", 3).refused("waiver/never", "check `tests` is never waived");
    let mut plan = asked();
    plan.grant(&bob).done();
    plan.verify("T-1").done();
    plan.revise(&author(), strict).done();
    assert_eq!((plan.stands("T-1", "tests").word(), plan.standing("T-1")), ("fail", Standing::Lapsed));
    let mut plan = asked();
    plan.revise(&author(), strict).done();
    plan.grant(&bob).refused("waiver/never", "check `tests` is never waived");
}

#[test]
fn another_name_does_not_make_a_check_waivable() {
    let mut plan = given("setting never_waivable: tests\nT-1: Build | check tests: make test");
    plan.revise(&author(), "setting never_waivable: tests\nT-1: Build | check suite: make test")
        .gives(&["plan_revised", "weakening_proposed T-1.tests"]);
    plan.waive(&person("ada"), "T-1", "tests", 3).refused("waiver/never", "never waived");
    plan.approve_weakening(&person("bob"), "T-1", "tests").done();
    plan.waive(&person("ada"), "T-1", "suite", 3).done();
}

#[test]
fn who_has_the_right_grants() {
    let mut plan = given("setting role waivers: bob\nT-1: Build | check tests: make test");
    plan.waive(&person("ada"), "T-1", "tests", 3).done();
    plan.grant(&person("cleo")).refused("policy/denied", "cleo does not have the role `waivers`");
    plan.grant(&person("bob")).done();
}

#[test]
fn one_person_may_ask_and_grant_at_once_with_the_right_to() {
    let ada = person("ada");
    let at_once = |plan: &Story| {
        let (check, until) = (plan.check("T-1", "tests"), plan.now + 24.hours());
        Command::Waive { check, reason: "late".to_owned(), until, approve: true }
    };
    let mut plan = given("setting solo: yes\nT-1: Build | check tests: make test");
    let command = at_once(&plan);
    plan.when(&agent("smith"), command.clone()).refused("policy/denied", "only a person");
    plan.when(&ada, command).gives(&["waiver_requested T-1.tests", "waiver_approved"]);
    plan.waive(&ada, "T-1", "tests", 2).done();
    plan.grant(&ada).done();
    let mut plan = given("setting solo: yes\nsetting role waivers: bob\nT-1: Build | check tests: make test");
    let command = at_once(&plan);
    plan.when(&ada, command).refused("policy/denied", "ada does not have the role `waivers`");
}

#[test]
fn a_waiver_is_taken_back_by_a_person() {
    let mut plan = asked();
    plan.grant(&person("bob")).done();
    plan.verify("T-1").done();
    let waiver = plan.waiver();
    let back = |reason: &str| Command::RevokeWaiver { waiver, reason: reason.to_owned() };
    plan.when(&agent("smith"), back("no")).refused("policy/denied", "only a person can take a waiver back");
    plan.when(&person("ada"), back("")).refused("value/invalid", "the reason");
    plan.when(&person("ada"), back("no longer needed")).gives(&["waiver_revoked"]);
    plan.when(&person("ada"), back("no longer needed")).gives(&[]);
    assert_eq!(plan.standing("T-1"), Standing::Lapsed);
    plan.grant(&person("bob")).refused("task/state", "the waiver was taken back");
}

#[test]
fn a_waiver_that_nobody_granted_in_time_is_over() {
    let mut plan = asked();
    plan.pass(3);
    plan.grant(&person("bob")).refused("waiver/expired", "the waiver ended at");
    let stray = model::ids::WaiverId::from_bits(9);
    plan.when(&person("bob"), Command::ApproveWaiver(stray))
        .refused("waiver/not-found", "there is no waiver");
    let check = model::ids::CheckId::from_bits(9);
    let until = plan.now + 24.hours();
    plan.when(&person("ada"), Command::Waive { check, reason: "late".to_owned(), until, approve: false })
        .refused("check/not-found", "there is no check");
}

#[test]
fn a_need_may_be_waived_and_shuts_again() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build\nT-2: Ship | needs: T-1\nT-3: Tell");
    let ask = |plan: &Story, need: &str| Command::WaiveNeed {
        task: plan.id("T-2"),
        need: plan.id(need),
        reason: "the crane is late".to_owned(),
        until: plan.now + 24.hours(),
        approve: false,
    };
    let wrong = ask(&plan, "T-3");
    plan.when(&ada, wrong).refused("value/invalid", "task `T-2` does not need `T-3`");
    let right = ask(&plan, "T-1");
    plan.when(&ada, right).done();
    plan.start(&ada, "T-2").refused("dependency/unmet", "it needs `T-1`");
    plan.grant(&ada).refused("waiver/self-approved", "cannot approve it");
    plan.grant(&bob).gives(&["waiver_approved"]);
    let waived = |plan: &Story| plan.plan.waived_needs(plan.task("T-2"), plan.now).len();
    assert_eq!((plan.standing("T-2"), waived(&plan)), (Standing::Ready, 1));
    plan.start(&ada, "T-2").done();
    plan.now = plan.plan.waivers[0].until;
    assert_eq!(waived(&plan), 0);
    plan.claim(&ada, "T-2").refused("dependency/unmet", "it needs `T-1`");
    plan.claim(&ada, "T-1").done();
    plan.claim(&ada, "T-2").done();
    assert_eq!(waived(&plan), 0, "what is met needs no waiver");
}
