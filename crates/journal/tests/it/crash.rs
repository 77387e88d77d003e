//! Processes killed while they write, at moments that no handler and no clean-up can know.

use std::time::{Duration, Instant};

use journal::testing::Folder;
use journal::{Access, AppendError, Entry, Journal, Options, Sqlite};
use model::ids::Seq;

use crate::child::{Me, Other, Role};
use crate::support::{Chance, audited, blob, events, open, plan, request, said};

const WRITES: u64 = 1_000;

/// One write in ten brings a blob that is a file, one in five a small one.
fn write(number: u64) -> Entry {
    let text = number.to_string();
    let entry = request(&text, &[&text, "and"]);
    match number % 10 {
        0 => entry.blob(blob(number, 70_000 + 100 * number as usize)),
        3 | 7 => entry.blob(blob(number, 1_000)),
        _ => entry,
    }
}

/// Opens without waiting for anybody (a lock left behind would show) and writes on from a number.
/// `begin` is told before a write, `landed` or `again` after it is durable.
pub(crate) fn victim(me: &Me) {
    let mut options = Options::new(Access::Create);
    options.wait = false;
    let mut journal = Sqlite::open(&me.store, options.clone()).unwrap();
    for number in me.number..WRITES {
        let entry = write(number);
        let expected = journal.head(plan(1)).unwrap().map_or(Seq(0), |head| head.seq);
        me.tell(&format!("begin {number}"));
        match journal.append(plan(1), expected, &entry) {
            Ok(_) => me.tell(&format!("landed {number}")),
            Err(AppendError::Duplicate(_)) => me.tell(&format!("again {number}")),
            Err(error) => panic!("{error}"),
        }
        // As a program does that ends with its answer, so that kills strike here, too.
        if number % 10 == 0 {
            journal.ends_soon();
            drop(journal);
            journal = Sqlite::open(&me.store, options.clone()).unwrap();
        }
    }
    me.tell("done");
}

#[test]
fn crash_no_acknowledged_write_is_lost_whenever_a_writer_is_killed() {
    // A killed process loses nothing that the system has already; what a disk may lose is shown with
    // power cuts. So the disk's own slowness need not be waited for.
    let folder = Folder::in_memory();
    let store = folder.path().join("store");
    let mut chance = Chance(2026);
    let mut told = Told::default();
    while told.acknowledged < WRITES {
        let mut writer = Other::start(Role::Victim, &store, told.acknowledged);
        // The first word shows that it opened the store at once, whatever the last one left behind.
        let mut last = writer.line().unwrap();
        assert!(last.starts_with("begin") || last == "done", "{last} {:?}", writer.rest());
        // Nothing else in the system tells when to strike: wait some microseconds, busily.
        let patience = 3_000 * (told.idle + 1);
        let (started, delay) = (Instant::now(), Duration::from_micros(chance.below(patience)));
        while started.elapsed() < delay {
            std::hint::spin_loop();
        }
        writer.kill();
        told.kills += 1;
        let before = told.acknowledged;
        loop {
            told.take(&last);
            let Some(line) = writer.line() else { break };
            last = line;
        }
        told.hits += u64::from(last.starts_with("begin"));
        // On a slow disk nothing would ever be acknowledged between two kills that follow so closely.
        told.idle = if told.acknowledged == before { told.idle + 1 } else { 0 };
        if told.kills % 25 == 0 {
            let journal = open(&store, Access::Read);
            assert_eq!(audited(&journal).findings, []);
            assert!(events(&journal, plan(1)).len() as u64 >= 2 * told.acknowledged);
        }
    }
    let mut options = Options::new(Access::Write);
    options.wait = false;
    let journal = Sqlite::open(&store, options).unwrap();
    let stream = events(&journal, plan(1));
    assert!(stream.chunks(2).map(|pair| said(&pair[0])).eq((0..WRITES).map(|number| number.to_string())));
    for number in (0..WRITES).filter(|number| !write(*number).blobs.is_empty()) {
        let blob = write(number).blobs.remove(0);
        let kept = journal.blob(&blob.digest()).unwrap().unwrap();
        assert_eq!(kept.bytes().as_deref(), Some(blob.bytes()));
    }
    assert_eq!(audited(&journal).findings, []);
    assert!(told.hits > told.kills / 4, "{} of {} kills hit a write", told.hits, told.kills);
    println!(
        "crash: {WRITES} writes, {} kills, {} of them in the middle of a write ({} of those had landed \
         unacknowledged and were not written twice); every acknowledged write is there",
        told.kills, told.hits, told.again
    );
}

/// What the writers told before they died.
#[derive(Default)]
struct Told {
    acknowledged: u64,
    again: u64,
    kills: u64,
    hits: u64,
    idle: u64,
}

impl Told {
    fn take(&mut self, line: &str) {
        let (word, number) = line.split_once(' ').unwrap_or((line, "0"));
        match word {
            "landed" | "again" => {
                assert_eq!(number.parse(), Ok(self.acknowledged), "writes are acknowledged in order");
                self.acknowledged += 1;
                self.again += u64::from(word == "again");
            }
            "begin" | "done" => {}
            _ => panic!("{line}"),
        }
    }
}
