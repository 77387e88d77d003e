//! Streams that come from another store.

use model::digest::Digest;
use model::ids::{PlanId, Seq};

use super::{Home, append, entry, plan};
use crate::audit::{Audit, verify};
use crate::blob::INLINE_BYTES;
use crate::brought::{Brought, Row};
use crate::{AppendError, Blob, Journal, Kept, Memory, StoreEvent};

/// A stream of three events with blobs of both sizes, as another store holds it.
fn stream() -> Brought {
    let there = Memory::new();
    append(&there, plan(9), &["elsewhere"]);
    append(&there, plan(1), &["one", "zwei äöü"]);
    append(&there, plan(1), &["three"]);
    let events = there.read(plan(1), Seq(0), usize::MAX).unwrap();
    let rows = events.into_iter().map(|event| Row {
        at: event.at.to_string(),
        by: crate::memory::json(&event.by),
        cause: crate::memory::json(&event.cause),
        event: event.event,
        prev: event.prev,
        digest: event.digest,
    });
    Brought {
        plan: plan(1),
        rows: rows.collect(),
        blobs: vec![Blob::new("small"), Blob::new(vec![3; INLINE_BYTES * 2])],
        purged: vec![Blob::name(b"gone")],
        file: Digest::sha256(b"the archive"),
    }
}

fn bring(journal: &dyn Journal, stream: &Brought) -> Result<crate::Appended, AppendError> {
    let note = entry("import", &[]);
    journal.bring(stream, note.at, &note.by, &note.cause)
}

/// Rows, digests and blobs are what they were, the store says who brought them, and the audit holds.
pub fn a_stream_from_elsewhere_keeps_its_chain(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(2), &["here already"]);
    let stream = stream();
    let brought = bring(journal, &stream).unwrap();
    assert_eq!((brought.first, brought.last, brought.digest), (Seq(1), Seq(3), stream.head()));
    let events = journal.read(plan(1), Seq(0), usize::MAX).unwrap();
    let digests: Vec<Digest> = events.iter().map(|event| event.digest).collect();
    assert_eq!(digests, stream.rows.iter().map(|row| row.digest).collect::<Vec<_>>());
    assert_eq!(events[1].event, stream.rows[1].event);
    for blob in &stream.blobs {
        assert_eq!(journal.blob(&blob.digest()).unwrap(), Some(Kept::Bytes(blob.bytes().to_vec())));
    }
    assert!(matches!(journal.blob(&stream.purged[0]).unwrap(), Some(Kept::Purged { .. })));
    let said = journal.read(PlanId::STORE, Seq(0), usize::MAX).unwrap();
    let said: Vec<_> = said.iter().filter_map(|event| StoreEvent::from_bytes(&event.event)).collect();
    assert!(said.contains(&StoreEvent::brought(&stream)), "{said:?}");
    assert!(said.contains(&StoreEvent::PlanMade { plan: plan(1) }), "{said:?}");
    append(journal, plan(1), &["life goes on"]);
    let audited = verify(journal, &Audit::default()).unwrap();
    assert!(audited.is_whole(), "{:?}", audited.findings);
    assert_eq!((audited.plans, audited.purged), (2, 1));
}

/// Whatever was changed on the way, the first bad event is named and nothing is brought in.
pub fn a_stream_that_was_changed_is_refused(home: &Home) {
    type Change = fn(&mut Brought);
    let journal = &*home.journal;
    let changes: [(Change, u64); 8] = [
        (|stream| stream.rows[1].event = b"{}".to_vec(), 2),
        (|stream| stream.rows[1].by = stream.rows[1].cause.clone(), 2),
        (|stream| stream.rows[2].cause.push(b' '), 3),
        (|stream| stream.rows[0].at = "2031-01-01T00:00:00Z".to_owned(), 1),
        (|stream| stream.rows[2].digest = Digest::ZERO, 3),
        (|stream| drop(stream.rows.remove(1)), 2),
        (|stream| stream.rows.swap(0, 1), 1),
        (|stream| stream.plan = plan(7), 1),
    ];
    for (change, seq) in changes {
        let mut stream = stream();
        change(&mut stream);
        let Err(AppendError::Fault(fault)) = bring(journal, &stream) else { panic!("refused") };
        assert_eq!(fault.code, "chain/broken");
        assert!(fault.message.starts_with(&format!("event {seq} ")), "{}", fault.message);
    }
    assert_eq!((journal.position().unwrap(), journal.head(plan(1)).unwrap()), (0, None));
}

/// A plan that is there, or was, is not brought in over itself.
pub fn a_stream_that_is_there_is_left_alone(home: &Home) {
    let journal = &*home.journal;
    bring(journal, &stream()).unwrap();
    let before = journal.position().unwrap();
    assert_eq!(bring(journal, &stream()), Err(AppendError::Moved { actual: Seq(3) }));
    let note = entry("remove", &[]);
    journal.remove(plan(1), Seq(3), note.at, &note.by, &note.cause).unwrap();
    assert_eq!(bring(journal, &stream()), Err(AppendError::Removed));
    assert_eq!(journal.position().unwrap(), before + 1);
}
