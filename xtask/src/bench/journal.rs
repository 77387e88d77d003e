//! Appends to the journal against raw rows in SQLite, measured by the journal's own example in
//! one process, since both have to be called from Rust.

use std::process::Command;

use super::row::verdict;
use super::{Bed, Row};
use crate::tool::{Outcome, read};

/// What the example calls each of its lines, and the least share of the raw rate.
const LINES: [(&str, &str, f64); 2] = [
    ("single", "appends one by one, events a second", 0.70),
    ("batch100", "appends in batches of 100, events a second", 0.80),
];

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let example = bed.example("journal", "bench_append")?;
    let folder = bed.fresh("journal")?;
    let told = read(Command::new(example).current_dir(&folder).env("TMPDIR", &folder))?;
    LINES.iter().map(|(name, what, least)| row(&told, name, what, *least)).collect()
}

/// Reads `single raw=1234 journal=1000`, rows a second.
fn row(told: &str, name: &str, what: &str, least: f64) -> Outcome<Row> {
    let line = told.lines().find(|line| line.split_whitespace().next() == Some(name));
    let number = |key: &str| -> Option<f64> {
        let word = line?.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))?;
        word.parse().ok()
    };
    let (Some(raw), Some(ours)) = (number("raw"), number("journal")) else {
        return Err(format!("the journal's example has no line `{name} raw=… journal=…`; it said\n{told}"));
    };
    let share = ours / raw;
    Ok(Row {
        what: format!("journal, {what}"),
        ours: format!("{ours:.0}/s"),
        theirs: format!("raw SQLite {raw:.0}/s"),
        ratio: format!("{:.0} %", share * 100.0),
        target: format!("at least {:.0} %", least * 100.0),
        verdict: verdict(share >= least),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Verdict;

    #[test]
    fn the_examples_lines_are_read() {
        let told = "warming up\nsingle raw=1000 journal=710\nbatch100 journal=700 raw=1000\n";
        let [one, many] = LINES.map(|(name, what, least)| row(told, name, what, least).expect("a line"));
        assert_eq!((one.verdict, many.verdict), (Verdict::Meets, Verdict::FallsShort));
        assert!(row("", "single", "", 0.5).is_err());
    }
}
