//! Identity across revisions: what is the same thing keeps its id and its state.

use model::command::Command;
use model::definition::Definition;
use model::facts::Fact;
use testkit::sketch::sketch;

use crate::story::{Story, agent, author, given, person};

/// Adopts, claims everything, revises; tells for each key what became of it: `same`, `new`, and the state.
fn follow(before: &str, after: &str) -> Vec<String> {
    let mut plan = given(before);
    let old: Vec<_> = plan.plan.tasks.iter().map(|task| task.id).collect();
    for id in &old {
        let command = Command::Claim { task: *id, how: model::task::ClaimHow::Verb };
        plan.when(&person("ada"), command).done();
    }
    plan.revise(&author(), after).done();
    let told = plan.plan.tasks.iter().map(|task| {
        let known = if old.contains(&task.id) { "same" } else { "new" };
        format!("{} {known} {}", task.key, task.state.word())
    });
    told.collect()
}

#[test]
fn a_key_is_who_a_task_is() {
    assert_eq!(
        follow("T-1: Build the importer\nT-2: Ship", "T-2: Ship\nT-1: Build the fast importer"),
        ["T-1 same claimed", "T-2 same claimed"]
    );
}

#[test]
fn a_reused_key_inherits_no_state() {
    assert_eq!(
        follow("T-1: Build the importer\nT-2: Ship", "T-1: Celebrate\nT-2: Ship"),
        ["T-1 same dropped", "T-2 same claimed", "T-1 new open"]
    );
}

#[test]
fn a_reused_key_whose_checks_stay_in_force_leaves_the_old_task_another_name() {
    let mut plan = given("T-1: Build the importer | check tests: make test");
    let old = plan.id("T-1");
    plan.revise(&author(), "T-1: Celebrate").gives(&[
        "plan_revised",
        "weakening_proposed T-1.tests",
        "task_changed T-1",
        "task_added T-1",
    ]);
    assert_eq!((plan.id("T-1~old"), plan.id("T-1") == old), (old, false));
    plan.revise(&author(), "T-1: Order napkins | check tests: make napkins").done();
    plan.revise(&author(), "T-1: Paint a fence | check tests: make fence").done();
    let keys: Vec<String> =
        plan.plan.tasks.iter().filter(|task| !task.is_dropped()).map(|task| task.key.to_string()).collect();
    assert_eq!(keys, ["T-1~old", "T-1~old2", "T-1"]);
}

#[test]
fn a_key_that_a_verb_gave_out_and_the_document_takes_moves_aside() {
    let mut plan = given("T-1: Build");
    let add = Command::AddTask {
        kind: Default::default(),
        key: Some(testkit::sketch::key("T-9")),
        title: "Feed the cat".to_owned(),
        needs: Vec::new(),
        facts: Vec::new(),
    };
    plan.when(&agent("smith"), add).gives(&["task_added T-9"]);
    let added = plan.id("T-9");
    plan.revise(&author(), "T-1: Build").gives(&[]);
    plan.revise(&author(), "T-1: Build\nT-9: Paint a fence").done();
    assert_eq!(plan.id("T-9~old"), added);
    assert_ne!(plan.id("T-9"), added);
    assert_eq!(plan.state("T-9~old"), "open", "no document drops what stands in none");
}

#[test]
fn without_a_key_the_text_tells() {
    let before = "list/ Update the runbooks\nlist/ Pin toolchain versions\nlist/ Write the retrospective";
    assert_eq!(
        follow(
            before,
            "list/ Update the runbook\nlist/ Write the retrospective\nlist/ Pin toolchain versions"
        ),
        [
            "list/update-the-runbooks same claimed",
            "list/pin-toolchain-versions same claimed",
            "list/write-the-retrospective same claimed"
        ]
    );
    assert_eq!(
        follow(before, "list/ Feed the cat\nlist/ Pin toolchain versions\nlist/ Write the retrospective"),
        [
            "list/update-the-runbooks same dropped",
            "list/pin-toolchain-versions same claimed",
            "list/write-the-retrospective same claimed",
            "list/feed-the-cat new open"
        ]
    );
}

#[test]
fn another_group_is_another_thing() {
    assert_eq!(
        follow("a/ Update the runbooks", "b/ Update the runbooks"),
        ["a/update-the-runbooks same dropped", "b/update-the-runbooks new open"]
    );
}

#[test]
fn two_candidates_are_none() {
    assert_eq!(
        follow("list/ Test the importer A\nlist/ Test the importer B", "list/ Test the importer C"),
        [
            "list/test-the-importer-a same dropped",
            "list/test-the-importer-b same dropped",
            "list/test-the-importer-c new open"
        ]
    );
}

#[test]
fn twins_are_told_apart_and_generated_keys_are_frozen() {
    assert_eq!(
        follow("list/ Review\nlist/ Review", "list/ Review\nlist/ Review"),
        ["list/review same claimed", "list/review~2 same claimed"]
    );
    let mut plan = given("list/ Update the runbooks");
    plan.revise(&author(), "list/ Update the runbook")
        .gives(&["plan_revised", "task_changed list/update-the-runbooks"]);
    assert_eq!(plan.task("list/update-the-runbooks").title, "Update the runbook");
    // What a later revision says similarly is still the same task, by its first key.
    plan.revise(&author(), "list/ Update the run book").done();
    assert_eq!(plan.plan.tasks.len(), 1);
}

#[test]
fn a_task_that_gets_a_key_is_still_itself() {
    let mut plan = given("list/ Update the runbooks\nlist/ Pin versions");
    let old = plan.id("list/update-the-runbooks");
    plan.revise(&author(), "T-1: Update the runbooks\nlist/ Pin versions").done();
    assert_eq!(plan.id("T-1"), old);
    assert_eq!(plan.plan.tasks.len(), 2);
    // Nearly the same words under a key of its own are a new task.
    assert_eq!(
        follow("list/ Update the runbooks", "T-1: Update the runbook"),
        ["list/update-the-runbooks same dropped", "T-1 new open"]
    );
}

#[test]
fn what_left_the_document_is_dropped_and_what_comes_back_is_new() {
    let mut plan = given("T-1: Build\nT-2: Ship");
    let old = plan.id("T-1");
    plan.revise(&author(), "T-2: Ship").gives(&["plan_revised", "task_dropped T-1", "task_changed T-2"]);
    plan.revise(&author(), "T-1: Build\nT-2: Ship").gives(&[
        "plan_revised",
        "task_added T-1",
        "task_changed T-2",
    ]);
    assert_ne!(plan.id("T-1"), old);
}

#[test]
fn needs_phases_and_parents_follow_the_document() {
    let mut plan = given("phase A: One\nT-1: Build\nT-2: Ship");
    plan.revise(
        &author(),
        "phase A: First\nphase B: Two\nT-1: Build | phase: B\nT-2: Ship | needs: T-1 | parent: T-1",
    )
    .done();
    assert_eq!(plan.plan.phases[0].title, "First");
    assert_eq!(plan.task("T-1").phase, Some(plan.plan.phases[1].id));
    assert_eq!(
        (plan.task("T-2").parent, &plan.task("T-2").needs[..]),
        (Some(plan.id("T-1")), &[plan.id("T-1")][..])
    );
    assert_eq!(plan.plan.dependants(plan.id("T-1")), [plan.id("T-2")]);
    plan.revise(&author(), "phase A: First\nphase B: Two\nT-1: Build\nT-2: Ship").done();
    assert!(plan.task("T-2").needs.is_empty() && plan.plan.dependants(plan.id("T-1")).is_empty());
    assert_eq!((plan.task("T-1").phase, plan.task("T-2").parent), (None, None));
}

#[test]
fn the_same_documents_are_no_revision() {
    let text = "phase A: One | exit stated: told\nT-1: Build | phase: A | check tests: make test\nrisk R-1: Late | tasks: T-1\nmetric p95: < 200 | baseline: 240\ndecision: go on\nescalation: call them\nassumption: nobody moves\ngate release | needs: T-1 | check final: make final\ncriteria | stated: done";
    let mut plan = given(text);
    plan.revise(&author(), text).gives(&[]);
    assert_eq!(plan.plan.revision.0, 1);
}

fn with_base(plan: &mut Story, base: &str, after: &str) {
    let (onto, base) = (plan.plan.revision, Some(Box::new(sketch(base))));
    let definition: Box<Definition> = Box::new(sketch(after));
    plan.when(&author(), Command::RevisePlan { onto, base, definition }).done();
}

#[test]
fn a_document_that_never_mentioned_it_does_not_undo_what_a_verb_set() {
    let before = "T-1: Build | priority: P2 | window: Week 1";
    let mut plan = given(before);
    let task = plan.id("T-1");
    let put = vec![Fact::Priority("P0".to_owned()), Fact::Percent(40.0)];
    plan.when(&person("ada"), Command::Update { task, put, clear: Vec::new() }).done();
    with_base(&mut plan, before, "T-1: Build it | priority: P2 | window: Week 2");
    let facts = &plan.task("T-1").facts;
    assert_eq!((facts.priority(), facts.percent(), facts.window()), (Some("P0"), Some(40.0), Some("Week 2")));
    // What the document changes is taken from it.
    with_base(
        &mut plan,
        "T-1: Build it | priority: P2 | window: Week 2",
        "T-1: Build it | priority: P1 | window: Week 2",
    );
    assert_eq!(plan.task("T-1").facts.priority(), Some("P1"));
}
