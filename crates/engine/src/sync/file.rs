//! Reading a document's file as it is while nobody writes it; and of a large one that was read
//! before, only finding out that it is still the same.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use formats::MAX_DOCUMENT_BYTES;
use journal::Blob;
use model::digest::Digest;

use super::lease::{Lease, Quiet};

/// From this many bytes on it is worth remembering what was read: a verb looks several times.
const LARGE: usize = 16 * 1024;

/// A file that was changed so long ago gets another date the next time: the clocks of file systems
/// tick every few milliseconds.
const TICK: Duration = Duration::from_millis(40);

/// When a file was saved, as far as its dates tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Save {
    born: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl Save {
    fn of(metadata: &Metadata) -> Self {
        Self { born: metadata.created().ok(), modified: metadata.modified().ok() }
    }

    /// Whether the save happened before a moment: also a file that was written earlier and put there
    /// later was made, at the latest, when it was put there.
    pub(super) fn happened_before(&self, moment: SystemTime) -> bool {
        self.modified.is_some_and(|time| time < moment) && self.born.is_none_or(|time| time < moment)
    }
}

/// What lies where a document should be.
pub(crate) enum Found {
    Text { raw: Arc<Vec<u8>>, digest: Digest, save: Save },
    Missing,
    Unreadable(String),
}

/// Reads documents, and remembers the last large one.
#[derive(Debug, Default)]
pub(crate) struct DocumentFiles {
    last: Mutex<Option<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    path: PathBuf,
    raw: Arc<Vec<u8>>,
    digest: Digest,
    /// Which file it was at which time, where a change since would show.
    dated: Option<Dated>,
}

impl DocumentFiles {
    /// Reads a document as it is while nobody writes it.
    pub(crate) fn read(&self, path: &Path) -> Found {
        const TRIES: u32 = 50;
        let known = self.last().clone().filter(|known| known.path == path);
        for _ in 0..TRIES {
            match try_read(path, known.as_ref()) {
                Ok(Some(Read::Text(read, save))) => {
                    let found = Found::Text { raw: Arc::clone(&read.raw), digest: read.digest, save };
                    if read.raw.len() >= LARGE {
                        *self.last() = Some(read);
                    }
                    return found;
                }
                Ok(Some(Read::Nothing(why))) => return Found::Unreadable(why),
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Missing,
                Err(error) => return Found::Unreadable(format!("cannot be read: {error}")),
            }
        }
        Found::Unreadable("is being written all the time".to_owned())
    }

    fn last(&self) -> MutexGuard<'_, Option<Known>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Read {
    Text(Known, Save),
    Nothing(String),
}

/// Nothing where it changed while it was read.
fn try_read(path: &Path, known: Option<&Known>) -> io::Result<Option<Read>> {
    // A pipe would keep us waiting for somebody to write into it.
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits();
    let file = File::options().read(true).custom_flags(nonblock as i32).open(path)?;
    let before = file.metadata()?;
    if before.is_dir() {
        return Ok(Some(Read::Nothing("is a folder".to_owned())));
    }
    if !before.is_file() {
        return Ok(Some(Read::Nothing("is no file that could be a document".to_owned())));
    }
    if before.len() > MAX_DOCUMENT_BYTES as u64 {
        let why = format!("has {} bytes, and at most {MAX_DOCUMENT_BYTES} are read", before.len());
        return Ok(Some(Read::Nothing(why)));
    }
    let Some(lease) = Lease::wait(&file)? else {
        return Ok(Some(Read::Nothing("is open for writing somewhere".to_owned())));
    };
    let begun = SystemTime::now();
    let before = file.metadata()?;
    let dated = Dated::of(&before);
    if let Some(known) = known.filter(|known| known.dated == Some(dated)) {
        return Ok(Some(Read::Text(known.clone(), Save::of(&before))));
    }
    let same = known.filter(|known| known.raw.len() as u64 == before.len());
    let (raw, digest) = match same {
        Some(known) if holds(&file, &known.raw)? => (Arc::clone(&known.raw), known.digest),
        _ => {
            let raw = content(&file, before.len())?;
            let digest = Blob::name(&raw);
            (Arc::new(raw), digest)
        }
    };
    let after = file.metadata()?;
    let same = (before.len(), before.mtime(), before.mtime_nsec())
        == (after.len(), after.mtime(), after.mtime_nsec())
        && raw.len() as u64 == after.len();
    // With a lease nobody wrote; without one only the dates tell.
    let quiet = lease.quiet() == Quiet::Yes;
    if !same && !quiet {
        return Ok(None);
    }
    let dated = (quiet && dated == Dated::of(&after) && dated.is_before(begun)).then_some(dated);
    Ok(Some(Read::Text(Known { path: path.to_owned(), raw, digest, dated }, Save::of(&after))))
}

/// A file and when it was last changed in any way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dated {
    file: (u64, u64),
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Dated {
    fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether whatever happens to the file from that moment on gives it other dates.
    fn is_before(&self, moment: SystemTime) -> bool {
        let Ok(moment) = moment.duration_since(SystemTime::UNIX_EPOCH) else { return false };
        let Ok(seconds) = u64::try_from(self.changed.0) else { return false };
        let changed = Duration::new(seconds, u32::try_from(self.changed.1).unwrap_or_default());
        changed + TICK <= moment
    }
}

/// The content of an open file, from its beginning.
pub(super) fn content(mut file: &File, length: u64) -> io::Result<Vec<u8>> {
    use io::Seek as _;
    file.rewind()?;
    let mut bytes = Vec::with_capacity(length as usize + 1);
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether an open file holds exactly that.
pub(super) fn holds(mut file: &File, expected: &[u8]) -> io::Result<bool> {
    use io::Seek as _;
    const BLOCK: usize = 256 * 1024;
    file.rewind()?;
    let (mut block, mut rest) = (vec![0; BLOCK.min(expected.len() + 1)], expected);
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(count) => match rest.strip_prefix(&block[..count]) {
                Some(after) => rest = after,
                None => return Ok(false),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_was_read_is_known_until_it_changes() {
        let scratch = Scratch::new("file");
        let path = scratch.path().join("PLAN.md");
        let files = DocumentFiles::default();
        let mut text = vec![b'a'; LARGE + 7];
        let read = || match files.read(&path) {
            Found::Text { raw, digest, .. } => (raw, digest),
            _ => panic!("it is there"),
        };
        std::fs::write(&path, &text).unwrap();
        let first = read();
        assert_eq!((first.0.as_slice(), first.1), (text.as_slice(), Blob::name(&text)));
        assert!(Arc::ptr_eq(&first.0, &read().0), "the same text once more");
        // Same length, written in the same instant or a little later: still seen.
        for (at, byte) in (0..40).map(|n| (n * (LARGE / 40), b'b' + (n % 20) as u8)) {
            text[at] = byte;
            std::fs::write(&path, &text).unwrap();
            assert_eq!((read().0.as_slice(), read().1), (text.as_slice(), Blob::name(&text)));
        }
        let later = read();
        std::thread::sleep(TICK * 2);
        assert!(Arc::ptr_eq(&read().0, &later.0) && Arc::ptr_eq(&read().0, &later.0));
        text.push(b'!');
        std::fs::write(&path, &text).unwrap();
        assert_eq!(read().0.as_slice(), text.as_slice());
    }
}
