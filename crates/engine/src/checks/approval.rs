//! `approval`: people who must approve. The model decides it; here only its shape is judged.

use model::check::{CheckSpec, Probe};

use super::Check;

/// More approvers than this is a slip of the pen.
const LARGEST_QUORUM: u32 = 100;

pub(super) struct Approval;

impl Check for Approval {
    fn kind(&self) -> &'static str {
        "approval"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        let Probe::Approval { role, quorum } = &spec.probe else { return Vec::new() };
        let mut faults = Vec::new();
        if role.trim().is_empty() {
            faults.push("it names no role".to_owned());
        }
        if !(1..=LARGEST_QUORUM).contains(quorum) {
            faults.push(format!("a quorum of {quorum} is not between 1 and {LARGEST_QUORUM}"));
        }
        faults
    }
}
