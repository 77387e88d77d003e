//! `halt`: nothing new begins, and whoever works is told to stop.

use clap::Args;
use model::command::Command;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Halt>(
    "halt",
    Group::Agents,
    "lets nothing new begin and tells running agents to stop, until a person resumes",
    &[READS_STORE, WRITES_STORE],
);

#[derive(Debug, Args)]
struct Halt {
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Halt {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        call.submit_and_say(&opened, &self.asking, Command::Halt { reason: self.reason })
    }
}
