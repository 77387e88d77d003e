//! `risk`: the risk register.

use clap::{Args, Subcommand};
use lens::views::risks::risks;
use model::command::Command;
use model::ids::TaskId;
use model::plan::Plan;
use model::refusal::{ENTRY_NOT_FOUND, KEY_DUPLICATE, Refusal};
use model::registers::RiskDetails;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::usage::nearest;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Risk>(
    "risk",
    Group::Registers,
    "lists, shows, adds and changes risks",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, &[ENTRY_NOT_FOUND, KEY_DUPLICATE]],
);

#[derive(Debug, Args)]
struct Risk {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists them all
    List,
    /// Shows one
    Show {
        /// The risk's key
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Adds one
    Add {
        /// What may happen
        #[arg(value_name = "TITLE")]
        title: String,
        /// Its key; one is made where none is given
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        #[command(flatten)]
        details: Details,
        #[command(flatten)]
        asking: Asking,
    },
    /// Changes one; what is not named stays
    Change {
        /// The risk's key
        #[arg(value_name = "KEY")]
        key: String,
        /// What may happen
        #[arg(long, value_name = "TITLE")]
        title: Option<String>,
        #[command(flatten)]
        details: Details,
        #[command(flatten)]
        asking: Asking,
    },
}

#[derive(Debug, Args)]
struct Details {
    /// How likely it is
    #[arg(long, value_name = "TEXT")]
    probability: Option<String>,
    /// How bad it would be
    #[arg(long, value_name = "TEXT")]
    impact: Option<String>,
    /// Where it stands: `open`, `Yellow`, `closed`
    #[arg(long, value_name = "TEXT")]
    status: Option<String>,
    /// Where it is going: `trending Green`
    #[arg(long, value_name = "TEXT")]
    trend: Option<String>,
    /// Who watches it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// What is done about it
    #[arg(long, value_name = "TEXT")]
    mitigation: Option<String>,
    /// When it is raised, and to whom
    #[arg(long, value_name = "TEXT")]
    escalation: Option<String>,
    /// Tasks that mitigate it, separated by commas
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    tasks: Vec<String>,
}

impl Details {
    fn on(self, plan: &Plan, title: String) -> Result<RiskDetails, Refusal> {
        let tasks: Result<Vec<TaskId>, Refusal> =
            self.tasks.iter().map(|key| find_task(plan, key).map(|task| task.id)).collect();
        Ok(RiskDetails {
            title,
            probability: self.probability,
            impact: self.impact,
            status: self.status,
            trend: self.trend,
            owner: self.owner,
            mitigation: self.mitigation,
            escalation: self.escalation,
            tasks: tasks?,
        })
    }
}

impl Handler for Risk {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::List => call.show(&risks(&call.open()?.look())),
            Action::Show { key } => {
                let opened = call.open()?;
                let key = find_risk(&opened.plan, &key)?.key.as_str();
                let mut answer = risks(&opened.look());
                answer.risks.retain(|risk| risk.key == key);
                call.show(&answer);
            }
            Action::Add { title, key, details, asking } => {
                let opened = call.open_to_write()?;
                let key = key.map(|key| values::key(&key)).transpose()?;
                let details = details.on(&opened.plan, title)?;
                return call.submit_and_say(&opened, &asking, Command::AddRisk { key, details });
            }
            Action::Change { key, title, details, asking } => {
                let opened = call.open_to_write()?;
                let key = find_risk(&opened.plan, &key)?.key.clone();
                let details = details.on(&opened.plan, title.unwrap_or_default())?;
                return call.submit_and_say(&opened, &asking, Command::ChangeRisk { key, details });
            }
        }
        Ok(())
    }
}

fn find_risk<'p>(plan: &'p Plan, named: &str) -> Result<&'p model::registers::Risk, Refusal> {
    let is_named = |risk: &&model::registers::Risk| {
        risk.key.as_str().eq_ignore_ascii_case(named) || risk.id.to_string() == named
    };
    plan.risks.iter().find(is_named).ok_or_else(|| {
        let no = Refusal::new(ENTRY_NOT_FOUND, format!("plan `{}` has no risk `{named}`", plan.key))
            .with("risk", named);
        match nearest(named, plan.risks.iter().map(|risk| risk.key.as_str())) {
            Some(near) => no.hint(format!("did you mean `{near}`?")),
            None => no.hint("see them all with `countersign risk list`"),
        }
    })
}
