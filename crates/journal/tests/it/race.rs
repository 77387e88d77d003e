//! Many at once: processes and threads on one store.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::testing::Folder;
use journal::{Access, AppendError, Journal, Options, Sqlite};
use model::ids::Seq;

use crate::child::{Me, Other, Role};
use crate::support::{append, audited, blob, entry, events, open, plan, request, said};

const PROCESSES: u64 = 40;
const ENTRIES: u64 = 25;
const PLANS: u64 = 4;

/// Appends however often its plan moves, in turn once it has moved; gives how often it had.
fn insist(journal: &dyn Journal, number: u64, entry: &journal::Entry) -> u64 {
    let mut expected = journal.head(plan(number)).unwrap().map_or(Seq(0), |head| head.seq);
    let (mut moved, mut turn) = (0, None);
    loop {
        match journal.append(plan(number), expected, entry) {
            Ok(_) => break,
            Err(AppendError::Moved { actual }) => {
                moved += 1;
                turn = turn.or_else(|| Some(journal.turn()));
                expected = actual.max(journal.head(plan(number)).unwrap().unwrap().seq);
            }
            Err(error) => panic!("{error}"),
        }
    }
    drop(turn);
    moved
}

pub(crate) fn rival(me: &Me) {
    me.tell("ready");
    me.wait();
    let journal = open(&me.store, Access::Create);
    let mut moved = 0;
    for number in 0..ENTRIES {
        let text = format!("{}/{number}", me.number);
        let mut entry = request(&text, &[&text, "and"]);
        if number % 8 == 0 {
            // The same content from everybody, once small and once large.
            entry = entry.blob(blob(1, 500)).blob(blob(2, 100_000));
        }
        moved += insist(&journal, me.number % PLANS, &entry);
    }
    me.tell(&format!("moved {moved}"));
}

#[test]
fn race_forty_processes_make_and_fill_one_store() {
    let folder = Folder::in_memory();
    let store = folder.path().join("store");
    let mut others: Vec<Other> =
        (0..PROCESSES).map(|number| Other::start(Role::Rival, &store, number)).collect();
    for other in &mut others {
        other.expect("ready");
    }
    others.iter_mut().for_each(Other::go);
    let mut moved = 0;
    for other in &mut others {
        moved += other.expect("moved").parse::<u64>().unwrap();
        assert!(other.end());
    }
    let journal = open(&store, Access::Read);
    let total = PROCESSES * ENTRIES * 2 + PLANS;
    let all = journal.follow(0, usize::MAX).unwrap();
    assert!(all.iter().map(|event| event.position).eq(1..=total), "positions have no gap");
    let mut landed: BTreeMap<String, u64> = BTreeMap::new();
    for number in 0..PLANS {
        let stream = events(&journal, plan(number));
        assert!(stream.iter().map(|event| event.seq.0).eq(1..=stream.len() as u64));
        for pair in stream.chunks(2) {
            *landed.entry(said(&pair[0])).or_default() += 1;
            assert_eq!(
                (said(&pair[1]).as_str(), &pair[0].cause),
                ("and", &pair[1].cause),
                "an entry is whole"
            );
        }
    }
    assert_eq!(landed.len() as u64, PROCESSES * ENTRIES, "every entry landed");
    assert!(landed.values().all(|count| *count == 1), "and once");
    let audited = audited(&journal);
    assert_eq!((audited.findings, audited.blobs, audited.events), (vec![], 2, total));
    assert!(moved > 0, "nobody ever met a rival");
    println!(
        "race: {PROCESSES} processes, {} entries of two events landed once each, {total} positions without a gap, \
         {moved} times a plan had moved",
        landed.len()
    );
}

pub(crate) fn echo(me: &Me) {
    let journal = open(&me.store, Access::Write);
    me.tell("ready");
    me.wait();
    let answer = match journal.append(plan(1), Seq(1), &request("the-one", &[&me.number.to_string()])) {
        Ok(appended) => format!("first {}", appended.digest),
        Err(AppendError::Duplicate(earlier)) => format!("again {}", earlier.appended.digest),
        Err(error) => panic!("{error}"),
    };
    me.tell(&answer);
}

#[test]
fn race_one_request_from_many_processes_is_carried_out_once() {
    let folder = Folder::in_memory();
    let journal = open(folder.path(), Access::Create);
    append(&journal, plan(1), &entry(&["begin"])).unwrap();
    let mut others: Vec<Other> =
        (0..16).map(|number| Other::start(Role::Echo, folder.path(), number)).collect();
    for other in &mut others {
        other.expect("ready");
    }
    others.iter_mut().for_each(Other::go);
    let answers: Vec<String> = others.iter_mut().map(|other| other.expect("")).collect();
    let firsts = answers.iter().filter(|answer| answer.starts_with("first")).count();
    let stream = events(&journal, plan(1));
    assert_eq!((firsts, stream.len()), (1, 2), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.ends_with(&stream[1].digest.to_string())), "{answers:?}");
    println!("race: 1 request from 16 processes was carried out once, and all 16 were told the same digest");
}

#[test]
fn race_threads_take_turns_and_readers_see_whole_entries() {
    const THREADS: u64 = 8;
    let folder = Folder::in_memory();
    let journal = open(folder.path(), Access::Create);
    let (moved, looks, left) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(THREADS));
    append(&journal, plan(0), &entry(&["begin", "and"])).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (journal, moved, left) = (&journal, &moved, &left);
            scope.spawn(move || {
                for number in 0..40 {
                    let entry = entry(&[&format!("{thread}/{number}"), "and"]);
                    moved.fetch_add(insist(journal, 0, &entry), Ordering::Relaxed);
                }
                left.fetch_sub(1, Ordering::Release);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                // A second opening of the same store in this process, as a report beside a desk has it.
                let reader = open(folder.path(), Access::Read);
                while left.load(Ordering::Acquire) > 0 {
                    let mut count = 0;
                    let mut look = |_: &journal::Stored| {
                        count += 1;
                        ControlFlow::Continue(())
                    };
                    reader.visit(plan(0), Seq(0), &mut look).unwrap();
                    assert_eq!(count % 2, 0, "half an entry was seen");
                    looks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(events(&journal, plan(0)).len() as u64, 2 + THREADS * 40 * 2);
    assert_eq!(audited(&journal).findings, []);
    println!(
        "race: {THREADS} threads appended 40 entries each, moved {} times, {} looks meanwhile saw whole entries",
        moved.into_inner(),
        looks.into_inner()
    );
}

pub(crate) fn holder(me: &Me) {
    let database = rusqlite::Connection::open(me.store.join(journal::sqlite::DATABASE)).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    me.tell("held");
    me.wait();
    database.execute_batch("ROLLBACK").unwrap();
    me.tell("gone");
}

#[test]
fn race_a_held_store_is_busy_and_still_readable() {
    let folder = Folder::in_memory();
    append(&open(folder.path(), Access::Create), plan(1), &entry(&["1"])).unwrap();
    let mut options = Options::new(Access::Write);
    options.wait = false;
    let journal = Sqlite::open(folder.path(), options).unwrap();
    let mut holder = Other::start(Role::Holder, folder.path(), 0);
    holder.expect("held");
    let Err(AppendError::Fault(fault)) = journal.append(plan(1), Seq(1), &entry(&["2"])) else {
        panic!("somebody else holds the store");
    };
    assert_eq!(fault.code, "store/busy");
    assert!(fault.message.starts_with("another process holds the store `"), "{}", fault.message);
    assert_eq!(events(&journal, plan(1)).len(), 1, "readers need not wait");
    std::thread::scope(|scope| {
        let patient = scope.spawn(|| {
            let journal = open(folder.path(), Access::Write);
            journal.append(plan(1), Seq(1), &entry(&["2"])).map(|appended| appended.last)
        });
        holder.go();
        holder.expect("gone");
        assert_eq!(patient.join().unwrap(), Ok(Seq(2)), "whoever waits gets it");
    });
    assert_eq!(audited(&journal).findings, []);
}
