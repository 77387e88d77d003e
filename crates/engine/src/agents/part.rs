//! The part that a dispatcher plays in somebody else's session: an agent that was spawned into one
//! works for as long as that session is open, and keeps it from counting as stuck.

use jiff::Timestamp;
use model::command::Command;
use model::commons::Process;
use model::ids::{AgentId, PlanId, SessionId};
use model::refusal::Refusal;
use model::ruling::commons::{has_ended, no_session};

use crate::desk::{Denied, Desk as _, LocalDesk, Request};

/// The part that a dispatcher plays in somebody else's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The session.
    pub session: SessionId,
    /// As whom it takes part.
    pub agent: AgentId,
    /// Since when the session is open: one that begins later under its name is another.
    since: Timestamp,
}

impl Part {
    /// The part of an agent in a session; refused where the session is not open.
    pub fn of(desk: &LocalDesk, session: SessionId, agent: AgentId) -> Result<Self, Denied> {
        let commons = desk.commons()?;
        let known = commons.session(&session).ok_or_else(|| no_session(&session))?;
        if let Some(ended) = &known.ended {
            return Err(has_ended(&session, &ended.reason).into());
        }
        let since = known.since;
        Ok(Self { session, agent, since })
    }

    /// Why it is over, where it is.
    pub fn is_over(&self, desk: &LocalDesk) -> Result<Option<Refusal>, Denied> {
        let commons = desk.commons()?;
        Ok(match commons.session(&self.session) {
            Some(known) if known.since == self.since => {
                known.ended.as_ref().map(|ended| has_ended(&self.session, &ended.reason))
            }
            _ => Some(no_session(&self.session)),
        })
    }

    /// Says that the agent is there, and as which process where that is new.
    pub fn be_seen(&self, desk: &LocalDesk, process: Option<Process>) -> Result<(), Denied> {
        let (session, agent) = (self.session.clone(), self.agent.clone());
        let command = Command::SeeAgent { session, agent, process };
        match desk.submit(PlanId::STORE, &Request::system(), command) {
            // Its session ended meanwhile, or it left: that is found where it is asked whether it is over.
            Ok(_) | Err(Denied::Refused(_)) => Ok(()),
            Err(down) => Err(down),
        }
    }
}
