//! `lint`: what documents say that cannot be true, or cannot be governed, or will cause trouble.
//! Reads a store where there is one, to know what keys meant before; makes none.

mod known;
mod outcome;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::documents::SIDECAR;
use formats::diagnostics::{Output, Source, render};
use formats::lint::{Baseline, Surroundings, lint};
use formats::{Reading, sidecar};
use model::diagnostic::{Diagnostic, Severity};
use model::draft::Draft;
use model::refusal::{CONFIG_INVALID, FILE_NOT_FOUND, LINT_FINDINGS};
use model::settings::Settings;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::files;
use crate::cli::verb::{Group, Handler, Verb};
use known::Known;

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Lint>(
    "lint",
    Group::Author,
    "lists what plan documents say that cannot be true or cannot be governed",
    &[&[FILE_NOT_FOUND, LINT_FINDINGS, CONFIG_INVALID]],
)
.daily();

#[derive(Debug, Args)]
struct Lint {
    /// The plan document, or several that make one plan; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    documents: Vec<String>,
    /// The shape of the findings; `--json` stands for `json`
    #[arg(long, value_enum, value_name = "SHAPE")]
    format: Option<Shape>,
    /// Fails where a finding is at least so severe
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// Leaves out the findings that this file lists
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Writes a file that lists every finding of now, so that only new ones count later
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Only errors
    Error,
    /// Errors and warnings
    Warning,
    /// Every finding
    Info,
    /// Nothing
    Never,
}

/// A document or a sidecar with what is odd about it.
struct Found {
    path: String,
    text: String,
    diagnostics: Vec<Diagnostic>,
}

impl Handler for Lint {
    fn run(self, call: &Call) -> Outcome {
        let mut readings = Vec::with_capacity(self.documents.len());
        for path in &self.documents {
            readings.push(formats::read(path, &call.read_file(path)?));
        }
        let mut found = look(call, readings)?;
        let baseline = match (&self.write_baseline, &self.baseline) {
            (Some(path), _) => Some(write_baseline(call, path, &found)?),
            (None, Some(path)) => Some(read_baseline(call, path)?),
            (None, None) => None,
        };
        let known = baseline.map_or(0, |baseline| leave_out(&mut found, &baseline));
        let shape = self.format.unwrap_or(if call.ui.wants_json() { Shape::Json } else { Shape::Text });
        call.ui.data(&render(&sources(&found), shape.output(), call.ui.color()));
        outcome::ended(call, &self.documents, &found, known, self.fail_on.severity())
    }
}

impl Found {
    fn source(&self) -> Source<'_> {
        Source { path: &self.path, text: &self.text, diagnostics: &self.diagnostics }
    }
}

impl Shape {
    fn output(self) -> Output {
        match self {
            Self::Text => Output::Text,
            Self::Json => Output::Json,
            Self::Sarif => Output::Sarif,
            Self::Github => Output::Github,
        }
    }
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

/// Lints every document beside its siblings, and the sidecars they have.
fn look(call: &Call, readings: Vec<Reading>) -> Outcome<Vec<Found>> {
    let known = Known::of(call);
    let drafts: Vec<&Draft> = readings.iter().map(|reading| &reading.draft).collect();
    let (mut diagnostics, mut sidecars) = (Vec::new(), Vec::new());
    for (place, reading) in readings.iter().enumerate() {
        let path = Path::new(&reading.draft.source);
        let settings = settings_beside(call, path, reading.draft.format, &mut sidecars)?;
        let siblings: Vec<&Draft> =
            drafts.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, draft)| *draft).collect();
        let previous = known.as_ref().and_then(|known| known.previous(call, path));
        let folder = path.parent().unwrap_or(Path::new(""));
        let exists = |named: &str| files::is_there(folder, named);
        let world = Surroundings {
            exists: &exists,
            now: known.as_ref().map_or_else(|| call.now(), Known::now),
            siblings: &siblings,
            previous: previous.as_ref(),
        };
        diagnostics.push(lint(&reading.text, &reading.draft, &reading.diagnostics, &world, &settings));
    }
    let documents = readings.into_iter().zip(diagnostics).map(|(reading, diagnostics)| Found {
        path: reading.draft.source,
        text: reading.text,
        diagnostics,
    });
    Ok(documents.chain(sidecars).collect())
}

/// The settings of the sidecar beside a document; a sidecar is listed once, for all beside it.
fn settings_beside(
    call: &Call,
    document: &Path,
    format: &str,
    sidecars: &mut Vec<Found>,
) -> Outcome<Settings> {
    let defaults = Settings::for_format(format);
    let path = document.with_file_name(SIDECAR);
    if document.as_os_str() == "-" || !path.is_file() {
        return Ok(defaults);
    }
    let path = path.display().to_string();
    let text = String::from_utf8_lossy(&call.read_file(&path)?).into_owned();
    let (read, diagnostics) = sidecar::read(&text, defaults);
    if !sidecars.iter().any(|known| known.path == path) {
        sidecars.push(Found { path, text, diagnostics });
    }
    Ok(read.settings)
}

fn sources(found: &[Found]) -> Vec<Source<'_>> {
    found.iter().map(Found::source).collect()
}

fn read_baseline(call: &Call, path: &Path) -> Outcome<Baseline> {
    let name = path.display().to_string();
    let text = String::from_utf8_lossy(&call.read_file(&name)?).into_owned();
    Baseline::read(&text).map_err(|error| {
        Stop::config(format!("`{name}` is {error}"))
            .hint("write it again with `countersign lint … --write-baseline`")
            .into()
    })
}

fn write_baseline(call: &Call, path: &Path, found: &[Found]) -> Outcome<Baseline> {
    let baseline = Baseline::of(&sources(found));
    files::write(path, baseline.write().as_bytes()).map_err(|error| files::unwritten(path, &error))?;
    let count = lens::words::count_of(baseline.len(), "finding");
    call.ui.note(format!("wrote `{}`, which lists {count}", path.display()));
    Ok(baseline)
}

/// Keeps what the baseline does not list; gives how many it did.
fn leave_out(found: &mut [Found], baseline: &Baseline) -> usize {
    let mut known = 0;
    for one in found {
        let fresh = baseline.new_ones(&one.source());
        known += one.diagnostics.len() - fresh.len();
        one.diagnostics = fresh;
    }
    known
}
