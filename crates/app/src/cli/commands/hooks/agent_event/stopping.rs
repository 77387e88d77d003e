//! A coding agent wants to stop. It may once its task's checks pass, or once it was told often enough
//! that they do not.

use engine::desk::Desk as _;
use model::actor::Actor;
use model::command::{Command, SetMemory};
use model::ids::{PlanId, TaskId};
use model::plan::Plan;
use model::standing::Standing;
use model::task::TaskState;

use super::{Answer, one_line, plan_where};
use crate::cli::briefing::memory_entry;
use crate::cli::call::Call;
use crate::cli::context::Opened;
use crate::cli::error::Outcome;
use crate::cli::hooking::finish;

/// How long it is remembered how often an agent was kept from stopping, in seconds.
const REMEMBERED: u64 = 24 * 60 * 60;

/// Runs the checks of what the agent holds or claims, and says why it may not stop yet. `again`: it
/// goes on only because it was told so before.
pub(super) fn wants_to_stop(call: &Call, again: bool, limit: u32) -> Outcome<Answer> {
    let Some(asker) = call.asking_agent()? else { return Ok(Answer::Go) };
    let store = call.store_to_write()?;
    let now = store.desk().now();
    let Some(mut opened) = plan_where(call, store, |plan| Ok(!unfinished(plan, &asker, now).is_empty()))?
    else {
        return Ok(Answer::Go);
    };
    // Whoever was told to stop stops.
    if opened.plan.halted.is_some() {
        return Ok(Answer::Go);
    }
    opened.plan = call.take_in_edits(&opened.store, &opened.plan)?;
    let mut told = Vec::new();
    for id in unfinished(&opened.plan, &asker, now) {
        let Some(task) = opened.plan.task(id) else { continue };
        if !task.has_checks() {
            let text = format!(
                "you still hold task `{0}`: hand it in with `countersign submit {0} --summary …`, or give it back with `countersign release {0} --reason …`",
                task.key
            );
            if task.lease().is_some() && !again {
                return Ok(Answer::No(text));
            }
            continue;
        }
        let finished = finish(call, &opened, id)?;
        if finished.done {
            continue;
        }
        if let Some(failure) = finished.failure() {
            let key = &finished.task;
            let why = format!(
                "task `{key}` is not done: {failure}; mend that, or give the task back with `countersign release {key} --reason …`"
            );
            let count = counted(call, &opened, &asker, again)?;
            if count <= limit {
                return Ok(Answer::No(why));
            }
            let text =
                format!("stopped after being told {limit} times that it is not done: {}", one_line(&failure));
            opened.store.desk().submit(opened.id(), &call.request()?, Command::Note { task: id, text })?;
            told.push(format!("task `{key}` is not verified: {failure}"));
        } else if let Some(why) = &finished.not_run {
            told.push(format!("task `{}` is not verified: {why}", finished.task));
        } else if let Some(open) = finished.unmet().next() {
            told.push(format!(
                "task `{}` waits for somebody: {} (`{}`)",
                finished.task, open.summary, open.name
            ));
        }
    }
    match told.is_empty() {
        true => Ok(Answer::Go),
        false => Ok(Answer::Tell(told.join("; "))),
    }
}

/// What the agent holds, or says is done and evidence does not back.
fn unfinished(plan: &Plan, asker: &Actor, now: jiff::Timestamp) -> Vec<TaskId> {
    let own = plan.tasks.iter().filter(|task| task.worker() == Some(asker));
    let open = own.filter(|task| match &task.state {
        TaskState::Active(_) => true,
        TaskState::Claimed(_) | TaskState::Verified(_) => {
            matches!(plan.standing(task, now), Standing::Refuted | Standing::Unproven | Standing::Lapsed)
        }
        _ => false,
    });
    open.map(|task| task.id).collect()
}

/// How often in a row the agent has been kept from stopping, this time included. It is kept in the
/// shared memory, where people can see it.
fn counted(call: &Call, opened: &Opened, asker: &Actor, again: bool) -> Outcome<u32> {
    let desk = opened.store.desk();
    let Actor::Agent { agent, session } = asker else { return Ok(0) };
    let plain = |text: &str| text.replace('/', "-");
    let key = format!("hooks/{}/{}/stops", plain(session.as_str()), plain(agent.as_str()));
    let before = match again {
        true => {
            let entry = memory_entry(desk, &key)?;
            entry.and_then(|entry| entry.value(desk.now())?.parse::<u32>().ok()).unwrap_or(0)
        }
        false => 0,
    };
    let count = before.saturating_add(1);
    let set = SetMemory {
        key,
        value: count.to_string(),
        expect: None,
        ttl_seconds: Some(REMEMBERED),
        tags: Vec::new(),
        under: None,
    };
    desk.submit(PlanId::STORE, &call.request()?, Command::SetMemory(Box::new(set)))?;
    Ok(count)
}
