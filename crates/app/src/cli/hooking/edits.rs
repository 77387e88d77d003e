//! A file was written: put on record with its digest, for the task it was written for, and compared
//! with what that task reserved.

use std::fs;
use std::path::{Component, Path, PathBuf};

use engine::desk::Desk as _;
use engine::store::Store;
use model::command::{Command, SetMemory};
use model::commons::Holding;
use model::digest::Digest;
use model::event::Event;
use model::ids::{Key, PlanId, TaskId};
use model::refusal::{PATH_FOREIGN, PATH_RESERVED, Refusal};
use model::task::Task;
use serde::Serialize;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::context::{Opened, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::working::repository_of;

/// The tag of what hooks write to the shared memory.
const TAG: &str = "edit";

/// A file that was written.
#[derive(Debug, Clone, Serialize)]
pub struct Edited {
    /// The file, relative to the top of the work.
    pub file: String,
    /// Digest of what stands there now; nothing where it is gone.
    pub digest: Option<Digest>,
    /// The task it was written for; nothing where the asker holds none.
    pub task: Option<Key>,
    /// Whether that task did not reserve it.
    pub foreign: bool,
    /// The task that has reserved it instead.
    pub reserved_for: Option<Key>,
    /// Where the edit is kept in the shared memory.
    pub memory_key: Option<String>,
}

impl Edited {
    /// Puts an edit on record. `memory_key` stays what it is: the edit has a key of its own below it.
    pub fn record(
        call: &Call,
        opened: &Opened,
        file: &str,
        task: Option<&str>,
        memory_key: Option<&str>,
    ) -> Outcome<Self> {
        let store = &opened.store;
        let path = absolute(file)?;
        let digest = match fs::read(&path) {
            Ok(bytes) => Some(Digest::sha256(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Stop::file(file, "read", &error)),
        };
        let mut edited = Self {
            file: path_of_work(store, &path),
            digest,
            task: None,
            foreign: false,
            reserved_for: None,
            memory_key: None,
        };
        let held = held_for(call, opened, task, &edited.file)?;
        let desk = store.desk();
        match (held, memory_key) {
            (Some(task), Some(key)) => {
                let touch = (opened.id(), edited.touch(task));
                let remember = |events: &[Event]| {
                    let mut told = edited.clone();
                    told.touched(opened, task, events);
                    (PlanId::STORE, told.remember(opened, key, held))
                };
                let (touched, remembered) = desk.submit_both(&call.request()?, touch, &remember)?;
                remembered?;
                edited.touched(opened, task, &touched.events);
            }
            (Some(task), None) => {
                let touched = desk.submit(opened.id(), &call.request()?, edited.touch(task))?;
                edited.touched(opened, task, &touched.events);
            }
            (None, Some(key)) => {
                desk.submit(PlanId::STORE, &call.request()?, edited.remember(opened, key, None))?;
            }
            (None, None) => {}
        }
        edited.memory_key = memory_key.map(|key| edited.own_key(key));
        Ok(edited)
    }

    fn touch(&self, task: &Task) -> Command {
        Command::Touch { task: task.id, path: self.file.clone(), digest: self.digest }
    }

    /// Notes what was said to the task's having been touched.
    fn touched(&mut self, opened: &Opened, task: &Task, events: &[Event]) {
        self.task = Some(task.key.clone());
        for event in events {
            if let Event::PathTouched(touched) = event {
                self.foreign = touched.foreign;
                let of = |id: TaskId| opened.plan.task(id).map(|other| other.key.clone());
                self.reserved_for = touched.of.and_then(of);
            }
        }
    }

    /// Keeps the edit below a key of the shared memory, never in its place: a status that stands
    /// there is somebody else's word.
    fn remember(&self, opened: &Opened, key: &str, held: Option<&Task>) -> Command {
        let value = json!({
            "file": self.file,
            "digest": self.digest,
            "task": self.task,
            "foreign": self.foreign,
        });
        let under = held.and_then(|task| {
            let fence = task.lease()?.fence;
            Some(Holding { plan: opened.id(), task: task.id, fence })
        });
        Command::SetMemory(Box::new(SetMemory {
            key: self.own_key(key),
            value: value.to_string(),
            expect: None,
            ttl_seconds: None,
            tags: vec![TAG.to_owned()],
            under,
        }))
    }

    fn own_key(&self, key: &str) -> String {
        format!("{}/edits/{}", key.trim().trim_end_matches('/'), self.file.trim_matches('/'))
    }

    /// What there is to object to; the edit is on record all the same.
    pub fn objection(&self) -> Option<Refusal> {
        let task = self.task.as_ref().filter(|_| self.foreign)?;
        let no = match &self.reserved_for {
            Some(other) => Refusal::new(
                PATH_RESERVED,
                format!("`{}` was written for `{task}`, and is reserved for `{other}`", self.file),
            )
            .hint("undo that change, or ask whoever holds that task")
            .with("other", other.as_str()),
            None => Refusal::new(
                PATH_FOREIGN,
                format!("`{}` was written for `{task}`, which did not reserve it", self.file),
            )
            .hint(format!(
                "undo that change, or widen the reservation with `countersign reserve {task} PATTERN…`"
            )),
        };
        Some(no.with("task", task.as_str()).with("path", self.file.as_str()))
    }
}

/// The task an edit is for: the one that was named, else of those the asker holds the one that
/// covers the file, else the first.
fn held_for<'p>(
    call: &Call,
    opened: &'p Opened,
    named: Option<&str>,
    file: &str,
) -> Outcome<Option<&'p Task>> {
    let plan = &opened.plan;
    if let Some(named) = named {
        return Ok(Some(find_task(plan, named)?));
    }
    let held = call.held(plan)?;
    if let Some(key) = call.config.task.value.as_deref() {
        let task = find_task(plan, key)?;
        return Ok(held.into_iter().find(|own| own.id == task.id));
    }
    let covering = held.iter().find(|task| task.lease().is_some_and(|lease| lease.covers(file)));
    Ok(covering.or(held.first()).copied())
}

/// A file as reservations name it: relative to the top of the repository that is worked in, outside
/// git to the folder the store lies in.
pub fn path_of_work(store: &Store, path: &Path) -> String {
    let folder = repository_of(store);
    let top = folder.ancestors().find(|top| top.join(".git").exists());
    let top = top.map_or_else(|| store.root().to_owned(), Path::to_owned);
    let (path, top) = (real(path), real(&top));
    path.strip_prefix(&top).unwrap_or(&path).to_string_lossy().into_owned()
}

/// A path without links in it, as far as it is there.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(above), Some(name)) if !above.as_os_str().is_empty() => real(above).join(name),
        _ => path.to_owned(),
    }
}

/// A path from the current folder, without `.` and `..`.
fn absolute(file: &str) -> Outcome<PathBuf> {
    let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
    let mut path = PathBuf::new();
    for part in here.join(file).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    Ok(path)
}
