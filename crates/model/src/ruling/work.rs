//! What concerns the work on a plan as a whole: halting it, its budget, and handing work on.

use super::progress::worker;
use super::{Ruling, person, required};
use crate::context::Context;
use crate::event::Event;
use crate::ids::TaskId;
use crate::lease::{HandedOff, Usage};
use crate::refusal::{self, Refusal};

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
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    ruling.task(id)?;
    if !usage.is_none() {
        ruling.record(Event::UsageRecorded { task: id, usage });
    }
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
