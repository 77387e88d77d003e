//! `leases`: who holds which task, and until when.

use clap::Args;
use lens::views::leases::leases;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb =
    Verb::of::<Leases>("leases", Group::Agents, "lists who holds which task, and until when", &[READS_STORE]);

#[derive(Debug, Args)]
struct Leases {}

impl Handler for Leases {
    fn run(self, call: &Call) -> Outcome {
        call.show(&leases(&call.open()?.look()));
        Ok(())
    }
}
