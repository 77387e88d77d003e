//! `delivery`: deployments and incidents, told and looked at.

use clap::{Args, Subcommand};
use lens::views::delivery::delivery;
use model::command::Command;
use model::delivery::{DeployResult, Deployed};
use model::refusal::{ENTRY_NOT_FOUND, KEY_DUPLICATE, Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Delivery>(
    "delivery",
    Group::Registers,
    "records deployments and incidents, and shows how long it takes to deploy and to restore",
    &[READS_STORE, WRITES_STORE, &[KEY_DUPLICATE, ENTRY_NOT_FOUND]],
);

#[derive(Debug, Args)]
struct Delivery {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows deployments, incidents, and what both take on average
    Show,
    /// Records a deployment
    Deployed {
        /// Where: `production`
        #[arg(value_name = "ENVIRONMENT")]
        environment: String,
        /// How it went: `succeeded`, `failed` or `rolled-back`
        #[arg(long, value_name = "RESULT", default_value = "succeeded")]
        result: String,
        /// Which commit
        #[arg(long, value_name = "COMMIT")]
        commit: Option<String>,
        /// From when the commit was there until it was deployed: `90m`
        #[arg(long, value_name = "TIME")]
        lead: Option<String>,
        /// Its number where it was done; the same number and result is recorded once
        #[arg(long = "run", value_name = "NUMBER")]
        number: Option<String>,
        /// Where it can be looked at
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Says that something is broken for those who use it
    Incident {
        /// What is broken; several words need no quotes
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
        /// What to call it; a name is made where none is given
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// How bad it is
        #[arg(long, value_name = "TEXT")]
        severity: Option<String>,
        /// Since when: a moment, or `20m` ago; now, where nothing is said
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Says that it works again
    Restored {
        /// The incident
        #[arg(value_name = "KEY")]
        incident: String,
        /// How
        #[arg(long, value_name = "TEXT", default_value = "")]
        outcome: String,
        /// Since when: a moment; now, where nothing is said
        #[arg(long, value_name = "WHEN")]
        at: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Delivery {
    fn run(self, call: &Call) -> Outcome {
        if matches!(self.action, Action::Show) {
            call.show(&delivery(&call.open()?.look()));
            return Ok(());
        }
        let opened = call.open_to_write()?;
        let now = opened.store.desk().now();
        let moment = |text: Option<String>| text.map(|text| values::past(&text, now)).transpose();
        let (command, asking) = match self.action {
            Action::Deployed { environment, result, commit, lead, number, url, asking } => {
                let result = DeployResult::parse(&result).ok_or_else(|| {
                    Refusal::new(VALUE_INVALID, format!("`{result}` is no result of a deployment"))
                        .hint("one of `succeeded`, `failed`, `rolled-back`")
                        .with("result", result.as_str())
                })?;
                let lead_seconds = lead.map(|lead| values::span("--lead", &lead)).transpose()?;
                let deployed =
                    Deployed { environment, result, at: now, commit, lead_seconds, run: number, url };
                (Command::RecordDeployment(Box::new(deployed)), asking)
            }
            Action::Incident { text, key, severity, since, asking } => {
                let key = key.map(|key| values::key(&key)).transpose()?;
                let since = moment(since)?;
                (Command::OpenIncident { key, text: text.join(" "), severity, since }, asking)
            }
            Action::Restored { incident, outcome, at, asking } => {
                let (incident, at) = (values::key(&incident)?, moment(at)?);
                (Command::EndIncident { incident, outcome, at }, asking)
            }
            Action::Show => return Ok(()),
        };
        call.submit_and_say(&opened, &asking, command)
    }
}
