//! Entries, stores and chance for the tests.

use std::path::Path;

use journal::audit::{Audit, Audited, verify};
use journal::{Access, AppendError, Appended, Blob, Entry, Journal, Options, Sqlite, Stored};
use model::actor::{Actor, By, Cause, Known};
use model::ids::{PersonId, PlanId, Seq};

/// A plan's id.
pub(crate) fn plan(number: u64) -> PlanId {
    PlanId::from_bits((1 << 80) + u128::from(number))
}

/// An entry by Ada with one event for each text.
pub(crate) fn entry(texts: &[&str]) -> Entry {
    let by = By::new(Actor::Person(PersonId::new("Ada").unwrap()), Known::Declared);
    let mut entry = Entry::new("2026-03-02T09:30:00.25Z".parse().unwrap(), by, Cause::command("say"));
    entry.events = texts.iter().map(|text| format!("{{\"said\":{{\"text\":\"{text}\"}}}}")).collect();
    entry
}

/// The same, with a request id.
pub(crate) fn request(id: &str, texts: &[&str]) -> Entry {
    let mut entry = entry(texts);
    entry.cause.request = Some(id.to_owned());
    entry
}

/// What an entry's event said.
pub(crate) fn said(event: &Stored) -> String {
    let text = std::str::from_utf8(&event.event).unwrap();
    text.strip_prefix("{\"said\":{\"text\":\"").and_then(|text| text.strip_suffix("\"}}")).unwrap().to_owned()
}

/// Opens the store in a folder.
pub(crate) fn open(folder: &Path, access: Access) -> Sqlite {
    Sqlite::open(folder, Options::new(access)).unwrap()
}

/// Appends after whatever is there.
pub(crate) fn append(journal: &dyn Journal, plan: PlanId, entry: &Entry) -> Result<Appended, AppendError> {
    let seq = journal.head(plan)?.map_or(Seq(0), |head| head.seq);
    journal.append(plan, seq, entry)
}

/// Audits without pins.
pub(crate) fn audited(journal: &dyn Journal) -> Audited {
    verify(journal, &Audit::default()).unwrap()
}

/// Everything a plan's stream holds.
pub(crate) fn events(journal: &dyn Journal, plan: PlanId) -> Vec<Stored> {
    journal.read(plan, Seq(0), usize::MAX).unwrap()
}

/// Content of some size that differs with its number and is no repetition.
pub(crate) fn blob(number: u64, size: usize) -> Blob {
    let mut chance = Chance(number);
    Blob::new((0..size / 8).flat_map(|_| chance.next().to_le_bytes()).collect::<Vec<u8>>())
}

/// Numbers that look random and follow from a seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// The next one.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next one below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Copies a folder with all that is in it over another.
pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).unwrap();
    for found in std::fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let target = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy(&found.path(), &target);
        } else {
            std::fs::copy(found.path(), target).unwrap();
        }
    }
}
