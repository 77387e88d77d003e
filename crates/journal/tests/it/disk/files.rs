//! The file layer of blobs and snapshots on the failing disk.

use std::io::{self, ErrorKind};
use std::path::Path;

use journal::files::{Disk, Files};

use super::{Done, Step, done, fails, is_full};

/// The file system of this machine, until it is told to fail.
pub(crate) struct FailingFiles;

fn ask(step: Step) -> io::Result<()> {
    if !fails(step) {
        return Ok(());
    }
    let error =
        if is_full() { ErrorKind::StorageFull.into() } else { io::Error::other("the disk is broken") };
    Err(error)
}

impl Files for FailingFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        Disk.read(path)
    }

    fn write(&self, path: &Path, parts: &[&[u8]], durable: bool) -> io::Result<()> {
        let whole = parts.concat();
        if let Err(error) = ask(Step::Write) {
            // A full disk takes what still fits.
            Disk.write(path, &[&whole[..whole.len() / 2]], false)?;
            return Err(error);
        }
        Disk.write(path, parts, false)?;
        done(|| Done::Cut(path.to_owned(), 0));
        done(|| Done::Wrote(path.to_owned(), 0, whole));
        if durable { self.sync(path) } else { Ok(()) }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        ask(Step::Sync)?;
        done(|| Done::Synced(path.to_owned()));
        Disk.sync(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        ask(Step::Change)?;
        done(|| Done::Renamed(from.to_owned(), to.to_owned()));
        Disk.rename(from, to)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        ask(Step::Write)?;
        Disk.make_folder(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        ask(Step::Change)?;
        done(|| Done::Removed(path.to_owned()));
        Disk.remove(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Disk.size(path)
    }
}
