//! `state`: the plan as it was after an earlier event.

use clap::Args;
use engine::desk::Desk as _;
use lens::look::Look;
use lens::views::state::state;
use model::ids::Seq;
use model::refusal::{Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<State>(
    "state",
    Group::History,
    "shows the plan as it was after an earlier event",
    &[READS_STORE, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct State {
    /// The number of the event
    #[arg(long, value_name = "SEQ")]
    at: u64,
}

impl Handler for State {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_recorded()?;
        let latest = opened.plan.seq;
        if self.at == 0 || self.at > latest.0 {
            return Err(Refusal::new(VALUE_INVALID, format!("the plan has no event {}", self.at))
                .hint(format!("events are numbered from 1 to {latest}"))
                .with("seq", self.at)
                .into());
        }
        let then = opened.store.desk().plan_at(opened.id(), Seq(self.at))?;
        let look = Look { plan: &then, ..opened.look() };
        call.show(&state(&look, latest));
        Ok(())
    }
}
