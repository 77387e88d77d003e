//! `revisions`: when the plan's documents were taken in, and how much each time changed.

use clap::Args;
use lens::record::Record;
use lens::views::revisions::RevisionsView;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Revisions>(
    "revisions",
    Group::Author,
    "lists the revisions of the plan: when, by whom, from which documents",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Revisions {}

impl Handler for Revisions {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_recorded()?;
        let look = opened.look();
        let mut view = RevisionsView::new(&look);
        opened
            .store
            .desk()
            .visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
        call.show(&view.answer());
        Ok(())
    }
}
