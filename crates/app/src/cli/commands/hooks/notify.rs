//! `hooks notify`: a message to a name, a role, a session, or everybody in the sender's session.

use clap::Args;
use model::actor::Actor;
use model::command::Command;
use model::commons::{Commons, Recipient};
use model::ids::{PlanId, SessionId};
use model::lease::same_role;
use model::plan::Plan;
use model::refusal::{AGENT_NOT_FOUND, Refusal};

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;

#[derive(Debug, Args)]
pub(super) struct Notify {
    /// The text
    #[arg(long, value_name = "TEXT")]
    message: String,
    /// An agent, a role or a session; everybody in your session where nobody is named
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
}

impl Notify {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let store = call.store_to_write()?;
        let commons = store.desk().commons()?;
        let to = match &self.to {
            Some(name) => named(&commons, name)?,
            None => match call.request()?.by.actor {
                Actor::Agent { session, .. }
                    if commons.session(&session).is_some_and(model::commons::Session::is_open) =>
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

/// Whom a name means: an agent before a session before a role. A name nobody has is refused: a
/// message to nobody would look as if it had arrived.
fn named(commons: &Commons, name: &str) -> Result<Recipient, Refusal> {
    if name == "*" || name.eq_ignore_ascii_case("all") || name.eq_ignore_ascii_case("everybody") {
        return Ok(Recipient::Everybody);
    }
    let members = || commons.sessions.iter().flat_map(|session| &session.members);
    let is_agent = commons.agents.iter().any(|agent| agent.id.as_str().eq_ignore_ascii_case(name))
        || members().any(|member| member.agent.as_str().eq_ignore_ascii_case(name));
    if is_agent {
        return Ok(Recipient::Name(name.to_owned()));
    }
    if let Ok(session) = SessionId::new(name)
        && commons.session(&session).is_some()
    {
        return Ok(Recipient::Session(session));
    }
    let roles = commons
        .agents
        .iter()
        .flat_map(|agent| agent.card.roles.iter())
        .chain(members().filter_map(|member| member.role.as_ref()));
    for role in roles {
        if same_role(role, name) {
            return Ok(Recipient::Role(role.clone()));
        }
    }
    let sender = commons.sessions.iter().any(|session| session.by.actor.to_string() == name);
    if sender {
        return Ok(Recipient::Name(name.to_owned()));
    }
    Err(Refusal::new(AGENT_NOT_FOUND, format!("nobody is called `{name}`, and no role or session is"))
        .hint("see who takes part with `countersign agent list`")
        .with("to", name))
}
