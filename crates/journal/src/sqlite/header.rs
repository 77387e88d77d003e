//! The first hundred bytes of a store, looked at before the database gets to see the file: SQLite
//! takes an empty file for a new database and throws away the log lying beside it.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use model::fault::Fault;

use super::fault;

/// Marks a database file as a Countersign store: `csgn`.
pub(crate) const APPLICATION_ID: u32 = 0x6373_676e;
/// The shape of the tables; raised whenever an older program could not work on them.
pub(crate) const SCHEMA_VERSION: u32 = 1;

const HEADER_BYTES: usize = 100;

/// What a store's header says.
pub(crate) struct Header {
    /// Whether the file is shorter than the database it says it is.
    pub(crate) short: bool,
    /// To be kept for as long as the store is open.
    pub(crate) probe: Probe,
}

/// Reads and judges the header of a store; `None` where there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Header>, Fault> {
    let probe = match Probe::open(path) {
        Ok(probe) => probe,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault::file(&error, path, "read")),
    };
    let file = probe.file.as_ref().expect("a probe has its file until it is dropped");
    let size = file.metadata().map_err(|error| fault::file(&error, path, "read"))?.len();
    if size == 0 {
        return Err(fault::damaged(path, "the file is empty"));
    }
    let mut bytes = [0u8; HEADER_BYTES];
    if size < HEADER_BYTES as u64 {
        return Err(fault::damaged(path, "the file is cut off"));
    }
    file.read_exact_at(&mut bytes, 0).map_err(|error| fault::file(&error, path, "read"))?;
    let short = judge(&bytes, size, path)?;
    Ok(Some(Header { short, probe }))
}

/// Gives whether the file is shorter than it says.
fn judge(bytes: &[u8; HEADER_BYTES], size: u64, path: &Path) -> Result<bool, Fault> {
    let number = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    if &bytes[..16] != b"SQLite format 3\0" {
        return Err(fault::damaged(path, "it is not a database"));
    }
    if number(68) != APPLICATION_ID {
        return Err(fault::damaged(path, "it is some other program's database"));
    }
    newer(number(60), path)?;
    if (bytes[18], bytes[19]) != (2, 2) {
        return Err(fault::damaged(path, "its header is not as it was written"));
    }
    let page = match u64::from(u16::from_be_bytes([bytes[16], bytes[17]])) {
        1 => 65536,
        page => page,
    };
    Ok(size < page * u64::from(number(28)) || !size.is_multiple_of(page.max(1)))
}

/// Refuses a store made by a newer program.
pub(crate) fn newer(version: u32, path: &Path) -> Result<(), Fault> {
    if version <= SCHEMA_VERSION {
        return Ok(());
    }
    let at = path.display();
    Err(Fault::new(
        "store/newer",
        format!("the store `{at}` has format {version}; this program knows formats up to {SCHEMA_VERSION}"),
    )
    .hint("install a newer `countersign`"))
}

/// A file opened for looking at it. Closing any handle of a file drops all locks that the process
/// holds on it, also those of a database connection beside it; so there is one handle for a file,
/// and it is closed when nobody in the process has the store open any more.
pub(crate) struct Probe {
    identity: (u64, u64),
    file: Option<Arc<File>>,
}

type Probes = HashMap<(u64, u64), Weak<File>>;

static PROBES: LazyLock<Mutex<Probes>> = LazyLock::new(Mutex::default);

impl Probe {
    fn open(path: &Path) -> io::Result<Self> {
        let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
        let mut probes = PROBES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = identity(&std::fs::metadata(path)?);
        if let Some(file) = probes.get(&known).and_then(Weak::upgrade) {
            return Ok(Self { identity: known, file: Some(file) });
        }
        let file = Arc::new(File::open(path)?);
        let identity = identity(&file.metadata()?);
        probes.insert(identity, Arc::downgrade(&file));
        Ok(Self { identity, file: Some(file) })
    }
}

impl Probe {
    /// Leaves the file open to the end of the program, for connections that are left so, too: they keep
    /// their locks.
    pub(crate) fn abandon(&self) {
        std::mem::forget(self.file.clone());
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // While the list is held nobody opens the file anew, so that no lock taken since is lost.
        let mut probes = PROBES.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.file.take();
        if file.as_ref().is_some_and(|file| Arc::strong_count(file) == 1) {
            probes.remove(&self.identity);
        }
        drop(file);
    }
}
