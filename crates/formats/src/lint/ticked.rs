//! Criteria that are ticked although nothing has been done.

use model::diagnostic::{Diagnostic, Severity};
use model::draft::{DraftCriterion, DraftTask, Stated};

use super::document::{Document, is_work};

/// So many further ticks are pointed at.
const MOST_PLACES: usize = 4;

/// One finding for the plan, since starting one task mends it for all criteria.
pub(super) fn before_work(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let work: Vec<&DraftTask> = draft.tasks.iter().filter(|task| is_work(task)).collect();
    // Where everything is a checklist, the checklist is the work.
    let work = if work.is_empty() { draft.tasks.iter().collect() } else { work };
    if work.is_empty() || work.iter().any(|task| has_started(task)) {
        return;
    }
    let of_tasks = work.iter().flat_map(|task| &task.criteria);
    let of_phases = draft.phases.iter().flat_map(|phase| &phase.exit);
    // A gate that passes may pass before any work: only boxes are ticked for it.
    let is_box = |c: &&DraftCriterion| c.checked.is_some() && (c.mark.is_some() || draft.imported);
    let mut boxed: Vec<&DraftCriterion> =
        draft.criteria.iter().chain(of_tasks).chain(of_phases).filter(is_box).collect();
    boxed.sort_by_key(|criterion| criterion.span);
    boxed.dedup_by_key(|criterion| criterion.span);
    let ticked: Vec<_> = boxed.iter().filter(|criterion| criterion.checked == Some(true)).collect();
    let Some((first, rest)) = ticked.split_first() else { return };
    let mut diagnostic = Diagnostic::new(
        "claim/ticked-before-work",
        Severity::Warning,
        document.first_line(first.span),
        format!(
            "{} of {} success criteria {} ticked, but {}",
            ticked.len(),
            boxed.len(),
            if ticked.len() == 1 { "is" } else { "are" },
            match work.len() {
                1 => "the plan's one task has not started".to_owned(),
                count => format!("none of the {count} tasks has started"),
            }
        ),
    );
    for criterion in rest.iter().take(MOST_PLACES) {
        diagnostic = diagnostic.also(document.first_line(criterion.span), "ticked too");
    }
    found.push(diagnostic.help("untick what has not been reached yet"));
}

fn has_started(task: &DraftTask) -> bool {
    task.checked == Some(true)
        || task.percent.is_some_and(|percent| percent > 0.0)
        || task.status.as_ref().is_some_and(|status| matches!(status.state, Stated::Active | Stated::Claimed))
}
