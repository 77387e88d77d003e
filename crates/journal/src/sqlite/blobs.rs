//! Blobs: small ones as rows, large ones as files named after their digest.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::digest::Digest;
use model::fault::Fault;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::append::record;
use super::connections::{Taken, Writing};
use super::{Access, Sqlite, fault};
use crate::blob::{Blob, Kept};
use crate::store_event::StoreEvent;

/// The folder of large blobs inside a store's folder.
pub const BLOBS: &str = "blobs";

/// What the row of a blob says.
pub(crate) struct BlobRow {
    file: bool,
    purged: Option<String>,
    bytes: Option<Vec<u8>>,
}

/// Inserts a blob's row, unless it is there.
pub(crate) fn insert(connection: &Connection, blob: &Blob) -> rusqlite::Result<()> {
    let bytes = blob.is_inline().then(|| blob.bytes());
    connection
        .prepare_cached("INSERT OR IGNORE INTO blobs (digest, size, file, bytes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![blob.digest().as_bytes(), blob.bytes().len() as i64, !blob.is_inline(), bytes])
        .map(drop)
}

impl Sqlite {
    /// Where a large blob lies: `blobs/ab/cdef…`.
    pub(crate) fn blob_path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        self.folder.join(BLOBS).join(&name[..2]).join(&name[2..])
    }

    /// Puts a large blob on disk, durably, content before name. One that was purged stays away.
    pub(crate) fn write_blob_file(&self, blob: &Blob) -> Result<(), Fault> {
        if self.access == Access::Read {
            return Err(fault::read_only(&self.connections.path));
        }
        let known = self.blob_row(&self.connections.take()?, &blob.digest())?;
        if known.is_some_and(|row| row.purged.is_some()) {
            return Ok(());
        }
        let path = self.blob_path(&blob.digest());
        let failed = |error: io::Error| fault::file(&error, &path, "write");
        let folder = path.parent().expect("a blob's path has a folder").to_owned();
        // What lies there is believed only where it is right; and whoever put it there may not have
        // come as far as waiting for its name.
        if self.files.read(&path).is_ok_and(|bytes| bytes == blob.bytes()) {
            return self.sync_names(&folder).map_err(failed);
        }
        let building = unique(&path);
        let work = || {
            self.files.make_folder(&folder)?;
            self.files.write(&building, &[blob.bytes()], true)?;
            self.files.rename(&building, &path)?;
            self.sync_names(&folder)
        };
        work().map_err(|error| {
            let _ = self.files.remove(&building);
            failed(error)
        })
    }

    /// Waits until the disk has the names on the way to a blob. Every time, because whoever made
    /// the folders may have failed before they came to this.
    fn sync_names(&self, folder: &std::path::Path) -> io::Result<()> {
        self.files.sync(folder)?;
        self.files.sync(&self.folder.join(BLOBS))?;
        self.files.sync(&self.folder)
    }

    pub(crate) fn insert_blob(&self, blob: &Blob) -> Result<(), Fault> {
        if !blob.is_inline() {
            self.write_blob_file(blob)?;
        }
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        insert(writing.connection(), blob).map_err(|error| taken.fault(&error))?;
        writing.commit()
    }

    pub(crate) fn read_blob(&self, digest: &Digest) -> Result<Option<Kept>, Fault> {
        let taken = self.connections.take()?;
        let Some(row) = self.blob_row(&taken, digest)? else { return Ok(None) };
        if let Some(at) = &row.purged {
            let at = at
                .parse()
                .map_err(|_| fault::damaged(&self.connections.path, "a tombstone in it cannot be read"))?;
            return Ok(Some(Kept::Purged { at }));
        }
        match self.content(digest, row.file, row.bytes)? {
            Some(bytes) if Blob::name(&bytes) == *digest => Ok(Some(Kept::Bytes(bytes))),
            Some(_) => Err(bad_blob(digest, "does not have its digest any more")),
            None => Err(bad_blob(digest, "is missing")),
        }
    }

    pub(crate) fn is_blob_there(&self, digest: &Digest) -> Result<bool, Fault> {
        let taken = self.connections.take()?;
        let found = taken
            .get()
            .prepare_cached("SELECT file, bytes IS NOT NULL FROM blobs WHERE digest = ?1 AND purged IS NULL")
            .and_then(|mut statement| {
                let flags = |row: &rusqlite::Row<'_>| Ok((row.get::<_, bool>(0)?, row.get::<_, bool>(1)?));
                statement.query_row([digest.as_bytes()], flags).optional()
            })
            .map_err(|error| taken.fault(&error))?;
        Ok(match found {
            None => false,
            Some((true, _)) => self.files.size(&self.blob_path(digest)).is_ok(),
            Some((false, there)) => there,
        })
    }

    pub(crate) fn purge(
        &self,
        digest: &Digest,
        reason: &str,
        who: (Timestamp, &By, &Cause),
    ) -> Result<bool, Fault> {
        let taken = self.connections.take_writer()?;
        let writing = Writing::begin(&taken)?;
        let Some(row) = self.blob_row(&taken, digest)? else { return Ok(false) };
        let is_first = row.purged.is_none();
        if is_first {
            let event = StoreEvent::BlobPurged { digest: *digest, reason: reason.to_owned() };
            record(&taken, who, &event)?;
            writing
                .connection()
                .execute(
                    "UPDATE blobs SET bytes = NULL, purged = ?2 WHERE digest = ?1",
                    params![digest.as_bytes(), who.0.to_string()],
                )
                .map_err(|error| taken.fault(&error))?;
            writing.commit()?;
        }
        // A file goes after its tombstone is there; where that failed, purging again removes it.
        let removed = row.file && self.remove_blob_file(digest)?;
        Ok(is_first || removed)
    }

    fn remove_blob_file(&self, digest: &Digest) -> Result<bool, Fault> {
        let path = self.blob_path(digest);
        match self.files.remove(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(fault::file(&error, &path, "remove")
                .hint("the blob is recorded as purged; purge it again once the file can be removed")),
        }
    }

    /// The bytes of a blob, wherever they lie; `None` where they are gone.
    pub(crate) fn content(
        &self,
        digest: &Digest,
        file: bool,
        bytes: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        if !file {
            return Ok(bytes);
        }
        let path = self.blob_path(digest);
        match self.files.read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault::file(&error, &path, "read")),
        }
    }

    fn blob_row(&self, taken: &Taken<'_>, digest: &Digest) -> Result<Option<BlobRow>, Fault> {
        let read = |row: &rusqlite::Row<'_>| {
            Ok(BlobRow { file: row.get(0)?, purged: row.get(1)?, bytes: row.get(2)? })
        };
        taken
            .get()
            .prepare_cached("SELECT file, purged, bytes FROM blobs WHERE digest = ?1")
            .and_then(|mut statement| statement.query_row([digest.as_bytes()], read).optional())
            .map_err(|error| taken.fault(&error))
    }
}

/// The fault of a blob that is not what its name says.
pub(crate) fn bad_blob(digest: &Digest, what: &str) -> Fault {
    Fault::new("chain/broken", format!("blob `{digest}` {what}"))
        .hint("`countersign audit verify` names everything that is wrong; restore the store from a backup")
        .with("digest", digest)
}

/// A name beside a path that no other process or thread uses.
pub(crate) fn unique(path: &std::path::Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{}.new", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    PathBuf::from(name)
}
