//! Appends with chain, positions and head against bare inserts of rows of the same width into the
//! same SQLite with the same durability, taken in turns so that both see the same machine.
//!
//! `cargo bench -p journal --bench append [-- FOLDER]`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints its result and may fail loudly"
)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use journal::testing::Folder;
use journal::{Access, Entry, Journal as _, Options, Sqlite, Stored};
use model::actor::{Actor, By, Cause, Known};
use model::digest::Digest;
use model::ids::{PersonId, PlanId, Seq};
use rusqlite::{Connection, params};

const ROUNDS: usize = 20;
/// What adopting 100,000 tasks appends in one entry, and what every command then reads again.
const MANY: usize = 200_000;
const REPLAYS: usize = 7;

fn main() {
    let folder = Folder::new();
    let given = std::env::args().skip(1).find(|word| !word.starts_with('-')).map(PathBuf::from);
    let at = given.unwrap_or_else(|| folder.path().to_owned());
    let journal = Sqlite::open(&at.join("store"), Options::new(Access::Create)).unwrap();
    let mut bench = Bench { journal, raw: raw(&at.join("raw.db")), seq: Seq(0), raw_seq: 0 };
    println!("appends, rows a second (best, and ratio of the middle of {ROUNDS} alternating rounds)");
    bench.compare("one by one", 1, 100);
    bench.compare("batches of 100", 100, 50);
    bench.adopt_and_replay();
}

struct Bench {
    journal: Sqlite,
    raw: Connection,
    seq: Seq,
    raw_seq: i64,
}

impl Bench {
    fn compare(&mut self, name: &str, batch: usize, times: usize) {
        let mut ratios = Vec::new();
        let (mut best, mut best_raw) = (f64::MAX, f64::MAX);
        for round in 0..=ROUNDS {
            let (ours, raw) = if round % 2 == 0 {
                let ours = self.ours(batch, times);
                (ours, self.raw(batch, times))
            } else {
                let raw = self.raw(batch, times);
                (self.ours(batch, times), raw)
            };
            if round > 0 {
                ratios.push(raw.as_secs_f64() / ours.as_secs_f64());
                best = best.min(ours.as_secs_f64());
                best_raw = best_raw.min(raw.as_secs_f64());
            }
        }
        ratios.sort_by(f64::total_cmp);
        let rows = (batch * times) as f64;
        println!(
            "{name:<16} journal {:>9.0}   raw {:>9.0}   ratio {:.2} (from {:.2} to {:.2})",
            rows / best,
            rows / best_raw,
            ratios[ratios.len() / 2],
            ratios[0],
            ratios[ratios.len() - 1]
        );
    }

    /// One entry of many events, and all of them read back, against as many bare rows.
    fn adopt_and_replay(&mut self) {
        let (plan, since) = (PlanId::from_bits(2), self.raw_seq);
        let mut entry = Entry::new(at(), by(), cause());
        let event = event();
        (0..MANY).for_each(|_| entry.events.push(event.as_bytes()));
        let started = Instant::now();
        self.journal.append(plan, Seq(0), &entry).unwrap();
        let ours = started.elapsed();
        let raw = self.raw(MANY, 1);
        print_many("one entry of many", ours, raw);
        let (mut best, mut best_raw, mut bytes) = (Duration::MAX, Duration::MAX, [0, 0]);
        for _ in 0..REPLAYS {
            let started = Instant::now();
            let mut each = |event: &Stored| {
                bytes[0] += event.event.len();
                ControlFlow::Continue(())
            };
            self.journal.visit(plan, Seq(0), &mut each).unwrap();
            best = best.min(started.elapsed());
            let started = Instant::now();
            let select = "SELECT number, plan, seq, at, \"by\", cause, event, prev, digest FROM raw WHERE seq > ?1 ORDER BY number";
            let mut select = self.raw.prepare_cached(select).unwrap();
            let mut rows = select.query([since]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                // Every column is looked at, as whoever replays must.
                for column in 0..9 {
                    let _ = row.get_ref(column).unwrap();
                }
                bytes[1] += row.get_ref(6).unwrap().as_str().unwrap().len();
            }
            best_raw = best_raw.min(started.elapsed());
        }
        assert_eq!(bytes[0], bytes[1]);
        print_many("replay of many", best, best_raw);
    }

    fn ours(&mut self, batch: usize, times: usize) -> Duration {
        let started = Instant::now();
        for _ in 0..times {
            let mut entry = Entry::new(at(), by(), cause());
            for _ in 0..batch {
                entry.events.push(event().as_bytes());
            }
            self.seq = self.journal.append(PlanId::from_bits(1), self.seq, &entry).unwrap().last;
        }
        started.elapsed()
    }

    fn raw(&mut self, batch: usize, times: usize) -> Duration {
        let started = Instant::now();
        let digest = Digest::sha256(b"raw");
        for _ in 0..times {
            // Fresh text for each entry, as the journal has it.
            let (at, plan) = (at().to_string(), PlanId::from_bits(1).to_string());
            let (by, cause) =
                (serde_json::to_string(&by()).unwrap(), serde_json::to_string(&cause()).unwrap());
            if batch > 1 {
                self.raw.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
            }
            let mut insert = self.raw.prepare_cached(
                "INSERT INTO raw (plan, seq, at, \"by\", cause, event, prev, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            ).unwrap();
            for _ in 0..batch {
                self.raw_seq += 1;
                let row =
                    params![plan, self.raw_seq, at, by, cause, event(), digest.as_bytes(), digest.as_bytes()];
                insert.execute(row).unwrap();
            }
            if batch > 1 {
                self.raw.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
            }
        }
        started.elapsed()
    }
}

fn print_many(name: &str, ours: Duration, raw: Duration) {
    let rate = |time: Duration| MANY as f64 / time.as_secs_f64();
    println!(
        "{name:<17} journal {:>9.0}   raw {:>9.0}   ratio {:.2} ({MANY} events: {} ms against {} ms)",
        rate(ours),
        rate(raw),
        raw.as_secs_f64() / ours.as_secs_f64(),
        ours.as_millis(),
        raw.as_millis()
    );
}

fn raw(path: &Path) -> Connection {
    let raw = Connection::open(path).unwrap();
    raw.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE raw (number INTEGER PRIMARY KEY, plan TEXT, seq INTEGER, at TEXT, \"by\" TEXT, cause TEXT,
                           event TEXT, prev BLOB, digest BLOB);",
    )
    .unwrap();
    raw
}

fn at() -> Timestamp {
    "2026-03-02T09:30:00.123456Z".parse().unwrap()
}

fn by() -> By {
    By::new(Actor::Person(PersonId::new("Ada Example").unwrap()), Known::Declared)
}

fn cause() -> Cause {
    Cause::command("claim")
}

fn event() -> String {
    format!(
        r#"{{"task_claimed":{{"task":"tsk_01jd0000000000000000000000","note":"{}","how":"verb"}}}}"#,
        "the report is written and reviewed, see the attached log"
    )
}
