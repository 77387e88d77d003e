//! Having outstanding checks run, with a bar that shows how far they have come.

use std::path::Path;

use engine::desk::Desk as _;
use engine::documents::{SIDECAR, agents_of};
use engine::hands::{Done, Hands, Scope, Step};
use engine::process::{Cancel, Environment};
use engine::store::Store;
use engine::trust::lock::LOCK_FILE;
use engine::workspace::Workspace;
use model::check::Outcome as Verdict;
use model::fault::Fault;
use model::ids::{PlanId, TaskId};
use model::plan::Plan;
use model::refusal::INTERNAL_FAULT;

use super::trusting::{commands_of, gain_trust, set_of};
use super::{TrustWish, first_document};
use crate::cli::call::Call;
use crate::cli::error::Outcome;
use crate::cli::ui::Progress;

/// What came of running checks.
pub struct Checked {
    /// What has been done.
    pub done: Done,
}

/// Runs everything outstanding.
pub fn check_everything(
    call: &Call,
    store: &Store,
    plan: PlanId,
    wish: TrustWish,
    at_once: usize,
) -> Outcome<Checked> {
    check(call, store, plan, Scope::Plan, wish, at_once)
}

/// Runs the checks of some tasks, also where their verdicts still count.
pub fn check_tasks(
    call: &Call,
    store: &Store,
    plan: PlanId,
    tasks: &[TaskId],
    wish: TrustWish,
    at_once: usize,
) -> Outcome<Checked> {
    check(call, store, plan, Scope::Tasks(tasks), wish, at_once)
}

/// The workspace of a plan: its folder, without what is claim or record rather than input.
pub fn workspace_of(store: &Store, plan: Option<&Plan>, document: &Path) -> Result<Workspace, Fault> {
    let folder = document.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut excluded = vec![
        store.folder().canonicalize().unwrap_or_else(|_| store.folder().to_owned()),
        document.to_owned(),
        document.with_file_name(SIDECAR),
        document.with_file_name(LOCK_FILE),
    ];
    excluded.extend(plan.iter().flat_map(|plan| &plan.sources).map(|source| store.absolute(&source.path)));
    Workspace::new(folder, &excluded.iter().map(|path| whole(path)).collect::<Vec<_>>()).map_err(|error| {
        Fault::new(
            INTERNAL_FAULT,
            format!("the plan's folder `{}` cannot be used: {error}", folder.display()),
        )
    })
}

fn whole(path: &Path) -> std::path::PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

fn check(
    call: &Call,
    store: &Store,
    id: PlanId,
    scope: Scope<'_>,
    wish: TrustWish,
    at_once: usize,
) -> Outcome<Checked> {
    let desk = store.desk();
    let plan = desk.plan(id)?;
    let document = first_document(store, &plan);
    let workspace = workspace_of(store, Some(&plan), &document)?;
    // Agents are trusted with the checks, so that one look covers all; verdicts depend on checks alone.
    let everything = commands_of(Some(&plan), None, &agents_of(store, &plan)?);
    gain_trust(call, store, &document, &set_of(&everything, &workspace), wish)?;
    let set = set_of(&commands_of(Some(&plan), None, &[]), &workspace);
    let cancel = Cancel::new().map_err(|error| Fault::new(INTERNAL_FAULT, error.to_string()))?;
    let environment = Environment::of_this_process();
    let scripts = set.scripts_digest();
    let hands = Hands {
        desk,
        plan: id,
        workspace: &workspace,
        scripts,
        environment: &environment,
        at_once,
        cancel: &cancel,
    };
    let mut bar: Option<Progress> = None;
    let done = hands.work(scope, &mut |step| match step {
        Step::Planned { checks } => {
            let stop = cancel.clone();
            // Only one handler per process can be set; a second run in one process keeps the first. It
            // takes a thread, which is not begun where nothing runs that could be stopped.
            let _ = ctrlc::set_handler(move || stop.cancel());
            bar = Some(call.ui.progress("checking", checks as u64));
        }
        Step::Began { subject, what, .. } => {
            if let Some(bar) = &bar {
                bar.at(&format!("{} {what}", plan.subject_name(subject)));
            }
        }
        Step::Ended { subject, name, outcome, summary } => {
            if let Some(bar) = &mut bar {
                let subject = plan.subject_name(subject);
                bar.step(&match outcome {
                    Verdict::Pass => format!("{subject} {name}: pass"),
                    other => format!("{subject} {name}: {}: {summary}", other.as_str()),
                });
            }
        }
    });
    if let Some(bar) = bar {
        bar.finish();
    }
    Ok(Checked { done: done? })
}
