//! The dispatcher: gives a plan's tasks to agents and sees each through to its verification.
//!
//! One thread hears everything (work that ended, checks that ended, time that passed, a halt, a
//! wish to stop) and decides, one turn after the other; what takes long is done by others. All that
//! one turn comes to is recorded at once. Nothing is remembered that the journal does not have: a
//! dispatcher that is gone is followed by one that asks what is so and goes on from there, see
//! [`recovery`].

mod attempt;
mod checking;
mod choosing;
mod judging;
mod only;
mod picking;
mod recovery;
mod taking_part;
mod turns;

use std::path::PathBuf;
use std::time::Duration;

use model::actor::{Actor, By, Known};
use model::check::Outcome;
use model::ids::{AgentId, Fence, Key, PlanId, SessionId};
use model::plan::Plan;
use model::refusal::Refusal;
use model::task::Task;

use super::part::Part;
use super::repository::Repository;
use super::usable::Looked;
use crate::desk::{Denied, Desk as _, Request};
use crate::process::{Cancel, Environment};
use crate::store::Store;
use crate::trust::TrustSet;
use crate::workspace::Workspace;

pub use only::{Only, fills, for_role};

/// The names of dispatchers' sessions begin so.
pub const SESSION: &str = "dispatch-";

/// What a dispatcher works with.
pub struct Dispatcher<'a> {
    /// Where everything is on record.
    pub store: &'a Store,
    /// The plan whose tasks are given out.
    pub plan: PlanId,
    /// The plan's folder.
    pub workspace: &'a Workspace,
    /// The plan's documents and what else is a claim or a record rather than an input, by full path.
    pub excluded: &'a [PathBuf],
    /// The agents.
    pub agents: &'a Looked,
    /// What it is restricted to.
    pub only: Only<'a>,
    /// The session of somebody else in which it takes part, and with which it ends.
    pub part: Option<&'a Part>,
    /// The commands that may run, with their scripts.
    pub trusted: &'a TrustSet,
    /// The variables commands see.
    pub environment: &'a Environment,
    /// The repository, where an agent works in a worktree.
    pub repository: Option<&'a Repository>,
    /// The session under which tasks are taken.
    pub session: SessionId,
    /// Whose dispatcher it is.
    pub owner: &'a Request,
    /// How many tasks are checked at a time.
    pub checks_at_once: usize,
    /// How fast time passes.
    pub pace: Pace,
    /// What an agent is told.
    pub brief: &'a Briefing<'a>,
    /// Ends everything early.
    pub cancel: &'a Cancel,
}

/// What an agent is told of a task.
pub type Briefing<'a> = dyn Fn(&Plan, &Task, &AgentId) -> String + Sync + 'a;

/// How fast time passes for a dispatcher.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// A second of waiting before a retry.
    pub second: Duration,
    /// How often it looks whether others have changed the plan.
    pub glance: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { second: Duration::from_secs(1), glance: Duration::from_millis(200) }
    }
}

/// What happens, for whoever watches.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An earlier dispatcher is gone; this is what it left.
    Resumed {
        /// Its session.
        session: String,
        /// How many of its processes were still running.
        processes: usize,
        /// How many tasks it held.
        held: usize,
    },
    /// An agent cannot be started and is left out.
    LeftOut {
        /// The agent.
        agent: AgentId,
        /// Why.
        why: String,
    },
    /// A task was taken.
    Took {
        /// The task.
        task: Key,
        /// By whom.
        agent: AgentId,
        /// Under which grant.
        fence: Fence,
    },
    /// An agent says what it is doing.
    Said {
        /// The task.
        task: Key,
        /// In a line.
        text: String,
    },
    /// Work was handed in.
    Submitted {
        /// The task.
        task: Key,
        /// By whom.
        agent: AgentId,
    },
    /// A check ended.
    Checked {
        /// The task.
        task: Key,
        /// The check.
        check: String,
        /// How.
        outcome: Outcome,
        /// What it saw.
        summary: String,
    },
    /// A task was countersigned.
    Verified {
        /// The task.
        task: Key,
    },
    /// A task without checks counts as done on the agent's word.
    Claimed {
        /// The task.
        task: Key,
    },
    /// A task's checks pass, and it waits for people.
    Awaits {
        /// The task.
        task: Key,
        /// For what.
        why: String,
    },
    /// An attempt came to nothing.
    Failed {
        /// The task.
        task: Key,
        /// By whom.
        agent: AgentId,
        /// Why.
        why: String,
        /// After how many seconds it is tried again; nothing where it is not.
        again: Option<u64>,
    },
    /// Another agent takes over.
    FellBack {
        /// The task.
        task: Key,
        /// Who could not be started.
        from: AgentId,
        /// Who is next.
        to: AgentId,
        /// Why.
        why: String,
    },
    /// An agent does not know the arguments that would make it stream, and is run without.
    Downgraded {
        /// The agent.
        agent: AgentId,
    },
    /// Nothing new begins.
    Paused {
        /// Why.
        why: Refusal,
    },
}

/// What a dispatcher has come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dispatched {
    /// Tasks that were countersigned.
    pub verified: Vec<Key>,
    /// Tasks without checks that were handed in.
    pub claimed: Vec<Key>,
    /// Tasks that wait for people.
    pub awaiting: Vec<(Key, String)>,
    /// Tasks that were given up, and why.
    pub failed: Vec<(Key, String)>,
    /// How many attempts were made.
    pub attempts: usize,
    /// Why nothing new began: a halt, or a budget that is used up.
    pub paused: Option<Refusal>,
    /// Whether it was ended early.
    pub cancelled: bool,
    /// Why it ended early, where its part in somebody else's session is over.
    pub over: Option<Refusal>,
    /// The branch on which work came together.
    pub branch: Option<String>,
}

impl Dispatcher<'_> {
    /// Gives out tasks until there are none left to give.
    pub fn run(&self, watch: &mut dyn FnMut(Step)) -> Result<Dispatched, Denied> {
        let begun = self.begin(watch)?;
        let came = turns::Turns::new(self, &begun)?.run(watch);
        let ended = self.end(begun, came.is_ok());
        let came = came?;
        ended?;
        Ok(came)
    }

    /// Whether a task could be given to somebody now, those left out that are named.
    pub fn has_work(&self, but: &[Key]) -> Result<bool, Denied> {
        let desk = self.store.desk();
        let (plan, now) = (desk.plan(self.plan)?, desk.now());
        let is_work = |task: &&Task| {
            !but.contains(&task.key)
                && self.only.is_meant(&task.key)
                && choosing::is_open(&plan, task, now)
                && self.is_for_somebody(task)
        };
        Ok(plan.halted.is_none() && plan.tasks.iter().any(|task| is_work(&task)))
    }

    /// Whether there is an agent that a task would be given to, once it can be taken.
    pub fn is_for_somebody(&self, task: &Task) -> bool {
        choosing::suited(task, self.agents, self.only).is_some()
    }

    /// An agent of this session, as it goes on record.
    fn by(&self, agent: &AgentId) -> By {
        // Known as surely as anything: its process was started here.
        By::new(Actor::Agent { agent: agent.clone(), session: self.session.clone() }, Known::System)
    }
}

/// The name of a new session.
pub fn new_session() -> String {
    format!("{SESSION}{}", crate::ids::random_hex(8))
}

#[cfg(test)]
mod tests;
