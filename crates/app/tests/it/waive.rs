//! `waive` and `waivers`: exceptions with an end, granted by somebody else.

use crate::world::World;

const PLAN: &str = "T-1: Build it | check: make test | approval: security";

fn refused(world: &World, line: &str) -> (i32, String) {
    let came = world.run(line);
    (came.exit, came.code().unwrap_or_default())
}

/// Asks for a waiver and gives its id.
fn ask(world: &World) -> String {
    let came =
        world.run("waive T-1 --check check --reason 'the host is late' --until +7d --as Ada --json").ok();
    let id = &came.json()["events"][0]["event"]["waiver_requested"]["waiver"];
    id.as_str().unwrap_or_else(|| panic!("no waiver: {}", came.shown())).to_owned()
}

#[test]
fn an_exception_is_granted_by_somebody_else_and_ends() {
    let mut world = World::adopt(PLAN);
    let asked = world.run("waive T-1 --check check --reason late --until 2031-05-08 --as Ada").ok();
    assert!(asked.out.contains("countersign approve waiver wvr_"), "{}", asked.shown());
    let id = ask(&world);
    assert_eq!(
        refused(&world, &format!("approve waiver {id} --as Ada")),
        (5, "waiver/self-approved".to_owned())
    );
    let granted = world.run(&format!("approve waiver {id} --as Bo")).ok();
    assert!(
        granted.out.starts_with("Bo [unauthenticated] granted the waiver of check `check`"),
        "{}",
        granted.shown()
    );
    let listed = world.run("waivers --json").ok().json();
    assert_eq!(listed["waivers"][1]["counts"], true, "{listed}");
    assert_eq!(listed["waivers"][1]["days_left"], 7, "{listed}");
    let late = world.run_at("2031-05-09T00:00:00Z", "waivers --json").ok().json();
    assert_eq!(
        (&late["waivers"][1]["state"], &late["waivers"][1]["counts"]),
        (&"lapsed".into(), &false.into())
    );
    world.run(&format!("waivers revoke {id} --reason 'the host is there' --as Bo")).ok();
    let gone = world.run("waivers").ok();
    assert!(gone.out.contains("revoked"), "{}", gone.shown());
}

#[test]
fn an_exception_without_an_end_a_check_or_a_future_is_refused() {
    let world = World::adopt(PLAN);
    let reason = "--reason late";
    assert_eq!(
        refused(&world, &format!("waive T-1 --check check {reason}")),
        (2, "usage/invalid".to_owned())
    );
    assert_eq!(
        refused(&world, &format!("waive T-1 {reason} --until +7d")),
        (3, "check/not-found".to_owned())
    );
    assert_eq!(
        refused(&world, &format!("waive T-1 --check check {reason} --until soon")),
        (4, "value/invalid".to_owned())
    );
    assert_eq!(
        refused(&world, &format!("waive T-1 --check check {reason} --until 2031-04-30")),
        (4, "value/invalid".to_owned())
    );
    assert_eq!(
        refused(&world, &format!("waive T-1 --check check {reason} --until +90d")),
        (4, "value/invalid".to_owned())
    );
    assert_eq!(
        refused(&world, &format!("waive T-1 --check check {reason} --until +7d --approve")),
        (5, "waiver/self-approved".to_owned())
    );
    let none = world.run("waivers").ok();
    assert!(none.out.starts_with("nobody has asked for a waiver"), "{}", none.shown());
}

#[test]
fn a_plan_of_one_person_grants_at_once() {
    let world = World::adopt("setting solo: yes\nT-1: Build it | check: make test");
    let came = world.run("waive T-1 --reason late --until +7d --approve").ok();
    assert!(
        came.out.contains("granted the waiver") && !came.out.contains("another person"),
        "{}",
        came.shown()
    );
}
