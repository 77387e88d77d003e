//! What was told before, read from the journal a batch at a time: however much there is, little of it
//! is in memory.

use std::collections::VecDeque;

use journal::{Journal, Stored};
use lens::task_events::{StreamMetrics, TaskEvent};
use model::event::Event;
use model::gate::Subject;
use model::ids::{PlanId, Seq, TaskId};

use super::number::EventId;
use super::subscription::Wanted;
use super::{BATCH, Frame, Numbering};
use crate::http::problem::Answered;
use crate::http::service::Service;

/// A reader of what was told before.
#[derive(Debug)]
pub struct Past {
    plan: Option<PlanId>,
    task: Option<Named>,
    /// Where the next batch begins, in the plan or in the journal.
    seq: Seq,
    position: u64,
    numbering: Numbering,
}

/// What the stored text of an event that is about a task holds: its id, or that of one of its checks.
/// The others are passed over without being understood, which is what makes reading quick.
#[derive(Debug)]
struct Named {
    task: TaskId,
    ids: Vec<String>,
}

impl Past {
    /// Everything that was told of what is wanted, from the beginning.
    pub fn of(wanted: &Wanted) -> Self {
        let task = wanted.task.map(|task| Named { task, ids: vec![task.to_string()] });
        Self { plan: wanted.plan, task, seq: Seq(0), position: 0, numbering: Numbering::default() }
    }

    /// How far it has come.
    pub fn until(&self) -> EventId {
        EventId::last_of(self.position)
    }

    /// Whether the run of the task it is about has ended, as far as it was read.
    pub fn ended(&self) -> bool {
        let stream = self.plan.and_then(|plan| self.numbering.streams.get(&plan)).zip(self.task.as_ref());
        stream.is_some_and(|(streams, named)| streams.has_ended(named.task))
    }

    /// The next frames, and whether there was no more to read.
    pub fn next(&mut self, journal: &dyn Journal) -> Answered<(Vec<Frame>, bool)> {
        let batch = match self.plan {
            Some(plan) => journal.read(plan, self.seq, BATCH)?,
            None => journal.follow(self.position, BATCH)?,
        };
        let mut frames = Vec::new();
        for stored in &batch {
            let told = match &mut self.task {
                None => self.numbering.take_in(stored, &mut |_| {})?,
                Some(named) if named.is_in(stored) => {
                    self.numbering.take_in(stored, &mut |event| named.learn(event))?
                }
                Some(_) => Vec::new(),
            };
            frames.extend(told);
            (self.seq, self.position) = (stored.seq, stored.position);
        }
        Ok((frames, batch.len() < BATCH))
    }
}

impl Named {
    /// Checks are known by ids of their own from when they were added on: also those that the task no
    /// longer has.
    fn learn(&mut self, event: &Event) {
        if let Event::CheckAdded { check, subject: Subject::Task(task), .. } = event
            && *task == self.task
        {
            self.ids.push(check.to_string());
        }
    }

    fn is_in(&self, stored: &Stored) -> bool {
        let text = std::str::from_utf8(&stored.event).unwrap_or_default();
        self.ids.iter().any(|id| text.contains(id.as_str()))
    }
}

/// A task's stream so far.
#[derive(Debug, Default)]
pub struct SoFar {
    /// The latest events, in order.
    pub events: VecDeque<TaskEvent>,
    /// Figures over all of them.
    pub metrics: StreamMetrics,
}

/// Reads a task's stream, and keeps its latest `most` events.
pub fn so_far(service: &Service, plan: PlanId, task: TaskId, most: usize) -> Answered<SoFar> {
    let wanted = Wanted::task(plan, task, 0);
    let mut past = Past::of(&wanted);
    let mut told = SoFar::default();
    loop {
        let (frames, is_all) = past.next(service.desk().journal())?;
        for frame in frames.into_iter().filter(|frame| wanted.is_of(frame)) {
            told.metrics.see(&frame.event);
            told.events.push_back(frame.event);
            if told.events.len() > most {
                told.events.pop_front();
            }
        }
        if is_all {
            return Ok(told);
        }
    }
}
