//! One listener: what it wants to hear, what came before, and then what comes, in order and each once.

use std::collections::VecDeque;
use std::sync::Arc;

use model::ids::{PlanId, TaskId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::Frame;
use super::number::EventId;
use super::past::Past;
use crate::http::problem::Answered;
use crate::http::service::Service;

/// Which events are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Only of this plan.
    pub plan: Option<PlanId>,
    /// Only of this task, until its run ends.
    pub task: Option<TaskId>,
    /// Only of these names; none: all.
    pub names: Vec<String>,
    /// From where on.
    pub after: After,
}

/// From where on events are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// From now on.
    Now,
    /// After an event, by its number among all.
    Id(EventId),
    /// After an event of the task, by its number there.
    Sequence(u64),
}

/// One listener.
pub struct Subscription {
    service: Arc<Service>,
    wanted: Wanted,
    /// What came before and is still to be told.
    waiting: VecDeque<Arc<Frame>>,
    /// What came before and is still to be read.
    past: Option<Past>,
    live: Option<Receiver<Arc<Frame>>>,
    /// What is live up to here was told as part of what came before.
    heard: EventId,
    over: bool,
    behind: bool,
}

impl Wanted {
    /// A task's run, after an event.
    pub fn task(plan: PlanId, task: TaskId, after: u64) -> Self {
        Self { plan: Some(plan), task: Some(task), names: Vec::new(), after: After::Sequence(after) }
    }

    /// Whether a frame is about what is wanted, whenever it was.
    pub fn is_of(&self, frame: &Frame) -> bool {
        self.plan.is_none_or(|plan| plan == frame.plan)
            && self.task.is_none_or(|task| task == frame.event.task)
            && (self.names.is_empty() || self.names.contains(&frame.event.name))
    }

    /// Whether a frame is wanted.
    pub fn wants(&self, frame: &Frame) -> bool {
        let comes_after = match self.after {
            After::Now => true,
            After::Id(id) => frame.id > id,
            After::Sequence(sequence) => frame.event.sequence > sequence,
        };
        comes_after && self.is_of(frame)
    }
}

impl Subscription {
    /// Begins to listen. What is at hand is told from there; the rest is read from the journal while it
    /// is told, and only then is what is new awaited, so that nobody falls behind meanwhile.
    pub async fn begin(service: &Arc<Service>, wanted: Wanted) -> Answered<Self> {
        let live = service.hub.listen();
        let asked = wanted.clone();
        let at_hand = service
            .run(move |service| {
                service.hub.catch_up(service)?;
                Ok(service.hub.at_hand(&asked))
            })
            .await?;
        let mut subscription = Self {
            service: Arc::clone(service),
            past: at_hand.is_none().then(|| Past::of(&wanted)),
            wanted,
            waiting: VecDeque::new(),
            live: None,
            heard: EventId::default(),
            over: false,
            behind: false,
        };
        match at_hand {
            Some(at_hand) => {
                subscription.live = Some(live);
                subscription.heard = at_hand.until;
                subscription.over = at_hand.ended;
                subscription.waiting = at_hand.frames;
            }
            // A journal that cannot be read is told before anything else is.
            None => subscription.read_on().await?,
        }
        Ok(subscription)
    }

    /// The next event; nothing once the run is over, or where the listener has fallen behind: it comes
    /// back with the number of the last event it saw.
    pub async fn next(&mut self) -> Option<Arc<Frame>> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            if self.past.is_some() {
                self.read_on().await.ok()?;
                continue;
            }
            if self.over {
                return None;
            }
            let frame = self.live.as_mut()?.recv().await.ok()?;
            if self.hears(&frame) {
                return Some(frame);
            }
        }
    }

    /// Whether it has heard all that came before, and hears what comes.
    pub fn is_live(&self) -> bool {
        self.waiting.is_empty() && self.past.is_none() && self.live.is_some() && !self.over
    }

    /// Whether everything is wanted.
    pub fn hears_everything(&self) -> bool {
        let Wanted { plan, task, names, .. } = &self.wanted;
        plan.is_none() && task.is_none() && names.is_empty()
    }

    /// Whether there is no more to tell, for whatever reason.
    pub fn has_ended(&self) -> bool {
        self.over
    }

    /// Somebody else tells it what comes.
    pub fn leave(&mut self) {
        self.live = None;
    }

    /// It hears for itself again what comes.
    pub fn come_back(&mut self, live: Receiver<Arc<Frame>>) {
        self.live = Some(live);
    }

    /// The service it listens to.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Whether it ended because there is no more to tell, and not because it fell behind.
    pub fn is_over(&self) -> bool {
        self.over && !self.behind
    }

    /// The next event that is there already.
    pub fn next_at_hand(&mut self) -> Option<Arc<Frame>> {
        if let Some(frame) = self.waiting.pop_front() {
            return Some(frame);
        }
        while self.past.is_none() && !self.over {
            match self.live.as_mut()?.try_recv() {
                Ok(frame) if self.hears(&frame) => return Some(frame),
                Ok(_) => {}
                Err(TryRecvError::Empty) => return None,
                // What is missing must not be skipped: it ends here and comes back.
                Err(TryRecvError::Closed | TryRecvError::Lagged(_)) => {
                    (self.over, self.behind) = (true, true);
                }
            }
        }
        None
    }

    /// Whether it hears a frame that is live, and whether it is over with that.
    pub fn hears(&mut self, frame: &Frame) -> bool {
        let hears = frame.id > self.heard && self.wanted.wants(frame);
        self.over |= hears && self.wanted.task.is_some() && frame.event.is_terminal();
        hears
    }

    /// Reads on in what came before. Where that is all, it listens to what is live, and reads once more
    /// what was recorded until then.
    async fn read_on(&mut self) -> Answered<()> {
        let Some(mut past) = self.past.take() else { return Ok(()) };
        // Whoever stops waiting for this has a listener that is over, not one with a hole in it.
        (self.over, self.behind) = (true, true);
        let (past, frames, is_all) = self
            .service
            .run(move |service| {
                let (frames, is_all) = past.next(service.desk().journal())?;
                Ok((past, frames, is_all))
            })
            .await?;
        self.waiting.extend(frames.into_iter().filter(|frame| self.wanted.wants(frame)).map(Arc::new));
        if is_all && self.live.is_some() {
            (self.heard, self.over, self.behind) = (past.until(), past.ended(), false);
            return Ok(());
        }
        if is_all {
            self.live = Some(self.service.hub.listen());
            self.service.run(|service| service.hub.catch_up(service)).await?;
        }
        (self.past, self.over, self.behind) = (Some(past), false, false);
        Ok(())
    }
}
