//! Finding out whether a task is done: its checks are run, where they may be, and decide.

use engine::desk::Desk as _;
use lens::checks::rows;
use lens::look::Look;
use model::digest::Digest;
use model::gate::Subject;
use model::ids::TaskId;
use model::refusal::{CHECK_ERROR, TRUST_REQUIRED};
use model::standing::Standing;
use serde::Serialize;

use crate::cli::call::Call;
use crate::cli::commands::at_once;
use crate::cli::context::Opened;
use crate::cli::error::{Outcome, Stop};
use crate::cli::proving::{TrustWish, check_tasks};
use crate::cli::syncing::follows;

/// How a task stands once its checks have run.
#[derive(Debug, Clone, Serialize)]
pub struct Finished {
    /// The task's key.
    pub task: String,
    /// How it stands.
    pub standing: &'static str,
    /// Whether it is verified, or nothing would prove it.
    pub done: bool,
    /// Its checks.
    pub checks: Vec<CheckLine>,
    /// Why its checks could not be run.
    pub not_run: Option<String>,
    /// Digest of everything its checks could read.
    #[serde(skip)]
    pub inputs: Digest,
}

/// How one check stands.
#[derive(Debug, Clone, Serialize)]
pub struct CheckLine {
    /// Its name.
    pub name: String,
    /// `pass`, `waived`, `fail`, `error` or `pending`.
    pub verdict: &'static str,
    /// What it saw.
    pub summary: String,
    /// Whether a machine runs it, and nobody has to be asked.
    pub is_run: bool,
}

/// Runs the checks of a task, where its commands are trusted, and says how it stands. That they are
/// not trusted, or could not be run, is told and opens nothing.
pub fn finish(call: &Call, opened: &Opened, task: TaskId) -> Outcome<Finished> {
    let (store, id) = (&opened.store, opened.id());
    let mut not_run = None;
    let mut inputs = Digest::ZERO;
    match check_tasks(call, store, id, &[task], TrustWish::Ask, at_once(None)) {
        Ok(checked) => inputs = checked.done.inputs,
        Err(Stop::Refused(no)) if no.code == TRUST_REQUIRED => not_run = Some(no.message.clone()),
        Err(Stop::Fault(fault)) if fault.code == CHECK_ERROR => not_run = Some(fault.message.clone()),
        Err(stop) => return Err(stop),
    }
    if follows(&opened.plan) {
        call.write_back(store, id)?;
    }
    let plan = store.desk().plan(id)?;
    let now = store.desk().now();
    let Some(known) = plan.task(task) else { return Err(Stop::Said(CHECK_ERROR)) };
    let standing = plan.standing(known, now);
    let look = Look::new(&plan, now);
    let checks = rows(&look, Subject::Task(task), &known.gate).into_iter().zip(&known.gate.checks);
    let checks = checks.map(|(row, check)| CheckLine {
        name: row.name.to_owned(),
        verdict: row.verdict,
        summary: row.summary.clone(),
        is_run: model::work::is_run(&check.spec.probe),
    });
    Ok(Finished {
        task: known.key.to_string(),
        standing: standing.as_str(),
        done: matches!(standing, Standing::Verified | Standing::Waived | Standing::ClaimedWithoutEvidence),
        checks: checks.collect(),
        not_run,
        inputs,
    })
}

impl Finished {
    /// The checks that keep it from being done.
    pub fn unmet(&self) -> impl Iterator<Item = &CheckLine> {
        self.checks.iter().filter(|check| !matches!(check.verdict, "pass" | "waived"))
    }

    /// The first check that a machine ran and that did not pass, in a line.
    pub fn failure(&self) -> Option<String> {
        let failed = self.unmet().find(|check| matches!(check.verdict, "fail" | "error"))?;
        let summary = failed.summary.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(format!("{summary} (check `{}`)", failed.name))
    }
}
