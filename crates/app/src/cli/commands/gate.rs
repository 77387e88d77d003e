//! `gate`: what guards tasks, phases and named steps, and whether it is open.

use clap::{Args, Subcommand};
use lens::views::gates::{gate, gates};
use lens::views::several::several;
use model::refusal::{GATE_NOT_FOUND, GATE_SHUT, Refusal};

use crate::cli::call::Call;
use crate::cli::context::{Everywhere, find_gate};
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Gate>(
    "gate",
    Group::Prove,
    "lists gates, shows one, or says by its exit status whether one is open",
    &[READS_STORE, &[GATE_NOT_FOUND, GATE_SHUT]],
);

#[derive(Debug, Args)]
struct Gate {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the gates of phases, the success criteria and the named gates
    List {
        #[command(flatten)]
        everywhere: Everywhere,
    },
    /// Shows one with its checks
    Show {
        /// `release`, `exit of A`, `success criteria`, or a task's key
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Ends with 0 where it is open and with 6 where it is shut
    Check {
        /// `release`, `exit of A`, `success criteria`, or a task's key
        #[arg(value_name = "NAME")]
        name: String,
    },
}

impl Handler for Gate {
    fn run(self, call: &Call) -> Outcome {
        if let Action::List { everywhere } = self.action
            && everywhere.all_plans
        {
            let all = call.open_all()?;
            let looks = all.looks_of(everywhere);
            let answers = looks.iter().map(|look| (look.plan, gates(look)));
            call.show(&several(answers, |gates| !gates.gates.is_empty()));
            return Ok(());
        }
        let opened = call.open()?;
        let look = opened.look();
        let (name, judge) = match self.action {
            Action::List { .. } => {
                call.show(&gates(&look));
                return Ok(());
            }
            Action::Show { name } => (name, false),
            Action::Check { name } => (name, true),
        };
        let subject = find_gate(&look, &name)?;
        let shown = gate(&look, subject)
            .ok_or_else(|| Refusal::new(GATE_NOT_FOUND, format!("there is no gate `{name}`")))?;
        call.show(&shown);
        // Prose without a probe opens nothing: a pipeline that asks must not be let through.
        match shown.gate.state {
            "open" | "waived" => Ok(()),
            _ if judge => Err(Stop::Said(GATE_SHUT)),
            _ => Ok(()),
        }
    }
}
