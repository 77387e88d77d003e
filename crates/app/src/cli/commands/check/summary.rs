//! The summary of a check as Markdown, for the page of a workflow's run.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use formats::diagnostics::located_in;

use super::{Report, outcome};
use crate::cli::error::Outcome;
use crate::cli::files;

/// Appends a table of what does not hold to a file, which is made where it is not there.
pub(super) fn append(path: &Path, reports: &[Report], against: &[String]) -> Outcome {
    let text = text(reports, against);
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| files::unwritten(path, &error))
}

fn text(reports: &[Report], against: &[String]) -> String {
    let plans: Vec<String> = against.iter().map(|path| format!("`{path}`")).collect();
    let mut text =
        format!("## Report check\n\n{}, against {}.\n", outcome::counted(reports), plans.join(", "));
    let mut rows = String::new();
    for report in reports {
        for found in located_in(&report.source()) {
            rows.push_str(&format!(
                "| `{}`:{} | `{}` | {} |\n",
                cell(&found.file),
                found.line,
                found.code,
                cell(&found.message)
            ));
        }
    }
    if !rows.is_empty() {
        text.push_str("\n| Where | Code | What does not hold |\n| --- | --- | --- |\n");
        text.push_str(&rows);
    }
    text.push('\n');
    text
}

/// Text that stays within its cell.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
