//! `hooks`: what agents call around their work, with the flags of coordinators' briefings.

use crate::harness::{Came, Desk};

/// Four tasks for four roles, one of which waits for another; each is proven by what it leaves behind.
const PLAN: &str = "\
# Lighthouse refit

### Task 3.1: Rewire the lamp (1.5 days, electrician)
**Files:** `lamp/**`

**Success Criteria:**
- [ ] The lamp has a wiring plan — file: `lamp/wiring.md` contains `fuse`

### Task 3.2: Paint the tower (2 days, painter)
**Files:** `tower/**`

**Success Criteria:**
- [ ] The coat is described — file: `tower/coat.md`

### Task 3.3: Count the loose bricks (1 day, mason)
**Files:** `bricks.txt`

**Success Criteria:**
- [ ] Fewer than three are left — metric: loose_bricks < 3 from `grep -c loose bricks.txt || true`

### Task 3.4: Open to visitors (0.5 days, keeper)
**Dependencies:** waits for 3.3
**Files:** `visitors.md`

**Success Criteria:**
- [ ] Visitors know when to come — file: `visitors.md` contains `Sunday`
";

const BRICKS: &str = "brick 1 loose\nbrick 2 loose\nbrick 3 loose\nbrick 4 loose\nbrick 5 firm\n";

fn desk() -> Desk {
    let desk = Desk::new().file("REFIT.md", PLAN).file("bricks.txt", BRICKS);
    desk.run("adopt REFIT.md --as Ada").ok();
    desk.run("trust REFIT.md --yes --as Ada").ok();
    desk
}

/// One agent's calls: the line of a briefing as it stands there, by this agent of the session.
fn as_agent(desk: &Desk, agent: &str, line: &str) -> Came {
    desk.run(&format!("{line} --agent {agent} --session swarm-refit"))
}

#[test]
fn the_commands_of_a_briefing_carry_four_agents_from_start_to_a_completion_report() {
    let desk = desk();
    let ok = |agent: &str, line: &str| as_agent(&desk, agent, line).ok();
    desk.run("swarm init --topology mesh --max-agents 4 --session-id swarm-refit --as Ada").ok();
    desk.run("metric baseline loose_bricks 4 --source 'counted by hand' --as Ada").ok();
    for (agent, role, task) in [
        ("wim", "electrician", "3.1"),
        ("pia", "painter", "3.2"),
        ("mo", "mason", "3.3"),
        ("kay", "keeper", "3.4"),
    ] {
        desk.write(&format!("tasks/task-{task}.md"), format!("# Task {task}\n"));
        ok("wim", &format!("agent spawn --type {role} --task-file tasks/task-{task}.md --name {agent}"));
    }
    let start = desk.run("hooks session-restore --session-id swarm-refit --json").ok().json();
    assert_eq!(start["tasks"].as_array().map(Vec::len), Some(4), "{start}");
    assert_eq!(start["session"]["max_agents"], 4, "{start}");

    // The keeper comes too early, and is told what to wait for.
    let early =
        as_agent(&desk, "kay", "hooks pre-task --description 'Task 3.4: Open to visitors' --task-id 3.4");
    assert_eq!((early.exit, early.code().as_deref()), (7, Some("dependency/unmet")), "{}", early.shown());
    assert!(early.err.contains("3.3"), "{}", early.shown());
    assert!(
        desk.run("log --refused").ok().out.contains("cannot take task `3.4`"),
        "the refusal is on record"
    );

    // Two who do what their task asks for.
    ok("wim", "hooks pre-task --description 'Task 3.1: Rewire the lamp'");
    desk.write("lamp/wiring.md", "one fuse\n");
    ok("wim", "memory set refit/lamp/status working");
    let edited =
        ok("wim", "hooks post-edit --file lamp/wiring.md --memory-key refit/lamp/status --json").json();
    assert_eq!(edited["foreign"], false, "{edited}");
    assert_eq!(edited["memory_key"], "refit/lamp/status/edits/lamp/wiring.md", "{edited}");
    let kept = ok("wim", "memory get refit/lamp/status").out;
    assert!(kept.contains("working"), "an edit takes no status's place: {kept}");
    let done = ok("wim", "hooks post-task --task-id 3.1").out;
    assert!(done.starts_with("3.1  verified\n"), "{done}");
    ok("pia", "hooks pre-task --description 'paint' --task-id 3.2");
    desk.write("tower/coat.md", "white, two coats\n");
    ok("pia", "hooks post-edit --file tower/coat.md --memory-key refit/tower");
    ok("pia", "hooks notify --message 'the tower is wet' --to kay");
    ok("pia", "hooks post-task --task-id 3.2");

    // One who says it is done before it is.
    ok("mo", "hooks pre-task --description 'count' --task-id 3.3");
    let refuted = as_agent(&desk, "mo", "hooks post-task --task-id 3.3");
    assert_eq!((refuted.exit, refuted.code().as_deref()), (6, Some("gate/shut")), "{}", refuted.shown());
    assert!(refuted.out.contains("loose_bricks is 4, target < 3"), "{}", refuted.shown());
    let early = as_agent(&desk, "kay", "hooks pre-task --description 'open' --task-id 3.4");
    assert_eq!(early.exit, 7, "a claim opens nothing: {}", early.shown());
    desk.write("bricks.txt", BRICKS.replacen("loose", "firm", 2));
    let done = ok("mo", "hooks post-task --task-id 3.3").out;
    assert!(done.starts_with("3.3  verified\n"), "{done}");
    // Others are still at work, so the session goes on without this one.
    let ended = ok("mo", "hooks session-end --export-metrics final.json").out;
    assert!(ended.contains("stays open for kay"), "{ended}");
    let metrics: serde_json::Value = serde_json::from_str(&desk.read("final.json")).expect("it is JSON");
    let bricks = &metrics["metrics"][0];
    assert_eq!(
        (&bricks["baseline"], &bricks["final"], &bricks["delta"]),
        (&4.0.into(), &2.0.into(), &(-2.0).into()),
        "{metrics}"
    );
    assert_eq!(bricks["source"], "grep -c loose bricks.txt || true", "{metrics}");

    // Now the keeper may.
    let found = ok("kay", "hooks session-restore --session-id swarm-refit --json").json();
    assert_eq!(found["messages"][0]["text"], "the tower is wet", "{found}");
    ok("kay", "hooks pre-task --description 'Task 3.4: Open to visitors' --task-id 3.4");
    desk.write("visitors.md", "Come on Sunday.\n");
    ok("kay", "hooks post-edit --file visitors.md --memory-key refit/visitors");
    ok("kay", "hooks post-task --task-id 3.4");
    let ended = ok("kay", "hooks session-end --export-metrics true").out;
    assert!(
        ended.contains("verified   4 of 4 (100%)") && ended.contains("session swarm-refit has ended"),
        "{ended}"
    );
    let report = desk.run("report completion").ok().out;
    assert!(report.starts_with("# Completion of Lighthouse refit\n\n- verdict: VERIFIED: "), "{report}");
    assert!(report.contains("loose_bricks < 3"), "target against actual: {report}");
}

#[test]
fn what_nobody_knows_never_ends_well() {
    let desk = desk();
    for (line, exit, code) in [
        ("hooks pre-task --description x --task-id 9.9", 3, "task/not-found"),
        ("hooks pre-task --description 'nothing of this plan'", 3, "task/not-found"),
        ("hooks post-task --task-id 9.9", 3, "task/not-found"),
        ("hooks session-restore --session-id nope", 3, "session/not-found"),
        ("hooks session-end --session-id nope", 3, "session/not-found"),
        ("hooks session-end", 3, "session/not-found"),
        ("hooks notify --message hello --to nobody", 3, "agent/not-found"),
        ("hooks post-edit --file bricks.txt --task-id 9.9", 3, "task/not-found"),
        ("hooks pre-task --description x --task-id 3.4", 7, "dependency/unmet"),
        ("hooks post-task --task-id 3.4", 7, "dependency/unmet"),
        ("hooks post-task", 2, "usage/invalid"),
        ("hooks pre-task --description x --auto-spawn true", 2, "usage/invalid"),
        ("hooks dance", 2, "usage/invalid"),
        ("hooks install --for nobody", 4, "value/invalid"),
    ] {
        let came = desk.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{line}: {}", came.shown());
    }
    let elsewhere = Desk::new();
    for line in ["hooks pre-task --description x", "hooks session-end", "hooks post-edit --file x"] {
        let came = elsewhere.run(line);
        assert_eq!((came.exit, came.code().as_deref()), (3, Some("store/not-found")), "{}", came.shown());
    }
    assert!(!elsewhere.has(".countersign"));
}

#[test]
fn what_others_reserved_is_flagged_and_on_record() {
    let desk = desk();
    desk.run("session start swarm-refit --as Ada").ok();
    as_agent(&desk, "wim", "hooks pre-task --description lamp --task-id 3.1").ok();
    as_agent(&desk, "pia", "hooks pre-task --description tower --task-id 3.2").ok();
    desk.write("tower/door.md", "blue\n");
    let theirs = as_agent(&desk, "wim", "hooks post-edit --file tower/door.md --memory-key refit/lamp");
    assert_eq!((theirs.exit, theirs.code().as_deref()), (8, Some("path/reserved")), "{}", theirs.shown());
    desk.write("sea.md", "rough\n");
    let nobodys = as_agent(&desk, "wim", "hooks post-edit --file sea.md --memory-key refit/lamp");
    assert_eq!((nobodys.exit, nobodys.code().as_deref()), (8, Some("path/foreign")), "{}", nobodys.shown());
    let log = desk.run("log").ok().out;
    assert!(log.contains("wrote tower/door.md for `3.1`, which is reserved for `3.2`"), "{log}");
    let none = as_agent(&desk, "kay", "hooks post-edit --file sea.md --memory-key refit/sea").ok();
    assert!(none.err.contains("you hold no task"), "{}", none.shown());
    // Handed in, the foreign file is a refusal.
    desk.write("lamp/wiring.md", "fuse\n");
    let refused = as_agent(&desk, "wim", "hooks post-task --task-id 3.1");
    assert_eq!((refused.exit, refused.code().as_deref()), (8, Some("path/foreign")), "{}", refused.shown());
}

#[test]
fn untrusted_commands_do_not_run_and_nothing_is_verified() {
    let desk = Desk::new().file("REFIT.md", PLAN).file("bricks.txt", "brick 1 firm\n");
    desk.run("adopt REFIT.md --as Ada").ok();
    desk.run("hooks pre-task --description count --task-id 3.3 --agent mo").ok();
    let came = desk.run("hooks post-task --task-id 3.3 --agent mo");
    assert_eq!((came.exit, came.code().as_deref()), (10, Some("trust/required")), "{}", came.shown());
    assert!(came.err.contains("handed in and not verified"), "{}", came.shown());
    assert_eq!(desk.run("show 3.3 --json").ok().json()["task"]["state"], "claimed");
}

#[test]
fn a_session_that_did_nothing_exports_no_hundred_percent() {
    let desk = desk();
    desk.run("session start quiet --as Ada").ok();
    desk.run("hooks session-end --session-id quiet --export-metrics end.json --as Ada").ok();
    let text = desk.read("end.json");
    let metrics: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(metrics["tasks"]["verified_percent"], "n/a", "{text}");
    assert_eq!(metrics["metrics"][0]["final"], "n/a", "{text}");
    assert!(!text.contains("100"), "{text}");
    let again = desk.run("hooks session-end --session-id quiet --as Ada");
    assert_eq!((again.exit, again.code().as_deref()), (8, Some("session/ended")), "{}", again.shown());
}
