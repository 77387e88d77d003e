//! What lies beside the streams: blobs, attempts, snapshots, turns.

use std::sync::atomic::{AtomicU32, Ordering};

use model::digest::Digest;
use model::ids::{PlanId, Seq};

use super::{Home, append, entry, plan};
use crate::blob::INLINE_BYTES;
use crate::{Attempt, Blob, Kept, Refusals, SnapshotKey, StoreEvent};

/// Small, large, empty and on the border.
pub fn blobs_of_any_size_read_back(home: &Home) {
    let journal = &*home.journal;
    for size in [0, 1, INLINE_BYTES, INLINE_BYTES + 1, 1_000_000] {
        let blob = Blob::new((0..size).map(|byte| byte as u8).collect::<Vec<_>>());
        assert!(!journal.has_blob(&blob.digest()).unwrap());
        assert_eq!(journal.blob(&blob.digest()).unwrap(), None);
        for _ in 0..2 {
            journal.put_blob(&blob).unwrap();
            assert!(journal.has_blob(&blob.digest()).unwrap());
            assert_eq!(journal.blob(&blob.digest()).unwrap(), Some(Kept::Bytes(blob.bytes().to_vec())));
        }
    }
}

/// An entry's blobs are there when it is, and not because it failed.
pub fn blobs_come_with_their_events(home: &Home) {
    let journal = &*home.journal;
    let (small, large) = (Blob::new("small"), Blob::new(vec![7; INLINE_BYTES * 2]));
    let sent = entry("attach", &["1"]).blob(small.clone()).blob(large.clone());
    journal.append(plan(1), Seq(4), &sent).unwrap_err();
    assert!(!journal.has_blob(&small.digest()).unwrap() && !journal.has_blob(&large.digest()).unwrap());
    journal.append(plan(1), Seq(0), &sent).unwrap();
    assert!(journal.has_blob(&small.digest()).unwrap() && journal.has_blob(&large.digest()).unwrap());
    // The same content again, with another event.
    journal.append(plan(1), Seq(1), &sent).unwrap();
    assert_eq!(journal.blob(&large.digest()).unwrap().and_then(Kept::bytes).as_deref(), Some(large.bytes()));
}

/// A purged blob is gone, and that it was there is not.
pub fn a_purged_blob_leaves_a_tombstone(home: &Home) {
    let journal = &*home.journal;
    let note = entry("purge", &[]);
    for blob in [Blob::new("secret"), Blob::new(vec![1; INLINE_BYTES * 2])] {
        let purge =
            || journal.purge_blob(&blob.digest(), "no longer kept", note.at, &note.by, &note.cause).unwrap();
        assert!(!purge(), "nothing there yet");
        journal.put_blob(&blob).unwrap();
        assert!(purge() && !purge());
        assert!(!journal.has_blob(&blob.digest()).unwrap());
        assert_eq!(journal.blob(&blob.digest()).unwrap(), Some(Kept::Purged { at: note.at }));
        // What was purged on purpose does not come back by accident.
        journal.put_blob(&blob).unwrap();
        assert_eq!(journal.blob(&blob.digest()).unwrap(), Some(Kept::Purged { at: note.at }));
        let last = journal.follow(journal.position().unwrap() - 1, 1).unwrap().remove(0);
        assert_eq!(last.plan, PlanId::STORE);
        let purged = StoreEvent::BlobPurged { digest: blob.digest(), reason: "no longer kept".to_owned() };
        assert_eq!(StoreEvent::from_bytes(&last.event), Some(purged));
    }
}

/// Refused commands are no history, but they are known.
pub fn attempts_are_kept_newest_first(home: &Home) {
    let journal = &*home.journal;
    let note = entry("claim", &[]);
    let attempt = |plan, code: &str| Attempt {
        at: note.at,
        plan,
        by: note.by.clone(),
        command: "claim".to_owned(),
        code: code.to_owned(),
        message: format!("task `7.3` … {code}"),
    };
    let all = [
        attempt(Some(plan(1)), "dependency/unmet"),
        attempt(None, "value/invalid"),
        attempt(Some(plan(2)), "gate/shut"),
        attempt(Some(plan(1)), "task/state"),
    ];
    for one in &all {
        journal.refused(one).unwrap();
    }
    let newest: Vec<_> = all.iter().rev().cloned().collect();
    assert_eq!(journal.attempts(None, 9).unwrap(), newest);
    assert_eq!(journal.attempts(None, 2).unwrap(), newest[..2]);
    assert_eq!(journal.attempts(Some(plan(1)), 9).unwrap(), [all[3].clone(), all[0].clone()]);
    assert_eq!(journal.position().unwrap(), 0);
}

/// Each is counted once by whoever goes on from the last number.
pub fn refusals_are_counted_from_a_number_on(home: &Home) {
    let journal = &*home.journal;
    let note = entry("claim", &[]);
    let refused = |code: &str| {
        let attempt = Attempt {
            at: note.at,
            plan: Some(plan(1)),
            by: note.by.clone(),
            command: "claim".to_owned(),
            code: code.to_owned(),
            message: code.to_owned(),
        };
        journal.refused(&attempt).unwrap();
    };
    assert_eq!(journal.refusals(0).unwrap(), Refusals::default());
    for code in ["lease/taken", "gate/shut", "lease/taken"] {
        refused(code);
    }
    let first = journal.refusals(0).unwrap();
    let counted = |all: &Refusals| all.by_code.clone().into_iter().collect::<Vec<_>>();
    assert_eq!(counted(&first), [("gate/shut".to_owned(), 1), ("lease/taken".to_owned(), 2)]);
    assert_eq!(counted(&journal.refusals(first.last).unwrap()), []);
    refused("gate/shut");
    let second = journal.refusals(first.last).unwrap();
    assert_eq!(counted(&second), [("gate/shut".to_owned(), 1)]);
    assert!(second.last > first.last && journal.refusals(second.last).unwrap().last == second.last);
}

/// Another version's, another history's, a future one: as if there were none.
pub fn a_snapshot_that_does_not_belong_is_not_given(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1", "2"]);
    let events = journal.read(plan(1), Seq(0), 9).unwrap();
    let key = |seq: u64, digest: Digest| SnapshotKey {
        plan: plan(1),
        seq: Seq(seq),
        digest,
        code_version: "0.1.0".to_owned(),
    };
    assert_eq!(journal.snapshot(plan(1), "0.1.0").unwrap(), None);
    let given = |key: &SnapshotKey, version: &str| {
        assert!(journal.put_snapshot(key, b"state").unwrap());
        journal.snapshot(plan(1), version).unwrap().map(|snapshot| snapshot.bytes)
    };
    assert_eq!(given(&key(2, events[1].digest), "0.1.0").as_deref(), Some(b"state".as_slice()));
    assert_eq!(given(&key(1, events[0].digest), "0.1.0").as_deref(), Some(b"state".as_slice()));
    assert_eq!(given(&key(2, events[1].digest), "0.2.0"), None);
    assert_eq!(given(&key(2, events[0].digest), "0.1.0"), None);
    assert_eq!(given(&key(3, events[1].digest), "0.1.0"), None);
    assert_eq!(given(&key(0, Digest::ZERO), "0.1.0"), None);
}

/// Caches may go at any time.
pub fn snapshots_are_listed_and_dropped(home: &Home) {
    let journal = &*home.journal;
    for number in [1, 2] {
        let head = append(journal, plan(number), &["1"]);
        let key = SnapshotKey {
            plan: plan(number),
            seq: head.last,
            digest: head.digest,
            code_version: "a".to_owned(),
        };
        journal.put_snapshot(&key, number.to_string().as_bytes()).unwrap();
    }
    let listed = journal.snapshots().unwrap();
    assert_eq!(listed.iter().map(|(plan, _)| *plan).collect::<Vec<_>>(), [plan(1), plan(2)]);
    assert_eq!(listed[1].1.as_ref().unwrap().bytes, b"2");
    journal.drop_snapshot(plan(1)).unwrap();
    journal.drop_snapshot(plan(1)).unwrap();
    assert_eq!(journal.snapshot(plan(1), "a").unwrap(), None);
    assert_eq!(journal.snapshots().unwrap().len(), 1);
}

/// Those who wait for a turn get it once it is given up.
pub fn turns_are_taken_one_after_the_other(home: &Home) {
    let journal = &*home.journal;
    let done = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let _turn = journal.turn();
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.into_inner(), 8);
    drop(journal.turn());
}
