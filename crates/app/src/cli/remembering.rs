//! The shared memory as verbs, hooks and tools use it: under which grant something is written, what
//! became of it, reading it back.

use engine::store::Store;
use journal::Page;
use model::command::{Command, SetMemory};
use model::commons::{Holding, MemoryEntry};
use model::event::Event;
use model::ids::{Fence, PlanId};
use model::refusal::{INTERNAL_FAULT, LEASE_LOST, Refusal};
use model::ruling::commons::nothing_under;
use model::task::Task;

use super::call::Call;
use super::context::Asking;
use super::error::{Outcome, Stop};

/// How many entries are read at a time.
const PAGE: usize = 500;

impl Call {
    /// The grant something is written to the memory under: that of the task that was named, or of
    /// the one whose grant the asker shows. Whoever shows none writes under none.
    pub fn grant(&self, store: &Store, task: Option<&str>) -> Outcome<Option<Holding>> {
        if task.is_none() && self.config.fence.value.is_none() {
            return Ok(None);
        }
        let plan = self.plan_of(store)?;
        let task = self.own_task(&plan, task)?;
        let shown = self.config.fence.value.map(Fence);
        let Some(fence) = shown.or_else(|| task.lease().map(|lease| lease.fence)) else {
            return Err(no_grant(task).into());
        };
        Ok(Some(Holding { plan: plan.id, task: task.id, fence }))
    }

    /// Writes a value, and gives the entry as it is kept: without the secrets somebody put into it.
    pub fn remember(&self, store: &Store, asking: &Asking, set: SetMemory) -> Outcome<MemoryEntry> {
        let done =
            self.submit_to(store, PlanId::STORE, asking, Command::SetMemory(Box::new(set)), Vec::new())?;
        let written = done.receipt.events.into_iter().find_map(|event| match event {
            Event::MemorySet(set) => Some(*set),
            _ => None,
        });
        let Some(set) = written else {
            return Err(model::fault::Fault::new(INTERNAL_FAULT, "nothing was written to the memory").into());
        };
        let (value, by, at) = (Some(set.value), done.by, done.receipt.at);
        Ok(MemoryEntry {
            key: set.key,
            value,
            version: set.version,
            until: set.until,
            tags: set.tags,
            by,
            at,
        })
    }
}

fn no_grant(task: &Task) -> Refusal {
    Refusal::new(LEASE_LOST, format!("task `{}` is held by nobody under a lease", task.key))
        .hint("take it with `countersign take`, or write without naming a task")
        .with("task", task.key.as_str())
}

/// The entry under a key, where it has a value now.
pub fn recalled(store: &Store, key: &str) -> Outcome<Option<MemoryEntry>> {
    let (desk, now) = (store.desk(), store.desk().now());
    let entry = desk.journal().memory_entry(key.trim())?;
    Ok(entry.filter(|entry| entry.value(now).is_some()))
}

/// The same; that there is none is refused.
pub fn recall(store: &Store, key: &str) -> Outcome<MemoryEntry> {
    recalled(store, key)?.ok_or_else(|| Stop::from(nothing_under(key.trim())))
}

/// Entries whose keys begin with this and that have this tag where one is named, in order of key.
pub fn remembered(
    store: &Store,
    prefix: &str,
    tag: Option<&str>,
    limit: Option<usize>,
) -> Outcome<Vec<MemoryEntry>> {
    let (journal, now) = (store.desk().journal(), store.desk().now());
    let limit = limit.unwrap_or(usize::MAX);
    let mut entries: Vec<MemoryEntry> = Vec::new();
    let mut after: Option<String> = None;
    while entries.len() < limit {
        let page = journal.memories(&Page { prefix, after: after.as_deref(), limit: PAGE, now })?;
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        let tagged = |entry: &MemoryEntry| tag.is_none_or(|tag| entry.tags.contains(tag));
        entries.extend(page.into_iter().filter(tagged));
    }
    entries.truncate(limit);
    Ok(entries)
}
