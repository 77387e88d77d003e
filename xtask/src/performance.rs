//! The page on performance, written from measurements so that no number is copied by hand.

use std::fs;

use crate::bench::{Bench, Row};
use crate::tool::{Outcome, say};
use crate::tree::top;

const PATH: &str = "docs/reference/performance.md";

const INTRODUCTION: &str = "# Performance

<!-- written by `cargo xtask bench --write`; measure again instead of editing -->

Numbers are of whole processes, started from nothing, against a peer or a floor measured in the same run on the same machine, in turn (A B A B …), the first round not counted, medians. What matters is the ratio; what a millisecond means on another machine is not asked. Peak memory is the largest resident set the system saw.

To repeat them: install the peers (Debian: `nodejs taskwarrior ninja-build tj3`), then

    cargo build --release -p app
    cargo xtask bench            # everything; `cargo xtask bench --list` names the parts

A peer that is not installed is named and skipped, never guessed.
";

/// Writes the page.
pub(crate) fn write(measured: &[(&Bench, Vec<Row>)]) -> Outcome {
    let mut text = format!("{INTRODUCTION}\nMeasured on {}.\n", machine());
    for (bench, rows) in measured {
        text.push_str(&format!(
            "\n## `cargo xtask bench {}`\n\n{}.\n\n{}\n",
            bench.name,
            sentence(bench.says),
            Row::HEAD
        ));
        rows.iter().for_each(|row| text.push_str(&(row.markdown() + "\n")));
    }
    fs::write(top().join(PATH), text).map_err(|error| format!("{PATH}: {error}"))?;
    say(&format!("\n{PATH} written"));
    Ok(())
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// Processor and memory as the system tells them; not the machine's name.
fn machine() -> String {
    let fact = |path: &str, key: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_else(|| "unknown".to_owned())
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fact("/proc/meminfo", "MemTotal");
    let kib: u64 = memory.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    format!(
        "{processors} processors ({}), {:.0} GiB of memory, {}",
        fact("/proc/cpuinfo", "model name"),
        kib as f64 / 1024.0 / 1024.0,
        std::env::consts::OS
    )
}
