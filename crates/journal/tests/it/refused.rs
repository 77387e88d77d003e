//! Files that are no whole store: refused by every way of opening, and left byte for byte as they
//! are. And reading, which changes nothing, ever.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use journal::testing::Folder;
use journal::{Access, Journal, Options, Sqlite, sqlite};
use model::ids::Seq;
use rusqlite::Connection;

use crate::child::{Me, Other, Role};
use crate::support::{append, audited, blob, copy, entry, events, open, plan};

const PAGE: usize = 4096;

/// Every file under a folder, but for the index that SQLite keeps of its log while it is open.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for found in std::fs::read_dir(folder).unwrap() {
        let path = found.unwrap().path();
        if path.is_dir() {
            all.extend(bytes(&path));
        } else if !path.to_str().unwrap().ends_with("-shm") {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

/// A closed store of a few pages.
fn make(folder: &Path) {
    let journal = open(folder, Access::Create);
    for number in 0..40 {
        let entry = entry(&[&format!("event {number} {}", "x".repeat(200))]);
        append(&journal, plan(1), &entry.blob(blob(number, 2_000))).unwrap();
    }
}

fn refused(folder: &Path, code: &str, words: &str) {
    let before = bytes(folder);
    for access in [Access::Read, Access::Write, Access::Create] {
        let fault = match Sqlite::open(folder, Options::new(access)) {
            Ok(_) => panic!("opened for {access:?}; expected {code}: {words}"),
            Err(fault) => fault,
        };
        assert_eq!((fault.code.as_str(), fault.message.contains(words)), (code, true), "{fault}");
        assert!(fault.hint.is_some(), "{fault}");
        assert!(bytes(folder) == before, "{access:?} changed what lies there: {words}");
    }
}

/// A file that is changed as a whole, beside a store that is whole.
fn check(change: impl Fn(Vec<u8>) -> Vec<u8>, code: &str, words: &str) {
    let folder = Folder::in_memory();
    make(folder.path());
    let path = folder.path().join(sqlite::DATABASE);
    std::fs::write(&path, change(std::fs::read(&path).unwrap())).unwrap();
    refused(folder.path(), code, words);
}

fn put(mut bytes: Vec<u8>, at: usize, value: &[u8]) -> Vec<u8> {
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes
}

#[test]
fn a_file_that_is_no_whole_store_is_refused_and_kept() {
    let damaged = "store/damaged";
    check(|_| Vec::new(), damaged, "the file is empty");
    check(|bytes| bytes[..60].to_vec(), damaged, "the file is cut off");
    check(|bytes| bytes[..PAGE / 2].to_vec(), damaged, "the file is cut off");
    check(|bytes| bytes[..bytes.len() / 2].to_vec(), damaged, "the file is cut off");
    check(|bytes| bytes[..bytes.len() - 1].to_vec(), damaged, "the file is cut off");
    check(|bytes| bytes[..bytes.len() - PAGE].to_vec(), damaged, "the file is cut off");
    check(|bytes| vec![0; bytes.len()], damaged, "it is not a database");
    check(
        |bytes| (0..bytes.len()).map(|at| (at * 31 % 251) as u8).collect(),
        damaged,
        "it is not a database",
    );
    check(|_| b"{\"batches\": []}\n".repeat(30), damaged, "it is not a database");
    check(|bytes| put(bytes, 18, &[1, 1]), damaged, "its header is not as it was written");
    check(|bytes| put(bytes, 68, b"GPKG"), damaged, "some other program's database");
    check(
        |bytes| put(bytes, 60, &[0, 0, 0, 2]),
        "store/newer",
        "has format 2; this program knows formats up to 1",
    );
    check(|bytes| put(bytes, PAGE - 900, &[0; 700]), damaged, "");
    check(
        |bytes| {
            let at = bytes.windows(12).position(|window| window == b"event TEXT N").unwrap();
            put(bytes, at, b"evenu")
        },
        damaged,
        "its tables are not as they were made",
    );
}

#[test]
fn an_older_format_or_a_foreign_database_is_refused_and_kept() {
    let folder = Folder::in_memory();
    let database = Connection::open(folder.path().join(sqlite::DATABASE)).unwrap();
    database.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE songs (title TEXT)").unwrap();
    drop(database);
    refused(folder.path(), "store/damaged", "some other program's database");

    let folder = Folder::in_memory();
    make(folder.path());
    let database = Connection::open(folder.path().join(sqlite::DATABASE)).unwrap();
    database.execute_batch("DROP TABLE attempts; PRAGMA user_version = 0").unwrap();
    drop(database);
    refused(folder.path(), "store/damaged", "its tables are not as they were made");
}

#[test]
fn a_newer_format_that_stands_only_in_the_log_is_refused() {
    let (folder, crashed) = (Folder::in_memory(), Folder::in_memory());
    make(folder.path());
    let database = Connection::open(folder.path().join(sqlite::DATABASE)).unwrap();
    database.execute_batch("PRAGMA user_version = 7").unwrap();
    copy(folder.path(), crashed.path());
    let before = bytes(crashed.path());
    let fault = Sqlite::open(crashed.path(), Options::new(Access::Read)).map(drop).unwrap_err();
    assert_eq!(fault.code, "store/newer");
    assert!(bytes(crashed.path()) == before);
}

/// The log of a store that was not closed, with a bad byte among finished changes.
#[test]
fn a_log_with_a_bad_place_before_finished_changes_is_refused_and_kept() {
    let (folder, crashed) = (Folder::in_memory(), Folder::in_memory());
    make(folder.path());
    let journal = open(folder.path(), Access::Write);
    for number in 0..6 {
        append(&journal, plan(1), &entry(&[&format!("late {number}")])).unwrap();
    }
    let log = crashed.path().join(format!("{}-wal", sqlite::DATABASE));
    let frame = 24 + PAGE;
    copy(folder.path(), crashed.path());
    let size = std::fs::metadata(&log).unwrap().len() as usize;
    // The log's own header, the first frame's header, and bytes of the first frames' pages.
    for at in [0, 10, 17, 30, 32 + 2, 32 + 20, 32 + 24 + 100, 32 + frame + 24 + 4000] {
        copy(folder.path(), crashed.path());
        let mut bytes = std::fs::read(&log).unwrap();
        bytes[at] ^= 0x40;
        std::fs::write(&log, bytes).unwrap();
        refused(crashed.path(), "store/damaged", "write-ahead log has a bad place");
    }
    // Torn at the end, as a crash leaves it: the unfinished change is gone, the rest is there.
    for cut in [1, PAGE, frame] {
        copy(folder.path(), crashed.path());
        let bytes = std::fs::read(&log).unwrap();
        std::fs::write(&log, &bytes[..size - cut]).unwrap();
        let journal = open(crashed.path(), Access::Write);
        assert_eq!(events(&journal, plan(1)).len(), 45, "{cut} bytes cut off");
        assert_eq!(audited(&journal).findings, []);
    }
}

#[test]
fn opening_never_makes_a_store_unasked() {
    let folder = Folder::in_memory();
    for access in [Access::Read, Access::Write] {
        let fault = Sqlite::open(&folder.path().join("none"), Options::new(access)).map(drop).unwrap_err();
        assert_eq!(fault.code, "store/not-found");
    }
    assert!(bytes(folder.path()).is_empty() && !folder.path().join("none").exists());
}

fn read_all(journal: &dyn Journal) {
    assert_eq!(journal.read(plan(1), Seq(0), 99).unwrap().len(), 40);
    assert_eq!(journal.follow(0, 5).unwrap().len(), 5);
    assert_eq!((journal.attempts(None, 9).unwrap(), journal.request("x").unwrap()), (vec![], None));
    assert!(journal.blob(&blob(3, 2_000).digest()).unwrap().is_some());
    assert_eq!(audited(journal).findings, []);
}

#[test]
fn reading_changes_no_file_whether_the_store_was_closed_or_not() {
    let (folder, crashed) = (Folder::in_memory(), Folder::in_memory());
    let journal = open(folder.path(), Access::Create);
    for number in 0..40 {
        append(&journal, plan(1), &entry(&["an event"]).blob(blob(number, 2_000))).unwrap();
    }
    copy(folder.path(), crashed.path());
    drop(journal);
    for folder in [folder.path(), crashed.path()] {
        let before = bytes(folder);
        for _ in 0..2 {
            let journal = open(folder, Access::Read);
            read_all(&journal);
            let note = entry(&["no"]);
            let denied = journal.append(plan(1), Seq(40), &note).unwrap_err();
            assert!(denied.to_string().starts_with("store/read-only"), "{denied}");
            assert_eq!(journal.put_blob(&blob(99, 90_000)).unwrap_err().code, "store/read-only");
            assert_eq!(journal.drop_snapshot(plan(1)).unwrap_err().code, "store/read-only");
            drop(journal);
            assert!(bytes(folder) == before, "reading changed a file");
        }
    }
}

pub(crate) fn reader(me: &Me) {
    let journal = open(&me.store, Access::Read);
    read_all(&journal);
    let Err(fault) = Sqlite::open(&me.store, Options::new(Access::Write)) else {
        // Opening for writing may succeed where nothing is written yet; writing may not.
        let journal = open(&me.store, Access::Write);
        let denied = append(&journal, plan(1), &entry(&["no"])).unwrap_err();
        return me.tell(&denied.to_string());
    };
    me.tell(&fault.to_string());
}

#[test]
fn a_store_in_a_folder_that_nobody_may_write_is_read() {
    let folder = Folder::new();
    let store = folder.path().join("store");
    make(&store);
    let before = bytes(&store);
    let mode = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    mode(&store.join(sqlite::DATABASE), 0o444);
    mode(&store, 0o555);
    let mut reader = Other::start_as_nobody(Role::Reader, &store);
    let told = reader.expect("");
    assert!(told.starts_with("store/"), "{told} {:?}", reader.rest());
    assert!(reader.end());
    mode(&store, 0o755);
    assert!(bytes(&store) == before);
}
