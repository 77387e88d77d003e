//! What a brief draws on besides the plan: the shared memory, and what lies in the reader's inbox.

use std::collections::{BTreeMap, BTreeSet};

use engine::desk::{Desk as _, LocalDesk};
use engine::store::Store;
use lens::look::Look;
use lens::views::brief::{Brief, DEFAULT_BUDGET, Sources, brief, is_relevant};
use model::actor::Actor;
use model::apply::apply_recorded;
use model::commons::{MemoryEntry, Message};
use model::event::Event;
use model::fault::Fault;
use model::ids::{AgentId, PlanId, Seq};
use model::plan::Plan;
use model::refusal::INTERNAL_FAULT;
use model::task::Task;

use super::call::Call;
use super::error::Outcome;

impl Call {
    /// The brief of a task, for whoever asks.
    pub fn brief<'a>(
        &self,
        store: &Store,
        look: &Look<'a>,
        task: &'a Task,
        budget: usize,
    ) -> Outcome<Brief<'a>> {
        let mut memory = memory(store.desk())?;
        memory.retain(|entry| is_relevant(look, task, entry));
        let messages = self.unread(store)?;
        let several = store.desk().plans()?.len() > 1;
        let program = match several {
            true => format!("countersign --plan {}", look.plan.key),
            false => "countersign".to_owned(),
        };
        let sources = Sources { memory: &memory, messages: &messages, program: &program };
        match brief(look, task.id, &sources, budget) {
            Some(made) => Ok(made?),
            None => Err(Fault::new(INTERNAL_FAULT, format!("task `{}` is not in its plan", task.key)).into()),
        }
    }

    /// Messages for whoever asks that they have not acknowledged, in order.
    pub fn unread(&self, store: &Store) -> Outcome<Vec<Message>> {
        let actor = self.request()?.by.actor;
        let name = match &actor {
            Actor::Agent { agent, .. } => agent.as_str(),
            Actor::Person(person) => person.as_str(),
            _ => return Ok(Vec::new()),
        };
        unread_of(store.desk(), name)
    }
}

/// The brief of a task for an agent that is started with it.
pub fn brief_for_agent(store: &Store, plan: &Plan, task: &Task, agent: &AgentId) -> Outcome<String> {
    let look = Look::new(plan, store.desk().now());
    let mut memory = memory(store.desk())?;
    memory.retain(|entry| is_relevant(&look, task, entry));
    let messages = unread_of(store.desk(), agent.as_str())?;
    // Which plan and which store are meant stands in the agent's environment.
    let sources = Sources { memory: &memory, messages: &messages, program: "countersign" };
    match brief(&look, task.id, &sources, DEFAULT_BUDGET) {
        Some(made) => Ok(made?.markdown()),
        None => Ok(String::new()),
    }
}

/// Messages for somebody that they have not acknowledged, in order.
pub fn unread_of(desk: &LocalDesk, name: &str) -> Outcome<Vec<Message>> {
    let reader = desk.commons()?.reader(name);
    let (mut messages, mut read) = (BTreeMap::new(), BTreeSet::new());
    desk.visit(PlanId::STORE, &|bytes| bytes.starts_with(b"{\"message"), &mut |recorded| {
        let by = match &recorded.by.actor {
            Actor::Agent { agent, .. } => agent.as_str(),
            Actor::Person(person) => person.as_str(),
            _ => "",
        };
        let own = by.eq_ignore_ascii_case(name);
        match &recorded.event {
            Event::MessageSent(sent) if reader.is_meant(&sent.to) && !own => {
                let message = Message {
                    number: recorded.seq,
                    what: (**sent).clone(),
                    by: recorded.by.clone(),
                    at: recorded.at,
                };
                messages.insert(recorded.seq, message);
            }
            Event::MessagesAcknowledged { messages } if own => read.extend(messages.iter().copied()),
            _ => {}
        }
    })?;
    messages.retain(|number: &Seq, _| !read.contains(number));
    Ok(messages.into_values().collect())
}

/// The shared memory.
fn memory(desk: &LocalDesk) -> Outcome<Vec<MemoryEntry>> {
    let mut whole = Plan::empty(PlanId::STORE);
    desk.visit(PlanId::STORE, &|bytes| bytes.starts_with(b"{\"memory_"), &mut |recorded| {
        apply_recorded(&mut whole, recorded);
    })?;
    let memory = whole.commons.map(|commons| commons.memory).unwrap_or_default();
    Ok(memory.into_values().collect())
}
