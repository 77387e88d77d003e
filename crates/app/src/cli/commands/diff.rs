//! `diff`: what a revision of the plan changed, or what the documents would change that were not
//! taken in yet. Weakenings are marked as such.

use std::path::PathBuf;

use clap::Args;
use engine::desk::Desk as _;
use engine::documents::{Documents, base};
use lens::look::Look;
use lens::record::Record;
use lens::views::diff::diff;
use lens::views::revisions::{RevisionRow, RevisionsView};
use model::command::Command;
use model::ids::Seq;
use model::plan::Plan;
use model::refusal::{CONFIG_INVALID, PLAN_INVALID, PLAN_NOT_FOUND, Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::Opened;
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
    /// The plan's documents: shows what taking them in would change
    #[arg(value_name = "FILE", conflicts_with_all = ["from", "to"])]
    documents: Vec<PathBuf>,
    /// The revision to compare with; by default the one before
    #[arg(long, value_name = "REVISION")]
    from: Option<u32>,
    /// The revision to look at; by default the plan as it is now
    #[arg(long, value_name = "REVISION")]
    to: Option<u32>,
}

impl Handler for Diff {
    fn run(self, call: &Call) -> Outcome {
        if !self.documents.is_empty() {
            return of_documents(call, &self.documents);
        }
        let opened = call.open()?;
        let rows = revisions(&opened)?;
        let current = opened.plan.revision.0;
        let to = self.to.unwrap_or(current);
        let from = self.from.unwrap_or_else(|| to.saturating_sub(1).max(1));
        let before = at_revision(&opened, &rows, from)?;
        let after = match self.to {
            Some(to) => Some(at_revision(&opened, &rows, to)?),
            None => None,
        };
        let look = Look { plan: after.as_ref().unwrap_or(&opened.plan), ..opened.look() };
        call.show(&diff(&before, &look));
        Ok(())
    }
}

fn revisions(opened: &Opened) -> Outcome<Vec<RevisionRow>> {
    let look = opened.look();
    let mut view = RevisionsView::new(&look);
    opened.store.desk().visit(opened.id(), &|_| true, &mut |recorded| view.see(&Record::from(recorded)))?;
    Ok(view.answer().revisions)
}

/// The plan right after a revision was taken in.
fn at_revision(opened: &Opened, rows: &[RevisionRow], revision: u32) -> Outcome<Plan> {
    let row = rows.iter().find(|row| row.revision.0 == revision).ok_or_else(|| {
        Refusal::new(VALUE_INVALID, format!("the plan has no revision {revision}"))
            .hint(format!("revisions are numbered from 1 to {}", opened.plan.revision))
            .with("revision", revision)
    })?;
    let Seq(last) = row.last;
    Ok(opened.store.desk().plan_at(opened.id(), Seq(last))?)
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
