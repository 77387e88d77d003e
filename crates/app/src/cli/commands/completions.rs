//! `completions`: what a shell needs to complete verbs and options.

use clap::Args;
use clap_complete::Shell;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, Verb};

/// The registry line.
pub(super) const VERB: Verb =
    Verb::of::<Completions>("completions", Group::Operate, "prints completions for a shell", &[]);

#[derive(Debug, Args)]
struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Handler for Completions {
    fn run(self, call: &Call) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::cli::command(), "countersign", &mut script);
        call.ui.data_with(|out| out.write_all(&script));
        Ok(())
    }
}
