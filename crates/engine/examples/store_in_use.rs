//! Makes a store look as after weeks of use, for measuring on it: thousands of events, handed in by
//! the hundred, which takes a moment where as many calls of the program would take minutes.
//!
//! `cargo run -p engine --release --example store_in_use -- FOLDER notes COUNT`
//! `cargo run -p engine --release --example store_in_use -- FOLDER memory KEYS VERSIONS`

use std::error::Error;

use engine::desk::{Desk as _, Request};
use engine::store::{FOLDER, Fixture, Place, Store};
use model::actor::{Actor, By, Known};
use model::command::{Command, SetMemory};
use model::ids::{PersonId, PlanId};

/// So many commands are recorded at once.
const AT_ONCE: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [folder, what, numbers @ ..] = &words[..] else { return Err("which folder, and what of?".into()) };
    let folder = std::path::Path::new(folder).join(FOLDER);
    let store = Store::open_to_write(&Place::of(folder), Fixture::default())?;
    let plan = store.desk().plans()?.first().ok_or("there is no plan in the store")?.id;
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<usize>, _>>()?;
    match (*what, &numbers[..]) {
        ("notes", [count]) => submit(&store, plan, &notes(&store, plan, *count)?),
        ("memory", [keys, versions]) => submit(&store, PlanId::STORE, &memory(*keys, *versions)),
        _ => Err("it is `notes COUNT` or `memory KEYS VERSIONS`".into()),
    }
}

/// Remarks on one task after the other, the first hundred left out.
fn notes(store: &Store, plan: PlanId, count: usize) -> Result<Vec<Command>, Box<dyn Error>> {
    let plan = store.desk().plan(plan)?;
    let tasks = plan.tasks.iter().skip(100).map(|task| task.id).cycle();
    let note = |(round, task)| Command::Note { task, text: format!("remark {round}") };
    Ok((1..=count).zip(tasks).map(note).collect())
}

/// Each key with as many versions.
fn memory(keys: usize, versions: usize) -> Vec<Command> {
    let set = |version: usize, key: usize| {
        Command::SetMemory(Box::new(SetMemory {
            key: format!("area/{key}/status"),
            value: format!("build {version} of area {key} is red"),
            expect: None,
            ttl_seconds: None,
            tags: Vec::new(),
            under: None,
        }))
    };
    (1..=versions).flat_map(|version| (0..keys).map(move |key| set(version, key))).collect()
}

fn submit(store: &Store, stream: PlanId, commands: &[Command]) -> Result<(), Box<dyn Error>> {
    let by = By::new(Actor::Person(PersonId::new("bench")?), Known::Declared);
    for some in commands.chunks(AT_ONCE) {
        let receipt = store.desk().submit_batch(stream, &Request::new(by.clone()), some)?;
        if let Some(Err(no)) = receipt.rulings.into_iter().find(Result::is_err) {
            return Err(no.message.into());
        }
    }
    Ok(())
}
