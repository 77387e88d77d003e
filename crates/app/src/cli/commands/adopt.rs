//! `adopt`: brings documents under control, or takes their changes in, without running anything.

use std::path::PathBuf;

use clap::Args;
use model::refusal::{CONFIG_INVALID, DEPENDENCY_CYCLE, FILE_NOT_FOUND, KEY_DUPLICATE, PLAN_INVALID};
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::proving::{read_documents, take_in};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Adopt>(
    "adopt",
    Group::Author,
    "brings plan documents under control, or takes their changes in as a revision",
    &[
        &[FILE_NOT_FOUND, PLAN_INVALID, CONFIG_INVALID, KEY_DUPLICATE, DEPENDENCY_CYCLE],
        READS_STORE,
        WRITES_STORE,
    ],
)
.daily();

#[derive(Debug, Args)]
struct Adopt {
    /// The plan document, or several that make one plan
    #[arg(value_name = "FILE", required = true)]
    documents: Vec<PathBuf>,
}

impl Handler for Adopt {
    fn run(self, call: &Call) -> Outcome {
        let read = read_documents(&self.documents, call.now())?;
        let reading = read.line();
        call.ui.step("reading", reading.text());
        let store = call.store_to_fill(&read.documents.folder())?;
        let (_, adopting) = take_in(call, &store, read)?;
        call.ui.step("adopting", adopting.text());
        if call.ui.wants_json() {
            call.ui.json(&json!({ "reading": reading, "adopting": adopting }));
        } else {
            call.ui.line(format!("plan `{}` is at {}", adopting.plan, adopting.text()));
        }
        Ok(())
    }
}
