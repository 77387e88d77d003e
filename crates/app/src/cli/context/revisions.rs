//! Revisions by number: where each begins and ends in the plan's history.

use engine::desk::Desk as _;
use lens::record::Record;
use lens::views::revisions::{RevisionRow, RevisionsView};
use model::ids::Seq;
use model::plan::Plan;
use model::refusal::{Refusal, VALUE_INVALID};

use super::Opened;
use crate::cli::error::Outcome;

/// The last event that belongs to a revision.
pub fn end_of(opened: &Opened, revision: u64) -> Outcome<Seq> {
    Ok(row(opened, revision)?.last)
}

/// The plan right after a revision was taken in.
pub fn plan_at(opened: &Opened, revision: u64) -> Outcome<Plan> {
    Ok(opened.store.desk().plan_at(opened.id(), end_of(opened, revision)?)?)
}

fn row(opened: &Opened, revision: u64) -> Outcome<RevisionRow> {
    let look = opened.look();
    let mut view = RevisionsView::new(&look);
    opened.store.desk().visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
    let rows = view.answer().revisions;
    let found = rows.into_iter().find(|row| u64::from(row.revision.0) == revision);
    Ok(found.ok_or_else(|| {
        Refusal::new(VALUE_INVALID, format!("the plan has no revision {revision}"))
            .hint(format!("revisions are numbered from 1 to {}", opened.plan.revision))
            .with("revision", revision)
    })?)
}
