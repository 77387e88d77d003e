//! The kinds of checks: what each accepts, and how those that look at the world are run.
//!
//! A kind is one file here and one line in [`KINDS`]. Kinds that are decided from the plan's state
//! alone (`tasks`, `approval`, `attachment`, `ci`, a `metric` without a command) are judged by the model;
//! here they only say what makes a sound specification. A check that could not run is an error,
//! never a pass. Knows no plan and no journal: a specification goes in, a verdict comes out.

mod approval;
mod attachment;
mod check;
mod ci;
mod file;
mod metric;
mod number;
mod tasks;

use std::time::Duration;

use model::check::{CheckSpec, Evidence, Outcome};
use model::digest::Digest;

use crate::process::{Cancel, Ending, Environment, OUTPUT_LIMIT, Order, Program, Ran, run};
use crate::redact::Redactor;
use crate::workspace::Workspace;

/// The longest a check may ask to run, in seconds.
pub const LONGEST_TIMEOUT_SECONDS: u32 = 24 * 60 * 60;

/// Every kind of check.
pub static KINDS: &[&dyn Check] = &[
    &check::Command,
    &metric::Metric,
    &file::File,
    &tasks::Tasks,
    &approval::Approval,
    &attachment::Attachment,
    &ci::Ci,
];

/// A kind of check.
pub trait Check: Send + Sync {
    /// The kind's name, as written in plans.
    fn kind(&self) -> &'static str;

    /// What is wrong with a specification, one line each.
    fn validate(&self, spec: &CheckSpec) -> Vec<String>;

    /// Whether somebody has to go and look; otherwise the plan's state decides.
    fn is_run(&self, _spec: &CheckSpec) -> bool {
        false
    }

    /// Goes and looks. Blocks until it is known.
    fn run(&self, spec: &CheckSpec, _at: &Site<'_>) -> Verdict {
        Verdict::error(format!("`{}` is decided from the plan's state, not run", spec.probe.kind()))
    }
}

/// Where and with what a check is run.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The plan's folder.
    pub workspace: &'a Workspace,
    /// The variables its command sees.
    pub environment: &'a Environment,
    /// Takes secrets out of its output.
    pub redactor: &'a Redactor,
    /// Ends it early.
    pub cancel: &'a Cancel,
    /// Names this run, different for each.
    pub nonce: &'a str,
}

/// What came of running a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether it holds.
    pub outcome: Outcome,
    /// What it saw.
    pub evidence: Evidence,
    /// The output that `evidence.output` is the digest of: redacted, cut to size, to be kept as a
    /// blob.
    pub output: Option<Vec<u8>>,
}

impl Verdict {
    /// A verdict without output.
    pub fn new(outcome: Outcome, summary: impl Into<String>) -> Self {
        let evidence = Evidence {
            summary: summary.into(),
            exit: None,
            value: None,
            output: None,
            milliseconds: 0,
            commit: None,
            handed_in_by: None,
        };
        Self { outcome, evidence, output: None }
    }

    /// It could not be found out.
    pub fn error(summary: impl Into<String>) -> Self {
        Self::new(Outcome::Error, summary)
    }
}

/// The kind a specification is of; `None` where nobody knows it.
pub fn kind_of(spec: &CheckSpec) -> Option<&'static dyn Check> {
    KINDS.iter().copied().find(|kind| kind.kind() == spec.probe.kind())
}

/// What is wrong with a specification, one line each; an unknown kind is one such thing.
pub fn validate(spec: &CheckSpec) -> Vec<String> {
    let Some(kind) = kind_of(spec) else {
        let known: Vec<String> = KINDS.iter().map(|kind| format!("`{}`", kind.kind())).collect();
        let kind = spec.probe.kind();
        return vec![format!("there is no check of kind `{kind}`; there are {}", known.join(", "))];
    };
    let mut faults = kind.validate(spec);
    if !(1..=LONGEST_TIMEOUT_SECONDS).contains(&spec.timeout_seconds) {
        let seconds = spec.timeout_seconds;
        faults.push(format!("a timeout of {seconds} s is not between 1 s and {LONGEST_TIMEOUT_SECONDS} s"));
    }
    faults
}

/// Whether a check has to be run; otherwise the plan's state decides it.
pub fn is_run(spec: &CheckSpec) -> bool {
    kind_of(spec).is_some_and(|kind| kind.is_run(spec))
}

/// Runs a check. An unknown kind or an unsound specification is an error.
pub fn run_check(spec: &CheckSpec, at: &Site<'_>) -> Verdict {
    let faults = validate(spec);
    match (kind_of(spec), faults.first()) {
        (Some(kind), None) => kind.run(spec, at),
        (_, fault) => Verdict::error(fault.cloned().unwrap_or_else(|| "no such kind of check".to_owned())),
    }
}

/// Runs a check's command and judges how it ended; `judge` decides what an exit status of a
/// command that ran properly means.
fn run_command(
    command: &str,
    spec: &CheckSpec,
    at: &Site<'_>,
    judge: impl FnOnce(i32, &Ran) -> Verdict,
) -> Verdict {
    let ran = run(&Order {
        program: Program::Shell(command),
        folder: at.workspace.folder(),
        input: None,
        timeout: Duration::from_secs(u64::from(spec.timeout_seconds)),
        grace: Duration::ZERO,
        environment: at.environment,
        variables: &[],
        nonce: at.nonce,
        redactor: at.redactor,
        cancel: at.cancel,
    });
    let mut verdict = match fault(&ran, spec) {
        Some(summary) => Verdict::error(summary),
        None => match ran.ending {
            Ending::Exited(status) => judge(status, &ran),
            _ => Verdict::error("it did not end by itself"),
        },
    };
    if let Ending::Exited(status) = ran.ending {
        verdict.evidence.exit = Some(status);
    }
    verdict.evidence.summary = at.redactor.redact_str(&verdict.evidence.summary).into_owned();
    verdict.evidence.milliseconds = u64::try_from(ran.elapsed.as_millis()).unwrap_or(u64::MAX);
    if !ran.output.is_empty() {
        verdict.evidence.output = Some(Digest::from_bytes(*blake3::hash(&ran.output).as_bytes()));
        verdict.output = Some(ran.output);
    }
    verdict
}

/// Why nothing can be concluded from how a command ended.
fn fault(ran: &Ran, spec: &CheckSpec) -> Option<String> {
    let ended = match &ran.ending {
        Ending::NotStarted(why) => Some(format!("it could not be run: {why}")),
        Ending::TimedOut => Some(format!("timed out after {} s and was ended", spec.timeout_seconds)),
        Ending::Cancelled => Some("ended before it was done".to_owned()),
        Ending::TooMuchOutput => {
            Some(format!("printed more than {} MiB and was ended", OUTPUT_LIMIT / (1024 * 1024)))
        }
        Ending::Signalled(signal) => Some(format!("ended by signal {signal}")),
        Ending::Exited(127) => Some("command not found (exit status 127)".to_owned()),
        Ending::Exited(126) => Some("command cannot be run (exit status 126)".to_owned()),
        // How a shell reports that what it ran was ended by a signal.
        Ending::Exited(status @ 129..=192) => {
            Some(format!("ended by signal {} (exit status {status})", status - 128))
        }
        Ending::Exited(_) => None,
    };
    let left = match (ran.survivors, ran.left_behind) {
        (true, _) => Some("left processes behind that could not be ended".to_owned()),
        (false, 0) => None,
        (false, 1) => Some("left a process behind, which was ended".to_owned()),
        (false, n) => Some(format!("left {n} processes behind, which were ended")),
    };
    match (ended, left) {
        (Some(ended), Some(left)) => Some(format!("{ended}; {left}")),
        (ended, left) => ended.or(left),
    }
}

fn empty_command(command: &str) -> Option<String> {
    if command.trim().is_empty() {
        Some("there is no command".to_owned())
    } else if command.contains('\0') {
        Some("the command holds a NUL character".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
