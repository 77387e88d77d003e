//! Commands of probes and of agents: run in a folder, watched, and cleared away to the last process.
//!
//! A command gets its own process group, a clean environment and a time limit, and no input but a
//! file. Its output is redacted as it arrives and kept up to a limit. However it ends, nothing it started
//! stays behind: children that left its group, its session and even their parents come back to
//! this process, which is their reaper, and are found and ended there (see [`family`]).
//!
//! Knows nothing of checks and plans: it says how a command ended, not what that means. Blocking,
//! with one thread per running command; start reading at [`run`].

mod cancel;
mod capture;
mod environment;
mod family;
mod left_over;

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

pub use cancel::Cancel;
use capture::Capture;
pub use capture::{KEPT_AT_EACH_END, OUTPUT_LIMIT};
pub use environment::{ALLOWED, ALLOWED_PREFIXES, Environment, PROBE_VARIABLE};
use family::Member;
pub use left_over::end_left_over;

use crate::redact::Redactor;

/// How long processes that outlive the command may take to end by themselves.
const GRACE: Duration = Duration::from_millis(250);
/// How long ending a command's processes may take before it is reported as impossible.
const KILL_LIMIT: Duration = Duration::from_secs(5);
/// How long output is read after the last process is gone.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);

/// What is started.
#[derive(Debug, Clone, Copy)]
pub enum Program<'a> {
    /// Text given to `sh -c`.
    Shell(&'a str),
    /// A program by its full path, and its arguments.
    Plain(&'a Path, &'a [String]),
}

/// What to run, where and how.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// What is started.
    pub program: Program<'a>,
    /// The folder to run in.
    pub folder: &'a Path,
    /// What it reads on standard input; nothing where there is none.
    pub input: Option<&'a Path>,
    /// After this long everything is ended.
    pub timeout: Duration,
    /// Between asking it to end (`SIGTERM`) and ending it; zero: it is not asked.
    pub grace: Duration,
    /// The variables it sees.
    pub environment: &'a Environment,
    /// Variables it sees besides.
    pub variables: &'a [(String, String)],
    /// Names this run, different for each.
    pub nonce: &'a str,
    /// Takes secrets out of the output.
    pub redactor: &'a Redactor,
    /// Ends it early.
    pub cancel: &'a Cancel,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with a status.
    Exited(i32),
    /// By a signal.
    Signalled(i32),
    /// It took too long and was ended.
    TimedOut,
    /// Somebody asked for it to be ended.
    Cancelled,
    /// It printed more than [`OUTPUT_LIMIT`] and was ended.
    TooMuchOutput,
    /// It never began.
    NotStarted(String),
}

/// What came of running a command.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub ending: Ending,
    /// How many processes it left behind; all of them have been ended.
    pub left_behind: usize,
    /// Whether some of its processes could not be ended.
    pub survivors: bool,
    /// The end of what it printed on standard output, as it came: for reading numbers, never to
    /// be stored.
    pub stdout_tail: Vec<u8>,
    /// Everything it printed, redacted; the middle is left out where it is long.
    pub output: Vec<u8>,
    /// Wall-clock time it took.
    pub elapsed: Duration,
}

/// Runs a command and waits until it and all it started are gone.
pub fn run(order: &Order<'_>) -> Ran {
    run_following(order, &mut |_| {})
}

/// The same, and shows each piece of its standard output as it comes, secrets and all.
pub fn run_following(order: &Order<'_>, follow: &mut dyn FnMut(&[u8])) -> Ran {
    let started = Instant::now();
    let mut capture = Capture::new(order.redactor, follow);
    let (ending, cleared) = match Running::start(order) {
        Ok(running) => running.see_through(order, started, &mut capture),
        Err(fault) => (Ending::NotStarted(fault.to_string()), Cleared::default()),
    };
    let (output, stdout_tail) = capture.finish();
    Ran {
        ending,
        left_behind: cleared.left_behind,
        survivors: cleared.survivors,
        stdout_tail,
        output,
        elapsed: started.elapsed(),
    }
}

/// Runs a tool of our own, such as git, and takes what it prints. While probes may be running, no
/// other way is safe: they would take it for one of theirs.
pub fn output_of(command: &mut Command) -> io::Result<Output> {
    family::output_of(command)
}

/// Starts a process of our own that may outlive this one, such as a worker. As for [`output_of`].
pub fn spawn_own(command: &mut Command) -> io::Result<Child> {
    family::spawn_own(command)
}

#[derive(Debug, Clone, Copy, Default)]
struct Cleared {
    left_behind: usize,
    survivors: bool,
}

struct Running {
    member: Member,
    stdout: Option<std::process::ChildStdout>,
    stderr: Option<std::process::ChildStderr>,
}

impl Running {
    fn start(order: &Order<'_>) -> io::Result<Self> {
        // By their full names: looking them up in a changed PATH would cost the fast way to start.
        let mut command = match order.program {
            Program::Shell(text) => {
                let mut shell = Command::new("/bin/sh");
                shell.arg("-c").arg(text);
                shell
            }
            Program::Plain(program, arguments) => {
                let mut plain = Command::new(program);
                plain.args(arguments);
                plain
            }
        };
        let input = order.input.map(File::open).transpose()?;
        command
            .current_dir(order.folder)
            .env_clear()
            .envs(order.environment.for_probe(order.nonce))
            .envs(order.variables.iter().map(|(name, value)| (name, value)))
            .stdin(input.map_or_else(Stdio::null, Stdio::from))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut member = Member::spawn(&mut command, order.nonce)?;
        let (stdout, stderr) = member.take_pipes();
        Ok(Self { member, stdout, stderr })
    }

    fn see_through(
        mut self,
        order: &Order<'_>,
        started: Instant,
        capture: &mut Capture<'_>,
    ) -> (Ending, Cleared) {
        let deadline = started.checked_add(order.timeout);
        let early = match self.watch(deadline, order.cancel, capture) {
            Ok(early) => early,
            Err(fault) => Some(Ending::NotStarted(format!("it cannot be watched: {fault}"))),
        };
        if early.is_some() {
            self.ask_to_end(order.grace, capture);
            self.member.kill_group();
        }
        // The first process is gone but not yet reaped, so its group's number is still its own.
        let first_gone = self.member.wait_first(KILL_LIMIT);
        let mut cleared = Cleared::default();
        if early.is_none() {
            self.await_stragglers(capture);
            cleared.left_behind = self.member.orphans().len();
        }
        self.member.kill_group();
        let killed = self.member.kill_orphans(KILL_LIMIT);
        self.drain(capture);
        let (status, hidden) = self.member.leave(first_gone);
        if early.is_none() {
            cleared.left_behind = cleared.left_behind.max(killed.ended) + hidden.ended;
        }
        cleared.survivors = killed.survivors || hidden.survivors || !first_gone;
        let ending = early.unwrap_or_else(|| match status {
            Some(status) => match (status.code(), status.signal()) {
                (Some(code), _) => Ending::Exited(code),
                (None, signal) => Ending::Signalled(signal.unwrap_or_default()),
            },
            None => Ending::NotStarted("its exit status was lost".to_owned()),
        });
        (ending, cleared)
    }

    /// Reads output until the first process ends; says so where it has to be ended instead.
    fn watch(
        &mut self,
        deadline: Option<Instant>,
        cancel: &Cancel,
        capture: &mut Capture<'_>,
    ) -> io::Result<Option<Ending>> {
        let process = pidfd_open(self.member.pid(), PidfdFlags::empty())?;
        loop {
            let ready = self.poll(&[process.as_fd(), cancel.as_fd()], deadline)?;
            let Some(ready) = ready else { return Ok(Some(Ending::TimedOut)) };
            self.read(ready, capture);
            if capture.is_over_limit() {
                return Ok(Some(Ending::TooMuchOutput));
            }
            if ready.others[0] {
                return Ok(None);
            }
            if ready.others[1] {
                return Ok(Some(Ending::Cancelled));
            }
        }
    }

    /// Asks everything in the group to end by itself, and gives the first process some time for it.
    fn ask_to_end(&mut self, grace: Duration, capture: &mut Capture<'_>) {
        if grace.is_zero() {
            return;
        }
        self.member.ask_group_to_end();
        let Ok(process) = pidfd_open(self.member.pid(), PidfdFlags::empty()) else { return };
        let until = Instant::now().checked_add(grace);
        while let Ok(Some(ready)) = self.poll(&[process.as_fd()], until) {
            if ready.others[0] || capture.is_over_limit() {
                return;
            }
            self.read(ready, capture);
        }
    }

    /// Gives what outlived the first process a moment to end by itself.
    fn await_stragglers(&mut self, capture: &mut Capture<'_>) {
        let until = Instant::now().checked_add(GRACE);
        while let Some(pid) = self.member.orphans().first().copied() {
            let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { break };
            loop {
                match self.poll(&[process.as_fd()], until) {
                    Ok(Some(ready)) if !capture.is_over_limit() => {
                        self.read(ready, capture);
                        if ready.others[0] {
                            break;
                        }
                    }
                    _ => return,
                }
            }
        }
    }

    /// Reads what is still in the pipes. Somebody outside may hold them open for ever.
    fn drain(&mut self, capture: &mut Capture<'_>) {
        let limit = Instant::now() + DRAIN_LIMIT;
        while (self.stdout.is_some() || self.stderr.is_some()) && Instant::now() < limit {
            match self.poll(&[], Some(Instant::now())) {
                Ok(Some(ready)) if !capture.is_over_limit() => self.read(ready, capture),
                _ => return,
            }
        }
    }

    /// Waits for output or one of the others; `None` when the time is up.
    fn poll(&self, others: &[BorrowedFd<'_>], until: Option<Instant>) -> io::Result<Option<Ready>> {
        let mut fds: Vec<PollFd<'_>> =
            others.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
        fds.extend(self.stdout.iter().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        fds.extend(self.stderr.iter().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let timeout = left.and_then(|left| Timespec::try_from(left).ok());
            match poll(&mut fds, timeout.as_ref()) {
                Ok(0) => return Ok(None),
                Ok(_) => break,
                Err(rustix::io::Errno::INTR) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = || ready.next().unwrap_or(false);
        let mut flags = [false; 2];
        for flag in flags.iter_mut().take(others.len()) {
            *flag = next();
        }
        Ok(Some(Ready {
            others: flags,
            stdout: self.stdout.is_some() && next(),
            stderr: self.stderr.is_some() && next(),
        }))
    }

    fn read(&mut self, ready: Ready, capture: &mut Capture<'_>) {
        if ready.stdout && !read_some(&mut self.stdout, |bytes| capture.stdout(bytes)) {
            self.stdout = None;
        }
        if ready.stderr && !read_some(&mut self.stderr, |bytes| capture.stderr(bytes)) {
            self.stderr = None;
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Ready {
    others: [bool; 2],
    stdout: bool,
    stderr: bool,
}

/// Reads once from a pipe that is ready; says whether there may be more.
fn read_some(pipe: &mut Option<impl Read>, mut keep: impl FnMut(&[u8])) -> bool {
    let mut buffer = [0u8; 64 * 1024];
    let Some(pipe) = pipe else { return false };
    match pipe.read(&mut buffer) {
        Ok(0) => false,
        Ok(length) => {
            keep(&buffer[..length]);
            true
        }
        Err(fault) => fault.kind() == io::ErrorKind::Interrupted,
    }
}

/// A process's number as the system calls want it.
fn pid_of(number: u32) -> Option<Pid> {
    i32::try_from(number).ok().and_then(Pid::from_raw)
}
