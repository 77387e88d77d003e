//! Power cuts: what was not waited for may or may not have reached the disk, in any order, in part.
//! Everything the disk was asked is noted, and then replayed up to some moment with such losses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use journal::testing::Folder;
use journal::{Access, Entry, Journal};
use model::ids::Seq;

use crate::disk::{self, Done};
use crate::support::{Chance, append, audited, blob, copy, entry, events, open, plan, request, said};

const ENTRIES: u64 = 80;
const CUTS: u64 = 250;
const SECTOR: usize = 512;

fn write(number: u64) -> Entry {
    let text = number.to_string();
    match number % 10 {
        3 => request(&text, &[&text]).blob(blob(number, 70_000)),
        6 => request(&text, &[&text]).blob(blob(number, 3_000)),
        9 => {
            let filler = "x".repeat(4_000);
            let mut texts = vec![text.as_str()];
            texts.resize(200, &filler);
            request(&text, &texts)
        }
        _ => request(&text, &[&text]),
    }
}

/// A disk as it would be found.
#[derive(Clone, Default)]
struct Found {
    files: BTreeMap<PathBuf, File>,
    renames: Vec<(PathBuf, PathBuf)>,
}

#[derive(Clone, Default)]
struct File {
    bytes: Vec<u8>,
    open: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Wrote(u64, Vec<u8>),
    Cut(u64),
}

impl File {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Cut(size) => self.bytes.resize(*size as usize, 0),
            Change::Wrote(at, bytes) => {
                let end = *at as usize + bytes.len();
                if self.bytes.len() < end {
                    self.bytes.resize(end, 0);
                }
                self.bytes[*at as usize..end].copy_from_slice(bytes);
            }
        }
    }
}

impl Found {
    fn read(folder: &Path) -> Self {
        let mut found = Self::default();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            found.files.insert(path, File { bytes, open: Vec::new() });
        }
        found
    }

    fn take(&mut self, done: &Done) {
        match done {
            Done::Wrote(path, at, bytes) => self.change(path, Change::Wrote(*at, bytes.clone())),
            Done::Cut(path, size) => self.change(path, Change::Cut(*size)),
            Done::Synced(path) if self.files.contains_key(path) => {
                let file = self.files.get_mut(path).unwrap();
                for change in std::mem::take(&mut file.open) {
                    file.apply(&change);
                }
            }
            Done::Synced(folder) => {
                let (sure, open) =
                    self.renames.drain(..).partition(|(_, to)| to.parent() == Some(folder.as_path()));
                self.renames = open;
                sure.into_iter().for_each(|rename| self.rename(rename));
            }
            Done::Removed(path) => drop(self.files.remove(path)),
            Done::Renamed(from, to) => self.renames.push((from.clone(), to.clone())),
            Done::Noted(_) => {}
        }
    }

    fn change(&mut self, path: &Path, change: Change) {
        self.files.entry(path.to_owned()).or_default().open.push(change);
    }

    fn rename(&mut self, (from, to): (PathBuf, PathBuf)) {
        let file = self.files.remove(&from).unwrap();
        self.files.insert(to, file);
    }

    /// The power goes: of what was not waited for, some is there, some is not, some is there in part.
    fn cut(mut self, chance: &mut Chance) -> Self {
        for rename in std::mem::take(&mut self.renames) {
            if chance.below(2) == 0 {
                self.rename(rename);
            }
        }
        for file in self.files.values_mut() {
            for mut change in std::mem::take(&mut file.open) {
                if let (Change::Wrote(_, bytes), 0) = (&mut change, chance.below(4)) {
                    let sectors = bytes.len() / SECTOR;
                    bytes.truncate(chance.below(sectors as u64 + 1) as usize * SECTOR);
                }
                if chance.below(3) > 0 {
                    file.apply(&change);
                }
            }
        }
        self
    }

    fn write(&self, from: &Path, to: &Path) {
        let _ = std::fs::remove_dir_all(to);
        for (path, file) in &self.files {
            let target = to.join(path.strip_prefix(from).unwrap());
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, &file.bytes).unwrap();
        }
    }
}

#[test]
fn crash_a_power_cut_loses_nothing_acknowledged() {
    let folder = Folder::in_memory();
    let (store, image) = (folder.path().join("store"), folder.path().join("image"));
    append(&open(&store, Access::Create), plan(1), &entry(&["begin"])).unwrap();
    let mut found = Found::read(&store);
    disk::watch();
    for half in 0..2 {
        // Closing in between moves the whole log into the database and removes it.
        let journal = disk::open(&store, Access::Write).unwrap();
        for number in half * ENTRIES / 2..(half + 1) * ENTRIES / 2 {
            append(&journal, plan(1), &write(number)).unwrap();
            disk::note(number + 1);
        }
    }
    let done = disk::watched();
    let mut chance = Chance(7);
    let mut moments: Vec<u64> = (0..CUTS).map(|_| chance.below(done.len() as u64)).collect();
    moments.sort_unstable();
    let (mut acknowledged, mut lost, mut landed) = (0, 0, 0);
    let mut moments = moments.into_iter().peekable();
    for (index, step) in done.iter().enumerate() {
        while moments.next_if_eq(&(index as u64)).is_some() {
            found.clone().cut(&mut chance).write(&store, &image);
            let told = format!("cut before step {index} of {}, {step:?}", done.len());
            let there = whole_entries(&image, &told[..told.len().min(200)]);
            assert!(there >= acknowledged, "{there} of {acknowledged} acknowledged are there, {index}");
            assert!(there <= acknowledged + 1);
            landed += there - acknowledged;
            lost += 1 - (there - acknowledged);
        }
        found.take(step);
        if let Done::Noted(number) = step {
            acknowledged = *number;
        }
    }
    copy(&store, &image);
    assert_eq!(whole_entries(&image, "the end"), ENTRIES);
    assert!(lost > 0 && landed > 0);
    println!(
        "crash: {CUTS} power cuts among {} steps of {ENTRIES} writes; every acknowledged write is there, {landed} that \
         nobody was told of too, {lost} left nothing behind",
        done.len()
    );
}

/// Opens what a power cut left; gives how many entries are there, each whole.
fn whole_entries(image: &Path, told: &str) -> u64 {
    let journal = disk::open(image, Access::Write).unwrap_or_else(|fault| panic!("{fault} {told}"));
    assert_eq!(audited(&journal).findings, [], "{told}");
    let mut stream = events(&journal, plan(1)).into_iter().skip(1);
    let mut number = 0;
    while let Some(first) = stream.next() {
        assert_eq!(said(&first), number.to_string(), "{told}");
        let entry = write(number);
        assert_eq!(stream.by_ref().take(entry.events.len() - 1).count(), entry.events.len() - 1);
        for blob in &entry.blobs {
            assert_eq!(
                journal.blob(&blob.digest()).unwrap().and_then(|kept| kept.bytes()).unwrap(),
                blob.bytes()
            );
        }
        number += 1;
    }
    assert_eq!(journal.request(&number.to_string()).unwrap(), None);
    append(&journal, plan(1), &write(number)).unwrap();
    assert!(journal.head(plan(1)).unwrap().unwrap().seq > Seq(1));
    number
}
