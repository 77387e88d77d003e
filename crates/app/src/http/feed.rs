//! News of the journal: how far it is. Whoever follows is woken and reads the journal itself, so a
//! wake-up that is lost costs delay and never data, and a slow follower holds nobody up.
//!
//! This process's own writes are told at once; what other processes write, the kernel tells of.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use engine::process::Cancel;
use engine::watch::Watch;
use journal::sqlite::DATABASE;
use tokio::sync::{Notify, watch};

use super::service::Service;

/// Looked at anew after so long where nobody told of anything.
const AT_THE_LATEST: Duration = Duration::from_secs(1);

/// How far the journal is, for everybody who follows it.
pub struct Feed {
    position: watch::Sender<u64>,
    ending: watch::Sender<bool>,
    look: Notify,
}

impl Feed {
    /// News from a position on.
    pub fn at(position: u64) -> Self {
        Self {
            position: watch::Sender::new(position),
            ending: watch::Sender::new(false),
            look: Notify::new(),
        }
    }

    /// Follows it.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.position.subscribe()
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
        self.look.notify_one();
    }

    /// Says that there will be no more news.
    pub fn end(&self) {
        self.ending.send_replace(true);
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
}

impl Drop for Following {
    fn drop(&mut self) {
        self.cancel.cancel();
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
                    Ok(_) => told.feed.look(),
                    Err(_) => return,
                }
            }
        })?;
    }
    tokio::spawn(async move {
        let ended = service.feed.ended();
        tokio::pin!(ended);
        loop {
            tokio::select! {
                () = &mut ended => return,
                () = service.feed.look.notified() => {}
                () = tokio::time::sleep(AT_THE_LATEST) => {}
            }
            let now = service
                .run(|service| {
                    service.hub.catch_up(service)?;
                    Ok(service.desk().journal().position()?)
                })
                .await;
            if let Ok(now) = now {
                service.feed.position.send_if_modified(|known| std::mem::replace(known, now) != now);
            }
        }
    });
    Ok(Following { cancel })
}
