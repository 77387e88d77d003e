//! Which processes belong to which probe, and how all of them are ended.
//!
//! This process is the reaper of everything it starts: when a process dies, its children come to
//! us, whatever session or group they have moved to. So what a probe left behind is always among
//! *our children*, and listing those (one small file per thread) is enough; no search through
//! `/proc`. Several probes run at once, so an orphan must be told whose it is. Three things are
//! inherited: the process group, the variable `COUNTERSIGN_PROBE`, and, for those that change
//! group and clear their environment, a mark that nothing uses any more: the soft limit on file
//! locks (`RLIMIT_LOCKS`), which Linux has ignored since 2.4. What hides from all three is ended
//! as soon as no probe runs.
//!
//! Tools of our own leave processes behind too (`git commit` starts its maintenance in a session
//! of its own, which comes to us like any orphan). They carry a mark that says so, and are nobody's.
//!
//! Orphans are our own children, so their numbers cannot be given to others before we reap them:
//! ending them by number is safe.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::Rng as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, getpgrp, getpid, getrlimit, kill_process,
    kill_process_group, pidfd_open, set_child_subreaper, setrlimit, waitpid,
};

use super::environment::PROBE_VARIABLE;
use super::pid_of;

static FAMILY: Mutex<Option<Family>> = Mutex::new(None);

/// The mark of tools of our own, above any that begins with a process's number. Nobody can foresee
/// it, so that no probe can put it on. A countersign that is itself such a tool hands its own on:
/// the worker it starts may come to the service that started both. First asked for under the
/// family's lock, while this process carries no mark but that.
static TOOLS: LazyLock<u64> = LazyLock::new(|| match getrlimit(Resource::Locks).current {
    Some(mark) if mark >> 62 == 1 => mark,
    _ => 1 << 62 | rand::rng().next_u64() >> 2,
});

struct Family {
    /// The first process of each running probe.
    running: BTreeSet<u32>,
    /// Whether others have run beside each other since last none did: what hid from its marks then
    /// may be anybody's.
    mixed: bool,
    /// Children that somebody else in this process had before the first probe: never ours.
    foreign: BTreeSet<u32>,
    /// The limit as it was, and as we are to find it again.
    unmarked: Rlimit,
    next_mark: u64,
}

impl Family {
    fn lock() -> MutexGuard<'static, Option<Family>> {
        FAMILY.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn found() -> io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        // Other countersigns may run within our probes, or we in theirs: marks differ by process.
        let first_mark = u64::from(getpid().as_raw_nonzero().get().unsigned_abs()) << 32;
        Ok(Self {
            running: BTreeSet::new(),
            mixed: false,
            foreign: children().into_iter().collect(),
            unmarked: getrlimit(Resource::Locks),
            next_mark: first_mark,
        })
    }

    /// Starts a process that carries a mark of its own.
    fn spawn(&mut self, command: &mut Command) -> io::Result<(Child, Option<u64>)> {
        let mark = self.next_mark;
        self.next_mark += 1;
        let (child, is_marked) = spawn_marked(command, mark, self.unmarked)?;
        self.mixed |= !self.running.is_empty();
        self.running.insert(child.id());
        Ok((child, is_marked.then_some(mark)))
    }
}

/// Starts a process that carries a mark. Only under the family's lock: the limit that makes the
/// mark is this whole process's until it is put back.
fn spawn_marked(command: &mut Command, mark: u64, unmarked: Rlimit) -> io::Result<(Child, bool)> {
    let marked = Rlimit { current: Some(mark), maximum: unmarked.maximum };
    // Fails under a hard limit set by somebody; group and environment still tell.
    let is_marked = setrlimit(Resource::Locks, marked).is_ok();
    let child = command.spawn();
    if is_marked {
        setrlimit(Resource::Locks, unmarked)?;
    }
    Ok((child?, is_marked))
}

/// Starts a process of our own: neither it nor what it leaves behind is taken for a probe's.
pub(super) fn spawn_own(command: &mut Command) -> io::Result<Child> {
    let _family = Family::lock();
    spawn_marked(command, *TOOLS, getrlimit(Resource::Locks)).map(|(child, _)| child)
}

/// Runs a tool of our own and takes what it prints.
pub(super) fn output_of(command: &mut Command) -> io::Result<Output> {
    spawn_own(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?.wait_with_output()
}

/// How many processes were ended, and whether some would not end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Killed {
    pub(super) ended: usize,
    pub(super) survivors: bool,
}

/// A probe's first process and what it may be known by.
pub(super) struct Member {
    child: Child,
    pid: Pid,
    mark: Option<u64>,
    nonce: String,
}

impl Member {
    pub(super) fn spawn(command: &mut Command, nonce: &str) -> io::Result<Self> {
        let mut family = Family::lock();
        if family.is_none() {
            *family = Some(Family::found()?);
        }
        let family = family.as_mut().ok_or_else(|| io::Error::other("no family"))?;
        let (child, mark) = family.spawn(command)?;
        let pid = pid_of(child.id()).ok_or_else(|| io::Error::other("a process without a number"))?;
        Ok(Self { child, pid, mark, nonce: nonce.to_owned() })
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    pub(super) fn take_pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Ends everything in the probe's group. Only before the first process is reaped: then the
    /// group's number is nobody else's.
    pub(super) fn kill_group(&self) {
        let _ = kill_process_group(self.pid, Signal::KILL);
    }

    /// Asks everything in the probe's group to end by itself. As for [`Member::kill_group`].
    pub(super) fn ask_group_to_end(&self) {
        let _ = kill_process_group(self.pid, Signal::TERM);
    }

    /// Waits for the first process to end, without reaping it.
    pub(super) fn wait_first(&self, limit: Duration) -> bool {
        wait_gone(self.pid, limit)
    }

    /// Processes of this probe that are still alive without a parent of their own. Reaps those
    /// that are not.
    pub(super) fn orphans(&self) -> Vec<Pid> {
        // Read twice: the kernel may skip one while another is being reaped elsewhere.
        let mut listed = orphans_of_all();
        if listed.len() > 1 {
            listed.extend(orphans_of_all());
        }
        listed.sort_unstable();
        listed.dedup();
        let suspects: Vec<u32> = {
            let family = Family::lock();
            let running = family.as_ref().map(|family| &family.running);
            listed.into_iter().filter(|pid| !running.is_some_and(|running| running.contains(pid))).collect()
        };
        suspects.into_iter().filter(|pid| self.owns(*pid)).filter_map(pid_of).filter(is_alive).collect()
    }

    /// Ends all orphans, and what becomes an orphan by that.
    pub(super) fn kill_orphans(&self, limit: Duration) -> Killed {
        kill_until_none(limit, || self.orphans())
    }

    /// The probe is over: reaps its first process and, where no other probe runs, ends whatever
    /// hid from it.
    pub(super) fn leave(mut self, first_gone: bool) -> (Option<ExitStatus>, Killed) {
        let mut guard = Family::lock();
        // Under the lock: once reaped, the number may be given to the next probe.
        let status = if first_gone { self.child.wait().ok() } else { None };
        let Some(family) = guard.as_mut() else { return (status, Killed::default()) };
        family.running.remove(&self.child.id());
        if !family.running.is_empty() {
            return (status, Killed::default());
        }
        // Nobody can start a probe while the lock is held, so every child in question is a stray.
        let own_group = getpgrp().as_raw_nonzero().get();
        let own_mark = family.unmarked.current;
        let foreign = &family.foreign;
        let alone = !std::mem::take(&mut family.mixed);
        let killed = kill_until_none(super::KILL_LIMIT, || {
            let strays = orphans_of_all().into_iter().filter(|pid| !foreign.contains(pid));
            // Whoever else starts a process from here shares our group and carries no mark.
            let strays = strays.filter(|pid| match lock_limit_of(*pid) {
                Some(mark) if mark == Some(*TOOLS) => false,
                mark => {
                    group_of(*pid).is_some_and(|group| group != own_group)
                        || mark.is_some_and(|mark| mark != own_mark)
                }
            });
            strays.filter_map(pid_of).filter(is_alive).collect()
        });
        // Another's must not be held against this one.
        (status, if alone { killed } else { Killed { ended: 0, ..killed } })
    }

    fn owns(&self, pid: u32) -> bool {
        group_of(pid) == Some(self.pid.as_raw_nonzero().get())
            || (self.mark.is_some() && lock_limit_of(pid) == Some(self.mark))
            || names_probe(pid, &self.nonce)
    }
}

fn kill_until_none(limit: Duration, find: impl Fn() -> Vec<Pid>) -> Killed {
    let until = Instant::now() + limit;
    let mut ended = BTreeSet::new();
    loop {
        let found = find();
        if found.is_empty() {
            return Killed { ended: ended.len(), survivors: false };
        }
        for pid in &found {
            let _ = kill_process(*pid, Signal::KILL);
        }
        for pid in found {
            let left = until.saturating_duration_since(Instant::now());
            if !wait_gone(pid, left) {
                return Killed { ended: ended.len(), survivors: true };
            }
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            ended.insert(pid.as_raw_nonzero());
        }
    }
}

/// Whether a child is still alive; one that is not is reaped.
fn is_alive(pid: &Pid) -> bool {
    matches!(waitpid(Some(*pid), WaitOptions::NOHANG), Ok(None))
}

fn wait_gone(pid: Pid, limit: Duration) -> bool {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return true };
    let until = Instant::now() + limit;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&process, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// The numbers of children that came to this process when their parents died. Those come to its
/// first thread, as long as that lives, so the lists of the others need not be read: with many
/// threads that would cost more than all else.
fn orphans_of_all() -> Vec<u32> {
    let own = getpid().as_raw_nonzero().get();
    match fs::read_to_string(format!("/proc/self/task/{own}/children")) {
        Ok(list) => list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect(),
        Err(_) => children(),
    }
}

/// The numbers of this process's children.
fn children() -> Vec<u32> {
    let mut found = Vec::new();
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return found };
    for thread in threads.flatten() {
        match fs::read_to_string(thread.path().join("children")) {
            Ok(list) => found.extend(list.split_ascii_whitespace().filter_map(|pid| pid.parse::<u32>().ok())),
            // The thread has ended meanwhile, or the kernel keeps no such lists.
            Err(_) if thread.path().exists() => return children_by_search(),
            Err(_) => {}
        }
    }
    found
}

/// The slow way, for kernels without lists of children.
fn children_by_search() -> Vec<u32> {
    let own = getpid().as_raw_nonzero().get();
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    all.flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| stat_field(*pid, 1) == Some(own))
        .collect()
}

fn group_of(pid: u32) -> Option<i32> {
    stat_field(pid, 2)
}

/// A field of `/proc/PID/stat`, counted after the name (which may hold anything): 1 is the
/// parent, 2 the group.
fn stat_field(pid: u32, field: usize) -> Option<i32> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    std::str::from_utf8(&stat[after_name..]).ok()?.split_ascii_whitespace().nth(field)?.parse().ok()
}

/// The soft limit on file locks; the inner `None` means unlimited.
pub(super) fn lock_limit_of(pid: u32) -> Option<Option<u64>> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max file locks"))?;
    let soft = line.split_ascii_whitespace().next()?;
    Some(soft.parse().ok())
}

fn names_probe(pid: u32, nonce: &str) -> bool {
    names_probe_where(pid, |name| name == nonce.as_bytes())
}

/// Whether a process belongs to a run with such a name.
pub(super) fn names_probe_where(pid: u32, is_it: impl Fn(&[u8]) -> bool) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
        environment.split(|byte| *byte == 0).any(|variable| {
            variable
                .strip_prefix(PROBE_VARIABLE.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="))
                .is_some_and(|value| value.split(|byte| *byte == b'/').any(&is_it))
        })
    })
}
