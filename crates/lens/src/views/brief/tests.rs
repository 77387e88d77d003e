use std::collections::BTreeSet;

use jiff::Timestamp;
use model::actor::{Actor, By, Known};
use model::check::Outcome;
use model::command::{Command, Take, Which};
use model::commons::{HybridTime, MessageSent, Recipient};
use model::ids::{AgentId, Key, SessionId};

use super::*;
use crate::testing::{World, check_text, json};

const PLAN: &str = "
# Release 2
- 7.3 Code quality
  owner Rae
  metric clippy: clippy_warnings < 20 from ./count.sh
- 7.4 Release notes
  needs 7.3
  days 1
  objective Tell what changed
  check names: grep -q 2.0.0 CHANGELOG.md
  stated Somebody reads it
";

fn agent(name: &str) -> By {
    let actor = Actor::Agent { agent: AgentId::new(name).unwrap(), session: SessionId::new("s1").unwrap() };
    By::new(actor, Known::Declared)
}

fn entry(key: &str, value: &str, minute: i64) -> MemoryEntry {
    MemoryEntry {
        key: key.to_owned(),
        value: Some(value.to_owned()),
        version: 1,
        until: None,
        tags: BTreeSet::new(),
        by: agent("reviewer"),
        at: Timestamp::from_second(1_935_000_000 + 60 * minute).unwrap(),
    }
}

fn message(number: u64, task: Option<&str>, text: &str) -> Message {
    Message {
        number: Seq(number),
        what: MessageSent {
            to: Recipient::Everybody,
            text: text.to_owned(),
            hybrid: HybridTime::default(),
            plan: None,
            task: task.map(|key| Key::new(key).unwrap()),
            answers: None,
        },
        by: agent("reviewer"),
        at: Timestamp::from_second(1_935_000_000).unwrap(),
    }
}

/// 7.3 was taken, handed in and verified; 7.4 is next.
fn world() -> World {
    let mut world = World::adopt(PLAN);
    let task = world.task("7.3");
    let take = Take {
        which: Which::Task(task),
        roles: Vec::new(),
        ttl_seconds: None,
        paths: Some(vec!["src/**".to_owned()]),
        base: None,
    };
    world.agent("reviewer", Command::Take(Box::new(take)));
    let commit = Some("0123456789abcdef0123456789abcdef01234567".to_owned());
    let (touched, summary) = (vec!["src/lib.rs".to_owned()], "fourteen warnings are left".to_owned());
    world.agent("reviewer", Command::Submit { task, commit, touched, summary });
    world.ran("7.3", "clippy", Outcome::Pass, "clippy_warnings is 14, target < 20").verifies("7.3");
    world
}

fn brief_of<'a>(world: &'a World, key: &str, sources: &Sources<'_>, budget: usize) -> Brief<'a> {
    brief(&world.look(), world.task(key), sources, budget).unwrap().unwrap()
}

#[test]
fn a_brief_says_all_that_matters() {
    let world = world();
    let memory = [entry("release/7.3/status", "complete", 1), entry("other/thing", "no", 2)];
    let messages = [message(5, None, "lunch at noon"), message(3, Some("7.4"), "mind the date")];
    let sources = Sources { memory: &memory, messages: &messages, program: "countersign", task_file: None };
    let brief = brief_of(&world, "7.4", &sources, DEFAULT_BUDGET);
    check_text(
        &brief.markdown(),
        "
# 7.4 Release notes

- plan: Release 2 (release), revision 1
- state: ready, as of event 11
- estimate: 1 day

## What will be checked

- names: names holds; check: `grep -q 2.0.0 CHANGELOG.md`; pending: has not run
- Somebody reads it; nothing would prove it

## Files

- nothing is reserved for it: write what nobody else has reserved

## Needs

- 7.3 Code quality: verified
- 7.3 was handed in by reviewer (s1) at 0123456789ab, 1 file changed: fourteen warnings are left

## About

- objective: Tell what changed

## Messages

- 3 from reviewer (s1) about 7.4: mind the date
- 5 from reviewer (s1): lunch at noon

## Memory

- `release/7.3/status` = complete (reviewer (s1))

## Commands to call

```
countersign take 7.4
countersign beat 7.4
countersign hooks post-edit --file FILE --memory-key release/7.4
countersign memory set release/7.4/status VALUE
countersign notify --to NAME --message TEXT
countersign submit 7.4 --summary TEXT
countersign verify 7.4
countersign release 7.4 --reason TEXT
```
",
    );
    assert_eq!(brief.tokens, tokens(&brief.markdown()));
    assert_eq!(json(&brief)["sections"][2]["name"], "needs");
}

#[test]
fn what_does_not_fit_is_left_out_and_said() {
    let world = world();
    let memory: Vec<MemoryEntry> =
        (0..200).map(|n| entry(&format!("release/7.4/note-{n}"), &"long words ".repeat(90), n)).collect();
    let messages: Vec<Message> = (0..200).map(|n| message(n, None, "*so* it `is` | said")).collect();
    let sources = Sources { memory: &memory, messages: &messages, program: "countersign", task_file: None };
    let least = match brief(&world.look(), world.task("7.4"), &sources, 1).unwrap() {
        Err(no) => no.context["least"].as_u64().unwrap() as usize,
        Ok(brief) => panic!("{brief:?}"),
    };
    for budget in [least, least + 1, 400, 401, 402, 403, 700, 1_000, DEFAULT_BUDGET, 20_000] {
        let brief = brief_of(&world, "7.4", &sources, budget);
        let text = brief.markdown();
        assert!(tokens(&text) <= budget && brief.tokens == tokens(&text), "{budget}: {}", tokens(&text));
        assert!(text.contains("countersign submit 7.4"), "{text}");
        let lines: usize = brief.sections.iter().map(|section| section.lines.len() + section.left_out).sum();
        assert_eq!(lines, 2 + 1 + 2 + 1 + 200 + 200, "nothing is lost without a word");
        for section in brief.sections.iter().filter(|section| section.left_out > 0) {
            assert!(brief.left_out.iter().any(|line| line.starts_with(section.name)), "{:?}", brief.left_out);
        }
        assert_eq!(text, brief_of(&world, "7.4", &sources, budget).markdown());
    }
    let brief = brief_of(&world, "7.4", &sources, 1_000);
    let said = brief.sections.iter().find(|section| section.name == "what will be checked").unwrap();
    assert_eq!(said.left_out, 0, "what is checked comes first");
    assert!(brief.left_out.iter().any(|line| line.ends_with("see `countersign memory list`")));
}

#[test]
fn the_order_of_its_sources_does_not_matter() {
    let world = world();
    let mut memory: Vec<MemoryEntry> = (0..9)
        .map(|n| entry(&format!("release/{}/n{n}", ["7.3", "7.4", "x"][n as usize % 3]), "v", n % 2))
        .collect();
    fn sources(memory: &[MemoryEntry]) -> Sources<'_> {
        Sources { memory, messages: &[], program: "countersign", task_file: None }
    }
    let first = brief_of(&world, "7.4", &sources(&memory), DEFAULT_BUDGET).markdown();
    for _ in 0..memory.len() {
        memory.rotate_left(1);
        assert_eq!(brief_of(&world, "7.4", &sources(&memory), DEFAULT_BUDGET).markdown(), first);
    }
}

#[test]
fn a_held_task_is_not_to_be_taken_again_and_a_blocked_one_says_what_to_wait_for() {
    let mut world = World::adopt(PLAN);
    let sources = Sources { program: "countersign", ..Sources::default() };
    let blocked = brief_of(&world, "7.4", &sources, DEFAULT_BUDGET);
    assert_eq!(blocked.commands[0], "countersign wait 7.3 --until verified --timeout 30m");
    assert!(blocked.facts.contains(&("in the way", "waits for 7.3".to_owned())), "{:?}", blocked.facts);
    let take = Take {
        which: Which::Task(world.task("7.3")),
        roles: Vec::new(),
        ttl_seconds: None,
        paths: Some(vec!["src/**".to_owned()]),
        base: None,
    };
    world.agent("reviewer", Command::Take(Box::new(take)));
    let held = brief_of(&world, "7.3", &sources, DEFAULT_BUDGET);
    assert!(!held.commands.iter().any(|call| call.contains(" take ")), "{:?}", held.commands);
    let other = brief_of(&world, "7.4", &sources, DEFAULT_BUDGET).markdown();
    assert!(other.contains("leave `src/**` alone: reviewer (s1) writes there for 7.3"), "{other}");
}

#[test]
fn the_keys_its_document_names_come_first_with_their_values() {
    let plan =
        PLAN.replace("  days 1\n", "  days 1\n  memory release/notes/status\n  memory release/notes/words\n");
    let world = World::adopt(&plan);
    let memory = [entry("release/other", "later", 9), entry("release/notes/status", "half of it", 1)];
    let sources = Sources { memory: &memory, program: "countersign", ..Sources::default() };
    let brief = brief_of(&world, "7.4", &sources, DEFAULT_BUDGET);
    let said = brief.sections.iter().find(|section| section.name == "memory").unwrap();
    let wanted = [
        "`release/notes/status` = half of it (reviewer (s1))",
        "`release/notes/words` has no value yet",
        "`release/other` = later (reviewer (s1))",
    ];
    assert_eq!(said.lines, wanted);
    assert!(brief.commands.contains(&"countersign memory set release/notes/status VALUE".to_owned()));
}

#[test]
fn the_file_that_describes_a_task_stands_in_its_brief_as_it_was_written() {
    let world = world();
    let text =
        "# Task 7.4: Release notes\n\n```sh\n  make *notes*\n```\n".to_owned() + &"more\n".repeat(4_000);
    let file = TaskFile { path: "docs/task-7.4.md", text: &text };
    let sources = Sources { program: "countersign", task_file: Some(file), ..Sources::default() };
    for budget in [600, 1_000, DEFAULT_BUDGET] {
        let brief = brief_of(&world, "7.4", &sources, budget);
        let said = brief.markdown();
        assert!(tokens(&said) <= budget, "{budget}: {}", tokens(&said));
        assert!(said.contains("- task file: docs/task-7.4.md\n"), "{said}");
        assert!(
            said.contains("## Task file\n\n````\n# Task 7.4: Release notes\n\n```sh\n  make *notes*\n```\n"),
            "{said}"
        );
        assert!(said.contains("see `cat docs/task-7.4.md`"), "what did not fit is told: {said}");
    }
}
