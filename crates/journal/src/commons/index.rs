//! Keeping the index: what an event adds to it, how far it has come, making it anew.

use model::actor::By;
use model::ids::Seq;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

use super::{Told, address, name_of};

/// The form of the index that this version keeps; one of another form is made anew.
const FORM: i64 = 1;

/// How its tables are declared.
pub(crate) const SCHEMA: &str = include_str!("index.sql");

/// What makes up the index, parts before what they stand on.
pub(crate) const TABLES: [&str; 6] =
    ["memory_terms", "memory_words", "memory", "messages", "acknowledged", "indexed"];

/// An event on its way into the index.
pub(crate) struct Indexed<'a> {
    pub(crate) seq: Seq,
    pub(crate) by: &'a By,
    pub(crate) event: &'a [u8],
}

/// An index of nothing, in memory.
pub(crate) fn in_memory() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    create(&connection)?;
    Ok(connection)
}

/// Makes the index of an empty stream.
pub(crate) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)
}

/// Makes it again where there is one already.
pub(crate) fn create_anew(connection: &Connection) -> rusqlite::Result<()> {
    for table in TABLES {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    create(connection)
}

/// The last event the index knows of; nothing where there is no index of this form.
pub(crate) fn reached(connection: &Connection) -> rusqlite::Result<Option<Seq>> {
    let found = connection
        .prepare_cached("SELECT seq FROM indexed WHERE number = 1 AND form = ?1")
        .and_then(|mut statement| statement.query_row([FORM], |row| row.get::<_, i64>(0)).optional());
    match found {
        Ok(seq) => Ok(seq.map(|seq| Seq(seq as u64))),
        Err(error) if is_astray(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes how far the index has come.
pub(crate) fn reach(connection: &Connection, seq: Seq) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE indexed SET seq = ?1 WHERE number = 1")?
        .execute([seq.0 as i64])
        .map(drop)
}

/// Whether an error says that the index is not as it was made, rather than that the disk is full.
pub(crate) fn is_astray(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::Unknown
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
        ),
        // A value of another type than it was written with.
        None => true,
    }
}

/// Adds what an event says. Total: whatever history says can be indexed.
pub(crate) fn add(connection: &Connection, indexed: &Indexed<'_>) -> rusqlite::Result<()> {
    let Some(told) = Told::read(indexed.event) else { return Ok(()) };
    let seq = indexed.seq.0 as i64;
    if let Some((key, version)) = told.version() {
        if let Some((_, earlier)) = latest(connection, key)? {
            connection
                .prepare_cached("DELETE FROM memory_words WHERE rowid = ?1")?
                .execute([earlier.0 as i64])?;
        }
        connection
            .prepare_cached("INSERT OR REPLACE INTO memory (key, version, seq) VALUES (?1, ?2, ?3)")?
            .execute(params![key, version as i64, seq])?;
    }
    match &told {
        Told::MemorySet(set) => {
            let tags = set.tags.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            connection
                .prepare_cached("INSERT INTO memory_words (rowid, key, value, tags) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![seq, set.key, set.value, tags])?;
        }
        Told::MessageSent(sent) => {
            let (kind, name) = address(&sent.to);
            connection
                .prepare_cached("INSERT INTO messages (kind, name, number, sender) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![kind, name, seq, name_of(indexed.by)])?;
        }
        Told::MessagesAcknowledged { messages } => {
            let name = name_of(indexed.by);
            let mut insert = connection.prepare_cached(
                "INSERT OR IGNORE INTO acknowledged (name, number, seq) VALUES (?1, ?2, ?3)",
            )?;
            for number in messages {
                insert.execute(params![name, number.0 as i64, seq])?;
            }
        }
        Told::MemoryDeleted { .. } => {}
    }
    Ok(())
}

/// A key's last version and the event that wrote it.
pub(crate) fn latest(connection: &Connection, key: &str) -> rusqlite::Result<Option<(u64, Seq)>> {
    connection
        .prepare_cached("SELECT version, seq FROM memory WHERE key = ?1 ORDER BY version DESC LIMIT 1")?
        .query_row([key], |row| Ok((row.get::<_, i64>(0)? as u64, Seq(row.get::<_, i64>(1)? as u64))))
        .optional()
}
