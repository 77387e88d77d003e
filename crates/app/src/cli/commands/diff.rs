//! `diff`: what a revision of the plan changed, or what the documents would change that were not
//! taken in yet. Weakenings are marked as such.

use std::path::PathBuf;

use clap::Args;
use engine::documents::{Documents, base};
use lens::look::Look;
use lens::views::diff::diff;
use model::command::Command;
use model::refusal::{CONFIG_INVALID, PLAN_INVALID, PLAN_NOT_FOUND, Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::revisions;
use crate::cli::error::{Outcome, Stop};
use crate::cli::verb::{Group, Handler, READS_FILES, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Diff>(
    "diff",
    Group::Author,
    "shows what a revision changed, or what changed documents would; weakenings are marked",
    &[READS_STORE, READS_FILES, &[VALUE_INVALID, PLAN_INVALID, CONFIG_INVALID]],
);

#[derive(Debug, Args)]
struct Diff {
    /// A revision (`2`: what changed since), two of them (`2..4`), or the plan's documents (what
    /// taking them in would change)
    #[arg(value_name = "REVISION|FILE")]
    what: Vec<String>,
    /// The revision to compare with; by default the one before
    #[arg(long, value_name = "REVISION", conflicts_with = "what")]
    from: Option<u64>,
    /// The revision to look at; by default the plan as it is now
    #[arg(long, value_name = "REVISION", conflicts_with = "what")]
    to: Option<u64>,
}

impl Handler for Diff {
    fn run(self, call: &Call) -> Outcome {
        let (from, to) = match self.what.as_slice() {
            [] => (self.from, self.to),
            [one] if range(one).is_some() => range(one).unwrap_or_default(),
            [from, to] if number(from).is_some() && number(to).is_some() => (number(from), number(to)),
            files => return of_documents(call, &files.iter().map(PathBuf::from).collect::<Vec<_>>()),
        };
        let opened = call.open_recorded()?;
        let current = u64::from(opened.plan.revision.0);
        let from = from.unwrap_or_else(|| to.unwrap_or(current).saturating_sub(1).max(1));
        let before = revisions::plan_at(&opened, from)?;
        let after = to.map(|to| revisions::plan_at(&opened, to)).transpose()?;
        let look = Look { plan: after.as_ref().unwrap_or(&opened.plan), ..opened.look() };
        call.show(&diff(&before, &look));
        Ok(())
    }
}

/// `2`, `2..4`, `2..`, `..4`: what to compare with, and what to look at.
fn range(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    match text.split_once("..") {
        None => number(text).map(|from| (Some(from), None)),
        Some((from, to)) => {
            let side = |text: &str| if text.is_empty() { Some(None) } else { number(text).map(Some) };
            Some((side(from)?, side(to)?)).filter(|sides| *sides != (None, None))
        }
    }
}

/// A revision's number: `2`, `r2`.
fn number(text: &str) -> Option<u64> {
    text.trim_start_matches(['r', 'R']).parse().ok()
}

/// What taking the documents in would change; nothing is recorded.
fn of_documents(call: &Call, paths: &[PathBuf]) -> Outcome {
    let documents = Documents::read(paths)
        .map_err(|unread| Stop::file(&unread.path.display().to_string(), "read", &unread.error))?;
    let store = call.store_to_read()?;
    let Some(plan) = documents.plan(&store)? else {
        let path = documents.first().display().to_string();
        return Err(Refusal::new(PLAN_NOT_FOUND, format!("`{path}` belongs to no plan of this store"))
            .hint(format!("bring it under control with `countersign adopt {path}`"))
            .into());
    };
    let (definition, _) = documents.define(&store)?;
    let desk = store.desk();
    let command = Command::RevisePlan {
        onto: plan.revision,
        base: base(desk, &plan)?.map(Box::new),
        definition: Box::new(definition),
    };
    let after = desk.rehearse(plan.id, &call.request()?, command)?;
    let look = Look { test_store: store.is_test(), ..Look::new(&after, desk.now()) };
    call.show(&diff(&plan, &look));
    Ok(())
}
