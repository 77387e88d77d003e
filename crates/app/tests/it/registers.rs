//! The registers: `risk`, `decision`, `escalate`, `assumption`, `action`, `metric`, `rebaseline`.

use crate::world::World;

fn text(world: &World, line: &str) -> String {
    let came = world.run(line).ok();
    came.out.lines().next().unwrap_or_default().to_owned()
}

fn refused(world: &World, line: &str) -> (i32, String) {
    let came = world.run(line);
    (came.exit, came.code().unwrap_or_default())
}

#[test]
fn risks_are_added_changed_and_shown() {
    let world = World::adopt("T-1: Build it");
    assert_eq!(
        text(&world, "risk add 'The host is late' --key R-1 --probability high --tasks T-1"),
        "casey [declared] added risk `R-1`: The host is late"
    );
    assert_eq!(refused(&world, "risk add Again --key R-1"), (4, "key/duplicate".to_owned()));
    text(&world, "risk change r-1 --status closed");
    let shown = world.run("risk show R-1 --json").ok().json();
    assert_eq!(shown["risks"][0]["status"], "closed", "{shown}");
    assert_eq!(shown["risks"][0]["tasks"][0]["key"], "T-1", "{shown}");
    assert!(world.run("risk list").ok().out.contains("The host is late"));
    let near = world.run("risk show R-2");
    assert_eq!((near.exit, near.code().as_deref()), (3, Some("entry/not-found")), "{}", near.shown());
    assert!(near.err.ends_with("hint: did you mean `R-1`?\n"), "{}", near.shown());
    assert_eq!(refused(&world, "risk add X --tasks T-9"), (3, "task/not-found".to_owned()));
}

#[test]
fn decisions_and_escalations_are_recorded() {
    let world = World::adopt("T-1: Build it");
    assert_eq!(
        text(&world, "decision add We ship on Friday --owner Ada --approved-by Bo"),
        "casey [declared] recorded a decision: We ship on Friday"
    );
    assert_eq!(world.run("decision list --json").ok().json()["decisions"][0]["entry"]["owner"], "Ada");
    assert_eq!(text(&world, "escalate 'no test host' --key E-1"), "casey [declared] escalated: no test host");
    assert_eq!(refused(&world, "escalate"), (2, "usage/invalid".to_owned()));
    text(&world, "escalate resolve e-1 a host was found");
    assert_eq!(refused(&world, "escalate resolve E-1 again"), (8, "task/state".to_owned()));
    assert_eq!(refused(&world, "escalate resolve E-9 x"), (3, "entry/not-found".to_owned()));
    assert_eq!(
        world.run("escalate list --json").ok().json()["escalations"][0]["outcome"],
        "a host was found"
    );
}

#[test]
fn assumptions_hold_or_do_not() {
    let world = World::adopt("T-1: Build it");
    text(&world, "assumption add the host stays up");
    let id =
        world.run("assumption list --json").ok().json()["assumptions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        text(&world, &format!("assumption check {id} no")),
        "casey [declared] looked whether an assumption holds, and it does not hold: the host stays up"
    );
    assert_eq!(refused(&world, "assumption check x yes"), (3, "entry/not-found".to_owned()));
    assert_eq!(refused(&world, &format!("assumption check {id} maybe")), (2, "usage/invalid".to_owned()));
}

#[test]
fn actions_are_added_beside_the_document() {
    let world = World::adopt("T-1: Build it");
    assert_eq!(
        text(&world, "action add Ask for a host --key ACTION-1 --needs T-1 --owner Bo --due 2031-05-08"),
        "casey [declared] added action `ACTION-1`: Ask for a host; it needs `T-1`"
    );
    let listed = world.run("action list --json").ok().json();
    assert_eq!(listed["tasks"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed["tasks"][0]["owner"], "Bo", "{listed}");
    assert_eq!(refused(&world, "action add Again --key T-1"), (4, "key/duplicate".to_owned()));
}

#[test]
fn readings_are_finite_numbers_judged_against_targets() {
    let world = World::adopt("T-1: Build it");
    text(&world, "metric target warnings '< 20'");
    assert_eq!(text(&world, "metric record warnings 34"), "casey [declared] recorded `warnings` 34 (casey)");
    text(&world, "metric baseline warnings 120 --source 'first count'");
    let listed = world.run("metric list --json").ok().json();
    assert_eq!(listed["metrics"][0]["met"], false, "{listed}");
    assert_eq!(listed["metrics"][0]["baseline"]["value"], 120.0, "{listed}");
    for wrong in ["NaN", "inf", "many", "3 of 4 things"] {
        assert_eq!(
            refused(&world, &format!("metric record warnings '{wrong}'")),
            (4, "value/invalid".to_owned())
        );
    }
    text(&world, "metric record slip '-3 days'");
    assert_eq!(refused(&world, "metric target warnings 'few'"), (4, "value/invalid".to_owned()));
    world.run("session start s1").ok();
    assert_eq!(
        refused(&world, "metric target warnings '< 50' --agent coder --session s1"),
        (5, "policy/denied".to_owned())
    );
    text(&world, "metric target warnings '< 10' --agent coder --session s1");
    let near = world.run("metric record wanrings 3").ok();
    assert!(near.err.contains("did you mean `warnings`?"), "{}", near.shown());
}

#[test]
fn a_date_is_rebaselined_with_reason_and_approvals() {
    let world = World::adopt("setting rebaseline: owner\nT-1: Build it | due: 2031-05-08");
    assert_eq!(refused(&world, "rebaseline T-1 --due 2031-05-15"), (2, "usage/invalid".to_owned()));
    assert_eq!(refused(&world, "rebaseline T-1 --reason late"), (2, "usage/invalid".to_owned()));
    let line = text(&world, "rebaseline T-1 --due 2031-05-15 --reason 'the host is late' --as Ada");
    assert!(
        line.contains("from `2031-05-08` to `2031-05-15`") && line.contains("waits for approval by owner"),
        "{line}"
    );
    assert_eq!(refused(&world, "approve rebaseline T-1 --as Bo"), (2, "usage/invalid".to_owned()));
    text(&world, "approve rebaseline T-1 --role owner --as Bo");
    let listed = world.run("rebaseline list --json").ok().json();
    assert_eq!(listed["rebaselines"][0]["in_force"], true, "{listed}");
}

#[test]
fn a_baseline_can_be_taken_from_a_command() {
    let world = World::adopt("T-1: Build it");
    world.desk.write("warnings.txt", "a warning\nanother\n");
    let told = text(&world, "metric baseline warnings --from 'grep -c . warnings.txt'");
    assert!(told.contains("grep -c . warnings.txt"), "{told}");
    let listed = world.run("metric list --json").ok().json();
    assert_eq!(listed["metrics"][0]["baseline"]["value"], 2.0, "{listed}");
    for (line, exit, code) in [
        ("metric baseline warnings --from 'exit 3'", 6, "check/error"),
        ("metric baseline warnings --from 'echo many'", 6, "check/error"),
        ("metric baseline warnings", 2, "usage/invalid"),
        ("metric baseline warnings 3 --from 'echo 4'", 2, "usage/invalid"),
    ] {
        let came = world.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{line}: {}", came.shown());
    }
}
