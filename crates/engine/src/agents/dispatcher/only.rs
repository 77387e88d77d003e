//! What a dispatcher is restricted to: some tasks, agents of one role.

use formats::sidecar::AgentConfig;
use model::ids::Key;
use model::lease::same_role;

/// What a dispatcher is restricted to; nothing, unless somebody says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Only<'a> {
    /// These tasks.
    pub tasks: Option<&'a [Key]>,
    /// Agents that fill this role or have this name.
    pub role: Option<&'a str>,
}

impl Only<'_> {
    /// Whether a task may be given out.
    pub fn is_meant(&self, task: &Key) -> bool {
        self.tasks.is_none_or(|tasks| tasks.contains(task))
    }

    /// Whether an agent may be given tasks that nobody it falls back for was given.
    pub fn admits(&self, agent: &AgentConfig) -> bool {
        self.role.is_none_or(|role| fills(agent, role))
    }

    /// Whether somebody bound agents of one role to this very task, whoever's it is otherwise.
    pub(super) fn binds(&self, task: &Key) -> bool {
        self.role.is_some() && self.tasks.is_some_and(|tasks| tasks.contains(task))
    }
}

/// Whether an agent fills a role, or is called so.
pub fn fills(agent: &AgentConfig, role: &str) -> bool {
    same_role(agent.name.as_str(), role) || agent.roles.iter().any(|own| same_role(own, role))
}

/// The agents that fill a role, and those that stand in for them.
pub fn for_role(agents: &[AgentConfig], role: &str) -> Vec<AgentConfig> {
    let mut wanted: Vec<&AgentConfig> = agents.iter().filter(|agent| fills(agent, role)).collect();
    let mut next = 0;
    while let Some(agent) = wanted.get(next).copied() {
        next += 1;
        for name in &agent.fallback {
            if let Some(other) = agents.iter().find(|other| other.name == *name)
                && !wanted.iter().any(|known| known.name == *name)
            {
                wanted.push(other);
            }
        }
    }
    wanted.into_iter().cloned().collect()
}
