//! `check`: a command that must exit with status 0.

use model::check::{CheckSpec, Outcome, Probe};

use super::{Check, Site, Verdict, empty_command, run_command};

pub(super) struct Command;

impl Check for Command {
    fn kind(&self) -> &'static str {
        "check"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        spec.command().and_then(empty_command).into_iter().collect()
    }

    fn is_run(&self, _: &CheckSpec) -> bool {
        true
    }

    fn run(&self, spec: &CheckSpec, at: &Site<'_>) -> Verdict {
        let Probe::Check { command } = &spec.probe else { return Verdict::error("not a command") };
        run_command(command, spec, at, |status, _| {
            let outcome = if status == 0 { Outcome::Pass } else { Outcome::Fail };
            Verdict::new(outcome, format!("exit status {status}"))
        })
    }
}
