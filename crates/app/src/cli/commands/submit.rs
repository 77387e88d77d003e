//! `submit`: work is handed in for verification. The word of whoever did it proves nothing yet.

use clap::Args;
use engine::desk::Desk as _;
use model::command::Command;
use model::lease::Usage;
use model::refusal::PATH_FOREIGN;

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, MOVES_TASK, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};
use crate::cli::working::seconds;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Submit>(
    "submit",
    Group::Agents,
    "hands in the work on a task, to be verified; compares what it changed with what was reserved",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, MOVES_TASK, WORKS_IN_SESSION, &[PATH_FOREIGN]],
);

#[derive(Debug, Args)]
struct Submit {
    /// The task; the one you hold where none is named
    #[arg(value_name = "KEY")]
    key: Option<String>,
    /// What was done, in your words
    #[arg(long, value_name = "TEXT", default_value = "")]
    summary: String,
    /// The commit that holds the work; what is checked out where none is named
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    #[command(flatten)]
    used: Used,
    #[command(flatten)]
    asking: Asking,
}

/// What work used up.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Used {
    /// Tokens of a language model
    #[arg(long, value_name = "COUNT")]
    pub(super) tokens: Option<u64>,
    /// Money, in the plan's currency
    #[arg(long, value_name = "AMOUNT")]
    pub(super) money: Option<f64>,
    /// Time
    #[arg(long, value_name = "TIME")]
    pub(super) time: Option<String>,
}

impl Used {
    /// As the model counts it.
    pub(super) fn usage(&self) -> Outcome<Usage> {
        /// The largest amount that still counts single millionths.
        const MOST: f64 = 1e9;
        let money = self.money.unwrap_or(0.0);
        if !(0.0..=MOST).contains(&money) {
            return Err(model::refusal::Refusal::new(
                model::refusal::VALUE_INVALID,
                format!("`{money}` is not an amount of money"),
            )
            .into());
        }
        let time = self.time.as_deref().map(|text| seconds("--time", text)).transpose()?;
        Ok(Usage {
            tokens: self.tokens.unwrap_or(0),
            money_micros: (money * 1_000_000.0).round() as u64,
            seconds: u64::from(time.unwrap_or(0)),
        })
    }
}

impl Handler for Submit {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = call.own_task(&opened.plan, self.key.as_deref())?.id;
        let usage = self.used.usage()?;
        let done = call.hand_in(&opened, &self.asking, task, self.commit, self.summary)?;
        if !usage.is_none() {
            let recorded = Command::RecordUsage { task, usage };
            opened.store.desk().submit(opened.id(), &call.request()?, recorded)?;
        }
        done.say(call, &opened.plan);
        if !call.ui.wants_json()
            && let Some(task) = opened.plan.task(task)
        {
            call.ui.note(match task.has_checks() {
                true => format!("hint: evidence countersigns it: `countersign verify {}`", task.key),
                false => format!(
                    "hint: nothing would prove it; a person may with `countersign approve {}`",
                    task.key
                ),
            });
        }
        Ok(())
    }
}
