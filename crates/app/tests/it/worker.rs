//! `worker --task`: works on some tasks alone, and says honestly how they ended.

use crate::harness::{Came, Desk};

const PLAN: &str = "# Plan\n\n## Tasks\n\n| ID | Task | Prereqs | Verify |\n|----|------|---------|--------|\n\
    | T-1 | Notes | None | `test -f T-1` |\n| T-2 | Ship | T-1 | `test -f T-2` |\n| T-3 | Rest | None | `test -f T-3` |\n";

fn desk(script: &str) -> Desk {
    let agents = "[settings]\nsync = \"manual\"\n[agents.hand]\nroles = [\"maker\"]\n\
        command = [\"sh\", \"hand.sh\"]\nworktree = false\nretries = 0\n";
    let desk = Desk::new().file("PLAN.md", PLAN).file("countersign.toml", agents).file("hand.sh", script);
    desk.run("trust PLAN.md --yes").ok();
    desk.run("adopt PLAN.md").ok();
    desk
}

const WORKS: &str = "cat >/dev/null\n: >\"$COUNTERSIGN_TASK\"\n";

#[track_caller]
fn ended(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn it_works_on_what_was_asked_for_and_on_nothing_else() {
    let desk = desk(WORKS);
    ended(desk.run("worker --task T-9"), 3, "task/not-found", "no task `T-9`");
    ended(desk.run("worker --role weaver"), 3, "agent/not-found", "fills the role `weaver`");
    ended(
        desk.run("worker --task T-2 --once"),
        7,
        "dependency/unmet",
        "task `T-2` is not done: waits for T-1",
    );
    assert!(!desk.has("T-1") && !desk.has("T-3"), "only T-2 was asked for");
    let came = desk.run("worker --task T-2 --task T-1 --role maker --json").ok();
    let ends = &came.json()["tasks"];
    assert_eq!((&ends[0]["end"], &ends[1]["end"]), (&"verified".into(), &"verified".into()), "{ends}");
    assert!(desk.has("T-2") && !desk.has("T-3"));
    let came = desk.run("worker --task T-1").ok();
    assert_eq!(came.out, "0 attempts, 0 tasks verified, 0 given up\nT-1 is verified\n");
    desk.run("drop T-3 --reason 'not wanted'").ok();
    ended(desk.run("worker --task T-3"), 8, "task/state", "task `T-3` was dropped");
}

#[test]
fn what_comes_to_nothing_is_no_success() {
    let desk = desk("cat >/dev/null\n");
    let came = desk.run("worker --task T-1");
    assert!(came.out.contains("T-1 was given up: check"), "{}", came.shown());
    ended(came, 6, "gate/shut", "task `T-1` was given up");
    desk.run("halt --reason lunch").ok();
    let came = desk.run("worker --task T-3 --once");
    ended(came, 8, "plan/halted", "lunch");
}

#[test]
fn it_ends_with_the_session_it_takes_part_in() {
    let desk = desk(WORKS);
    ended(desk.run("worker --within crew --member smith"), 3, "session/not-found", "no session `crew`");
    ended(desk.run("worker --within crew"), 2, "usage/invalid", "--member");
    desk.run("session start crew").ok();
    desk.run("session join crew smith").ok();
    desk.run("worker --task T-1 --within crew --member smith").ok();
    desk.run("session end crew").ok();
    ended(desk.run("worker --within crew --member smith"), 8, "session/ended", "`crew` has ended");
}

#[test]
fn a_task_for_another_role_is_refused_at_once() {
    let desk = desk(WORKS);
    desk.write("PLAN.md", format!("{PLAN}\n## Work\n\n- Task 4.1: Sow (1 day, sower)\n"));
    desk.run("adopt PLAN.md").ok();
    ended(
        desk.run("worker --task 4.1 --role maker"),
        5,
        "policy/denied",
        "task `4.1` is for sower, not for `maker`",
    );
}
