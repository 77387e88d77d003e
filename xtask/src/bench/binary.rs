//! The release binary itself: how large it is, and that it starts where there is no network.

use std::fs;

use super::bed::missing;
use super::measure::{Subject, alone};
use super::row::{Row, time, verdict};
use super::{Bed, Verdict};
use crate::tool::Outcome;

const LIMIT: f64 = 25e6;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    Ok(vec![size(bed)?, without_network(bed)?])
}

fn size(bed: &Bed) -> Outcome<Row> {
    let bytes = fs::metadata(bed.binary()).map_err(|error| error.to_string())?.len() as f64;
    Ok(Row {
        what: "release binary, stripped".to_owned(),
        ours: format!("{:.1} MB", bytes / 1e6),
        theirs: String::new(),
        ratio: format!("{:.0} % of the limit", bytes / LIMIT * 100.0),
        target: "under 25 MB".to_owned(),
        verdict: verdict(bytes < LIMIT),
    })
}

/// Starts it in a network namespace of its own, where not even the loopback is up.
fn without_network(bed: &Bed) -> Outcome<Row> {
    let what = "`countersign --help` in an empty network namespace";
    if let Some(why) = missing("unshare", "util-linux") {
        return Ok(Row::skipped(what, why));
    }
    let folder = bed.fresh("binary")?;
    let subject = |program: &str| Subject::new("unshare", &folder).with("--user --net --").with(program);
    if subject("true").run().is_err() {
        return Ok(Row::skipped(what, "this system does not let us make a network namespace"));
    }
    let help = format!("{} --help", bed.binary().display());
    let ours = alone(5, &|_| subject(&help).run())?;
    Ok(Row {
        what: what.to_owned(),
        ours: time(ours.wall),
        theirs: String::new(),
        ratio: String::new(),
        target: "starts".to_owned(),
        verdict: Verdict::Meets,
    })
}
