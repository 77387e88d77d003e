//! The page on performance, written from measurements so that no number is copied by hand. It has a
//! section for each measurement, and a new one replaces its own section alone.

use std::collections::BTreeMap;
use std::fs;

use crate::bench::{BENCHES, Bench, Row};
use crate::tool::{Outcome, say};
use crate::tree::top;

const PATH: &str = "docs/reference/performance.md";

const INTRODUCTION: &str = "# Performance

<!-- written by `cargo xtask bench --write`; measure again instead of editing -->

Numbers are of whole processes, started from nothing, against a peer or a floor measured in the same run on the same machine, in turn (A B A B …), the first round not counted, medians. What matters is the ratio; what a millisecond means on another machine is not asked. Peak memory is the largest resident set the system saw.

To repeat them: install the peers (Debian: `nodejs taskwarrior ninja-build tj3`), then

    cargo build --release -p app
    cargo xtask bench            # everything; `cargo xtask bench --list` names the parts
    cargo xtask bench NAME       # one of them; with `--write` its rows below are written anew

A peer that is not installed is named and skipped, never guessed.
";

const HEADING: &str = "\n## `cargo xtask bench ";

/// Puts what was measured into its section of the page; the others stay as they are.
pub(crate) fn write(bench: &Bench, rows: &[Row]) -> Outcome {
    let path = top().join(PATH);
    let page = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, with(&page, bench, rows, &machine())).map_err(|error| format!("{PATH}: {error}"))?;
    say(&format!("{PATH} has it"));
    Ok(())
}

fn with(page: &str, bench: &Bench, rows: &[Row], machine: &str) -> String {
    let mut sections: BTreeMap<&str, String> = page
        .split(HEADING)
        .skip(1)
        .filter_map(|section| Some((section.split_once('`')?.0, section.to_owned())))
        .collect();
    let mut section =
        format!("{}`\n\n{}. On {machine}.\n\n{}\n", bench.name, sentence(bench.says), Row::HEAD);
    rows.iter().for_each(|row| section.push_str(&(row.markdown() + "\n")));
    sections.insert(bench.name, section);
    let known = BENCHES.iter().filter_map(|bench| sections.get(bench.name));
    known.fold(INTRODUCTION.to_owned(), |text, section| text + HEADING + section)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_replaces_its_own_section_alone() {
        let bench = |name: &str| BENCHES.iter().find(|bench| bench.name == name).expect("it is there");
        let rows = |what: &str| [Row::skipped(what, "no peer")];
        let first = with("", bench("parse"), &rows("one"), "a machine");
        let both = with(&first, bench("binary"), &rows("two"), "a machine");
        let again = with(&both, bench("parse"), &rows("three"), "another machine");
        let place = |text: &str| again.find(text).expect("it is on the page");
        assert!(place("| two |") < place("| three |"), "in the order they are measured in");
        assert!(place("On another machine.") > place("On a machine."));
        assert!(!again.contains("| one |"));
        assert_eq!(with(&again, bench("parse"), &rows("three"), "another machine"), again);
    }
}
