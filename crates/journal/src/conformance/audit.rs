//! Audits of journals that nobody tampered with, and of what surrounds them. Tampering needs the
//! backing store itself and is tested with each home.

use std::sync::atomic::{AtomicBool, Ordering};

use model::digest::Digest;
use model::ids::{PlanId, Seq};

use super::{Home, append, entry, plan};
use crate::audit::{Audit, Audited, Pin, Place, verify};
use crate::{Blob, Journal, Snapshot, SnapshotKey};

fn audited(journal: &dyn Journal, audit: &Audit<'_>) -> Audited {
    verify(journal, audit).unwrap()
}

/// Everything done through the journal leaves it whole.
pub fn an_untouched_store_passes_its_audit(home: &Home) {
    let journal = &*home.journal;
    assert!(audited(journal, &Audit::default()).is_whole(), "an empty one");
    append(journal, plan(1), &["1", "2", "3"]);
    append(journal, plan(2), &["1"]);
    append(journal, plan(3), &["1", "2"]);
    let note = entry("tidy", &[]);
    let (kept, purged) = (Blob::new("kept"), Blob::new(vec![3; 100_000]));
    journal.put_blob(&kept).unwrap();
    journal.put_blob(&purged).unwrap();
    journal.purge_blob(&purged.digest(), "no longer kept", note.at, &note.by, &note.cause).unwrap();
    journal.remove(plan(3), Seq(2), note.at, &note.by, &note.cause).unwrap();
    append(journal, plan(1), &["4"]);
    let seen = audited(journal, &Audit::default());
    assert_eq!(seen.findings, []);
    assert_eq!((seen.plans, seen.removed, seen.blobs, seen.purged), (2, 1, 1, 1));
    // Three plans made, one purge, one removal; four events and one.
    assert_eq!(seen.events, 10);
    assert_eq!(seen.heads.iter().map(|pin| pin.plan).collect::<Vec<_>>(), [PlanId::STORE, plan(1), plan(2)]);
    assert_eq!(seen.fault(), None);
}

/// A blob that an event names and the store does not have.
pub fn an_audit_misses_blobs_that_events_name(home: &Home) {
    let journal = &*home.journal;
    let (there, missing) = (Blob::new("there"), Blob::new("missing"));
    append(journal, plan(1), &["no blob"]);
    append(journal, plan(1), &[&there.digest().to_string(), &missing.digest().to_string()]);
    journal.put_blob(&there).unwrap();
    let blobs_of = |event: &[u8]| -> Vec<Digest> {
        let text = std::str::from_utf8(event).unwrap();
        text.split('"').filter_map(|word| word.parse().ok()).collect()
    };
    let seen = audited(journal, &Audit { blobs_of: Some(&blobs_of), ..Audit::default() });
    assert_eq!(seen.findings.len(), 1);
    assert_eq!(seen.findings[0].place, Place::Blob { digest: missing.digest() });
    let fault = seen.fault().unwrap();
    assert_eq!(
        (fault.code.as_str(), fault.fact("digest")),
        ("chain/broken", Some(missing.digest().to_string().as_str()))
    );
    assert!(fault.message.contains("event 3 of"), "{}", fault.message);
}

/// A snapshot that says something else than the events do.
pub fn an_audit_compares_snapshots(home: &Home) {
    let journal = &*home.journal;
    let head = append(journal, plan(1), &["1", "2"]);
    let key = SnapshotKey { plan: plan(1), seq: Seq(2), digest: head.digest, code_version: "a".to_owned() };
    let same = |snapshot: &Snapshot| Ok(snapshot.bytes == b"two events");
    let audit = Audit { same_as_replay: Some(&same), ..Audit::default() };
    journal.put_snapshot(&key, b"two events").unwrap();
    let seen = audited(journal, &audit);
    assert_eq!((seen.findings.len(), seen.snapshots), (0, 1));
    journal.put_snapshot(&key, b"three events").unwrap();
    let at_two = Place::Snapshot { plan: plan(1), seq: Seq(2) };
    assert_eq!(
        audited(journal, &audit).findings.iter().map(|found| found.place).collect::<Vec<_>>(),
        [at_two]
    );
    journal.put_snapshot(&SnapshotKey { digest: Digest::ZERO, ..key }, b"two events").unwrap();
    assert_eq!(audited(journal, &audit).findings[0].place, at_two);
    journal.drop_snapshot(plan(1)).unwrap();
    assert!(audited(journal, &audit).is_whole());
}

/// Pins of this history hold; a pin of another names its event.
pub fn pinned_heads_hold_or_are_named(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1", "2"]);
    let pins = audited(journal, &Audit::default()).heads;
    append(journal, plan(1), &["3"]);
    append(journal, plan(2), &["1"]);
    let with = |pins: &[Pin]| audited(journal, &Audit { pins, ..Audit::default() });
    let seen = with(&pins);
    assert_eq!((seen.findings.len(), seen.pins), (0, 2));
    let other = Pin { plan: plan(1), seq: Seq(2), digest: Digest::sha256(b"another history") };
    let cut = Pin { plan: plan(2), seq: Seq(5), digest: Digest::ZERO };
    let unknown = Pin { plan: plan(9), seq: Seq(1), digest: Digest::ZERO };
    for pin in [other, cut, unknown] {
        let seen = with(&[pins[0], pin]);
        let place = Place::Event { plan: pin.plan, seq: pin.seq };
        assert_eq!(seen.findings.iter().map(|found| found.place).collect::<Vec<_>>(), [place], "{pin}");
    }
    let note = entry("tidy", &[]);
    journal.remove(plan(1), Seq(3), note.at, &note.by, &note.cause).unwrap();
    assert!(with(&[]).is_whole());
    assert!(with(&pins).findings[0].what.contains("removed"), "a removed plan cannot prove its pin");
}

/// Writers at work do not look like tampering.
pub fn an_audit_sees_one_moment(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1"]);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 2;
            while !stop.load(Ordering::Relaxed) && number < 5_000 {
                append(journal, plan(number % 4), &["more", "and more"]);
                number += 1;
            }
        });
        for _ in 0..20 {
            assert_eq!(audited(journal, &Audit::default()).findings, []);
        }
        stop.store(true, Ordering::Relaxed);
    });
}
