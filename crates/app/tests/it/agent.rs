//! `agent` and `swarm`: who may be given work, bound to the task a file describes.

use crate::harness::Came;
use crate::world::World;

const PLAN: &str = "7.3: Quality\n7.4: Ship | needs: 7.3";

#[track_caller]
fn refused(came: Came, exit: i32, code: &str, says: &str) {
    assert_eq!((came.exit, came.code().as_deref()), (exit, Some(code)), "{}", came.shown());
    assert!(came.err.contains(says), "{}", came.shown());
}

#[test]
fn an_agent_registers_once_and_only_as_it_is() {
    let world = World::adopt(PLAN);
    let register = "agent register smith --role 'Code Reviewer' --command 'sh smith.sh'";
    world.run(register).ok();
    let again = world.run(register).ok();
    assert!(again.out.starts_with("nothing to change"), "{}", again.shown());
    let other = world.run("agent register smith --role coder");
    assert!(other.err.contains("known    roles code-reviewer, command `sh smith.sh`"), "{}", other.shown());
    refused(other, 4, "agent/differs", "agent `smith` is registered with another configuration");
    let listed = world.run("agent list --json").ok().json();
    assert_eq!(listed["agents"][0]["roles"][0], "code-reviewer", "{listed}");
    assert_eq!(listed["agents"][0]["active"], false, "a name on a list is not active: {listed}");
    refused(world.run("agent dismiss smith"), 2, "usage/invalid", "dismiss");
}

#[test]
fn an_agent_that_only_joined_may_still_say_what_it_is() {
    let world = World::adopt(PLAN);
    world.run("session start crew").ok();
    world.run("take 7.3 --agent smith --session crew").ok();
    world.run("agent register smith --role coder").ok();
    refused(world.run("agent register smith --role reviewer"), 4, "agent/differs", "another configuration");
}

#[test]
fn a_swarm_is_a_session_with_room_and_agents_are_bound_to_tasks() {
    let world = World::adopt(PLAN);
    world.desk.write("agents/quality.md", "# Task 7.3: Code quality\n\nSee 7.4 too.\n");
    world.desk.write("agents/nothing.md", "# Nothing of the plan\n");
    let early = world.run("agent spawn --type reviewer --task-file agents/quality.md");
    refused(early, 3, "session/not-found", "no session is open");
    let swarm = world.run("swarm init --topology mesh --max-agents 2").ok();
    assert!(swarm.out.starts_with("session swarm-plan is open\n"), "{}", swarm.shown());
    world.run("swarm init --topology mesh --max-agents 2").ok();
    refused(
        world.run("swarm init --topology star --max-agents 2"),
        4,
        "agent/differs",
        "another configuration",
    );
    let spawned = world.run("agent spawn --type reviewer --task-file agents/quality.md --json").ok().json();
    assert_eq!(
        (spawned["agent"].as_str(), spawned["task"].as_str(), spawned["running"].as_bool()),
        (Some("reviewer"), Some("7.3"), Some(false)),
        "{spawned}"
    );
    // The same once more is the same agent.
    world.run("agent spawn --type reviewer --task-file agents/quality.md").ok();
    let missing = world.run("agent spawn --type reviewer --task-file agents/none.md");
    refused(missing, 3, "file/not-found", "agents/none.md");
    let empty = world.run("agent spawn --type reviewer --task-file agents/nothing.md");
    refused(empty, 3, "task/not-found", "names no task of plan `plan`");
    world.desk.write("agents/ship.md", "# Task 7.4\n");
    world.run("agent spawn --type coder --task-file agents/ship.md").ok();
    let full = world.run("agent spawn --type tester --task-file agents/ship.md");
    refused(full, 8, "session/full", "has room for 2 agents");
    let shown = world.run("session show swarm-plan --json").ok().json();
    assert_eq!(shown["agents"].as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(shown["agents"][0]["active"], false, "nothing runs yet: {shown}");
}

#[test]
fn nobody_says_that_another_agent_is_alive() {
    let world = World::adopt(PLAN);
    world.run("session start crew").ok();
    world.run("session join crew smith").ok();
    let idle = world.run("session show crew --json").ok().json();
    assert_eq!(idle["agents"][0]["active"], false, "it was not heard of itself: {idle}");
    world.run("beat --agent smith --session crew").ok();
    let heard = world.run("session show crew --json").ok().json();
    assert_eq!(heard["agents"][0]["active"], true, "{heard}");
    refused(
        world.run("session join crew jones --pid 4294967294"),
        4,
        "value/invalid",
        "no process 4294967294",
    );
}
