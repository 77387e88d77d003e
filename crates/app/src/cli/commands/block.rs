//! `block`: somebody reports what stands in a task's way.

use clap::Args;
use model::command::Command;
use model::refusal::TASK_STATE;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Block>(
    "block",
    Group::Track,
    "reports what stands in a task's way",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, WORKS_IN_SESSION, &[TASK_STATE]],
);

#[derive(Debug, Args)]
struct Block {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// What stands in its way
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Block {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        call.submit_and_say(&opened, &self.asking, Command::Block { task, reason: self.reason })
    }
}
