//! `notify`: sends a message.

use clap::Args;
use lens::views::messages::MessageRow;
use model::command::Command;
use model::commons::{Message, Recipient};
use model::event::Event;
use model::ids::{Key, PlanId, Seq};
use model::plan::Plan;
use model::refusal::{AGENT_NOT_FOUND, MESSAGE_NOT_FOUND, POLICY_DENIED};

use crate::cli::addressing::recipient;
use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};
use crate::cli::working;
use engine::store::Store;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Notify>(
    "notify",
    Group::Agents,
    "sends a message to an agent, a person, a role, a session or everybody",
    &[
        READS_STORE,
        WRITES_STORE,
        WORKS_IN_SESSION,
        NAMES_TASK,
        &[AGENT_NOT_FOUND, MESSAGE_NOT_FOUND, POLICY_DENIED],
    ],
);

#[derive(Debug, Args)]
struct Notify {
    /// The text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: String,
    /// To whom: an agent, a session, a role or a person, or `role:NAME`, `session:ID`, `person:NAME`;
    /// everybody where nobody is named
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// The task it is about
    #[arg(long, value_name = "KEY")]
    task: Option<String>,
    /// The message it answers
    #[arg(long, value_name = "NUMBER")]
    answers: Option<u64>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Notify {
    fn run(self, call: &Call) -> Outcome {
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let store = call.store_to_fill(&here)?;
        let to = match self.to.as_deref() {
            Some(name) => recipient(call, &store, name)?,
            None => Recipient::Everybody,
        };
        let (plan, task) = about(call, &store, self.task.as_deref())?;
        let answers = self.answers.map(Seq);
        let command = Command::SendMessage { to, text: self.message, plan, task, answers };
        let done = call.submit_to(&store, PlanId::STORE, &self.asking, command, Vec::new())?;
        match done.receipt.events.first() {
            Some(Event::MessageSent(sent)) if call.ui.wants_json() => {
                let (number, what) = (done.receipt.last, (**sent).clone());
                let message = Message { number, what, by: done.by.clone(), at: done.receipt.at };
                call.ui.json(&MessageRow::of(&message, None));
            }
            _ => done.say(call, &Plan::empty(PlanId::STORE)),
        }
        Ok(())
    }
}

/// The plan and task it is about. What the environment says of an agent's work is taken as it is.
fn about(call: &Call, store: &Store, task: Option<&str>) -> Outcome<(Option<Key>, Option<Key>)> {
    if let Some(task) = task {
        let plan = call.plan_of(store)?;
        return Ok((Some(plan.key.clone()), Some(find_task(&plan, task)?.key.clone())));
    }
    let key = |named: &Option<String>| named.as_deref().map(working::key).transpose();
    Ok((key(&call.config.plan.value)?, key(&call.config.task.value)?))
}
