//! Work on tasks as a stream of events for people and programs that watch it live: a fold of what is
//! on record, so that a stream that is read again is the same stream.
//!
//! Each task has a stream of its own, numbered 1, 2, 3 without gaps. A run of work begins with
//! `task_started` and ends with exactly one of `task_completed` and `task_failed`; a task that is
//! reopened begins another run in the same stream. What is noted of a task nobody works on is no part
//! of it. The envelope's fields and their order are those of the service's contract.

pub mod cloud;
pub mod schema;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::event::Event;
use model::facts::Fact;
use model::gate::Subject;
use model::ids::{CheckId, Fence, TaskId};
use model::lease::LeaseEnd;
use serde::Serialize;
use serde::ser::SerializeMap as _;
use serde_json::{Map, Value, json};

use crate::record::Record;

/// The schema events are written in unless another is asked for.
pub const SCHEMA: &str = "countersign.task-event.v1";

/// The extra field of a task that holds the words it was asked for with.
pub const PROMPT: &str = "prompt";

/// What happened to a task, for whoever watches.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskEvent {
    /// Its number in the task's stream, from 1.
    pub sequence: u64,
    /// The task.
    pub task: TaskId,
    /// `task_started`, `agent_started`, `progress` and others.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// What belongs to it.
    pub payload: Map<String, Value>,
    /// The run it belongs to, once there is one.
    pub run: Option<String>,
}

impl TaskEvent {
    /// Whether a run ends with it.
    pub fn is_terminal(&self) -> bool {
        is_terminal(&self.name)
    }

    /// The event in an envelope of a schema.
    pub fn envelope<'a>(&'a self, schema: &'a str) -> Envelope<'a> {
        Envelope { event: self, schema }
    }
}

/// Whether an event of this name ends a run.
pub fn is_terminal(name: &str) -> bool {
    matches!(name, "task_completed" | "task_failed")
}

/// An event as it is written: the same fields in the same order for every kind.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    event: &'a TaskEvent,
    schema: &'a str,
}

impl Serialize for Envelope<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TaskEvent { sequence, task, name, at, payload, run } = self.event;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &1)?;
        map.serialize_entry("schema", self.schema)?;
        map.serialize_entry("event", name)?;
        map.serialize_entry("type", name)?;
        map.serialize_entry("sequence", sequence)?;
        map.serialize_entry("task_id", task)?;
        map.serialize_entry("timestamp", at)?;
        map.serialize_entry("payload", payload)?;
        if let Some(run) = run {
            map.serialize_entry("run_id", run)?;
        }
        map.end()
    }
}

/// The streams of a plan's tasks, as far as its events were seen.
#[derive(Debug, Default)]
pub struct TaskStreams {
    tasks: HashMap<TaskId, Stream>,
    /// Checks of tasks by id: whose, and what they are called.
    checks: HashMap<CheckId, (TaskId, String)>,
}

/// One task's stream.
#[derive(Debug, Default, Clone)]
struct Stream {
    sequence: u64,
    title: String,
    prompt: Option<String>,
    has_checks: bool,
    phase: Phase,
    run: Option<String>,
}

/// Where a stream is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody works on the task.
    #[default]
    Idle,
    /// A run has begun.
    Running,
    /// The last run has ended.
    Over,
}

/// Events about one task, being written.
struct Writer<'s> {
    stream: &'s mut Stream,
    task: TaskId,
    at: Timestamp,
    out: Vec<TaskEvent>,
}

impl TaskStreams {
    /// Takes an event of the plan in, and gives what it is in its task's stream: most often one event,
    /// none where nobody who watches work is told.
    pub fn see(&mut self, record: &Record<'_>) -> Vec<TaskEvent> {
        let by = record.by;
        match record.event {
            Event::TaskAdded(added) => {
                let stream = self.tasks.entry(added.task).or_default();
                stream.title.clone_from(&added.title);
                stream.prompt = added.facts.0.iter().find_map(|fact| match fact {
                    Fact::Extra(pair) if pair.0 == PROMPT => Some(pair.1.clone()),
                    _ => None,
                });
                Vec::new()
            }
            Event::TaskChanged(changed) => {
                if let Some(title) = &changed.title {
                    self.tasks.entry(changed.task).or_default().title.clone_from(title);
                }
                Vec::new()
            }
            Event::CheckAdded { check, subject: Subject::Task(task), spec, .. } => {
                self.tasks.entry(*task).or_default().has_checks = true;
                self.checks.insert(*check, (*task, spec.name.clone()));
                Vec::new()
            }
            Event::VerdictRecorded(verdict) => {
                let Some((task, name)) = self.checks.get(&verdict.check).cloned() else { return Vec::new() };
                self.write(task, record.at, |writer| {
                    writer.during("tool_invoked", || {
                        object([
                            ("tool", json!(name)),
                            ("outcome", json!(verdict.outcome.as_str())),
                            ("summary", json!(verdict.evidence.summary)),
                            ("milliseconds", json!(verdict.evidence.milliseconds)),
                        ])
                    });
                })
            }
            event => {
                let Some(task) = task_of(event) else { return Vec::new() };
                self.write(task, record.at, |writer| writer.of(event, by))
            }
        }
    }

    /// How many events a task's stream has so far.
    pub fn sequence(&self, task: TaskId) -> u64 {
        self.tasks.get(&task).map_or(0, |stream| stream.sequence)
    }

    /// Whether a task's last run has ended, and no other has begun.
    pub fn has_ended(&self, task: TaskId) -> bool {
        self.tasks.get(&task).is_some_and(|stream| stream.phase == Phase::Over)
    }

    fn write(&mut self, task: TaskId, at: Timestamp, tell: impl FnOnce(&mut Writer<'_>)) -> Vec<TaskEvent> {
        let stream = self.tasks.entry(task).or_default();
        let mut writer = Writer { stream, task, at, out: Vec::new() };
        tell(&mut writer);
        writer.out
    }
}

impl Writer<'_> {
    fn of(&mut self, event: &Event, by: &By) {
        match event {
            Event::TaskStarted { fence, .. } => self.begin(*fence, by, None),
            Event::LeaseTaken(taken) => self.begin(taken.fence, by, taken.role.as_deref()),
            Event::LeaseEnded { how, reason, .. } => self
                .during(if *how == LeaseEnd::Released { "agent_skipped" } else { "agent_failed" }, || {
                    object([("how", json!(how.as_str())), ("reason", json!(reason))])
                }),
            Event::LeaseSilent { missed, .. } => self.during("guardrail_triggered", || {
                object([
                    ("policy_id", json!("heartbeats")),
                    ("decision", json!("escalate")),
                    ("missed", json!(missed)),
                ])
            }),
            Event::PathTouched(touched) if touched.foreign => self.during("guardrail_triggered", || {
                object([
                    ("policy_id", json!("path/foreign")),
                    ("decision", json!("flag")),
                    ("path", json!(touched.path)),
                ])
            }),
            Event::PathTouched(touched) => self
                .during("tool_invoked", || object([("tool", json!("edit")), ("path", json!(touched.path))])),
            Event::WorkSubmitted(work) => self.during("agent_completed", || {
                object([
                    ("agent", json!(doer(by))),
                    ("summary", json!(work.summary)),
                    ("commit", json!(work.commit)),
                    ("files", json!(work.touched.len())),
                ])
            }),
            Event::UsageRecorded { usage, .. } => self.during("progress", || {
                object([
                    ("tokens", json!(usage.tokens)),
                    ("money_micros", json!(usage.money_micros)),
                    ("seconds", json!(usage.seconds)),
                ])
            }),
            Event::NoteAdded { text, .. } => self.during("progress", || object([("message", json!(text))])),
            Event::TaskBlocked { reason, .. } => {
                self.during("progress", || object([("blocked", json!(reason))]));
            }
            Event::TaskUnblocked { .. } => self.during("progress", || object([("blocked", Value::Null)])),
            Event::WorkReported(said) => {
                self.during(&said.name, || {
                    let mut payload = said.payload.clone();
                    // Whoever says so says it of this task, now: the envelope's own fields are not theirs.
                    payload.retain(|name, _| !matches!(name.as_str(), "task_id" | "timestamp" | "run_id"));
                    payload
                });
            }
            Event::TaskClaimed { .. } if self.stream.has_checks => {
                self.start();
                self.during("progress", || object([("claimed", json!(true)), ("by", json!(doer(by)))]));
            }
            Event::TaskClaimed { .. } => self.end("task_completed", || {
                object([("standing", json!("claimed")), ("verified", json!(false)), ("by", json!(doer(by)))])
            }),
            Event::TaskVerified { .. } => self.end("task_completed", || {
                object([("standing", json!("verified")), ("verified", json!(true))])
            }),
            Event::TaskDropped { reason, .. } => self
                .end("task_failed", || object([("standing", json!("dropped")), ("reason", json!(reason))])),
            Event::ClaimWithdrawn { .. } | Event::TaskReopened { .. } if self.stream.phase == Phase::Over => {
                self.stream.phase = Phase::Idle;
                self.stream.run = None;
            }
            Event::ClaimWithdrawn { reason, .. } | Event::TaskReopened { reason, .. } => {
                self.during("progress", || object([("reopened", json!(reason))]));
            }
            _ => {}
        }
    }

    /// Somebody begins to work.
    fn begin(&mut self, fence: Fence, by: &By, role: Option<&str>) {
        self.start();
        if self.stream.phase != Phase::Running {
            return;
        }
        self.stream.run = Some(format!("{}.{fence}", self.task));
        self.during("agent_started", || {
            let mut payload = object([("agent", json!(doer(by))), ("role", json!(role))]);
            if let Actor::Agent { session, .. } = &by.actor {
                payload.insert("session".to_owned(), json!(session.as_str()));
            }
            payload
        });
    }

    /// A run begins, unless one has.
    fn start(&mut self) {
        if self.stream.phase != Phase::Idle {
            return;
        }
        self.stream.phase = Phase::Running;
        let prompt = self.stream.prompt.clone().unwrap_or_else(|| self.stream.title.clone());
        self.push("task_started", object([("prompt", json!(prompt))]));
    }

    /// Something happens while somebody works.
    fn during(&mut self, name: &str, payload: impl FnOnce() -> Map<String, Value>) {
        if self.stream.phase == Phase::Running {
            self.push(name, payload());
        }
    }

    /// A run ends; one that was not seen to begin has begun before.
    fn end(&mut self, name: &str, payload: impl FnOnce() -> Map<String, Value>) {
        self.start();
        if self.stream.phase == Phase::Running {
            self.push(name, payload());
            self.stream.phase = Phase::Over;
        }
    }

    fn push(&mut self, name: &str, payload: Map<String, Value>) {
        self.stream.sequence += 1;
        self.out.push(TaskEvent {
            sequence: self.stream.sequence,
            task: self.task,
            name: name.to_owned(),
            at: self.at,
            payload,
            run: self.stream.run.clone(),
        });
    }
}

/// The task an event is about, where a stream tells of it.
fn task_of(event: &Event) -> Option<TaskId> {
    match event {
        Event::TaskStarted { task, .. }
        | Event::TaskClaimed { task, .. }
        | Event::ClaimWithdrawn { task, .. }
        | Event::TaskVerified { task, .. }
        | Event::TaskReopened { task, .. }
        | Event::TaskDropped { task, .. }
        | Event::TaskBlocked { task, .. }
        | Event::TaskUnblocked { task, .. }
        | Event::NoteAdded { task, .. }
        | Event::LeaseSilent { task, .. }
        | Event::LeaseEnded { task, .. }
        | Event::UsageRecorded { task, .. } => Some(*task),
        Event::LeaseTaken(taken) => Some(taken.task),
        Event::WorkSubmitted(work) => Some(work.task),
        Event::PathTouched(touched) => Some(touched.task),
        Event::WorkReported(said) => Some(said.task),
        _ => None,
    }
}

fn doer(by: &By) -> String {
    match &by.actor {
        Actor::Agent { agent, .. } => agent.as_str().to_owned(),
        other => other.to_string(),
    }
}

fn object<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Figures over a whole stream, however much of it is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StreamMetrics {
    /// How many events there are.
    pub events_total: u64,
    /// How many of each name.
    pub by_event: BTreeMap<String, u64>,
    /// Number of the last event; 0 where there is none.
    pub last_sequence: u64,
    /// Seconds between the first and the last event.
    pub duration_seconds: f64,
    /// Whether the last run has ended.
    pub ended: bool,
    #[serde(skip)]
    first: Option<Timestamp>,
}

impl StreamMetrics {
    /// Counts an event.
    pub fn see(&mut self, event: &TaskEvent) {
        let first = *self.first.get_or_insert(event.at);
        self.events_total += 1;
        *self.by_event.entry(event.name.clone()).or_default() += 1;
        self.last_sequence = event.sequence;
        self.ended = event.is_terminal();
        self.duration_seconds = event.at.duration_since(first).as_secs_f64();
    }
}

#[cfg(test)]
mod tests {
    use model::check::Outcome;
    use model::command::Command;

    use super::*;
    use crate::testing::World;

    const PLAN: &str = "# P\n- a Sand\n  check dry: make dry\n- b Paint\n";

    /// What a plan's tasks have had, as `task sequence event`.
    fn told(world: &World) -> Vec<String> {
        let mut streams = TaskStreams::default();
        let events = world.records().flat_map(|record| streams.see(&record)).collect::<Vec<_>>();
        let key = |event: &TaskEvent| {
            world.plan.task(event.task).map(|task| task.key.to_string()).unwrap_or_default()
        };
        events.iter().map(|event| format!("{} {} {}", key(event), event.sequence, event.name)).collect()
    }

    #[test]
    fn a_run_ends_with_verification_where_something_would_prove_it() {
        let mut world = World::adopt(PLAN);
        let (sand, paint) = (world.task("a"), world.task("b"));
        world.does("Bo", Command::Note { task: sand, text: "nobody works on it".to_owned() });
        world.does("Bo", Command::Start(sand)).claims("Bo", "a");
        world.does("Bo", Command::Start(paint)).claims("Bo", "b");
        world.ran("a", "dry", Outcome::Pass, "dry").verifies("a").approves("Ada", "b", None);
        assert_eq!(
            told(&world),
            [
                "a 1 task_started",
                "a 2 agent_started",
                "a 3 progress",
                "b 1 task_started",
                "b 2 agent_started",
                "b 3 task_completed",
                "a 4 tool_invoked",
                "a 5 task_completed",
            ]
        );
    }

    #[test]
    fn a_task_that_is_reopened_begins_another_run_in_the_same_stream() {
        let mut world = World::adopt(PLAN);
        let paint = world.task("b");
        world.claims("Bo", "b").does("Bo", Command::Reopen { task: paint, reason: "a drip".to_owned() });
        world
            .does("Bo", Command::Start(paint))
            .does("Bo", Command::Drop { task: paint, reason: "no paint".to_owned() });
        assert_eq!(
            told(&world),
            [
                "b 1 task_started",
                "b 2 task_completed",
                "b 3 task_started",
                "b 4 agent_started",
                "b 5 task_failed"
            ]
        );
    }
}
