//! Agents that hold tasks under leases and say that they are alive, as fast as they can.
//!
//! `cargo run -p engine --release --example beats -- FOLDER take COUNT`: as many agents take a task
//! each. `… -- FOLDER beat FIRST COUNT ROUNDS`: so many of them are heard of in each round, by a
//! process of their own; prints how long each beat took, in microseconds.

use std::error::Error;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use engine::desk::{Desk as _, Request};
use engine::store::{FOLDER, Fixture, Place, Store};
use model::actor::{Actor, By, Known};
use model::command::{Command, Take, Which};
use model::ids::{AgentId, PlanId, SessionId, TaskId};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [folder, what, numbers @ ..] = &words[..] else { return Err("which folder, and what there?".into()) };
    let folder = Path::new(folder).join(FOLDER);
    let store = Store::open_to_write(&Place::of(folder), Fixture::default())?;
    let plan = store.desk().plans()?.first().ok_or("there is no plan in the store")?.id;
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<usize>, _>>()?;
    match (*what, &numbers[..]) {
        ("take", [count]) => take(&store, plan, *count),
        ("beat", [first, count, rounds]) => beat(&store, plan, *first..first + count, *rounds),
        _ => Err("it is `take COUNT` or `beat FIRST COUNT ROUNDS`".into()),
    }
}

fn take(store: &Store, plan: PlanId, count: usize) -> Result<(), Box<dyn Error>> {
    for place in 0..count {
        let which = Which::Task(task(store, plan, place)?);
        let take = Take { which, roles: Vec::new(), ttl_seconds: None, paths: None, base: None };
        store.desk().submit(plan, &request(place)?, Command::Take(Box::new(take)))?;
    }
    Ok(())
}

fn beat(
    store: &Store,
    plan: PlanId,
    places: std::ops::Range<usize>,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let own: Vec<(Request, TaskId)> = places
        .map(|place| Ok((request(place)?, task(store, plan, place)?)))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (request, task) in own.iter().cycle().take(own.len() * rounds) {
        let began = Instant::now();
        store.desk().submit(plan, request, Command::Beat(*task))?;
        writeln!(out, "{}", began.elapsed().as_micros())?;
    }
    out.flush()?;
    Ok(())
}

/// Each lease is held by an agent of its own.
fn request(place: usize) -> Result<Request, Box<dyn Error>> {
    let name = format!("agent-{place}");
    let (agent, session) = (AgentId::new(&name)?, SessionId::new(&name)?);
    Ok(Request::new(By::new(Actor::Agent { agent, session }, Known::Declared)))
}

fn task(store: &Store, plan: PlanId, place: usize) -> Result<TaskId, Box<dyn Error>> {
    let plan = store.desk().plan(plan)?;
    let task = plan.tasks.get(place).ok_or("the plan has too few tasks")?;
    Ok(task.id)
}
