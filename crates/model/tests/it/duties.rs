//! Separation of duties, quorum, roles, and plans of one person.

use model::check::Outcome;
use model::standing::Standing;
use model::task::TaskState;

use crate::story::{agent, given, person};

#[test]
fn who_claimed_a_task_cannot_approve_it() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | approval look: lead");
    plan.claim(&ada, "T-1").done();
    let refusal = plan
        .approve(&ada, "T-1", None)
        .refused("approval/self", "ada claimed task `T-1` and so cannot approve it");
    assert_eq!(refusal.exit(), 5);
    plan.approve(&bob, "T-1", None).gives(&["approval_given T-1.look", "ticket_closed T-1 resolved"]);
    plan.approve(&bob, "T-1", None).gives(&[]);
    plan.verify("T-1").done();
}

#[test]
fn an_approval_given_first_does_not_count_once_its_giver_claims_or_works() {
    let ada = person("ada");
    for claims in [false, true] {
        let mut plan = given("T-1: Build | approval look: lead");
        plan.approve(&ada, "T-1", None).done();
        assert!(plan.stands("T-1", "look").opens());
        if claims {
            plan.claim(&ada, "T-1").done()
        } else {
            plan.start(&ada, "T-1").done()
        };
        assert_eq!(plan.stands("T-1", "look").summary(), "0 of 1 approvals for lead");
        plan.verify("T-1").refused("gate/shut", "1 of 1");
        plan.approve(&ada, "T-1", None).refused("approval/self", "cannot approve it");
    }
}

#[test]
fn a_quorum_is_of_different_people() {
    let (ada, bob, cleo) = (person("ada"), person("bob"), person("cleo"));
    let mut plan = given("T-1: Build | approval look: security x2");
    plan.claim(&cleo, "T-1").done();
    plan.approve(&ada, "T-1", Some("security")).done();
    plan.approve(&crate::story::signed("ada"), "T-1", Some("security")).done();
    assert_eq!(plan.stands("T-1", "look").summary(), "1 of 2 approvals for security");
    plan.verify("T-1").refused("gate/shut", "1 of 1 checks");
    plan.approve(&bob, "T-1", Some("security")).done();
    plan.verify("T-1").done();
    let TaskState::Verified(verified) = &plan.task("T-1").state else { panic!("not verified") };
    let people = match &verified.basis.grounds[0].1 {
        model::gate::Ground::Approved(people) => {
            people.iter().map(|person| person.as_str()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(people, ["ada", "bob"]);
}

#[test]
fn a_quorum_of_nobody_is_never_met() {
    let plan = given("T-1: Build | approval look: security x0");
    assert!(!plan.stands("T-1", "look").opens());
}

#[test]
fn a_role_with_names_belongs_to_its_people() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("setting role security: bob, eve\nT-1: Build | approval look: security");
    plan.approve(&ada, "T-1", None).refused("policy/denied", "ada does not have the role `security`");
    plan.approve(&bob, "T-1", None).done();
    plan.verify("T-1").done();
}

#[test]
fn a_changed_demand_for_approval_is_approved_anew() {
    let bob = person("bob");
    let mut plan = given("T-1: Build | approval look: security");
    plan.approve(&bob, "T-1", None).done();
    plan.revise(&person("ada"), "T-1: Build | approval look: security x2").done();
    assert_eq!(plan.stands("T-1", "look").summary(), "0 of 2 approvals for security");
}

#[test]
fn in_a_plan_of_one_person_that_person_may() {
    let ada = person("ada");
    let mut plan = given("setting solo: yes\nT-1: Build | approval look: lead\nT-2: Think");
    plan.claim(&ada, "T-1").done();
    plan.approve(&ada, "T-1", None).done();
    plan.verify("T-1").done();
    plan.claim(&ada, "T-2").done();
    plan.approve(&ada, "T-2", None).gives(&["task_verified T-2 attempt 1"]);
    assert_eq!(plan.standing("T-2"), Standing::Verified);
}

#[test]
fn what_nothing_would_prove_another_person_signs() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Think\nT-2: Ship | needs: T-1");
    plan.approve(&bob, "T-1", None)
        .refused("task/state", "task `T-1` is open: nobody has claimed it is done");
    plan.claim(&agent("smith"), "T-1").done();
    plan.approve(&agent("smith"), "T-1", None)
        .refused("policy/denied", "only a person can approve, not smith (run-1)");
    plan.approve(&bob, "T-1", None).gives(&["task_verified T-1 attempt 1"]);
    plan.approve(&bob, "T-1", None).gives(&[]);
    let TaskState::Verified(verified) = &plan.task("T-1").state else { panic!("not verified") };
    assert_eq!(verified.basis.signed_off.as_ref().map(|who| who.as_str()), Some("bob"));
    assert!(verified.claim.is_some(), "the claim stays on record");
    plan.claim(&ada, "T-2").done();
    plan.approve(&ada, "T-2", None).refused("approval/self", "ada claimed task `T-2`");
}

#[test]
fn a_signature_is_no_proof_once_there_is_a_check() {
    let mut plan = given("T-1: Think");
    plan.claim(&person("ada"), "T-1").done();
    plan.approve(&person("bob"), "T-1", None).done();
    plan.revise(&person("ada"), "T-1: Think | check tests: make test")
        .gives(&["plan_revised", "check_added T-1.tests"]);
    assert_eq!(plan.standing("T-1"), Standing::Lapsed);
    plan.report("T-1", "tests", Outcome::Fail, "exit status 1")
        .gives(&["verdict_recorded T-1.tests fail", "task_reopened T-1 attempt 2"]);
}

#[test]
fn nothing_is_signed_before_what_it_needs() {
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Ship | needs: T-1");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.claim(&person("ada"), "T-2").done();
    plan.report("T-1", "tests", Outcome::Fail, "exit status 1").done();
    plan.approve(&person("bob"), "T-2", None)
        .refused("dependency/unmet", "cannot approve task `T-2`: it needs `T-1`");
}
