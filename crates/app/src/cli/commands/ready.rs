//! `ready`: what could be begun now.

use clap::Args;
use lens::views::ready::ready;
use lens::views::several::several;

use crate::cli::call::Call;
use crate::cli::context::Everywhere;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Ready>(
    "ready",
    Group::Track,
    "lists tasks that nobody began and that nothing stands in the way of",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Ready {
    /// At most so many
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    #[command(flatten)]
    everywhere: Everywhere,
}

impl Handler for Ready {
    fn run(self, call: &Call) -> Outcome {
        if self.everywhere.all_plans {
            let all = call.open_all()?;
            let looks = all.looks_of(self.everywhere);
            let answers = looks.iter().map(|look| (look.plan, ready(look, self.limit)));
            call.show(&several(answers, |ready| ready.total > 0));
            return Ok(());
        }
        call.show(&ready(&call.open()?.look(), self.limit));
        Ok(())
    }
}
