//! Starting a worker that goes on by itself: a process of its own, in a group of its own, that
//! reads nothing and whose words go into a file of the store's folder.
//!
//! What it does there is a dispatcher's business, and so is what it leaves when it is killed. Here
//! is only how it begins.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use model::commons::Process;
use model::ids::{AgentId, SessionId};
use rustix::fs::{FlockOperation, flock};

use super::worktree::safe_name;
use crate::{presence, process};

/// Where their words lie, below the store's folder.
const FOLDER: &str = "spawned";
/// Held while one is being started.
const LOCK: &str = "lock";

/// The right to start one: whoever else wants to waits, and then sees what was started meanwhile.
#[derive(Debug)]
pub struct Turn {
    _lock: File,
    folder: PathBuf,
}

/// What is to be started.
#[derive(Debug)]
pub struct Worker<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [OsString],
    /// The folder it is started in.
    pub folder: &'a Path,
    /// Variables it must not inherit.
    pub without: &'a [&'a str],
}

/// What became of it.
#[derive(Debug)]
pub enum Begun {
    /// It runs.
    Running(Process),
    /// It has ended already.
    Ended(ExitStatus),
}

impl Turn {
    /// Waits for the right to start a worker on this store.
    pub fn wait(store: &Path) -> io::Result<Self> {
        let store = store.canonicalize().unwrap_or_else(|_| store.to_owned());
        let folder = store.join(FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        Ok(Self { _lock: lock, folder })
    }

    /// Where the words of an agent's worker in a session lie.
    pub fn log(&self, session: &SessionId, agent: &AgentId) -> PathBuf {
        self.folder.join(log_name(session, agent))
    }

    /// Starts a worker. Its words take the place of those of the one before it.
    pub fn start(&self, worker: &Worker<'_>, log: &Path) -> io::Result<Begun> {
        let words = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(log)?;
        // It may lie there from a time when somebody let others read it.
        fs::set_permissions(log, fs::Permissions::from_mode(0o600))?;
        let mut command = Command::new(worker.program);
        command
            .args(worker.arguments)
            .current_dir(worker.folder)
            .stdin(Stdio::null())
            .stdout(words.try_clone()?)
            .stderr(words)
            .process_group(0);
        for name in worker.without {
            command.env_remove(name);
        }
        let mut child = process::spawn_own(&mut command)?;
        match presence::process(child.id()) {
            Some(process) => Ok(Begun::Running(process)),
            None => Ok(Begun::Ended(child.wait()?)),
        }
    }
}

/// Where the words of an agent's worker in a session lie, in a store's folder.
pub fn log_of(store: &Path, session: &SessionId, agent: &AgentId) -> PathBuf {
    store.join(FOLDER).join(log_name(session, agent))
}

fn log_name(session: &SessionId, agent: &AgentId) -> String {
    format!("{}.{}.log", safe_name(session.as_str()), safe_name(agent.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_worker_runs_in_a_group_of_its_own_and_its_words_are_its_owners_alone() {
        let scratch = Scratch::new("spawning");
        let turn = Turn::wait(scratch.path()).unwrap();
        let log = turn.log(&SessionId::new("s/1").unwrap(), &AgentId::new("smith").unwrap());
        // The group is the fifth field behind the name; a process that leads its own has its number there.
        let says = "read -r line; echo \"got ${line:-nothing}\"; echo \"$COUNTERSIGN_AGENT\"; \
                    [ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ] && echo alone; exec sleep 600";
        let arguments = ["-c".into(), says.into()];
        let worker = Worker {
            program: Path::new("/bin/sh"),
            arguments: &arguments,
            folder: scratch.path(),
            without: &["COUNTERSIGN_AGENT"],
        };
        let Begun::Running(process) = turn.start(&worker, &log).unwrap() else { panic!("it has ended") };
        assert!(presence::is_alive(&process));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !fs::read_to_string(&log).unwrap().contains("alone") {
            assert!(std::time::Instant::now() < until, "{:?}", fs::read_to_string(&log));
            std::thread::yield_now();
        }
        assert_eq!(fs::read_to_string(&log).unwrap(), "got nothing\n\nalone\n");
        assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
        let pid = rustix::process::Pid::from_raw(i32::try_from(process.pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        while presence::is_alive(&process) {
            assert!(std::time::Instant::now() < until, "it does not end");
            std::thread::yield_now();
        }
    }

    #[test]
    fn only_one_at_a_time_starts_workers() {
        let scratch = Scratch::new("turns");
        let first = Turn::wait(scratch.path()).unwrap();
        let lock = File::open(first.folder.join(LOCK)).unwrap();
        assert!(flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err());
        drop(first);
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    }
}
