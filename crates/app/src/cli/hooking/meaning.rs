//! Which task somebody means who begins one and says in words what it is about.

use model::actor::Actor;
use model::plan::Plan;
use model::refusal::{Refusal, TASK_NOT_FOUND};
use model::task::Task;

use crate::cli::call::Call;
use crate::cli::commands::mentions;
use crate::cli::context::{Opened, find_task};
use crate::cli::error::Outcome;

/// The task that is meant: the one that was named, else the one the environment names, else the
/// only one whose key or title the description holds, else the one the agent is bound to.
pub fn task_meant<'p>(
    call: &Call,
    opened: &'p Opened,
    named: Option<&str>,
    description: &str,
) -> Outcome<&'p Task> {
    let plan: &'p Plan = &opened.plan;
    if let Some(named) = named.or(call.config.task.value.as_deref()) {
        return Ok(find_task(plan, named)?);
    }
    let open = || plan.tasks.iter().filter(|task| !task.is_dropped());
    let keyed: Vec<&Task> = open().filter(|task| mentions(description, task.key.as_str())).collect();
    if let [only] = keyed[..] {
        return Ok(only);
    }
    let words = description.to_lowercase();
    let titled: Vec<&Task> =
        open().filter(|task| !task.title.is_empty() && words.contains(&task.title.to_lowercase())).collect();
    if let [only] = titled[..] {
        return Ok(only);
    }
    if let Some(bound) = bound(call, opened)? {
        return Ok(bound);
    }
    let candidates = if keyed.is_empty() { titled } else { keyed };
    let mut no = match candidates.len() {
        0 => Refusal::new(TASK_NOT_FOUND, format!("`{description}` names no task of plan `{}`", plan.key)),
        many => {
            Refusal::new(TASK_NOT_FOUND, format!("`{description}` names {many} tasks of plan `{}`", plan.key))
        }
    };
    no.facts = candidates.iter().map(|task| format!("{}  {}", task.key, task.title)).collect();
    Err(no.hint("name it with `--task-id KEY`").with("description", description).into())
}

/// The task the asking agent is bound to in its session.
fn bound<'p>(call: &Call, opened: &'p Opened) -> Outcome<Option<&'p Task>> {
    let Actor::Agent { agent, session } = call.request()?.by.actor else { return Ok(None) };
    let commons = opened.store.desk().commons()?;
    let member = commons.session(&session).and_then(|session| session.member(&agent));
    let key = member.and_then(|member| member.task.as_ref());
    Ok(key.and_then(|key| opened.plan.task_by_key(key)))
}
