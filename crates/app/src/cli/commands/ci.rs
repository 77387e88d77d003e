//! `ci`: runs of continuous integration, told and looked at.

use clap::{Args, Subcommand};
use engine::touched;
use formats::junit;
use lens::views::ci::ci;
use model::command::Command;
use model::delivery::{CiResult, CiRun, Tests};
use model::refusal::{Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::{Outcome, Stop};
use crate::cli::values;
use crate::cli::verb::{Group, Handler, READS_FILES, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Ci>(
    "ci",
    Group::Registers,
    "records runs of continuous integration, and shows what they take, pass and flake",
    &[READS_STORE, WRITES_STORE, READS_FILES],
);

#[derive(Debug, Args)]
struct Ci {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows every workflow: what runs take, how many are green, how many flaky
    Show,
    /// Records a run that has ended
    Record(Box<Record>),
}

#[derive(Debug, Args)]
struct Record {
    /// The workflow's name where it runs
    #[arg(value_name = "WORKFLOW")]
    workflow: String,
    /// How it ended: `success`, `failure` or `cancelled`; with `--junit`, as its tests did
    #[arg(long, value_name = "RESULT", required_unless_present = "junit")]
    result: Option<String>,
    /// What it took: `512`, `8m`, `90.5s`; with `--junit`, what its tests took
    #[arg(long, value_name = "TIME", required_unless_present = "junit")]
    duration: Option<String>,
    /// How long it waited to begin
    #[arg(long, value_name = "TIME")]
    queue: Option<String>,
    /// Of which commit; the one that is checked out here, where none is named
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Of which branch
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Its number where it ran; the same number is recorded once
    #[arg(long = "run", value_name = "NUMBER")]
    number: Option<String>,
    /// Where it can be looked at
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A report of its tests in the format of JUnit; may be given several times
    #[arg(long, value_name = "FILE")]
    junit: Vec<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Ci {
    fn run(self, call: &Call) -> Outcome {
        match self.action {
            Action::Show => {
                call.show(&ci(&call.open()?.look()));
                Ok(())
            }
            Action::Record(record) => record.run(call),
        }
    }
}

impl Record {
    fn run(self, call: &Call) -> Outcome {
        let tests = self.tests(call)?;
        let result = match (&self.result, &tests) {
            (Some(word), _) => CiResult::parse(word).ok_or_else(|| {
                Refusal::new(VALUE_INVALID, format!("`{word}` is no result of a run"))
                    .hint("one of `success`, `failure`, `cancelled`")
                    .with("result", word.as_str())
            })?,
            (None, Some(tests)) if tests.failed > 0 => CiResult::Failure,
            (None, _) => CiResult::Success,
        };
        let seconds = match (&self.duration, &tests) {
            (Some(duration), _) => values::span("--duration", duration)?,
            (None, tests) => tests.map_or(0.0, |tests| tests.seconds),
        };
        let queue = self.queue.as_deref().map(|queue| values::span("--queue", queue)).transpose()?;
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let run = CiRun {
            workflow: self.workflow,
            result,
            seconds,
            queue_seconds: queue,
            run: self.number,
            commit: self.commit.or_else(|| touched::base(&here)),
            branch: self.branch,
            url: self.url,
            ended: None,
            tests,
        };
        let opened = call.open_to_write()?;
        call.submit_and_say(&opened, &self.asking, Command::RecordCiRun(Box::new(run)))
    }

    /// What all reports say together.
    fn tests(&self, call: &Call) -> Outcome<Option<Tests>> {
        let mut all: Option<Tests> = None;
        for path in &self.junit {
            let bytes = call.read_file(path)?;
            let read = junit::read(&bytes).map_err(|wrong| {
                Refusal::new(VALUE_INVALID, format!("`{path}` is no report of tests: {wrong}"))
                    .with("file", path.as_str())
            })?;
            let all = all.get_or_insert_default();
            all.total += read.total;
            all.failed += read.failed;
            all.skipped += read.skipped;
            all.flaky += read.flaky;
            all.seconds += read.seconds;
        }
        Ok(all)
    }
}
