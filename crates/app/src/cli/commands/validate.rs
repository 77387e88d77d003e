//! `validate`: whether a plan file can be read and governed; every fault with its place.

use clap::Args;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::plan_file::{Meant, NAMES_FILE, PlanFile};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Validate>(
    "validate",
    Group::Documents,
    "says whether a plan file is valid, else every fault with its place",
    &[NAMES_FILE, READS_STORE],
);

#[derive(Debug, Args)]
struct Validate {
    /// The plan file; by default the one that `EXECUTION_PLAN_PATH` names, or `execution-plan.json`
    #[arg(value_name = "FILE")]
    file: Option<String>,
}

impl Handler for Validate {
    fn run(self, call: &Call) -> Outcome {
        match call.plan_meant(self.file.as_deref())? {
            Meant::File(file) => validate(call, &[*file]),
            Meant::Store(opened) => {
                let documents = opened.plan.sources.iter();
                let documents = documents.filter(|source| source.format != engine::documents::SIDECAR_FORMAT);
                let paths = documents.map(|source| opened.store.absolute(&source.path));
                validate(call, &paths.map(PlanFile::read).collect::<Outcome<Vec<_>>>()?)
            }
        }
    }
}

fn validate(call: &Call, files: &[PlanFile]) -> Outcome {
    let faults: Vec<_> = files.iter().map(|file| file.faults(call)).collect();
    let valid = faults.iter().all(Vec::is_empty);
    if call.ui.wants_json() {
        let found =
            files.iter().zip(&faults).map(|(file, faults)| json!({ "path": file.shown(), "faults": faults }));
        call.ui.json(&json!({ "valid": valid, "files": found.collect::<Vec<_>>() }));
    } else if valid {
        call.ui.line("Plan is valid");
    } else {
        for (file, faults) in files.iter().zip(&faults) {
            for fault in faults {
                call.ui.line(format!("{}: {} ({})", file.place_of(fault), fault.message, fault.code));
            }
        }
    }
    let refusal = files.iter().zip(&faults).find_map(|(file, faults)| file.refusal(faults));
    match refusal {
        None => Ok(()),
        Some(mut no) => {
            // Standard output has told the places already.
            no.facts.clear();
            Err(no.into())
        }
    }
}
