//! Work that a plan's state asks for: derived, never queued, so that a crash, a restart or a
//! second machine needs no outbox. Whoever does it must be ready to find it done already.

use jiff::Timestamp;

use crate::apply::attempt_of;
use crate::check::{CheckSpec, Outcome, Probe};
use crate::digest::Digest;
use crate::gate::Subject;
use crate::ids::{CheckId, TaskId};
use crate::plan::Plan;
use crate::standing::Standings;
use crate::task::{Task, TaskState};

/// Something to be done outside the model.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Run a check and report its verdict.
    RunCheck(Box<RunCheck>),
    /// Ask for a task to be countersigned: all its checks let it.
    Verify(TaskId),
}

/// A check that is to be run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunCheck {
    /// What it guards.
    pub subject: Subject,
    /// The check.
    pub check: CheckId,
    /// Which attempt of the subject.
    pub attempt: u32,
    /// What it demands.
    pub spec: CheckSpec,
    /// Digest of the specification.
    pub digest: Digest,
}

/// Everything that is outstanding, tasks first in document order, given what checks could read now.
///
/// A task's checks are outstanding once its needs are met; a task that was given up has none.
pub fn outstanding(plan: &Plan, inputs: Digest, now: Timestamp) -> Vec<Work> {
    let mut work = Vec::new();
    let standings = Standings::new(plan, now);
    for task in &plan.tasks {
        if is_ripe_but_for_its_phase(plan, task, now) && standings.shut_entrance(task).is_none() {
            work.extend(outstanding_for_task(plan, task, inputs, now));
        }
    }
    for (subject, gate) in plan.gates_with_subjects() {
        if matches!(subject, Subject::Task(_)) || gate.checks.is_empty() {
            continue;
        }
        work.extend(runnable(plan, subject, inputs));
    }
    work
}

/// What is outstanding for one task, whether or not its needs are met.
pub fn outstanding_for_task(plan: &Plan, task: &Task, inputs: Digest, now: Timestamp) -> Vec<Work> {
    if task.is_dropped() || !task.has_checks() {
        return Vec::new();
    }
    let subject = Subject::Task(task.id);
    let mut work = runnable(plan, subject, inputs);
    let verified = matches!(task.state, TaskState::Verified(_));
    if work.is_empty() && !verified && plan.clearance(subject, Some(inputs), now, None).is_ok() {
        work.push(Work::Verify(task.id));
    }
    work
}

/// Whether a task's checks are worth running: nothing it builds on is missing.
pub fn is_ripe(plan: &Plan, task: &Task, now: Timestamp) -> bool {
    is_ripe_but_for_its_phase(plan, task, now) && plan.shut_entrance(task, now).is_none()
}

fn is_ripe_but_for_its_phase(plan: &Plan, task: &Task, now: Timestamp) -> bool {
    !task.is_dropped() && task.has_checks() && plan.unmet_needs(task, now).is_empty()
}

/// The checks of a subject that can be run and have not been, for these inputs. A check that
/// failed is not run again until something it could read has changed; one that could not run may
/// have lacked something nobody sees from here, so it stays outstanding.
fn runnable(plan: &Plan, subject: Subject, inputs: Digest) -> Vec<Work> {
    let Some(gate) = plan.gate(subject) else { return Vec::new() };
    let attempt = attempt_of(plan, subject);
    let runs = gate.checks.iter().filter(|check| is_run(&check.spec.probe)).filter(|check| {
        check.current_verdict().is_none_or(|verdict| {
            verdict.inputs != inputs || verdict.attempt != attempt || verdict.outcome == Outcome::Error
        })
    });
    runs.map(|check| {
        Work::RunCheck(Box::new(RunCheck {
            subject,
            check: check.id,
            attempt,
            spec: check.spec.clone(),
            digest: check.digest,
        }))
    })
    .collect()
}

/// Whether a check is run outside the model; the others follow from the plan's own state.
pub fn is_run(probe: &Probe) -> bool {
    matches!(probe, Probe::Check { .. } | Probe::File { .. } | Probe::Metric { command: Some(_), .. })
}
