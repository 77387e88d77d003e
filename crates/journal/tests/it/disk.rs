//! A disk that fails when it is told to, below SQLite and below blobs and snapshots alike. What it
//! is told holds for the calling thread only, so tests do not disturb each other.

mod files;
mod vfs;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use journal::{Access, Options, Sqlite};
use model::fault::Fault;

pub(crate) use files::FailingFiles;

/// How the disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No space is left: writes stop half-way.
    Full,
    /// Waiting for the disk fails.
    Sync,
    /// Any change fails.
    Broken,
}

/// What is asked of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Bytes, or a name, that need space.
    Write,
    /// Waiting until all is really there.
    Sync,
    /// Cutting, removing or renaming.
    Change,
}

/// What was done to the disk, for those who want to know what a power cut would leave.
#[derive(Debug, Clone)]
pub(crate) enum Done {
    /// Bytes were written to a file.
    Wrote(PathBuf, u64, Vec<u8>),
    /// A file was cut or made longer.
    Cut(PathBuf, u64),
    /// A file's content is on the disk, or a folder's names are.
    Synced(PathBuf),
    /// A file was removed.
    Removed(PathBuf),
    /// A file took another's place.
    Renamed(PathBuf, PathBuf),
    /// The test noted a moment.
    Noted(u64),
}

#[derive(Default)]
struct Disk {
    order: Option<Order>,
    hits: u64,
    notes: Option<Vec<Done>>,
}

struct Order {
    how: Failure,
    lasting: bool,
    left: u64,
}

thread_local! {
    static DISK: RefCell<Disk> = RefCell::default();
}

/// Lets the step after `after` others fail, and with `lasting` all steps behind it.
pub(crate) fn fail(how: Failure, after: u64, lasting: bool) {
    DISK.with_borrow_mut(|disk| {
        disk.order = Some(Order { how, lasting, left: after });
        disk.hits = 0;
    });
}

/// Makes the disk work again; gives how many steps failed.
pub(crate) fn heal() -> u64 {
    DISK.with_borrow_mut(|disk| {
        disk.order = None;
        std::mem::take(&mut disk.hits)
    })
}

/// Begins to note what is done.
pub(crate) fn watch() {
    DISK.with_borrow_mut(|disk| disk.notes = Some(Vec::new()));
}

/// Notes a moment among what is done.
pub(crate) fn note(moment: u64) {
    done(|| Done::Noted(moment));
}

/// Ends noting and gives what was done.
pub(crate) fn watched() -> Vec<Done> {
    DISK.with_borrow_mut(|disk| disk.notes.take()).unwrap_or_default()
}

/// Opens a store on this disk.
pub(crate) fn open(folder: &Path, access: Access) -> Result<Sqlite, Fault> {
    let mut options = Options::new(access);
    options.files = Arc::new(FailingFiles);
    options.vfs = Some(vfs::name().to_owned());
    Sqlite::open(folder, options)
}

/// Whether a step fails now.
fn fails(step: Step) -> bool {
    DISK.with_borrow_mut(|disk| {
        let Some(order) = &mut disk.order else { return false };
        let meant = match order.how {
            Failure::Full => step == Step::Write,
            Failure::Sync => step == Step::Sync,
            Failure::Broken => true,
        };
        if !meant || (disk.hits > 0 && !order.lasting) {
            return false;
        }
        if order.left > 0 {
            order.left -= 1;
            return false;
        }
        disk.hits += 1;
        true
    })
}

fn is_full() -> bool {
    DISK.with_borrow(|disk| disk.order.as_ref().is_some_and(|order| order.how == Failure::Full))
}

fn done(what: impl FnOnce() -> Done) {
    DISK.with_borrow_mut(|disk| {
        if let Some(notes) = &mut disk.notes {
            notes.push(what());
        }
    });
}
