//! `start`: somebody begins a task.

use clap::Args;
use model::command::Command;
use model::refusal::{BUDGET_SPENT, LEASE_STRIKES, PATH_RESERVED, PLAN_HALTED};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, MOVES_TASK, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Start>(
    "start",
    Group::Track,
    "begins a task",
    &[
        READS_STORE,
        WRITES_STORE,
        NAMES_TASK,
        MOVES_TASK,
        WORKS_IN_SESSION,
        &[BUDGET_SPENT, LEASE_STRIKES, PATH_RESERVED, PLAN_HALTED],
    ],
);

#[derive(Debug, Args)]
struct Start {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Start {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        call.submit_and_say(&opened, &self.asking, Command::Start(task))
    }
}
