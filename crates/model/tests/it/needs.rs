//! Needs: what must be done first, and whose word for it counts.

use model::command::Command;
use model::standing::{Blocker, Standing};
use model::task::ClaimHow;

use crate::story::{agent, given, person};

#[test]
fn starting_and_claiming_wait_for_what_is_needed() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Write\nT-3: Ship | needs: T-1, T-2");
    assert_eq!(plan.standing("T-3"), Standing::Blocked);
    let refusal =
        plan.start(&ada, "T-3").refused("dependency/unmet", "cannot start task `T-3`: it needs `T-1`, `T-2`");
    assert_eq!(refusal.exit(), 7);
    assert_eq!(refusal.facts, ["T-1  ready", "T-2  ready"]);
    assert_eq!(refusal.context["needs"], serde_json::json!(["T-1", "T-2"]));
    plan.claim(&agent("smith"), "T-3").refused("dependency/unmet", "cannot claim task `T-3`");
    plan.verify("T-3").refused("dependency/unmet", "cannot verify task `T-3`");
    plan.claim(&ada, "T-2").done();
    plan.claim(&ada, "T-1").done();
    plan.start(&ada, "T-3").refused("dependency/unmet", "it needs `T-1`");
    plan.passes("T-1", "tests").done();
    plan.verify("T-1").done();
    plan.start(&ada, "T-3").done();
}

#[test]
fn a_tick_in_the_document_satisfies_nothing() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | box: x\nT-2: Ship | needs: T-1");
    assert_eq!(plan.standing("T-1"), Standing::ClaimedWithoutEvidence);
    plan.start(&ada, "T-2").refused("dependency/unmet", "it needs `T-1`");
    // Somebody puts their name to it.
    plan.claim(&ada, "T-1").gives(&["task_claimed T-1 verb"]);
    plan.start(&ada, "T-2").done();
}

#[test]
fn an_imported_done_satisfies_nothing_either() {
    let ada = person("ada");
    let mut plan = given("T-1: Build\nT-2: Ship | needs: T-1");
    let task = plan.id("T-1");
    plan.when(&ada, Command::Claim { task, how: ClaimHow::Import }).done();
    plan.claim(&ada, "T-2").refused("dependency/unmet", "it needs `T-1`");
    plan.when(&agent("smith"), Command::Claim { task, how: ClaimHow::Verb })
        .gives(&["task_claimed T-1 verb"]);
    plan.claim(&ada, "T-2").done();
}

#[test]
fn where_the_document_is_trusted_its_word_counts_but_not_against_a_check() {
    let ada = person("ada");
    let mut plan = given(
        "setting trust: document\nT-1: Build | box: x\nT-2: Ship | needs: T-1\nT-3: Test | box: x | check tests: make test\nT-4: Tell | needs: T-3",
    );
    plan.start(&ada, "T-2").done();
    plan.start(&ada, "T-4").refused("dependency/unmet", "it needs `T-3`");
    plan.passes("T-3", "tests").done();
    plan.verify("T-3").done();
    plan.start(&ada, "T-4").done();
}

#[test]
fn a_tick_against_an_unmet_need_is_recorded_as_the_documents_word() {
    let ada = person("ada");
    let before = "T-1: Build\nT-2: Ship | needs: T-1\nT-3: Tell | needs: T-2";
    let mut plan = given(before);
    plan.revise(&ada, &before.replace("Ship |", "Ship | box: x |"))
        .gives(&["plan_revised", "task_asserted T-2 done against T-1"]);
    plan.start(&ada, "T-3").refused("dependency/unmet", "it needs `T-2`");
    // The document takes its word back.
    plan.revise(&ada, &before.replace("Ship |", "Ship | box: o |"))
        .gives(&["plan_revised", "task_asserted T-2 open"]);
    assert_eq!(plan.state("T-2"), "open");
}

#[test]
fn the_documents_word_never_undoes_a_persons() {
    let ada = person("ada");
    let mut plan = given("T-1: Build\nT-2: Ship | check tests: make test");
    plan.claim(&ada, "T-1").done();
    plan.passes("T-2", "tests").done();
    plan.verify("T-2").done();
    plan.revise(
        &ada,
        "T-1: Build | says: active\nT-2: Ship | box: o | says: active | check tests: make test",
    )
    .done();
    assert_eq!((plan.state("T-1"), plan.state("T-2")), ("claimed", "verified"));
    plan.revise(&ada, "T-1: Build | says: dropped\nT-2: Ship | says: dropped | check tests: make test")
        .done();
    assert_eq!((plan.state("T-1"), plan.state("T-2")), ("claimed", "verified"));
}

#[test]
fn the_documents_word_moves_what_only_the_document_said() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | says: active");
    assert_eq!(plan.state("T-1"), "active");
    plan.start(&ada, "T-1").gives(&["task_started T-1 fence 1"]);
    plan.revise(&ada, "T-1: Build | says: open").done();
    assert_eq!(plan.state("T-1"), "active", "ada works on it, whatever the document says");
    plan.revise(&ada, "T-1: Build | box: x").done();
    assert_eq!(plan.task("T-1").claim().map(|claim| claim.how), Some(ClaimHow::Document));
    plan.revise(&ada, "T-1: Build | says: active").done();
    assert_eq!(plan.state("T-1"), "active");
}

#[test]
fn a_need_that_was_given_up_stands_in_nobodys_way() {
    let ada = person("ada");
    let mut plan = given("T-1: Build\nT-2: Ship | needs: T-1");
    plan.drop_task(&ada, "T-1").done();
    plan.start(&ada, "T-2").done();
}

#[test]
fn a_need_whose_proof_lapsed_stands_in_the_way_again() {
    let (ada, bob) = (person("ada"), person("bob"));
    let mut plan = given("T-1: Build | check tests: make test\nT-2: Ship | needs: T-1");
    plan.waive(&ada, "T-1", "tests", 3).done();
    plan.grant(&bob).done();
    plan.verify("T-1").done();
    assert_eq!(plan.plan.blockers(plan.task("T-2"), plan.now), []);
    plan.pass(4);
    assert_eq!(plan.standing("T-1"), Standing::Lapsed);
    plan.start(&ada, "T-2").refused("dependency/unmet", "it needs `T-1`");
    assert_eq!(plan.plan.blockers(plan.task("T-2"), plan.now), [Blocker::Need(plan.id("T-1"))]);
}

#[test]
fn a_phase_begins_through_its_entrance() {
    let ada = person("ada");
    let mut plan = given("phase A: Prepare | entrance approval go: lead\nT-1: Build | phase: A");
    let refusal = plan.start(&ada, "T-1").refused("gate/shut", "the entrance of `A` is shut");
    assert_eq!(refusal.context["phase"], "A");
    assert_eq!(plan.standing("T-1"), Standing::Blocked);
    let subject = model::gate::Subject::Entrance(plan.plan.phases[0].id);
    plan.when(&ada, Command::Approve { subject, check: None, role: None })
        .gives(&["approval_given entrance of A.go"]);
    plan.start(&ada, "T-1").done();
}

#[test]
fn a_plan_that_runs_in_circles_is_not_adopted() {
    let circle = "T-1: a | needs: T-3\nT-2: b | needs: T-1\nT-3: c | needs: T-2\nT-4: d | needs: T-1";
    let mut nothing = crate::story::Story::new();
    let adopt = |text: &str| Command::AdoptPlan(Box::new(testkit::sketch::sketch(text)));
    nothing
        .when(&person("ada"), adopt(circle))
        .refused("plan/invalid", "needs run in a circle: T-1 → T-3 → T-2 → T-1");
    nothing.when(&person("ada"), adopt("T-1: a | needs: T-1")).refused("plan/invalid", "T-1 → T-1");
    nothing
        .when(&person("ada"), adopt("T-1: a\nT-1: b"))
        .refused("plan/invalid", "line 2: key `T-1` stands on line 1 already");
    nothing
        .when(&person("ada"), adopt("T-1: a | vibes x: good"))
        .refused("plan/invalid", "line 1: there is no kind of check called `vibes`");
    let both = nothing
        .when(&person("ada"), adopt("T-1: a | vibes x: good\nT-1: b | needs: T-1"))
        .refused("plan/invalid", "and 2 more");
    assert_eq!(both.facts.len(), 2);
    // A need that leads nowhere and a diamond are fine.
    nothing
        .when(
            &person("ada"),
            adopt("T-1: a | needs: X-9\nT-2: b | needs: T-1\nT-3: c | needs: T-1\nT-4: d | needs: T-2, T-3"),
        )
        .done();
    nothing
        .when(&person("ada"), adopt("T-1: a"))
        .refused("plan/moved", "plan `plan` has been adopted already");
}

#[test]
fn a_revision_is_held_to_the_same() {
    let ada = person("ada");
    let mut plan = given("T-1: a\nT-2: b | needs: T-1");
    plan.revise(&ada, "T-1: a | needs: T-2\nT-2: b | needs: T-1").refused("plan/invalid", "circle");
    let onto = model::ids::Revision(7);
    let definition = Box::new(testkit::sketch::sketch("T-1: a"));
    plan.when(&ada, Command::RevisePlan { onto, base: None, definition })
        .refused("plan/moved", "plan `plan` is at revision 1, not 7");
}

#[test]
fn needs_are_set_by_a_verb_and_never_run_in_a_circle() {
    let ada = person("ada");
    let mut plan = given("T-1: Build\nT-2: Ship | needs: T-1\nT-3: Tell | needs: T-2");
    let rewire = |plan: &crate::story::Story, task: &str, needs: &[&str], words: &[&str]| Command::Rewire {
        task: plan.id(task),
        needs: needs.iter().map(|need| plan.id(need)).collect(),
        blockers: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let circle = rewire(&plan, "T-1", &["T-3"], &[]);
    let refusal = plan
        .when(&ada, circle)
        .refused("dependency/cycle", "task `T-1` would wait for itself: T-1 → T-3 → T-2 → T-1");
    assert_eq!(refusal.exit(), 4);
    let itself = rewire(&plan, "T-1", &["T-1"], &[]);
    plan.when(&ada, itself).refused("dependency/cycle", "T-1 → T-1");
    let free = rewire(&plan, "T-2", &[], &["a permit"]);
    plan.when(&ada, free.clone()).gives(&["needs_changed T-2"]);
    plan.when(&ada, free).gives(&[]);
    assert!(plan.task("T-2").needs.is_empty());
    assert_eq!(plan.task("T-2").facts.blockers().collect::<Vec<_>>(), ["a permit"]);
    assert_eq!(plan.standing("T-2"), Standing::Blocked);
    let now = rewire(&plan, "T-1", &["T-3", "T-3"], &[]);
    plan.when(&ada, now).gives(&["needs_changed T-1"]);
    plan.start(&ada, "T-1").refused("dependency/unmet", "it needs `T-3`");
}

#[test]
fn where_the_document_is_trusted_its_words_stand_in_the_way_and_dates_move() {
    use model::draft::Due;
    use model::facts::Fact;
    let ada = person("ada");
    let mut plan = given("setting trust: document\nT-1: Build | due: 2031-05-08\nT-2: Ship");
    let task = plan.id("T-2");
    let words = Command::Rewire { task, needs: Vec::new(), blockers: vec!["a permit".to_owned()] };
    plan.when(&ada, words).done();
    let refusal = plan
        .start(&ada, "T-2")
        .refused("dependency/unmet", "cannot start task `T-2`: it is blocked by `a permit`");
    assert_eq!(refusal.exit(), 7);
    let due = Fact::Due(Box::new(Due { text: "Week 2".to_owned(), at: None }));
    let task = plan.id("T-1");
    plan.when(&ada, Command::Update { task, put: vec![due], clear: Vec::new() })
        .gives(&["rebaseline_requested T-1", "facts_changed T-1"]);
    assert_eq!(plan.plan.rebaselines[0].from.as_deref(), Some("2031-05-08"));
}
