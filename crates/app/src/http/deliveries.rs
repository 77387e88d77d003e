//! What clients handed in lately, and what they were answered: a client whose connection broke sends the
//! same again, and it is not done twice. Kept in memory alone; that a service has forgotten it when it
//! is begun anew is seen by its [`instance`](Deliveries::instance).

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use engine::ids::random_hex;

/// So many answers are kept, the latest: a client comes again within seconds.
const MOST: usize = 1024;

/// What was answered.
type Answer = (StatusCode, Vec<u8>);

/// What clients handed in lately.
pub struct Deliveries {
    instance: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_name: HashMap<String, Arc<Slot>>,
    in_order: VecDeque<String>,
}

/// An answer that is there, or that somebody is finding.
#[derive(Default)]
struct Slot {
    answer: Mutex<Standing>,
    found: Condvar,
}

#[derive(Default)]
enum Standing {
    /// Nobody looks for it.
    #[default]
    Open,
    /// Somebody is about it.
    Begun,
    /// This is it.
    Done(Answer),
}

impl Default for Deliveries {
    fn default() -> Self {
        Self { instance: random_hex(16), kept: Mutex::default() }
    }
}

impl Deliveries {
    /// A name for this start of the service.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Does something once under a name, and gives everybody who comes with that name the same answer.
    pub fn once(&self, name: &str, work: impl FnOnce() -> Answer) -> Answer {
        let slot = self.slot(name);
        let mut standing = held(&slot.answer);
        loop {
            match &*standing {
                Standing::Done(answer) => return answer.clone(),
                Standing::Begun => {
                    standing = slot.found.wait(standing).unwrap_or_else(PoisonError::into_inner);
                }
                Standing::Open => break,
            }
        }
        *standing = Standing::Begun;
        drop(standing);
        let done = catch_unwind(AssertUnwindSafe(work));
        let mut standing = held(&slot.answer);
        *standing = done.as_ref().map_or(Standing::Open, |answer| Standing::Done(answer.clone()));
        slot.found.notify_all();
        drop(standing);
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        let mut kept = held(&self.kept);
        if let Some(slot) = kept.by_name.get(name) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot::default());
        kept.by_name.insert(name.to_owned(), Arc::clone(&slot));
        kept.in_order.push_back(name.to_owned());
        if kept.in_order.len() > MOST
            && let Some(oldest) = kept.in_order.pop_front()
        {
            kept.by_name.remove(&oldest);
        }
        slot
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn what_comes_again_is_answered_and_not_done() {
        let (deliveries, done) = (Deliveries::default(), AtomicU32::new(0));
        let work = || (StatusCode::OK, vec![done.fetch_add(1, Ordering::SeqCst) as u8]);
        std::thread::scope(|scope| {
            let answers: Vec<_> = (0..8).map(|_| scope.spawn(|| deliveries.once("one", work))).collect();
            for answer in answers {
                assert_eq!(answer.join().expect("nothing panics"), (StatusCode::OK, vec![0]));
            }
        });
        assert_eq!(deliveries.once("two", work).1, [1]);
        for number in 0..=MOST {
            deliveries.once(&format!("more {number}"), || (StatusCode::OK, Vec::new()));
        }
        assert_eq!(held(&deliveries.kept).by_name.len(), MOST, "what is kept is bounded");
    }
}
