//! Opening and making a store. Making is building under another name and renaming, so that a store
//! is either whole or not there; opening never makes one by accident.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use model::digest::Digest;
use model::fault::Fault;
use model::ids::PlanId;
use rusqlite::{Connection, OpenFlags};

use super::connections::Connections;
use super::{Sqlite, fault, header};
use crate::files::{Disk, Files};

/// The name of the database inside a store's folder.
pub const DATABASE: &str = "journal.db";

/// The first SQLite without the bug that could lose a write-ahead log's frames.
pub(super) const OLDEST_SQLITE: i32 = 3_051_003;

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only; nothing is made or changed, and the folder may be unwritable.
    Read,
    /// Reading and writing a store that is there.
    Write,
    /// Reading and writing; the store is made where there is none.
    Create,
}

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// For what.
    pub access: Access,
    /// Whether to wait (some seconds) for others who hold the store, or to fail at once.
    pub wait: bool,
    /// Facts written into a store that this call makes.
    pub facts: Vec<(String, String)>,
    /// The file layer for everything beside the database.
    pub files: Arc<dyn Files>,
    /// The name of a registered SQLite file layer; the usual one where absent.
    pub vfs: Option<String>,
}

impl Options {
    /// The usual options for some access.
    pub fn new(access: Access) -> Self {
        Self { access, wait: true, facts: Vec::new(), files: Arc::new(Disk), vfs: None }
    }
}

impl Sqlite {
    /// Opens the store in a folder.
    pub fn open(folder: &Path, options: Options) -> Result<Self, Fault> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(Fault::new(
                "store/library",
                format!("this build carries SQLite {}; at least 3.51.3 is needed", rusqlite::version()),
            ));
        }
        let path = folder.join(DATABASE);
        let found = match header::read(&path)? {
            Some(found) => found,
            None if options.access == Access::Create => {
                make(folder, &path, &options)?;
                header::read(&path)?.ok_or_else(|| absent(&path))?
            }
            None => return Err(absent(&path)),
        };
        let log = log_size(&path);
        if found.short && log == 0 {
            return Err(fault::damaged(&path, "the file is cut off"));
        }
        if log > 0 {
            super::log::check(&path)?;
        }
        let connections = Connections::new(path, &options);
        let connection = connections.take()?;
        connection.check_version()?;
        connection.check_tables()?;
        if found.short {
            connection.check_thoroughly()?;
        }
        drop(connection);
        let (folder, files, access) = (folder.to_owned(), options.files, options.access);
        let ends_soon = AtomicBool::new(false);
        Ok(Self { folder, connections, files, access, ends_soon, probe: found.probe })
    }
}

fn absent(path: &Path) -> Fault {
    Fault::new("store/not-found", format!("there is no store at `{}`", path.display()))
        .hint("make one with `countersign init`, or name another with `--store`")
        .with("path", path.display())
}

/// The size of the write-ahead log beside a database.
pub(crate) fn log_size(path: &Path) -> u64 {
    fs::metadata(log_path(path)).map_or(0, |metadata| metadata.len())
}

/// The write-ahead log beside a database.
pub(crate) fn log_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn make(folder: &Path, path: &Path, options: &Options) -> Result<(), Fault> {
    let files = &options.files;
    files.make_folder(folder).map_err(|error| fault::file(&error, folder, "make the folder"))?;
    let handle = File::open(folder).map_err(|error| fault::file(&error, folder, "open"))?;
    // One maker at a time; where the file system knows no locks, the rename alone has to do.
    let _ = handle.lock();
    if path.exists() {
        return Ok(());
    }
    let building = folder.join(format!("{DATABASE}.new"));
    for leftover in [building.clone(), log_path(&building)] {
        let _ = fs::remove_file(leftover);
    }
    build(&building, options)?;
    let failed = |error: &std::io::Error| fault::file(error, path, "make");
    files.sync(&building).map_err(|error| failed(&error))?;
    files.rename(&building, path).map_err(|error| failed(&error))?;
    files.sync(folder).map_err(|error| failed(&error))?;
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        files.sync(parent).map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn build(path: &Path, options: &Options) -> Result<(), Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let work = || -> rusqlite::Result<()> {
        let connection = match &options.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs.as_str())?,
            None => Connection::open_with_flags(path, flags)?,
        };
        connection.execute_batch(&format!(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA application_id={}; BEGIN IMMEDIATE;",
            header::APPLICATION_ID
        ))?;
        connection.execute_batch(include_str!("schema.sql"))?;
        crate::commons::index::create(&connection)?;
        connection.execute(
            "INSERT INTO heads (number, plan, seq, digest, position, given) VALUES (1, ?1, 0, ?2, 0, 0)",
            rusqlite::params![PlanId::STORE.to_string(), Digest::ZERO.as_bytes()],
        )?;
        for (name, value) in &options.facts {
            connection.execute("INSERT INTO store (name, value) VALUES (?1, ?2)", [name, value])?;
        }
        connection.execute_batch(&format!("PRAGMA user_version={}; COMMIT;", header::SCHEMA_VERSION))?;
        // Closing would move the log into the file as well, and not tell where that failed.
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        debug_assert_eq!(busy, 0, "nobody else knows the file yet");
        connection.close().map_err(|(_, error)| error)
    };
    work().map_err(|error| fault::database(&error, path))
}
