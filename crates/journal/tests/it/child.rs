//! Other processes: this test binary started again, told by its environment what to be. They talk
//! to the test through their standard error, which the test harness leaves alone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

const ROLE: &str = "JOURNAL_TEST_ROLE";
const STORE: &str = "JOURNAL_TEST_STORE";
const NUMBER: &str = "JOURNAL_TEST_NUMBER";

/// What another process is started as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// Writes many entries together with its rivals.
    Rival,
    /// Sends the request that all others send too.
    Echo,
    /// Writes numbered entries until it is killed.
    Victim,
    /// Holds the store's write lock until it is told to go.
    Holder,
    /// Reads a store that it may not write.
    Reader,
}

const ROLES: [(Role, &str); 5] = [
    (Role::Rival, "rival"),
    (Role::Echo, "echo"),
    (Role::Victim, "victim"),
    (Role::Holder, "holder"),
    (Role::Reader, "reader"),
];

/// What the other process knows of itself.
pub(crate) struct Me {
    /// The store's folder.
    pub(crate) store: PathBuf,
    /// Which of many it is, or where it begins.
    pub(crate) number: u64,
}

impl Me {
    /// Tells the test something.
    pub(crate) fn tell(&self, line: &str) {
        std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Waits until the test lets it go on.
    pub(crate) fn wait(&self) {
        let _ = std::io::stdin().read(&mut [0]).unwrap();
    }
}

/// The other processes begin here; in the test's own process nothing happens.
#[test]
fn other_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let store = PathBuf::from(std::env::var_os(STORE).unwrap());
    let me = Me { store, number: std::env::var(NUMBER).unwrap().parse().unwrap() };
    match ROLES.iter().find(|(_, name)| *name == role).unwrap().0 {
        Role::Rival => crate::race::rival(&me),
        Role::Echo => crate::race::echo(&me),
        Role::Victim => crate::crash::victim(&me),
        Role::Holder => crate::race::holder(&me),
        Role::Reader => crate::refused::reader(&me),
    }
}

/// Another process, killed when it goes out of scope.
pub(crate) struct Other {
    child: Child,
    lines: BufReader<ChildStderr>,
}

impl Other {
    /// Starts one.
    pub(crate) fn start(role: Role, store: &Path, number: u64) -> Self {
        Self::spawn(Command::new(std::env::current_exe().unwrap()), role, store, number)
    }

    /// Starts one that no permission is waived for, also where the test itself runs as root. It is
    /// a copy of this program, which may lie where only its owner looks.
    pub(crate) fn start_as_nobody(role: Role, store: &Path) -> Self {
        const NOBODY: u32 = 65_534;
        let program = store.with_extension("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let mut command = Command::new(&program);
        command.current_dir(store);
        if std::fs::write(store.join("probe"), "").is_ok() {
            std::fs::remove_file(store.join("probe")).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
        Self::spawn(command, role, store, 0)
    }

    fn spawn(mut command: Command, role: Role, store: &Path, number: u64) -> Self {
        let name = ROLES.iter().find(|(known, _)| *known as u8 == role as u8).unwrap().1;
        let mut child = command
            .args(["--exact", "child::other_process", "--nocapture", "--test-threads=1"])
            .env(ROLE, name)
            .env(STORE, store)
            .env(NUMBER, number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        Self { child, lines }
    }

    /// The next line it tells; `None` once it is gone.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).unwrap();
        // A process that was killed may leave half a line.
        (read > 0 && line.ends_with('\n')).then(|| line.trim_end().to_owned())
    }

    /// Waits for a line that begins with a word and gives the rest of it.
    pub(crate) fn expect(&mut self, word: &str) -> String {
        let line = self.line();
        let Some(rest) = line.as_deref().and_then(|line| line.strip_prefix(word)) else {
            panic!("expected `{word}`, got {line:?} {}", self.rest().join("\n"));
        };
        rest.trim_start().to_owned()
    }

    /// Everything else it tells until it is gone.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.line()).collect()
    }

    /// Lets it go on.
    pub(crate) fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"!").unwrap();
    }

    /// Kills it, with the signal that nobody can handle.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
