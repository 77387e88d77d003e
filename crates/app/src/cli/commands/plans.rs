//! `plans`: every plan of the store in one row, what needs attention first.

use clap::Args;
use lens::views::plans::plans;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Plans>(
    "plans",
    Group::Track,
    "lists every plan of the store in one row, what needs attention first",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Plans {
    /// Archived plans too
    #[arg(long)]
    archived: bool,
}

impl Handler for Plans {
    fn run(self, call: &Call) -> Outcome {
        let all = call.open_all()?;
        call.show(&plans(&all.looks(), self.archived, all.store.desk().now()));
        Ok(())
    }
}
