//! `adopt`: brings plan documents under control, or takes their changes in as a revision; adds
//! documents to a plan and takes them out of it.

use std::path::PathBuf;

use clap::Args;
use engine::desk::Desk as _;
use serde_json::json;

use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::proving::{Asked, Gathered, bring_in, conflicts, gather, read_documents};
use crate::cli::syncing::{DocumentsDone, follows};
use crate::cli::verb::{Group, Handler, READS_STORE, TAKES_IN, Verb, WRITES_STORE};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Adopt>(
    "adopt",
    Group::Author,
    "brings plan documents under control, or takes their changes in as a revision",
    &[TAKES_IN, READS_STORE, WRITES_STORE],
)
.daily();

/// How many contradictions are shown before it is said how many more there are.
const CONFLICTS_SHOWN: usize = 20;

#[derive(Debug, Args)]
struct Adopt {
    /// The plan document, or several that make one plan, or folders of them
    #[arg(value_name = "FILE", required_unless_present = "without")]
    documents: Vec<PathBuf>,
    /// Adds the documents to this plan, after those it has
    #[arg(long, value_name = "PLAN")]
    into: Option<String>,
    /// Takes this document out of its plan
    #[arg(long, value_name = "FILE")]
    without: Vec<PathBuf>,
}

impl Handler for Adopt {
    fn run(self, call: &Call) -> Outcome {
        let asked = Asked { named: &self.documents, into: self.into.as_deref(), without: &self.without };
        let Gathered { store, plan: known, rearranged, paths, added, removed } = gather(call, asked)?;
        let read = read_documents(&paths, call.now())?;
        let reading = read.line();
        call.ui.step("reading", reading.text());
        for path in &added {
            call.ui.step("adding", path.display().to_string());
        }
        for path in &removed {
            call.ui.step("leaving", path.display().to_string());
        }
        let conflicts = conflicts(&read.documents);
        for conflict in conflicts.iter().take(CONFLICTS_SHOWN) {
            call.ui.warn(format!("plan/conflict: {}", conflict.text()));
        }
        if let Some(more) = conflicts.len().checked_sub(CONFLICTS_SHOWN).filter(|more| *more > 0) {
            call.ui.warn(format!("plan/conflict: and {more} more"));
        }
        let store = match store {
            Some(store) => store,
            None => call.store_to_fill(&read.documents.folder())?,
        };
        let (taken, adopting) = bring_in(call, &store, known, rearranged, read)?;
        call.ui.step("adopting", adopting.text());
        let documents = match follows(&*store.desk().plan(taken.plan())?) {
            true => call.write_back(&store, taken.plan())?,
            false => DocumentsDone::default(),
        };
        if call.ui.wants_json() {
            call.ui.json(&json!({
                "reading": reading,
                "adopting": adopting,
                "conflicts": conflicts,
                "documents": documents,
            }));
        } else {
            let at = match adopting.how {
                "adopted" => format!("revision {}", adopting.revision),
                _ => adopting.text(),
            };
            call.ui.line(format!("plan `{}` is at {at}", adopting.plan));
        }
        Ok(())
    }
}
