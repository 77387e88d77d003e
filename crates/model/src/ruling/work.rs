//! What concerns the work on a plan as a whole: halting it, its budget, and handing work on.

use super::progress::worker;
use super::{Ruling, person, required, review};
use crate::context::Context;
use crate::event::Event;
use crate::ids::TaskId;
use crate::lease::{HandedOff, Usage, WorkReported};
use crate::refusal::{self, Refusal};
use crate::task::TaskState;

/// The longest name of what a worker says.
const LONGEST_NAME: usize = 64;

/// The most bytes of what belongs to it.
const LARGEST_PAYLOAD: usize = 64 * 1024;

/// Whoever sees a reason may stop the work.
pub(super) fn halt(ruling: &mut Ruling<'_>, reason: &str, cx: &Context<'_>) -> Result<(), Refusal> {
    worker(cx)?;
    let reason = required(reason, "the reason")?;
    if ruling.before().halted.as_ref().is_some_and(|halt| halt.reason == reason) {
        return Ok(());
    }
    ruling.record(Event::PlanHalted { reason });
    Ok(())
}

/// Letting it go on is a person's decision.
pub(super) fn resume(ruling: &mut Ruling<'_>, cx: &Context<'_>) -> Result<(), Refusal> {
    person(ruling.before(), cx, "let a halted plan go on")?;
    if ruling.before().halted.is_some() {
        ruling.record(Event::PlanResumed {});
    }
    Ok(())
}

pub(super) fn record_usage(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    usage: Usage,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let key = ruling.task(id)?.key.to_string();
    if usage.is_none() {
        return Ok(());
    }
    ruling.record(Event::UsageRecorded { task: id, usage });
    let plan = ruling.before();
    let budget = &plan.settings.budget;
    let was_spent = budget.spent(plan.used, plan.allowed).is_some();
    if let Some(spent) = budget.spent(plan.used.plus(usage), plan.allowed).filter(|_| !was_spent) {
        // The budget is the plan's: whose work used up the last of it says little of that task.
        let summary = format!("the plan's budget is used up: {spent}, last by work on `{key}`");
        review::guardrail(ruling, None, refusal::BUDGET_SPENT, summary, ("budget", spent), cx);
    }
    Ok(())
}

/// Whoever works on a task says how it goes. How a run begins and ends is not theirs to say: that
/// follows from what the plan knows.
pub(super) fn report(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    name: String,
    payload: serde_json::Map<String, serde_json::Value>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let task = ruling.live_task(id)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
        return Err(Refusal::new(refusal::VALUE_INVALID, format!("`{name}` is no name for an event"))
            .hint("use small letters and `_`, such as `progress` or `tool_invoked`")
            .with("field", "event"));
    }
    if name.starts_with("task_") {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("`{name}` follows from how the task stands"),
        )
        .hint("claim, verify or drop the task instead")
        .with("field", "event"));
    }
    let size = serde_json::to_string(&payload).map_or(usize::MAX, |text| text.len());
    if size > LARGEST_PAYLOAD {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("a payload of {size} bytes is too large; at most {LARGEST_PAYLOAD} fit"),
        )
        .hint("attach what is large, and name it here")
        .with("field", "payload"));
    }
    if !matches!(task.state, TaskState::Active(_)) {
        return Err(Refusal::new(
            refusal::TASK_STATE,
            format!("task `{}` is {}: nobody works on it", task.key, task.state.word()),
        )
        .hint("start it, or take it under a lease, first")
        .with("task", task.key.as_str()));
    }
    ruling.record(Event::WorkReported(Box::new(WorkReported { task: id, name, payload })));
    Ok(())
}

pub(super) fn allow_budget(
    ruling: &mut Ruling<'_>,
    usage: Usage,
    reason: &str,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let reason = required(reason, "the reason")?;
    person(ruling.before(), cx, "allow more than the budget")?;
    if usage.is_none() {
        return Err(Refusal::new(refusal::VALUE_INVALID, "nothing was named that is to be allowed")
            .hint("name `--tokens`, `--money` or `--time`"));
    }
    ruling.record(Event::BudgetAllowed { usage, reason });
    Ok(())
}

pub(super) fn hand_off(ruling: &mut Ruling<'_>, what: HandedOff, cx: &Context<'_>) -> Result<(), Refusal> {
    worker(cx)?;
    let (from, to) =
        (required(&what.from, "the role it comes from")?, required(&what.to, "the role it goes to")?);
    if let Some(task) = what.task {
        ruling.live_task(task)?;
    }
    let kept = |list: Vec<String>| -> Vec<String> {
        list.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    };
    let (inputs, outputs, text) = (kept(what.inputs), kept(what.outputs), what.text.trim().to_owned());
    if outputs.is_empty() && text.is_empty() {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a handoff hands something on")
            .hint("name its outputs, or say in words what comes next"));
    }
    let HandedOff { task, required_by, .. } = what;
    ruling.record(Event::HandedOff(Box::new(HandedOff {
        task,
        from,
        to,
        inputs,
        outputs,
        required_by,
        text,
    })));
    Ok(())
}
