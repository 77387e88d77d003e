//! `weekly`: the report of a week, from the plan and its history.

use clap::Args;
use engine::sync;
use lens::look::Look;
use lens::record::Record;
use lens::views::weekly::{WeeklyView, compat};
use model::refusal::{PLAN_INVALID, Refusal, VALUE_INVALID};

use crate::cli::call::Call;
use crate::cli::context::Opened;
use crate::cli::error::{Outcome, Stop};
use crate::cli::plan_file::{Meant, NAMES_FILE, PlanFile};
use crate::cli::verb::{Group, Handler, READS_STORE, Verb};

/// The registry line.
pub(super) const VERB: Verb = Verb::of::<Weekly>(
    "weekly",
    Group::Documents,
    "prints the report of a week",
    &[NAMES_FILE, READS_STORE, &[VALUE_INVALID]],
);

#[derive(Debug, Args)]
struct Weekly {
    /// What the week is called: `Week 3`
    #[arg(value_name = "LABEL")]
    label: String,
    /// Prints what the tracker of `execution-plan.json` has always printed, quirks included
    #[arg(long)]
    compat: bool,
    /// The plan file; by default the one that `EXECUTION_PLAN_PATH` names, or `execution-plan.json`
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
}

impl Handler for Weekly {
    fn run(self, call: &Call) -> Outcome {
        if self.label.trim().is_empty() {
            let no = Stop::usage("a weekly report needs a label");
            return Err(no.hint("such as `countersign weekly \"Week 1\"`").into());
        }
        match call.plan_meant(self.file.as_deref())? {
            Meant::File(file) => {
                file.sound(call)?;
                if self.compat {
                    return as_ever(call, &file, &self.label);
                }
                match call.adopted(&file)? {
                    Some(opened) => report(call, &opened, &self.label),
                    None => {
                        let plan = file.plan(call)?;
                        let look = Look::new(&plan, call.now());
                        show(call, WeeklyView::new(&look, &self.label, false));
                        Ok(())
                    }
                }
            }
            Meant::Store(_) if self.compat => Err(no_file().into()),
            Meant::Store(opened) => report(call, &opened, &self.label),
        }
    }
}

/// The report of a plan under control, with its history.
fn report(call: &Call, opened: &Opened, label: &str) -> Outcome {
    let overlay = sync::overlay(&opened.store, &opened.plan)?;
    let mut look = opened.look();
    if let Some(plan) = &overlay.plan {
        look.plan = plan;
        look.unsynced = &overlay.files;
    }
    let mut view = WeeklyView::new(&look, label, true);
    let desk = opened.store.desk();
    desk.visit(opened.id(), &WeeklyView::wants, &mut |recorded| view.see(&Record::from(recorded)))?;
    show(call, view);
    Ok(())
}

fn show(call: &Call, view: WeeklyView<'_>) {
    let report = view.answer();
    if call.ui.wants_json() {
        call.ui.json(&report);
    } else {
        call.ui.data(&report.markdown());
    }
}

fn as_ever(call: &Call, file: &PlanFile, label: &str) -> Outcome {
    let values = file.values().ok_or_else(no_file)?;
    let text = compat::weekly(&values, label).ok_or_else(|| {
        Refusal::new(PLAN_INVALID, "the plan has no batches, so none of them is the current one")
            .hint("leave `--compat` away")
            .with("path", file.shown())
    })?;
    if call.ui.wants_json() {
        call.ui.json(&serde_json::json!({ "label": label, "text": text }));
    } else {
        call.ui.data(&text);
    }
    Ok(())
}

fn no_file() -> Refusal {
    Refusal::new(VALUE_INVALID, "`--compat` is for plans that live in an `execution-plan.json`")
        .hint("leave `--compat` away")
}
