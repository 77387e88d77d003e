//! `escalate`: raises something that cannot be settled where it is; and how that ended.

use clap::{Args, Subcommand};
use lens::views::entries::escalations;
use model::command::Command;
use model::ids::EscalationId;
use model::plan::Plan;
use model::refusal::{ENTRY_NOT_FOUND, Refusal, TASK_STATE};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::entry::EntryOptions;
use crate::cli::error::{Outcome, Stop};
use crate::cli::usage::nearest;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Escalate>(
    "escalate",
    Group::Registers,
    "raises something, lists what was raised, and records how it ended",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, &[ENTRY_NOT_FOUND, TASK_STATE]],
);

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
struct Escalate {
    #[command(subcommand)]
    action: Option<Action>,
    /// What is raised; several words need no quotes
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// The task it is about; its review ticket takes it up
    #[arg(long, value_name = "KEY")]
    task: Option<String>,
    #[command(flatten)]
    options: EntryOptions,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists them all, ended ones too
    List,
    /// Records how one ended
    Resolve {
        /// The escalation's id or key
        #[arg(value_name = "ID")]
        id: String,
        /// How it ended; several words need no quotes
        #[arg(value_name = "OUTCOME", required = true)]
        outcome: Vec<String>,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Escalate {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Some(Action::List) => {
                call.show(&escalations(&call.open()?.look()));
                Ok(())
            }
            Some(Action::Resolve { id, outcome, asking }) => {
                let opened = call.open_to_write()?;
                let escalation = find(&opened.plan, &id)?;
                let command = Command::ResolveEscalation { escalation, outcome: outcome.join(" ") };
                call.submit_and_say(&opened, &asking, command)
            }
            None if self.text.is_empty() => Err(Stop::usage("say what is raised")
                .hint("such as `countersign escalate 'no test host'`")
                .into()),
            None => {
                let opened = call.open_to_write()?;
                let entry = self.options.with(&self.text)?;
                let task = self.task.as_deref().map(|key| find_task(&opened.plan, key)).transpose()?;
                let task = task.map(|task| task.id);
                call.submit_and_say(&opened, &self.asking, Command::Escalate { entry, task })
            }
        }
    }
}

fn find(plan: &Plan, named: &str) -> Result<EscalationId, Refusal> {
    let key = |known: &model::registers::Escalation| known.entry.key.as_ref().map(ToString::to_string);
    let found = plan.escalations.iter().find(|known| {
        known.id.to_string() == named || key(known).is_some_and(|key| key.eq_ignore_ascii_case(named))
    });
    found.map(|known| known.id).ok_or_else(|| {
        let no = Refusal::new(ENTRY_NOT_FOUND, format!("plan `{}` has no escalation `{named}`", plan.key));
        let keys: Vec<String> = plan.escalations.iter().filter_map(key).collect();
        match nearest(named, keys.iter().map(String::as_str)) {
            Some(near) => no.hint(format!("did you mean `{near}`?")),
            None => no.hint("see them all with `countersign escalate list`"),
        }
    })
}
