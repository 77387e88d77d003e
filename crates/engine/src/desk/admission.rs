//! Before a command is ruled on: is the sender's session open, is the grant it works under in
//! force, and what does the ruling need to see of what only the journal keeps.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::access::Token;
use model::actor::By;
use model::command::Command;
use model::commons::Commons;
use model::context::Context;
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::plan::Plan;
use model::refusal::{LEASE_LOST, Refusal};
use model::ruling::commons::admits;
use model::ruling::holds;

use super::load::Loaded;
use super::{Denied, LocalDesk, Request};

impl LocalDesk {
    /// Admits a command to its ruling. Gives the stream its outcome rests on besides its own.
    pub(super) fn admit(
        &self,
        loaded: &mut Loaded,
        by: &By,
        request: &Request,
        command: &Command,
        now: Timestamp,
    ) -> Result<Option<(PlanId, Seq)>, Denied> {
        self.admit_beside(&HashMap::new(), loaded, (by, request), command, now)
    }

    /// The same beside plans that are being changed together with this one, as they are by now.
    pub(super) fn admit_beside(
        &self,
        plans: &HashMap<PlanId, Loaded>,
        loaded: &mut Loaded,
        (by, request): (&By, &Request),
        command: &Command,
        now: Timestamp,
    ) -> Result<Option<(PlanId, Seq)>, Denied> {
        let session = self.admit_session(loaded, by, command)?;
        if loaded.plan.id != PlanId::STORE {
            // A session that ends meanwhile gives back what it holds, and must not miss this.
            let begins = matches!(command, Command::Take(_) | Command::Start(_));
            return Ok(session.filter(|_| begins).map(|seq| (PlanId::STORE, seq)));
        }
        self.lay_out(loaded, command)?;
        let Some(holding) = command.holding() else { return Ok(None) };
        let judge = |plan: &Plan| {
            if plan.revision.0 == 0 {
                return Err(Refusal::new(LEASE_LOST, "the plan of that grant is not in this store"));
            }
            let mut ids = self.ids();
            let (agent_present, fence) = (request.agent_present, request.fence);
            let cx = Context { now, by, agent_present, fence, ids: &mut **ids };
            holds(plan, holding, &cx)
        };
        if let Some(known) = plans.get(&holding.plan) {
            judge(&known.plan)?;
            return Ok(Some((holding.plan, known.plan.seq)));
        }
        let plan = self.take(holding.plan)?;
        let (judged, seq) = (judge(&plan.plan), plan.plan.seq);
        self.put(holding.plan, plan);
        judged?;
        Ok(Some((holding.plan, seq)))
    }

    /// Gives how far the store's own stream was when a session outside it was looked at.
    fn admit_session(&self, loaded: &Loaded, by: &By, command: &Command) -> Result<Option<Seq>, Denied> {
        if !by.actor.is_agent() {
            return Ok(None);
        }
        if let Some(own) = &loaded.plan.commons {
            admits(own, by, command)?;
            return Ok(None);
        }
        let store = self.take(PlanId::STORE)?;
        let admitted = store.plan.commons.as_deref().map_or(Ok(()), |commons| admits(commons, by, command));
        let seq = store.plan.seq;
        self.put(PlanId::STORE, store);
        admitted?;
        Ok(Some(seq))
    }

    /// Agents and sessions as they are now.
    pub fn commons(&self) -> Result<Arc<Commons>, Fault> {
        let loaded = self.take(PlanId::STORE)?;
        let shared = loaded.plan.commons.as_deref().cloned().unwrap_or_default();
        self.put(PlanId::STORE, loaded);
        Ok(Arc::new(shared))
    }

    /// The token with a digest, good or not.
    pub fn token(&self, digest: &Digest) -> Result<Option<Token>, Fault> {
        let loaded = self.take(PlanId::STORE)?;
        let tokens = loaded.plan.commons.as_deref().map(|commons| commons.tokens.as_slice());
        let found = tokens.unwrap_or_default().iter().find(|token| token.what.digest == *digest).cloned();
        self.put(PlanId::STORE, loaded);
        Ok(found)
    }

    /// Lays out the memory entry or the messages a command is about.
    fn lay_out(&self, loaded: &mut Loaded, command: &Command) -> Result<(), Fault> {
        let key = match command {
            Command::SetMemory(set) => Some(set.key.trim()),
            Command::DeleteMemory { key, .. } => Some(key.trim()),
            _ => None,
        };
        let entry = key.map(|key| self.journal().memory_entry(key)).transpose()?.flatten();
        let numbers: &[Seq] = match command {
            Command::AcknowledgeMessages(numbers) => numbers,
            Command::SendMessage { answers, .. } => answers.as_slice(),
            _ => &[],
        };
        let mut messages = Vec::new();
        for number in numbers {
            messages.extend(self.journal().message(*number)?);
        }
        if entry.is_none() && messages.is_empty() {
            return Ok(());
        }
        if let Some(commons) = &mut Arc::make_mut(&mut loaded.plan).commons {
            // What lies there already is what commands before this one, in the same batch, make of it.
            if let Some(entry) = entry {
                commons.memory.entry(entry.key.clone()).or_insert(entry);
            }
            commons.messages.extend(messages.into_iter().map(|message| (message.number, message)));
        }
        Ok(())
    }

    /// Puts a refusal on record and the plan back; the refusal stands whether or not that works.
    pub(super) fn turned_away(
        &self,
        plan: PlanId,
        loaded: Loaded,
        (by, command, now): (&By, &str, Timestamp),
        denied: Denied,
    ) -> Denied {
        self.put(plan, loaded);
        if let Denied::Refused(refusal) = &denied {
            self.record_attempt(plan, by, command, refusal, now);
        }
        denied
    }
}
