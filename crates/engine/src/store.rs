//! The store: the folder `.countersign/` with the journal in it, or a server that has it. Finding it,
//! making it, opening it, reaching it.
//!
//! Reading never makes one. Sibling worktrees of a git repository share the one of the main
//! worktree, unless they have their own.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use journal::{Access, Options, Sqlite, facts, file_fault};
use model::access::Bearer;
use model::fault::Fault;
use model::refusal::{CONFIG_INVALID, Refusal, STORE_NOT_FOUND, STORE_REMOTE};

use crate::clock::{Clock, FixedClock, SkewedClock, SystemClock};
use crate::desk::{Denied, LocalDesk};
use crate::ids::{RandomIds, random_hex};
use crate::remote::{Hello, LANGUAGE, Server, Wire};
use crate::sync::fault::Faults;
use crate::sync::file::DocumentFiles;

/// The store's folder.
pub const FOLDER: &str = ".countersign";

/// The fact that salts the marks of redacted secrets.
const SALT: &str = "salt";

/// Names the fault point at which a test wants the program to end.
const FAULT: &str = "COUNTERSIGN_FAULT";

/// Stands for the place of a document that lies on another machine. Nothing is ever put there.
const ELSEWHERE: &str = "elsewhere";

/// What the folder tells git about itself.
const IGNORE: &str = "# The journal belongs to this machine; share plans and lock files instead.\n*\n";

/// A fixed time and a seed: believed only by stores that were made for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fixture {
    /// The time.
    pub now: Option<Timestamp>,
    /// Decides every id.
    pub seed: Option<u64>,
}

impl Fixture {
    fn is_empty(&self) -> bool {
        self.now.is_none() && self.seed.is_none()
    }
}

/// An open store.
pub struct Store {
    folder: PathBuf,
    desk: Arc<LocalDesk>,
    test: bool,
    /// Whether the clock is the system's.
    timely: bool,
    /// Whether the clock stands still.
    still: bool,
    faults: Faults,
    files: DocumentFiles,
}

/// Where a store is, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The store's folder. Of a store behind a server: the folder that would be it here, beside which
    /// the documents lie and in which what is not for others is kept.
    pub folder: PathBuf,
    /// Whether there is one. Of a server nobody asked yet, so it is taken for granted.
    pub exists: bool,
    /// The URL of the server that has the store.
    pub server: Option<String>,
}

impl Place {
    /// Looks for the store: the one that was named, else the nearest one upwards from `from`, else
    /// the main worktree's. Where there is none yet: at the top of the repository around `beside`,
    /// outside git in `beside` itself.
    pub fn find(named: Option<&str>, from: &Path, beside: &Path) -> Result<Self, Refusal> {
        if let Some(named) = named {
            return Self::named(named, from);
        }
        let at = |top: &Path| top.join(FOLDER);
        if let Some(top) = from.ancestors().find(|top| holds_store(&at(top))) {
            return Ok(Self::of(at(top)));
        }
        let main = main_worktree(from);
        if let Some(main) = main.filter(|main| holds_store(&at(main))) {
            return Ok(Self::of(at(&main)));
        }
        let top = main_worktree(beside).unwrap_or_else(|| beside.to_owned());
        Ok(Self::of(at(&top)))
    }

    /// A folder of this machine.
    pub fn of(folder: PathBuf) -> Self {
        Self { exists: holds_store(&folder), folder, server: None }
    }

    fn named(named: &str, from: &Path) -> Result<Self, Refusal> {
        if let Some((scheme, _)) = named.split_once("://") {
            if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
                return Err(Refusal::new(
                    CONFIG_INVALID,
                    format!("a store behind `{scheme}://` cannot be reached by this version"),
                )
                .hint("name a folder, such as `--store .countersign`, or a server, such as `--store http://127.0.0.1:8420`"));
            }
            let top = main_worktree(from).unwrap_or_else(|| from.to_owned());
            return Ok(Self { folder: top.join(FOLDER), exists: true, server: Some(named.to_owned()) });
        }
        let path = from.join(named);
        let inside = path.join(FOLDER);
        Ok(Self::of(if !holds_store(&path) && holds_store(&inside) { inside } else { path }))
    }
}

fn holds_store(folder: &Path) -> bool {
    folder.join(journal::sqlite::DATABASE).exists()
}

/// The top of the main worktree of the repository around a folder; nothing outside git.
///
/// A linked worktree has a file `.git` that names its own part of the repository, and that names
/// what all of them have in common. Only these files are read; git is not asked.
pub fn main_worktree(from: &Path) -> Option<PathBuf> {
    let top = from.ancestors().find(|top| top.join(".git").exists())?;
    let git = top.join(".git");
    if git.is_dir() {
        return Some(top.to_owned());
    }
    let text = fs::read_to_string(&git).ok()?;
    let own = top.join(text.strip_prefix("gitdir:")?.trim());
    let Ok(common) = fs::read_to_string(own.join("commondir")) else {
        // A submodule: a repository of its own.
        return Some(top.to_owned());
    };
    let common = own.join(common.trim()).canonicalize().ok()?;
    match common.file_name() {
        Some(name) if name == ".git" => common.parent().map(Path::to_owned),
        // A bare repository has no main worktree to put a store into.
        _ => Some(top.to_owned()),
    }
}

impl Store {
    /// Opens a store for reading: nothing is made or changed.
    pub fn open(place: &Place, fixture: Fixture) -> Result<Self, Fault> {
        Self::with(place, Access::Read, fixture)
    }

    /// Opens a store for writing.
    pub fn open_to_write(place: &Place, fixture: Fixture) -> Result<Self, Fault> {
        Self::with(place, Access::Write, fixture)
    }

    /// Opens a store for writing; makes it where there is none.
    pub fn create(place: &Place, fixture: Fixture) -> Result<Self, Fault> {
        Self::make(place, false, fixture)
    }

    /// Makes a store for tests: it believes a fixture, and every report says so.
    pub fn create_for_tests(place: &Place, fixture: Fixture) -> Result<Self, Fault> {
        Self::make(place, true, fixture)
    }

    /// Reaches a store behind a server; `place` is where its client is.
    pub fn reach(place: &Place, wire: Box<dyn Wire>, fixture: Fixture) -> Result<Self, Denied> {
        let server = Arc::new(Server::greet(wire)?);
        let hello = server.hello();
        if !hello.test && !fixture.is_empty() {
            return Err(not_for_tests().into());
        }
        let (test, still) = (hello.test, hello.still);
        let clock: Box<dyn Clock> = match hello.still {
            true => Box::new(FixedClock::at(hello.now)),
            false => Box::new(SkewedClock::showing(hello.now)),
        };
        let ids = match fixture.seed {
            Some(seed) => RandomIds::from_seed(seed.wrapping_add(hello.position)),
            None => RandomIds::from_system(),
        };
        let desk = LocalDesk::before(server, clock, Box::new(ids));
        Ok(Self {
            folder: place.folder.clone(),
            desk: Arc::new(desk),
            test,
            // Times on record are the server's, those of files this machine's.
            timely: false,
            still,
            faults: faults(test),
            files: DocumentFiles::default(),
        })
    }

    /// Who the server is that serves this store, told to a client. `salt` says whether the client may
    /// know how marks of redacted secrets come about, as whoever writes documents must.
    pub fn hello(&self, instance: &str, subject: Option<Bearer>, salt: bool) -> Result<Hello, Fault> {
        let journal = self.desk.journal();
        Ok(Hello {
            language: LANGUAGE,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instance: instance.to_owned(),
            test: self.test,
            now: self.desk.now(),
            still: self.still,
            position: journal.position()?,
            salt: if salt { journal.fact(SALT)? } else { None },
            subject,
        })
    }

    fn make(place: &Place, test: bool, fixture: Fixture) -> Result<Self, Fault> {
        if place.exists || place.server.is_some() {
            return Self::with(place, Access::Write, fixture);
        }
        made(&place.folder)?;
        let mut options = Options::new(Access::Create);
        options.facts = vec![
            (facts::MADE_AT.to_owned(), Timestamp::now().to_string()),
            (SALT.to_owned(), random_hex(32)),
            (facts::TEST.to_owned(), test.to_string()),
        ];
        Self::of(place, options, fixture)
    }

    fn with(place: &Place, access: Access, fixture: Fixture) -> Result<Self, Fault> {
        if let Some(server) = &place.server {
            return Err(behind_a_server("opening the store's folder", server));
        }
        Self::of(place, Options::new(access), fixture)
    }

    fn of(place: &Place, options: Options, fixture: Fixture) -> Result<Self, Fault> {
        use journal::Journal as _;
        let journal = Sqlite::open(&place.folder, options)?;
        let test = journal.fact(facts::TEST)?.is_some_and(|fact| fact == "true");
        if !test && !fixture.is_empty() {
            return Err(not_for_tests());
        }
        let salt = journal.fact(SALT)?.unwrap_or_default();
        let clock: Box<dyn Clock> = match fixture.now {
            Some(now) => Box::new(FixedClock::at(now)),
            None => Box::new(SystemClock),
        };
        let ids = match fixture.seed {
            // Calls on one store must not repeat each other's ids.
            Some(seed) => RandomIds::from_seed(seed.wrapping_add(journal.position()?)),
            None => RandomIds::from_system(),
        };
        let desk = LocalDesk::new(Arc::new(journal), clock, Box::new(ids), salt.as_bytes());
        let timely = fixture.now.is_none();
        Ok(Self {
            folder: place.folder.clone(),
            desk: Arc::new(desk),
            test,
            timely,
            still: !timely,
            faults: faults(test),
            files: DocumentFiles::default(),
        })
    }

    /// The server that has it, where one does.
    pub fn server(&self) -> Option<&Arc<Server>> {
        self.desk.server()
    }

    /// Refuses what needs the store's own folder, where a server has it.
    pub fn at_hand(&self, what: &str) -> Result<(), Fault> {
        self.server().map_or(Ok(()), |server| Err(behind_a_server(what, server.name())))
    }

    /// The desk over the store's journal.
    pub fn desk(&self) -> &Arc<LocalDesk> {
        &self.desk
    }

    /// The store's folder. Where a server has the store: the folder for what is this machine's own, such
    /// as locks, which need not be there.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same folder for whoever is about to write into it: it is there then.
    pub fn folder_to_write(&self) -> Result<&Path, Fault> {
        if self.server().is_some() {
            made(&self.folder)?;
        }
        Ok(&self.folder)
    }

    /// What `--store` names it by, from any folder.
    pub fn address(&self) -> String {
        match self.server() {
            Some(server) => server.name().to_owned(),
            None => self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone()).display().to_string(),
        }
    }

    /// Whether it was made for tests, so that times and ids may be invented.
    pub fn is_test(&self) -> bool {
        self.test
    }

    /// Whether its clock is that of the files around it.
    pub(crate) fn is_timely(&self) -> bool {
        self.timely
    }

    /// What is to happen at fault points; nothing unless it was made for tests.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The documents around it.
    pub(crate) fn files(&self) -> &DocumentFiles {
        &self.files
    }

    /// The folder the store lies in; paths on record are relative to it.
    pub fn root(&self) -> &Path {
        self.folder.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// A path as it goes on record: relative to [`Store::root`] where it lies below it.
    pub fn relative(&self, path: &Path) -> String {
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| plain(path));
        let (path, root) = (whole(path), whole(self.root()));
        path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned()
    }

    /// Whether a document that lies here may be one of this store's plans: of a server's, only below the
    /// root, for on another machine its path means nothing.
    pub fn may_hold(&self, path: &Path) -> bool {
        self.server().is_none() || Path::new(&self.relative(path)).is_relative()
    }

    /// A path on record as one that can be opened.
    ///
    /// What a server has on record may come from another machine, so only what lies below the root is
    /// ever a document here: anything else is a file that is not there.
    pub fn absolute(&self, recorded: &str) -> PathBuf {
        let below = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if self.server().is_some() && !Path::new(recorded).components().all(below) {
            return self.folder.join(ELSEWHERE).join(journal::Blob::name(recorded.as_bytes()).to_string());
        }
        self.root().join(recorded)
    }
}

/// Makes the folder, outside git.
fn made(folder: &Path) -> Result<(), Fault> {
    let unmade = |error: io::Error| file_fault(&error, folder, "make the store");
    fs::create_dir_all(folder).map_err(unmade)?;
    let ignore = folder.join(".gitignore");
    if ignore.exists() { Ok(()) } else { fs::write(&ignore, IGNORE).map_err(unmade) }
}

/// The fault of what needs the store's own folder, where a server has it.
pub fn behind_a_server(what: &str, server: &str) -> Fault {
    Fault::new(STORE_REMOTE, format!("{what} cannot be done with a store behind a server"))
        .hint("do it on the machine where the store's folder is")
        .with("server", server)
}

fn not_for_tests() -> Fault {
    Fault::new(CONFIG_INVALID, "`COUNTERSIGN_NOW` and `COUNTERSIGN_SEED` work only on a store made for tests")
        .hint("unset them, or make such a store with `countersign init --test`")
}

/// What is to happen at fault points, where a test says so.
fn faults(test: bool) -> Faults {
    let asked = std::env::var(FAULT).ok().filter(|_| test);
    asked.and_then(|text| Faults::from_text(&text)).unwrap_or_default()
}

/// The fault of a reading verb where there is no store.
pub fn not_found() -> Refusal {
    Refusal::new(STORE_NOT_FOUND, "there is no store here yet")
        .hint("take a plan in with `countersign adopt PLAN.md` or `countersign run PLAN.md`")
}

/// A path without `.` and `..`, as far as its text alone tells.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_nearest_store_upwards_is_the_one() {
        let scratch = Scratch::new("store");
        let (top, deep) = (scratch.path().join("a"), scratch.path().join("a/b/c"));
        fs::create_dir_all(&deep).unwrap();
        let none = Place::find(None, &deep, &deep).unwrap();
        assert_eq!(none, Place::of(deep.join(FOLDER)));
        assert!(!none.exists);
        Store::create(&Place::of(top.join(FOLDER)), Fixture::default()).unwrap();
        let found = Place::find(None, &deep, &deep).unwrap();
        assert_eq!(found, Place { folder: top.join(FOLDER), exists: true, server: None });
        assert_eq!(
            Place::find(Some(".."), &top.join("b"), &deep).unwrap().folder,
            top.join("b/../.countersign")
        );
        assert_eq!(Place::find(Some("postgres://x"), &top, &top).unwrap_err().code, CONFIG_INVALID);
        let there = Place::find(Some("http://x"), &top, &top).unwrap();
        assert_eq!((there.server.as_deref(), there.folder), (Some("http://x"), top.join(FOLDER)));
    }

    #[test]
    fn worktrees_share_the_store_of_the_main_one() {
        let scratch = Scratch::new("store");
        let (main, linked) = (scratch.path().join("main"), scratch.path().join("linked/deep"));
        fs::create_dir_all(main.join(".git/worktrees/linked")).unwrap();
        fs::create_dir_all(&linked).unwrap();
        scratch.write("main/.git/worktrees/linked/commondir", "../..\n");
        let git = main.join(".git/worktrees/linked");
        scratch.write("linked/.git", &format!("gitdir: {}\n", git.display()));
        assert_eq!(main_worktree(&linked).unwrap(), main);
        let place = Place::find(None, &linked, &linked).unwrap();
        assert_eq!(place, Place::of(main.join(FOLDER)));
        Store::create(&place, Fixture::default()).unwrap();
        assert!(Place::find(None, &linked, &linked).unwrap().exists);
    }

    #[test]
    fn only_a_store_for_tests_believes_a_clock_from_outside() {
        let scratch = Scratch::new("store");
        let place = |name: &str| Place::of(scratch.path().join(name).join(FOLDER));
        let fixture = Fixture { now: Some("2031-05-01T09:00:00Z".parse().unwrap()), seed: Some(1) };
        assert!(Store::create(&place("real"), fixture).is_err());
        let store = Store::create_for_tests(&place("test"), fixture).unwrap();
        assert!(store.is_test());
        assert_eq!(store.desk().now().to_string(), "2031-05-01T09:00:00Z");
    }

    #[test]
    fn reading_makes_nothing() {
        let scratch = Scratch::new("store");
        let place = Place::find(None, scratch.path(), scratch.path()).unwrap();
        assert_eq!(Store::open(&place, Fixture::default()).err().unwrap().code, STORE_NOT_FOUND);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }

    #[test]
    fn paths_on_record_are_relative_to_the_stores_folder() {
        let scratch = Scratch::new("store");
        scratch.write("docs/PLAN.md", "# Plan\n");
        let place = Place::find(None, scratch.path(), scratch.path()).unwrap();
        let store = Store::create(&place, Fixture::default()).unwrap();
        assert_eq!(store.relative(&scratch.path().join("docs/PLAN.md")), "docs/PLAN.md");
        assert_eq!(store.absolute("docs/PLAN.md"), scratch.path().join("docs/PLAN.md"));
    }
}
