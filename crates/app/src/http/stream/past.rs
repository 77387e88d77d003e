//! What a task's stream has had so far, read from the journal.

use std::collections::VecDeque;

use lens::record::Record;
use lens::task_events::{StreamMetrics, TaskEvent, TaskStreams};
use model::gate::Subject;
use model::ids::TaskId;
use model::plan::Plan;

use crate::http::problem::Answered;
use crate::http::service::Service;

/// A task's stream so far.
#[derive(Debug, Default)]
pub struct Past {
    /// The latest events, in order.
    pub events: VecDeque<TaskEvent>,
    /// Figures over all of them.
    pub metrics: StreamMetrics,
}

/// Reads the latest `most` events of a task's stream that come after `after`.
pub fn past(service: &Service, plan: &Plan, task: TaskId, after: u64, most: usize) -> Answered<Past> {
    let mut names = vec![task.to_string()];
    let checks = plan.gate(Subject::Task(task)).into_iter().flat_map(|gate| &gate.checks);
    names.extend(checks.map(|check| check.id.to_string()));
    let mut streams = TaskStreams::default();
    let mut past = Past::default();
    let names_it = |stored: &[u8]| {
        let text = std::str::from_utf8(stored).unwrap_or_default();
        names.iter().any(|name| text.contains(name.as_str()))
    };
    service.desk().visit(plan.id, &names_it, &mut |recorded| {
        for event in streams.see(&Record::from(recorded)) {
            if event.task != task {
                continue;
            }
            past.metrics.see(&event);
            if event.sequence > after {
                past.events.push_back(event);
                if past.events.len() > most {
                    past.events.pop_front();
                }
            }
        }
    })?;
    Ok(past)
}
