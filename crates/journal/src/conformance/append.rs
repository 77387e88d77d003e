//! Appending and reading back.

use std::ops::ControlFlow;

use model::ids::{PlanId, Seq};

use super::{Home, append, entry, plan};
use crate::audit::{Audit, verify};
use crate::{AppendError, Entry, Stored};

/// Events come back as they went in.
pub fn events_read_back_as_appended(home: &Home) {
    let journal = &*home.journal;
    let sent = entry("say", &["one", "zwei äöü", "trois"]);
    let appended = journal.append(plan(1), Seq(0), &sent).unwrap();
    assert_eq!((appended.first, appended.last), (Seq(1), Seq(3)));
    let events = journal.read(plan(1), Seq(0), usize::MAX).unwrap();
    assert_eq!(events.len(), 3);
    for (index, (event, bytes)) in events.iter().zip(sent.events.iter()).enumerate() {
        assert_eq!(event.plan, plan(1));
        assert_eq!(event.seq, Seq(index as u64 + 1));
        assert_eq!(event.event, bytes);
        assert_eq!((event.at, &event.by, &event.cause), (sent.at, &sent.by, &sent.cause));
    }
    assert_eq!(events[2].digest, appended.digest);
    assert_eq!(events[2].position, appended.position);
    assert_eq!(journal.read(plan(2), Seq(0), 10).unwrap(), []);
    assert_eq!(journal.head(plan(2)).unwrap(), None);
}

/// Reading after some event, up to some number, or until the visitor has enough.
pub fn reading_begins_and_stops_where_told(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1", "2"]);
    append(journal, plan(2), &["other"]);
    append(journal, plan(1), &["3", "4", "5"]);
    let seqs = |after, limit| -> Vec<u64> {
        journal.read(plan(1), Seq(after), limit).unwrap().iter().map(|event| event.seq.0).collect()
    };
    assert_eq!(seqs(0, 9), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(2, 2), [3, 4]);
    assert_eq!(seqs(4, 9), [5]);
    assert!(seqs(5, 9).is_empty() && seqs(99, 9).is_empty() && seqs(0, 0).is_empty());
    let mut seen = Vec::new();
    let mut look = |event: &Stored| {
        seen.push(event.seq.0);
        if event.seq == Seq(3) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    journal.visit(plan(1), Seq(1), &mut look).unwrap();
    assert_eq!(seen, [2, 3]);
}

/// Nothing is appended behind somebody's back.
pub fn a_plan_that_moved_is_not_appended_to(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1", "2"]);
    let before = (journal.heads().unwrap(), journal.position().unwrap());
    for expected in [0, 1, 3] {
        let moved = journal.append(plan(1), Seq(expected), &entry("say", &["lost"]));
        assert_eq!(moved, Err(AppendError::Moved { actual: Seq(2) }));
    }
    let moved = journal.append(plan(2), Seq(4), &entry("say", &["lost"]));
    assert_eq!(moved, Err(AppendError::Moved { actual: Seq(0) }));
    assert_eq!((journal.heads().unwrap(), journal.position().unwrap()), before);
    journal.append(plan(1), Seq(2), &entry("say", &["3"])).unwrap();
}

/// What rests on other streams is appended only while each of them stands as it was judged.
pub fn what_rests_on_a_stream_that_moved_is_not_appended(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1"]);
    append(journal, plan(2), &["1", "2"]);
    append(journal, plan(3), &["1"]);
    let resting = |given: &[(PlanId, Seq)]| {
        let entry = Entry { given: given.to_vec(), ..entry("say", &["x"]) };
        journal.append(plan(1), Seq(1), &entry)
    };
    let before = (journal.heads().unwrap(), journal.position().unwrap());
    for given in [
        &[(plan(2), Seq(1))][..],
        &[(plan(2), Seq(1)), (plan(3), Seq(1))],
        &[(plan(3), Seq(1)), (plan(2), Seq(1))],
    ] {
        assert_eq!(resting(given), Err(AppendError::Moved { actual: Seq(2) }));
    }
    assert_eq!(resting(&[(plan(4), Seq(1))]), Err(AppendError::Moved { actual: Seq(0) }));
    assert_eq!((journal.heads().unwrap(), journal.position().unwrap()), before);
    resting(&[(plan(2), Seq(2)), (plan(3), Seq(1)), (plan(4), Seq(0))]).unwrap();
}

/// Entries that are appended together are as if each had been appended after the other, or none is.
pub fn several_entries_are_appended_together_or_not_at_all(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1"]);
    let before = (journal.heads().unwrap(), journal.position().unwrap());
    let with_id = |id: &str, text: &str| {
        let mut entry = entry("say", &[text]);
        entry.cause.request = Some(id.to_owned());
        entry
    };
    let late = [
        (plan(1), Seq(1), entry("say", &["2"])),
        (plan(2), Seq(0), entry("say", &["x"])),
        (plan(1), Seq(1), entry("say", &["3"])),
    ];
    assert_eq!(journal.append_all(&late), Err(AppendError::Moved { actual: Seq(2) }));
    let twice = [(plan(1), Seq(1), with_id("r", "2")), (plan(1), Seq(2), with_id("r", "3"))];
    assert!(journal.append_all(&twice).is_err());
    assert_eq!((journal.heads().unwrap(), journal.position().unwrap()), before);
    assert_eq!(journal.request("r").unwrap(), None);

    let good = [
        (plan(1), Seq(1), with_id("a", "2")),
        (plan(2), Seq(0), entry("say", &["one", "two"])),
        (plan(1), Seq(2), with_id("b", "3")),
        (plan(2), Seq(2), entry("say", &["three"])),
    ];
    let appended = journal.append_all(&good).unwrap();
    let places: Vec<_> = appended.iter().map(|appended| (appended.first.0, appended.last.0)).collect();
    assert_eq!(places, [(2, 2), (1, 2), (3, 3), (3, 3)]);
    let text = |number| -> Vec<String> {
        let events = journal.read(plan(number), Seq(0), 9).unwrap();
        events.iter().map(|event| String::from_utf8(event.event.clone()).unwrap()).collect()
    };
    let said = |texts: &[&str]| -> Vec<String> {
        let bytes = entry("say", texts).events;
        bytes.iter().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect()
    };
    assert_eq!((text(1), text(2)), (said(&["1", "2", "3"]), said(&["one", "two", "three"])));
    assert_eq!(journal.request("b").unwrap().unwrap().appended, appended[2]);
    assert_eq!(journal.append_all(&[]).unwrap(), []);
    assert!(verify(journal, &Audit::default()).unwrap().is_whole());
}

/// The same request again gives what came of it the first time.
pub fn a_request_is_carried_out_once(home: &Home) {
    let journal = &*home.journal;
    let with_request = |id: &str, text: &str| -> Entry {
        let mut entry = entry("say", &[text]);
        entry.cause.request = Some(id.to_owned());
        entry
    };
    assert_eq!(journal.request("r-1").unwrap(), None);
    let first = journal.append(plan(1), Seq(0), &with_request("r-1", "once")).unwrap();
    journal.append(plan(1), Seq(1), &with_request("r-2", "two")).unwrap();
    for expected in [0, 1, 2] {
        let Err(AppendError::Duplicate(earlier)) =
            journal.append(plan(1), Seq(expected), &with_request("r-1", "twice"))
        else {
            panic!("the second time is a duplicate");
        };
        assert_eq!((earlier.request.as_str(), earlier.command.as_str()), ("r-1", "say"));
        assert_eq!((earlier.plan, earlier.appended), (plan(1), first));
        assert_eq!(journal.request("r-1").unwrap(), Some(*earlier));
    }
    assert_eq!(journal.head(plan(1)).unwrap().unwrap().seq, Seq(2));
    // A request that failed was not carried out.
    journal.append(plan(1), Seq(9), &with_request("r-3", "moved")).unwrap_err();
    assert_eq!(journal.request("r-3").unwrap(), None);
}

/// A command that changes nothing still answers its request.
pub fn an_entry_without_events_is_remembered(home: &Home) {
    let journal = &*home.journal;
    let mut nothing = entry("sync", &[]);
    nothing.cause.request = Some("r-0".to_owned());
    let appended = journal.append(plan(1), Seq(0), &nothing).unwrap();
    assert_eq!((appended.first, appended.last), (Seq(1), Seq(0)));
    assert_eq!(journal.head(plan(1)).unwrap(), None, "no event, no plan");
    assert_eq!(journal.request("r-0").unwrap().unwrap().appended, appended);
    append(journal, plan(1), &["1"]);
    let appended = journal.append(plan(1), Seq(1), &entry("sync", &[])).unwrap();
    assert_eq!((appended.first, appended.last), (Seq(2), Seq(1)));
    assert_eq!(journal.position().unwrap(), 2);
}

/// Too large, or no text: refused before anything is touched.
pub fn what_no_store_can_hold_is_refused(home: &Home) {
    let journal = &*home.journal;
    let huge = vec![b'x'; crate::entry::MAX_EVENT_BYTES + 1];
    for bytes in [huge.as_slice(), b"\xff\xfe"] {
        let entry = entry("say", &["fine"]).event(bytes);
        let Err(AppendError::Fault(fault)) = journal.append(plan(1), Seq(0), &entry) else {
            panic!("refused");
        };
        assert_eq!(fault.code, "value/invalid");
    }
    assert_eq!(journal.head(plan(1)).unwrap(), None);
    assert_eq!(journal.position().unwrap(), 0);
}

/// Appending while reading neither blocks nor shows up in what is being read.
pub fn a_visitor_may_use_the_journal(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1", "2"]);
    let mut seen = 0;
    let mut look = |_: &Stored| {
        seen += 1;
        append(journal, plan(1), &["more"]);
        ControlFlow::Continue(())
    };
    journal.visit(plan(1), Seq(0), &mut look).unwrap();
    assert_eq!(seen, 2);
    assert_eq!(journal.head(plan(1)).unwrap().unwrap().seq, Seq(4));
}

/// A large entry is one step: one event more or fewer is never seen.
pub fn appending_is_whole_for_many_events(home: &Home) {
    let journal = &*home.journal;
    let texts: Vec<String> = (0..5_000).map(|number| format!("event {number} {}", "x".repeat(100))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let appended = append(journal, plan(1), &texts);
    assert_eq!((appended.last, appended.position), (Seq(5_000), 5_001));
    append(journal, plan(1), &["and one"]);
    assert_eq!(journal.read(plan(1), Seq(0), usize::MAX).unwrap().len(), 5_001);
    assert_eq!(journal.head(PlanId::STORE).unwrap().unwrap().seq, Seq(1));
}
