//! `agent spawn` where the plan has a command for the role: a worker that goes on by itself.

use std::time::{Duration, Instant};

use crate::harness::{Came, Desk};

const PLAN: &str = "# Plan\n\n## Tasks\n\n| ID | Task | Prereqs | Verify |\n|----|------|---------|--------|\n\
    | T-1 | Notes | None | `test -f NOTES.md` |\n| T-2 | Ship | T-1 | `test -f SHIP.md` |\n";

/// Both work in the plan's folder itself, so that no repository is needed.
const AGENTS: &str = "[settings]\nsync = \"manual\"\n\
    [agents.writer]\ncommand = [\"sh\", \"write.sh\"]\nworktree = false\nretries = 0\n\
    [agents.smith]\nroles = [\"shipper\"]\ncommand = [\"sh\", \"ship.sh\"]\nworktree = false\nretries = 0\n";

/// Works until it may be done, or its folder is gone.
const WRITE: &str =
    "cat >BRIEF.md\nwhile [ -e write.sh ] && [ ! -e go ]; do sleep 0.02; done\necho notes >NOTES.md\n";

/// A plan under control, a session, and a file for each task.
fn desk() -> Desk {
    let desk = Desk::new()
        .file("PLAN.md", PLAN)
        .file("countersign.toml", AGENTS)
        .file("write.sh", WRITE)
        .file("ship.sh", "cat >/dev/null\ncat NOTES.md >SHIP.md\n")
        .file("agents/notes.md", "# Task T-1: Notes\n\nAsk the *harbour master* first.\n")
        .file("agents/ship.md", "# Task T-2: Ship\n");
    desk.run("adopt PLAN.md").ok();
    desk.run("swarm init --topology star --max-agents 4").ok();
    desk
}

fn trusted() -> Desk {
    let desk = desk();
    desk.run("trust PLAN.md --yes").ok();
    desk
}

const WRITER: &str = "agent spawn --type writer --task-file agents/notes.md --json";

/// Looks again and again until something is so; nothing here takes long.
#[track_caller]
fn until(desk: &Desk, what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < end, "never {what}: {}", desk.run("log").shown());
        std::thread::yield_now();
    }
}

fn pid_of(came: &Came) -> u32 {
    let answer = came.json();
    assert_eq!(answer["running"], true, "{answer}");
    answer["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("a process has a number")
}

fn is_gone(pid: u32) -> bool {
    engine::presence::process(pid).is_none()
}

fn is_held(desk: &Desk, task: &str) -> bool {
    desk.run("leases --json").ok().out.contains(&format!("\"{task}\""))
}

fn members(desk: &Desk) -> serde_json::Value {
    desk.run("session show swarm-plan --json").ok().json()["agents"].clone()
}

/// Nothing of dispatchers is left but what workers said.
fn left_nothing(desk: &Desk) {
    for folder in ["worktrees", "dispatch", "briefs"] {
        let left = std::fs::read_dir(desk.folder().join(".countersign").join(folder));
        assert_eq!(left.into_iter().flatten().count(), 0, "left in {folder}");
    }
}

#[track_caller]
fn refused(desk: &Desk, line: &str, exit: i32, code: &str) {
    let came = desk.run(line);
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert_eq!(members(desk).as_array().map(Vec::len), Some(0), "somebody was registered: {}", came.shown());
}

#[test]
fn a_spawned_agent_carries_its_task_to_verification_and_the_same_spawn_starts_no_other() {
    use std::os::unix::fs::PermissionsExt;
    let desk = trusted();
    let first = desk.run(WRITER).ok();
    let pid = pid_of(&first);
    assert_eq!(first.json()["started"], true);
    let again = desk.run(WRITER).ok();
    assert_eq!((pid_of(&again), &again.json()["started"]), (pid, &serde_json::json!(false)));
    let said = desk.run("agent spawn --type writer --task-file agents/notes.md").ok();
    assert!(said.out.contains(&format!("it runs already as process {pid}; nothing new was started")));
    let other = desk.run("agent spawn --type writer --task-file agents/ship.md --name writer");
    assert_eq!(other.code().as_deref(), Some("agent/differs"), "{}", other.shown());
    let member = &members(&desk)[0];
    assert_eq!((member["agent"].as_str(), member["active"].as_bool()), (Some("writer"), Some(true)));
    desk.write("go", "");
    desk.run("wait T-1 --until verified --timeout 2m").ok();
    until(&desk, "ended", || is_gone(pid));
    assert_eq!(members(&desk)[0]["active"], false, "it counts as active only while it lives");
    let brief = desk.read("BRIEF.md");
    assert!(brief.contains("task file: ") && brief.contains("Ask the *harbour master* first."), "{brief}");
    let answer = first.json();
    let log = std::path::Path::new(answer["log"].as_str().expect("a path"));
    let text = std::fs::read_to_string(log).expect("its words are there");
    assert!(text.contains("verified   T-1") && text.ends_with("T-1 is verified\n"), "{text}");
    let mode = std::fs::metadata(log).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    left_nothing(&desk);
    let done = desk.run(WRITER);
    assert_eq!((done.exit, done.code().as_deref()), (8, Some("task/state")), "{}", done.shown());
    desk.run("audit verify").ok();
}

#[test]
fn what_is_missing_or_not_allowed_is_found_before_anything_is_registered() {
    let desk = desk();
    refused(&desk, WRITER, 10, "trust/required");
    desk.run("trust PLAN.md --yes").ok();
    desk.run("halt --reason lunch").ok();
    refused(&desk, WRITER, 8, "plan/halted");
    desk.run("resume").ok();
    let sidecar = AGENTS.replace("[\"sh\", \"write.sh\"]", "[\"no-such-program\"]");
    desk.write("countersign.toml", sidecar);
    refused(&desk, WRITER, 4, "agent/unusable");
    assert_eq!(desk.run("agent list --json").ok().json()["agents"].as_array().map(Vec::len), Some(0));
    assert!(!desk.has(".countersign/spawned/swarm-plan.writer.log"));
}

#[test]
fn an_agent_starts_no_other_and_a_role_without_a_command_starts_nothing() {
    let desk = trusted();
    let came = desk.run(&format!("{WRITER} --agent boss --session swarm-plan")).ok().json();
    assert_eq!((came["running"].as_bool(), came["agent"].as_str()), (Some(false), Some("writer")), "{came}");
    assert!(came["why"].as_str().is_some_and(|why| why.contains("only a person starts commands")), "{came}");
    let came = desk.run("agent spawn --type tester --task-file agents/notes.md").ok();
    assert!(came.out.contains("nothing runs yet: no agent of `countersign.toml` fills the role `tester`"));
    assert!(members(&desk).as_array().expect("a list").iter().all(|member| member["active"] == false));
    left_nothing(&desk);
}

#[test]
fn a_spawned_agent_waits_for_what_its_task_needs() {
    let desk = trusted();
    desk.write("go", "");
    let shipper = pid_of(
        &desk.run("agent spawn --type shipper --task-file agents/ship.md --session swarm-plan --json").ok(),
    );
    let writer = pid_of(&desk.run(WRITER).ok());
    desk.run("wait T-2 --until verified --timeout 2m").ok();
    assert_eq!(desk.read("SHIP.md"), "notes\n");
    until(&desk, "ended", || is_gone(shipper) && is_gone(writer));
    let log = desk.run("log").ok().out;
    let place = |what: &str| log.find(what).unwrap_or_else(|| panic!("no `{what}` in {log}"));
    assert!(place("verified `T-1`") < place("took `T-2`"), "{log}");
    left_nothing(&desk);
}

#[test]
fn a_session_that_ends_stops_whoever_was_spawned_into_it() {
    let desk = trusted();
    let pid = pid_of(&desk.run(WRITER).ok());
    let waiting = pid_of(&desk.run("agent spawn --type shipper --task-file agents/ship.md --json").ok());
    until(&desk, "at work", || is_held(&desk, "T-1"));
    desk.run("session end swarm-plan").ok();
    until(&desk, "ended", || is_gone(pid) && is_gone(waiting));
    assert!(!is_held(&desk, "T-1"));
    let log = desk.read(".countersign/spawned/swarm-plan.writer.log");
    assert!(log.contains("error[session/ended]"), "{log}");
    left_nothing(&desk);
}

#[test]
fn a_halt_holds_whoever_was_spawned_until_a_person_resumes() {
    let desk = trusted();
    let pid = pid_of(&desk.run(WRITER).ok());
    until(&desk, "at work", || is_held(&desk, "T-1"));
    desk.run("halt --reason lunch").ok();
    until(&desk, "stopped", || !is_held(&desk, "T-1"));
    desk.write("go", "");
    desk.run("resume").ok();
    desk.run("wait T-1 --until verified --timeout 2m").ok();
    until(&desk, "ended", || is_gone(pid));
    left_nothing(&desk);
}

#[test]
fn a_worker_that_is_killed_leaves_nothing_that_the_next_one_does_not_clear() {
    let desk = trusted();
    let pid = pid_of(&desk.run(WRITER).ok());
    until(&desk, "at work", || is_held(&desk, "T-1"));
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.expect("there is `kill`").success());
    until(&desk, "killed", || is_gone(pid));
    let next = desk.run(WRITER).ok();
    assert!(pid_of(&next) != pid && next.json()["started"] == true, "{}", next.shown());
    desk.write("go", "");
    desk.run("wait T-1 --until verified --timeout 2m").ok();
    until(&desk, "ended", || is_gone(pid_of(&next)));
    let log = desk.read(".countersign/spawned/swarm-plan.writer.log");
    assert!(log.contains("resuming   after dispatch-") && log.contains("1 task given back"), "{log}");
    left_nothing(&desk);
    desk.run("audit verify").ok();
}
