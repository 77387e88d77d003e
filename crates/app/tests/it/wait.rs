//! `wait`: returns as soon as another process has recorded what is waited for.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Desk, expect};

const PLAN: &str = "\
# Plan

| Task ID | Title | Prereqs | Verify |
| --- | --- | --- | --- |
| T-1 | Write it | None | file: `there.txt` |
| T-2 | Tell people | T-1 | |
";

fn desk() -> Desk {
    let desk = Desk::new().file("PLAN.md", PLAN);
    desk.run("adopt PLAN.md --as Ada").ok();
    desk
}

/// A `wait` that has looked once and found that it has to wait.
fn waiting(desk: &Desk, line: &str) -> Child {
    let mut child = desk
        .command(line)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    let mut told = String::new();
    BufReader::new(child.stderr.as_mut().expect("a pipe")).read_line(&mut told).expect("it says so");
    assert!(told.starts_with("waiting"), "{told}");
    child
}

#[test]
fn a_wait_begun_earlier_returns_within_a_second_of_verification() {
    let desk = desk();
    let verified = waiting(&desk, "wait T-1 --until verified --timeout 5m");
    let ready = waiting(&desk, "wait T-2 --until ready --timeout 5m");
    desk.write("there.txt", "done\n");
    desk.run("verify T-1").ok();
    let since = Instant::now();
    for (mut child, says) in [(verified, "T-1  verified\n"), (ready, "T-2  ready\n")] {
        let status = child.wait().expect("it ends");
        assert!(since.elapsed() < Duration::from_secs(1), "after {:?}", since.elapsed());
        let mut out = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("it is text");
        assert_eq!((status.code(), out.as_str()), (Some(0), says));
    }
    let again = desk.run("wait T-1 --json").ok().json();
    assert_eq!((&again["key"], &again["standing"]), (&"T-1".into(), &"verified".into()), "{again}");
}

#[test]
fn a_wait_whose_time_is_over_ends_like_timeout_does() {
    let desk = desk();
    expect(
        &desk.run("wait T-2 --until ready --timeout 0s --quiet").shown(),
        "exit 124\n--- err\n\
         error[wait/timeout]: task `T-2` is not ready after 0s: it is blocked\n\
         hint: see what holds it up with `countersign why T-2`\n",
    );
}

#[test]
fn what_never_comes_is_not_waited_for() {
    let desk = desk();
    let unknown = desk.run("wait T-9");
    assert_eq!((unknown.exit, unknown.code().as_deref()), (3, Some("task/not-found")), "{}", unknown.shown());
    let odd = desk.run("wait T-1 --timeout soon");
    assert_eq!((odd.exit, odd.code().as_deref()), (4, Some("value/invalid")), "{}", odd.shown());
    assert_eq!(desk.run("wait T-1 --until perfect").exit, 2);
    desk.run("drop T-1 --reason 'not wanted'").ok();
    let dropped = desk.run("wait T-1 --timeout 5m");
    assert_eq!((dropped.exit, dropped.code().as_deref()), (8, Some("task/state")), "{}", dropped.shown());
    desk.run("claim T-2").ok();
    assert_eq!(desk.run("wait T-2 --until done").ok().out, "T-2  claimed, no evidence\n");
}
