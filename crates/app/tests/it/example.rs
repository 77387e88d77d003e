//! The example with a history: one command, and a newcomer sees a living plan.

use serde_json::Value;

use crate::harness::Desk;
use crate::service::Service;

#[test]
fn one_command_serves_a_plan_with_a_history() {
    let desk = Desk::new();
    let service = Service::start(&desk, "--example demo --as Ada");
    let plans = service.get("/api/v1/plans").ok().json();
    let counts = &plans["plans"][0]["summary"];
    assert_eq!(
        (&counts["verified"], &counts["refuted"], &counts["active"]),
        (&5.into(), &1.into(), &1.into())
    );
    let metrics = service.get("/api/v1/reviews/metrics").ok().json();
    assert_eq!(metrics["trends"]["resolved_last_7d"], 3);
    assert_eq!(metrics["totals"]["in_review"], 2);
    let waivers = service.get("/api/v1/plans/tally/waivers").ok().json();
    let states: Vec<&Value> =
        waivers["waivers"].as_array().expect("a list").iter().map(|waiver| &waiver["state"]).collect();
    assert_eq!(states, ["approved", "requested"]);
    // What happened is days old, what happens now is not; and every page says how that can be.
    let log = service.get("/api/v1/plans/tally/log").ok().json();
    let first = log["entries"][0]["at"].as_str().expect("a moment").parse::<jiff::Timestamp>().expect("one");
    assert!(first.duration_until(jiff::Timestamp::now()).as_hours() > 5 * 24, "{first}");
    let board = service.get("/plans/tally").ok();
    assert!(board.body.contains("a test store"), "{}", board.body);
    assert!(service.get("/audit").ok().body.contains("The chain is whole"));
    drop(service);

    // A folder that was named stays, takes verbs, and is served again as it is then.
    desk.run("note T-010 'seen' --store demo/.countersign --as Ada").ok();
    let again = Service::start(&desk, "--example demo --as Ada");
    assert!(again.get("/plans/tally/tasks/T-010").ok().body.contains("seen"));
}

#[test]
fn a_folder_nobody_named_goes_with_the_service() {
    let desk = Desk::new();
    let temporary = desk.folder().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder can be made");
    let desk = desk.with("TMPDIR", &temporary.to_string_lossy());
    let laid = || std::fs::read_dir(&temporary).expect("it is there").count();
    let service = Service::start(&desk, "--example");
    assert_eq!(laid(), 1);
    service.end();
    assert_eq!(laid(), 0);
}

#[test]
fn an_example_takes_the_place_of_nothing() {
    let desk = Desk::new().file("mine/PLAN.md", "- [ ] my own work\n");
    let came = desk.run("serve --example mine");
    assert_eq!(came.exit, 2, "{}", came.err);
    assert!(came.err.contains("`mine` is not empty"), "{}", came.err);
    let came = desk.run("serve --example other --store .countersign");
    assert_eq!(came.exit, 2, "{}", came.err);
    assert!(!desk.has("other"));
}
