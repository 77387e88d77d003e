//! `stale`: what lies still.

use clap::Args;
use lens::record::Record;
use lens::views::stale::{DEFAULT_DAYS, StaleView};

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Stale>(
    "stale",
    Group::Track,
    "lists tasks somebody works on or has claimed that have not moved for some days",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Stale {
    /// How many days without movement
    #[arg(long, value_name = "DAYS", default_value_t = DEFAULT_DAYS)]
    days: u32,
}

impl Handler for Stale {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open()?;
        let look = opened.look();
        let mut view = StaleView::new(&look, self.days);
        opened
            .store
            .desk()
            .visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
        call.show(&view.answer());
        Ok(())
    }
}
