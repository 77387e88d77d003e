//! Damage anywhere in a store's files: it is refused, or found by the audit, or everything reads
//! exactly as it was written. Other events than those are never read. Requests answered and attempts
//! refused stand beside history, and no digest covers them.

use std::path::{Path, PathBuf};

use journal::audit::{Audit, verify};
use journal::testing::Folder;
use journal::{Access, Attempt, Head, Journal, Kept, Options, Sqlite, Stored, sqlite};
use model::fault::Fault;
use model::ids::Seq;

use crate::support::{Chance, append, audited, blob, copy, entry, open, plan, request};

const ROUNDS: u64 = 1_200;

/// Everything that the chain vouches for.
#[derive(Debug, PartialEq)]
struct All {
    heads: Vec<Head>,
    position: u64,
    streams: Vec<Vec<Stored>>,
    followed: Vec<Stored>,
    blobs: Vec<Option<Kept>>,
}

fn all(journal: &dyn Journal) -> Result<All, Fault> {
    Ok(All {
        heads: journal.heads()?,
        position: journal.position()?,
        streams: (0..4).map(|number| journal.read(plan(number), Seq(0), 999)).collect::<Result<_, _>>()?,
        followed: journal.follow(0, usize::MAX)?,
        blobs: (0..30).map(|number| journal.blob(&content(number).digest())).collect::<Result<_, _>>()?,
    })
}

fn content(number: u64) -> journal::Blob {
    blob(number, if number % 10 == 9 { 70_000 } else { 300 })
}

/// A store that was closed, and one that was not: its log lies beside it.
fn make(closed: &Path, crashed: &Path) {
    let journal = open(closed, Access::Create);
    for number in 0..5 {
        let note = entry(&[]);
        let (command, message) = ("claim".to_owned(), format!("no {number}"));
        let code = "gate/shut".to_owned();
        let attempt = Attempt { at: note.at, plan: Some(plan(1)), by: note.by, command, code, message };
        journal.refused(&attempt).unwrap();
    }
    for number in 0..30 {
        let text = format!("event {number}");
        let entry = request(&format!("r-{number}"), &[&text, "second", "third"]).blob(content(number));
        append(&journal, plan(number % 3), &entry).unwrap();
    }
    copy(closed, crashed);
    drop(journal);
}

/// Damages some bytes of a file in one of the ways that files get damaged.
fn damage(bytes: &mut Vec<u8>, chance: &mut Chance) -> &'static str {
    let at = chance.below(bytes.len() as u64) as usize;
    let some = (1 + chance.below(32) as usize).min(bytes.len() - at);
    match chance.below(8) {
        0..4 => {
            bytes[at] ^= 1 << chance.below(8);
            "a bit flipped"
        }
        4 => {
            bytes[at..at + some].iter_mut().for_each(|byte| *byte = chance.next() as u8);
            "bytes replaced"
        }
        5 => {
            let end = (at + 512).min(bytes.len());
            bytes[at..end].fill(0);
            "a sector zeroed"
        }
        6 => {
            bytes.truncate(at);
            "the end cut off"
        }
        _ => {
            let from = chance.below((bytes.len() - some + 1) as u64) as usize;
            bytes.copy_within(from..from + some, at);
            "bytes copied over others"
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let log = folder.join(format!("{}-wal", sqlite::DATABASE));
    let database = folder.join(sqlite::DATABASE);
    // Mostly the database; what lies in blobs/ is covered by its digest alone.
    let large = content(9).digest().to_string();
    let blob = folder.join(sqlite::BLOBS).join(&large[..2]).join(&large[2..]);
    let all = [database.clone(), log.clone(), database, log, blob];
    all.into_iter().filter(|path| path.metadata().is_ok_and(|data| data.len() > 0)).collect()
}

#[test]
fn damage_anywhere_is_refused_or_found_or_changes_nothing() {
    let folder = Folder::in_memory();
    let (closed, crashed, store) =
        (folder.path().join("closed"), folder.path().join("crashed"), folder.path().join("store"));
    make(&closed, &crashed);
    let expected = all(&open(&closed, Access::Read)).unwrap();
    let pins = audited(&open(&closed, Access::Read)).heads;
    let (mut refused, mut found, mut found_by_pins, mut harmless) = (0, 0, 0, 0);
    for round in 0..ROUNDS {
        let mut chance = Chance(round);
        copy(if round % 2 == 0 { &closed } else { &crashed }, &store);
        let files = files(&store);
        let path = &files[chance.below(files.len() as u64) as usize];
        let mut bytes = std::fs::read(path).unwrap();
        let how = damage(&mut bytes, &mut chance);
        std::fs::write(path, bytes).unwrap();
        let told = format!("seed {round}: {how} in {}", path.display());
        let access = if round % 4 < 2 { Access::Read } else { Access::Write };
        let journal = match Sqlite::open(&store, Options::new(access)) {
            Ok(journal) => journal,
            Err(fault) => {
                assert!(["store/damaged", "store/newer"].contains(&fault.code.as_str()), "{told}: {fault}");
                refused += 1;
                continue;
            }
        };
        match verify(&journal, &Audit::default()) {
            Err(fault) => {
                assert!(["store/damaged", "chain/broken"].contains(&fault.code.as_str()), "{told}: {fault}");
                found += 1;
            }
            Ok(audited) if !audited.is_whole() => found += 1,
            Ok(_) if all(&journal).as_ref() == Ok(&expected) => harmless += 1,
            Ok(audited) => {
                // A log that ends too early is what a crash may leave, too: SQLite forgets its last
                // change, or those that were cut off. Then a head pinned elsewhere tells.
                let torn = path.to_str().unwrap().ends_with("-wal");
                assert!(torn, "{told}: nobody would notice");
                let gone = expected.position - audited.heads.iter().map(|pin| pin.seq.0).sum::<u64>();
                assert!(how == "the end cut off" || gone == 3, "{told}: {gone} events are gone");
                let pinned = verify(&journal, &Audit { pins: &pins, ..Audit::default() }).unwrap();
                assert!(!pinned.is_whole(), "{told}: not even a pinned head tells");
                found_by_pins += 1;
            }
        }
    }
    assert!(refused > 0 && found > 0 && harmless > 0);
    println!(
        "damage: {ROUNDS} damaged stores, {refused} refused on opening, {found} found by the audit, {found_by_pins} logs \
         that end too early found by pinned heads, {harmless} where everything still reads as it was written"
    );
}
