//! `reserve`: paths are set aside for a task, so that nobody else writes there meanwhile.

use clap::Args;
use model::command::Command;
use model::refusal::PATH_RESERVED;

use crate::cli::call::Call;
use crate::cli::context::{Asking, find_task};
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, NAMES_TASK, READS_STORE, Verb, WORKS_IN_SESSION, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Reserve>(
    "reserve",
    Group::Agents,
    "sets paths aside for a task; two leases that are live never share one unless both allow it",
    &[READS_STORE, WRITES_STORE, NAMES_TASK, WORKS_IN_SESSION, &[PATH_RESERVED]],
);

#[derive(Debug, Args)]
struct Reserve {
    /// The task
    #[arg(value_name = "KEY")]
    key: String,
    /// All of its paths: `src/**`, `docs/*.md`, `Cargo.toml`
    #[arg(value_name = "GLOB")]
    paths: Vec<String>,
    /// Lets others that say the same write there too
    #[arg(long)]
    shared: bool,
    /// Frees its paths
    #[arg(long, conflicts_with_all = ["paths", "shared"])]
    none: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Handler for Reserve {
    fn run(self, call: &Call) -> Outcome {
        if self.paths.is_empty() && !self.none {
            return Err(Stop::usage("name the paths, or free them with `--none`").into());
        }
        let opened = call.open_to_write()?;
        let task = find_task(&opened.plan, &self.key)?.id;
        let (paths, shared) = (self.paths, self.shared);
        call.submit_and_say(&opened, &self.asking, Command::Reserve { task, paths, shared })
    }
}
