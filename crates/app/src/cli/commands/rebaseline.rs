//! `rebaseline`: changes a date, window or estimate that the plan was adopted with, with a reason
//! and the approvals the plan asks for.

use clap::{Args, Subcommand};
use lens::views::rebaselines::rebaselines;
use model::command::{Command, Schedule};
use model::refusal::TASK_STATE;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, PERSON_ONLY, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Rebaseline>(
    "rebaseline",
    Group::Registers,
    "changes a task's date, window or estimate with a reason; the old one stays on record",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, PERSON_ONLY, &[TASK_STATE]],
);

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
struct Rebaseline {
    #[command(subcommand)]
    action: Option<Action>,
    /// The task
    #[arg(value_name = "KEY")]
    key: Option<String>,
    /// When it is due now
    #[arg(long, value_name = "DATE", group = "to")]
    due: Option<String>,
    /// Its window now
    #[arg(long, value_name = "TEXT", group = "to")]
    window: Option<String>,
    /// How many working days it takes now
    #[arg(long, value_name = "DAYS", group = "to")]
    estimate: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists what was rebaselined, and which approvals are missing
    List,
}

impl Handler for Rebaseline {
    fn run(self, call: &Call) -> Outcome {
        if let Some(Action::List) = self.action {
            call.show(&rebaselines(&call.open()?.look()));
            return Ok(());
        }
        let usage = |message: &str| {
            Stop::usage(message)
                .hint("such as `countersign rebaseline T-1 --due 2031-05-08 --reason 'host is late'`")
        };
        let key = self.key.ok_or_else(|| usage("say which task is rebaselined"))?;
        let reason = self.reason.ok_or_else(|| usage("a rebaseline needs its `--reason`"))?;
        let to = match (self.due, self.window, self.estimate) {
            (Some(due), ..) => Schedule::Due(values::due(&due)),
            (_, Some(window), _) => Schedule::Window(window),
            (.., Some(estimate)) => Schedule::Estimate(values::days(&estimate)?),
            _ => return Err(usage("say what changes: `--due`, `--window` or `--estimate`").into()),
        };
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &key)?.id;
        call.submit_and_say(&opened, &self.asking, Command::Rebaseline { task, to, reason })
    }
}
