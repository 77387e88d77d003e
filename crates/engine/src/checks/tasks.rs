//! `tasks`: other tasks that must all be done. The model decides it; here only its shape is judged.

use model::check::{CheckSpec, Probe};

use super::Check;

pub(super) struct Tasks;

impl Check for Tasks {
    fn kind(&self) -> &'static str {
        "tasks"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        match &spec.probe {
            Probe::Tasks { of } if of.is_empty() => vec!["it names no task".to_owned()],
            Probe::Tasks { of } if of.iter().any(|key| key.trim().is_empty()) => {
                vec!["one of the tasks it names is empty".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}
