//! Full and failing disks: each step of each change fails once, and once for good. Nothing is
//! acknowledged that is not there, nothing is there by half, and the store works again afterwards.

use std::path::Path;

use journal::testing::Folder;
use journal::{Access, AppendError, Attempt, Earlier, Head, Journal, Kept, SnapshotKey, Sqlite, Stored};
use model::fault::Fault;
use model::ids::Seq;

use crate::disk::{self, Failure};
use crate::support::{append, audited, blob, copy, entry, open, plan, request};

/// Everything that a change may change.
#[derive(Debug, PartialEq)]
struct Look {
    heads: Vec<Head>,
    events: Vec<Stored>,
    blobs: Vec<Option<Kept>>,
    request: Option<Earlier>,
    attempts: Vec<Attempt>,
}

fn look(journal: &dyn Journal) -> Look {
    Look {
        heads: journal.heads().unwrap(),
        events: journal.follow(0, usize::MAX).unwrap(),
        blobs: (0..5).map(|number| journal.blob(&content(number).digest()).unwrap()).collect(),
        request: journal.request("r-1").unwrap(),
        attempts: journal.attempts(None, 99).unwrap(),
    }
}

/// 0 and 1 are there from the beginning, the rest comes; odd ones are files.
fn content(number: u64) -> journal::Blob {
    blob(number, if number % 2 == 1 { 80_000 } else { 800 })
}

type Act = fn(&Sqlite) -> Result<(), Fault>;

fn plain<T>(answer: Result<T, AppendError>) -> Result<(), Fault> {
    match answer {
        Ok(_) => Ok(()),
        Err(AppendError::Fault(fault)) => Err(fault),
        Err(error) => panic!("{error}"),
    }
}

fn make(folder: &Path) {
    let journal = open(folder, Access::Create);
    append(&journal, plan(1), &entry(&["1", "2"]).blob(content(0)).blob(content(1))).unwrap();
    append(&journal, plan(2), &entry(&["other"])).unwrap();
}

/// Lets every step of an act fail, in each way, on a copy of the same store.
fn every_step(name: &str, act: Act) {
    every_step_of_the_first(24, name, act);
}

/// The same, with the steps behind the first ones ever further apart: a large change has thousands.
#[expect(clippy::print_stdout, reason = "how many steps really failed is for whoever runs the tests")]
fn every_step_of_the_first(first: u64, name: &str, act: Act) {
    let folder = Folder::in_memory();
    let (template, store, image) =
        (folder.path().join("template"), folder.path().join("store"), folder.path().join("image"));
    make(&template);
    copy(&template, &store);
    let journal = disk::open(&store, Access::Write).unwrap();
    let before = look(&journal);
    act(&journal).unwrap();
    let after = look(&journal);
    drop(journal);
    assert_ne!(before, after, "the act changes something");
    let (mut steps, mut refused) = (0, 0);
    for how in [Failure::Full, Failure::Sync, Failure::Broken] {
        for lasting in [false, true] {
            let mut step = 0;
            loop {
                copy(&template, &store);
                let journal = disk::open(&store, Access::Write).unwrap();
                disk::fail(how, step, lasting);
                step += if step < first { 1 } else { step };
                let answer = act(&journal);
                let hits = disk::heal();
                let told = format!("{name}: {how:?} at step {step}, lasting {lasting}: {answer:?}");
                copy(&store, &image);
                // What would be there had the machine stopped at this moment.
                let crashed = look(&open(&image, Access::Write));
                match &answer {
                    Ok(()) => {
                        assert_eq!(look(&journal), after, "{told}");
                        assert_eq!(crashed, after, "{told}");
                        if hits == 0 {
                            break;
                        }
                    }
                    Err(fault) => {
                        refused += 1;
                        check(fault, how, &told);
                        assert!(crashed == before || crashed == after, "{told}");
                        let seen = look(&journal);
                        assert_eq!(look(&open(&store, Access::Read)), seen, "{told}");
                        // Purging tells of a file that could not be removed after its tombstone is there.
                        assert!(seen == before || (name == "purge" && seen == after), "{told}");
                        act(&journal).unwrap_or_else(|fault| panic!("{told}, and then {fault}"));
                        assert_eq!(look(&journal), after, "{told}");
                    }
                }
                steps += 1;
                assert_eq!(audited(&journal).findings, [], "{told}");
                drop(journal);
                assert_eq!(look(&open(&store, Access::Write)), after, "{told}");
            }
        }
    }
    assert!(refused > 4, "{name}: {refused} of {steps}");
    println!(
        "faults: {name}: {steps} failing steps, {refused} of them refused the change, none lost or halved it"
    );
}

fn check(fault: &Fault, how: Failure, told: &str) {
    let codes: &[&str] = if how == Failure::Full { &["store/full"] } else { &["store/io"] };
    assert!(codes.contains(&fault.code.as_str()), "{told}");
    assert!(fault.message.contains('`') && fault.hint.is_some() && fault.fact("path").is_some(), "{told}");
}

#[test]
fn an_append_with_blobs_lands_whole_or_not_at_all() {
    every_step("append", |journal| {
        let entry = request("r-1", &["3", "4"]).blob(content(2)).blob(content(3));
        match journal.append(plan(1), Seq(2), &entry) {
            // The step that failed may have come after the entry was written; then it was carried out.
            Err(AppendError::Duplicate(_)) => Ok(()),
            answer => plain(answer),
        }
    });
}

#[test]
fn a_new_plan_is_made_whole_or_not_at_all() {
    every_step("new plan", |journal| plain(journal.append(plan(3), Seq(0), &entry(&["1", "2", "3"]))));
}

#[test]
fn a_large_append_lands_though_moving_the_log_fails() {
    every_step_of_the_first(3, "large append", |journal| {
        let text = "x".repeat(3_000);
        plain(journal.append(plan(1), Seq(2), &entry(&vec![text.as_str(); 1_500])))
    });
}

#[test]
fn a_removal_is_whole_or_not_at_all() {
    every_step("remove", |journal| {
        let note = entry(&[]);
        plain(journal.remove(plan(1), Seq(2), note.at, &note.by, &note.cause))
    });
}

#[test]
fn a_purge_is_recorded_before_the_content_goes() {
    every_step("purge", |journal| {
        let note = entry(&[]);
        journal.purge_blob(&content(1).digest(), "no longer kept", note.at, &note.by, &note.cause).map(drop)
    });
    every_step("purge of a small blob", |journal| {
        let note = entry(&[]);
        journal.purge_blob(&content(0).digest(), "no longer kept", note.at, &note.by, &note.cause).map(drop)
    });
}

#[test]
fn blobs_and_attempts_are_kept_whole_or_not_at_all() {
    every_step("large blob", |journal| journal.put_blob(&content(3)));
    every_step("small blob", |journal| journal.put_blob(&content(4)));
    every_step("attempt", |journal| {
        let note = entry(&[]);
        journal.refused(&Attempt {
            at: note.at,
            plan: Some(plan(1)),
            by: note.by,
            command: "claim".to_owned(),
            code: "gate/shut".to_owned(),
            message: "no".to_owned(),
        })
    });
}

#[test]
fn a_store_is_made_whole_or_not_at_all() {
    let folder = Folder::in_memory();
    let store = folder.path().join("deep").join("store");
    let mut steps = 0;
    for how in [Failure::Full, Failure::Sync, Failure::Broken] {
        for step in 0.. {
            let _ = std::fs::remove_dir_all(folder.path().join("deep"));
            disk::fail(how, step, true);
            let answer = disk::open(&store, Access::Create).map(drop);
            if disk::heal() == 0 {
                answer.unwrap();
                break;
            }
            steps += 1;
            let told = format!("{how:?} at step {step}: {answer:?}");
            if let Err(fault) = &answer {
                check(fault, how, &told);
                let there = disk::open(&store, Access::Write).map(drop);
                assert!(there.is_ok() || there.unwrap_err().code == "store/not-found", "{told}");
            }
            let journal = disk::open(&store, Access::Create).unwrap();
            append(&journal, plan(1), &entry(&["1"])).unwrap();
            assert_eq!(audited(&journal).findings, [], "{told}");
        }
    }
    println!("faults: making a store: {steps} failing steps");
}

#[test]
fn a_snapshot_that_cannot_be_written_leaves_the_one_before() {
    let folder = Folder::in_memory();
    make(folder.path());
    let journal = disk::open(folder.path(), Access::Write).unwrap();
    let head = journal.head(plan(1)).unwrap().unwrap();
    let key = SnapshotKey { plan: plan(1), seq: head.seq, digest: head.digest, code_version: "a".to_owned() };
    journal.put_snapshot(&key, b"first").unwrap();
    for step in 0..3 {
        disk::fail(if step < 2 { Failure::Full } else { Failure::Broken }, step % 2, true);
        let fault = journal.put_snapshot(&key, &[7; 10_000]).unwrap_err();
        assert!(disk::heal() > 0);
        assert!(["store/full", "store/io"].contains(&fault.code.as_str()), "{fault}");
        assert_eq!(journal.snapshot(plan(1), "a").unwrap().unwrap().bytes, b"first");
    }
    journal.put_snapshot(&key, b"second").unwrap();
    assert_eq!(journal.snapshot(plan(1), "a").unwrap().unwrap().bytes, b"second");
    let names = std::fs::read_dir(folder.path().join(journal::sqlite::SNAPSHOTS)).unwrap().count();
    assert_eq!(names, 1, "nothing half-written is left lying");
}
