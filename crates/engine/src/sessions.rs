//! Ending sessions with what they hold, and looking after those that fell silent.

use model::actor::{Actor, By};
use model::command::Command;
use model::ids::{PlanId, SessionId, TaskId};
use model::lease::LeaseEnd;
use model::plan::Plan;
use model::task::TaskState;

use crate::desk::{Denied, Desk, LocalDesk, Receipt, Request};

/// Ends a session and gives back what its agents hold, in every plan.
pub fn end(
    desk: &LocalDesk,
    request: &Request,
    session: &SessionId,
    reason: &str,
    stuck: bool,
) -> Result<Receipt, Denied> {
    if let Some(server) = desk.server() {
        return server.end_session(request, session, reason, stuck);
    }
    let command = Command::EndSession { session: session.clone(), reason: reason.to_owned(), stuck };
    let receipt = desk.submit(PlanId::STORE, request, command)?;
    let how = if stuck { LeaseEnd::Failed } else { LeaseEnd::Released };
    for line in desk.plans()? {
        let plan = desk.plan(line.id)?;
        for task in held_in(&plan, session) {
            let reason = format!("session {session} ended");
            let release = Command::Release { task, how, reason };
            match desk.submit(plan.id, &Request::system(), release) {
                // Given back or taken over meanwhile: nothing is left to release.
                Ok(_) | Err(Denied::Refused(_)) => {}
                Err(down) => return Err(down),
            }
        }
    }
    Ok(receipt)
}

/// The tasks that agents of a session hold.
fn held_in(plan: &Plan, session: &SessionId) -> Vec<TaskId> {
    let holds = |by: &By| matches!(&by.actor, Actor::Agent { session: own, .. } if own == session);
    let held = plan.leased().filter(|task| match &task.state {
        TaskState::Active(active) => holds(&active.by),
        _ => false,
    });
    held.map(|task| task.id).collect()
}

/// Makes visible what time alone has changed: holders that missed too many heartbeats are
/// escalated, sessions that fell silent are closed. Gives how many of each.
pub fn sweep(desk: &LocalDesk, plan: &Plan) -> Result<(usize, usize), Denied> {
    if let Some(server) = desk.server() {
        return server.sweep(plan);
    }
    let (now, rules, system) = (desk.now(), plan.settings.leases, Request::system());
    let silent = plan.leased().filter(|task| {
        task.lease()
            .is_some_and(|lease| !lease.told && lease.missed(now, rules.heartbeat_seconds) >= rules.misses)
    });
    let mut told = 0;
    for task in silent {
        told += usize::from(desk.submit(plan.id, &system, Command::TellSilence(task.id))?.count > 0);
    }
    let commons = desk.commons()?;
    let mut closed = 0;
    for session in commons.sessions.iter().filter(|session| session.is_stuck(now)) {
        let reason = format!("nothing was heard of it since {}", session.last);
        match end(desk, &system, &session.id, &reason, true) {
            Ok(_) => closed += 1,
            // It was heard of meanwhile, or somebody else closed it.
            Err(Denied::Refused(_)) => {}
            Err(down) => return Err(down),
        }
    }
    Ok((told, closed))
}
