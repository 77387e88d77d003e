//! `review`: what people are asked to look at, and how they answer.

use crate::world::World;

const PLAN: &str = "T-1: Build it | approval: security\nT-2: Ship it";

fn refused(world: &World, line: &str) -> (i32, String) {
    let came = world.run(line);
    (came.exit, came.code().unwrap_or_default())
}

#[test]
fn resolving_a_ticket_countersigns_what_asked_for_it() {
    let world = World::adopt(PLAN);
    let claimed = world.run("claim T-1 --as Ada").ok();
    assert!(claimed.out.contains("asked for a review on `T-1` (approval:"), "{}", claimed.shown());
    assert_eq!(refused(&world, "review resolve T-1 --as Ada"), (5, "approval/self".to_owned()));
    let row = world.run("review assign T-1 --as Bo --json").ok().json();
    assert_eq!((&row["status"], &row["assigned_to"]), (&"in_review".into(), &"Bo".into()));
    assert_eq!((&row["task_id"], &row["plan"]), (&"T-1".into(), &"plan".into()));
    world.run("review note T-1 seen by the book --as Bo").ok();
    let resolved = world.run("review resolve T-1 --summary 'it is safe' --as Bo").ok();
    for line in ["Bo [unauthenticated] approved check", "Bo [unauthenticated] resolved the review of `T-1`"] {
        assert!(resolved.out.contains(line), "{}", resolved.shown());
    }
    let row = world.run("review show T-1 --json").ok().json();
    assert_eq!((&row["status"], &row["resolution"]), (&"resolved".into(), &"it is safe".into()));
    assert_eq!(row["notes"][0]["content"], "seen by the book");
    assert_eq!(world.run("gate show T-1 --json").ok().json()["gate"]["state"], "open");
    for line in ["review assign T-1 --as Bo", "review unassign T-1 --as Bo", "review resolve T-1 --as Bo"] {
        assert_eq!(refused(&world, line), (8, "review/closed".to_owned()), "{line}");
    }
    world.run("review note T-1 still fine --as Bo").ok();
}

#[test]
fn dismissing_gives_nothing() {
    let world = World::adopt(PLAN);
    world.run("claim T-1 --as Ada").ok();
    world.run("review resolve T-1 --dismiss --as Bo").ok();
    assert_eq!(world.run("gate show T-1 --json").ok().json()["gate"]["state"], "shut");
    let listed = world.run("review list --json").ok().json();
    assert_eq!(listed["reviews"], serde_json::json!([]));
    let listed = world.run("review list --status dismissed --json").ok().json();
    assert_eq!(listed["reviews"][0]["task_id"], "T-1");
}

#[test]
fn two_escalations_of_a_task_are_one_ticket() {
    let world = World::adopt(PLAN);
    world.run("escalate 'nobody answers' --task T-2 --as Ada").ok();
    world.run("escalate 'still nobody' --task T-2 --as Ada").ok();
    let listed = world.run("review list --json").ok().json();
    let row = &listed["reviews"][0];
    assert_eq!(
        (listed["reviews"].as_array().map(Vec::len), row["sources"].as_array().map(Vec::len)),
        (Some(1), Some(2))
    );
    assert_eq!(row["escalation_payload"]["escalation~2"], "still nobody");
    assert_eq!(refused(&world, "escalate 'nobody' --task T-9 --as Ada"), (3, "task/not-found".to_owned()));
    let shown = world.run("review list").ok();
    assert!(shown.out.contains("T-2") && shown.out.contains("nobody answers"), "{}", shown.shown());
}

#[test]
fn owners_are_asked_to_acknowledge_by_a_time_and_what_waits_grows_older() {
    let mut world = World::adopt(PLAN);
    let row =
        world.run("review request please acknowledge --about T-2 --due +1h --with page=4 --json").ok().json();
    assert_eq!(
        (&row["sources"][0], &row["escalation_payload"]["page"]),
        (&"acknowledgement".into(), &"4".into())
    );
    let opened: jiff::Timestamp = row["created_at"].as_str().expect("a moment").parse().expect("RFC 3339");
    let mut numbers = |minutes: i64| {
        let now = opened + jiff::SignedDuration::from_mins(minutes);
        let metrics = world.run_at(&now.to_string(), "review metrics --json").ok().json();
        (metrics["aging"]["open_oldest_minutes"].as_f64(), metrics["queue_health"]["sla_breaches"].as_u64())
    };
    assert_eq!(numbers(60), (Some(60.0), Some(0)));
    assert_eq!(numbers(90), (Some(90.0), Some(1)));
    let told = world.run("review metrics").ok();
    assert!(told.out.contains("1 open, 0 in review"), "{}", told.shown());
    assert_eq!(refused(&world, "review request ' '"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "review request look --due yesterday"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "review request look --with page"), (2, "usage/invalid".to_owned()));
}

#[test]
fn only_persons_answer_and_what_nobody_knows_is_not_found() {
    let world = World::adopt(PLAN);
    world.run("review request look --about T-2 --agent smith").ok();
    let agent = "--agent smith";
    for line in ["assign T-2", "unassign T-2", "resolve T-2"] {
        assert_eq!(
            refused(&world, &format!("review {line} {agent}")),
            (5, "policy/denied".to_owned()),
            "{line}"
        );
    }
    world.run(&format!("review note T-2 look here {agent}")).ok();
    let nowhere = world.run("review show tkt_0000000000000000000000000z");
    assert_eq!((nowhere.exit, nowhere.code().as_deref()), (3, Some("review/not-found")));
    assert!(nowhere.err.contains("error[review/not-found]: Review ticket not found"), "{}", nowhere.shown());
    assert_eq!(refused(&world, "review show T-1"), (3, "review/not-found".to_owned()));
    assert_eq!(refused(&world, "review note T-2 ' '"), (4, "value/invalid".to_owned()));
}
