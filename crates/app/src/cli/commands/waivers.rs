//! `waivers`: every exception with the days it has left, lapsed ones too; and taking one back.

use clap::{Args, Subcommand};
use lens::views::several::several;
use lens::views::waivers::waivers;
use model::command::Command;
use model::refusal::WAIVER_NOT_FOUND;

use super::approve;
use crate::cli::call::Call;
use crate::cli::context::{Asking, Everywhere};
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Waivers>(
    "waivers",
    Group::Prove,
    "lists exceptions with the days they have left, or takes one back",
    &[READS_STORE, WRITES_STORE, PERSON_ONLY, &[WAIVER_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Waivers {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    everywhere: Everywhere,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists them all, lapsed ones too
    List,
    /// Takes one back; only a person can
    Revoke {
        /// The waiver
        #[arg(value_name = "ID")]
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Waivers {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            None | Some(Action::List) if self.everywhere.all_plans => {
                let all = call.open_all()?;
                let looks = all.looks_of(self.everywhere);
                let answers = looks.iter().map(|look| (look.plan, waivers(look)));
                call.show(&several(answers, |waivers| !waivers.waivers.is_empty()));
                Ok(())
            }
            None | Some(Action::List) => {
                call.show(&waivers(&call.open()?.look()));
                Ok(())
            }
            Some(Action::Revoke { id, reason, asking }) => {
                let waiver = approve::waiver(&id)?;
                let opened = call.open_to_write()?;
                call.submit_and_say(&opened, &asking, Command::RevokeWaiver { waiver, reason })
            }
        }
    }
}
