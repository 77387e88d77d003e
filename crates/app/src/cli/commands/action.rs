//! `action`: action items that stand in no document.

use clap::{Args, Subcommand};
use lens::views::list::{Filter, list};
use model::command::Command;
use model::draft::{Owner, OwnerRole, TaskKind};
use model::facts::Fact;
use model::ids::TaskId;
use model::refusal::{KEY_DUPLICATE, POLICY_DENIED, Refusal, TASK_STATE};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::values;
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Action>(
    "action",
    Group::Registers,
    "lists action items, and adds one that stands in no document",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, &[KEY_DUPLICATE, POLICY_DENIED, TASK_STATE]],
);

#[derive(Debug, Args)]
struct Action {
    #[command(subcommand)]
    action: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists them
    List,
    /// Adds one
    Add {
        /// What is to be done; several words need no quotes
        #[arg(value_name = "TITLE", required = true)]
        title: Vec<String>,
        /// Its key; one is made where none is given
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Who does it
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// When it is due
        #[arg(long, value_name = "DATE")]
        due: Option<String>,
        /// How urgent it is
        #[arg(long, value_name = "TEXT")]
        priority: Option<String>,
        /// Tasks that must be done first, separated by commas
        #[arg(long, value_name = "KEYS", value_delimiter = ',')]
        needs: Vec<String>,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Handler for Action {
    fn run(self, call: &Call) -> Outcome {
        let What::Add { title, key, owner, due, priority, needs, asking } = self.action else {
            let filter = Filter { kinds: vec![TaskKind::Action], ..Filter::default() };
            call.show(&list(&call.open()?.look(), &filter));
            return Ok(());
        };
        let opened = call.open_to_write()?;
        let needs: Result<Vec<TaskId>, Refusal> =
            needs.iter().map(|need| find_task(&opened.plan, need).map(|task| task.id)).collect();
        let mut facts = Vec::new();
        facts.extend(owner.map(|name| Fact::Owner(Box::new(Owner { name, role: OwnerRole::Primary }))));
        facts.extend(due.map(|due| Fact::Due(Box::new(values::due(&due)))));
        facts.extend(priority.map(Fact::Priority));
        let command = Command::AddTask {
            kind: TaskKind::Action,
            key: key.map(|key| values::key(&key)).transpose()?,
            title: title.join(" "),
            needs: needs?,
            facts,
        };
        call.submit_and_say(&opened, &asking, command)
    }
}
