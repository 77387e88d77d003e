//! The journal: the only truth. Streams of events, one per plan, each event chained to the one
//! before it by a digest; beside them blobs, refused attempts, requests already answered, and
//! snapshots that may be thrown away at any time.
//!
//! It stores events as opaque bytes (JSON text) and deliberately does not know what they mean, but
//! for those about shared memory and messages, which it keeps an index of ([`commons`]).
//! Start reading at [`Journal`]; [`Sqlite`] and [`Memory`] are its two homes, [`audit`] proves a
//! store whole, and every home passes the same conformance suite.

pub mod attempt;
pub mod audit;
pub mod blob;
pub mod brought;
pub mod commons;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod entry;
pub mod facts;
pub mod files;
mod memory;
mod replay;
pub mod snapshot;
pub mod sqlite;
pub mod store_event;
pub mod stored;
#[cfg(any(test, feature = "conformance"))]
pub mod testing;

mod journal;

pub use attempt::{Attempt, Refusals};
pub use blob::{Blob, Kept};
pub use brought::Brought;
pub use commons::{Delivered, Page};
pub use entry::{AppendError, Appended, Earlier, Entry, Events};
pub use journal::{Journal, Survey, Turn};
pub use memory::Memory;
pub use snapshot::{Snapshot, SnapshotKey};
pub use sqlite::{Access, Options, Sqlite, file_fault};
pub use store_event::StoreEvent;
pub use stored::{BlobLine, Head, Line, Stored};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::conformance::Home;
    use crate::testing::Folder;
    use crate::{Access, Memory, Options, Sqlite};

    fn memory() -> Home {
        Home { journal: Arc::new(Memory::new()), keep: Box::new(()) }
    }

    fn sqlite() -> Home {
        let folder = Folder::new();
        let journal = Sqlite::open(&folder.path().join("store"), Options::new(Access::Create)).unwrap();
        Home { journal: Arc::new(journal), keep: Box::new(folder) }
    }

    crate::conformance_suite!(in_memory, super::memory);
    crate::conformance_suite!(in_sqlite, super::sqlite);
}
