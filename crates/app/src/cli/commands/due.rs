//! `due`: what is due, soonest first.

use clap::Args;
use lens::views::due::{Filter, due};
use lens::views::several::several;

use crate::cli::call::Call;
use crate::cli::context::Everywhere;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Due>(
    "due",
    Group::Track,
    "lists what is due, soonest first, with how far each date has slipped",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Due {
    /// Only what is due within so many days
    #[arg(long, value_name = "DAYS")]
    within: Option<u32>,
    /// Also what is done
    #[arg(long)]
    done: bool,
    #[command(flatten)]
    everywhere: Everywhere,
}

impl Handler for Due {
    fn run(self, call: &Call) -> Outcome {
        let filter = Filter { within_days: self.within, done: self.done };
        if self.everywhere.all_plans {
            let all = call.open_all()?;
            let looks = all.looks_of(self.everywhere);
            let answers = looks.iter().map(|look| (look.plan, due(look, filter)));
            call.show(&several(answers, |due| !due.tasks.is_empty()));
            return Ok(());
        }
        call.show(&due(&call.open()?.look(), filter));
        Ok(())
    }
}
