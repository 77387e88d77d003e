//! Chain, positions, heads, and the store's own stream.

use model::digest::Digest;
use model::ids::{PlanId, Seq};

use super::{Home, append, entry, plan};
use crate::stored::chain;
use crate::{AppendError, StoreEvent};

/// Anybody can compute the chain again from what is read.
pub fn the_chain_covers_every_part(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1", "2"]);
    append(journal, plan(2), &["other"]);
    append(journal, plan(1), &["3"]);
    for stream in [PlanId::STORE, plan(1), plan(2)] {
        let mut prev = Digest::ZERO;
        for event in journal.read(stream, Seq(0), usize::MAX).unwrap() {
            assert_eq!(event.prev, prev);
            let by = serde_json::to_vec(&event.by).unwrap();
            let cause = serde_json::to_vec(&event.cause).unwrap();
            let (name, at) = (stream.to_string(), event.at.to_string());
            prev = chain(&event.prev, &name, event.seq, &at, &by, &cause, &event.event);
            assert_eq!(event.digest, prev, "{stream} {}", event.seq);
        }
        assert_eq!(journal.head(stream).unwrap().unwrap().digest, prev);
    }
}

/// Events are found by how their text begins, whatever lies between them; saying that the program ends soon changes none.
pub fn events_are_found_by_how_they_begin(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["apple", "pear", "ape", "a", "pear tree"]);
    append(journal, plan(2), &["apple of another plan"]);
    append(journal, plan(1), &["apricot", "pears", "Apple"]);
    journal.ends_soon();
    let whole = journal.read(plan(1), Seq(0), usize::MAX).unwrap();
    for (after, words) in
        [(0, &["ap", "pear\""][..]), (1, &["ap"]), (3, &["pear"]), (0, &["x"]), (0, &[]), (99, &["a"])]
    {
        let beginnings: Vec<String> =
            words.iter().map(|word| format!("{{\"said\":{{\"text\":\"{word}")).collect();
        let beginnings: Vec<&str> = beginnings.iter().map(String::as_str).collect();
        let mut found = Vec::new();
        journal
            .visit_some(plan(1), Seq(after), &beginnings, &mut |stored| {
                found.push(stored.clone());
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        let wanted: Vec<_> = whole
            .iter()
            .filter(|stored| stored.seq > Seq(after))
            .filter(|stored| beginnings.iter().any(|begin| stored.event.starts_with(begin.as_bytes())))
            .cloned()
            .collect();
        assert_eq!(found, wanted, "{beginnings:?} after {after}");
    }
}

/// However many write at once, positions run 1, 2, 3 … and each stream likewise.
pub fn positions_are_gapless_across_plans_and_threads(home: &Home) {
    const THREADS: u128 = 6;
    const ENTRIES: usize = 15;
    let journal = &*home.journal;
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for number in 0..ENTRIES {
                    let plan = plan(thread % 3);
                    let entry = entry("say", &[&format!("{thread}/{number}"), "second"]);
                    let mut expected = Seq(0);
                    let mut turn = None;
                    loop {
                        match journal.append(plan, expected, &entry) {
                            Ok(_) => break,
                            Err(AppendError::Moved { actual }) => {
                                turn = turn.or_else(|| Some(journal.turn()));
                                expected = actual;
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                    drop(turn);
                }
            });
        }
    });
    let total = THREADS as usize * ENTRIES * 2 + 3;
    let all = journal.follow(0, usize::MAX).unwrap();
    let positions: Vec<u64> = all.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=total as u64).collect::<Vec<_>>());
    assert_eq!(journal.position().unwrap(), total as u64);
    for number in 0..3 {
        let events = journal.read(plan(number), Seq(0), usize::MAX).unwrap();
        assert_eq!(events.len(), 2 * ENTRIES * 2);
        assert!(events.windows(2).all(|pair| pair[0].digest == pair[1].prev));
    }
}

/// One order over all streams, in pieces of any size.
pub fn followers_see_every_stream_in_order(home: &Home) {
    let journal = &*home.journal;
    for round in 0..4 {
        append(journal, plan(round % 3), &["a", "b"]);
        append(journal, plan(1), &["c"]);
    }
    let all = journal.follow(0, usize::MAX).unwrap();
    assert!(all.iter().map(|event| event.position).eq(1..=all.len() as u64));
    for piece in [1, 2, 5] {
        let mut after = 0;
        let mut pieced = Vec::new();
        loop {
            let events = journal.follow(after, piece).unwrap();
            let Some(last) = events.last() else { break };
            assert!(events.len() <= piece);
            after = last.position;
            pieced.extend(events);
        }
        assert_eq!(pieced, all);
    }
    assert_eq!(journal.follow(all.len() as u64, 10).unwrap(), []);
}

/// Heads are the last events, the store's own first, then plans in the order they were made.
pub fn heads_name_the_last_events(home: &Home) {
    let journal = &*home.journal;
    let empty = journal.heads().unwrap();
    assert_eq!((empty.len(), empty[0].plan, empty[0].seq), (1, PlanId::STORE, Seq(0)));
    let second = append(journal, plan(9), &["1", "2"]);
    let first = append(journal, plan(3), &["1"]);
    let heads = journal.heads().unwrap();
    let named: Vec<_> = heads.iter().map(|head| (head.plan, head.seq)).collect();
    assert_eq!(named, [(PlanId::STORE, Seq(2)), (plan(9), Seq(2)), (plan(3), Seq(1))]);
    assert_eq!((heads[1].digest, heads[1].position), (second.digest, second.position));
    assert_eq!((heads[2].digest, heads[2].position), (first.digest, first.position));
}

/// Making a plan is on the store's own record, in the same step.
pub fn the_store_records_plans_made(home: &Home) {
    let journal = &*home.journal;
    append(journal, plan(1), &["1"]);
    append(journal, plan(1), &["2"]);
    append(journal, plan(2), &["1"]);
    let made: Vec<_> = journal
        .read(PlanId::STORE, Seq(0), usize::MAX)
        .unwrap()
        .iter()
        .map(|event| StoreEvent::from_bytes(&event.event).unwrap())
        .collect();
    assert_eq!(made, [StoreEvent::PlanMade { plan: plan(1) }, StoreEvent::PlanMade { plan: plan(2) }]);
    // Others may use the store's own stream too.
    let appended = journal.append(PlanId::STORE, Seq(2), &entry("register_key", &["key"])).unwrap();
    assert_eq!((appended.last, appended.position), (Seq(3), 6));
}

/// Removing takes the events, not the fact that they were there.
pub fn a_removed_plan_stays_visible(home: &Home) {
    let journal = &*home.journal;
    let kept = append(journal, plan(1), &["1", "2"]);
    append(journal, plan(2), &["1"]);
    let note = entry("remove", &[]);
    let remove = |plan, expected| journal.remove(plan, expected, note.at, &note.by, &note.cause);
    assert_eq!(remove(plan(1), Seq(1)), Err(AppendError::Moved { actual: Seq(2) }));
    assert!(
        matches!(remove(plan(7), Seq(0)), Err(AppendError::Fault(fault)) if fault.code == "plan/not-found")
    );
    assert!(matches!(remove(PlanId::STORE, Seq(2)), Err(AppendError::Fault(_))));
    remove(plan(1), Seq(2)).unwrap();
    assert_eq!(remove(plan(1), Seq(2)), Err(AppendError::Removed));
    assert_eq!(journal.append(plan(1), Seq(2), &entry("say", &["3"])), Err(AppendError::Removed));
    assert_eq!(journal.read(plan(1), Seq(0), 9).unwrap(), []);
    let head = journal.head(plan(1)).unwrap().unwrap();
    assert!(head.removed);
    assert_eq!((head.seq, head.digest), (Seq(2), kept.digest));
    let last = journal.read(PlanId::STORE, Seq(2), 1).unwrap().remove(0);
    let gone = StoreEvent::PlanRemoved { plan: plan(1), seq: Seq(2), digest: kept.digest };
    assert_eq!(StoreEvent::from_bytes(&last.event), Some(gone));
    assert_eq!(journal.read(plan(2), Seq(0), 9).unwrap().len(), 1);
    assert_eq!(journal.follow(0, 99).unwrap().len(), 4, "two made, one removed, one event");
    append(journal, plan(2), &["2"]);
}
