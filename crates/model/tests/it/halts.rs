//! Halting and going on, budgets, and handing work over.

use model::actor::By;
use model::command::Command;
use model::commons::Holding;
use model::context::Context;
use model::ids::Fence;
use model::lease::{HandedOff, LeaseEnd, Usage};
use model::ruling::holds;

use crate::story::{Row, agent, given, person, signed};

fn halt() -> Command {
    Command::Halt { reason: "the build is broken".to_owned() }
}

#[test]
fn nothing_begins_while_a_plan_is_halted() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("T-1: Build\nT-2: Test");
    plan.take_up(&smith, "T-1").done();
    plan.when(&By::document(), halt()).refused("policy/denied", "only a person or an agent");
    plan.when(&jones, Command::Halt { reason: " ".to_owned() }).refused("value/invalid", "the reason");
    plan.when(&jones, halt()).gives(&["plan_halted"]);
    plan.when(&jones, halt()).gives(&[]);
    let says = "the plan was halted by jones (run-1): the build is broken";
    plan.take_up(&jones, "T-2").refused("plan/halted", says);
    plan.take_next(&jones, &[]).refused("plan/halted", says);
    plan.start(&jones, "T-2").refused("plan/halted", says);
    plan.start(&ada, "T-2").refused("plan/halted", says);
    // What runs may come to its end.
    plan.beat(&smith, "T-1").done();
    plan.submit(&smith, "T-1", &[]).done();
    plan.when(&jones, Command::Resume).refused("policy/denied", "only a person can let a halted plan go on");
    plan.agent_present = true;
    plan.when(&ada, Command::Resume).refused("identity/unproven", "an agent is present");
    plan.when(&signed("ada"), Command::Resume).gives(&["plan_resumed"]);
    plan.when(&signed("ada"), Command::Resume).gives(&[]);
    plan.take_up(&jones, "T-2").done();
}

#[test]
fn a_spent_budget_stops_what_is_new_until_a_person_allows_more() {
    let (smith, jones, ada) = (agent("smith"), agent("jones"), person("ada"));
    let mut plan = given("setting tokens: 100\nT-1: Build\nT-2: Test");
    plan.take_up(&smith, "T-1").done();
    let task = plan.id("T-1");
    let used = |tokens: u64| Command::RecordUsage { task, usage: Usage { tokens, ..Usage::default() } };
    plan.when(&jones, used(1)).refused("lease/taken", "held by smith");
    plan.when(&smith, used(0)).gives(&[]);
    plan.when(&smith, used(99)).gives(&["usage_recorded T-1"]);
    plan.take_up(&jones, "T-2").done();
    plan.release(&jones, "T-2", LeaseEnd::Released, "").done();
    plan.when(&smith, used(1)).done();
    let no = plan.take_up(&jones, "T-2").refused("budget/spent", "used up: 100 of 100 tokens");
    assert_eq!(no.exit(), 10);
    plan.start(&jones, "T-2").refused("budget/spent", "100 of 100 tokens");
    plan.beat(&smith, "T-1").done();
    plan.submit(&smith, "T-1", &[]).done();
    let more =
        Command::AllowBudget { usage: Usage { tokens: 50, ..Usage::default() }, reason: "more".to_owned() };
    plan.when(&smith, more.clone()).refused("policy/denied", "only a person can allow more");
    plan.when(&ada, Command::AllowBudget { usage: Usage::default(), reason: "more".to_owned() })
        .refused("value/invalid", "nothing was named");
    plan.agent_present = true;
    plan.when(&ada, more.clone()).refused("identity/unproven", "an agent is present");
    plan.agent_present = false;
    plan.when(&ada, more).gives(&["budget_allowed"]);
    plan.take_up(&jones, "T-2").done();
}

#[test]
fn a_wider_budget_in_the_document_waits_for_approval() {
    let mut plan = given("setting tokens: 100\nT-1: Build");
    for wider in ["setting tokens: 200\nT-1: Build", "T-1: Build"] {
        plan.revise(&agent("smith"), wider).gives(&["plan_revised", "settings_proposed"]);
        assert_eq!(plan.plan.settings.budget.tokens, Some(100));
    }
    plan.revise(&agent("smith"), "setting tokens: 50\nT-1: Build")
        .gives(&["plan_revised", "settings_changed"]);
}

#[test]
fn a_handoff_hands_something_on() {
    let smith = agent("smith");
    let mut plan = given("T-1: Build");
    let what = |to: &str, text: &str| {
        let (from, to, text) = ("coder".to_owned(), to.to_owned(), text.to_owned());
        let (inputs, outputs) = (Vec::new(), Vec::new());
        Command::HandOff(Box::new(HandedOff {
            task: None,
            from,
            to,
            inputs,
            outputs,
            required_by: None,
            text,
        }))
    };
    plan.when(&smith, what("reviewer", " ")).refused("value/invalid", "a handoff hands something on");
    plan.when(&smith, what(" ", "look")).refused("value/invalid", "the role it goes to");
    plan.when(&By::system(), what("reviewer", "look")).refused("policy/denied", "only a person or an agent");
    plan.when(&smith, what("reviewer", "look")).gives(&["handed_off"]);
    assert_eq!(plan.plan.handoffs[0].what.to, "reviewer");
}

#[test]
fn what_is_written_elsewhere_under_a_grant_needs_the_grant() {
    let (smith, jones) = (agent("smith"), agent("jones"));
    let mut plan = given("T-1: Build");
    plan.take_up(&smith, "T-1").done();
    let judge = |plan: &crate::story::Story, by: &By, fence: u64| {
        let holding = Holding { plan: plan.plan.id, task: plan.id("T-1"), fence: Fence(fence) };
        let mut ids = Row::default();
        let cx = Context { now: plan.now, by, agent_present: true, fence: None, ids: &mut ids };
        holds(&plan.plan, holding, &cx).map_err(|no| no.code)
    };
    assert_eq!(judge(&plan, &smith, 1), Ok(()));
    assert_eq!(judge(&plan, &jones, 1), Err("lease/lost"), "another's grant");
    assert_eq!(judge(&plan, &smith, 0), Err("lease/lost"), "an older grant");
    plan.minutes(15);
    assert_eq!(judge(&plan, &smith, 1), Err("lease/lost"), "its time is over");
    plan.take_up(&jones, "T-1").done();
    assert_eq!(judge(&plan, &smith, 1), Err("lease/lost"));
    assert_eq!(judge(&plan, &jones, 2), Ok(()));
}
