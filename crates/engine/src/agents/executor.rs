//! Threads that do what takes long, so that whoever decides never waits for it.
//!
//! Jobs begin in the order they are handed in, at most so many at a time; what comes of each goes
//! into a channel of its own. Threads are started when they are first needed.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

/// Something to be done.
pub(super) type Job<'env> = Box<dyn FnOnce() + Send + 'env>;

/// Some threads and what waits for them.
pub(super) struct Executor<'env> {
    queue: Mutex<Queue<'env>>,
    wake: Condvar,
    at_once: usize,
}

struct Queue<'env> {
    jobs: VecDeque<Job<'env>>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl<'env> Executor<'env> {
    /// Does at most so many jobs at a time.
    pub(super) fn new(at_once: usize) -> Arc<Self> {
        let queue = Queue { jobs: VecDeque::new(), threads: 0, idle: 0, closed: false };
        Arc::new(Self { queue: Mutex::new(queue), wake: Condvar::new(), at_once: at_once.max(1) })
    }

    /// Has a job done.
    pub(super) fn hand_in<'scope>(
        self: &Arc<Self>,
        scope: &'scope Scope<'scope, 'env>,
        job: impl FnOnce() + Send + 'env,
    ) {
        let mut queue = self.queue();
        queue.jobs.push_back(Box::new(job));
        if queue.jobs.len() > queue.idle && queue.threads < self.at_once {
            queue.threads += 1;
            let own = Arc::clone(self);
            scope.spawn(move || own.take_turns());
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Lets the threads end once nothing waits any more.
    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.wake.notify_all();
    }

    fn queue(&self) -> MutexGuard<'_, Queue<'env>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_turns(&self) {
        let mut queue = self.queue();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                job();
                queue = self.queue();
            } else if queue.closed {
                return;
            } else {
                queue.idle += 1;
                queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            }
        }
    }
}
