//! Waiting for documents and the journal to change, without asking again and again: the kernel
//! says so. Folders are watched rather than files, because editors replace files by others.
//!
//! Says only that something may have changed; what, whoever waits finds out by looking.

use std::ffi::OsString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use rustix::io::Errno;

use crate::process::Cancel;

/// So long nothing may happen before a change counts as over: editors write in several steps.
const QUIET: Duration = Duration::from_millis(40);

/// The longest a change that does not end is waited for.
const RESTLESS: Duration = Duration::from_secs(1);

/// Bytes for the kernel's messages.
const BUFFER: usize = 4096;

/// What the kernel is asked to tell.
const CHANGES: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CREATE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO);

/// Files whose changes are waited for.
#[derive(Debug)]
pub struct Watch {
    inotify: OwnedFd,
    names: Vec<(i32, OsString)>,
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Something may have changed, and has been quiet since.
    Changed,
    /// Nothing did for as long as was wished.
    Idle,
    /// Somebody wants an end of it.
    Cancelled,
}

impl Watch {
    /// Begins to watch these files; those that are not there yet too, as long as their folder is.
    pub fn new(files: &[PathBuf]) -> io::Result<Self> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let mut names = Vec::new();
        for file in files {
            // A link's target is what editors write.
            let file = file.canonicalize().unwrap_or_else(|_| file.clone());
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let Some(name) = file.file_name() else { continue };
            match inotify::add_watch(&inotify, folder.unwrap_or(Path::new(".")), CHANGES) {
                Ok(folder) => names.push((folder, name.to_owned())),
                Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Self { inotify, names })
    }

    /// Waits until one of the files may have changed and is quiet again.
    pub fn wait(&self, cancel: &Cancel, at_most: Duration) -> io::Result<Woken> {
        let until = Instant::now() + at_most;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.next(cancel, left)? {
                Heard::Ours => break,
                Heard::Others => {}
                Heard::Nothing => return Ok(Woken::Idle),
                Heard::Cancel => return Ok(Woken::Cancelled),
            }
        }
        let until = Instant::now() + RESTLESS;
        while Instant::now() < until {
            match self.next(cancel, QUIET)? {
                Heard::Nothing => break,
                Heard::Cancel => return Ok(Woken::Cancelled),
                Heard::Ours | Heard::Others => {}
            }
        }
        Ok(Woken::Changed)
    }

    /// Waits until the first change of one of the files, quiet or not: for whoever looks again
    /// cheaply and wants to know soon.
    pub fn wait_for_any(&self, cancel: &Cancel, at_most: Duration) -> io::Result<Woken> {
        let until = Instant::now() + at_most;
        loop {
            match self.next(cancel, until.saturating_duration_since(Instant::now()))? {
                Heard::Ours => return Ok(Woken::Changed),
                Heard::Others => {}
                Heard::Nothing => return Ok(Woken::Idle),
                Heard::Cancel => return Ok(Woken::Cancelled),
            }
        }
    }

    fn next(&self, cancel: &Cancel, at_most: Duration) -> io::Result<Heard> {
        let time = Timespec {
            tv_sec: at_most.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: at_most.subsec_nanos().into(),
        };
        let mut fds = [
            PollFd::from_borrowed_fd(cancel.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.inotify.as_fd(), PollFlags::IN),
        ];
        match poll(&mut fds, Some(&time)) {
            Ok(0) => return Ok(Heard::Nothing),
            Ok(_) => {}
            // A signal: whoever handles it says whether this is to end.
            Err(Errno::INTR) => return Ok(Heard::Others),
            Err(error) => return Err(error.into()),
        }
        if !fds[0].revents().is_empty() {
            return Ok(Heard::Cancel);
        }
        self.read()
    }

    fn read(&self) -> io::Result<Heard> {
        let mut buffer = [const { MaybeUninit::uninit() }; BUFFER];
        let mut reader = Reader::new(&self.inotify, &mut buffer);
        let mut heard = Heard::Others;
        loop {
            match reader.next() {
                Ok(event) => {
                    let name = event.file_name().map(|name| name.to_bytes());
                    let ours = self.names.iter().any(|(folder, known)| {
                        *folder == event.wd() && name.is_none_or(|name| known.as_bytes() == name)
                    });
                    if ours {
                        heard = Heard::Ours;
                    }
                }
                Err(Errno::AGAIN) => return Ok(heard),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// What the kernel said.
enum Heard {
    Ours,
    Others,
    Nothing,
    Cancel,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    /// Longer than any test takes: ended by what happens, not by time.
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_save_in_place_and_a_save_by_renaming_wake() {
        let scratch = Scratch::new("watch");
        scratch.write("PLAN.md", "one\n");
        let (plan, other) = (scratch.path().join("PLAN.md"), scratch.path().join("other.md"));
        let watch = Watch::new(std::slice::from_ref(&plan)).unwrap();
        let cancel = Cancel::new().unwrap();
        std::fs::write(&plan, "two\n").unwrap();
        assert_eq!(watch.wait(&cancel, LONG).unwrap(), Woken::Changed);
        std::fs::write(&other, "three\n").unwrap();
        std::fs::rename(&other, &plan).unwrap();
        assert_eq!(watch.wait(&cancel, LONG).unwrap(), Woken::Changed);
        std::fs::remove_file(&plan).unwrap();
        assert_eq!(watch.wait(&cancel, LONG).unwrap(), Woken::Changed);
    }

    #[test]
    fn the_first_change_wakes_whoever_looks_again_cheaply() {
        let scratch = Scratch::new("watch");
        let log = scratch.path().join("journal.db-wal");
        let watch = Watch::new(std::slice::from_ref(&log)).unwrap();
        let cancel = Cancel::new().unwrap();
        scratch.write("other", "one\n");
        assert_eq!(watch.wait_for_any(&cancel, Duration::ZERO).unwrap(), Woken::Idle);
        std::fs::write(&log, "one\n").unwrap();
        assert_eq!(watch.wait_for_any(&cancel, LONG).unwrap(), Woken::Changed);
        cancel.cancel();
        assert_eq!(watch.wait_for_any(&cancel, LONG).unwrap(), Woken::Cancelled);
    }

    #[test]
    fn other_files_do_not_wake_and_a_wish_to_end_does() {
        let scratch = Scratch::new("watch");
        let watch = Watch::new(&[scratch.path().join("PLAN.md")]).unwrap();
        let cancel = Cancel::new().unwrap();
        scratch.write("other.md", "one\n");
        assert_eq!(watch.wait(&cancel, Duration::ZERO).unwrap(), Woken::Idle);
        cancel.cancel();
        scratch.write("PLAN.md", "one\n");
        assert_eq!(watch.wait(&cancel, LONG).unwrap(), Woken::Cancelled);
    }
}
