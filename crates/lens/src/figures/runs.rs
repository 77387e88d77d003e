//! What work on tasks took: from the beginning of a run to its end, as the task's stream tells it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use model::event::Event;
use model::facts::Fact;
use model::ids::TaskId;

use crate::record::Record;
use crate::task_events::{PROMPT, TaskStreams};

/// So many agents are told apart; more are `5_plus`.
const MOST_AGENTS: usize = 5;

/// How a task came to be, and how many agents had a part in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Course {
    /// `prompt` where the service was asked for it in words, `plan` where a plan has it.
    pub entry_point: &'static str,
    pub(super) agents: usize,
}

impl Course {
    /// How many agents had a part: a number up to 5, else `5_plus`.
    pub fn agent_count(&self) -> String {
        if self.agents > MOST_AGENTS { format!("{MOST_AGENTS}_plus") } else { self.agents.to_string() }
    }
}

/// Runs that have begun.
#[derive(Debug, Default)]
pub(super) struct Runs {
    streams: TaskStreams,
    asked: BTreeSet<TaskId>,
    open: HashMap<TaskId, Run>,
}

#[derive(Debug)]
struct Run {
    since: Timestamp,
    agents: BTreeSet<String>,
}

impl Runs {
    /// Takes an event in, and gives what ended with it and how many seconds it took.
    pub(super) fn see(&mut self, record: &Record<'_>) -> Vec<(Course, f64)> {
        if let Event::TaskAdded(added) = record.event {
            let asked = |fact: &Fact| matches!(fact, Fact::Extra(pair) if pair.0 == PROMPT);
            if added.facts.0.iter().any(asked) {
                self.asked.insert(added.task);
            }
        }
        let mut ended = Vec::new();
        for event in self.streams.see(record) {
            let begun = || Run { since: event.at, agents: BTreeSet::new() };
            match event.name.as_str() {
                "task_started" => {
                    self.open.insert(event.task, begun());
                }
                "agent_started" => {
                    let run = self.open.entry(event.task).or_insert_with(begun);
                    // A person who works is no agent.
                    if let (Some(agent), true) = (event.payload.get("agent"), record.by.actor.is_agent()) {
                        run.agents.insert(agent.to_string());
                    }
                }
                _ if event.is_terminal() => {
                    let Some(run) = self.open.remove(&event.task) else { continue };
                    let asked = self.asked.contains(&event.task);
                    let entry_point = if asked { "prompt" } else { "plan" };
                    let agents = run.agents.len().min(MOST_AGENTS + 1);
                    let took = event.at.duration_since(run.since).as_secs_f64();
                    ended.push((Course { entry_point, agents }, took));
                }
                _ => {}
            }
        }
        ended
    }
}
