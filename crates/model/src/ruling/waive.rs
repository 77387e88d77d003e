//! Exceptions: asked for by one, granted by another, always with an end.

use jiff::Timestamp;

use super::{Ruling, person, required};
use crate::context::Context;
use crate::digest::Digest;
use crate::event::Event;
use crate::gate::Subject;
use crate::ids::{CheckId, PersonId, TaskId, WaiverId};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::waiver::{Waiver, WaiverState, need_digest};

/// The role whose people may grant waivers, where the settings name it.
const WAIVER_ROLE: &str = "waivers";

const SECONDS_A_DAY: i64 = 86_400;

pub(super) fn waive(
    ruling: &mut Ruling<'_>,
    check: CheckId,
    reason: String,
    until: Timestamp,
    approve_too: bool,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before();
    let Some((subject, known)) = plan.check(check) else {
        return Err(Refusal::new(refusal::CHECK_NOT_FOUND, format!("there is no check `{check}`")));
    };
    let name = known.spec.name.clone();
    let spec = known.digest;
    never(ruling, &name)?;
    ask(ruling, (check, subject, spec), reason, until, approve_too, cx)
}

/// Asks to let a task go ahead before something it needs is done.
pub(super) fn waive_need(
    ruling: &mut Ruling<'_>,
    (task, need): (TaskId, TaskId),
    reason: String,
    until: Timestamp,
    approve_too: bool,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let (known, needed) = (ruling.live_task(task)?, ruling.task(need)?);
    if !known.needs.contains(&need) {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("task `{}` does not need `{}`", known.key, needed.key),
        )
        .hint(format!("see what it needs with `countersign why {}`", known.key)));
    }
    let (check, subject, spec) = (cx.id(CheckId::from_bits), Subject::Task(task), need_digest(need));
    ask(ruling, (check, subject, spec), reason, until, approve_too, cx)
}

fn ask(
    ruling: &mut Ruling<'_>,
    (check, subject, spec): (CheckId, Subject, Digest),
    reason: String,
    until: Timestamp,
    approve_too: bool,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let reason = required(&reason, "the reason")?;
    let plan = ruling.before();
    if until <= cx.now {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("a waiver must end in the future, not at {until}"),
        ));
    }
    let limit = i64::from(plan.settings.waiver_limit_days);
    if until.as_second() - cx.now.as_second() > limit * SECONDS_A_DAY {
        return Err(Refusal::new(refusal::VALUE_INVALID, format!("a waiver may last {limit} days at most"))
            .hint("choose an earlier end, or change `waiver_limit_days` in the plan's settings"));
    }
    if approve_too {
        let who = person(plan, cx, "approve a waiver")?;
        if !plan.settings.solo {
            return Err(self_approved());
        }
        entitled(plan, &who)?;
    }
    let waiver = cx.id(WaiverId::from_bits);
    ruling.record(Event::WaiverRequested { waiver, check, subject, spec, reason, until });
    if approve_too {
        ruling.record(Event::WaiverApproved { waiver });
    }
    Ok(())
}

pub(super) fn approve(ruling: &mut Ruling<'_>, id: WaiverId, cx: &Context<'_>) -> Result<(), Refusal> {
    let who = person(ruling.before(), cx, "approve a waiver")?;
    let waiver = find(ruling, id)?;
    let plan = ruling.before();
    if waiver.requested_by.actor == cx.by.actor && !plan.settings.solo {
        return Err(self_approved());
    }
    entitled(plan, &who)?;
    match waiver.state(cx.now) {
        WaiverState::Requested => {}
        WaiverState::Approved => return Ok(()),
        WaiverState::Lapsed => {
            return Err(Refusal::new(
                refusal::WAIVER_EXPIRED,
                format!("the waiver ended at {}", waiver.until),
            )
            .hint("ask for a new one with `countersign waive`"));
        }
        WaiverState::Revoked => {
            return Err(Refusal::new(refusal::TASK_STATE, "the waiver was taken back")
                .hint("ask for a new one with `countersign waive`"));
        }
    }
    if plan.waived_need(waiver).is_some() {
        ruling.record(Event::WaiverApproved { waiver: id });
        return Ok(());
    }
    let scope = plan.check(waiver.check).filter(|(_, check)| check.digest == waiver.spec);
    let Some((_, check)) = scope else {
        return Err(Refusal::new(
            refusal::WAIVER_SCOPE,
            "the check was changed since the waiver was asked for",
        )
        .hint("ask for a new one with `countersign waive`"));
    };
    let name = check.spec.name.clone();
    never(ruling, &name)?;
    ruling.record(Event::WaiverApproved { waiver: id });
    Ok(())
}

pub(super) fn revoke(
    ruling: &mut Ruling<'_>,
    id: WaiverId,
    reason: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let reason = required(&reason, "the reason")?;
    person(ruling.before(), cx, "take a waiver back")?;
    let waiver = find(ruling, id)?;
    if waiver.revoked.is_none() {
        ruling.record(Event::WaiverRevoked { waiver: id, reason });
    }
    Ok(())
}

fn find<'a>(ruling: &'a Ruling<'_>, id: WaiverId) -> Result<&'a Waiver, Refusal> {
    ruling.before().waivers.iter().find(|waiver| waiver.id == id).ok_or_else(|| {
        Refusal::new(refusal::WAIVER_NOT_FOUND, format!("there is no waiver `{id}`"))
            .hint("see them all with `countersign waivers`")
    })
}

fn never(ruling: &Ruling<'_>, check: &str) -> Result<(), Refusal> {
    if ruling.before().settings.never_waives(check) {
        return Err(Refusal::new(refusal::WAIVER_NEVER, format!("check `{check}` is never waived"))
            .hint("the plan's `never_waivable` says so"));
    }
    Ok(())
}

/// Where the settings name the role, only its people grant waivers.
fn entitled(plan: &Plan, who: &PersonId) -> Result<(), Refusal> {
    if plan.settings.has_role(who.as_str(), WAIVER_ROLE) {
        return Ok(());
    }
    Err(Refusal::new(refusal::POLICY_DENIED, format!("{who} does not have the role `{WAIVER_ROLE}`"))
        .hint("the plan's `[settings.roles]` says who has"))
}

fn self_approved() -> Refusal {
    Refusal::new(refusal::WAIVER_SELF_APPROVED, "who asked for a waiver cannot approve it")
        .hint("ask somebody else to run `countersign approve waiver ID`, or set `solo = true` for a one-person plan")
}
