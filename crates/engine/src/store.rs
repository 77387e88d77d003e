//! The store: the folder `.countersign/` with the journal in it. Finding it, making it, opening it.
//!
//! Reading never makes one. Sibling worktrees of a git repository share the one of the main
//! worktree, unless they have their own.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use journal::{Access, Options, Sqlite, facts, file_fault};
use model::fault::Fault;
use model::refusal::{CONFIG_INVALID, Refusal, STORE_NOT_FOUND};

use crate::clock::{Clock, FixedClock, SystemClock};
use crate::desk::LocalDesk;
use crate::ids::{RandomIds, random_hex};
use crate::sync::fault::Faults;
use crate::sync::file::DocumentFiles;

/// The store's folder.
pub const FOLDER: &str = ".countersign";

/// The fact that salts the marks of redacted secrets.
const SALT: &str = "salt";

/// Names the fault point at which a test wants the program to end.
const FAULT: &str = "COUNTERSIGN_FAULT";

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
    faults: Faults,
    files: DocumentFiles,
}

/// Where a store is, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The store's folder.
    pub folder: PathBuf,
    /// Whether there is one.
    pub exists: bool,
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
            return Ok(Self { folder: at(top), exists: true });
        }
        let main = main_worktree(from);
        if let Some(main) = main.filter(|main| holds_store(&at(main))) {
            return Ok(Self { folder: at(&main), exists: true });
        }
        let top = main_worktree(beside).unwrap_or_else(|| beside.to_owned());
        let folder = at(&top);
        Ok(Self { exists: holds_store(&folder), folder })
    }

    fn named(named: &str, from: &Path) -> Result<Self, Refusal> {
        if let Some((scheme, _)) = named.split_once("://") {
            return Err(Refusal::new(
                CONFIG_INVALID,
                format!("a store behind `{scheme}://` cannot be reached by this version"),
            )
            .hint("name a folder, such as `--store .countersign`"));
        }
        let path = from.join(named);
        let inside = path.join(FOLDER);
        let folder = if !holds_store(&path) && holds_store(&inside) { inside } else { path };
        Ok(Self { exists: holds_store(&folder), folder })
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

    fn make(place: &Place, test: bool, fixture: Fixture) -> Result<Self, Fault> {
        if place.exists {
            return Self::with(place, Access::Write, fixture);
        }
        let unmade = |error: io::Error| file_fault(&error, &place.folder, "make the store");
        fs::create_dir_all(&place.folder).map_err(unmade)?;
        let ignore = place.folder.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, IGNORE).map_err(unmade)?;
        }
        let mut options = Options::new(Access::Create);
        options.facts = vec![
            (facts::MADE_AT.to_owned(), Timestamp::now().to_string()),
            (SALT.to_owned(), random_hex(32)),
            (facts::TEST.to_owned(), test.to_string()),
        ];
        Self::of(place, options, fixture)
    }

    fn with(place: &Place, access: Access, fixture: Fixture) -> Result<Self, Fault> {
        Self::of(place, Options::new(access), fixture)
    }

    fn of(place: &Place, options: Options, fixture: Fixture) -> Result<Self, Fault> {
        use journal::Journal as _;
        let journal = Sqlite::open(&place.folder, options)?;
        let test = journal.fact(facts::TEST)?.is_some_and(|fact| fact == "true");
        if !test && !fixture.is_empty() {
            return Err(Fault::new(
                CONFIG_INVALID,
                "`COUNTERSIGN_NOW` and `COUNTERSIGN_SEED` work only on a store made for tests",
            )
            .hint("unset them, or make such a store with `countersign init --test`"));
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
        let asked = std::env::var(FAULT).ok().filter(|_| test);
        let faults = asked.and_then(|text| Faults::from_text(&text)).unwrap_or_default();
        let timely = fixture.now.is_none();
        Ok(Self {
            folder: place.folder.clone(),
            desk: Arc::new(desk),
            test,
            timely,
            faults,
            files: DocumentFiles::default(),
        })
    }

    /// The desk over the store's journal.
    pub fn desk(&self) -> &Arc<LocalDesk> {
        &self.desk
    }

    /// Lets go of the store as the last thing a program does. What is recorded is on the disk; closing
    /// would tidy the journal's log up each time, which costs as much again as a small change, so that
    /// is done only once it has grown.
    pub fn leave(self) {
        self.desk.journal().tidy();
        std::mem::forget(self);
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
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

    /// A path on record as one that can be opened.
    pub fn absolute(&self, recorded: &str) -> PathBuf {
        self.root().join(recorded)
    }
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
        assert_eq!(none, Place { folder: deep.join(FOLDER), exists: false });
        Store::create(&Place { folder: top.join(FOLDER), exists: false }, Fixture::default()).unwrap();
        assert_eq!(
            Place::find(None, &deep, &deep).unwrap(),
            Place { folder: top.join(FOLDER), exists: true }
        );
        assert_eq!(
            Place::find(Some(".."), &top.join("b"), &deep).unwrap().folder,
            top.join("b/../.countersign")
        );
        assert_eq!(Place::find(Some("http://x"), &top, &top).unwrap_err().code, CONFIG_INVALID);
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
        assert_eq!(place, Place { folder: main.join(FOLDER), exists: false });
        Store::create(&place, Fixture::default()).unwrap();
        assert!(Place::find(None, &linked, &linked).unwrap().exists);
    }

    #[test]
    fn only_a_store_for_tests_believes_a_clock_from_outside() {
        let scratch = Scratch::new("store");
        let place = |name: &str| Place { folder: scratch.path().join(name).join(FOLDER), exists: false };
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
