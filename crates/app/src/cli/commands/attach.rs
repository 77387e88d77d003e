//! `attach`: a person puts a file beside a task, as evidence.

use clap::Args;
use model::command::Command;
use model::refusal::{TASK_STATE, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{
    Group, Handler, NAMES_TASK, PERSON_ONLY, READS_FILES, READS_STORE, Verb, WRITES_STORE,
};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Attach>(
    "attach",
    Group::Track,
    "puts a file beside a task as evidence; only a person can",
    &[READS_FILES, READS_STORE, WRITES_STORE, NAMES_TASK, PERSON_ONLY, &[TASK_STATE]],
);

/// The largest file that is taken in.
pub const MAX_ATTACHMENT_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, Args)]
struct Attach {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// The file; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Keeps it under this name instead of the file's own
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Attach {
    fn run(self, call: &Call) -> Outcome {
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        small_enough(&self.file, std::fs::metadata(&self.file).map_or(0, |file| file.len()))?;
        let bytes = call.read_file(&self.file)?;
        small_enough(&self.file, bytes.len() as u64)?;
        let own =
            std::path::Path::new(&self.file).file_name().map(|name| name.to_string_lossy().into_owned());
        let name = self.name.or(own.filter(|_| self.file != "-"));
        let Some(name) = name else {
            return Err(Stop::usage("what comes from standard input has no name")
                .hint("give it one with `--name`")
                .into());
        };
        let blob = opened.store.desk().blob(&bytes);
        let size = blob.bytes().len() as u64;
        let command = Command::Attach { task, name, blob: blob.digest(), size };
        let done = call.submit_to(&opened.store, opened.id(), &self.asking, command, vec![blob])?;
        done.say(call, &opened.plan);
        Ok(())
    }
}

fn small_enough(file: &str, size: u64) -> Outcome {
    if size <= MAX_ATTACHMENT_BYTES {
        return Ok(());
    }
    let most = MAX_ATTACHMENT_BYTES / (1024 * 1024);
    Err(model::refusal::Refusal::new(
        VALUE_INVALID,
        format!("`{file}` has {size} bytes, and at most {most} MiB are taken in"),
    )
    .with("size", size)
    .into())
}
