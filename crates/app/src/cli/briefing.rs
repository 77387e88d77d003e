//! What a brief draws on besides the plan: the shared memory, and what lies in the reader's inbox.

use engine::desk::{Desk as _, LocalDesk};
use engine::store::Store;
use lens::look::Look;
use lens::views::brief::{Brief, DEFAULT_BUDGET, Sources, TaskFile, brief, is_relevant};
use model::actor::Actor;
use model::commons::{MemoryEntry, Message};
use model::fault::Fault;
use model::ids::{AgentId, Seq};
use model::plan::Plan;
use model::refusal::INTERNAL_FAULT;
use model::task::Task;

use super::call::Call;
use super::error::Outcome;

/// The most unread messages and entries of the shared memory that are looked at.
const MESSAGES: usize = 200;
const ENTRIES: usize = 20_000;

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
        let sources = Sources { memory: &memory, messages: &messages, program: &program, task_file: None };
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

/// The brief of a task for an agent that is started with it, and perhaps with a file that describes it.
pub fn brief_for_agent(
    store: &Store,
    plan: &Plan,
    task: &Task,
    agent: &AgentId,
    task_file: Option<TaskFile<'_>>,
) -> Outcome<String> {
    let look = Look::new(plan, store.desk().now());
    let mut memory = memory(store.desk())?;
    memory.retain(|entry| is_relevant(&look, task, entry));
    let messages = unread_of(store.desk(), agent.as_str())?;
    // Which plan and which store are meant stands in the agent's environment.
    let sources = Sources { memory: &memory, messages: &messages, program: "countersign", task_file };
    match brief(&look, task.id, &sources, DEFAULT_BUDGET) {
        Some(made) => Ok(made?.markdown()),
        None => Ok(String::new()),
    }
}

/// Messages for somebody that they have not acknowledged, in order.
pub fn unread_of(desk: &LocalDesk, name: &str) -> Outcome<Vec<Message>> {
    let reader = desk.commons()?.reader(name);
    let delivered = desk.journal().inbox(&reader, true, Seq(0), MESSAGES)?;
    Ok(delivered.into_iter().map(|delivered| delivered.message).collect())
}

/// What of the shared memory may matter.
fn memory(desk: &LocalDesk) -> Outcome<Vec<MemoryEntry>> {
    let page = journal::Page { prefix: "", after: None, now: desk.now(), limit: ENTRIES };
    Ok(desk.journal().memories(&page)?)
}

/// An entry of the shared memory.
pub fn memory_entry(desk: &LocalDesk, key: &str) -> Outcome<Option<MemoryEntry>> {
    Ok(desk.journal().memory_entry(key)?)
}
