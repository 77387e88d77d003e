//! Stores that somebody changed behind the journal's back: the audit names the first bad event or
//! digest. What a byte-wise look at the file can show is in `refused`.

use std::path::{Path, PathBuf};

use journal::audit::{Audit, Audited, Pin, Place, verify};
use journal::testing::Folder;
use journal::{Access, Journal, SnapshotKey, Sqlite, sqlite};
use model::ids::{PlanId, Seq};
use rusqlite::Connection;

use crate::support::{append, audited, blob, entry, open, plan};

/// Five events in plan 1, three in plan 2, a small blob, a large one, a snapshot of plan 1.
struct Store {
    folder: Folder,
    pins: Vec<Pin>,
}

impl Store {
    fn new() -> Self {
        let folder = Folder::in_memory();
        let journal = open(folder.path(), Access::Create);
        append(&journal, plan(1), &entry(&["1", "2", "3"]).blob(small()).blob(large())).unwrap();
        append(&journal, plan(2), &entry(&["1", "2", "3"])).unwrap();
        append(&journal, plan(1), &entry(&["4", "5"])).unwrap();
        let head = journal.head(plan(1)).unwrap().unwrap();
        let key =
            SnapshotKey { plan: plan(1), seq: head.seq, digest: head.digest, code_version: "a".to_owned() };
        journal.put_snapshot(&key, b"state").unwrap();
        let pins = audited(&journal).heads;
        Self { folder, pins }
    }

    fn sql(&self, change: &str) {
        let database = Connection::open(self.folder.path().join(sqlite::DATABASE)).unwrap();
        let change = change.replace("{1}", &plan(1).to_string()).replace("{2}", &plan(2).to_string());
        database.execute_batch(&change).unwrap();
        assert!(database.total_changes() > 0, "`{change}` changed nothing");
    }

    fn audited(&self, pins: &[Pin]) -> Audited {
        verify(&self.open(), &Audit { pins, ..Audit::default() }).unwrap()
    }

    fn open(&self) -> Sqlite {
        open(self.folder.path(), Access::Read)
    }

    fn blob_file(&self) -> PathBuf {
        let name = large().digest().to_string();
        self.folder.path().join(sqlite::BLOBS).join(&name[..2]).join(&name[2..])
    }

    fn snapshot_file(&self) -> PathBuf {
        self.folder.path().join(sqlite::SNAPSHOTS).join(format!("{}.snapshot", plan(1)))
    }
}

fn small() -> journal::Blob {
    blob(1, 800)
}

fn large() -> journal::Blob {
    blob(2, 80_000)
}

fn at(plan: PlanId, seq: u64) -> Place {
    Place::Event { plan, seq: Seq(seq) }
}

/// Changes a store and expects the audit to name exactly one place, in its finding and its fault.
fn check(change: impl Fn(&Store), place: Place, words: &str) {
    let store = Store::new();
    assert_eq!(store.audited(&store.pins).findings, [], "whole before it is changed");
    change(&store);
    let seen = store.audited(&[]);
    let first = seen.findings.first().unwrap_or_else(|| panic!("nothing found; expected {place:?}: {words}"));
    assert_eq!((first.place, first.what.contains(words)), (place, true), "{:?}", seen.findings);
    let fault = seen.fault().unwrap();
    assert_eq!(fault.code, "chain/broken");
    match place {
        Place::Event { seq, .. } => assert_eq!(fault.fact("seq"), Some(seq.to_string().as_str())),
        Place::Blob { digest } => assert_eq!(fault.fact("digest"), Some(digest.to_string().as_str())),
        Place::Snapshot { plan, .. } => assert_eq!(fault.fact("plan"), Some(plan.to_string().as_str())),
        Place::Store => {}
    }
}

#[test]
fn a_byte_in_any_part_of_an_event_is_named() {
    let digest = "does not have its digest";
    let follow = "does not follow the event before it";
    let third = "WHERE plan = '{1}' AND seq = 3";
    for (set, words) in [
        (r#"event = replace(event, '3', '8')"#, digest),
        (r#""by" = replace("by", 'Ada', 'Bda')"#, digest),
        (r#"at = replace(at, '09:30', '09:31')"#, digest),
        (r#"cause = replace(cause, 'say', 'sax')"#, digest),
        (r#"prev = zeroblob(32)"#, follow),
        (r#"prev = x''"#, follow),
        (r#"digest = zeroblob(32)"#, digest),
        (r#"position = 1"#, "shares its position"),
        (r#"position = 900"#, "has a position before"),
        (r#"place = place + 50"#, "is missing"),
        (r#"plan = '{2}'"#, "is missing"),
        (r#"seq = 77"#, "is missing"),
        (r#"event = x'00'"#, digest),
    ] {
        let named = match words {
            // Positions rise: the event after an inflated one stands before it.
            "has a position before" => at(plan(1), 4),
            _ => at(plan(1), 3),
        };
        check(|store| store.sql(&format!("UPDATE events SET {set} {third}")), named, words);
    }
}

#[test]
fn rows_deleted_swapped_inserted_or_appended_are_named() {
    let of_plan = |change: &'static str| move |store: &Store| store.sql(change);
    check(of_plan("DELETE FROM events WHERE plan = '{1}' AND seq = 3"), at(plan(1), 3), "is missing");
    check(of_plan("DELETE FROM events WHERE plan = '{1}' AND seq = 1"), at(plan(1), 1), "is missing");
    check(of_plan("DELETE FROM events WHERE plan = '{1}' AND seq = 5"), at(plan(1), 5), "is missing");
    let swap = "UPDATE events SET place = -place WHERE plan = '{1}' AND seq IN (2, 3);
        UPDATE events SET place = -place - 1, seq = 1 WHERE plan = '{1}' AND seq = 3;
        UPDATE events SET place = -place + 1, seq = 3 WHERE plan = '{1}' AND seq = 2;
        UPDATE events SET seq = 2 WHERE plan = '{1}' AND seq = 1 AND event LIKE '%3%';";
    check(of_plan(swap), at(plan(1), 2), "does not follow the event before it");
    let texts = "UPDATE events SET event = (SELECT event FROM events o WHERE o.plan = events.plan AND o.seq = 5 - events.seq)
        WHERE plan = '{1}' AND seq IN (2, 3)";
    check(of_plan(texts), at(plan(1), 2), "does not have its digest");
    let behind = "INSERT INTO events SELECT place + 1, plan, seq + 1, at, \"by\", cause, event, digest, digest, position + 1
        FROM events WHERE plan = '{1}' AND seq = 5";
    check(of_plan(behind), at(plan(1), 6), "does not have its digest");
    let between = "UPDATE events SET place = place + 1, seq = seq + 1 WHERE plan = '{1}' AND seq = 5;
        UPDATE events SET place = place + 1, seq = seq + 1 WHERE plan = '{1}' AND seq = 4;
        INSERT INTO events SELECT place + 1, plan, 4, at, \"by\", cause, event, digest, digest, 99
        FROM events WHERE plan = '{1}' AND seq = 3";
    check(of_plan(between), at(plan(1), 4), "does not have its digest");
}

#[test]
fn heads_and_whole_plans_that_changed_are_named() {
    let change = |change: &'static str| move |store: &Store| store.sql(change);
    let head = "UPDATE heads SET digest = zeroblob(32) WHERE plan = '{1}'";
    check(change(head), at(plan(1), 5), "does not have the digest its head names");
    check(change("UPDATE heads SET seq = 4 WHERE plan = '{1}'"), at(plan(1), 5), "stands behind the head");
    check(change("UPDATE heads SET seq = 9 WHERE plan = '{1}'"), at(plan(1), 6), "is missing");
    check(change("UPDATE heads SET removed = 1 WHERE plan = '{1}'"), at(plan(1), 1), "");
    check(
        change("DELETE FROM heads WHERE plan = '{1}'"),
        at(plan(1), 1),
        "does not lie where it was written",
    );
    let vanish = "DELETE FROM heads WHERE plan = '{1}'; DELETE FROM events WHERE plan = '{1}'";
    check(change(vanish), at(plan(1), 1), "the whole plan vanished");
    let emptied = "DELETE FROM events WHERE plan = '{1}'; UPDATE heads SET removed = 1 WHERE plan = '{1}'";
    check(change(emptied), at(plan(1), 1), "the store's own stream knows nothing of it");
    check(
        change("UPDATE heads SET given = given + 3 WHERE number = 1"),
        Place::Store,
        "positions were given",
    );
}

#[test]
fn blobs_and_snapshots_that_changed_are_named() {
    let (small, large) = (Place::Blob { digest: small().digest() }, Place::Blob { digest: large().digest() });
    let replaced = "does not have its digest: its content was replaced";
    let change = |change: &'static str| move |store: &Store| store.sql(change);
    check(change("UPDATE blobs SET bytes = x'00' WHERE file = 0"), small, replaced);
    check(change("UPDATE blobs SET bytes = NULL WHERE file = 0"), small, "is missing");
    check(
        change("UPDATE blobs SET purged = '2026-01-01T00:00:00Z', bytes = NULL WHERE file = 0"),
        small,
        "emptied",
    );
    check(|store| std::fs::remove_file(store.blob_file()).unwrap(), large, "is missing");
    check(|store| std::fs::write(store.blob_file(), "another").unwrap(), large, replaced);
    check(|store| flip(&store.blob_file(), 79_999), large, replaced);
    let snapshot = Place::Snapshot { plan: plan(1), seq: Seq(0) };
    check(|store| flip(&store.snapshot_file(), 3), snapshot, "is damaged");
    check(|store| std::fs::write(store.snapshot_file(), "").unwrap(), snapshot, "is damaged");
    let store = Store::new();
    let last = std::fs::metadata(store.snapshot_file()).unwrap().len() - 1;
    flip(&store.snapshot_file(), last as usize);
    assert_eq!(store.open().snapshot(plan(1), "a").unwrap(), None, "a damaged snapshot is never used");
}

/// Without a key, whoever may write the file can rebuild everything; a head pinned elsewhere shows it.
#[test]
fn a_rebuilt_or_cut_history_is_seen_against_a_pinned_head() {
    let cut = "UPDATE heads SET (seq, digest, position) = (SELECT seq, digest, position FROM events
          WHERE plan = '{1}' AND seq = 3) WHERE plan = '{1}';
        DELETE FROM events WHERE plan = '{1}' AND seq > 3; UPDATE heads SET given = given - 2 WHERE number = 1";
    let store = Store::new();
    store.sql(cut);
    std::fs::remove_file(store.snapshot_file()).unwrap();
    assert_eq!(store.audited(&[]).findings, [], "the cut is clean");
    let seen = store.audited(&store.pins);
    assert_eq!(seen.findings[0].place, at(plan(1), 5));
    assert!(seen.findings[0].what.contains("the tail was cut off"), "{:?}", seen.findings);
    assert_eq!(seen.fault().unwrap().fact("seq"), Some("5"));

    let store = Store::new();
    rebuild(store.folder.path());
    std::fs::remove_file(store.snapshot_file()).unwrap();
    assert_eq!(store.audited(&[]).findings, [], "the forgery is perfect");
    let seen = store.audited(&store.pins);
    assert_eq!((seen.findings.len(), seen.findings[0].place), (1, at(plan(1), 5)));
    assert!(seen.findings[0].what.contains("history was written anew"), "{:?}", seen.findings);
}

/// Changes event 2 of plan 1 and computes every digest behind it anew.
fn rebuild(folder: &Path) {
    let database = Connection::open(folder.join(sqlite::DATABASE)).unwrap();
    let name = plan(1).to_string();
    database
        .execute(
            "UPDATE events SET event = replace(event, '2', 'forged') WHERE plan = ?1 AND seq = 2",
            [&name],
        )
        .unwrap();
    let mut prev = model::digest::Digest::ZERO;
    for seq in 1..=5u64 {
        let row = |row: &rusqlite::Row<'_>| {
            let text = |index| row.get::<_, String>(index);
            Ok((text(0)?, text(1)?, text(2)?, text(3)?))
        };
        let select = "SELECT at, \"by\", cause, event FROM events WHERE plan = ?1 AND seq = ?2";
        let (at, by, cause, event) =
            database.query_row(select, rusqlite::params![name, seq as i64], row).unwrap();
        let digest = journal::stored::chain(
            &prev,
            &name,
            Seq(seq),
            &at,
            by.as_bytes(),
            cause.as_bytes(),
            event.as_bytes(),
        );
        let update = "UPDATE events SET prev = ?3, digest = ?4 WHERE plan = ?1 AND seq = ?2";
        let values = rusqlite::params![name, seq as i64, prev.as_bytes(), digest.as_bytes()];
        database.execute(update, values).unwrap();
        prev = digest;
    }
    let update = "UPDATE heads SET digest = ?2 WHERE plan = ?1";
    database.execute(update, rusqlite::params![name, prev.as_bytes()]).unwrap();
}

fn flip(path: &Path, place: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[place] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

/// Reading does not compute digests, but a stream with a hole is not read as if it had none.
#[test]
fn reading_a_stream_with_a_hole_is_refused() {
    for (change, seq) in [
        ("DELETE FROM events WHERE plan = '{1}' AND seq = 3", "3"),
        ("DELETE FROM events WHERE plan = '{1}' AND seq = 5", "5"),
        ("DELETE FROM events WHERE plan = '{1}'", "1"),
        ("UPDATE heads SET digest = zeroblob(32) WHERE plan = '{1}'", "5"),
        ("UPDATE events SET prev = zeroblob(32) WHERE plan = '{1}' AND seq = 4", "4"),
        ("UPDATE events SET at = 'yesterday' WHERE plan = '{1}' AND seq = 4", "4"),
        ("UPDATE events SET \"by\" = '{}' WHERE plan = '{1}' AND seq = 2", "2"),
    ] {
        let store = Store::new();
        store.sql(change);
        let fault = store.open().read(plan(1), Seq(0), 99).unwrap_err();
        assert_eq!((fault.code.as_str(), fault.fact("seq")), ("chain/broken", Some(seq)), "{change}");
    }
}
