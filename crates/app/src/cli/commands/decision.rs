//! `decision`: what was decided, by whom, with whose approval.

use clap::{Args, Subcommand};
use lens::views::entries::decisions;
use model::command::Command;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::entry::EntryOptions;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Decision>(
    "decision",
    Group::Registers,
    "lists and records decisions",
    &[READS_STORE, WRITES_STORE],
);

#[derive(Debug, Args)]
struct Decision {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists them all
    List,
    /// Records one
    Add {
        /// What was decided; several words need no quotes
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
        #[command(flatten)]
        options: EntryOptions,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Decision {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::List => {
                call.show(&decisions(&call.open()?.look()));
                Ok(())
            }
            Action::Add { text, options, asking } => {
                let opened = call.open_to_write()?;
                let entry = options.with(&text)?;
                call.submit_and_say(&opened, &asking, Command::Decide(entry))
            }
        }
    }
}
