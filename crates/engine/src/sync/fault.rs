//! Fault points: every moment between two system calls of a sync has a name, so that a test can end
//! the program there, or let an editor save.
//!
//! They are believed only on stores made for tests; elsewhere passing one costs a comparison.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident $text:literal),+ $(,)?) => {
        /// A moment of a sync.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Point {
            $($(#[$doc])* $name),+
        }

        impl Point {
            /// Every one of them, in the order of a sync.
            pub const ALL: &[Point] = &[$(Point::$name),+];

            /// The name by which the environment asks for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Point::$name => $text),+
                }
            }
        }
    };
}

points! {
    /// The lock is held; nothing was looked at yet.
    Locked "locked",
    /// The documents have been read.
    Read "read",
    /// Hand edits have been recorded.
    TakenIn "taken-in",
    /// The command, and what is to be written, have been recorded.
    Intended "intended",
    /// The file was opened once more.
    Opened "opened",
    /// It is still what was read.
    Compared "compared",
    /// The new file exists, empty.
    Created "created",
    /// Half of the new text is in it.
    HalfWritten "half-written",
    /// All of the new text is in it.
    Written "written",
    /// It has the old one's permissions.
    Permitted "permitted",
    /// The disk has it.
    Flushed "flushed",
    /// Both files have changed places.
    Exchanged "exchanged",
    /// What was displaced has been read.
    Displaced "displaced",
    /// What was displaced was somebody's save, and has a name of its own.
    Saved "saved",
    /// The disk has the folder.
    FolderFlushed "folder-flushed",
    /// The journal knows.
    Synced "synced",
    /// What was displaced is gone.
    Removed "removed",
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a test wants to happen at each point.
pub type Hook = Box<dyn FnMut(Point) + Send>;

/// What is to happen at fault points; nothing at all in a store that people use.
#[derive(Default)]
pub struct Faults {
    hook: Mutex<Option<Hook>>,
    end_at: Option<(Point, AtomicU32)>,
    full_at: Mutex<Option<Point>>,
}

impl Faults {
    /// What the environment asks for, as `name` or `name:n` for the n-th time it is passed.
    pub fn from_text(text: &str) -> Option<Self> {
        let (name, times) = text.split_once(':').unwrap_or((text, "1"));
        let point = Point::ALL.iter().copied().find(|point| point.name() == name)?;
        let times = times.parse().ok().filter(|times| *times > 0)?;
        Some(Self { end_at: Some((point, AtomicU32::new(times))), ..Self::default() })
    }

    /// Lets something happen at every point from now on.
    pub fn hook(&self, hook: Option<Hook>) {
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook;
    }

    /// Lets the disk be full at a point from now on.
    pub fn run_out(&self, at: Option<Point>) {
        *self.full_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Passes a point at which the disk may be full.
    pub(super) fn write(&self, point: Point) -> std::io::Result<()> {
        self.pass(point);
        let full = *self.full_at.lock().unwrap_or_else(PoisonError::into_inner) == Some(point);
        if full { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// Passes a point: nothing happens unless a test asked for it.
    pub(super) fn pass(&self, point: Point) {
        if let Some((at, left)) = &self.end_at
            && *at == point
            && left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            end();
        }
        let mut hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hook) = hook.as_mut() {
            hook(point);
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("end_at", &self.end_at.as_ref().map(|(point, _)| point)).finish()
    }
}

/// Ends the program as a power cut would: no handler runs, nothing is put in order.
fn end() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    loop {
        std::thread::park();
    }
}
