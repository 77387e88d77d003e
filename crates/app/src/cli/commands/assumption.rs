//! `assumption`: what the plan takes for granted, and whether it still holds.

use clap::{Args, Subcommand, ValueEnum};
use lens::views::assumptions::assumptions;
use model::command::Command;
use model::ids::AssumptionId;
use model::refusal::{ENTRY_NOT_FOUND, Refusal};

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Assumption>(
    "assumption",
    Group::Registers,
    "lists and records assumptions, and whether they still hold",
    &[READS_STORE, WRITES_STORE, &[ENTRY_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Assumption {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists them all
    List,
    /// Records one
    Add {
        /// What is taken for granted; several words need no quotes
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Says whether one still holds
    Check {
        /// The assumption's id
        #[arg(value_name = "ID")]
        id: String,
        /// Whether it holds
        #[arg(value_name = "HOLDS")]
        holds: Holds,
        #[command(flatten)]
        asking: Asking,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Holds {
    /// It does
    Yes,
    /// It does not
    No,
}

impl Handler for Assumption {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::List => {
                call.show(&assumptions(&call.open()?.look()));
                Ok(())
            }
            Action::Add { text, asking } => {
                let opened = call.open_to_write()?;
                call.submit_and_say(&opened, &asking, Command::Assume(text.join(" ")))
            }
            Action::Check { id, holds, asking } => {
                let assumption: AssumptionId = id.parse().map_err(|_| {
                    Refusal::new(ENTRY_NOT_FOUND, format!("`{id}` is not the id of an assumption"))
                        .hint("see them all with `countersign assumption list`")
                })?;
                let opened = call.open_to_write()?;
                let command = Command::CheckAssumption { assumption, holds: holds == Holds::Yes };
                call.submit_and_say(&opened, &asking, command)
            }
        }
    }
}
