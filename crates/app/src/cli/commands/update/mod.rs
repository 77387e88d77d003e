//! `update`: sets fields of a task, each as `field=value`. Of a plan that lives in an
//! `execution-plan.json` it sets the fields that its users know, and writes the file.

mod batch;
pub mod plan;
mod status;

use clap::Args;
use model::refusal::{POLICY_DENIED, TASK_STATE};

use crate::cli::call::Call;
use crate::cli::context::Asking;
use crate::cli::error::Outcome;
use crate::cli::plan_file::{FORMAT, KEEPS_FILE, NAMES_FILE, file_of};
use crate::cli::verb::{
    Group, Handler, MOVES_TASK, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Update>(
    "update",
    Group::Track,
    "sets fields of a task: status, percent, owner, due, window, priority, estimate",
    &[
        NAMES_FILE,
        KEEPS_FILE,
        READS_STORE,
        WRITES_STORE,
        WORKS_IN_SESSION,
        NAMES_TASK,
        MOVES_TASK,
        &[POLICY_DENIED, TASK_STATE],
    ],
);

#[derive(Debug, Args)]
struct Update {
    /// The task, or the batch of a plan file
    #[arg(value_name = "KEY")]
    key: String,
    /// A field and its new value; an empty value clears the field. A batch of a plan file has
    /// status, progress, owner, notes, blockers and targetDate
    #[arg(value_name = "FIELD=VALUE", required = true)]
    fields: Vec<String>,
    /// The plan file; by default the one that `EXECUTION_PLAN_PATH` names, or `execution-plan.json`
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Update {
    fn run(self, call: &Call) -> Outcome {
        if let Some(file) = call.file_meant(self.file.as_deref())? {
            return batch::update(call, &file.of_format(FORMAT)?, &self);
        }
        let opened = call.open_to_write()?;
        match file_of(&opened)? {
            Some(file) => batch::update(call, &file, &self),
            None => plan::update(call, &opened, &self),
        }
    }
}
