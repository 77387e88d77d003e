//! Putting a new text in a document's place: the only code that writes documents.
//!
//! The new text is written beside the document, and both change places in one step, so that no
//! reader ever sees half of one. What was displaced is looked at again: where an editor saved in
//! between, its text is kept under a name of its own, for [`recover`](super::recover) to merge.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use model::refusal::{DOCUMENT_UNWRITABLE, Refusal};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::attributes::carry_over;
use super::fault::{Faults, Point};
use super::file::{content, holds};
use super::lease::{Lease, Quiet};

/// What came of an attempt to put a new text in a document's place.
#[derive(Debug)]
pub enum Replacing<'e> {
    /// It stands there; what was displaced lies beside it until [`Displaced::clear`] is called.
    Done(Displaced<'e>),
    /// The document is not what was expected. Nothing was changed.
    Moved,
    /// It stands there, and so does, under a name of its own, what somebody saved in that instant.
    Overtaken,
}

/// A document that was not written, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The document.
    pub path: PathBuf,
    /// Why, as the end of a sentence about it.
    pub why: String,
    /// How to go on.
    pub hint: Option<&'static str>,
}

impl Left {
    fn new(path: &Path, why: impl Into<String>) -> Self {
        Self { path: path.to_owned(), why: why.into(), hint: None }
    }

    fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The same as a refusal.
    pub fn refusal(&self) -> Refusal {
        let path = self.path.display();
        let no = Refusal::new(DOCUMENT_UNWRITABLE, format!("`{path}` {}", self.why))
            .with("path", path.to_string());
        match self.hint {
            Some(hint) => no.hint(hint),
            None => no,
        }
    }
}

/// What a new text displaced. Kept for a little while: an editor may still be writing into it.
#[derive(Debug)]
pub struct Displaced<'e> {
    file: File,
    lease: Lease,
    beside: Beside,
    expected: &'e [u8],
}

/// The names that files of ours have beside a document. They are the same each time, so that they
/// are found again after a crash.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    folder: PathBuf,
    name: String,
}

impl Beside {
    pub(super) fn of(path: &Path) -> Option<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(Self {
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            name: path.file_name()?.to_string_lossy().into_owned(),
        })
    }

    /// A text that is being written: never anybody's but ours.
    pub(super) fn growing(&self) -> PathBuf {
        self.folder.join(format!(".{}.countersign-new", self.name))
    }

    /// A whole text: ours before the exchange, what was displaced after it.
    pub(super) fn exchanged(&self) -> PathBuf {
        self.folder.join(format!(".{}.countersign", self.name))
    }

    /// A text that somebody saved and that was displaced.
    pub(super) fn saved(&self) -> PathBuf {
        self.folder.join(format!(".{}.countersign-saved", self.name))
    }

    /// Where a text is kept that could not be merged, for its author to find.
    pub(super) fn kept(&self, digest: &str) -> PathBuf {
        self.folder.join(format!("{}.saved-{digest}", self.name))
    }

    fn flush(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

/// Puts `new` in the place of a document that holds `expected`.
///
/// Whoever calls it holds the lock, so that nobody else uses the names beside the document.
pub fn replace<'e>(
    faults: &Faults,
    path: &Path,
    expected: &'e [u8],
    new: &[u8],
) -> Result<Replacing<'e>, Left> {
    let left = |what: &'static str| move |error: io::Error| failed(path, what, &error);
    let target = path.canonicalize().map_err(left("be found"))?;
    let beside = Beside::of(&target).ok_or_else(|| Left::new(path, "has no name"))?;
    let file = open(&target).map_err(left("be opened"))?;
    faults.pass(Point::Opened);
    let metadata = file.metadata().map_err(left("be looked at"))?;
    writable(path, &metadata)?;
    let Some(lease) = Lease::wait(&file).map_err(left("be looked at"))? else {
        return Err(Left::new(path, "is open for writing somewhere").hint("save and close it there"));
    };
    if !holds(&file, expected).map_err(left("be read"))? {
        return Ok(Replacing::Moved);
    }
    faults.pass(Point::Compared);
    prepare(faults, &beside, (&file, &metadata), new).map_err(|error| {
        // What was begun is of no use to anybody.
        let _ = fs::remove_file(beside.growing());
        let _ = fs::remove_file(beside.exchanged());
        failed(path, "be written beside its old text", &error)
    })?;
    exchange(&beside.exchanged(), &target).map_err(|error| {
        let _ = fs::remove_file(beside.exchanged());
        failed(path, "be replaced", &error)
    })?;
    faults.pass(Point::Exchanged);
    // Whoever renamed a file of their own there meanwhile had theirs displaced, not this one.
    let (file, lease) = if is_file(&beside.exchanged(), &metadata) {
        (file, lease)
    } else {
        drop(lease);
        let file = open(&beside.exchanged()).map_err(left("be looked at again"))?;
        let lease = Lease::wait(&file).map_err(left("be looked at again"))?;
        match lease {
            Some(lease) => (file, lease),
            None => return overtaken(faults, &beside).map_err(left("be put aside")),
        }
    };
    let is_expected = holds(&file, expected).map_err(left("be looked at again"))?;
    faults.pass(Point::Displaced);
    if !is_expected {
        return overtaken(faults, &beside).map_err(left("be put aside"));
    }
    beside.flush().map_err(left("be made to last"))?;
    faults.pass(Point::FolderFlushed);
    Ok(Replacing::Done(Displaced { file, lease, beside, expected }))
}

impl Displaced<'_> {
    /// Removes what was displaced; tells whether somebody wrote into it all the same, in which case
    /// that is kept.
    pub fn clear(mut self, faults: &Faults) -> io::Result<bool> {
        if !self.is_unchanged()? {
            overtaken(faults, &self.beside)?;
            return Ok(true);
        }
        fs::remove_file(self.beside.exchanged())?;
        faults.pass(Point::Removed);
        // Who had its name already, and opens it only now, writes into a file without a name.
        if !self.is_unchanged()? {
            let bytes = content(&self.file, self.expected.len() as u64)?;
            fs::write(self.beside.saved(), bytes)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn is_unchanged(&mut self) -> io::Result<bool> {
        match self.lease.quiet() {
            Quiet::Yes => return Ok(true),
            Quiet::No => {
                // Let them write, and see what it was.
                let waited = {
                    self.lease.give_up();
                    Lease::wait(&self.file)?
                };
                match waited {
                    Some(lease) => self.lease = lease,
                    None => return Ok(false),
                }
            }
            Quiet::Unknown => {}
        }
        holds(&self.file, self.expected)
    }
}

/// What was displaced is somebody's save: it gets a name of its own.
fn overtaken(faults: &Faults, beside: &Beside) -> io::Result<Replacing<'static>> {
    fs::rename(beside.exchanged(), beside.saved())?;
    beside.flush()?;
    faults.pass(Point::Saved);
    Ok(Replacing::Overtaken)
}

/// Refuses files whose replacing would change more than their text.
fn writable(path: &Path, metadata: &Metadata) -> Result<(), Left> {
    if !metadata.is_file() {
        return Err(Left::new(path, "is no file"));
    }
    if metadata.nlink() > 1 {
        return Err(Left::new(path, "has several names (hard links), and replacing it would part them")
            .hint("keep one of the names, or use a symbolic link"));
    }
    // To the superuser, as to every editor of theirs, read-only is no obstacle.
    let me = rustix::process::geteuid();
    if metadata.permissions().mode() & 0o222 == 0 && !me.is_root() {
        return Err(Left::new(path, "is read-only").hint("allow writing it, then use `countersign sync`"));
    }
    if metadata.uid() != me.as_raw() && !me.is_root() {
        return Err(
            Left::new(path, "belongs to somebody else").hint("ask its owner to use `countersign sync`")
        );
    }
    Ok(())
}

/// Writes the new text beside the document, as durable and as readable as that is.
fn prepare(
    faults: &Faults,
    beside: &Beside,
    (old, metadata): (&File, &Metadata),
    new: &[u8],
) -> io::Result<()> {
    let growing = beside.growing();
    let _ = fs::remove_file(&growing);
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&growing)?;
    faults.pass(Point::Created);
    let (front, back) = new.split_at(new.len() / 2);
    file.write_all(front)?;
    faults.write(Point::HalfWritten)?;
    file.write_all(back)?;
    faults.pass(Point::Written);
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
        // A group that is not ours to give stays ours; the owner was made sure of.
        let _ = std::os::unix::fs::fchown(&file, Some(metadata.uid()), Some(metadata.gid()));
    }
    file.set_permissions(Permissions::from_mode(metadata.permissions().mode() & 0o7777))?;
    // An access list says more than permissions, and may change what those say.
    carry_over(old, &file)?;
    faults.pass(Point::Permitted);
    file.sync_all()?;
    drop(file);
    // From here on the name says that it is whole.
    fs::rename(&growing, beside.exchanged())?;
    faults.pass(Point::Flushed);
    Ok(())
}

/// Lets two files change places in one step.
fn exchange(new: &Path, target: &Path) -> io::Result<()> {
    match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => displace(new, target),
        Err(other) => Err(other.into()),
    }
}

/// The same where a file system cannot exchange. Weaker: a file that somebody puts there between the
/// two steps is lost.
fn displace(new: &Path, target: &Path) -> io::Result<()> {
    let old = target.with_file_name(format!(
        ".{}.countersign-old",
        target.file_name().unwrap_or_default().to_string_lossy()
    ));
    let _ = fs::remove_file(&old);
    fs::hard_link(target, &old)?;
    fs::rename(new, target)?;
    fs::rename(&old, new)
}

fn open(path: &Path) -> io::Result<File> {
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits();
    File::options().read(true).custom_flags(nonblock as i32).open(path)
}

fn is_file(path: &Path, metadata: &Metadata) -> bool {
    path.metadata().is_ok_and(|now| (now.dev(), now.ino()) == (metadata.dev(), metadata.ino()))
}

fn failed(path: &Path, what: &str, error: &io::Error) -> Left {
    let (why, hint) = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            ("permission denied".to_owned(), Some("allow writing in its folder, then use `countersign sync`"))
        }
        io::ErrorKind::ReadOnlyFilesystem => ("the file system is read-only".to_owned(), None),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("no room is left".to_owned(), Some("make room, then use `countersign sync`"))
        }
        io::ErrorKind::NotFound => ("it is not there any more".to_owned(), None),
        _ => (error.to_string(), None),
    };
    Left { path: path.to_owned(), why: format!("could not {what}: {why}"), hint }
}
