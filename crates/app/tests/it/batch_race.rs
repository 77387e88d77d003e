//! Many updates of one file at once, and updates that are killed: through the binary, as people do it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crate::harness::Desk;

const FILE: &str = "execution-plan.json";

/// A plan of so many batches that wait for nothing.
fn plan(batches: usize) -> String {
    let batch = |n: usize| {
        format!(
            "    {{\n      \"id\": \"batch-{n}\",\n      \"name\": \"Step {n}\",\n      \"status\": \"queued\",\n      \"progress\": 0,\n      \"blockers\": [],\n      \"owner\": \"\",\n      \"notes\": \"\"\n    }}"
        )
    };
    let batches: Vec<String> = (1..=batches).map(batch).collect();
    format!("{{\n  \"batches\": [\n{}\n  ],\n  \"metrics\": {{}}\n}}\n", batches.join(",\n"))
}

/// A field of every batch as the file has it now; fails where the file is torn.
fn column(desk: &Desk, name: &str) -> Vec<String> {
    let plan: serde_json::Value = serde_json::from_slice(&desk.bytes(FILE)).expect("the file is whole");
    let batches = plan["batches"].as_array().expect("the file has batches");
    batches.iter().map(|batch| batch[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn race_forty_updates_of_one_file_all_land_and_nobody_reads_half_of_it() {
    let desk = Desk::new().file(FILE, plan(40));
    let over = AtomicBool::new(false);
    let (reads, versions) = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut versions) = (0, std::collections::BTreeSet::new());
            while !over.load(Ordering::Relaxed) {
                let owners = column(&desk, "owner");
                assert_eq!(owners.len(), 40);
                versions.insert(owners);
                reads += 1;
            }
            (reads, versions.len())
        });
        let updates = (1..=40).map(|n| {
            let desk = &desk;
            scope.spawn(move || desk.run(&format!("update batch-{n} owner=o{n} --as person-{n}")))
        });
        for update in updates.collect::<Vec<_>>() {
            update.join().expect("the call itself does not panic").ok();
        }
        over.store(true, Ordering::Relaxed);
        reader.join().expect("the reader never errs")
    });
    let wanted: Vec<String> = (1..=40).map(|n| format!("o{n}")).collect();
    assert_eq!(column(&desk, "owner"), wanted);
    assert!(versions > 2, "the reader watched it happen");
    let log = desk.run("log --all --json").ok().json();
    let changes =
        log["entries"].as_array().expect("entries").iter().filter(|entry| entry["kind"] == "facts_changed");
    assert_eq!(changes.count(), 40);
    println!("40 updates landed; a reader read {reads} times, saw {versions} versions, none of them torn");
}

#[test]
fn crash_an_update_that_is_killed_is_there_or_not_and_holds_nobody_up() {
    const KILLS: u32 = 60;
    let desk = Desk::new().file(FILE, plan(5));
    desk.run("update batch-1 notes=first").ok();
    let began = Instant::now();
    desk.run("update batch-1 notes=second").ok();
    let mut delay = began.elapsed() / 2;
    let (mut hit, mut early, mut written, mut kept) = (0, 0, 0, "second".to_owned());
    for round in 0..KILLS {
        let wanted = format!("n{round}");
        let mut child = desk
            .command(&format!("update batch-1 notes={wanted}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary was built for this test");
        let until = Instant::now() + delay;
        // Every other blow falls as soon as the new content lies beside the file, the others later
        // and later until one comes too late.
        let at_once = round % 2 == 0;
        while child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let beside = [".execution-plan.json.countersign-new", ".execution-plan.json.countersign"];
            if if at_once { beside.iter().any(|name| desk.has(name)) } else { Instant::now() >= until } {
                break;
            }
        }
        // Where it has ended by itself there is nothing to kill.
        let _ = child.kill();
        let status = child.wait().expect("it has ended");
        let notes = column(&desk, "notes")[0].clone();
        if status.signal().is_some() {
            hit += 1;
            if notes == wanted {
                written += 1
            } else {
                early += 1
            }
            assert!(notes == wanted || notes == kept, "{notes} is neither {kept} nor {wanted}");
        } else {
            assert!(status.success());
            assert_eq!(notes, wanted, "what exited 0 is in the file");
        }
        if !at_once {
            delay = delay.mul_f64(if status.signal().is_some() { 1.1 } else { 0.8 });
        }
        // Nobody is held up, and what is in the file is what the next one builds on.
        if round % 8 == 7 {
            desk.run(&format!("update batch-2 owner=r{round}")).ok();
            assert_eq!(column(&desk, "owner")[1], format!("r{round}"));
        }
        kept = column(&desk, "notes")[0].clone();
    }
    assert!(hit >= KILLS / 4, "the blows fall while an update is at work: {hit} of {KILLS}");
    desk.run("update batch-3 owner=last").ok();
    assert_eq!(column(&desk, "owner")[2], "last");
    desk.run("audit verify").ok();
    println!("{hit} of {KILLS} kills hit an update: {early} before the file was written, {written} after");
}
