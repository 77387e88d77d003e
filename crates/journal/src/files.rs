//! The few things the journal asks of a file system, as a seam: tests put a full disk or a failing
//! fsync in its place.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// What the journal asks of a file system beside what its database does by itself.
pub trait Files: Send + Sync {
    /// Reads a file whole.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Writes parts to a new file, one after the other, and waits for the disk where `durable`.
    fn write(&self, path: &Path, parts: &[&[u8]], durable: bool) -> io::Result<()>;
    /// Waits until the disk has a file's content, or a folder's list of names.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Puts a file in another's place, at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a folder and those above it.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The size of a file.
    fn size(&self, path: &Path) -> io::Result<u64>;
}

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn write(&self, path: &Path, parts: &[&[u8]], durable: bool) -> io::Result<()> {
        let mut file = File::create(path)?;
        for part in parts {
            file.write_all(part)?;
        }
        if durable { file.sync_all() } else { Ok(()) }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }
}
