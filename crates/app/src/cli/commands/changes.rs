//! `changes`: what has happened since an event or a moment, gathered by what it is about.

use clap::Args;
use lens::record::Record;
use lens::views::changes::{ChangesView, Mark};
use model::ids::Seq;
use model::refusal::VALUE_INVALID;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Changes>(
    "changes",
    Group::History,
    "tells what has happened since an event or a moment, task by task",
    &[READS_STORE, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Changes {
    /// An event's number, a date, a moment, or a length such as `7d`
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    since: String,
}

impl Handler for Changes {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open()?;
        let look = opened.look();
        let since = match self.since.parse() {
            Ok(seq) => Mark::Seq(Seq(seq)),
            Err(_) => Mark::At(values::past(&self.since, look.now)?),
        };
        let mut view = ChangesView::new(&look, since);
        opened
            .store
            .desk()
            .visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
        call.show(&view.answer());
        Ok(())
    }
}
