//! What tests need that is nobody else's business: a folder that is gone when the test is, and ways
//! to change a store behind the journal's back.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;

use crate::sqlite::DATABASE;

/// A temporary folder.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes an empty one.
    #[expect(clippy::new_without_default, reason = "making a folder is not a default")]
    pub fn new() -> Self {
        Self::inside(&std::env::temp_dir())
    }

    /// Makes an empty one in memory, where the system has such a place: for tests that wait for the
    /// disk thousands of times and bring their own idea of what a disk does.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { Self::inside(memory) } else { Self::new() }
    }

    fn inside(place: &Path) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = place.join(format!("countersign-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a place for temporary folders can be written");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Changes a store behind the journal's back, by SQL; it must change something.
pub fn tamper(store: &Path, change: &str) {
    let database = Connection::open(store.join(DATABASE)).expect("the store is there");
    database.execute_batch(change).expect("the change is sound SQL");
    assert!(database.total_changes() > 0, "`{change}` changed nothing");
}

/// Asks a store behind the journal's back for one text, by SQL.
pub fn look(store: &Path, question: &str) -> String {
    let database = Connection::open(store.join(DATABASE)).expect("the store is there");
    database.query_row(question, [], |row| row.get(0)).expect("the question has one answer")
}
