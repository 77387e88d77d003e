//! Leases: the kernel's word that nobody has a file open for writing, and its promise to tell when
//! somebody wants to.
//!
//! An editor that opened a document before it was exchanged, and writes after, writes into the file
//! that was displaced. A lease on that file tells; so does one taken before reading, of a text that
//! is only half written. Where a file system has no leases, reading twice has to do.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::thread;
use std::time::{Duration, Instant};

/// How long a file that somebody writes is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// What a lease says about the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quiet {
    /// Nobody has it open for writing, and nobody asked to.
    Yes,
    /// Somebody writes it, or waits to.
    No,
    /// This file system cannot tell.
    Unknown,
}

/// A lease on a file, or the knowledge that there is none to be had. Given up when dropped, so that
/// whoever waits for it goes on.
#[derive(Debug)]
pub(crate) struct Lease {
    file: File,
    held: bool,
}

impl Lease {
    /// Waits until nobody writes the file any more; nothing where that takes too long.
    pub(crate) fn wait(file: &File) -> io::Result<Option<Self>> {
        let file = file.try_clone()?;
        let (start, mut pause) = (Instant::now(), Duration::from_micros(100));
        loop {
            match set(file.as_fd(), true) {
                Ok(()) => return Ok(Some(Self { file, held: true })),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if start.elapsed() > PATIENCE {
                        return Ok(None);
                    }
                    thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(5));
                }
                // Another owner's file, or a file system without leases.
                Err(_) => return Ok(Some(Self { file, held: false })),
            }
        }
    }

    /// Lets whoever waits go on.
    pub(crate) fn give_up(&mut self) {
        if self.held {
            // Closing the file would do the same; nobody can do more about a failure.
            let _ = set(self.file.as_fd(), false);
            self.held = false;
        }
    }

    /// Whether it has stayed quiet since the lease was taken.
    pub(crate) fn quiet(&self) -> Quiet {
        if !self.held {
            return Quiet::Unknown;
        }
        if is_held(self.file.as_fd()) { Quiet::Yes } else { Quiet::No }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.give_up();
    }
}

#[cfg(target_os = "linux")]
fn set(file: BorrowedFd<'_>, take: bool) -> io::Result<()> {
    // The kernel announces that somebody waits by a signal: one that does nothing by itself, instead
    // of the usual one, which would end the program.
    const F_SETSIG: libc::c_int = 10;
    if take {
        control(file, F_SETSIG, libc::SIGURG)?;
    }
    control(file, libc::F_SETLEASE, if take { libc::F_RDLCK } else { libc::F_UNLCK }).map(drop)
}

#[cfg(target_os = "linux")]
fn is_held(file: BorrowedFd<'_>) -> bool {
    control(file, libc::F_GETLEASE, 0).is_ok_and(|kind| kind == libc::F_RDLCK)
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "leases have no safe binding; the arguments are plain numbers")]
fn control(file: BorrowedFd<'_>, command: libc::c_int, argument: libc::c_int) -> io::Result<libc::c_int> {
    // SAFETY: the descriptor is open for as long as it is borrowed, and none of these commands takes
    // a pointer.
    match unsafe { libc::fcntl(file.as_raw_fd(), command, argument) } {
        -1 => Err(io::Error::last_os_error()),
        answer => Ok(answer),
    }
}

#[cfg(not(target_os = "linux"))]
fn set(_: BorrowedFd<'_>, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn is_held(_: BorrowedFd<'_>) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::fs;
    use std::io::Write as _;

    #[test]
    fn a_lease_tells_of_somebody_who_wants_to_write() {
        let scratch = Scratch::new("lease");
        scratch.write("a", "one");
        let path = scratch.path().join("a");
        let file = File::open(&path).unwrap();
        let lease = Lease::wait(&file).unwrap().unwrap();
        assert_eq!(lease.quiet(), Quiet::Yes);
        thread::scope(|scope| {
            let writer = scope.spawn(|| fs::write(&path, "two"));
            while lease.quiet() == Quiet::Yes {
                thread::yield_now();
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), "one", "who wants to write waits");
            drop(lease);
            writer.join().unwrap().unwrap();
        });
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
    }

    #[test]
    fn a_file_that_is_being_written_is_waited_for() {
        let scratch = Scratch::new("lease");
        scratch.write("a", "one");
        let path = scratch.path().join("a");
        let mut writer = File::options().append(true).open(&path).unwrap();
        let file = File::open(&path).unwrap();
        assert_eq!(set(file.as_fd(), true).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        thread::scope(|scope| {
            let reader = scope.spawn(|| Lease::wait(&file).unwrap().map(|lease| lease.quiet()));
            writer.write_all(b" and two").unwrap();
            drop(writer);
            assert_eq!(reader.join().unwrap(), Some(Quiet::Yes));
        });
    }
}
