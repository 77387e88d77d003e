//! Ten thousand steps of a world of rude actors against the bare rules.

use std::collections::BTreeSet;

use model::command::Command;
use model::refusal::CODES;
use testkit::world::play;

/// Seeds that once showed a broken rule stay here.
const SEEDS: [u64; 3] = [4, 1, 2];

const STEPS: u32 = 10_000;

#[test]
fn ten_thousand_rude_steps_break_no_rule() {
    let world = play(SEEDS[0], STEPS);
    let tally = world.tally();
    println!("{} accepted, {} refused", tally.accepted, tally.refused);
    println!("commands (asked for, carried out): {:?}", tally.commands);
    println!("refusals: {:?}", tally.codes);
    println!("events: {:?}", tally.events);
    assert_eq!(tally.accepted + tally.refused, STEPS);
    assert!(tally.accepted * 100 >= STEPS * 30, "at least 30 % are carried out: {}", tally.accepted);
    let missing: Vec<_> = commands()
        .into_iter()
        .filter(|name| tally.commands.get(name).is_none_or(|(_, done)| *done == 0))
        .collect();
    assert!(missing.is_empty(), "never carried out: {missing:?}");
    let missing: Vec<_> = codes().into_iter().filter(|code| !tally.codes.contains_key(code)).collect();
    assert!(missing.is_empty(), "never refused with: {missing:?}");
    assert_eq!(codes().len(), tally.codes.len(), "a code that no ruling names");
}

#[test]
fn other_worlds_break_no_rule_either() {
    for seed in &SEEDS[1..] {
        play(*seed, 1_000);
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    let (one, two) = (play(9, 600), play(9, 600));
    assert_eq!((one.tally(), one.log()), (two.tally(), two.log()));
    assert_ne!(one.log(), play(10, 600).log());
}

/// Every code that a ruling can refuse with, as the sources name them.
fn codes() -> BTreeSet<&'static str> {
    const RULINGS: &[&str] = &[
        include_str!("../../src/ruling/mod.rs"),
        include_str!("../../src/ruling/adopt.rs"),
        include_str!("../../src/ruling/approve.rs"),
        include_str!("../../src/ruling/commons.rs"),
        include_str!("../../src/ruling/lease.rs"),
        include_str!("../../src/ruling/work.rs"),
        include_str!("../../src/ruling/needs.rs"),
        include_str!("../../src/ruling/document.rs"),
        include_str!("../../src/ruling/progress.rs"),
        include_str!("../../src/ruling/prove.rs"),
        include_str!("../../src/ruling/registers.rs"),
        include_str!("../../src/ruling/review.rs"),
        include_str!("../../src/ruling/revise.rs"),
        include_str!("../../src/ruling/trust.rs"),
        include_str!("../../src/ruling/waive.rs"),
    ];
    let names = RULINGS.iter().flat_map(|text| text.split("refusal::").skip(1)).filter_map(|after| {
        let name: String =
            after.chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == '_').collect();
        (name.len() > 3).then(|| name.to_lowercase().replacen('_', "/", 1).replace('_', "-"))
    });
    let names: BTreeSet<String> = names.collect();
    let codes: BTreeSet<_> =
        CODES.iter().map(|code| code.code).filter(|code| names.contains(*code)).collect();
    assert_eq!(codes.len(), names.len(), "each name is a code");
    assert!(codes.len() > 20);
    codes
}

/// Every command by name, as [`Command::name`] tells them.
fn commands() -> BTreeSet<&'static str> {
    let source = include_str!("../../src/command.rs");
    let arms = source.split("pub fn name").nth(1).expect("the names").split("=> \"").skip(1);
    let names: BTreeSet<_> = arms.filter_map(|arm| arm.split('"').next()).collect();
    assert!(names.contains(Command::Decide(Default::default()).name()) && names.len() > 30);
    names
}
