//! Writing files people keep: whole or not at all, and never over something that is there unless
//! that was asked for. Also whether a file is there that a document names.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::Stop;

/// Puts new content in the place of a file's: written beside it, flushed to the disk, renamed over
/// it. Links are followed and permissions are kept.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = fs::metadata(&path)?.permissions();
    let (mut file, beside) = temporary(&path)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.set_permissions(permissions))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
        return written;
    }
    sync_folder(&path)
}

/// Writes a file, over one that may be there.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        return replace(path, bytes);
    }
    create(path, bytes)
}

/// Puts content where nobody ever sees half of it: written beside, then renamed. What is no plain
/// file, a pipe or a terminal, is written to as it is.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(facts) if facts.is_file() => replace(path, bytes),
        Ok(facts) if facts.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Err(_) => {
            let (mut file, beside) = temporary(path)?;
            let written =
                file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
            if written.is_err() {
                let _ = fs::remove_file(&beside);
                return written;
            }
            sync_folder(path)
        }
    }
}

/// Writes a new file; refuses where there is one.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
        return written;
    }
    sync_folder(path)
}

/// The error of a file that could not be written, as it ends a verb.
pub fn unwritten(path: &Path, error: &io::Error) -> Stop {
    Stop::file(&path.display().to_string(), "written", error)
}

fn temporary(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    Ok((file, beside))
}

/// A name in a folder is only safe once the folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Whether a path that a document names is there: seen from the document's folder, or from a
/// folder above it up to the top of the repository, since plans name files from either.
pub fn is_there(folder: &Path, named: &str) -> bool {
    if folder.join(named).exists() {
        return true;
    }
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(here) = here.canonicalize() else { return false };
    let Some(top) = here.ancestors().find(|above| above.join(".git").exists()) else { return false };
    here.ancestors().take_while(|above| above.starts_with(top)).any(|above| above.join(named).exists())
}
