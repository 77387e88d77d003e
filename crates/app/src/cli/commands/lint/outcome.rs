//! How linting ends: one line that counts, and failure where a finding is severe enough.

use formats::diagnostics::summary;
use model::diagnostic::{Diagnostic, Severity};
use model::refusal::{LINT_FINDINGS, Refusal};

use super::Found;
use crate::cli::call::Call;
use crate::cli::error::Outcome;

/// Counts on standard error; refuses where something reaches `fail_on`.
pub(super) fn ended(
    call: &Call,
    documents: &[String],
    found: &[Found],
    known: usize,
    fail_on: Option<Severity>,
) -> Outcome {
    let all = || found.iter().flat_map(|one| &one.diagnostics);
    let names = match documents {
        [only] => format!("`{only}`"),
        several => format!("{} documents", several.len()),
    };
    let aside = if known > 0 { format!(", besides {known} in the baseline") } else { String::new() };
    let counted = format!("{} in {names}{aside}", summary(all()));
    let Some(first) = fail_on.and_then(|limit| all().find(|finding| finding.severity >= limit)) else {
        call.ui.note(counted);
        return Ok(());
    };
    Err(Refusal::new(LINT_FINDINGS, counted)
        .hint(format!("`countersign explain {}` says what the first one means", first.code))
        .with("errors", count(all(), Severity::Error))
        .with("warnings", count(all(), Severity::Warning))
        .with("infos", count(all(), Severity::Info))
        .into())
}

fn count<'a>(all: impl Iterator<Item = &'a Diagnostic>, severity: Severity) -> usize {
    all.filter(|finding| finding.severity == severity).count()
}
