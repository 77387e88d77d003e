//! `check`: which statements of a report do not hold against plans. Reads a store where there is one
//! that knows the plans, to see what evidence says; makes none and writes nothing but the summary
//! that is asked for.

mod known;
mod outcome;
mod summary;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use formats::diagnostics::{Output, Source, located, render};
use formats::refute::{self, Checked};
use formats::{MAX_DOCUMENT_BYTES, Reading, encoding};
use model::refusal::{FILE_NOT_FOUND, REPORT_REFUTED, Refusal, VALUE_INVALID};
use serde::Serialize;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Check>(
    "check",
    Group::Author,
    "lists what in a report does not hold against the plan",
    &[&[FILE_NOT_FOUND, REPORT_REFUTED, VALUE_INVALID]],
)
.daily();

#[derive(Debug, Args)]
struct Check {
    /// The report, or several; `-` reads standard input
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<String>,
    /// The plan the report is about; several documents are taken together
    #[arg(long, value_name = "PLAN", required = true, num_args = 1..)]
    against: Vec<String>,
    /// The shape of what does not hold; `--json` stands for `json`
    #[arg(long, value_enum, value_name = "SHAPE")]
    format: Option<Shape>,
    /// Appends a summary in Markdown to this file; with `--format github` to the one of the running job
    #[arg(long, value_name = "FILE")]
    step_summary: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For people
    Text,
    /// One object with a list
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of a pull request
    Github,
}

/// A report with what came of checking it.
struct Report {
    path: String,
    text: String,
    checked: Checked,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Listing {
    diagnostics: Vec<formats::diagnostics::Located>,
    refuted: usize,
    held: usize,
    unchecked: usize,
}

impl Handler for Check {
    fn run(self, call: &Call) -> Outcome {
        let plans = self.against.iter().map(|path| plan(call, path)).collect::<Outcome<Vec<Reading>>>()?;
        let read: Vec<(&str, &Reading)> = plans.iter().map(|plan| (&*plan.draft.source, plan)).collect();
        let known = known::of(call, &self.against);
        let mut reports = Vec::with_capacity(self.reports.len());
        for path in &self.reports {
            if self.against.contains(path) {
                return Err(Stop::usage(format!("`{path}` is named as the report and as the plan")).into());
            }
            let text = report(call, path)?;
            let checked = refute::check(&text, &read, &known);
            reports.push(Report { path: path.clone(), text, checked });
        }
        let shape = self.format.unwrap_or(if call.ui.wants_json() { Shape::Json } else { Shape::Text });
        show(call, shape, &reports);
        if let Some(file) = self.summary_file(shape) {
            summary::append(&file, &reports, &self.against)?;
        }
        outcome::ended(call, &reports)
    }
}

impl Check {
    /// Where the summary goes, if anywhere: a workflow says where its own is.
    fn summary_file(&self, shape: Shape) -> Option<PathBuf> {
        self.step_summary.clone().or_else(|| {
            let named = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
            named.filter(|_| shape == Shape::Github).map(PathBuf::from)
        })
    }
}

impl Report {
    fn source(&self) -> Source<'_> {
        Source { path: &self.path, text: &self.text, diagnostics: &self.checked.diagnostics }
    }
}

/// Reads a plan; one that demands nothing cannot be what a report is held against.
fn plan(call: &Call, path: &str) -> Outcome<Reading> {
    let bytes = call.read_file(path)?;
    readable(path, &bytes)?;
    let reading = formats::read(path, &bytes);
    let draft = &reading.draft;
    let demands = draft.tasks.len() + draft.criteria.len() + draft.metrics.len() + draft.phases.len();
    if demands == 0 {
        return Err(invalid(path, "has no tasks, criteria or targets, so no report can be held against it")
            .hint("name the plan behind `--against`, and the report before it")
            .into());
    }
    Ok(reading)
}

/// Reads a report as text.
fn report(call: &Call, path: &str) -> Outcome<String> {
    let bytes = call.read_file(path)?;
    readable(path, &bytes)?;
    let text = encoding::decode(&bytes).text;
    if text.trim().is_empty() {
        return Err(invalid(path, "is empty, so there is nothing to check").into());
    }
    Ok(text)
}

fn readable(path: &str, bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let most = MAX_DOCUMENT_BYTES / (1024 * 1024);
        let message = format!("has {} bytes; the most that is read is {most} MiB", bytes.len());
        return Err(invalid(path, &message));
    }
    if bytes.contains(&0) {
        return Err(invalid(path, "is not text").hint("reports and plans are Markdown, plain text or JSON"));
    }
    Ok(())
}

fn invalid(path: &str, message: &str) -> Refusal {
    Refusal::new(VALUE_INVALID, format!("`{path}` {message}"))
        .with("path", Path::new(path).display().to_string())
}

fn show(call: &Call, shape: Shape, reports: &[Report]) {
    let sources: Vec<Source<'_>> = reports.iter().map(Report::source).collect();
    let output = match shape {
        Shape::Text => Output::Text,
        Shape::Sarif => Output::Sarif,
        Shape::Github => Output::Github,
        Shape::Json => {
            let sum = |count: fn(&Checked) -> usize| reports.iter().map(|one| count(&one.checked)).sum();
            return call.ui.json(&Listing {
                diagnostics: located(&sources),
                refuted: sum(|one| one.refuted),
                held: sum(|one| one.held),
                unchecked: sum(|one| one.unchecked),
            });
        }
    };
    call.ui.data(&render(&sources, output, call.ui.color()));
}
