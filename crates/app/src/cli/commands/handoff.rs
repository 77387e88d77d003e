//! `handoff`: work passes from one role to another.

use clap::{Args, Subcommand};
use lens::views::handoffs::handoffs;
use model::command::Command;
use model::lease::HandedOff;
use model::refusal::{POLICY_DENIED, TASK_STATE};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Handoff>(
    "handoff",
    Group::Agents,
    "hands work on from one role to another, and lists what was handed on",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, WORKS_IN_SESSION, &[POLICY_DENIED, TASK_STATE]],
);

#[derive(Debug, Args)]
struct Handoff {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Hands work on
    Give {
        /// From which role
        #[arg(long, value_name = "ROLE")]
        from: String,
        /// To which role
        #[arg(long, value_name = "ROLE")]
        to: String,
        /// The task it comes out of
        #[arg(long, value_name = "KEY")]
        task: Option<String>,
        /// What was worked from; may be repeated
        #[arg(long = "input", value_name = "TEXT")]
        inputs: Vec<String>,
        /// What is handed on; may be repeated
        #[arg(long = "output", value_name = "TEXT")]
        outputs: Vec<String>,
        /// By when it is needed
        #[arg(long, value_name = "WHEN")]
        required_by: Option<String>,
        /// What the next one should know
        #[arg(value_name = "TEXT")]
        text: Vec<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists what was handed on
    List {
        /// Only to this role
        #[arg(long, value_name = "ROLE")]
        to: Option<String>,
    },
}

impl Handler for Handoff {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Give { from, to, task, inputs, outputs, required_by, text, asking } => {
                let opened = call.open_recorded_to_write()?;
                let task = task.map(|key| find_task(&opened.plan, &key).map(|task| task.id)).transpose()?;
                let now = opened.store.desk().now();
                let required_by =
                    required_by.map(|text| values::moment("--required-by", &text, now)).transpose()?;
                let text = text.join(" ");
                let what = HandedOff { task, from, to, inputs, outputs, required_by, text };
                call.submit_and_say(&opened, &asking, Command::HandOff(Box::new(what)))
            }
            Action::List { to } => {
                let opened = call.open_recorded()?;
                call.show(&handoffs(&opened.look(), to.as_deref()));
                Ok(())
            }
        }
    }
}
