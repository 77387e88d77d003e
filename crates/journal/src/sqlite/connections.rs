//! Database connections, handed out one at a time and reused. Several may read at once; there is
//! never more than one writer in a process.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::fault::Fault;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::open::{Access, Options, log_size};
use super::{fault, header};
use crate::commons::index;

/// How many idle connections are kept.
const IDLE: usize = 4;
/// Kibibytes of pages each connection may keep.
const CACHE_KIB: u32 = 2048;
/// Bytes the write-ahead log shrinks to after a large transaction has been moved to the database.
const LOG_BYTES: u32 = 8 * 1024 * 1024;
/// About how long a connection waits for others, in milliseconds.
const PATIENCE_MILLISECONDS: u64 = 15_000;

/// The connections to one store.
pub(crate) struct Connections {
    pub(crate) path: PathBuf,
    access: Access,
    wait: bool,
    vfs: Option<String>,
    idle: Mutex<Vec<Connection>>,
    writing: Mutex<()>,
}

impl Connections {
    /// Prepares to connect; nothing is opened yet.
    pub(crate) fn new(path: PathBuf, options: &Options) -> Self {
        let (access, wait, vfs) = (options.access, options.wait, options.vfs.clone());
        Self { path, access, wait, vfs, idle: Mutex::default(), writing: Mutex::default() }
    }

    /// Takes a connection for reading.
    pub(crate) fn take(&self) -> Result<Taken<'_>, Fault> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect()?,
        };
        Ok(Taken { home: self, connection: Some(connection), _writing: None })
    }

    /// Takes the one connection for writing, waiting for other writers of this process.
    pub(crate) fn take_writer(&self) -> Result<Taken<'_>, Fault> {
        if self.access == Access::Read {
            return Err(fault::read_only(&self.path));
        }
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.take()?;
        taken._writing = Some(writing);
        Ok(taken)
    }

    /// Moves the log into the database and empties it, unless anybody uses either.
    pub(crate) fn empty_log(&self) {
        let Ok(mut taken) = self.take_writer() else { return };
        let Some(connection) = &mut taken.connection else { return };
        if connection.busy_timeout(Duration::ZERO).is_ok() {
            // That it cannot be done now is no harm: the log is whole, and somebody else's turn comes.
            let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        if self.wait {
            let _ = connection.busy_handler(Some(wait_a_little));
        }
    }

    /// Leaves the connections to the end of the program, which lets go of what they hold: closing the
    /// last one would move the log into the database and take two waits for the disk.
    pub(crate) fn abandon(&self) {
        self.idle().drain(..).for_each(std::mem::forget);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self) -> Result<Connection, Fault> {
        let failed = |error: &rusqlite::Error| fault::database(error, &self.path);
        let error = match self.prepare(self.open("")) {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
        let unwritable = matches!(error.sqlite_error_code(), Some(CannotOpen | ReadOnly | PermissionDenied));
        if self.access != Access::Read || !unwritable {
            return Err(failed(&error));
        }
        // Where nothing may be written, SQLite cannot share its log's index with others either.
        // Without a log there is nothing to share: the file is read as it stands.
        if log_size(&self.path) > 0 {
            return Err(failed(&error).hint(
                "it was not closed properly and its folder cannot be written; open it once with the right to write",
            ));
        }
        self.prepare(self.open("?immutable=1")).map_err(|error| failed(&error))
    }

    fn open(&self, query: &str) -> rusqlite::Result<Connection> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let uri = format!("file:{}{query}", escape(&self.path));
        match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(uri, flags, vfs.as_str()),
            None => Connection::open_with_flags(uri, flags),
        }
    }

    fn prepare(&self, connection: rusqlite::Result<Connection>) -> rusqlite::Result<Connection> {
        let mut connection = connection?;
        connection.set_prepared_statement_cache_capacity(32);
        if self.wait {
            connection.busy_handler(Some(wait_a_little))?;
        } else {
            connection.busy_timeout(Duration::ZERO)?;
        }
        let only = if self.access == Access::Read { "ON" } else { "OFF" };
        if self.access == Access::Read && log_size(&self.path) > 0 {
            // Somebody's log stays as it is; moving it into the database would be writing.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        connection.execute_batch(&format!(
            "PRAGMA synchronous=FULL; PRAGMA cache_size=-{CACHE_KIB}; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;
             PRAGMA journal_size_limit={LOG_BYTES}; PRAGMA query_only={only}; SELECT number FROM heads WHERE number = 1;"
        ))?;
        Ok(connection)
    }
}

/// Waits between two tries for a lock: SQLite's own steps go up to a tenth of a second, in which
/// a writer that needs less than a millisecond starves behind its rivals.
fn wait_a_little(tries: i32) -> bool {
    const FAST: u64 = 20;
    let tries = tries.max(0) as u64;
    let pause = if tries < FAST { 1 } else { 3 };
    std::thread::sleep(Duration::from_millis(pause));
    tries * 3 < PATIENCE_MILLISECONDS
}

/// A path as part of a URI.
fn escape(path: &std::path::Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut text = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => text.push(*byte as char),
            _ => text.push_str(&format!("%{byte:02x}")),
        }
    }
    text
}

/// A connection on loan; dropping it gives it back.
pub(crate) struct Taken<'a> {
    home: &'a Connections,
    connection: Option<Connection>,
    _writing: Option<MutexGuard<'a, ()>>,
}

impl Taken<'_> {
    /// The connection.
    pub(crate) fn get(&self) -> &Connection {
        self.connection.as_ref().expect("a connection stays until it is given back")
    }

    /// Where the store lies.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.home.path
    }

    /// Turns an error of this connection into a fault.
    pub(crate) fn fault(&self, error: &rusqlite::Error) -> Fault {
        fault::database(error, &self.home.path)
    }

    /// Refuses a store of a newer format: the file's header may lag behind the log.
    pub(crate) fn check_version(&self) -> Result<(), Fault> {
        let version = self
            .get()
            .query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))
            .map_err(|error| self.fault(&error))?;
        header::newer(version, &self.home.path)
    }

    /// Refuses a store whose tables are not declared as they were made: with another declaration the
    /// same bytes read as other values.
    pub(crate) fn check_tables(&self) -> Result<(), Fault> {
        let made = include_str!("schema.sql");
        let declared = self
            .get()
            .prepare("SELECT sql FROM sqlite_schema WHERE type = 'table'")
            .and_then(|mut statement| {
                statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| self.fault(&error))?;
        let known = |made: &str| declared.iter().filter(|table| made.contains(&format!("{table};"))).count();
        // A store that an older version made has no index yet; half of one is nobody's work.
        let indexed = known(index::SCHEMA);
        if known(made) == made.matches("CREATE TABLE").count()
            && (indexed == 0 || indexed == index::TABLES.len())
        {
            return Ok(());
        }
        Err(fault::damaged(&self.home.path, "its tables are not as they were made"))
    }

    /// Looks at every page: only where something was odd already, for it takes its time.
    pub(crate) fn check_thoroughly(&self) -> Result<(), Fault> {
        match self.get().query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)) {
            Ok(answer) if answer == "ok" => Ok(()),
            Err(error) if !index::is_astray(&error) => Err(self.fault(&error)),
            _ => Err(fault::damaged(&self.home.path, "the file is cut off")),
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let mut idle = self.home.idle();
        // One that is still inside a transaction could not be rolled back: it is of no more use.
        if connection.is_autocommit() && idle.len() < IDLE {
            idle.push(connection);
        }
    }
}

/// A write transaction; rolled back unless committed.
pub(crate) struct Writing<'a> {
    taken: &'a Taken<'a>,
    open: bool,
}

impl<'a> Writing<'a> {
    /// Begins, waiting for writers in other processes.
    pub(crate) fn begin(taken: &'a Taken<'a>) -> Result<Self, Fault> {
        run(taken.get(), "BEGIN IMMEDIATE").map_err(|error| taken.fault(&error))?;
        Ok(Self { taken, open: true })
    }

    /// The connection.
    pub(crate) fn connection(&self) -> &Connection {
        self.taken.get()
    }

    /// Makes everything durable.
    pub(crate) fn commit(mut self) -> Result<(), Fault> {
        run(self.taken.get(), "COMMIT").map_err(|error| self.taken.fault(&error))?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if self.open && !self.taken.get().is_autocommit() {
            let _ = run(self.taken.get(), "ROLLBACK");
        }
    }
}

/// A read transaction: everything read inside it is of one moment.
pub(crate) struct Reading<'a>(&'a Connection);

impl<'a> Reading<'a> {
    /// Begins.
    pub(crate) fn begin(taken: &'a Taken<'a>) -> Result<Self, Fault> {
        run(taken.get(), "BEGIN").map_err(|error| taken.fault(&error))?;
        Ok(Self(taken.get()))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let _ = run(self.0, "COMMIT");
    }
}

fn run(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(statement)?.execute([]).map(drop)
}
