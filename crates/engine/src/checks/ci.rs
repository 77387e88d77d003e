//! `ci`: runs of continuous integration that must be green. The model decides it from the runs on
//! record; here only its shape is judged.

use model::check::{CheckSpec, Probe};
use model::delivery::MOST_RUNS;

use super::Check;

pub(super) struct Ci;

impl Check for Ci {
    fn kind(&self) -> &'static str {
        "ci"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        let Probe::Ci { workflow, branch, consecutive } = &spec.probe else { return Vec::new() };
        let mut faults = Vec::new();
        if workflow.trim().is_empty() {
            faults.push("the workflow has no name".to_owned());
        }
        if branch.as_ref().is_some_and(|branch| branch.trim().is_empty()) {
            faults.push("the branch has no name".to_owned());
        }
        if !(1..=MOST_RUNS).contains(&(*consecutive as usize)) {
            faults.push(format!("{consecutive} green runs in a row are not between 1 and {MOST_RUNS}"));
        }
        faults
    }
}
