//! What leases and the work done under them do to a plan.

use super::Stamp;
use crate::event::Event;
use crate::ids::Fence;
use crate::lease::{Halt, Handoff, Lease, Submission, Touched};
use crate::plan::Plan;
use crate::task::{Active, Task, TaskState};

pub(super) fn apply(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    match event {
        Event::PlanHalted { reason } => {
            let halt = Halt { reason: reason.clone(), by: stamp.by.clone(), at: stamp.at };
            plan.halted = Some(Box::new(halt));
        }
        Event::PlanResumed {} => plan.halted = None,
        Event::BudgetAllowed { usage, .. } => plan.allowed = plan.allowed.plus(*usage),
        Event::HandedOff(what) => {
            plan.handoffs.push(Handoff { what: (**what).clone(), by: stamp.by.clone(), at: stamp.at });
        }
        Event::UsageRecorded { task, usage } => {
            plan.used = plan.used.plus(*usage);
            if let Some(task) = plan.task_mut(*task) {
                let effort = task.effort.get_or_insert_default();
                effort.used = effort.used.plus(*usage);
            }
        }
        Event::LeaseTaken(taken) => {
            if let Some(task) = plan.task_mut(taken.task) {
                task.fence = taken.fence;
                if let Some(effort) = &mut task.effort {
                    effort.touched.clear();
                }
                let lease = Lease {
                    id: taken.lease,
                    role: taken.role.clone(),
                    fence: taken.fence,
                    until: taken.until,
                    ttl_seconds: taken.ttl_seconds,
                    beat: stamp.at,
                    paths: taken.paths.clone(),
                    shared: taken.shared,
                    base: taken.base.clone(),
                    told: false,
                };
                task.state = TaskState::Active(Box::new(Active {
                    by: stamp.by.clone(),
                    since: stamp.at,
                    lease: Some(Box::new(lease)),
                }));
            }
            plan.index_lease(taken.task);
        }
        Event::LeaseRenewed { task, fence, until } => {
            if let Some(lease) = lease_mut(plan.task_mut(*task), *fence) {
                (lease.until, lease.beat, lease.told) = (*until, stamp.at, false);
            }
        }
        Event::LeaseSilent { task, fence, .. } => {
            if let Some(lease) = lease_mut(plan.task_mut(*task), *fence) {
                lease.told = true;
            }
        }
        Event::LeaseEnded { task: id, fence, how, .. } => {
            let Some(task) = plan.task_mut(*id) else { return };
            if task.lease().is_some_and(|lease| lease.fence == *fence) {
                task.state = TaskState::Open;
                if how.is_strike() {
                    task.effort.get_or_insert_default().strikes += 1;
                }
            }
            plan.index_lease(*id);
        }
        Event::WorkSubmitted(work) => {
            if let Some(task) = plan.task_mut(work.task) {
                let submission = Submission {
                    commit: work.commit.clone(),
                    touched: work.touched.clone(),
                    summary: work.summary.clone(),
                    by: stamp.by.clone(),
                    at: stamp.at,
                    fence: work.fence,
                };
                task.effort.get_or_insert_default().submission = Some(submission);
            }
        }
        Event::PathsReserved { task, paths, shared } => {
            if let Some(task) = plan.task_mut(*task) {
                let effort = task.effort.get_or_insert_default();
                (effort.reserved, effort.shared) = (paths.clone(), *shared);
                let fence = task.fence;
                if let Some(lease) = lease_mut(Some(task), fence) {
                    (lease.paths, lease.shared) = (paths.clone(), *shared);
                }
            }
        }
        Event::PathTouched(touched) => {
            if let Some(task) = plan.task_mut(touched.task) {
                let known = &mut task.effort.get_or_insert_default().touched;
                known.retain(|other| other.path != touched.path);
                known.push(Touched {
                    path: touched.path.clone(),
                    digest: touched.digest,
                    foreign: touched.foreign,
                });
            }
        }
        _ => {}
    }
}

fn lease_mut(task: Option<&mut Task>, fence: Fence) -> Option<&mut Lease> {
    match &mut task?.state {
        TaskState::Active(active) => active.lease.as_deref_mut().filter(|lease| lease.fence == fence),
        _ => None,
    }
}
