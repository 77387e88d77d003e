//! `memory`: values that agents and people share.

use std::process::Stdio;
use std::thread;

use crate::harness::{Desk, expect};
use crate::world::World;

fn line(world: &World, line: &str) -> String {
    world.run(line).ok().out.trim_end().to_owned()
}

fn refused(world: &World, line: &str) -> (i32, String) {
    let came = world.run(line);
    (came.exit, came.code().unwrap_or_default())
}

#[test]
fn a_value_is_written_read_listed_and_taken_out() {
    let world = World::empty();
    assert_eq!(
        line(&world, "memory set phase7/quality/status '34 warnings' --tag release"),
        "phase7/quality/status is version 1"
    );
    assert_eq!(line(&world, "memory get phase7/quality/status"), "34 warnings");
    line(&world, "memory set phase7/quality/status 12");
    line(&world, "memory set phase8/status open --agent coder");
    let row = world.run("memory get phase7/quality/status --json").ok().json();
    assert_eq!(
        (&row["value"], &row["version"], &row["by"]["name"]),
        (&"12".into(), &2.into(), &"casey".into())
    );
    let list = world.run("memory list phase7 --json").ok().json();
    assert_eq!(list["entries"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list["entries"][0], row);
    expect(
        &world.run("memory list").ok().out,
        "\
Key                    Value  Version  By             At
phase7/quality/status  12           2  casey          2031-05-01 09:00 UTC
phase8/status          open         1  coder (coder)  2031-05-01 09:00 UTC
",
    );
    line(&world, "memory delete phase7/quality/status");
    assert_eq!(refused(&world, "memory get phase7/quality/status"), (3, "memory/not-found".to_owned()));
    assert_eq!(refused(&world, "memory delete phase7/quality/status"), (3, "memory/not-found".to_owned()));
    let history = world.run("memory history phase7/quality/status --json").ok().json();
    let values: Vec<_> =
        history["versions"].as_array().expect("a list").iter().map(|row| &row["value"]).collect();
    assert_eq!(values, [&"34 warnings".into(), &"12".into(), &serde_json::Value::Null]);
    assert_eq!(refused(&world, "memory history never/heard"), (3, "memory/not-found".to_owned()));
    assert_eq!(world.run("memory list --json").ok().json()["entries"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_value_comes_from_a_file_or_standard_input_and_keeps_its_bytes() {
    let desk = Desk::new().file("value.txt", "first\n\tsecond\n");
    desk.run("memory set a --file value.txt").ok();
    assert_eq!(desk.run("memory get a").ok().out, "first\n\tsecond\n");
    desk.call(&["memory", "set", "b", "-"], Some("pipe\u{1b}[31m\n")).ok();
    assert_eq!(desk.run("memory get b").ok().out, "pipe\u{1b}[31m\n", "a program gets what was written");
    assert!(!desk.run("memory list").ok().out.contains('\u{1b}'), "a list is for people");
    desk.run("memory set c -3").ok();
    desk.run("memory set d -- --odd").ok();
    assert_eq!(desk.run("memory get d").ok().out, "--odd\n");
    desk.write("bytes", [0xff, 0xfe]);
    assert_eq!(desk.run("memory set e --file bytes").exit, 4);
    assert_eq!(desk.run("memory set e --file none").exit, 3);
    assert_eq!(desk.run("memory set e").exit, 2);
    assert_eq!(desk.run("memory set 'e//f' 1").exit, 4);
    assert_eq!(desk.run("memory set '' 1").exit, 4);
}

#[test]
fn only_writing_makes_a_store() {
    let desk = Desk::new();
    for reading in
        ["memory get a", "memory list", "memory search x", "memory history a", "memory wait a --timeout 1s"]
    {
        let came = desk.run(reading);
        assert_eq!((came.exit, came.code().as_deref()), (3, Some("store/not-found")), "{}", came.shown());
    }
    assert!(!desk.has(".countersign"));
    desk.run("memory set a 1").ok();
    assert_eq!(desk.run("memory get a").ok().out, "1\n");
}

#[test]
fn words_are_found_apart_in_any_form_and_with_any_punctuation() {
    let world = World::empty();
    line(&world, "memory set notes/build 'The build fails while the linker is running'");
    line(&world, "memory set notes/test 'all tests passed' --tag nightly");
    let found = |words: &str| -> Vec<String> {
        let answer = world.run(&format!("memory search {words} --json")).ok().json();
        let rows = answer["entries"].as_array().expect("a list");
        rows.iter().map(|row| row["key"].as_str().expect("a key").to_owned()).collect()
    };
    assert_eq!(found("running build"), ["notes/build"]);
    assert_eq!(found("nightly testing"), ["notes/test"]);
    assert_eq!(found("linked OR passed"), [""; 0]);
    for odd in
        ["'\"'", "'(tests'", "'tests*'", "-- '-tests'", "'NEAR(tests, 2)'", "'notes:'", "'^ \"tests'", "\\"]
    {
        world.run(&format!("memory search {odd}")).ok();
    }
    assert_eq!(found("'(tests' '\"passed'"), ["notes/test"]);
}

#[test]
fn a_value_is_forgotten_when_its_time_is_over() {
    let mut world = World::empty();
    line(&world, "memory set a 1 --ttl 1h");
    assert_eq!(world.run_at("2031-05-01T09:59:59Z", "memory get a").ok().out, "1\n");
    let over = "2031-05-01T10:00:00Z";
    assert_eq!(world.run_at(over, "memory get a").exit, 3);
    assert_eq!(world.run_at(over, "memory list --json").ok().json()["entries"], serde_json::json!([]));
    assert_eq!(world.run_at(over, "memory search 1 --json").ok().json()["entries"], serde_json::json!([]));
    assert_eq!(world.run_at(over, "memory cas a 2 --expect absent").ok().out.trim_end(), "a is version 2");
    assert_eq!(refused(&world, "memory set a 1 --ttl soon"), (4, "value/invalid".to_owned()));
}

#[test]
fn a_value_that_changed_meanwhile_is_not_overwritten() {
    let world = World::empty();
    line(&world, "memory cas a 1 --expect absent");
    assert_eq!(refused(&world, "memory cas a 2 --expect absent"), (8, "memory/conflict".to_owned()));
    line(&world, "memory cas a 2 --expect 1");
    let no = world.run("memory cas a 3 --expect 1 --json");
    assert_eq!((no.exit, &no.error()["error"]["context"]["version"]), (8, &2.into()), "{}", no.shown());
    assert_eq!(refused(&world, "memory delete a --expect 1"), (8, "memory/conflict".to_owned()));
    assert_eq!(refused(&world, "memory cas a 3 --expect newest"), (4, "value/invalid".to_owned()));
    assert_eq!(line(&world, "memory get a"), "2");
}

#[test]
fn a_wait_ends_when_another_process_writes() {
    let desk = Desk::new();
    desk.run("memory set a 1").ok();
    assert_eq!(desk.run("memory wait a").ok().out, "1\n", "what is there already");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| desk.run("memory wait a --value done --timeout 60s"));
        let after = scope.spawn(|| desk.run("memory wait a --after 1 --timeout 60s"));
        desk.run("memory set a 2").ok();
        desk.run("memory set b done").ok();
        assert_ne!(after.join().expect("no panic").ok().out, "1\n");
        desk.run("memory set a done").ok();
        assert_eq!(waiting.join().expect("no panic").ok().out, "done\n");
    });
    let over = desk.run("memory wait never --timeout 1s");
    assert_eq!((over.exit, over.code().as_deref()), (124, Some("wait/timeout")), "{}", over.shown());
}

#[test]
fn race_thirty_two_processes_write_sixteen_hundred_keys() {
    let desk = Desk::new();
    thread::scope(|scope| {
        for process in 0..32 {
            let desk = &desk;
            scope.spawn(move || {
                for number in 0..50 {
                    desk.run(&format!("memory set race/{process}/{number} {number} --as P{process}")).ok();
                }
            });
        }
    });
    let list = desk.run("memory list race/ --json").ok().json();
    assert_eq!(list["entries"].as_array().map(Vec::len), Some(1600));
    desk.run("audit verify").ok();
    println!("32 processes wrote 50 keys each, and all 1,600 are there");
}

#[test]
fn race_a_counter_of_several_processes_is_exact() {
    const PROCESSES: u64 = 6;
    const STEPS: u64 = 8;
    let desk = Desk::new();
    desk.run("memory set counter 0").ok();
    let lost: u64 = thread::scope(|scope| {
        let counting = (0..PROCESSES).map(|_| {
            scope.spawn(|| {
                let (mut done, mut lost) = (0, 0);
                while done < STEPS {
                    let row = desk.run("memory get counter --json").ok().json();
                    let (value, version) = (row["value"].as_str().expect("a text"), &row["version"]);
                    let next = value.parse::<u64>().expect("a number") + 1;
                    let came = desk.run(&format!("memory cas counter {next} --expect {version}"));
                    match came.exit {
                        0 => done += 1,
                        8 => lost += 1,
                        _ => panic!("{}", came.shown()),
                    }
                }
                lost
            })
        });
        counting.collect::<Vec<_>>().into_iter().map(|one| one.join().expect("no panic")).sum()
    });
    assert_eq!(desk.run("memory get counter").ok().out, format!("{}\n", PROCESSES * STEPS));
    println!(
        "{PROCESSES} processes counted to {}; {lost} of their writes came too late and were refused",
        PROCESSES * STEPS
    );
}

#[test]
fn what_is_written_under_a_lease_that_is_over_is_refused() {
    let mut world = World::adopt("T-1: Build it");
    let as_agent = |name: &str, line: &str| format!("{line} --agent {name} --session {name}");
    let taken = world.run(&as_agent("coder", "take T-1 --ttl 10m --json")).ok().json();
    let fence = taken["lease"]["fence"].as_u64().unwrap_or_else(|| panic!("a grant: {taken}"));
    world
        .run(&as_agent("coder", &format!("memory set build/status running --task T-1 --fence {fence}")))
        .ok();
    world.run(&as_agent("coder", "memory set build/status linking --task T-1")).ok();
    let later = "2031-05-01T09:20:00Z";
    world.run_at(later, &as_agent("tester", "take T-1")).ok();
    for write in [
        "memory cas build/status done --expect 2",
        "memory set build/status done",
        "memory delete build/status",
    ] {
        let line = as_agent("coder", &format!("{write} --task T-1 --fence {fence}"));
        let came = world.run_at(later, &line);
        assert_eq!((came.exit, came.code().as_deref()), (8, Some("lease/lost")), "{}", came.shown());
    }
    assert_eq!(line(&world, "memory get build/status"), "linking");
    let log = world.run_at(later, &as_agent("tester", "memory set build/status done --task T-1"));
    log.ok();
    assert_eq!(world.run(&as_agent("tester", "memory set x 1 --task T-9 --fence 2")).exit, 3);
}

#[test]
fn an_index_that_somebody_changed_is_named_and_made_anew() {
    let world = World::empty();
    line(&world, "memory set a 1");
    journal::testing::tamper(&world.desk.folder().join(".countersign"), "DELETE FROM memory");
    let named = world.run("audit verify");
    assert_eq!((named.exit, named.out.contains("version 1 of `a`")), (9, true), "{}", named.shown());
    world.run("audit reindex").ok();
    world.run("audit verify").ok();
    assert_eq!(line(&world, "memory get a"), "1");
}

#[test]
fn a_secret_does_not_reach_the_memory() {
    let desk = Desk::new();
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let row = desk.run(&format!("memory set deploy/token {token} --json")).ok().json();
    assert!(!row.to_string().contains(&token), "{row}");
    assert!(!desk.run("memory get deploy/token").ok().out.contains(&token));
    assert!(!desk.run("memory search ghp --json").ok().out.contains(&token));
}

#[test]
fn a_wait_that_is_not_over_ends_with_the_process_it_waits_for() {
    // Started before the key has a value, so that only the journal can wake it.
    let desk = Desk::new();
    desk.run("memory set other 1").ok();
    let mut child = desk
        .command("memory wait a --timeout 60s")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary was built for this test");
    assert!(child.try_wait().expect("it can be asked").is_none());
    desk.run("memory set a 1").ok();
    assert!(child.wait().expect("it ends by itself").success());
}
