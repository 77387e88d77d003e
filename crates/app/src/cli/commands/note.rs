//! `note`: a remark on a task.

use clap::Args;
use model::command::Command;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Note>(
    "note",
    Group::Track,
    "puts a remark on a task",
    &[READS_STORE, WRITES_STORE, NAMES_TASK],
);

#[derive(Debug, Args)]
struct Note {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// The remark; several words need no quotes
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Note {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        call.submit_and_say(&opened, &self.asking, Command::Note { task, text: self.text.join(" ") })
    }
}
