//! `release`: a task is given back, or a person takes it from its holder.

use clap::Args;
use model::command::Command;
use model::lease::LeaseEnd;
use model::refusal::TASK_STATE;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Release>(
    "release",
    Group::Agents,
    "gives a task back; a person may take one from its holder, with a reason",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, PERSON_ONLY, WORKS_IN_SESSION, &[TASK_STATE]],
);

#[derive(Debug, Args)]
struct Release {
    /// The task; the one you hold where none is named
    #[arg(value_name = "KEY")]
    key: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Says that you failed at it, which counts against the task
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Release {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = call.own_task(&opened.plan, self.key.as_deref())?.id;
        let how = if self.failed { LeaseEnd::Failed } else { LeaseEnd::Released };
        call.submit_and_say(&opened, &self.asking, Command::Release { task, how, reason: self.reason })
    }
}
