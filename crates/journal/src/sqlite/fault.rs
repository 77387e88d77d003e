//! What SQLite and the file system report, in words for people.

use std::io;
use std::path::Path;

use model::fault::Fault;
use rusqlite::ErrorCode;

/// Turns a database error into a fault.
pub(crate) fn database(error: &rusqlite::Error, path: &Path) -> Fault {
    let at = path.display();
    if !matches!(error, rusqlite::Error::SqliteFailure(..) | rusqlite::Error::SqlInputError { .. }) {
        // The statements are ours and the tables are as they were made: a value is not.
        return damaged(path, "a row in it has another shape than it was written with").with("path", at);
    }
    let fault = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Fault::new("store/busy", format!("another process holds the store `{at}`"))
                .hint("try again; nothing was changed")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            damaged(path, "its content is not as it was written")
        }
        Some(ErrorCode::DiskFull) => {
            Fault::new("store/full", format!("no space is left for the store `{at}`"))
                .hint("free some space and try again; nothing was changed")
        }
        Some(ErrorCode::SystemIoFailure) => {
            Fault::new("store/io", format!("the disk failed while the store `{at}` was used"))
                .hint("nothing was acknowledged; look at the disk, then run `countersign audit verify`")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => read_only(path),
        Some(ErrorCode::CannotOpen) => Fault::new("store/io", format!("the store `{at}` cannot be opened"))
            .hint("check its path and permissions"),
        Some(ErrorCode::OutOfMemory) => {
            Fault::new("store/memory", "there is not enough memory to use the store")
        }
        _ => Fault::new("store/fault", format!("the store `{at}` could not be used: {}", plain(error))),
    };
    fault.with("path", at)
}

/// The fault of a store that is not what it must be. It is left exactly as it is.
pub(crate) fn damaged(path: &Path, why: &str) -> Fault {
    let at = path.display();
    Fault::new("store/damaged", format!("the store `{at}` is damaged: {why}"))
        .hint("it was left as it is; restore it from a backup, or move it away to begin anew")
}

/// The fault of writing where only reading is possible.
pub(crate) fn read_only(path: &Path) -> Fault {
    let at = path.display();
    Fault::new("store/read-only", format!("the store `{at}` cannot be written"))
        .hint("check its permissions, or use a store of your own with `--store`")
}

/// Turns a file error into a fault: of whoever keeps files in or beside a store.
pub fn file(error: &io::Error, path: &Path, doing: &str) -> Fault {
    let at = path.display();
    let fault = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Fault::new("store/full", format!("no space is left to {doing} `{at}`"))
                .hint("free some space and try again; nothing was changed")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Fault::new("store/read-only", format!("not allowed to {doing} `{at}`"))
                .hint("check its permissions")
        }
        _ => Fault::new("store/io", format!("could not {doing} `{at}`: {error}"))
            .hint("nothing was acknowledged; look at the disk and try again"),
    };
    fault.with("path", at)
}

fn plain(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqliteFailure(code, None) => format!("SQLite says {}", code.extended_code),
        _ => "a statement was not understood".to_owned(),
    }
}
