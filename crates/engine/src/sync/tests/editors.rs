//! Editors that save in the very instant of a sync, of both kinds: those that write into the file,
//! and those that put a new one in its place.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::*;
use crate::sync::fault::Point;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    InPlace,
    Rename,
}

/// What an editor has read, with its own line changed.
fn edited(path: &Path, number: u32) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| match line.strip_prefix("Note: ") {
        Some(_) => format!("Note: {number}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

fn save(path: &Path, kind: Kind, text: &str) {
    match kind {
        Kind::InPlace => fs::write(path, text).unwrap(),
        Kind::Rename => {
            let own = path.with_extension("md.swp");
            fs::write(&own, text).unwrap();
            fs::rename(&own, path).unwrap();
        }
    }
}

fn plan() -> String {
    let tasks: String = (1..=9).map(|n| format!("- [ ] T-{n}: Step {n}\n")).collect();
    format!("# Plan\n\nNote: 0\n\n{tasks}")
}

fn in_both(bench: &Bench, number: u32, ticked: &[bool; 10], told: &str) {
    bench.sync();
    let text = bench.text();
    assert!(text.contains(&format!("Note: {number}\n")), "{told}: the editor's line is lost: {text}");
    for (n, ticked) in ticked.iter().enumerate().skip(1) {
        let mark = if *ticked { "x" } else { " " };
        assert!(text.contains(&format!("- [{mark}] T-{n}: Step {n}\n")), "{told}: T-{n} of {text}");
        let state = bench.task(&format!("T-{n}"));
        assert_eq!(state.claim().is_some(), *ticked, "{told}: T-{n}");
        assert_eq!(state.asserted.checked, Some(false), "{told}: nobody ticked T-{n} by hand");
    }
    assert_eq!(bench.files(), ["PLAN.md"], "{told}");
}

/// Saves at every fault point, in both ways, over and over.
#[test]
fn race_an_editor_saves_at_every_point_of_a_sync_and_both_edits_stay() {
    const TIMES: u32 = 700;
    let bench = Bench::new(&plan());
    let mut ticked = [false; 10];
    let passed = Arc::new(AtomicU32::new(0));
    for number in 1..=TIMES {
        let point = Point::ALL[number as usize % Point::ALL.len()];
        let kind =
            if (number / Point::ALL.len() as u32).is_multiple_of(2) { Kind::InPlace } else { Kind::Rename };
        let (path, passed_here) = (bench.path.clone(), Arc::clone(&passed));
        let late: Arc<Mutex<Option<JoinHandle<()>>>> = Arc::default();
        let kept = Arc::clone(&late);
        let mut done = false;
        bench.store.faults().hook(Some(Box::new(move |at| {
            if at != point || done {
                return;
            }
            done = true;
            passed_here.fetch_add(1, Ordering::Relaxed);
            let text = edited(&path, number);
            match kind {
                Kind::Rename => save(&path, kind, &text),
                // Opening waits for us while we look at the file: an editor has its own process.
                Kind::InPlace => {
                    let path = path.clone();
                    *kept.lock().unwrap() = Some(thread::spawn(move || save(&path, kind, &text)));
                }
            }
        })));
        let n = 1 + number as usize % 9;
        let key = format!("T-{n}");
        if ticked[n] {
            bench.reopen(&key)
        } else {
            bench.claim(&key)
        };
        ticked[n] = !ticked[n];
        bench.store.faults().hook(None);
        if let Some(editor) = late.lock().unwrap().take() {
            editor.join().unwrap();
        }
        let text = bench.text();
        let saved = text.contains(&format!("Note: {number}\n"));
        if !saved {
            // A point that this sync did not come by: the editor saves now.
            save(&bench.path, kind, &edited(&bench.path, number));
        }
        in_both(&bench, number, &ticked, &format!("save {number}, {kind:?} at {point}"));
    }
    let passed = passed.load(Ordering::Relaxed);
    assert!(passed * 2 > TIMES);
    println!(
        "{passed} of {TIMES} saves fell right into a sync, at {} points; both edits stayed",
        Point::ALL.len()
    );
}

/// Saves from another thread without looking left or right.
#[test]
fn race_an_editor_saves_without_looking_and_both_edits_stay() {
    const TIMES: u32 = 300;
    let bench = Bench::new(&plan());
    let mut ticked = [false; 10];
    let mut overlapped = 0;
    for number in 1..=TIMES {
        let kind = if number % 2 == 0 { Kind::InPlace } else { Kind::Rename };
        let (begun, over) = (AtomicBool::new(false), AtomicBool::new(false));
        let n = 1 + number as usize % 9;
        thread::scope(|scope| {
            scope.spawn(|| {
                while !begun.load(Ordering::Acquire) {
                    std::hint::spin_loop();
                }
                for _ in 0..(number % 40) * 500 {
                    std::hint::spin_loop();
                }
                save(&bench.path, kind, &edited(&bench.path, number));
                over.store(true, Ordering::Release);
            });
            begun.store(true, Ordering::Release);
            let key = format!("T-{n}");
            if ticked[n] {
                bench.reopen(&key)
            } else {
                bench.claim(&key)
            };
            overlapped += u32::from(!over.load(Ordering::Acquire) || number % 40 > 0);
        });
        ticked[n] = !ticked[n];
        in_both(&bench, number, &ticked, &format!("blind save {number}, {kind:?}"));
    }
    println!("{TIMES} blind saves beside a sync, {overlapped} of them while it ran; both edits stayed");
}

#[test]
fn race_forty_write_one_document_and_no_reader_sees_half_of_it() {
    let tasks: String = (1..=40).map(|n| format!("- [ ] T-{n:02}: Step {n}\n")).collect();
    let bench = Bench::new(&format!("# Plan\n\n{tasks}"));
    let (over, reads) = (AtomicBool::new(false), AtomicU32::new(0));
    let place = Place::of(bench.store.folder().to_owned());
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                let text = fs::read_to_string(&bench.path).unwrap();
                assert_eq!(text.lines().filter(|line| line.starts_with("- [")).count(), 40, "torn: {text}");
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        let claims: Vec<_> = (1..=40)
            .map(|n| {
                let (bench, place) = (&bench, &place);
                scope.spawn(move || {
                    let store = Store::open_to_write(place, Fixture::default()).unwrap();
                    let task = bench.task(&format!("T-{n:02}")).id;
                    let command = Command::Claim { task, how: ClaimHow::Verb };
                    submit(&store, bench.plan, &ada(), command).unwrap();
                })
            })
            .collect();
        for claim in claims {
            claim.join().unwrap();
        }
        over.store(true, Ordering::Release);
    });
    assert_eq!(bench.text().matches("- [x]").count(), 40);
    println!(
        "40 claims at once, {} reads in between, none of half a document",
        reads.load(Ordering::Relaxed)
    );
}
