//! `dashboard`: a Markdown table to paste, from the plan or straight from a document.

use clap::Args;
use lens::views::dashboard::{Dashboard as Table, dashboard, dashboard_of_draft};

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::verb::{Group, Handler, READS_FILES, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Dashboard>(
    "dashboard",
    Group::Documents,
    "prints the plan as a Markdown table",
    &[READS_FILES, READS_STORE],
);

#[derive(Debug, Args)]
struct Dashboard {
    /// Reads this document instead of the plan in the store
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Adds a column with the owners
    #[arg(long)]
    owner: bool,
}

impl Handler for Dashboard {
    fn run(self, call: &Call) -> Outcome {
        let Some(file) = self.file.or_else(named_by_environment) else {
            let opened = call.open()?;
            print(call, &dashboard(&opened.look(), self.owner));
            return Ok(());
        };
        let reading = formats::read(&file, &call.read_file(&file)?);
        print(call, &dashboard_of_draft(&reading.draft, self.owner));
        Ok(())
    }
}

fn print(call: &Call, table: &Table<'_>) {
    if call.ui.wants_json() {
        call.ui.json(table);
    } else {
        call.ui.data(&table.markdown());
    }
}

/// The variable that users of `execution-plan.json` know; empty means that it is not set.
fn named_by_environment() -> Option<String> {
    std::env::var("EXECUTION_PLAN_PATH").ok().filter(|path| !path.is_empty())
}
