//! Gates fail closed: nothing but a pass or a waiver opens one.

use model::check::Outcome;
use model::command::Command;
use model::gate::{CheckStanding, Ground, Subject};
use model::standing::Standing;
use model::work::{Work, outstanding};

use crate::story::{agent, given, inputs, person};

#[test]
fn only_a_pass_opens_a_gate() {
    for outcome in [Outcome::Fail, Outcome::Error] {
        let mut plan = given("T-1: Build | check tests: make test");
        plan.report("T-1", "tests", outcome, "no").done();
        let code = if outcome == Outcome::Error { "check/error" } else { "gate/shut" };
        plan.verify("T-1").refused(code, "1 of 1 checks have not passed");
        assert_ne!(plan.state("T-1"), "verified");
    }
    let mut plan = given("T-1: Build | check tests: make test");
    plan.verify("T-1").refused("gate/shut", "1 of 1 checks have not passed");
}

#[test]
fn every_check_counts() {
    let mut plan = given("T-1: Build | check a: make a | check b: make b | file c: out.txt");
    plan.passes("T-1", "a").done();
    plan.passes("T-1", "c").done();
    let refusal = plan.verify("T-1").refused("gate/shut", "1 of 3 checks have not passed");
    assert_eq!(refusal.facts, ["b: has not run (pending)"]);
    plan.passes("T-1", "b").done();
    plan.verify("T-1").done();
    let basis = match &plan.task("T-1").state {
        model::task::TaskState::Verified(verified) => verified.basis.clone(),
        other => panic!("{other:?}"),
    };
    let seqs: Vec<u64> = basis
        .grounds
        .iter()
        .map(|(_, ground)| match ground {
            Ground::Passed(seq) => seq.0,
            other => panic!("{other:?}"),
        })
        .collect();
    let verdicts: Vec<u64> = (1..)
        .zip(&plan.log)
        .filter(|(_, entry)| entry.event.kind() == "verdict_recorded")
        .map(|(seq, _)| seq)
        .collect();
    assert_eq!(seqs, [verdicts[0], verdicts[2], verdicts[1]], "each ground names its verdict");
}

#[test]
fn changed_files_call_for_another_run() {
    let mut plan = given("T-1: Build | check tests: make test");
    plan.passes("T-1", "tests").done();
    plan.inputs = model::digest::Digest::sha256(b"somebody typed");
    let refusal = plan.verify("T-1").refused("gate/shut", "1 of 1");
    assert_eq!(refusal.facts, ["tests: files have changed since it ran (pending)"]);
    plan.inputs = inputs();
    plan.verify("T-1").done();
}

#[test]
fn a_changed_check_has_not_run() {
    let mut plan = given("T-1: Build | check tests: make test");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.revise(&person("ada"), "T-1: Build | check tests: make test-all")
        .gives(&["plan_revised", "check_changed T-1.tests"]);
    assert_eq!(
        plan.stands("T-1", "tests"),
        CheckStanding::Pending { summary: "has not run since it was changed".to_owned() }
    );
    assert_eq!((plan.state("T-1"), plan.standing("T-1")), ("verified", Standing::Lapsed));
}

#[test]
fn a_renamed_check_keeps_its_verdict() {
    let mut plan = given("T-1: Build | check tests: make test");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.revise(&person("ada"), "T-1: Build | check suite: make test")
        .gives(&["plan_revised", "check_changed T-1.tests"]);
    assert_eq!(plan.standing("T-1"), Standing::Verified);
    assert!(plan.stands("T-1", "suite").opens());
}

#[test]
fn a_metric_without_a_command_rests_on_the_last_reading() {
    let ada = person("ada");
    let mut plan = given("T-1: Speed up | metric p95: p95 < 200");
    assert_eq!(plan.stands("T-1", "p95").summary(), "p95 has no reading, target < 200");
    plan.reading(&ada, "P95", 240.0).done();
    assert_eq!(plan.stands("T-1", "p95").word(), "fail");
    plan.reading(&ada, "p95", 180.0).done();
    plan.verify("T-1").done();
    plan.reading(&ada, "p95", 200.0).done();
    assert_eq!(plan.standing("T-1"), Standing::Lapsed);
    plan.reading(&agent("smith"), "p95", 1.0)
        .refused("policy/denied", "only a person can record a reading that a gate rests on");
    plan.reading(&agent("smith"), "other", 1.0).done();
    plan.reading(&ada, "p95", f64::NAN).refused("value/invalid", "must be a finite number");
}

#[test]
fn an_agents_reading_from_before_the_check_proves_nothing() {
    let mut plan = given("T-1: Speed up");
    plan.reading(&agent("smith"), "p95", 1.0).done();
    plan.revise(&person("ada"), "T-1: Speed up | metric p95: p95 < 200").done();
    assert!(!plan.stands("T-1", "p95").opens());
    plan.reading(&model::actor::By::system(), "p95", 1.0).done();
    assert!(plan.stands("T-1", "p95").opens());
}

#[test]
fn a_check_on_other_tasks_wants_them_verified() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given(
        "phase A: First\nT-1: Build | phase: A | check tests: make test\nT-2: Think | phase: A\ncriteria | tasks every: * | tasks first: a | tasks named: T-1, T-9",
    );
    assert_eq!(plan.stands("success criteria", "every").summary(), "not verified: T-1, T-2");
    plan.claim(&ada, "T-2").done();
    assert_eq!(
        plan.stands("success criteria", "first").summary(),
        "not verified: T-1, T-2",
        "a claim is no proof"
    );
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    assert_eq!(
        plan.stands("success criteria", "named").summary(),
        "not verified: T-9",
        "what is not there is not verified"
    );
    plan.approve(&bob, "T-2", None).gives(&["task_verified T-2 attempt 1"]);
    assert!(
        plan.stands("success criteria", "every").opens() && plan.stands("success criteria", "first").opens()
    );
    plan.report("T-1", "tests", Outcome::Fail, "exit status 1").done();
    assert_eq!(plan.stands("success criteria", "every").summary(), "not verified: T-1");
}

#[test]
fn tasks_cannot_be_proof_of_each_other() {
    let mut plan = given("T-1: a | tasks other: T-2\nT-2: b | tasks other: T-1\nT-3: c | tasks all: *");
    for name in ["T-1", "T-2", "T-3"] {
        plan.verify(name).refused("gate/shut", "1 of 1 checks have not passed");
    }
}

#[test]
fn tasks_that_a_revision_ties_into_a_circle_are_proof_no_more() {
    let mut plan = given("T-1: a | tasks other: T-2\nT-2: b | check tests: make test");
    plan.passes("T-2", "tests").done();
    plan.verify("T-2").done();
    plan.verify("T-1").done();
    plan.revise(
        &person("ada"),
        "T-1: a | tasks other: T-2\nT-2: b | check tests: make test | tasks other: T-1",
    )
    .done();
    assert_eq!((plan.standing("T-1"), plan.standing("T-2")), (Standing::Lapsed, Standing::Lapsed));
}

#[test]
fn a_gate_without_checks_proves_nothing() {
    let mut plan = given("T-1: Think\ngate release | needs: T-1");
    let gate = Subject::Gate(plan.plan.gates[0].id);
    assert!(plan.plan.clearance(gate, None, plan.now, None).is_err());
    assert_eq!(plan.plan.unmet_gate_needs("release", plan.now), ["T-1"]);
    plan.claim(&person("ada"), "T-1").done();
    assert!(plan.plan.unmet_gate_needs("release", plan.now).is_empty());
    assert!(
        plan.plan.clearance(gate, None, plan.now, None).is_err(),
        "its own checks, where it has none, prove nothing"
    );
}

#[test]
fn named_gates_follow_each_other() {
    let mut plan = given(
        "gate stage | check smoke: make smoke\ngate release | needs: stage | check final: make final\ngate odd | needs: even\ngate even | needs: odd",
    );
    plan.passes("release", "final").done();
    assert_eq!(plan.plan.unmet_gate_needs("release", plan.now), ["stage"]);
    plan.passes("stage", "smoke").done();
    assert!(plan.plan.unmet_gate_needs("release", plan.now).is_empty());
    assert_eq!(plan.plan.unmet_gate_needs("odd", plan.now), ["even"], "a circle of gates is shut");
    plan.revise(
        &person("ada"),
        "gate stage | check smoke: make smoke\ngate release | check final: make final\ngate odd\ngate even",
    )
    .done();
    assert_eq!(plan.plan.gates[1].needs, ["stage"], "a gate keeps its needs");
}

#[test]
fn what_is_outstanding_follows_from_the_state() {
    let mut plan = given(
        "T-1: Build | check tests: make test | approval look: lead\nT-2: Ship | needs: T-1 | check smoke: make smoke\ncriteria | check all: make all",
    );
    let names = |plan: &crate::story::Story| -> Vec<String> {
        outstanding(&plan.plan, plan.inputs, plan.now)
            .iter()
            .map(|work| match work {
                Work::RunCheck(run) => format!("run {}", run.spec.name),
                Work::Verify(task) => format!("verify {}", plan.plan.task(*task).expect("a task").key),
            })
            .collect()
    };
    assert_eq!(names(&plan), ["run tests", "run all"], "T-2 waits for T-1, an approval is nobody's to run");
    plan.passes("T-1", "tests").done();
    plan.report("success criteria", "all", Outcome::Fail, "no").done();
    assert_eq!(names(&plan), Vec::<String>::new(), "a failure is not run again on the same files");
    plan.report("success criteria", "all", Outcome::Error, "no make").done();
    assert_eq!(names(&plan), ["run all"], "what could not run may run now");
    plan.approve(&person("ada"), "T-1", None).done();
    assert_eq!(names(&plan), ["verify T-1", "run all"]);
    plan.verify("T-1").done();
    assert_eq!(names(&plan), ["run smoke", "run all"]);
    plan.inputs = model::digest::Digest::sha256(b"somebody typed");
    assert_eq!(names(&plan), ["run tests", "run smoke", "run all"]);
    plan.drop_task(&person("ada"), "T-2").done();
    assert_eq!(names(&plan), ["run tests", "run all"]);
}

#[test]
fn there_must_be_something_to_approve() {
    let ada = person("ada");
    let mut plan =
        given("T-1: Build | check tests: make test\nT-2: Look | approval a: lead | approval b: security");
    plan.approve(&ada, "T-1", None).refused("value/invalid", "`T-1` asks for evidence, not for an approval");
    plan.approve(&ada, "T-1", Some("lead")).refused("value/invalid", "`T-1` asks for no approval by `lead`");
    plan.approve(&ada, "T-2", None).refused("value/invalid", "`T-2` asks for several approvals");
    plan.approve(&ada, "T-2", Some("Lead")).gives(&["approval_given T-2.a"]);
    let subject = Subject::Task(plan.id("T-1"));
    let named = |check: &str| Command::Approve { subject, check: Some(check.to_owned()), role: None };
    plan.when(&ada, named("tests")).refused("value/invalid", "asks for evidence");
    plan.when(&ada, named("nothing")).refused("check/not-found", "`T-1` has no check called `nothing`");
    let gate = Subject::Gate(model::ids::GateId::from_bits(9));
    plan.when(&ada, Command::Approve { subject: gate, check: None, role: None })
        .refused("gate/not-found", "to approve");
}

#[test]
fn a_kind_of_check_that_history_knows_and_this_version_does_not_keeps_the_gate_shut() {
    use model::apply::{Stamp, apply};
    use model::event::Event;

    let story = given("T-1: Build");
    let mut plan = story.plan.clone();
    let (check, subject) = (model::ids::CheckId::from_bits(77), Subject::Task(story.id("T-1")));
    let spec = model::check::CheckSpec::new("vibes", testkit::sketch::probe("vibes", "good"));
    let event = Event::CheckAdded { check, subject, spec, text: String::new(), checked: None, line: 0 };
    let stamp = Stamp { seq: plan.seq.next(), at: story.now, by: &person("ada") };
    apply(&mut plan, &event, stamp);
    let standing = plan.check_standing(check, story.now).expect("the check is there");
    assert_eq!(
        (standing.word(), standing.summary().as_str()),
        ("error", "there is no kind of check called `vibes`")
    );
    assert!(plan.clearance(subject, None, story.now, None).is_err());
}
