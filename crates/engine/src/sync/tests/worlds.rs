//! Random documents, random changes on both sides, in random order: in the end both say the same,
//! every byte an author wrote and did not take back is there, and so is everything acknowledged.

use std::collections::BTreeMap;

use model::facts::Fact;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

use super::*;

struct Dice(ChaCha12Rng);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Checklist,
    Table,
    Briefs,
    Json,
}

/// A document of a shape with so many tasks; each name is a word that nothing else has.
fn document(shape: Shape, tasks: usize, dice: &mut Dice) -> String {
    let end = if dice.below(3) == 0 { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = Vec::new();
    match shape {
        Shape::Checklist => {
            lines.extend(["# Plan".to_owned(), String::new()]);
            for n in 1..=tasks {
                let bullet = ["-", "*", "+"][dice.below(3)];
                lines.push(format!("{bullet} [ ] T-{n}: Title{n}x0"));
                if dice.below(4) == 0 {
                    lines.push("  some words about it".to_owned());
                }
            }
        }
        Shape::Table => {
            lines.extend(["# Plan".to_owned(), String::new()]);
            lines.extend(["| ID | Task | Status | Progress |".to_owned(), "|---|---|---|---|".to_owned()]);
            lines.extend(
                (1..=tasks)
                    .map(|n| format!("| T-{n} | Title{n}x0 | Not Started | {}% |", dice.below(9) * 10)),
            );
        }
        Shape::Briefs => {
            lines.push("# Plan".to_owned());
            for n in 1..=tasks {
                lines.extend([
                    String::new(),
                    format!("- **T-{n} – Title{n}x0**"),
                    "  - Status: Not Started (10%)".to_owned(),
                ]);
            }
        }
        Shape::Json => {
            lines.extend(["{".to_owned(), "  \"batches\": [".to_owned()]);
            for n in 1..=tasks {
                let comma = if n == tasks { "" } else { "," };
                lines.push(format!("    {{\"id\": \"T-{n}\", \"name\": \"Title{n}x0\", \"status\": \"not_started\", \"progress\": 10, \"extra\": [1,  2]}}{comma}"));
            }
            lines.extend(["  ]".to_owned(), "}".to_owned()]);
        }
    }
    let text = lines.join(end);
    if dice.below(3) == 0 { text } else { format!("{text}{end}") }
}

fn name(shape: Shape) -> &'static str {
    if matches!(shape, Shape::Json) { "execution-plan.json" } else { "PLAN.md" }
}

struct World {
    bench: Bench,
    shape: Shape,
    tasks: usize,
    dice: Dice,
    /// What each author's words are now.
    titles: BTreeMap<usize, String>,
    words: Vec<String>,
    /// Whether each task was claimed by somebody.
    claimed: Vec<bool>,
    percents: BTreeMap<usize, f64>,
    steps: Vec<String>,
    hand: u32,
    acknowledged: u32,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(ChaCha12Rng::seed_from_u64(seed));
        let shape = [Shape::Checklist, Shape::Table, Shape::Briefs, Shape::Json][dice.below(4)];
        let tasks = 2 + dice.below(5);
        let bench = Bench::named(name(shape), &document(shape, tasks, &mut dice));
        let titles = (1..=tasks).map(|n| (n, format!("Title{n}x0"))).collect();
        let (claimed, words, steps) = (vec![false; tasks + 1], Vec::new(), Vec::new());
        let percents = BTreeMap::new();
        Self { bench, shape, tasks, dice, titles, words, claimed, percents, steps, hand: 0, acknowledged: 0 }
    }

    fn told(&self) -> String {
        format!("{:?} {:?}\n{}", self.shape, self.steps, self.bench.text())
    }

    fn step(&mut self) {
        let n = 1 + self.dice.below(self.tasks);
        let key = format!("T-{n}");
        match self.dice.below(10) {
            0..3 => {
                let task = self.bench.task(&key).id;
                let command = if self.claimed[n] {
                    Command::Reopen { task, reason: "not yet".to_owned() }
                } else {
                    Command::Claim { task, how: ClaimHow::Verb }
                };
                self.claimed[n] = !self.claimed[n];
                self.percents.remove(&n);
                self.send(command);
            }
            3 if !self.claimed[n] => {
                let task = self.bench.task(&key).id;
                let percent = self.dice.below(100) as f64;
                self.percents.insert(n, percent);
                self.send(Command::Update { task, put: vec![Fact::Percent(percent)], clear: Vec::new() });
            }
            4..6 => {
                let old = self.titles[&n].clone();
                self.hand += 1;
                let new = format!("Title{n}x{}", self.hand);
                self.by_hand(&format!("retitle {key}"), &old, &new);
                self.titles.insert(n, new);
            }
            6..8 if !matches!(self.shape, Shape::Json) => {
                self.hand += 1;
                let word = format!("word{}w", self.hand);
                self.by_hand("a word", "# Plan", &format!("# Plan {word}"));
                self.words.push(word);
            }
            _ => {
                self.steps.push("sync".to_owned());
                self.bench.sync();
            }
        }
    }

    /// Hands a command in as verbs do, or behind the documents' backs.
    fn send(&mut self, command: Command) {
        self.acknowledged += 1;
        let behind = self.dice.below(2) == 0;
        self.steps.push(format!("{} {}", command.name(), if behind { "behind" } else { "" }));
        if behind {
            self.bench.store.desk().submit(self.bench.plan, &ada(), command).unwrap();
        } else {
            let around = self.bench.says(command);
            assert_eq!(around.left, [], "{}", self.told());
        }
    }

    fn by_hand(&mut self, what: &str, from: &str, to: &str) {
        self.steps.push(format!("by hand: {what}"));
        self.bench.edit(from, to);
    }

    fn judge(&mut self) {
        let synced = self.bench.sync();
        assert_eq!((synced.conflicts, synced.left), (Vec::new(), Vec::new()), "{}", self.told());
        let (text, seq) = (self.bench.text(), self.bench.plan().seq);
        self.bench.sync();
        assert_eq!((self.bench.text(), self.bench.plan().seq), (text.clone(), seq), "twice: {}", self.told());
        for word in self.words.iter().chain(self.titles.values()) {
            assert!(text.contains(word), "`{word}` is lost: {}", self.told());
        }
        let read = formats::read(name(self.shape), text.as_bytes());
        for n in 1..=self.tasks {
            let key = Key::new(&format!("T-{n}")).unwrap();
            let task = self.bench.task(key.as_str());
            assert!(task.title.starts_with(&self.titles[&n]), "{}", self.told());
            assert_eq!(task.claim().is_some(), self.claimed[n], "{}", self.told());
            let drafted = read.draft.tasks.iter().find(|drafted| drafted.key == key).unwrap();
            let done = match self.shape {
                Shape::Checklist => drafted.checked == Some(true),
                _ => drafted
                    .status
                    .as_ref()
                    .is_some_and(|status| status.state == model::draft::Stated::Claimed),
            };
            assert_eq!(done, self.claimed[n], "T-{n}: {}", self.told());
            if let (Some(percent), Some(wanted)) = (drafted.percent, self.percents.get(&n)) {
                assert_eq!(percent, *wanted, "T-{n}: {}", self.told());
            }
        }
        assert!(look(&self.bench.store, &self.bench.plan()).unwrap().iter().all(DocumentState::is_in_step));
    }
}

#[test]
fn any_sequence_of_changes_on_both_sides_converges() {
    const WORLDS: u64 = 120;
    let (mut hand, mut acknowledged) = (0, 0);
    for seed in 0..WORLDS {
        let mut world = World::new(seed);
        for _ in 0..4 + world.dice.below(12) {
            world.step();
        }
        world.judge();
        hand += world.hand;
        acknowledged += world.acknowledged;
    }
    println!("{WORLDS} documents, {acknowledged} acknowledged changes, {hand} hand edits: all of them there");
}
