//! One writer of documents at a time: a lock on a file in the store. The kernel lets go of it
//! however its holder ends, so no lock is ever left behind.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use journal::file_fault;
use model::fault::Fault;
use model::refusal::STORE_BUSY;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::store::Store;

/// The file that is locked, in the store's folder.
pub const LOCK: &str = "sync.lock";

/// How long others are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The right to write the documents of a store; given up when it is dropped.
#[derive(Debug)]
pub struct SyncLock {
    _file: File,
}

impl SyncLock {
    /// Waits for whoever writes documents now.
    pub fn acquire(store: &Store) -> Result<Self, Fault> {
        Self::of(&store.folder_to_write()?.join(LOCK))
    }

    fn of(path: &Path) -> Result<Self, Fault> {
        let failed = |error: io::Error| file_fault(&error, path, "lock");
        let file = File::options().create(true).append(true).open(path).map_err(failed)?;
        let (start, mut pause) = (Instant::now(), Duration::from_micros(200));
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if start.elapsed() < PATIENCE => {
                    thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(10));
                }
                Err(Errno::WOULDBLOCK) => {
                    return Err(Fault::new(STORE_BUSY, "somebody else has been writing documents for long")
                        .hint("try again in a moment")
                        .with("path", path.display()));
                }
                Err(other) => return Err(failed(other.into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use model::refusal::{STORE_FULL, STORE_IO};

    #[test]
    fn that_no_room_is_left_for_it_is_said_as_such() {
        let failed = |error: Errno| file_fault(&error.into(), Path::new(LOCK), "lock").code;
        assert_eq!(
            (failed(Errno::NOSPC), failed(Errno::DQUOT)),
            (STORE_FULL.to_owned(), STORE_FULL.to_owned())
        );
        assert_eq!(failed(Errno::IO), STORE_IO);
        let full = Path::new("/dev/full/sync.lock");
        assert_eq!(SyncLock::of(full).unwrap_err().code, STORE_IO, "what is no folder is not full");
    }

    #[test]
    fn one_holds_it_and_the_next_one_gets_it() {
        let scratch = Scratch::new("lock");
        let path = scratch.path().join(LOCK);
        let held = SyncLock::of(&path).unwrap();
        let other = File::open(&path).unwrap();
        assert_eq!(flock(&other, FlockOperation::NonBlockingLockExclusive), Err(Errno::WOULDBLOCK));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| SyncLock::of(&path).map(drop));
            drop(held);
            waiting.join().unwrap().unwrap();
        });
    }
}
