//! Which task is given to whom.
//!
//! A task whose document names an agent's role goes to an agent of that role or of that name. One
//! that a person owns is left to that person, unless somebody bound agents of a role to this very
//! task. Any other goes to whoever takes any task, or, where
//! everybody has a role, to anybody.

use std::collections::HashSet;

use formats::sidecar::AgentConfig;
use jiff::Timestamp;
use model::actor::Actor;
use model::draft::OwnerRole;
use model::ids::AgentId;
use model::plan::Plan;
use model::task::{Task, TaskState};

use super::only::{Only, fills};
use crate::agents::usable::{Looked, Usable};

/// Who may be given a task, and in which roles it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suited {
    /// Names, the first choice first.
    pub(super) agents: Vec<AgentId>,
    /// The roles that are shown when it is taken; none: any.
    pub(super) roles: Vec<String>,
}

/// Who may be given a task; nobody where it is a person's.
pub(super) fn suited(task: &Task, looked: &Looked, only: Only<'_>) -> Option<Suited> {
    let usable = || looked.usable.iter().map(|usable| &usable.agent);
    let all = || usable().chain(looked.unusable.iter().map(|(a, _)| a)).filter(|agent| only.admits(agent));
    let named = |agents: Vec<&AgentConfig>| agents.into_iter().map(|agent| agent.name.clone()).collect();
    let generalists = || -> Vec<&AgentConfig> { all().filter(|agent| agent.roles.is_empty()).collect() };
    let agent_owner = task.facts.owners().find(|owner| owner.role == OwnerRole::Agent);
    let owners: Vec<&str> = match agent_owner {
        Some(owner) => vec![owner.name.as_str()],
        None => task.facts.owners().map(|owner| owner.name.as_str()).collect(),
    };
    for owner in &owners {
        let exact: Vec<&AgentConfig> = all().filter(|agent| fills(agent, owner)).collect();
        if !exact.is_empty() {
            return Some(Suited { agents: named(exact), roles: vec![(*owner).to_owned()] });
        }
    }
    let anybody = match (agent_owner, owners.is_empty()) {
        (Some(_), _) => generalists(),
        (None, false) if only.binds(&task.key) => all().collect(),
        (None, false) => return None,
        (None, true) => match generalists() {
            none if none.is_empty() => all().collect(),
            some => some,
        },
    };
    (!anybody.is_empty()).then(|| Suited { agents: named(anybody), roles: Vec::new() })
}

/// The one who stands in for an agent: itself where it can be started, else the first it falls back
/// to, and so on.
pub(super) fn stand_in<'l>(
    name: &AgentId,
    looked: &'l Looked,
    broken: &HashSet<AgentId>,
) -> Option<&'l Usable> {
    let mut ahead = vec![name.clone()];
    while let Some(name) = ahead.pop() {
        let usable = looked.usable.iter().find(|usable| usable.agent.name == name);
        if let Some(usable) = usable.filter(|_| !broken.contains(&name)) {
            return Some(usable);
        }
        let agent = usable.map(|usable| &usable.agent);
        let agent = agent.or_else(|| looked.unusable.iter().map(|(agent, _)| agent).find(|a| a.name == name));
        ahead.extend(agent.iter().flat_map(|agent| agent.fallback.iter().rev().cloned()));
    }
    None
}

/// Whether a task could be taken, as far as its own plan says.
pub(super) fn is_open(plan: &Plan, task: &Task, now: Timestamp) -> bool {
    let free = match &task.state {
        TaskState::Open => true,
        TaskState::Active(active) => match &active.lease {
            Some(lease) => !lease.is_live(now),
            None => active.by.actor == Actor::Document,
        },
        _ => false,
    };
    free && plan.is_unblocked(task, now)
}

/// The order in which tasks are given out: those that most others wait for, then as documents have
/// them.
pub(super) type Rank = (std::cmp::Reverse<usize>, u32);

/// A task's place in that order.
pub(super) fn rank(plan: &Plan, task: &Task) -> Rank {
    (std::cmp::Reverse(plan.dependants(task.id).len()), task.line)
}
