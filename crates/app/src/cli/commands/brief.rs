//! `brief`: what whoever takes a task needs to know, within a stated number of tokens.

use clap::Args;
use lens::views::brief::DEFAULT_BUDGET;
use model::refusal::VALUE_INVALID;

use crate::cli::call::Call;
use crate::cli::context::find_task;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Brief>(
    "brief",
    Group::Agents,
    "says what whoever takes a task needs to know, within a number of tokens",
    &[READS_STORE, NAMES_TASK, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Brief {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// At most so many tokens, four bytes counted as one
    #[arg(long, value_name = "TOKENS", default_value_t = DEFAULT_BUDGET)]
    budget: usize,
}

impl Handler for Brief {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open()?;
        let task = find_task(&opened.plan, &self.key)?;
        let look = opened.look();
        let brief = call.brief(&opened.store, &look, task, self.budget)?;
        if call.ui.wants_json() {
            call.ui.json(&brief);
        } else {
            // Its tokens are counted of the Markdown, so that is what is given, also on a terminal.
            call.ui.data(&brief.markdown());
        }
        Ok(())
    }
}
