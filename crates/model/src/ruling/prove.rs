//! Evidence comes in, and countersigning goes out.

use super::progress::{reopened, unmet};
use super::{Ruling, shut_facts};
use crate::actor::Actor;
use crate::apply::attempt_of;
use crate::check::{Evidence, Outcome};
use crate::context::Context;
use crate::digest::Digest;
use crate::event::{Event, VerdictRecorded};
use crate::gate::{CheckStanding, Subject, Unmet};
use crate::ids::{CheckId, TaskId};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::task::{Task, TaskState};
use crate::waiver::WaiverState;
use crate::work::is_run;

/// What came of running a check.
pub(super) struct Report {
    pub(super) check: CheckId,
    pub(super) attempt: u32,
    pub(super) spec: Digest,
    pub(super) inputs: Digest,
    pub(super) outcome: Outcome,
    pub(super) evidence: Evidence,
}

/// Takes a verdict in. Only the program itself reports verdicts: nobody's word is one.
pub(super) fn record_verdict(
    ruling: &mut Ruling<'_>,
    report: Report,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    if cx.by.actor != Actor::System {
        return Err(Refusal::new(
            refusal::POLICY_DENIED,
            "a verdict comes from running the check, not from a word",
        )
        .hint("run it with `countersign verify` or `countersign run`"));
    }
    let plan = ruling.before();
    let Some((subject, check)) = plan.check(report.check) else {
        return Err(Refusal::new(refusal::CHECK_NOT_FOUND, format!("there is no check `{}`", report.check)));
    };
    let name = check.spec.name.clone();
    if !is_run(&check.spec.probe) {
        return Err(Refusal::new(refusal::VALUE_INVALID, format!("check `{name}` is not one that is run")));
    }
    let attempt = attempt_of(plan, subject);
    if report.spec != check.digest || report.attempt != attempt {
        let what = plan.subject_name(subject);
        return Err(Refusal::new(
            refusal::VERDICT_STALE,
            format!(
                "the verdict on check `{name}` of `{what}` belongs to an earlier attempt or specification"
            ),
        )
        .hint("run the check again"));
    }
    let passed = report.outcome == Outcome::Pass;
    let summary = report.evidence.summary.clone();
    ruling.record(Event::VerdictRecorded(Box::new(VerdictRecorded {
        check: report.check,
        attempt: report.attempt,
        spec: report.spec,
        inputs: report.inputs,
        outcome: report.outcome,
        evidence: report.evidence,
    })));
    if !passed {
        take_back(ruling, subject, &name, &summary, cx);
    }
    Ok(())
}

/// Reopens a verified task whose evidence no longer holds.
fn take_back(ruling: &mut Ruling<'_>, subject: Subject, check: &str, summary: &str, cx: &Context<'_>) {
    let Subject::Task(id) = subject else { return };
    let verified = ruling.before().task(id).is_some_and(|task| matches!(task.state, TaskState::Verified(_)));
    if !verified {
        return;
    }
    let now = cx.now;
    let after = ruling.after(cx);
    let Some(task) = after.task(id).filter(|task| !after.is_verified(task, now)) else { return };
    let attempt = task.attempt + 1;
    reopened(ruling, id, attempt, format!("check `{check}` no longer passes: {summary}"));
}

/// Countersigns a task whose gate is open. Needs no claim; refuses without proof.
pub(super) fn verify(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    inputs: Digest,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before();
    let task = ruling.live_task(id)?;
    unmet(plan, task, cx, "verify")?;
    let attempt = task.attempt;
    match plan.clearance(Subject::Task(id), Some(inputs), cx.now, None) {
        Ok(clearance) => {
            let basis = clearance.into_basis();
            let same = matches!(&task.state, TaskState::Verified(verified) if verified.basis == basis);
            if !same {
                ruling.record(Event::TaskVerified { task: id, attempt, basis });
            }
            Ok(())
        }
        Err(unmet) => Err(shut(plan, task, &unmet, cx)),
    }
}

fn shut(plan: &Plan, task: &Task, unmet: &Unmet, cx: &Context<'_>) -> Refusal {
    let key = &task.key;
    if unmet.of == 0 {
        return Refusal::new(refusal::GATE_SHUT, format!("task `{key}` has no checks, so nothing proves it"))
            .hint(format!("a person can countersign it with `countersign approve {key}`"))
            .with("task", key.as_str());
    }
    let lapsed = unmet.checks.iter().any(|(check, _)| {
        let mut waivers = plan.waivers.iter().filter(|waiver| waiver.check == *check);
        waivers.any(|waiver| waiver.approved.is_some() && waiver.state(cx.now) == WaiverState::Lapsed)
    });
    let weakened = unmet
        .checks
        .iter()
        .any(|(check, _)| plan.check(*check).is_some_and(|(_, check)| check.weakening.is_some()));
    let all_errors = unmet.checks.iter().all(|(_, standing)| matches!(standing, CheckStanding::Error { .. }));
    let (count, of) = (unmet.checks.len(), unmet.of);
    let (code, hint) = if lapsed {
        (refusal::WAIVER_EXPIRED, format!("the waiver is over; see `countersign waivers` and `show {key}`"))
    } else if weakened {
        (
            refusal::WEAKENING_UNAPPROVED,
            format!("a person can approve the loosened check: `countersign approve weakening {key}`"),
        )
    } else if all_errors {
        (
            refusal::CHECK_ERROR,
            format!("mend what keeps the check from running; see `countersign show {key}`"),
        )
    } else {
        (refusal::GATE_SHUT, format!("see them with `countersign show {key}`, or ask a person for a waiver"))
    };
    let mut no =
        Refusal::new(code, format!("task `{key}` is not verified: {count} of {of} checks have not passed"))
            .hint(hint)
            .with("task", key.as_str())
            .with("unmet", count)
            .with("of", of);
    no.facts = shut_facts(plan, &unmet.checks);
    no
}
