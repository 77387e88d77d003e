//! `reopen`: a task is not done after all.

use clap::Args;
use model::command::Command;
use model::refusal::TASK_STATE;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Reopen>(
    "reopen",
    Group::Track,
    "says that a task is not done after all; what was begun on its strength is flagged",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, PERSON_ONLY, WORKS_IN_SESSION, &[TASK_STATE]],
);

#[derive(Debug, Args)]
struct Reopen {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Reopen {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        call.submit_and_say(&opened, &self.asking, Command::Reopen { task, reason: self.reason })
    }
}
