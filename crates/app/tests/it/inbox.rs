//! `notify` and `inbox`: messages between agents and people.

use crate::world::World;

fn texts(world: &World, line: &str) -> Vec<String> {
    let inbox = world.run(&format!("{line} --json")).ok().json();
    let rows = inbox["messages"].as_array().expect("a list");
    rows.iter().map(|row| row["text"].as_str().expect("a text").to_owned()).collect()
}

fn refused(world: &World, line: &str) -> (i32, String) {
    let came = world.run(line);
    (came.exit, came.code().unwrap_or_default())
}

#[test]
fn messages_reach_names_roles_and_sessions_and_are_acknowledged_by_each() {
    let world = World::adopt("T-1: Build it");
    world.run("session start night --max-agents 4").ok();
    for (agent, role) in [("coder", "rust dev"), ("tester", "qa")] {
        world.run(&format!("session join night {agent} --role '{role}'")).ok();
    }
    let from = "--agent planner --session night";
    let sent =
        world.run(&format!("notify --message 'to a name' --to Coder {from} --task T-1 --json")).ok().json();
    assert_eq!(
        (&sent["to"], &sent["task"], &sent["by"]["name"]),
        (&"Coder".into(), &"T-1".into(), &"planner".into())
    );
    for (to, text) in
        [("role:Rust-Dev", "to a role"), ("session:night", "to a session"), ("tester", "to another")]
    {
        world.run(&format!("notify --message '{text}' --to {to} {from}")).ok();
    }
    world.run(&format!("notify --message '--to everybody' {from}")).ok();
    let coder = "inbox --agent coder --session night";
    let mine = ["to a name", "to a role", "to a session", "--to everybody"];
    assert_eq!(texts(&world, coder), mine);
    assert_eq!(
        texts(&world, "inbox --agent tester --session night"),
        ["to a session", "to another", "--to everybody"]
    );
    assert_eq!(texts(&world, "inbox --agent planner --session night"), [""; 0], "not to themselves at large");
    assert_eq!(texts(&world, "inbox"), ["--to everybody"], "a person reads too");
    let numbers: Vec<u64> = world.run(&format!("{coder} --json")).ok().json()["messages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["number"].as_u64().expect("a number"))
        .collect();
    assert!(numbers.is_sorted(), "one order for all: {numbers:?}");
    let came = world.run(&format!("{coder} --ack {} {}", numbers[0], numbers[1])).ok();
    assert_eq!(came.out, format!("acknowledged {}, {}\n", numbers[0], numbers[1]));
    assert_eq!(texts(&world, coder), mine[2..]);
    assert_eq!(texts(&world, &format!("{coder} --all")), mine);
    assert_eq!(texts(&world, &format!("{coder} --ack-all --limit 1")), mine[2..3]);
    assert_eq!(texts(&world, &format!("{coder} --ack-all")), mine[3..]);
    assert_eq!(texts(&world, coder), [""; 0]);
    assert_eq!(texts(&world, "inbox --agent tester --session night").len(), 3, "theirs are still unread");
    let tester_s =
        world.run("inbox --agent tester --session night --json").ok().json()["messages"][1]["number"].clone();
    assert_eq!(refused(&world, &format!("{coder} --ack {tester_s}")), (5, "policy/denied".to_owned()));
    assert_eq!(refused(&world, &format!("{coder} --ack 999")), (3, "message/not-found".to_owned()));
    world.run("audit verify").ok();
}

#[test]
fn a_message_to_nobody_or_nothing_is_refused() {
    let world = World::adopt("T-1: Build it");
    assert_eq!(refused(&world, "notify --message hi --to session:none"), (3, "session/not-found".to_owned()));
    assert_eq!(refused(&world, "notify --message hi --to role:"), (2, "usage/invalid".to_owned()));
    assert_eq!(refused(&world, "notify --message ' '"), (4, "value/invalid".to_owned()));
    assert_eq!(refused(&world, "notify --message hi --task T-9"), (3, "task/not-found".to_owned()));
    assert_eq!(refused(&world, "notify --message hi --answers 99"), (3, "message/not-found".to_owned()));
    world.run("session start s").ok();
    world.run("session end s").ok();
    assert_eq!(refused(&world, "notify --message hi --to session:s"), (8, "session/ended".to_owned()));
    assert_eq!(refused(&world, "notify --message hi --agent a --session s"), (8, "session/ended".to_owned()));
    let first = world.run("notify --message question --json").ok().json()["number"].clone();
    let answer = world
        .run(&format!("notify --message answer --to casey --answers {first} --as Bo --json"))
        .ok()
        .json();
    assert_eq!(answer["answers"], first);
    assert_eq!(world.run("inbox --as Bo --limit 0 --json").ok().json()["more"], true);
}

#[test]
fn a_name_that_nobody_has_is_refused_by_both_verbs_alike() {
    let world = World::adopt("T-1: Build it | agent: tester");
    world.run("session start night").ok();
    world.run("session join night coder --role 'rust dev'").ok();
    for verb in ["notify", "hooks notify"] {
        let send = |to: &str| world.run(&format!("{verb} --message hi --to '{to}'"));
        for known in ["coder", "night", "Rust Dev", "tester", "Ada", "everybody", "all"] {
            send(known).ok();
        }
        for explicit in ["role:nobody yet", "person:Nobody Yet", "session:night"] {
            send(explicit).ok();
        }
        let came = send("codr");
        assert_eq!((came.exit, came.code().as_deref()), (3, Some("agent/not-found")), "{}", came.shown());
        assert!(
            came.err.contains("did you mean `coder`?") && came.err.contains("`person:codr`"),
            "{}",
            came.shown()
        );
        let came = send("zebedee");
        assert_eq!((came.exit, came.code().as_deref()), (3, Some("agent/not-found")), "{}", came.shown());
        assert_eq!(send("person:").code().as_deref(), Some("usage/invalid"));
    }
    let sent = world.run("notify --message hi --to tester --json").ok().json();
    assert_eq!(sent["to"], "role:tester", "the plan names it as a role: {sent}");
}
