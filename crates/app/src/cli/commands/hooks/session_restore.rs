//! `hooks session-restore`: what a session that is taken up again finds.

use std::collections::BTreeMap;

use clap::Args;
use engine::desk::Desk as _;
use lens::look::Look;
use lens::views::restored::restored;
use model::actor::Actor;
use model::ruling::commons::no_session;

use crate::cli::briefing::unread_of;
use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::working;

#[derive(Debug, Args)]
pub(super) struct SessionRestore {
    /// The session
    #[arg(long, value_name = "ID")]
    session_id: String,
}

impl SessionRestore {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let store = call.store_to_read()?;
        let desk = store.desk();
        let (commons, id) = (desk.commons()?, working::session(&self.session_id)?);
        let session = commons.session(&id).ok_or_else(|| no_session(&id))?;
        let plan = match &session.plan {
            Some(key) => Some(call.plan_named(&store, key.as_str())?),
            None if call.config.plan.value.is_none() && desk.plans()?.is_empty() => None,
            None => Some(call.plan_of(&store)?),
        };
        let mut messages = BTreeMap::new();
        let mut read = |name: &str| -> Outcome {
            for message in unread_of(desk, name)? {
                messages.insert(message.number, message);
            }
            Ok(())
        };
        match call.asking_agent()? {
            // Whoever takes part finds their own; a coordinator those of all.
            Some(Actor::Agent { agent, .. }) if session.member(&agent).is_some() => read(agent.as_str())?,
            _ => {
                for member in &session.members {
                    read(member.agent.as_str())?;
                }
            }
        }
        let look = plan.as_ref().map(|plan| Look::new(plan, desk.now()));
        let digest = match &plan {
            Some(plan) => desk.journal().head(plan.id)?.map(|head| head.digest).unwrap_or_default(),
            None => model::digest::Digest::ZERO,
        };
        let plan = look.as_ref().map(|look| (look, digest));
        call.show(&restored(session, working::present(&store), plan, messages.into_values().collect()));
        Ok(())
    }
}
