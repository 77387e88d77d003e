//! `take`: a task is given to whoever asks, for a time and to nobody else.

use clap::{ArgGroup, Args};
use engine::desk::Desk as _;
use model::command::Which;
use model::event::Event;
use model::refusal as code;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::Outcome;
use crate::cli::verb::{
    Group, Handler, MOVES_TASK, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};
use crate::cli::working::{Terms, seconds, shown_lease};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Take>(
    "take",
    Group::Agents,
    "takes a task, or the next one, under a lease",
    &[
        READS_STORE,
        WRITES_STORE,
        NAMES_TASK,
        MOVES_TASK,
        WORKS_IN_SESSION,
        &[
            code::WORK_NONE,
            code::PATH_RESERVED,
            code::LEASE_STRIKES,
            code::PLAN_HALTED,
            code::BUDGET_SPENT,
            code::SESSION_FULL,
        ],
    ],
);

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["key", "next"])))]
struct Take {
    /// The task
    #[arg(value_name = "KEY")]
    key: Option<String>,
    /// The task that comes next: by priority, then by how many wait for it
    #[arg(long)]
    next: bool,
    /// Takes only tasks of this role, or of none; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// For how long, unless heartbeats renew it
    #[arg(long, value_name = "TIME")]
    ttl: Option<String>,
    /// Intends to write these paths and no others, instead of those that are reserved
    #[arg(long = "path", value_name = "GLOB")]
    paths: Vec<String>,
    /// Prints lines for a shell that set the task and the grant: `eval "$(countersign take --next --export)"`
    #[arg(long, conflicts_with = "json")]
    export: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Take {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let which = match &self.key {
            Some(key) => Which::Task(find_task(&opened.plan, key)?.id),
            None => Which::Next,
        };
        let terms = Terms {
            roles: self.roles,
            ttl_seconds: self.ttl.as_deref().map(|text| seconds("--ttl", text)).transpose()?,
            paths: (!self.paths.is_empty()).then_some(self.paths),
        };
        let done = call.take(&opened, &self.asking, which, terms)?;
        let plan = opened.store.desk().plan(opened.id())?;
        let taken = done.receipt.events.iter().find_map(|event| match event {
            Event::LeaseTaken(taken) => Some(taken.task),
            _ => None,
        });
        let Some(lease) = taken.and_then(|task| shown_lease(&opened, &plan, task)) else {
            done.say(call, &plan);
            return Ok(());
        };
        if self.export {
            for (name, value) in [("TASK", lease.task.to_owned()), ("FENCE", lease.fence.to_string())] {
                call.ui.line(format!("export COUNTERSIGN_{name}='{}'", value.replace('\'', "'\\''")));
            }
            return Ok(());
        }
        if call.ui.wants_json() {
            call.ui.json(&json!({ "plan": plan.key, "seq": done.receipt.last, "lease": lease }));
            return Ok(());
        }
        done.say(call, &plan);
        call.ui.note(format!(
            "hint: see what it asks for with `countersign brief {0}`; hand it in with `countersign submit {0}`",
            lease.task
        ));
        Ok(())
    }
}
