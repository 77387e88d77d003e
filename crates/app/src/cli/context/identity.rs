//! Who asks, and how that is known.

use clap::Args;
use engine::desk::{Request, statement};
use engine::ids::random_hex;
use engine::keys::SecretKey;
use engine::workspace::author;
use model::access::Bearer;
use model::actor::{Actor, By, Known};
use model::command::Command;
use model::ids::{AgentId, Fence, PersonId, PlanId, SessionId};
use model::refusal::{IDENTITY_UNPROVEN, Refusal, USAGE_INVALID};

use crate::cli::call::Call;
use crate::cli::error::{Outcome, plain};

/// Options of verbs that change something: what makes the request this sender's own.
#[derive(Debug, Clone, Default, Args)]
pub struct Asking {
    /// Gives the request this id; the same id is carried out once
    #[arg(long, value_name = "ID")]
    pub request: Option<String>,
    /// Signs the command with your key, so that it is proven to be yours
    #[arg(long)]
    pub sign: bool,
}

impl Call {
    /// A request by whoever asks: flags before the environment before git before the system.
    pub fn request(&self) -> Outcome<Request> {
        let agent_present = self.config.agent.value.is_some() || self.config.session.value.is_some();
        let actor = self.actor()?;
        let fence = self.config.fence.value.map(Fence);
        // A server takes whoever its token names for proven.
        let held = match (self.holder.get(), &actor) {
            (Some(Bearer::Person(holder)), Actor::Person(person)) => holder == person,
            (Some(Bearer::Agent(holder)), Actor::Agent { agent, .. }) => holder == agent,
            _ => false,
        };
        let known = if held { Known::Token } else { Known::Declared };
        Ok(Request { agent_present, fence, ..Request::new(By::new(actor, known)) })
    }

    /// A request for one command: with the id that was given, signed where that was asked for.
    pub fn request_for(&self, asking: &Asking, plan: PlanId, command: &Command) -> Outcome<Request> {
        let mut request = self.request()?;
        request.id.clone_from(&asking.request);
        if asking.sign {
            let Actor::Person(person) = &request.by.actor else {
                return Err(Refusal::new(IDENTITY_UNPROVEN, "an agent cannot sign; only a person can").into());
            };
            let key = self.secret_key(person)?;
            let id = request.id.get_or_insert_with(|| format!("signed-{}", random_hex(16)));
            request.signature = Some(key.sign(&statement(plan, id, command)));
        }
        Ok(request)
    }

    /// A person's own key.
    pub fn secret_key(&self, person: &PersonId) -> Outcome<SecretKey> {
        let path = SecretKey::path(&self.config.folder, person.as_str());
        SecretKey::load(&path).map_err(|error| {
            Refusal::new(IDENTITY_UNPROVEN, format!("the key of {person} cannot be used: {}", plain(&error)))
                .hint("make one with `countersign key new`, then `countersign key register`")
                .into()
        })
    }

    /// The person a verb is used by, whoever else is around.
    ///
    /// Who shows a token to a server is the one it names; another name is only said on purpose.
    pub fn person(&self) -> Outcome<PersonId> {
        if let Some(Bearer::Person(holder)) = self.holder.get()
            && !self.config.names_person()
        {
            return Ok(holder.clone());
        }
        if let Some(known) = self.person.get() {
            return Ok(known.clone());
        }
        let named = self.config.person.value.clone();
        let name = named.or_else(author).or_else(system_name).unwrap_or_else(|| "unknown".to_owned());
        let person = PersonId::new(&name).map_err(|bad| bad_name(&bad))?;
        Ok(self.person.get_or_init(|| person).clone())
    }

    fn actor(&self) -> Outcome<Actor> {
        // A person who is named on the command line acts as such; that an agent is around is
        // remembered apart.
        let held = match self.holder.get() {
            Some(Bearer::Agent(agent)) => Some(agent.as_str()),
            _ => None,
        };
        let named = self.config.agent.value.as_deref().or(held).filter(|_| !self.config.names_person());
        let Some(agent) = named else { return self.person().map(Actor::Person) };
        let session = self.config.session.value.as_deref().unwrap_or(agent);
        let agent = AgentId::new(agent).map_err(|bad| bad_name(&bad))?;
        let session = SessionId::new(session).map_err(|bad| bad_name(&bad))?;
        Ok(Actor::Agent { agent, session })
    }
}

fn bad_name(bad: &model::ids::BadId) -> Refusal {
    Refusal::new(USAGE_INVALID, bad.to_string())
}

fn system_name() -> Option<String> {
    ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok()).find(|name| !name.is_empty())
}
