//! `claim`: somebody says that a task is done.

use clap::Args;
use model::command::Command;
use model::task::ClaimHow;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, MOVES_TASK, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Claim>(
    "claim",
    Group::Track,
    "says that a task is done; evidence or a person countersigns it",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, MOVES_TASK, WORKS_IN_SESSION],
)
.daily();

#[derive(Debug, Args)]
struct Claim {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Claim {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        call.submit_and_say(&opened, &self.asking, Command::Claim { task, how: ClaimHow::Verb })
    }
}
