//! Documents that nobody would write: cut, doubled and stirred. Nothing panics, and every place
//! that is reported lies inside the text, on the borders of characters.

use std::path::PathBuf;

use formats::diagnostics::{Output, Source, render};
use formats::lint::{Surroundings, lint};
use formats::read;

use crate::documents::{bytes, folder, now, settings};

/// How many stirred documents are made from each.
const STIRRED: u64 = 8;

#[test]
fn no_document_makes_lint_panic_or_point_outside() {
    for (path, bytes) in documents() {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for round in 0..STIRRED {
            let stirred = stir(&bytes, &mut dice);
            let reading = read("plan.md", &stirred);
            let world = Surroundings {
                exists: &|path| path.len() % 2 == 0,
                previous: Some(&reading.draft),
                siblings: &[&reading.draft],
                ..Surroundings::bare(now())
            };
            let found = lint(&reading.text, &reading.draft, &reading.diagnostics, &world, &settings());
            for diagnostic in &found {
                let spans = diagnostic.also.iter().map(|(span, _)| *span);
                for span in spans.chain([diagnostic.span]) {
                    assert!(
                        reading.text.get(span.range()).is_some(),
                        "{} round {round}: `{}` points at {span:?} of {} bytes: {}",
                        path.display(),
                        diagnostic.code,
                        reading.text.len(),
                        diagnostic.message
                    );
                }
            }
            let source = Source { path: "plan.md", text: &reading.text, diagnostics: &found };
            for (_, shape) in Output::ALL {
                assert_eq!(render(&[source], shape, false).is_empty(), nothing_to_say(shape, &found));
            }
        }
    }
}

fn nothing_to_say(shape: Output, found: &[model::diagnostic::Diagnostic]) -> bool {
    matches!(shape, Output::Text | Output::Github) && found.is_empty()
}

fn documents() -> Vec<(PathBuf, Vec<u8>)> {
    let mut open = vec![folder("lint"), folder("shapes")];
    let mut documents = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let bytes = bytes(&path).expect("the document can be read");
                documents.push((path, bytes));
            }
        }
    }
    documents.sort();
    assert!(documents.len() > 60, "only {} documents", documents.len());
    documents
}

/// Doubles, drops, swaps and cuts lines and bytes.
fn stir(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..=dice.below(6) {
        let at = dice.below(lines.len());
        let other = dice.below(lines.len());
        match dice.below(7) {
            0 => lines.insert(at, lines[other].clone()),
            1 if lines.len() > 1 => drop(lines.remove(at)),
            2 => lines.swap(at, other),
            3 => {
                let cut = dice.below(lines[at].len().max(1));
                lines[at].truncate(cut);
            }
            4 => {
                let place = dice.below(lines[at].len().max(1));
                let odd = b"|`*#-[]()\xff\xc3\xe2\x00<>!\t\r\n\\\"&_~:.0";
                lines[at].insert(place, odd[dice.below(odd.len())]);
            }
            5 => {
                let tail = lines[other].clone();
                lines[at].extend_from_slice(&tail);
            }
            _ => lines[at].reverse(),
        }
    }
    lines.concat()
}

/// A row of numbers that follows from its seed (SplitMix).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}
