//! Those who listen to what is new and keep up with it: each batch of events is written to all of them by
//! one thread, one write for each. Whoever does not take all of theirs at once is seen to by a task of
//! their own until they have caught up.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::broadcast;

use super::Frame;
use super::lane::{Lane, Written};
use super::sse::{CHUNK, KEEP_ALIVE, PATIENCE, Shape};
use super::subscription::Subscription;
use crate::http::service::Service;

/// A comment, as a chunk.
const STILL_HERE: &[u8] = b"e\r\n: still here\n\n\r\n";

/// How often it is looked whether somebody is to be kept alive, or has gone.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// While events are being written to everybody, whoever wants to join tries again after so long.
const BUSY: Duration = Duration::from_millis(1);

/// One that listens.
pub struct Listener {
    subscription: Subscription,
    shape: Shape,
    lane: Arc<Lane>,
    /// Whether it hears everything.
    everything: bool,
    /// When it was written to last.
    last: Instant,
}

/// Those who keep up.
#[derive(Default)]
pub struct Live {
    state: Mutex<State>,
    count: AtomicUsize,
}

#[derive(Default)]
struct State {
    listeners: Vec<Listener>,
    /// Where tasks are started.
    tasks: Option<Handle>,
    closed: bool,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Listener {
    /// One that has heard what came before.
    pub fn new(subscription: Subscription, shape: Shape, lane: Arc<Lane>) -> Self {
        let everything = subscription.hears_everything();
        Self { subscription, shape, lane, everything, last: Instant::now() }
    }

    /// Has it hear what comes.
    pub fn begin(self) {
        tokio::spawn(catch_up(self, Bytes::new()));
    }

    /// What it is to be told of some frames.
    fn told(&mut self, frames: &[Arc<Frame>]) -> Bytes {
        let mut told = Vec::new();
        for frame in frames {
            if !self.subscription.has_ended() && self.subscription.hears(frame) {
                told.push(self.shape.chunk(frame));
            }
        }
        joined(told)
    }

    /// What waits for it.
    fn waiting(&mut self) -> Bytes {
        let (mut told, mut size) = (Vec::new(), 0);
        while size < CHUNK
            && let Some(frame) = self.subscription.next_at_hand()
        {
            let chunk = self.shape.chunk(&frame);
            size += chunk.len();
            told.push(chunk);
        }
        joined(told)
    }
}

/// Pieces behind each other.
fn joined(mut pieces: Vec<Bytes>) -> Bytes {
    match &pieces[..] {
        [] => Bytes::new(),
        [_] => pieces.remove(0),
        _ => Bytes::from(pieces.concat()),
    }
}

impl Live {
    /// How many keep up; one that has just gone may be among them.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Tells everybody of a batch of frames.
    pub fn tell(&self, frames: &[Arc<Frame>], others: &broadcast::Sender<Arc<Frame>>) {
        let mut state = self.state();
        for frame in frames {
            // Nobody listens there: nobody is told.
            let _ = others.send(Arc::clone(frame));
        }
        let mut usual: [Option<Bytes>; 2] = [None, None];
        let State { listeners, tasks, .. } = &mut *state;
        let now = Instant::now();
        self.each(
            listeners,
            |listener| {
                let bytes = match listener.shape.usual().filter(|_| listener.everything) {
                    Some(kind) => usual[kind]
                        .get_or_insert_with(|| {
                            joined(frames.iter().map(|f| listener.shape.chunk(f)).collect())
                        })
                        .clone(),
                    None => listener.told(frames),
                };
                if bytes.is_empty() {
                    return After::Stays;
                }
                listener.last = now;
                match listener.lane.write(&bytes) {
                    Written::All if listener.subscription.has_ended() => {
                        listener.lane.end();
                        After::Leaves
                    }
                    Written::All => After::Stays,
                    Written::Part(written) => After::Waits(bytes.slice(written..)),
                    Written::Gone => After::Leaves,
                }
            },
            &|listener, rest| see_to(listener, rest, others, tasks.as_ref()),
        );
    }

    /// Goes through those who listen, and takes out who does not stay.
    fn each(
        &self,
        listeners: &mut Vec<Listener>,
        mut look: impl FnMut(&mut Listener) -> After,
        waits: &dyn Fn(Listener, Bytes),
    ) {
        let mut place = 0;
        while let Some(listener) = listeners.get_mut(place) {
            match look(listener) {
                After::Stays => place += 1,
                After::Leaves => drop(listeners.swap_remove(place)),
                After::Waits(rest) => waits(listeners.swap_remove(place), rest),
            }
        }
        self.count.store(listeners.len(), Ordering::Relaxed);
    }

    /// Takes one in that has heard everything so far; gives it back where it has not, or where others are
    /// being told at the moment.
    fn join(&self, mut listener: Listener) -> Joined {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            Err(TryLockError::WouldBlock) => return Joined::Busy(listener),
        };
        let rest = listener.waiting();
        if !rest.is_empty() || listener.subscription.has_ended() {
            return Joined::NotYet(listener, rest);
        }
        if state.closed {
            listener.lane.end();
            return Joined::Here;
        }
        listener.subscription.leave();
        state.tasks.get_or_insert_with(Handle::current);
        state.listeners.push(listener);
        self.count.store(state.listeners.len(), Ordering::Relaxed);
        Joined::Here
    }

    /// Keeps alive who has heard nothing for long, and forgets who has gone.
    fn look(&self, others: &broadcast::Sender<Arc<Frame>>) {
        let mut state = self.state();
        let State { listeners, tasks, .. } = &mut *state;
        let now = Instant::now();
        self.each(
            listeners,
            |listener| {
                if now.duration_since(listener.last) < KEEP_ALIVE {
                    return if listener.lane.is_open() { After::Stays } else { After::Leaves };
                }
                listener.last = now;
                match listener.lane.write(STILL_HERE) {
                    Written::All => After::Stays,
                    Written::Part(written) => After::Waits(Bytes::from_static(&STILL_HERE[written..])),
                    Written::Gone => After::Leaves,
                }
            },
            &|listener, rest| see_to(listener, rest, others, tasks.as_ref()),
        );
    }

    /// There is no more to tell anybody.
    fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        for listener in state.listeners.drain(..) {
            listener.lane.end();
        }
        self.count.store(0, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of one that was looked at.
enum After {
    Stays,
    Leaves,
    /// This is still to be written.
    Waits(Bytes),
}

/// What became of one that wants to join.
enum Joined {
    Here,
    /// This comes first.
    NotYet(Listener, Bytes),
    Busy(Listener),
}

/// Has a task see to one that did not take all at once. What comes meanwhile it hears as others do.
fn see_to(
    mut listener: Listener,
    rest: Bytes,
    others: &broadcast::Sender<Arc<Frame>>,
    tasks: Option<&Handle>,
) {
    listener.subscription.come_back(others.subscribe());
    if let Some(tasks) = tasks {
        tasks.spawn(catch_up(listener, rest));
    }
}

/// Writes to one as it takes it, until it has caught up.
async fn catch_up(mut listener: Listener, mut rest: Bytes) {
    let (service, lane) = (Arc::clone(listener.subscription.service()), Arc::clone(&listener.lane));
    let ended = service.feed.ended();
    tokio::pin!(ended);
    loop {
        while !rest.is_empty() {
            let some = tokio::time::timeout(PATIENCE, poll_fn(|cx| lane.poll_write(cx, &rest)));
            let written = tokio::select! {
                written = some => written,
                () = lane.closed() => return,
                () = &mut ended => return lane.cut_off(),
            };
            match written {
                Ok(Ok(count)) if count > 0 => drop(rest.split_to(count)),
                // It takes nothing, or has gone.
                _ => return lane.cut_off(),
            }
        }
        rest = listener.waiting();
        if !rest.is_empty() {
            continue;
        }
        if listener.subscription.has_ended() {
            // There is no more to tell it, or it has fallen behind and comes back.
            return lane.end();
        }
        match service.hub.live.join(listener) {
            Joined::Here => return,
            Joined::NotYet(back, waiting) => (listener, rest) = (back, waiting),
            Joined::Busy(back) => {
                listener = back;
                tokio::time::sleep(BUSY).await;
            }
        }
    }
}

/// Looks after those who listen, until the service ends.
pub async fn keep(service: Arc<Service>) {
    let ended = service.feed.ended();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => return service.hub.live.close(),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let looking = Arc::clone(&service);
        let look = tokio::task::spawn_blocking(move || looking.hub.live.look(&looking.hub.listeners));
        // What went wrong for one goes wrong for nobody else.
        let _ = look.await;
    }
}
