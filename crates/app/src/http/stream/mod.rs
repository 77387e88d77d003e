//! Task events live: one reader follows the journal, writes every event once as the frame that goes
//! out, and hands the same bytes to everybody who listens. A listener that falls behind is let go and
//! comes back with the number of the last event it saw; it holds up nobody.

pub mod past;
pub mod sse;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use journal::Stored;
use lens::record::Record;
use lens::task_events::{SCHEMA, TaskEvent, TaskStreams};
use model::ids::PlanId;
use tokio::sync::broadcast;

use super::problem::Answered;
use super::service::Service;

/// So many events a listener may be behind before it is let go.
const BACKLOG: usize = 8192;

/// So many events of the journal are read at a time.
const BATCH: usize = 1024;

/// An event as it goes out.
#[derive(Debug)]
pub struct Frame {
    /// The position in the journal of what it tells.
    pub position: u64,
    /// The plan.
    pub plan: PlanId,
    /// The event.
    pub event: TaskEvent,
    /// It as a server-sent event in the default schema, with the task's number as id.
    pub bytes: Bytes,
}

/// Where events come from.
#[derive(Debug)]
pub struct Hub {
    listeners: broadcast::Sender<Arc<Frame>>,
    reader: Mutex<Reader>,
}

/// What has been read of the journal so far.
#[derive(Debug, Default)]
struct Reader {
    position: u64,
    streams: HashMap<PlanId, TaskStreams>,
    read: bool,
}

impl Default for Hub {
    fn default() -> Self {
        Self { listeners: broadcast::Sender::new(BACKLOG), reader: Mutex::default() }
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
        self.listeners.receiver_count()
    }

    /// Reads what the journal has that was not read yet, and hands it out.
    pub fn catch_up(&self, service: &Service) -> Answered<()> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if !reader.read && self.listeners() == 0 {
            // Nobody ever listened: there is nothing to number yet.
            return Ok(());
        }
        loop {
            let batch = service.desk().journal().follow(reader.position, BATCH)?;
            let Some(last) = batch.last() else { break };
            reader.position = last.position;
            let tell = reader.read;
            for stored in &batch {
                for frame in reader.take_in(stored)? {
                    if tell {
                        // Nobody listens: nobody is told.
                        let _ = self.listeners.send(Arc::new(frame));
                    }
                }
            }
        }
        reader.read = true;
        Ok(())
    }
}

impl Hub {
    /// What happened after a position, as far as it has been read.
    pub fn since(&self, service: &Service, after: u64) -> Answered<Vec<Frame>> {
        let until = self.reader.lock().unwrap_or_else(PoisonError::into_inner).position;
        let mut past = Reader::default();
        let mut frames = Vec::new();
        while past.position < until {
            let batch = service.desk().journal().follow(past.position, BATCH)?;
            let Some(last) = batch.last() else { break };
            past.position = last.position;
            for stored in batch.iter().filter(|stored| stored.position <= until) {
                let told = past.take_in(stored)?;
                frames.extend(told.into_iter().filter(|frame| frame.position > after));
            }
        }
        Ok(frames)
    }
}

impl Reader {
    fn take_in(&mut self, stored: &Stored) -> Answered<Vec<Frame>> {
        if stored.plan == PlanId::STORE {
            return Ok(Vec::new());
        }
        let recorded = engine::desk::recorded(stored.clone())?;
        let streams = self.streams.entry(stored.plan).or_default();
        let events = streams.see(&Record::from(&recorded));
        let frame = |event: TaskEvent| {
            let bytes = sse::frame(&event, SCHEMA, &event.sequence.to_string());
            Frame { position: stored.position, plan: stored.plan, event, bytes }
        };
        Ok(events.into_iter().map(frame).collect())
    }
}
