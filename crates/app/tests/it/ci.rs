//! `ci` and `delivery`.

use serde_json::json;

use crate::world::World;

const REPORT: &str = r#"<testsuite>
  <testcase name="one" time="1.5"/><testcase name="two" time="0.5"><failure/></testcase>
</testsuite>"#;

#[test]
fn a_run_is_recorded_with_what_its_tests_say() {
    let world = World::adopt("T-1: Build it");
    world.desk.write("report.xml", REPORT);
    world.run("ci record build --junit report.xml --branch main --commit abc --as Ada").ok();
    world.run("ci record build --result success --duration 8m --queue 90.5s --run 7 --as Ada").ok();
    world.run("ci record build --result success --duration 8m --run 7 --as Ada").ok();
    let row = world.run("ci show --json").ok().json()["workflows"][0].clone();
    assert_eq!((&row["runs_total"], &row["pass_percent"]), (&json!(2), &json!(50.0)), "{row}");
    assert_eq!((&row["queue_seconds"], &row["median_seconds"]), (&json!(90.5), &json!(241.0)), "{row}");
    let shown = world.run("ci show").ok().out;
    assert!(shown.contains("build        2  success, just now   50 %"), "{shown}");
    let log = world.run("log").ok().out;
    assert!(log.contains("recorded a run of `build` of abc: red after 2 s"), "{log}");
}

#[test]
fn what_is_no_run_is_refused() {
    let world = World::adopt("T-1: Build it");
    world.desk.write("report.xml", "<html/>");
    for (line, code) in [
        ("ci record build --result fine --duration 1", "value/invalid"),
        ("ci record build --result success --duration soon", "value/invalid"),
        ("ci record build --junit report.xml", "value/invalid"),
        ("ci record build --junit nowhere.xml", "file/not-found"),
        ("ci record build --duration 1", "usage/invalid"),
        ("ci record ' ' --result success --duration 1", "value/invalid"),
        ("delivery deployed production --result maybe", "value/invalid"),
        ("delivery restored INC-1", "entry/not-found"),
    ] {
        let came = world.run(&format!("{line} --as Ada"));
        assert_eq!(came.code().as_deref(), Some(code), "{line}: {}", came.shown());
    }
}

#[test]
fn deployments_and_incidents_are_shown_with_what_they_take() {
    let world = World::adopt("T-1: Build it");
    world.run("delivery show").ok();
    world.run("delivery deployed production --commit abc --lead 90m --as Ada").ok();
    world.run("delivery deployed staging --result rolled-back --as Ada").ok();
    world.run("delivery incident No orders --severity high --since 2h --as Ada").ok();
    let shown = world.run("delivery show").ok().out;
    for part in ["1 in 30 days", "1.5 h on average", "1 open", "INC-1", "rolled back"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    world.run("delivery restored INC-1 --outcome restarted --as Ada").ok();
    let figures = world.run("delivery show --json").ok().json()["last_30d"].clone();
    assert_eq!(figures["mean_time_to_restore_seconds"], json!(7200.0), "{figures}");
}

#[test]
fn a_document_asks_for_green_runs() {
    let desk = crate::harness::Desk::new().file(
        "PLAN.md",
        "# P\n\n- [ ] T-1: Build it\n  - Verify: ci: `build` on `main` x2\n- [ ] T-2: Lint it\n  - Verify: consecutive: `lint` x3\n",
    );
    desk.run("adopt PLAN.md --as Ada").ok();
    let shown = desk.run("show T-1 --json").ok().json();
    assert_eq!(shown["checks"][0]["kind"], "ci", "{shown}");
    for _ in 0..2 {
        desk.run("ci record build --result success --duration 1m --branch main --as Ada").ok();
    }
    assert_eq!(desk.run("gate show T-1 --json").ok().json()["gate"]["state"], "open");
    let waits = desk.run("gate show T-2").ok().out;
    assert!(waits.contains("no run of lint is on record"), "{waits}");
}
