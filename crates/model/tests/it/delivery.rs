//! Runs of continuous integration, deployments and incidents.

use jiff::ToSpan;
use model::actor::By;
use model::check::CheckSpec;
use model::command::Command;
use model::delivery::{CiResult, CiRun, DeployResult, Deployed, Threshold};
use model::ids::Key;

use crate::story::{Story, agent, author, given, person};

fn run(result: CiResult, seconds: f64) -> CiRun {
    CiRun {
        workflow: "build".to_owned(),
        result,
        seconds,
        queue_seconds: None,
        run: None,
        commit: None,
        branch: Some("main".to_owned()),
        url: None,
        ended: None,
        tests: None,
    }
}

fn green(seconds: f64) -> CiRun {
    run(CiResult::Success, seconds)
}

fn red() -> CiRun {
    run(CiResult::Failure, 60.0)
}

fn tells(plan: &mut Story, by: &By, run: CiRun) -> Vec<String> {
    plan.now += 1.minute();
    plan.when(by, Command::RecordCiRun(Box::new(run))).told()
}

fn is_open(plan: &Story, key: &str) -> bool {
    let subject = model::gate::Subject::Task(plan.id(key));
    plan.plan.clearance(subject, Some(plan.inputs), plan.now, None).is_ok()
}

#[test]
fn a_check_waits_for_so_many_green_runs_in_a_row() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | ci: build on main x3");
    assert!(!is_open(&plan, "T-1"));
    for one in [green(60.0), red(), green(60.0), green(60.0)] {
        tells(&mut plan, &ada, one);
        assert!(!is_open(&plan, "T-1"));
    }
    // Neither a run of another branch nor one that came to nothing counts, either way.
    tells(&mut plan, &ada, CiRun { branch: Some("spike".to_owned()), ..red() });
    tells(&mut plan, &ada, run(CiResult::Cancelled, 1.0));
    tells(&mut plan, &agent("smith"), green(60.0));
    assert!(!is_open(&plan, "T-1"), "an agent's word is no proof");
    tells(&mut plan, &By::system(), green(60.0));
    assert!(is_open(&plan, "T-1"));
    tells(&mut plan, &ada, red());
    assert!(!is_open(&plan, "T-1"));
}

#[test]
fn runs_count_in_the_order_they_ended_and_once() {
    let ada = person("ada");
    let mut plan = given("T-1: Build | ci: build");
    let at = |minutes: i64| Some(plan.now + minutes.minutes());
    let (early, late) = (at(1), at(5));
    tells(&mut plan, &ada, CiRun { ended: late, run: Some("8".to_owned()), ..green(60.0) });
    tells(&mut plan, &ada, CiRun { ended: early, run: Some("7".to_owned()), ..red() });
    assert!(is_open(&plan, "T-1"), "the red run ended first, although it was told last");
    let again = CiRun { run: Some("7".to_owned()), ..red() };
    assert_eq!(tells(&mut plan, &ada, again), Vec::<String>::new());
    assert_eq!(plan.plan.delivery.workflow("BUILD").map(|known| known.total), Some(2));
}

#[test]
fn a_run_over_budget_opens_one_action_until_that_is_done_and_it_happens_again() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    assert_eq!(tells(&mut plan, &ada, green(840.0)), ["ci_run_recorded"]);
    let opened = ["ci_run_recorded", "task_added action/ci-duration-build"];
    assert_eq!(tells(&mut plan, &ada, green(841.0)), opened);
    assert_eq!(tells(&mut plan, &ada, green(900.0)), ["ci_run_recorded"]);
    tells(&mut plan, &ada, green(100.0));
    assert_eq!(tells(&mut plan, &ada, green(900.0)), ["ci_run_recorded"], "the first is still open");
    let task = plan.id("action/ci-duration-build");
    plan.when(&ada, Command::Claim { task, how: model::task::ClaimHow::Verb }).done();
    assert_eq!(tells(&mut plan, &ada, green(900.0)), ["ci_run_recorded"], "it was over all the time");
    tells(&mut plan, &ada, green(100.0));
    let again = ["ci_run_recorded", "task_added action/ci-duration-build~2"];
    assert_eq!(tells(&mut plan, &ada, green(900.0)), again);
}

#[test]
fn flaky_runs_are_counted_by_commit_once_there_are_enough() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let of = |commit: u32, one: CiRun| CiRun { commit: Some(format!("{commit:040}")), ..one };
    for commit in 0..17 {
        tells(&mut plan, &ada, of(commit, green(60.0)));
    }
    tells(&mut plan, &ada, of(20, red()));
    tells(&mut plan, &ada, of(20, green(60.0)));
    // The nineteenth run: nobody can say yet. A red run whose commit never was green is no flake.
    let workflow = |plan: &Story| plan.plan.delivery.workflow("build").cloned().expect("it was told of");
    assert_eq!((workflow(&plan).flaky(), workflow(&plan).flake_percent()), (1, None));
    assert_eq!(tells(&mut plan, &ada, of(21, red())), ["ci_run_recorded"]);
    assert_eq!(workflow(&plan).flake_percent(), Some(5.0));
    assert!(!workflow(&plan).is_over(Threshold::Flakes), "five percent are not more than five");
    let told = tells(&mut plan, &ada, of(21, green(60.0)));
    assert_eq!(told, ["ci_run_recorded", "task_added action/ci-flakes-build"]);
}

#[test]
fn a_run_is_compared_with_what_the_first_green_ones_took() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    for seconds in [100.0, 90.0, 110.0, 400.0, 95.0, 120.0] {
        tells(&mut plan, &ada, green(seconds));
    }
    let workflow = plan.plan.delivery.workflow("build").expect("it was told of");
    assert_eq!((workflow.baseline_seconds(), workflow.variance_percent()), (Some(100.0), Some(20.0)));
    assert_eq!(workflow.pass_percent(), Some(100.0));
}

#[test]
fn what_cannot_be_is_refused() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let mut told = |one: CiRun| plan.when(&ada, Command::RecordCiRun(Box::new(one)));
    told(CiRun { workflow: " ".to_owned(), ..green(1.0) }).refused("value/invalid", "the workflow's name");
    told(green(-1.0)).refused("value/invalid", "what a run took");
    told(green(f64::NAN)).refused("value/invalid", "what a run took");
    told(CiRun { queue_seconds: Some(f64::INFINITY), ..green(1.0) }).refused("value/invalid", "waited");
}

#[test]
fn a_deployment_is_told_once_and_may_be_rolled_back() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let deployed = |plan: &Story, result| Deployed {
        environment: "production".to_owned(),
        result,
        at: plan.now,
        commit: None,
        lead_seconds: Some(60.0),
        run: Some("7".to_owned()),
        url: None,
    };
    for (result, told) in [
        (DeployResult::Succeeded, &["deployment_recorded"][..]),
        (DeployResult::Succeeded, &[]),
        (DeployResult::RolledBack, &["deployment_recorded"]),
    ] {
        let one = deployed(&plan, result);
        plan.when(&ada, Command::RecordDeployment(Box::new(one))).gives(told);
    }
    let nowhere = Deployed { environment: String::new(), ..deployed(&plan, DeployResult::Failed) };
    plan.when(&ada, Command::RecordDeployment(Box::new(nowhere))).refused("value/invalid", "the environment");
}

#[test]
fn an_incident_ends_once_and_not_before_it_began() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    let open = |key: Option<&str>, text: &str| Command::OpenIncident {
        key: key.map(|key| Key::new(key).expect("a key")),
        text: text.to_owned(),
        severity: None,
        since: None,
    };
    plan.when(&ada, open(None, " ")).refused("value/invalid", "what is broken");
    plan.when(&ada, open(None, "no orders")).gives(&["incident_opened"]);
    plan.when(&ada, open(Some("INC-1"), "again")).refused("key/duplicate", "an incident `INC-1`");
    let before = plan.now - 1.hour();
    let end = |at| Command::EndIncident {
        incident: Key::new("INC-1").expect("a key"),
        outcome: "it was restarted".to_owned(),
        at,
    };
    plan.when(&ada, end(Some(before))).refused("value/invalid", "began after");
    plan.when(&ada, end(None)).gives(&["incident_ended"]);
    plan.when(&ada, end(None)).refused("entry/not-found", "no incident `INC-1` is open");
}

#[test]
fn fewer_runs_or_another_workflow_weaken_a_check() {
    for (text, weaker) in [
        ("ci: build on main x3", false),
        ("ci: build on main x4", false),
        ("ci: build on main x2", true),
        ("ci: build x3", true),
        ("ci: lint on main x3", true),
    ] {
        let mut plan = given("T-1: Build | ci: build on main x3");
        let told = plan.revise(&author(), &format!("T-1: Build | {text}")).told();
        let proposed = told.iter().any(|event| event.starts_with("weakening_proposed"));
        assert_eq!(proposed, weaker, "{text}: {told:?}");
    }
}

#[test]
fn a_check_is_written_as_it_is_read() {
    let plan = given("T-1: Build | ci: build on main x3");
    let specs: Vec<&CheckSpec> = plan.plan.checks().map(|(_, check)| &check.spec).collect();
    assert_eq!(specs[0].to_string(), "ci: `build` on `main` x3");
}
