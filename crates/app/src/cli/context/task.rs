//! Finding the task that somebody named.

use model::ids::Key;
use model::plan::Plan;
use model::refusal::{Refusal, TASK_NOT_FOUND};
use model::task::Task;

use crate::cli::usage::nearest;

/// The task with this key, letter case aside where that leaves no doubt, or with this id.
pub fn find_task<'p>(plan: &'p Plan, named: &str) -> Result<&'p Task, Refusal> {
    if let Some(task) = Key::new(named).ok().and_then(|key| plan.task_by_key(&key)) {
        return Ok(task);
    }
    if let Some(task) = named.parse().ok().and_then(|id| plan.task(id)) {
        return Ok(task);
    }
    let same = |task: &&Task| task.key.as_str().eq_ignore_ascii_case(named);
    let mut alike = plan.tasks.iter().filter(same);
    match (alike.next(), alike.next()) {
        (Some(task), None) => Ok(task),
        _ => Err(task_not_found(plan, named)),
    }
}

/// The refusal where no task has this key.
pub fn task_not_found(plan: &Plan, named: &str) -> Refusal {
    let no = Refusal::new(TASK_NOT_FOUND, format!("plan `{}` has no task `{named}`", plan.key))
        .with("task", named);
    match nearest(named, plan.tasks.iter().map(|task| task.key.as_str())) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no.hint("see the keys with `countersign list`"),
    }
}
