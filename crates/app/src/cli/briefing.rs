//! What a brief draws on besides the plan: the shared memory, and what lies in the reader's inbox.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use engine::desk::{Desk as _, LocalDesk};
use engine::store::Store;
use lens::look::Look;
use lens::views::brief::{Brief, DEFAULT_BUDGET, Sources, TaskFile, brief, is_relevant};
use model::actor::Actor;
use model::commons::{MemoryEntry, Message};
use model::fault::Fault;
use model::ids::{AgentId, PlanId, Seq};
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

/// What the briefs of agents draw on besides the plan. It is read once for as long as the store's own
/// stream stands still: agents may be started a hundred times a second.
#[derive(Default)]
pub struct Drawn(Mutex<(Option<Seq>, ByAgent)>);

/// What was read for each agent.
type ByAgent = HashMap<AgentId, Arc<Beside>>;

/// What there is to tell an agent besides the plan.
struct Beside {
    memory: Vec<MemoryEntry>,
    messages: Vec<Message>,
}

impl Drawn {
    /// The brief of a task for an agent that is started with it, and perhaps with a file that describes
    /// it.
    pub fn brief_for(
        &self,
        store: &Store,
        (plan, task): (&Plan, &Task),
        agent: &AgentId,
        task_file: Option<TaskFile<'_>>,
    ) -> Outcome<String> {
        let beside = self.beside(store, agent)?;
        let look = Look::new(plan, store.desk().now());
        let tells = |entry: &&MemoryEntry| entry.value(look.now).is_some() && is_relevant(&look, task, entry);
        let memory: Vec<MemoryEntry> = beside.memory.iter().filter(tells).cloned().collect();
        // Which plan and which store are meant stands in the agent's environment.
        let sources =
            Sources { memory: &memory, messages: &beside.messages, program: "countersign", task_file };
        match brief(&look, task.id, &sources, DEFAULT_BUDGET) {
            Some(made) => Ok(made?.markdown()),
            None => Ok(String::new()),
        }
    }

    fn beside(&self, store: &Store, agent: &AgentId) -> Outcome<Arc<Beside>> {
        let head = store.desk().journal().head(PlanId::STORE)?.map(|head| head.seq);
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.0 != head {
            *drawn = (head, HashMap::new());
        }
        if let Some(known) = drawn.1.get(agent) {
            return Ok(Arc::clone(known));
        }
        let (memory, messages) = (memory(store.desk())?, unread_of(store.desk(), agent.as_str())?);
        let beside = Arc::new(Beside { memory, messages });
        drawn.1.insert(agent.clone(), Arc::clone(&beside));
        Ok(beside)
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
