//! `metric`: a reading that must satisfy a target, here taken from what a command prints.
//!
//! The reading is the last number in the last line of standard output that holds anything. A
//! command that exits with another status than 0 gave no reading, whatever it printed.

use model::check::{CheckSpec, Outcome, Probe};
use model::target::Bound;

use super::number::{Number, last_number};
use super::{Check, Site, Verdict, empty_command, run_command};

pub(super) struct Metric;

impl Check for Metric {
    fn kind(&self) -> &'static str {
        "metric"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        let mut faults: Vec<String> = spec.command().and_then(empty_command).into_iter().collect();
        if matches!(&spec.probe, Probe::Metric { name, .. } if name.trim().is_empty()) {
            faults.push("the metric has no name".to_owned());
        }
        faults
    }

    fn is_run(&self, spec: &CheckSpec) -> bool {
        spec.command().is_some()
    }

    fn run(&self, spec: &CheckSpec, at: &Site<'_>) -> Verdict {
        let Probe::Metric { name, target, command: Some(command) } = &spec.probe else {
            return Verdict::error("a metric without a command is decided by its last recorded reading");
        };
        run_command(command, spec, at, |status, ran| {
            if status != 0 {
                return Verdict::error(format!("no reading of {name}: exit status {status}"));
            }
            let value = match (last_number(&ran.stdout_tail), target.bound()) {
                (Ok(Number { value, out_of: None }), _) => value,
                (Ok(Number { value, out_of: Some(all) }), Bound::OutOf(_, expected)) if all == expected => {
                    value
                }
                (Ok(Number { value, out_of: Some(all) }), _) => {
                    return Verdict::error(format!("no reading of {name}: {value}/{all} against {target}"));
                }
                (Err(why), _) => return Verdict::error(format!("no reading of {name}: {why}")),
            };
            let outcome = if target.met_by(value) { Outcome::Pass } else { Outcome::Fail };
            let mut verdict = Verdict::new(outcome, format!("{name} is {value}, target {target}"));
            verdict.evidence.value = Some(value);
            verdict
        })
    }
}
