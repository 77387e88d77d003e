//! Registers: risks, decisions, escalations, assumptions, metrics, and tasks that a verb adds.

use model::command::Command;
use model::draft::{MetricRole, TaskKind};
use model::facts::Fact;
use model::ids::{AssumptionId, EscalationId};
use model::registers::{EntryDetails, RiskDetails};
use testkit::sketch::key;

use crate::story::{agent, author, given, person};

fn risk(title: &str) -> RiskDetails {
    RiskDetails { title: title.to_owned(), ..RiskDetails::default() }
}

fn entry(text: &str) -> EntryDetails {
    EntryDetails { text: text.to_owned(), ..EntryDetails::default() }
}

#[test]
fn risks_are_added_with_a_key_of_their_own_and_changed_field_by_field() {
    let ada = person("ada");
    let mut plan = given("risk R-1: The vendor is late | owner: bob\nT-1: Build");
    let add = |key, title: &str| Command::AddRisk { key, details: risk(title) };
    plan.when(&ada, add(Some(key("R-1")), "Another")).refused("key/duplicate", "the key `R-1` is taken");
    plan.when(&ada, add(None, " ")).refused("value/invalid", "the risk's title");
    for _ in 0..2 {
        plan.when(&ada, add(None, "Disk runs full")).gives(&["risk_added"]);
    }
    plan.when(&ada, add(Some(key("R-2")), "Power fails")).done();
    let keys: Vec<_> = plan.plan.risks.iter().map(|risk| risk.key.to_string()).collect();
    assert_eq!(keys, ["R-1", "risk/disk-runs-full", "risk/disk-runs-full~2", "R-2"]);
    let status = RiskDetails { status: Some("closed".to_owned()), ..RiskDetails::default() };
    let change = |key_text: &str| Command::ChangeRisk { key: key(key_text), details: status.clone() };
    plan.when(&ada, change("R-1")).gives(&["risk_changed"]);
    plan.when(&ada, change("R-1")).gives(&[]);
    plan.when(&ada, change("R-9")).refused("entry/not-found", "there is no risk `R-9`");
    let details = &plan.plan.risks[0].details;
    assert_eq!(
        (&*details.title, details.owner.as_deref(), details.status.as_deref()),
        ("The vendor is late", Some("bob"), Some("closed"))
    );
}

#[test]
fn a_revision_adds_and_changes_entries_and_removes_none() {
    let mut plan = given(
        "T-1: Build\nrisk R-1: Late | tasks: T-1\ndecision: go on\nescalation: call them\nassumption: nobody moves",
    );
    plan.revise(&author(), "T-1: Build\nrisk R-1: Very late | tasks: T-1\nrisk R-2: New\ndecision: stop\nassumption: nobody moves").gives(&[
        "plan_revised",
        "risk_changed",
        "risk_added",
        "decision_recorded",
    ]);
    assert_eq!(
        (plan.plan.decisions.len(), plan.plan.escalations.len(), plan.plan.assumptions.len()),
        (2, 1, 1)
    );
    assert_eq!(plan.plan.risks[0].details.tasks, [plan.id("T-1")]);
}

#[test]
fn escalations_end_once() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    plan.when(&ada, Command::Escalate { entry: entry(""), task: None })
        .refused("value/invalid", "the escalation");
    plan.when(&agent("smith"), Command::Escalate { entry: entry("nobody answers"), task: None })
        .gives(&["escalation_opened", "ticket_opened"]);
    let escalation = plan.plan.escalations[0].id;
    let end =
        |escalation, outcome: &str| Command::ResolveEscalation { escalation, outcome: outcome.to_owned() };
    plan.when(&ada, end(escalation, "")).refused("value/invalid", "the outcome");
    plan.when(&ada, end(escalation, "they answered"))
        .gives(&["escalation_resolved", "ticket_closed resolved"]);
    plan.when(&ada, end(escalation, "again")).refused("task/state", "the escalation has ended already");
    plan.when(&ada, end(EscalationId::from_bits(9), "x"))
        .refused("entry/not-found", "there is no escalation");
}

#[test]
fn decisions_and_assumptions_are_kept() {
    let ada = person("ada");
    let mut plan = given("T-1: Build");
    plan.when(&ada, Command::Decide(entry("\n"))).refused("value/invalid", "the decision");
    plan.when(&ada, Command::Decide(entry("we go on"))).gives(&["decision_recorded"]);
    plan.when(&ada, Command::Assume(String::new())).refused("value/invalid", "the assumption");
    plan.when(&ada, Command::Assume("nobody moves".to_owned())).gives(&["assumption_recorded"]);
    let assumption = plan.plan.assumptions[0].id;
    assert_eq!(plan.plan.assumptions[0].holds, None);
    plan.when(&ada, Command::CheckAssumption { assumption, holds: false }).gives(&["assumption_checked"]);
    assert_eq!(plan.plan.assumptions[0].holds, Some(false));
    let stray = AssumptionId::from_bits(9);
    plan.when(&ada, Command::CheckAssumption { assumption: stray, holds: true })
        .refused("entry/not-found", "there is no assumption");
}

#[test]
fn readings_are_told_from_baselines_and_claims() {
    let ada = person("ada");
    let mut plan = given("metric p95: < 200 | claimed: 150");
    let read = |name: &str, value: f64, source: &str, role| Command::RecordReading {
        name: name.to_owned(),
        value,
        unit: Some("ms".to_owned()),
        source: source.to_owned(),
        role,
    };
    plan.when(&ada, read(" ", 1.0, "me", None)).refused("value/invalid", "the metric's name");
    plan.when(&ada, read("p95", 1.0, "", None)).refused("value/invalid", "the source of a reading");
    plan.when(&ada, read("p95", 240.0, "run 1", Some(MetricRole::Baseline))).gives(&["reading_recorded"]);
    plan.when(&agent("smith"), read("p95", 180.0, "run 2", None)).gives(&["reading_recorded"]);
    let metric = plan.plan.metric("P95").expect("a metric");
    let value = |reading: &Option<model::registers::Reading>| reading.as_ref().map(|reading| reading.value);
    assert_eq!(
        (value(&metric.claimed), value(&metric.baseline), value(&metric.last)),
        (Some(150.0), Some(240.0), Some(180.0))
    );
    assert_eq!((metric.readings, metric.unit.as_deref()), (1, Some("ms")));
    plan.when(&ada, Command::DefineMetric { name: String::new(), unit: None, target: None })
        .refused("value/invalid", "the metric's name");
    plan.when(
        &ada,
        Command::DefineMetric { name: "rss".to_owned(), unit: Some("MiB".to_owned()), target: None },
    )
    .gives(&["metric_defined"]);
}

#[test]
fn tasks_added_by_a_verb_get_a_key_and_stay() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    let t1 = plan.id("T-1");
    let add = |key, title: &str, needs, facts| Command::AddTask {
        kind: TaskKind::Action,
        key,
        title: title.to_owned(),
        needs,
        facts,
    };
    plan.when(&smith, add(Some(key("T-1")), "Twice", Vec::new(), Vec::new()))
        .refused("key/duplicate", "the key `T-1` is taken");
    plan.when(&smith, add(None, "", Vec::new(), Vec::new())).refused("value/invalid", "the title");
    plan.when(&smith, add(None, "x", vec![model::ids::TaskId::from_bits(9)], Vec::new()))
        .refused("task/not-found", "there is no task");
    plan.when(&smith, add(None, "x", Vec::new(), vec![Fact::Percent(900.0)]))
        .refused("value/invalid", "Progress must be");
    plan.when(&model::actor::By::document(), add(None, "x", Vec::new(), Vec::new()))
        .refused("policy/denied", "can work");
    plan.when(&smith, add(None, "Call the vendor", vec![t1], vec![Fact::Priority("P0".to_owned())]))
        .gives(&["task_added action/call-the-vendor"]);
    plan.when(&smith, add(None, "Call the vendor", Vec::new(), Vec::new()))
        .gives(&["task_added action/call-the-vendor~2"]);
    plan.claim(&smith, "action/call-the-vendor").refused("dependency/unmet", "it needs `T-1`");
    plan.revise(&author(), "T-1: Build the thing").gives(&["plan_revised", "task_changed T-1"]);
    assert_eq!(plan.state("action/call-the-vendor"), "open");
}
