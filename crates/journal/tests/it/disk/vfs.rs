//! SQLite's own file layer on the failing disk: the usual one of this system with a few of its
//! functions replaced.

#![expect(unsafe_code, reason = "SQLite's file layer is a table of C functions")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use rusqlite::ffi;

use super::{Done, Step, done, fails, is_full};

const NAME: &CStr = c"failing";

/// The usual file layer and its functions.
struct Usual {
    vfs: ffi::sqlite3_vfs,
    methods: OnceLock<ffi::sqlite3_io_methods>,
}

// SAFETY: the structures are never changed once they are made, and SQLite's own are for all threads.
unsafe impl Send for Usual {}
// SAFETY: as above.
unsafe impl Sync for Usual {}

static USUAL: OnceLock<Usual> = OnceLock::new();

thread_local! {
    static NAMES: RefCell<HashMap<usize, PathBuf>> = RefCell::default();
}

/// Registers the file layer, once; gives its name.
pub(crate) fn name() -> &'static str {
    USUAL.get_or_init(|| {
        // SAFETY: SQLite gives its default file layer, which lives as long as the process; ours is
        // leaked and so does too.
        unsafe {
            ffi::sqlite3_initialize();
            let vfs = *ffi::sqlite3_vfs_find(std::ptr::null());
            let ours =
                ffi::sqlite3_vfs { zName: NAME.as_ptr(), xOpen: Some(open), xDelete: Some(delete), ..vfs };
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0), ffi::SQLITE_OK);
            Usual { vfs, methods: OnceLock::new() }
        }
    });
    NAME.to_str().unwrap()
}

fn usual() -> (&'static ffi::sqlite3_vfs, &'static ffi::sqlite3_io_methods) {
    let usual = USUAL.get().unwrap();
    (&usual.vfs, usual.methods.get().unwrap())
}

fn path(file: *mut ffi::sqlite3_file) -> PathBuf {
    NAMES.with_borrow(|names| names.get(&(file as usize)).cloned().unwrap_or_default())
}

/// The answer to a step that fails.
fn answer(otherwise: c_int) -> c_int {
    if is_full() { ffi::SQLITE_FULL } else { otherwise }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    given: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls with what it would call the usual function with; the table of functions
    // is replaced by a copy that differs in ours only, and that lives as long as the process.
    unsafe {
        let usual = USUAL.get().unwrap();
        let status = usual.vfs.xOpen.unwrap()(vfs, name, file, flags, given);
        if status == ffi::SQLITE_OK && !name.is_null() {
            let methods = *(*file).pMethods;
            // Its tables for databases and for logs differ in locking only, which is not ours.
            usual.methods.get_or_init(|| methods);
            let path = PathBuf::from(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
            NAMES.with_borrow_mut(|names| names.insert(file as usize, path));
            (*file).pMethods = Box::leak(Box::new(ffi::sqlite3_io_methods {
                xWrite: Some(write),
                xTruncate: Some(truncate),
                xSync: Some(sync),
                xShmMap: Some(share),
                ..methods
            }));
        }
        status
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    if fails(Step::Change) {
        return ffi::SQLITE_IOERR_DELETE;
    }
    // SAFETY: as SQLite calls it.
    unsafe {
        let path = PathBuf::from(OsStr::from_bytes(CStr::from_ptr(name).to_bytes()));
        done(|| Done::Removed(path));
        USUAL.get().unwrap().vfs.xDelete.unwrap()(vfs, name, sync)
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let fails = fails(Step::Write);
    // A full disk takes what still fits.
    let count = if fails { count / 2 } else { count };
    // SAFETY: as SQLite calls it; at most `count` bytes are read.
    let status = unsafe {
        let slice = std::slice::from_raw_parts(bytes.cast::<u8>(), count as usize);
        done(|| Done::Wrote(path(file), at as u64, slice.to_vec()));
        usual().1.xWrite.unwrap()(file, bytes, count, at)
    };
    if fails { answer(ffi::SQLITE_IOERR_WRITE) } else { status }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    if fails(Step::Change) {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    done(|| Done::Cut(path(file), size as u64));
    // SAFETY: as SQLite calls it.
    unsafe { usual().1.xTruncate.unwrap()(file, size) }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    if fails(Step::Sync) {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    done(|| Done::Synced(path(file)));
    // SAFETY: as SQLite calls it.
    unsafe { usual().1.xSync.unwrap()(file, flags) }
}

unsafe extern "C" fn share(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    memory: *mut *mut c_void,
) -> c_int {
    if extend != 0 && fails(Step::Write) {
        return answer(ffi::SQLITE_IOERR_SHMSIZE);
    }
    // SAFETY: as SQLite calls it.
    unsafe { usual().1.xShmMap.unwrap()(file, region, size, extend, memory) }
}
