//! `submit`: work is handed in by its holder, compared with what was reserved, and proves nothing.

use std::process::Command;

use crate::harness::{Came, Desk};
use crate::world::World;

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

fn git(desk: &Desk, line: &str) {
    let status = Command::new("git")
        .current_dir(desk.folder())
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"])
        .args(line.split(' '))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status();
    assert!(status.is_ok_and(|status| status.success()), "git {line}");
}

/// A repository with a plan whose tasks name their paths.
fn repository() -> Desk {
    let desk = Desk::new()
        .file("PLAN.md", "# Plan\n\n- [ ] T-1: Build\n- [ ] T-2: Tell\n")
        .file("src/lib.rs", "one\n")
        .file("docs/a.md", "one\n")
        .file(".gitignore", ".countersign\n");
    git(&desk, "init -q -b main");
    git(&desk, "add .");
    git(&desk, "commit -q -m one");
    desk.run("adopt PLAN.md").ok();
    desk.run("reserve T-1 src/**").ok();
    desk.run("reserve T-2 docs/").ok();
    desk
}

#[test]
fn a_submission_is_a_claim_with_a_commit_and_not_a_proof() {
    let world = World::adopt("T-1: Build | check tests: make test\nT-2: Ship | needs: T-1");
    world.run("take T-1 --agent smith").ok();
    refused(world.run("claim T-1 --agent smith"), 8, "task/state", "is worked on under a lease");
    let came = world.run("submit T-1 --agent smith --summary 'it builds' --tokens 1200").ok();
    assert!(came.err.contains("countersign verify T-1"), "{}", came.shown());
    let shown = world.run("show T-1").ok().out;
    assert!(shown.contains("smith"), "{shown}");
    assert_eq!(world.run("budget --json").ok().json()["used"]["tokens"], 1200);
    refused(world.run("take T-2 --agent smith"), 7, "dependency/unmet", "it needs `T-1`");
    refused(world.run("submit T-1 --agent smith"), 8, "lease/lost", "holds no lease on task `T-1`");
    refused(world.run("submit T-9 --agent smith"), 3, "task/not-found", "`T-9`");
    refused(world.run("submit --agent smith"), 8, "lease/lost", "you hold no task under a lease");
}

#[test]
fn changes_outside_the_reservation_are_refused_with_their_paths() {
    let desk = repository();
    desk.run("take T-1 --agent smith").ok();
    desk.write("src/new.rs", "fn new() {}\n");
    desk.write("tools/x.sh", "true\n");
    let came = desk.run("submit T-1 --agent smith");
    refused(came, 8, "path/foreign", "task `T-1` was to write `src/**`, and the work touches `tools/x.sh`");
    std::fs::remove_file(desk.folder().join("tools/x.sh")).expect("it was just written");
    desk.run("submit T-1 --agent smith").ok();
}

#[test]
fn in_a_folder_of_several_each_hands_in_their_own() {
    let desk = repository();
    desk.run("take T-1 --agent smith").ok();
    desk.run("take T-2 --agent jones").ok();
    desk.write("docs/a.md", "two\n");
    desk.write("src/lib.rs", "two\n");
    git(&desk, "add docs");
    git(&desk, "commit -q -m two");
    desk.run("submit T-2 --agent jones").ok();
    // What the other has handed in meanwhile is not this one's stray.
    desk.run("submit T-1 --agent smith").ok();
}

#[test]
fn in_a_worktree_of_ones_own_every_change_is_ones_own() {
    let desk = repository();
    git(&desk, "worktree add -q -b side side");
    desk.run("take T-2 --agent jones").ok();
    let base = desk.folder().join("side");
    let run = |line: &str| {
        let output =
            desk.command(line).current_dir(&base).output().expect("the binary was built for this test");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run("take T-1 --agent smith").0, Some(0));
    std::fs::write(base.join("docs/a.md"), "two\n").expect("the worktree can be written");
    let (exit, err) = run("submit T-1 --agent smith");
    assert_eq!(exit, Some(8), "{err}");
    assert!(err.contains("path/foreign") && err.contains("docs/a.md  is reserved for `T-2`"), "{err}");
}
