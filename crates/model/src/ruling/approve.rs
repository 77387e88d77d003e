//! People countersign: approvals that a check asks for, tasks that nothing else would prove, and
//! weakenings.

use super::progress::unmet;
use super::{Ruling, person, required, review};
use crate::actor::Actor;
use crate::apply::attempt_of;
use crate::check::Probe;
use crate::context::Context;
use crate::event::Event;
use crate::gate::{Check, Loosened, Subject};
use crate::ids::{CheckId, PersonId, TaskId};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::review::TicketSource;
use crate::task::{Task, TaskState};

pub(super) fn approve(
    ruling: &mut Ruling<'_>,
    subject: Subject,
    check: Option<String>,
    role: Option<String>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before();
    let who = person(plan, cx, "approve")?;
    let name = plan.subject_name(subject);
    let gate = plan.gate(subject).ok_or_else(|| {
        Refusal::new(refusal::GATE_NOT_FOUND, format!("there is nothing called `{name}` to approve"))
    })?;
    if let Subject::Task(id) = subject {
        let task = ruling.live_task(id)?;
        not_own_work(plan, task, cx)?;
        if gate.checks.is_empty() {
            return sign_off(ruling, id, &who, cx);
        }
    }
    let wanted = pick(&gate.checks, check.as_deref(), role.as_deref(), &name)?.id;
    give(ruling, wanted, &who, cx)?;
    let led =
        |source: &TicketSource| matches!(source, TicketSource::Approval { check, .. } if *check == wanted);
    review::close_answered(ruling, led, cx);
    Ok(())
}

/// Gives the approval that one check asks for: the same rules, whichever way a person comes to it.
pub(super) fn give(
    ruling: &mut Ruling<'_>,
    id: CheckId,
    who: &PersonId,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before();
    let Some((subject, wanted)) = plan.check(id) else {
        return Err(Refusal::new(refusal::CHECK_NOT_FOUND, format!("there is no check `{id}`")));
    };
    let name = plan.subject_name(subject);
    if let Subject::Task(id) = subject {
        not_own_work(plan, ruling.live_task(id)?, cx)?;
    }
    let Probe::Approval { role, .. } = &wanted.spec.probe else {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("check `{}` of `{name}` asks for evidence, not for an approval", wanted.spec.name),
        )
        .hint("run it with `countersign verify`"));
    };
    let role = required(role, "the role")?;
    if !plan.settings.has_role(who.as_str(), &role) {
        return Err(Refusal::new(refusal::POLICY_DENIED, format!("{who} does not have the role `{role}`"))
            .hint("the plan's `[settings.roles]` says who has"));
    }
    let attempt = attempt_of(plan, subject);
    let twice = wanted
        .approvals
        .iter()
        .any(|known| known.attempt == attempt && known.spec == wanted.digest && known.by == *cx.by);
    if !twice {
        let event = Event::ApprovalGiven { check: wanted.id, attempt, spec: wanted.digest, role };
        ruling.record(event);
    }
    Ok(())
}

/// Separation of duties: who claimed a task, or works on it, cannot approve it.
fn not_own_work(plan: &Plan, task: &Task, cx: &Context<'_>) -> Result<(), Refusal> {
    if task.worker() == Some(&cx.by.actor) && !plan.settings.solo {
        return Err(Refusal::new(
            refusal::APPROVAL_SELF,
            format!("{} claimed task `{}` and so cannot approve it", cx.by.actor, task.key),
        )
        .hint("ask somebody else, or set `solo = true` for a one-person plan")
        .with("task", task.key.as_str()));
    }
    Ok(())
}

/// A task that nothing would prove: a person who did not claim it puts their name to it.
fn sign_off(ruling: &mut Ruling<'_>, id: TaskId, who: &PersonId, cx: &Context<'_>) -> Result<(), Refusal> {
    let plan = ruling.before();
    let task = ruling.live_task(id)?;
    match &task.state {
        TaskState::Claimed(_) => {}
        TaskState::Verified(_) => return Ok(()),
        other => {
            return Err(Refusal::new(
                refusal::TASK_STATE,
                format!("task `{}` is {}: nobody has claimed it is done", task.key, other.word()),
            )
            .hint(format!("whoever did it says so with `countersign claim {}`", task.key))
            .with("task", task.key.as_str()));
        }
    }
    unmet(plan, task, cx, "approve")?;
    let attempt = task.attempt;
    let clearance = plan.clearance(Subject::Task(id), None, cx.now, Some(who)).map_err(|_| {
        Refusal::new(refusal::GATE_SHUT, format!("task `{}` cannot be countersigned", task.key))
    })?;
    ruling.record(Event::TaskVerified { task: id, attempt, basis: clearance.into_basis() });
    Ok(())
}

fn pick<'a>(
    checks: &'a [Check],
    name: Option<&str>,
    role: Option<&str>,
    subject: &str,
) -> Result<&'a Check, Refusal> {
    if let Some(name) = name {
        return checks.iter().find(|check| check.spec.name == name).ok_or_else(|| {
            Refusal::new(refusal::CHECK_NOT_FOUND, format!("`{subject}` has no check called `{name}`"))
        });
    }
    let mut fitting = checks.iter().filter(|check| match &check.spec.probe {
        Probe::Approval { role: asked, .. } => role.is_none_or(|role| role.eq_ignore_ascii_case(asked)),
        _ => false,
    });
    let Some(first) = fitting.next() else {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            match role {
                Some(role) => format!("`{subject}` asks for no approval by `{role}`"),
                None => format!("`{subject}` asks for evidence, not for an approval"),
            },
        )
        .hint("see what it asks for with `countersign show`"));
    };
    if fitting.next().is_some() {
        return Err(Refusal::new(refusal::VALUE_INVALID, format!("`{subject}` asks for several approvals"))
            .hint("say which with `--role` or `--check`"));
    }
    Ok(first)
}

pub(super) fn approve_weakening(
    ruling: &mut Ruling<'_>,
    loosened: Loosened,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before();
    let who = person(plan, cx, "approve a weakening")?;
    let nothing = |what: String| {
        Err(Refusal::new(refusal::TASK_STATE, format!("no weakening of {what} waits for approval")))
    };
    let asked_by: Vec<&Actor> = match loosened {
        Loosened::Check(id) => {
            let Some((subject, check)) = plan.check(id) else {
                return Err(Refusal::new(refusal::CHECK_NOT_FOUND, format!("there is no check `{id}`")));
            };
            match &check.weakening {
                Some(weakening) => vec![&weakening.by.actor],
                None => {
                    return nothing(format!(
                        "check `{}` of `{}`",
                        check.spec.name,
                        plan.subject_name(subject)
                    ));
                }
            }
        }
        Loosened::Criteria(subject) => {
            let stated = plan.gate(subject).into_iter().flat_map(|gate| &gate.stated);
            let by: Vec<&Actor> =
                stated.filter_map(|stated| stated.removed.as_ref()).map(|by| &by.actor).collect();
            if by.is_empty() {
                return nothing(format!("`{}`", plan.subject_name(subject)));
            }
            by
        }
        Loosened::Settings => match &plan.proposed_settings {
            Some(proposed) => vec![&proposed.by.actor],
            None => return nothing("the settings".to_owned()),
        },
    };
    if asked_by.contains(&&cx.by.actor) && !plan.settings.solo {
        return Err(Refusal::new(
            refusal::APPROVAL_SELF,
            format!("{who} brought the weakening in and so cannot approve it"),
        )
        .hint("ask somebody else, or set `solo = true` for a one-person plan"));
    }
    ruling.record(Event::WeakeningApproved { loosened });
    Ok(())
}
