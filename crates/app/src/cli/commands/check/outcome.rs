//! How checking ends: one line that counts, and failure where a statement is refuted.

use lens::words::count_of;
use model::refusal::{REPORT_REFUTED, Refusal};

use super::Report;
use crate::cli::call::Call;
use crate::cli::error::Outcome;

/// Counts on standard error; refuses where something is refuted.
pub(super) fn ended(call: &Call, reports: &[Report]) -> Outcome {
    let counted = counted(reports);
    let first =
        reports.iter().flat_map(|report| &report.checked.diagnostics).find(|found| is_refutation(found));
    let Some(first) = first else {
        call.ui.note(counted);
        return Ok(());
    };
    Err(Refusal::new(REPORT_REFUTED, counted)
        .hint(format!("`countersign explain {}` says what the first one means", first.code))
        .with("refuted", sum(reports, |report| report.checked.refuted))
        .with("held", sum(reports, |report| report.checked.held))
        .with("unchecked", sum(reports, |report| report.checked.unchecked))
        .into())
}

/// `3 statements refuted, 14 checked and true, 5 not checkable`.
pub(super) fn counted(reports: &[Report]) -> String {
    format!(
        "{} refuted, {} checked and true, {} not checkable",
        count_of(sum(reports, |report| report.checked.refuted), "statement"),
        sum(reports, |report| report.checked.held),
        sum(reports, |report| report.checked.unchecked),
    )
}

fn sum(reports: &[Report], count: impl Fn(&Report) -> usize) -> usize {
    reports.iter().map(count).sum()
}

fn is_refutation(found: &model::diagnostic::Diagnostic) -> bool {
    found.severity == model::diagnostic::Severity::Error
}
