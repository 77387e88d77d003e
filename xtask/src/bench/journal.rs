//! Appends to the journal against raw rows in SQLite, measured by the journal's own bench in one
//! process, since both have to be called from Rust. It takes turns itself.

use super::row::verdict;
use super::{Bed, Row};
use crate::tool::{Outcome, cargo, read};
use crate::tree::top;

/// What the bench calls each of its lines, and the least share of the raw rate.
const LINES: [(&str, f64); 2] = [("one by one", 0.70), ("batches of 100", 0.80)];

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("journal")?;
    let mut bench = cargo();
    bench.current_dir(top()).args(["bench", "--quiet", "--package", "journal", "--bench", "append", "--"]);
    let told = read(bench.arg(&folder))?;
    LINES.iter().map(|(name, least)| row(&told, name, *least)).collect()
}

/// Reads `one by one   journal 1000   raw 1234   ratio 0.81 (from …)`, rows a second.
fn row(told: &str, name: &str, least: f64) -> Outcome<Row> {
    let line = told.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let number = |key: &str| -> Option<f64> {
        let mut words = line.split_whitespace().skip_while(|word| *word != key);
        words.nth(1)?.parse().ok()
    };
    let (Some(ours), Some(raw), Some(share)) = (number("journal"), number("raw"), number("ratio")) else {
        return Err(format!(
            "the journal's bench has no line `{name} journal … raw … ratio …`; it said\n{told}"
        ));
    };
    Ok(Row {
        what: format!("journal, appends {name}, with hash chain"),
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
    fn the_benches_lines_are_read() {
        let told = "appends, rows a second\n\
                    one by one       journal      9000   raw     12000   ratio 0.71 (from 0.70 to 0.80)\n\
                    batches of 100   journal    100000   raw    120000   ratio 0.79 (from 0.70 to 0.80)\n";
        let [one, many] = LINES.map(|(name, least)| row(told, name, least).expect("a line"));
        assert_eq!((one.verdict, many.verdict), (Verdict::Meets, Verdict::FallsShort));
        assert_eq!((one.ours.as_str(), one.theirs.as_str()), ("9000/s", "raw SQLite 12000/s"));
        assert!(row("", "one by one", 0.5).is_err());
    }
}
