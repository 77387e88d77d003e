//! Sentences about how the work gets out.

use model::delivery::{CiResult, DeployResult};
use model::event::Event;

use crate::words::{moment, seconds_in_words};

/// What was done.
pub(super) fn sentence(event: &Event) -> String {
    match event {
        Event::CiRunRecorded(run) => {
            let ended = match run.result {
                CiResult::Success => "green",
                CiResult::Failure => "red",
                CiResult::Cancelled => "cancelled",
            };
            let of = run.commit.as_deref().map(|commit| format!(" of {}", short(commit)));
            let took = seconds_in_words(run.seconds);
            format!("recorded a run of `{}`{}: {ended} after {took}", run.workflow, of.unwrap_or_default())
        }
        Event::DeploymentRecorded(deployed) => {
            let went = match deployed.result {
                DeployResult::Succeeded => "deployed",
                DeployResult::Failed => "failed to deploy",
                DeployResult::RolledBack => "rolled back",
            };
            let what =
                deployed.commit.as_deref().map_or_else(String::new, |commit| format!(" {}", short(commit)));
            format!("{went}{what} in {}", deployed.environment)
        }
        Event::IncidentOpened { incident, text, severity, since } => {
            let severity = severity.as_ref().map_or_else(String::new, |severity| format!(" ({severity})"));
            format!("opened incident `{incident}`{severity}, since {}: {text}", moment(*since))
        }
        Event::IncidentEnded { incident, outcome, at } => {
            let how = if outcome.is_empty() { String::new() } else { format!(": {outcome}") };
            format!("ended incident `{incident}`, at {}{how}", moment(*at))
        }
        _ => String::new(),
    }
}

/// A commit as people name it.
fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
