//! Reads a plan as lines `key hours need need …` from standard input and writes when each task
//! starts and ends as `key;start;end`, begun at the date given and worked round the clock.
//!
//!     cargo run --release -p schedule --example critical_path 2026-01-05 < plan.txt
//!
//! Shows how to use the crate, and is what `cargo xtask bench critical-path` measures.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufWriter, Read, Write};

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use schedule::{Length, Node, critical_path};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let start: Date = std::env::args().nth(1).ok_or("which date does the plan start on?")?.parse()?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let (keys, nodes) = read(&text)?;
    let plan = critical_path(&nodes).map_err(|cycle| {
        let path: Vec<&str> = cycle.path.iter().map(|place| keys[*place]).collect();
        format!("these wait for each other: {}", path.join(" → "))
    })?;
    let mut out = BufWriter::new(io::stdout().lock());
    for (key, times) in keys.iter().zip(&plan.times) {
        let moment = |length: Length| -> Result<DateTime, jiff::Error> {
            start.at(0, 0, 0, 0).checked_add((length.seconds() as i64).seconds())
        };
        let (start, end) = (moment(times.earliest_start)?, moment(times.earliest_finish)?);
        writeln!(out, "{key};{};{}", start.strftime("%Y-%m-%d-%H:%M"), end.strftime("%Y-%m-%d-%H:%M"))?;
    }
    Ok(out.flush()?)
}

fn read(text: &str) -> Outcome<(Vec<&str>, Vec<Node>)> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let keys: Vec<&str> = lines.iter().filter_map(|line| line.split_whitespace().next()).collect();
    let places: HashMap<&str, usize> = keys.iter().enumerate().map(|(place, key)| (*key, place)).collect();
    let mut nodes = Vec::with_capacity(keys.len());
    for line in lines {
        let mut words = line.split_whitespace().skip(1);
        let hours: u64 = words.next().ok_or_else(|| format!("no hours in `{line}`"))?.parse()?;
        let place = |key| places.get(key).copied().ok_or_else(|| format!("`{key}` is needed and unknown"));
        let needs = words.map(place).collect::<Result<Vec<_>, _>>()?;
        nodes.push(Node::new(Length::from_minutes(hours * 60), needs));
    }
    Ok((keys, nodes))
}
