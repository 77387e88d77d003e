//! `why`: the chain of reasons a task is not ready or not done, down to the leaf.

use clap::Args;
use lens::views::why::why;

use crate::cli::call::Call;
use crate::cli::context::{find_task, task_not_found};
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Why>(
    "why",
    Group::Track,
    "says why a task is not ready or not done, down to the last reason",
    &[READS_STORE, NAMES_TASK],
)
.daily();

#[derive(Debug, Args)]
struct Why {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
}

impl Handler for Why {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        let look = opened.look();
        let told = why(&look, task).ok_or_else(|| task_not_found(&opened.plan, &self.key))?;
        call.show(&told);
        Ok(())
    }
}
