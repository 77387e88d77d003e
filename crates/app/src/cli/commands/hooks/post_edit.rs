//! `hooks post-edit`: a file was written.

use clap::Args;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::hooking::Edited;

#[derive(Debug, Args)]
pub(super) struct PostEdit {
    /// The file
    #[arg(long, value_name = "FILE")]
    file: String,
    /// A key in the shared memory, below which the edit is kept under a key of its own
    #[arg(long, value_name = "KEY")]
    memory_key: Option<String>,
    /// The task it was written for; the one you hold where none is named
    #[arg(long, value_name = "KEY")]
    task_id: Option<String>,
}

impl PostEdit {
    pub(super) fn run(self, call: &Call) -> Outcome {
        let opened = call.open_recorded_to_write()?;
        let edited =
            Edited::record(call, &opened, &self.file, self.task_id.as_deref(), self.memory_key.as_deref())?;
        if call.ui.wants_json() {
            call.ui.json(&edited);
        } else {
            let what = match &edited.digest {
                Some(digest) => format!("{} is {}", edited.file, digest.short()),
                None => format!("{} is gone", edited.file),
            };
            let task = edited.task.as_ref().map(|key| format!(", for {key}")).unwrap_or_default();
            call.ui.line(format!("{what}{task}"));
            if let Some(key) = &edited.memory_key {
                call.ui.line(format!("kept as `{key}`"));
            }
        }
        if edited.task.is_none() {
            call.ui.warn("you hold no task, so this edit counts for none");
        }
        match edited.objection() {
            Some(no) => Err(no.into()),
            None => Ok(()),
        }
    }
}
