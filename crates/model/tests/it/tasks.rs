//! Task states: open, active, claimed, verified, dropped.

use model::check::Outcome;
use model::command::Command;
use model::facts::Fact;
use model::standing::{PlanVerdict, Standing};

use crate::story::{agent, given, person};

#[test]
fn a_task_is_started_claimed_and_verified() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | check tests: make test");
    assert_eq!(plan.standing("T-1"), Standing::Ready);
    plan.start(&ada, "T-1").gives(&["task_started T-1 fence 1"]);
    assert_eq!(plan.standing("T-1"), Standing::Active);
    plan.start(&bob, "T-1").refused("task/state", "task `T-1` is being worked on by ada");
    plan.start(&ada, "T-1").gives(&["task_started T-1 fence 2"]);
    plan.claim(&ada, "T-1").gives(&["task_claimed T-1 verb"]);
    assert_eq!(plan.standing("T-1"), Standing::Unproven);
    plan.claim(&bob, "T-1").refused("task/state", "task `T-1` was already claimed by ada");
    plan.start(&ada, "T-1").refused("task/state", "task `T-1` is already claimed");
    plan.passes("T-1", "tests").gives(&["verdict_recorded T-1.tests pass"]);
    assert_eq!(plan.state("T-1"), "claimed", "a verdict alone verifies nothing");
    plan.verify("T-1").gives(&["task_verified T-1 attempt 1"]);
    assert_eq!(plan.standing("T-1"), Standing::Verified);
    plan.verify("T-1").gives(&[]);
    plan.claim(&ada, "T-1").refused("task/state", "task `T-1` is already verified");
}

#[test]
fn evidence_needs_no_claim() {
    let mut plan = given("T-1: Build | check tests: make test");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").gives(&["task_verified T-1 attempt 1"]);
    assert_eq!(plan.task("T-1").claim(), None);
}

#[test]
fn a_failing_check_leaves_a_claim_standing_and_refuted() {
    let mut plan = given("T-1: Lint | metric clippy: clippy_warnings < 20 from ./count.sh");
    plan.claim(&agent("smith"), "T-1").done();
    plan.report("T-1", "clippy", Outcome::Fail, "clippy_warnings is 34, target < 20").done();
    assert_eq!((plan.state("T-1"), plan.standing("T-1")), ("claimed", Standing::Refuted));
    let refusal =
        plan.verify("T-1").refused("gate/shut", "task `T-1` is not verified: 1 of 1 checks have not passed");
    assert_eq!(refusal.facts, ["clippy: clippy_warnings is 34, target < 20 (fail)"]);
    assert_eq!(refusal.exit(), 6);
    plan.report("T-1", "clippy", Outcome::Error, "./count.sh is missing").done();
    assert_eq!(plan.standing("T-1"), Standing::Refuted);
}

#[test]
fn a_task_without_checks_is_done_when_claimed_and_says_so() {
    let mut plan = given("T-1: Think");
    assert!(matches!(plan.plan.verdict(plan.now), PlanVerdict::NotComplete { .. }));
    plan.claim(&person("ada"), "T-1").done();
    assert_eq!(plan.standing("T-1"), Standing::ClaimedWithoutEvidence);
    assert!(plan.standing("T-1").is_done());
    let verdict = plan.plan.verdict(plan.now);
    assert_eq!(verdict, PlanVerdict::DoneAsClaimed { without_evidence: 1, of: 1 });
    let refusal = plan.verify("T-1").refused("gate/shut", "task `T-1` has no checks, so nothing proves it");
    assert!(refusal.hint.expect("a hint").contains("countersign approve T-1"));
}

#[test]
fn the_verdict_on_a_plan_is_verified_only_when_everything_is() {
    let mut plan = given("T-1: Build | check tests: make test\ncriteria | check all: make all");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    assert_eq!(plan.plan.verdict(plan.now).word(), "NOT COMPLETE");
    plan.passes("success criteria", "all").done();
    assert_eq!(plan.plan.verdict(plan.now), PlanVerdict::Verified { waived: 0 });
    let mut stated = given("criteria | stated: everybody is happy");
    assert_eq!(stated.plan.verdict(stated.now), PlanVerdict::DoneAsClaimed { without_evidence: 1, of: 1 });
    stated.revise(&person("ada"), "criteria | stated o: everybody is happy").done();
    assert_eq!(stated.plan.verdict(stated.now).word(), "NOT COMPLETE");
}

#[test]
fn a_verified_task_is_reopened_when_its_evidence_no_longer_holds() {
    let mut plan =
        given("T-1: Build | check tests: make test\nT-2: Ship | needs: T-1\nT-3: Tell | needs: T-1");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.start(&person("ada"), "T-2").done();
    plan.report("T-1", "tests", Outcome::Fail, "exit status 1").gives(&[
        "verdict_recorded T-1.tests fail",
        "task_reopened T-1 attempt 2",
        "task_flagged T-2",
    ]);
    assert_eq!((plan.state("T-1"), plan.task("T-1").attempt), ("open", 2));
    let flag = "`T-1`, which it builds on, was reopened: check `tests` no longer passes: exit status 1";
    assert_eq!(plan.task("T-2").flags[..], [flag]);
    assert!(plan.task("T-3").flags.is_empty(), "it had not begun");
}

#[test]
fn an_error_takes_a_verification_back_like_a_failure() {
    let mut plan = given("T-1: Build | check tests: make test");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.report("T-1", "tests", Outcome::Error, "timed out")
        .gives(&["verdict_recorded T-1.tests error", "task_reopened T-1 attempt 2"]);
}

#[test]
fn what_was_seen_in_an_earlier_attempt_proves_nothing_in_this_one() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan =
        given("T-1: Build | check tests: make test | approval look: lead | attachment shot: shot.png");
    plan.passes("T-1", "tests").done();
    plan.approve(&bob, "T-1", None).done();
    plan.attach(&ada, "T-1", "shot.png").done();
    plan.verify("T-1").done();
    plan.reopen(&ada, "T-1").gives(&["task_reopened T-1 attempt 2"]);
    plan.verify("T-1").refused("gate/shut", "3 of 3 checks have not passed");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").refused("gate/shut", "2 of 3 checks have not passed");
    plan.attach(&ada, "T-1", "shot.png").done();
    plan.verify("T-1").refused("gate/shut", "1 of 3 checks have not passed");
    plan.approve(&bob, "T-1", None).done();
    plan.verify("T-1").gives(&["task_verified T-1 attempt 2"]);
}

#[test]
fn a_verdict_of_an_old_attempt_or_specification_is_stale() {
    let mut plan = given("T-1: Build | check tests: make test");
    let early = plan.verdict("T-1", "tests", Outcome::Pass, "exit status 0");
    plan.claim(&person("ada"), "T-1").done();
    plan.reopen(&person("ada"), "T-1").done();
    plan.when(&model::actor::By::system(), early).refused("verdict/stale", "check `tests` of `T-1`");
    let early = plan.verdict("T-1", "tests", Outcome::Pass, "exit status 0");
    plan.revise(&person("ada"), "T-1: Build | check tests: make check").done();
    plan.when(&model::actor::By::system(), early).refused("verdict/stale", "check `tests` of `T-1`");
    plan.verify("T-1").refused("gate/shut", "1 of 1 checks");
}

#[test]
fn a_verdict_is_nobodys_word() {
    let mut plan = given("T-1: Build | check tests: make test | approval look: lead");
    let verdict = plan.verdict("T-1", "tests", Outcome::Pass, "I saw it");
    for by in [person("ada"), agent("smith"), model::actor::By::document()] {
        plan.when(&by, verdict.clone()).refused("policy/denied", "not from a word");
    }
    let word = plan.verdict("T-1", "look", Outcome::Pass, "looks fine");
    plan.when(&model::actor::By::system(), word)
        .refused("value/invalid", "check `look` is not one that is run");
    let check = model::ids::CheckId::from_bits(7);
    let Command::RecordVerdict { attempt, spec, inputs, outcome, evidence, .. } = verdict else {
        unreachable!()
    };
    let stray = Command::RecordVerdict { check, attempt, spec, inputs, outcome, evidence };
    plan.when(&model::actor::By::system(), stray).refused("check/not-found", "there is no check");
}

#[test]
fn a_dropped_task_rests_until_a_person_takes_it_up_again() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | check tests: make test");
    plan.drop_task(&agent("smith"), "T-1")
        .refused("policy/denied", "only a person can drop a task, not smith (run-1)");
    plan.drop_task(&model::actor::By::document(), "T-1").refused("policy/denied", "not the document");
    let task = plan.id("T-1");
    plan.when(&ada, Command::Drop { task, reason: "  ".to_owned() }).refused("value/invalid", "the reason");
    plan.drop_task(&ada, "T-1").gives(&["task_dropped T-1"]);
    assert_eq!(plan.standing("T-1"), Standing::Dropped);
    for by in [&ada, &agent("smith")] {
        let refusal = plan.claim(by, "T-1").refused("task/state", "task `T-1` was dropped");
        assert!(refusal.hint.expect("a hint").contains("countersign reopen T-1"));
    }
    plan.verify("T-1").refused("task/state", "was dropped");
    plan.reopen(&agent("smith"), "T-1")
        .refused("policy/denied", "only a person can take a dropped task up again");
    plan.reopen(&ada, "T-1").gives(&["task_reopened T-1 attempt 2"]);
    plan.reopen(&ada, "T-1").refused("task/state", "task `T-1` is open already");
    assert_eq!(plan.standing("T-1"), Standing::Ready);
}

#[test]
fn a_dropped_task_whose_key_went_to_another_stays_dropped() {
    let ada = person("ada");
    let mut plan = given("T-1: Build the importer");
    let old = plan.id("T-1");
    plan.drop_task(&ada, "T-1").done();
    plan.revise(&ada, "T-1: Build the importer").done();
    assert_ne!(plan.id("T-1"), old);
    plan.when(&ada, Command::Reopen { task: old, reason: "after all".to_owned() })
        .refused("key/duplicate", "the key `T-1` belongs to another task now");
}

#[test]
fn obstacles_block_until_they_are_lifted() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    let task = plan.id("T-1");
    plan.when(&smith, Command::Unblock(task))
        .refused("task/state", "nobody reported an obstacle for task `T-1`");
    plan.when(&smith, Command::Block { task, reason: String::new() }).refused("value/invalid", "the reason");
    plan.when(&smith, Command::Block { task, reason: "no key".to_owned() }).gives(&["task_blocked T-1"]);
    assert_eq!(plan.standing("T-1"), Standing::Blocked);
    plan.when(&smith, Command::Unblock(task)).gives(&["task_unblocked T-1"]);
    assert_eq!(plan.standing("T-1"), Standing::Ready);
}

#[test]
fn only_persons_and_agents_work() {
    let mut plan = given("T-1: Build");
    for by in [model::actor::By::document(), model::actor::By::system()] {
        plan.start(&by, "T-1").refused("policy/denied", "only a person or an agent can work on a task");
        plan.claim(&by, "T-1").refused("policy/denied", "only a person or an agent can work on a task");
    }
}

#[test]
fn fields_are_set_and_cleared_within_reason() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | due: 2031-06-01 | priority: P1");
    let task = plan.id("T-1");
    let put = |fact: Fact| Command::Update { task, put: vec![fact], clear: Vec::new() };
    plan.when(&ada, put(Fact::Percent(40.0))).gives(&["facts_changed T-1"]);
    plan.when(&ada, put(Fact::Percent(40.0))).gives(&[]);
    for bad in [-1.0, 100.5, f64::NAN] {
        plan.when(&ada, put(Fact::Percent(bad)))
            .refused("value/invalid", "Progress must be between 0 and 100");
    }
    plan.when(&ada, put(Fact::EstimateDays(f64::INFINITY)))
        .refused("value/invalid", "an estimate is a number of days");
    plan.when(&ada, put(Fact::EstimateDays(2.0))).done();
    plan.when(&ada, put(Fact::EstimateDays(3.0))).refused("value/invalid", "changed by rebaselining");
    let due =
        plan.task("T-1").facts.0.iter().find(|fact| matches!(fact, Fact::Due(_))).expect("a date").clone();
    let away = Command::Update { task, put: Vec::new(), clear: vec![due] };
    plan.when(&ada, away).refused("value/invalid", "changed by rebaselining");
    let clear = vec![Fact::Priority(String::new())];
    plan.when(&ada, Command::Update { task, put: Vec::new(), clear }).gives(&["facts_changed T-1"]);
    assert_eq!(plan.task("T-1").facts.priority(), None);
    plan.when(&model::actor::By::document(), put(Fact::Percent(1.0))).refused("policy/denied", "can work");
}

#[test]
fn late_is_past_due_and_not_done() {
    let mut plan = given("T-1: Build | due: 2031-05-06");
    assert!(!plan.plan.is_late(plan.task("T-1"), plan.now));
    plan.pass(3);
    assert!(plan.plan.is_late(plan.task("T-1"), plan.now));
    plan.claim(&person("ada"), "T-1").done();
    assert!(!plan.plan.is_late(plan.task("T-1"), plan.now));
}

#[test]
fn nothing_happens_to_a_plan_that_was_not_adopted_or_a_task_that_is_not_there() {
    let ada = person("ada");
    let task = model::ids::TaskId::from_bits(5);
    let mut nothing = crate::story::Story::new();
    nothing.when(&ada, Command::Start(task)).refused("plan/not-found", "this plan has not been adopted");
    let mut plan = given("T-1: Build");
    let refusal = plan.when(&ada, Command::Start(task)).refused("task/not-found", "there is no task `tsk_");
    assert_eq!(refusal.exit(), 3);
}

#[test]
fn notes_and_attachments_stay_with_the_task() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let task = plan.id("T-1");
    plan.when(&ada, Command::Note { task, text: " ".to_owned() }).refused("value/invalid", "a note");
    plan.when(&agent("smith"), Command::Note { task, text: "half way".to_owned() })
        .gives(&["note_added T-1"]);
    plan.attach(&agent("smith"), "T-1", "shot.png")
        .refused("policy/denied", "only a person can attach a file");
    plan.attach(&ada, "T-1", " ").refused("value/invalid", "the file's name");
    plan.attach(&ada, "T-1", "shot.png").gives(&["file_attached T-1"]);
    assert_eq!((plan.task("T-1").notes.len(), plan.task("T-1").attachments.len()), (1, 1));
}
