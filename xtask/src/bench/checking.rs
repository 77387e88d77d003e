//! `check` of a report against a plan of two thousand gates, beside the least work any reader of both
//! must do.

use std::time::Duration;

use testkit::handoffs::handoff;

use super::bed::write;
use super::measure::{Subject, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const ROUNDS: usize = 15;
const LIMIT: Duration = Duration::from_millis(50);

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("check")?;
    let sample = handoff(2_000, 1);
    let (plan, report) = (sample.plan(), sample.true_report());
    write(&folder.join("PLAN.md"), &plan)?;
    write(&folder.join("REPORT.md"), &report)?;
    let bare = bed.example("formats", "bare_markdown")?;
    let floor = Subject::new(bare, &folder).with("PLAN.md REPORT.md");
    let ours = bed.countersign(&folder, "check REPORT.md --against PLAN.md");
    let (our_run, floor_run) = duel(ROUNDS, &|_| ours.run(), &|_| floor.run())?;
    let kib = |text: &str| text.len() / 1024;
    let what = format!("`check` of a {} KiB report against a {} KiB plan", kib(&report), kib(&plan));
    Ok(vec![Row::under_beside(what, our_run, floor_run, LIMIT)])
}
