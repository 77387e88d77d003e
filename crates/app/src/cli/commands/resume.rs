//! `resume`: a halted plan goes on.

use clap::Args;
use model::command::Command;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Resume>(
    "resume",
    Group::Agents,
    "lets a halted plan go on; only a person can",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY],
);

#[derive(Debug, Args)]
struct Resume {
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Resume {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        call.submit_and_say(&opened, &self.asking, Command::Resume)
    }
}
