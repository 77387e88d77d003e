//! `parse` of a large Markdown plan against the least work any reader of it must do.

use testkit::plans::sample;

use super::bed::write;
use super::measure::{Subject, duel};
use super::{Bed, Row};
use crate::tool::Outcome;

const ROUNDS: usize = 5;

pub(super) fn run(bed: &Bed) -> Outcome<Vec<Row>> {
    let folder = bed.fresh("parse")?;
    let plan = folder.join("PLAN.md");
    let text = sample(100_000, 1).markdown_checklists();
    write(&plan, &text)?;
    let bare = bed.example("formats", "bare_markdown")?;
    let floor = Subject::new(bare, &folder).with("PLAN.md");
    let document = text.len() as f64 / 1024.0;
    let size = format!("document {:.1} MiB", document / 1024.0);
    let mut rows = Vec::new();
    for arguments in ["parse PLAN.md", "parse PLAN.md --json"] {
        let ours = bed.countersign(&folder, arguments);
        let (our_run, floor_run) = duel(ROUNDS, &|_| ours.run(), &|_| floor.run())?;
        rows.push(Row::within(format!("`{arguments}`, 100,000 tasks"), our_run, floor_run, 4.0));
        let what = format!("`{arguments}`, peak memory");
        rows.push(Row::memory(what, our_run, document * 10.0, &size, "under 10× the document"));
    }
    Ok(rows)
}
