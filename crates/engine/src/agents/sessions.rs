//! Sessions of dispatchers on this machine: who is still there, and what the dead have left.
//!
//! Each holds a lock on a file of its own in the store's folder for as long as it lives; the kernel
//! lets go of it however the process ends. Every process it starts carries its session's name, so
//! that what it left running is found by whoever comes next.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::worktree::safe_name;
use crate::process;

/// Where the locks lie, below the store's folder.
const FOLDER: &str = "dispatch";
/// How long ending what a dead session left may take.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// A session that lives as long as this value.
#[derive(Debug)]
pub struct Living {
    path: PathBuf,
    _lock: File,
}

/// A session whose process is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// Its name.
    pub session: String,
    process: Option<u32>,
    path: PathBuf,
}

impl Living {
    /// Begins a session.
    pub fn begin(store: &Path, session: &str) -> io::Result<Self> {
        let folder = store.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let path = folder.join(safe_name(session));
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        file.set_len(0)?;
        write!(file, "{}\n{session}\n", std::process::id())?;
        Ok(Self { path, _lock: file })
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        // Still locked, so nobody takes it for a dead one's.
        let _ = fs::remove_file(&self.path);
    }
}

/// The sessions of a store whose processes are gone.
pub fn dead(store: &Path) -> Vec<Dead> {
    let entries = fs::read_dir(store.join(FOLDER)).into_iter().flatten().flatten();
    let mut found: Vec<Dead> = entries.filter_map(|entry| look(entry.path())).collect();
    found.sort_by(|a, b| a.session.cmp(&b.session));
    found
}

fn look(path: PathBuf) -> Option<Dead> {
    let mut file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    let process = lines.next().and_then(|line| line.parse().ok());
    // Nothing was written yet: it died, or is about to write; the folder's name tells the rest.
    let session = lines.next().map(str::to_owned);
    let session = session.or_else(|| path.file_name()?.to_str().map(str::to_owned))?;
    Some(Dead { session, process, path })
}

impl Dead {
    /// Ends what its processes have left running; gives how many those were.
    pub fn end_processes(&self) -> usize {
        process::end_left_over(&mark(&self.session), self.process, KILL_LIMIT)
    }

    /// Forgets it: everything it left has been dealt with.
    pub fn bury(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a session's process is there.
pub fn is_living(store: &Path, session: &str) -> bool {
    let path = store.join(FOLDER).join(safe_name(session));
    let Ok(file) = OpenOptions::new().read(true).open(path) else { return false };
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

/// Whether a session was begun on this machine and not laid to rest yet.
pub fn was_here(store: &Path, session: &str) -> bool {
    store.join(FOLDER).join(safe_name(session)).exists()
}

/// What the names of all runs of a session begin with.
pub fn mark(session: &str) -> String {
    format!("{}.", safe_name(session))
}

#[cfg(test)]
mod tests;
