//! Many processes at once, and processes that are killed: through the binary, as people do it.

use std::process::{Command, Stdio};
use std::thread;

use crate::harness::Desk;

/// A plan with so many tasks that need nothing.
fn plan(tasks: usize) -> Desk {
    let rows: String = (1..=tasks).map(|n| format!("- [ ] T-{n:03}: Step {n}\n")).collect();
    let desk = Desk::new().file("PLAN.md", format!("# Plan\n\n{rows}"));
    desk.run("adopt PLAN.md").ok();
    desk
}

#[test]
fn race_forty_processes_write_to_one_store_and_all_of_it_lands() {
    let desk = plan(40);
    thread::scope(|scope| {
        let claims = (1..=40).map(|n| {
            let desk = &desk;
            scope.spawn(move || desk.run(&format!("claim T-{n:03} --as Person-{n}")))
        });
        for claim in claims.collect::<Vec<_>>() {
            claim.join().expect("the call itself does not panic").ok();
        }
    });
    let list = desk.run("list --json").ok().json();
    let rows = list["tasks"].as_array().expect("the list has tasks");
    let claimed = rows.iter().filter(|row| row["standing"] == "claimed, no evidence").count();
    assert_eq!((rows.len(), claimed), (40, 40), "{list}");
    println!("40 processes claimed 40 tasks at once; the chain holds");
}

#[test]
fn crash_an_interrupted_run_leaves_nothing_running_and_the_next_one_goes_on() {
    let desk = Desk::new().file("wait.sh", "echo $$ > pid\nexec sleep 1000\n").file(
        "PLAN.md",
        "# Plan\n\n- [ ] T-1: First — check: `true`\n- [ ] T-2: Second, needs T-1 — check: `sh wait.sh`\n",
    );
    desk.run("trust PLAN.md --yes").ok();
    let mut child = desk
        .command("run PLAN.md")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary was built for this test");
    while !desk.has("pid") || desk.read("pid").trim().is_empty() {
        thread::yield_now();
    }
    let probe = desk.read("pid").trim().to_owned();
    // An interrupt is answered: what runs is ended, what was proven stays.
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let status = child.wait().expect("it ends by itself");
    assert_eq!(status.code(), Some(6), "interrupted, the plan is not complete");
    assert!(!std::path::Path::new("/proc").join(&probe).exists(), "the probe still runs");
    desk.write("wait.sh", "true\n");
    desk.run("run PLAN.md --trust").ok();
}
