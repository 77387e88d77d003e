//! Runs the binary in a folder of its own, with a bare environment, and shows what came of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::store::{Fixture, Place, Store};

/// A folder that nobody else uses; it is removed with the value.
pub(crate) struct Desk {
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

/// What came of one call.
pub(crate) struct Came {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("countersign-it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("the system's temporary folder can be written");
        // macOS and some Linux set-ups have links in the path of the temporary folder.
        let folder = folder.canonicalize().expect("it was made a line above");
        Self { folder, variables: Vec::new() }
    }

    /// Writes a file below the folder.
    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(name, text);
        self
    }

    /// Writes a file below the folder.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above).expect("folders can be made in a temporary folder");
        }
        std::fs::write(path, text).expect("files can be written in a temporary folder");
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// A file below the folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).expect("the file is there")
    }

    /// Whether a path below the folder is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Lets a file below the folder be run.
    pub(crate) fn executable(&self, name: &str) {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.folder.join(name), mode).expect("the file was written by this test");
    }

    /// The bytes of a file below the folder.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).expect("the file is there")
    }

    /// Every file below a folder below the folder, by name.
    pub(crate) fn files(&self, below: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![below.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(self.folder.join(&folder)).expect("the folder is there") {
                let entry = entry.expect("the folder can be read");
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() { folders.push(name) } else { found.push(name) }
            }
        }
        found
    }

    /// Sets a variable for every later call.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a variable anew.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Folds the journal's log into the database, so that all there is lies in one file.
    pub(crate) fn fold(&self) {
        let place = Place::of(self.folder.join(".countersign"));
        drop(Store::open_to_write(&place, Fixture::default()).expect("the store can be opened"));
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Calls the program with arguments written as in a shell.
    pub(crate) fn run(&self, line: &str) -> Came {
        self.call(&words(line), None)
    }

    /// The program with a line of arguments, not started yet.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = self.program();
        command.args(words(line));
        command
    }

    /// The program in this folder, with a bare environment.
    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("USER", "casey")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_CEILING_DIRECTORIES", self.folder.parent().unwrap_or(Path::new("/")))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Calls the program with these arguments.
    pub(crate) fn call<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S], input: Option<&str>) -> Came {
        use std::io::Write;
        let mut command = self.program();
        command
            .args(arguments)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary was built for this test");
        if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
            // A program that refuses its arguments need not read its input.
            let _ = pipe.write_all(input.as_bytes());
        }
        let output = child.wait_with_output().expect("the binary ends by itself");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        let came = Came {
            exit: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        let verb =
            arguments.iter().filter_map(|word| word.as_ref().to_str()).find(|word| verbs().contains(word));
        came.keeps_the_house_rules(verb);
        came
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What is left behind is the system's to clear away.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Came {
    /// Exit status and both streams, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("exit {}\n", self.exit);
        for (name, stream) in [("out", &self.out), ("err", &self.err)] {
            if !stream.is_empty() {
                text.push_str(&format!("--- {name}\n{stream}"));
                if !stream.ends_with('\n') {
                    text.push_str("⏎\n");
                }
            }
        }
        text
    }

    /// What was printed, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.shown()))
    }

    /// What was refused, as JSON.
    pub(crate) fn error(&self) -> serde_json::Value {
        let line = self.err.lines().find(|line| line.starts_with("{\"error\":"));
        let line = line.unwrap_or_else(|| panic!("no error in JSON: {}", self.shown()));
        serde_json::from_str(line).expect("the line is JSON")
    }

    /// The code in brackets after `error`, in either shape.
    pub(crate) fn code(&self) -> Option<String> {
        self.err.lines().find_map(|line| {
            let text = line.strip_prefix("error[").and_then(|rest| rest.split(']').next()).map(str::to_owned);
            text.or_else(|| {
                let json: serde_json::Value = serde_json::from_str(line).ok()?;
                Some(json.get("error")?.get("code")?.as_str()?.to_owned())
            })
        })
    }

    /// Demands success.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.exit, 0, "{}", self.shown());
        self
    }

    /// Rules that hold whatever was asked: no innards in the output, and no code that the verb
    /// does not own up to in `help --json`.
    fn keeps_the_house_rules(&self, verb: Option<&str>) {
        for inner in
            ["panicked at", "stack backtrace", "RUST_BACKTRACE", "Option::unwrap", "Err(", "::core::"]
        {
            assert!(
                !self.err.contains(inner) && !self.out.contains(inner),
                "shows `{inner}`: {}",
                self.shown()
            );
        }
        let Some(code) = self.code() else { return };
        let known = model::refusal::code(&code).unwrap_or_else(|| panic!("unknown code: {}", self.shown()));
        assert_eq!(i32::from(known.exit), self.exit, "{}", self.shown());
        let Some(verb) = verb else { return };
        let listed = app::cli::commands::VERBS
            .iter()
            .find(|known| known.name == verb)
            .is_some_and(|known| known.all_codes().contains(&code.as_str()));
        assert!(
            listed,
            "`{verb}` ended with `{code}`, which its registry line does not list: {}",
            self.shown()
        );
    }
}

fn verbs() -> &'static BTreeSet<&'static str> {
    static NAMES: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| app::cli::commands::VERBS.iter().map(|verb| verb.name).collect())
}

/// Splits a line at spaces; single quotes keep words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// Compares with what stands in the test; shows both where they differ.
#[track_caller]
pub(crate) fn expect(found: &str, wanted: &str) {
    assert!(found == wanted, "found:\n{found}\nwanted:\n{wanted}");
}
