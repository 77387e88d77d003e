//! Task events live: one reader follows the journal, writes every event once as the frame that goes
//! out, and hands the same bytes to everybody who listens. A listener that falls behind is let go and
//! comes back with the number of the last event it saw; it holds up nobody.
//!
//! [`Subscription`](subscription::Subscription) is one listener; [`sse`] and [`socket`] are how it is
//! written to. Who listens over [`sse`] and keeps up is written to past the server ([`live`], [`lane`]).

pub mod lane;
pub mod live;
pub mod number;
pub mod past;
pub mod socket;
pub mod sse;
pub mod starting;
pub mod subscription;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::body::Bytes;
use journal::{Journal, Stored};
use lens::record::Record;
use lens::task_events::{TaskEvent, TaskStreams};
use model::event::Event;
use model::ids::{PlanId, TaskId};
use tokio::sync::broadcast;

use self::live::Live;
use self::number::EventId;
use self::subscription::{After, Wanted};
use super::problem::Answered;
use super::service::Service;

/// So many events a listener may be behind before it is let go.
const BACKLOG: usize = 8192;

/// So many of the latest events are kept at hand for whoever comes back.
const RECENT: usize = BACKLOG;

/// And no more than so many bytes of them.
const MOST_AT_HAND: usize = 16 * 1024 * 1024;

/// So many events of the journal are read at a time.
const BATCH: usize = 1024;

/// An event as it goes out.
#[derive(Debug)]
pub struct Frame {
    /// Its number among all.
    pub id: EventId,
    /// The plan.
    pub plan: PlanId,
    /// The event.
    pub event: TaskEvent,
    /// How long what it tells of is on record.
    size: usize,
    /// It as a chunk, as most ask for it, written when it is first asked for: numbered in its task's
    /// stream, and among all.
    usual: [OnceLock<Bytes>; 2],
}

/// Where events come from.
#[derive(Debug)]
pub struct Hub {
    listeners: broadcast::Sender<Arc<Frame>>,
    /// Those who are written to past the server.
    live: Live,
    reader: Mutex<Reader>,
}

/// What has been read of the journal so far.
#[derive(Debug, Default)]
struct Reader {
    position: u64,
    numbering: Numbering,
    recent: Recent,
    read: bool,
}

/// What recorded events are in their tasks' streams.
#[derive(Debug, Default)]
struct Numbering {
    streams: HashMap<PlanId, TaskStreams>,
}

/// The latest frames.
#[derive(Debug, Default)]
struct Recent {
    frames: VecDeque<Arc<Frame>>,
    size: usize,
    /// Every frame after this one is at hand.
    after: EventId,
}

/// What is at hand for a new listener.
pub struct AtHand {
    /// What it missed.
    pub frames: VecDeque<Arc<Frame>>,
    /// How far that goes.
    pub until: EventId,
    /// Whether the run of the task it listens to has ended.
    pub ended: bool,
}

impl Default for Hub {
    fn default() -> Self {
        Self { listeners: broadcast::Sender::new(BACKLOG), live: Live::default(), reader: Mutex::default() }
    }
}

impl Hub {
    /// Listens from now on. Whoever wants what came before reads it after this, so that nothing falls
    /// in between.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Frame>> {
        self.listeners.subscribe()
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.listeners.receiver_count() + self.live.count()
    }

    /// Reads what the journal has that was not read yet, and hands it out.
    pub fn catch_up(&self, service: &Service) -> Answered<()> {
        let mut reader = self.reader();
        if !reader.read && self.listeners() == 0 {
            // Nobody ever listened: there is nothing to number yet.
            return Ok(());
        }
        let tell = std::mem::replace(&mut reader.read, true);
        let mut frames = Vec::new();
        loop {
            let came = reader.read_some(service.desk().journal(), &mut |frame| frames.push(frame));
            // What was taken in is told, whatever comes of the rest.
            if tell && !frames.is_empty() {
                self.live.tell(&frames, &self.listeners);
            }
            frames.clear();
            if !came? {
                return Ok(());
            }
        }
    }

    /// What a listener has missed, where all of it is at hand.
    pub fn at_hand(&self, wanted: &Wanted) -> Option<AtHand> {
        let reader = self.reader();
        let (until, ended) = (EventId::last_of(reader.position), reader.has_ended(wanted));
        let nothing = || AtHand { frames: VecDeque::new(), until, ended };
        let from = match wanted.after {
            After::Now => return Some(nothing()),
            After::Id(id) if id < reader.recent.after => return None,
            After::Id(id) => reader.recent.frames.partition_point(|frame| frame.id <= id),
            After::Sequence(after) => {
                if after >= reader.sequence(wanted) {
                    return Some(nothing());
                }
                let next = |frame: &Arc<Frame>| frame.event.sequence == after + 1 && wanted.is_of(frame);
                reader.recent.frames.iter().position(next)?
            }
        };
        let frames = reader.recent.frames.iter().skip(from).filter(|frame| wanted.wants(frame));
        Some(AtHand { frames: frames.cloned().collect(), until, ended })
    }

    fn reader(&self) -> MutexGuard<'_, Reader> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// Takes in some of what is new, and says whether there may be more. What could not be taken in is still
    /// new the next time.
    fn read_some(&mut self, journal: &dyn Journal, tell: &mut dyn FnMut(Arc<Frame>)) -> Answered<bool> {
        let batch = journal.follow(self.position, BATCH)?;
        for stored in &batch {
            for frame in self.numbering.take_in(stored, &mut |_| {})? {
                let frame = Arc::new(frame);
                self.recent.keep(Arc::clone(&frame));
                tell(frame);
            }
            self.position = stored.position;
        }
        Ok(batch.len() == BATCH)
    }

    /// Takes in all that is new.
    #[cfg(test)]
    fn read_on(&mut self, journal: &dyn Journal, tell: &mut dyn FnMut(Arc<Frame>)) -> Answered<()> {
        while self.read_some(journal, tell)? {}
        Ok(())
    }

    fn has_ended(&self, wanted: &Wanted) -> bool {
        self.stream_of(wanted).is_some_and(|(streams, task)| streams.has_ended(task))
    }

    fn sequence(&self, wanted: &Wanted) -> u64 {
        self.stream_of(wanted).map_or(0, |(streams, task)| streams.sequence(task))
    }

    fn stream_of(&self, wanted: &Wanted) -> Option<(&TaskStreams, TaskId)> {
        Some((self.numbering.streams.get(&wanted.plan?)?, wanted.task?))
    }
}

impl Recent {
    fn keep(&mut self, frame: Arc<Frame>) {
        self.size += frame.size;
        self.frames.push_back(frame);
        while (self.frames.len() > RECENT || self.size > MOST_AT_HAND)
            && let Some(gone) = self.frames.pop_front()
        {
            self.size -= gone.size;
            self.after = gone.id;
        }
    }
}

impl Numbering {
    /// Takes an event in, and gives what is told of it.
    fn take_in(&mut self, stored: &Stored, look: &mut dyn FnMut(&Event)) -> Answered<Vec<Frame>> {
        let (plan, position) = (stored.plan, stored.position);
        // What the store says of itself is about no task.
        if plan == PlanId::STORE {
            return Ok(Vec::new());
        }
        let recorded = engine::desk::recorded(stored.clone())?;
        look(&recorded.event);
        let events = self.streams.entry(plan).or_default().see(&Record::from(&recorded));
        let ids = EventId::of(position, events.len());
        let size = stored.event.len();
        let frame = |(id, event)| Frame { id, plan, event, size, usual: Default::default() };
        Ok(ids.zip(events).map(frame).collect())
    }
}

#[cfg(test)]
mod tests;
