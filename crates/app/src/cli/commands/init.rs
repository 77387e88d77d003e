//! `init`: makes a store on purpose. Verbs that take a plan in make one by themselves.

use clap::Args;
use engine::store::Store;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Init>(
    "init",
    Group::Operate,
    "makes a store at the top of the repository, or here",
    &[READS_STORE],
);

#[derive(Debug, Args)]
struct Init {
    /// Makes a store for tests, which believes `COUNTERSIGN_NOW` and `COUNTERSIGN_SEED`
    #[arg(long)]
    test: bool,
}

impl Handler for Init {
    fn run(self, call: &Call) -> Outcome {
        let here = std::env::current_dir().map_err(|error| Stop::file(".", "used", &error))?;
        let place = call.place(&here)?;
        let store = if self.test {
            Store::create_for_tests(&place, call.fixture())?
        } else {
            Store::create(&place, call.fixture())?
        };
        let (made, test) = (!place.exists, store.is_test());
        if call.ui.wants_json() {
            call.ui.json(&json!({ "store": place.folder, "made": made, "test": test }));
            return Ok(());
        }
        let what = if made { "made" } else { "is there already:" };
        let kind = if test { "a store for tests" } else { "a store" };
        call.ui.line(format!("{what} {kind} in `{}`", place.folder.display()));
        Ok(())
    }
}
