//! Who asks, and what comes with every request that changes something.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use engine::desk::Request;
use model::access::{Bearer, Scope};
use model::actor::{Actor, By, Known};
use model::ids::{AgentId, Fence, PersonId, Seq, SessionId};
use model::plan::Plan;
use model::refusal::{PLAN_MOVED, Refusal};

use super::guard::identity::Principal;
use super::problem::{Answered, Problem};
use super::service::Service;

/// Who acts, on a machine where nobody has to prove it: a person's name, or `agent:NAME`.
pub static ACTOR: HeaderName = HeaderName::from_static("countersign-actor");
/// The session an agent acts in.
pub static SESSION: HeaderName = HeaderName::from_static("countersign-session");
/// The grant an agent works under.
pub static FENCE: HeaderName = HeaderName::from_static("countersign-fence");
/// The sender's own id for a request; the same id is carried out once.
pub static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest id of a request.
pub const LONGEST_KEY: usize = 200;

/// Who asks, with what comes with the request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who acts, and how that is known.
    pub by: By,
    known: Option<Principal>,
    fence: Option<Fence>,
    id: Option<String>,
    onto: Option<Seq>,
}

impl Caller {
    /// Refuses where somebody who showed who they are may not do what takes this scope.
    pub fn may(&self, wanted: Scope) -> Answered<()> {
        self.known.as_ref().map_or(Ok(()), |known| known.may(wanted))
    }

    /// Refuses where more has happened to a plan than the sender saw.
    pub fn still_sees(&self, plan: &Plan) -> Answered<()> {
        match self.onto {
            Some(seen) if seen != plan.seq => {
                let told = format!("plan `{}` has moved on since event {seen}", plan.key);
                Err(Refusal::new(PLAN_MOVED, told).hint("look at it again, then decide").into())
            }
            _ => Ok(()),
        }
    }

    /// Whose token was shown, where one was.
    pub fn subject(&self) -> Option<&Bearer> {
        self.known.as_ref().map(|known| &known.subject)
    }

    /// The id of a request as nobody else's: what others call theirs says nothing of it. Where nobody
    /// has to show who they are, ids are as they were given, as at a desk of one's own.
    pub fn own_id(&self, id: &str) -> String {
        match &self.known {
            Some(_) => format!("{} {id}", sender(&self.by.actor)),
            None => id.to_owned(),
        }
    }

    /// The request for the desk. Its id is the sender's own: what others call theirs says nothing of it.
    pub fn request(&self) -> Request {
        let id = self.id.as_ref().map(|id| format!("{} {id}", sender(&self.by.actor)));
        Request { fence: self.fence, id, onto: self.onto, ..Request::new(self.by.clone()) }
    }
}

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let headers = &parts.headers;
        let known = parts.extensions.get::<Principal>().cloned();
        let by = match &known {
            Some(known) => By::new(proven(&known.subject, headers)?, Known::Token),
            None => By::new(actor(headers, service)?, Known::Declared),
        };
        let number = |name: &HeaderName| -> Result<Option<u64>, Problem> {
            let Some(text) = text(headers, name)? else { return Ok(None) };
            // The description tells numbers of 64 bits with a sign.
            let number = text.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
            number.map(Some).ok_or_else(|| bad(name, "a whole number"))
        };
        let id = text(headers, &IDEMPOTENCY_KEY)?.map(str::to_owned);
        if id.as_ref().is_some_and(|id| id.is_empty() || id.len() > LONGEST_KEY) {
            return Err(bad(&IDEMPOTENCY_KEY, "a text of 1 to 200 characters"));
        }
        let onto = match text(headers, &header::IF_MATCH)? {
            None | Some("*") => None,
            Some(tag) => {
                let seq = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
                let seq = seq.and_then(|seq| seq.parse().ok());
                Some(Seq(seq.ok_or_else(|| bad(&header::IF_MATCH, "an `ETag` of a plan, such as `\"12\"`"))?))
            }
        };
        Ok(Self { by, known, fence: number(&FENCE)?.map(Fence), id, onto })
    }
}

/// An actor as nobody else is written: a person may be called as an agent in a session is.
fn sender(actor: &Actor) -> String {
    let kind = match actor {
        Actor::Person(_) => "person",
        Actor::Agent { .. } => "agent",
        Actor::Document => "document",
        Actor::System => "system",
    };
    format!("{kind} {actor}")
}

/// Whoever showed who they are, in the session they name; `countersign-actor` says nothing then.
fn proven(subject: &Bearer, headers: &HeaderMap) -> Result<Actor, Problem> {
    Ok(match subject {
        Bearer::Person(person) => Actor::Person(person.clone()),
        Bearer::Agent(agent) => {
            let session = text(headers, &SESSION)?.unwrap_or(agent.as_str());
            let session = SessionId::new(session).map_err(|wrong| bad(&SESSION, &wrong.to_string()))?;
            Actor::Agent { agent: agent.clone(), session }
        }
    })
}

fn actor(headers: &HeaderMap, service: &Service) -> Result<Actor, Problem> {
    let Some(named) = text(headers, &ACTOR)? else { return Ok(Actor::Person(service.owner.clone())) };
    let Some(agent) = named.strip_prefix("agent:") else {
        let person = named.strip_prefix("person:").unwrap_or(named);
        return PersonId::new(person).map(Actor::Person).map_err(|wrong| bad(&ACTOR, &wrong.to_string()));
    };
    let session = text(headers, &SESSION)?.unwrap_or(agent);
    Ok(Actor::Agent {
        agent: AgentId::new(agent).map_err(|wrong| bad(&ACTOR, &wrong.to_string()))?,
        session: SessionId::new(session).map_err(|wrong| bad(&SESSION, &wrong.to_string()))?,
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let value = headers.get(name).map(|value| value.to_str().map(str::trim));
    value.transpose().map_err(|_| bad(name, "plain text"))
}

fn bad(header: &HeaderName, wanted: &str) -> Problem {
    Problem::invalid(header.as_str(), format!("the header `{header}` is not acceptable: {wanted}"))
        .hint("leave it out, or correct it")
}
