//! `hooks`: what agents call before, while and after they work, with the flags that coordinators'
//! briefings use; and what coding agents call by themselves once `hooks install` told them to.

mod agent_event;
mod install;
mod notify;
mod post_edit;
mod post_task;
mod pre_task;
mod session_end;
mod session_restore;

use clap::{Args, Subcommand};
use model::refusal as code;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, MOVES_TASK, NAMES_TASK, PERSON_ONLY, READS_FILES, READS_STORE, TAKES_IN, Verb,
    WORKS_IN_SESSION, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Hooks>(
    "hooks",
    Group::Agents,
    "what agents call around their work; installs itself into coding agents",
    &[
        READS_STORE,
        WRITES_STORE,
        NAMES_TASK,
        MOVES_TASK,
        TAKES_IN,
        READS_FILES,
        PERSON_ONLY,
        WORKS_IN_SESSION,
        &[
            code::AGENT_NOT_FOUND,
            code::BUDGET_SPENT,
            code::CONFIG_INVALID,
            code::POLICY_DENIED,
            code::CHECK_ERROR,
            code::LEASE_STRIKES,
            code::MEMORY_CONFLICT,
            code::PATH_FOREIGN,
            code::PATH_RESERVED,
            code::PLAN_HALTED,
            code::SESSION_FULL,
            code::AGENT_DIFFERS,
            code::TRUST_REQUIRED,
            code::WAIVER_EXPIRED,
            code::WEAKENING_UNAPPROVED,
        ],
    ],
);

#[derive(Debug, Args)]
struct Hooks {
    #[command(subcommand)]
    hook: Hook,
}

#[derive(Debug, Subcommand)]
enum Hook {
    /// Begins a task: takes it under a lease, or keeps one that is yours alive
    PreTask(pre_task::PreTask),
    /// Shows a session's tasks, leases, unread messages and where the journal stands
    SessionRestore(session_restore::SessionRestore),
    /// Records a file that was written, and says whether it was yours to write
    PostEdit(post_edit::PostEdit),
    /// Sends a message
    Notify(notify::Notify),
    /// Hands a task in, runs its checks and reports the verdict
    PostTask(post_task::PostTask),
    /// Ends a session, or your part in one where others work on, and exports what it measured
    SessionEnd(session_end::SessionEnd),
    /// Writes a coding agent's settings so that it calls these hooks by itself
    Install(install::Install),
    /// Takes out of a coding agent's settings what `install` put there
    Uninstall(install::Uninstall),
    /// What those settings call: reads on standard input what the coding agent is about to do
    AgentEvent(agent_event::AgentEvent),
}

impl Handler for Hooks {
    fn run(self, call: &Call) -> Outcome {
        match self.hook {
            Hook::PreTask(hook) => hook.run(call),
            Hook::SessionRestore(hook) => hook.run(call),
            Hook::PostEdit(hook) => hook.run(call),
            Hook::Notify(hook) => hook.run(call),
            Hook::PostTask(hook) => hook.run(call),
            Hook::SessionEnd(hook) => hook.run(call),
            Hook::Install(hook) => hook.run(call),
            Hook::Uninstall(hook) => hook.run(call),
            Hook::AgentEvent(hook) => hook.run(call),
        }
    }
}
