//! `stale`: what lies still.

use clap::Args;
use engine::store::Store;
use lens::look::Look;
use lens::record::Record;
use lens::views::several::several;
use lens::views::stale::{DEFAULT_DAYS, Stale as Still, StaleView};

use crate::cli::call::Call;
use crate::cli::context::Everywhere;
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
    #[command(flatten)]
    everywhere: Everywhere,
}

impl Handler for Stale {
    fn run(self, call: &Call) -> Outcome {
        if self.everywhere.all_plans {
            let all = call.open_all()?;
            let looks = all.looks_of(self.everywhere);
            let answers = looks.iter().map(|look| Ok((look.plan, still(&all.store, look, self.days)?)));
            call.show(&several(answers.collect::<Outcome<Vec<_>>>()?, |still| !still.tasks.is_empty()));
            return Ok(());
        }
        let opened = call.open()?;
        call.show(&still(&opened.store, &opened.look(), self.days)?);
        Ok(())
    }
}

fn still<'a>(store: &Store, look: &Look<'a>, days: u32) -> Outcome<Still<'a>> {
    let mut view = StaleView::new(look, days);
    store.desk().visit(look.plan.id, &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
    Ok(view.answer())
}
