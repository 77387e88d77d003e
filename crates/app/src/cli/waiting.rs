//! Waiting for the journal: the kernel says when somebody wrote to it.

use std::time::Duration;

use engine::process::Cancel;
use engine::store::Store;
use engine::watch::Watch;
use journal::sqlite::DATABASE;
use model::fault::Fault;
use model::refusal::INTERNAL_FAULT;

use super::error::{Outcome, plain};

/// Looked at anew after so long, also where the kernel said nothing: leases and waivers run out
/// without anybody writing it down, and some network file systems tell of no change.
const AT_THE_LATEST: Duration = Duration::from_millis(500);

/// Changes of a store, by whomever.
pub struct Changes {
    watch: Option<Watch>,
    cancel: Cancel,
}

impl Changes {
    /// Begins to watch: whatever happens from now on ends the next wait.
    pub fn of(store: &Store) -> Outcome<Self> {
        let database = store.folder().join(DATABASE);
        let log = store.folder().join(format!("{DATABASE}-wal"));
        Ok(Self {
            watch: Watch::new(&[database, log]).ok(),
            cancel: Cancel::new().map_err(|error| fault(&error))?,
        })
    }

    /// Waits until something may have changed, but no longer than that.
    pub fn wait(&self, at_most: Duration) -> Outcome {
        let at_most = at_most.min(AT_THE_LATEST);
        match &self.watch {
            Some(watch) => drop(watch.wait_for_any(&self.cancel, at_most).map_err(|error| fault(&error))?),
            None => std::thread::sleep(at_most),
        }
        Ok(())
    }
}

fn fault(error: &std::io::Error) -> Fault {
    Fault::new(INTERNAL_FAULT, format!("the journal cannot be watched: {}", plain(error)))
}
