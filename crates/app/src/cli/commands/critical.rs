//! `critical`: the longest chain of needs, and how long it takes.

use clap::Args;
use jiff::civil::Date;
use lens::views::critical::{Options, critical};
use model::refusal::{Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Critical>(
    "critical",
    Group::Track,
    "shows the critical path: the longest chain of needs, with its length and dates",
    &[READS_STORE, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Critical {
    /// The day on which the work begins
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Counts only what is left to do
    #[arg(long)]
    remaining: bool,
}

impl Handler for Critical {
    fn run(self, call: &Call) -> Outcome {
        let from = self.from.as_deref().map(day).transpose()?;
        call.show(&critical(&call.open()?.look(), Options { from, remaining: self.remaining }));
        Ok(())
    }
}

fn day(text: &str) -> Result<Date, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(VALUE_INVALID, format!("`{text}` is not a date, which `--from` must be"))
            .hint("such as `2031-05-01`")
            .with("value", text)
    })
}
