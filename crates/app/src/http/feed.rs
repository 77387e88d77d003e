//! News of the journal: how far it is. Whoever follows is woken and reads the journal itself, so a
//! wake-up that is lost costs delay and never data, and a slow follower holds nobody up.
//!
//! This process's own writes are told at once; what other processes write, the kernel tells of.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use engine::process::Cancel;
use engine::watch::Watch;
use journal::sqlite::DATABASE;
use tokio::sync::watch;

use super::service::Service;

/// Other processes' writes are looked for no more often than this: one that writes without pause would
/// have this one do nothing else.
const BREATHER: Duration = Duration::from_millis(5);

/// Looked at anew after so long where nobody told of anything.
const AT_THE_LATEST: Duration = Duration::from_secs(1);

/// How far the journal is, for everybody who follows it.
pub struct Feed {
    position: watch::Sender<u64>,
    ending: watch::Sender<bool>,
    bell: Bell,
}

/// Wakes whoever reads the journal.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    hears: Condvar,
}

impl Bell {
    fn ring(&self) {
        let was_rung =
            std::mem::replace(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner), true);
        if !was_rung {
            self.hears.notify_one();
        }
    }

    /// Waits until it is rung, or so long.
    fn wait(&self, at_most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.hears.wait_timeout_while(rung, at_most, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

impl Feed {
    /// News from a position on.
    pub fn at(position: u64) -> Self {
        Self {
            position: watch::Sender::new(position),
            ending: watch::Sender::new(false),
            bell: Bell::default(),
        }
    }

    /// Follows it.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        let news = self.position.subscribe();
        // While nobody followed, nobody looked.
        self.look();
        news
    }

    /// How far it is.
    pub fn position(&self) -> u64 {
        *self.position.borrow()
    }

    /// How many follow it.
    pub fn followers(&self) -> usize {
        self.position.receiver_count()
    }

    /// Says that the journal may have moved.
    pub fn look(&self) {
        self.bell.ring();
    }

    /// Says that there will be no more news.
    pub fn end(&self) {
        self.ending.send_replace(true);
        self.bell.ring();
    }

    /// Waits until there will be no more news.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut ending = self.ending.subscribe();
        async move {
            // Whoever sends lives as long as the service; where it is gone, that is an end too.
            let _ = ending.wait_for(|ended| *ended).await;
        }
    }
}

/// Whoever holds it has the journal watched.
pub struct Following {
    cancel: Cancel,
    service: Arc<Service>,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.service.feed.bell.ring();
    }
}

/// Begins to follow the journal, for as long as what it gives is held.
pub fn follow(service: Arc<Service>) -> io::Result<Following> {
    let cancel = Cancel::new()?;
    let folder = service.store.folder();
    let files = [folder.join(DATABASE), folder.join(format!("{DATABASE}-wal"))];
    let told = Arc::clone(&service);
    if let Ok(watch) = Watch::new(&files) {
        let cancel = cancel.clone();
        // Ends with the process at the latest: it holds nothing that has to be put away.
        std::thread::Builder::new().name("journal-watch".to_owned()).spawn(move || {
            while !cancel.is_cancelled() {
                match watch.wait_for_any(&cancel, AT_THE_LATEST) {
                    Ok(_) => told.moved(),
                    Err(_) => return,
                }
                std::thread::sleep(BREATHER);
            }
        })?;
    }
    let (following, followed) = (cancel.clone(), Arc::clone(&service));
    // A thread of its own: between what is recorded and those who hear of it nothing else is waited for.
    std::thread::Builder::new().name("journal-feed".to_owned()).spawn(move || {
        while !following.is_cancelled() {
            service.feed.bell.wait(AT_THE_LATEST);
            let looked = AssertUnwindSafe(|| {
                // What could not be read now is read the next time.
                let _ = service.hub.catch_up(&service);
                service.desk().journal().position()
            });
            if let Ok(Ok(now)) = catch_unwind(looked) {
                service.feed.position.send_if_modified(|known| std::mem::replace(known, now) != now);
            }
        }
    })?;
    Ok(Following { cancel, service: followed })
}
