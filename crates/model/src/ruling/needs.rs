//! Needs that somebody sets with a verb: they must name tasks and never run in a circle.

use std::collections::HashMap;

use thin_vec::ThinVec;

use super::Ruling;
use super::progress::worker;
use crate::context::Context;
use crate::event::Event;
use crate::ids::TaskId;
use crate::plan::Plan;
use crate::refusal::{self, Refusal};

pub(super) fn rewire(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    needs: Vec<TaskId>,
    blockers: Vec<String>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let task = ruling.live_task(id)?;
    let mut fresh: ThinVec<TaskId> = ThinVec::with_capacity(needs.len());
    for need in needs {
        ruling.task(need)?;
        if !fresh.contains(&need) {
            fresh.push(need);
        }
    }
    if task.needs == fresh && task.facts.blockers().eq(blockers.iter().map(String::as_str)) {
        return Ok(());
    }
    if let Some(circle) = circle(ruling.before(), id, &fresh) {
        let path = circle.join(" → ");
        return Err(Refusal::new(
            refusal::DEPENDENCY_CYCLE,
            format!("task `{}` would wait for itself: {path}", task.key),
        )
        .hint("leave out what waits for it")
        .with("task", task.key.as_str())
        .with("path", circle));
    }
    ruling.record(Event::NeedsChanged { task: id, needs: fresh, blockers });
    Ok(())
}

/// The way from a task through these needs back to it, as keys, where there is one. Iterative: a
/// chain of needs may be as long as the plan.
fn circle(plan: &Plan, id: TaskId, needs: &[TaskId]) -> Option<Vec<String>> {
    let mut came_from: HashMap<TaskId, TaskId> = HashMap::new();
    let mut open: Vec<TaskId> = Vec::new();
    for need in needs.iter().rev() {
        came_from.insert(*need, id);
        open.push(*need);
    }
    while let Some(at) = open.pop() {
        if at == id {
            return Some(way_back(plan, id, &came_from));
        }
        for need in plan.task(at).into_iter().flat_map(|task| &task.needs) {
            came_from.entry(*need).or_insert_with(|| {
                open.push(*need);
                at
            });
        }
    }
    None
}

fn way_back(plan: &Plan, id: TaskId, came_from: &HashMap<TaskId, TaskId>) -> Vec<String> {
    let key = |id: TaskId| plan.task(id).map_or_else(|| id.to_string(), |task| task.key.to_string());
    let mut path = vec![key(id)];
    let mut at = id;
    while let Some(before) = came_from.get(&at) {
        path.push(key(*before));
        at = *before;
        if at == id {
            break;
        }
    }
    path.reverse();
    path
}
