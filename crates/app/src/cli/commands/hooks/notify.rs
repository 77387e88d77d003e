//! `hooks notify`: a message to a name, a role, a session, or everybody in the sender's session.

use clap::Args;
use model::actor::Actor;
use model::command::Command;
use model::commons::Recipient;
use model::ids::PlanId;
use model::plan::Plan;

use crate::cli::addressing::recipient;
use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;

#[derive(Debug, Args)]
pub(super) struct Notify {
    /// The text
    #[arg(long, value_name = "TEXT")]
    message: String,
    /// To whom: an agent, a session, a role or a person, or `role:NAME`, `session:ID`, `person:NAME`;
    /// everybody in your session where nobody is named
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
}

impl Notify {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let store = call.store_to_write()?;
        let to = match &self.to {
            Some(name) => recipient(call, &store, name)?,
            None => match call.request()?.by.actor {
                Actor::Agent { session, .. }
                    if store
                        .desk()
                        .commons()?
                        .session(&session)
                        .is_some_and(model::commons::Session::is_open) =>
                {
                    Recipient::Session(session)
                }
                _ => Recipient::Everybody,
            },
        };
        let command = Command::SendMessage {
            to,
            text: self.message,
            plan: None,
            task: call.config.task.value.as_deref().and_then(|key| model::ids::Key::new(key).ok()),
            answers: None,
        };
        let done = call.submit_to(&store, PlanId::STORE, &Asking::default(), command, Vec::new())?;
        done.say(call, &Plan::empty(PlanId::STORE));
        Ok(())
    }
}
