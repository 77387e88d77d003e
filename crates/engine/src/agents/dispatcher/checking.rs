//! Checks of what was handed in, in a clean worktree at the commit that holds it.

use std::sync::{Arc, OnceLock};

use model::check::Outcome;
use model::command::Command;
use model::digest::Digest;
use model::ids::{AgentId, Fence, Key, TaskId};
use model::plan::Plan;
use model::task::Task;
use model::work::{RunCheck, Work, outstanding_for_task};

use super::Dispatcher;
use super::attempt::said;
use crate::agents::worktree::{Nursery, Worktree};
use crate::checks::{Site, run_check};
use crate::desk::Denied;
use crate::hands::{inputs_with_scripts, report};
use crate::trust::TrustSet;
use crate::trust::commands::Used;
use crate::workspace::Workspace;

/// Work that was handed in and is to be checked.
#[derive(Clone)]
pub(super) struct Handed {
    pub(super) task: TaskId,
    pub(super) key: Key,
    pub(super) agent: AgentId,
    pub(super) fence: Fence,
    pub(super) commit: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) runs: Vec<RunCheck>,
    /// Whether anything would prove it.
    pub(super) has_checks: bool,
    /// What checks in the plan's own folder can read, found out once for all that was handed in at
    /// the same time.
    pub(super) moment: Moment,
}

/// The inputs at some moment, once somebody has asked.
pub(super) type Moment = Arc<OnceLock<Digest>>;

/// What came of checking.
pub(super) struct Checked {
    pub(super) inputs: Digest,
    pub(super) commands: Vec<Command>,
    pub(super) blobs: Vec<journal::Blob>,
    /// Each check with how it ended and what it saw.
    pub(super) seen: Vec<(String, Outcome, String)>,
    /// Why nothing could be checked.
    pub(super) trouble: Option<String>,
}

impl Handed {
    /// The work on a task, as its plan has it.
    pub(super) fn of(
        plan: &Plan,
        task: &Task,
        agent: AgentId,
        branch: Option<String>,
        moment: Moment,
        now: jiff::Timestamp,
    ) -> Self {
        let submission = task.effort.as_deref().and_then(|effort| effort.submission.as_ref());
        // For inputs that nothing was checked with yet, everything is outstanding.
        let work = outstanding_for_task(plan, task, Digest::ZERO, now).into_iter();
        let runs = work.filter_map(|work| match work {
            Work::RunCheck(run) => Some(*run),
            Work::Verify(_) => None,
        });
        Self {
            task: task.id,
            key: task.key.clone(),
            agent,
            fence: task.fence,
            commit: submission.and_then(|work| work.commit.clone()),
            branch,
            runs: runs.collect(),
            has_checks: task.has_checks(),
            moment,
        }
    }
}

impl Checked {
    /// The first check that does not hold.
    pub(super) fn refuted(&self) -> Option<String> {
        let (name, outcome, summary) = self.seen.iter().find(|(_, outcome, _)| *outcome != Outcome::Pass)?;
        let how = if *outcome == Outcome::Fail { "failed" } else { "could not run" };
        Some(format!("check `{name}` {how}: {summary}"))
    }

    fn trouble(why: String) -> Self {
        let (commands, blobs, seen) = (Vec::new(), Vec::new(), Vec::new());
        Self { inputs: Digest::ZERO, commands, blobs, seen, trouble: Some(why) }
    }
}

impl Dispatcher<'_> {
    /// Runs the checks of what was handed in; nothing is left of it.
    pub(super) fn check(&self, handed: &Handed, nursery: Option<&Nursery>) -> Checked {
        let name = format!("{}.{}", handed.key, handed.fence);
        let made = match (nursery, &handed.commit) {
            (Some(nursery), Some(commit)) => nursery.at_commit(&name, commit).map(Some).map_err(Denied::from),
            _ => Ok(None),
        };
        let came = made.and_then(|tree| {
            let checked = match &tree {
                Some(tree) => self.check_in(handed, &self.workspace_in(tree.path())?),
                None => self.check_in(handed, self.workspace),
            };
            match tree.map(Worktree::remove) {
                Some(Err(fault)) => Err(fault.into()),
                _ => Ok(checked),
            }
        });
        came.unwrap_or_else(|denied| Checked::trouble(said(&denied)))
    }

    fn check_in(&self, handed: &Handed, workspace: &Workspace) -> Checked {
        let used: Vec<Used> = handed
            .runs
            .iter()
            .filter_map(|run| {
                Some((format!("{} {}", handed.key, run.spec.name), run.spec.command()?.to_owned()))
            })
            .collect();
        if let Some(why) = self.untrusted(&used, workspace) {
            return Checked::trouble(why);
        }
        let set = TrustSet::read(used.iter().map(|(by, command)| (by.clone(), command.as_str())), workspace);
        let look = || workspace.inputs(&self.run_name()).digest;
        let tree = if handed.commit.is_some() { look() } else { *handed.moment.get_or_init(look) };
        let inputs = inputs_with_scripts(tree, set.scripts_digest());
        let commit = handed.commit.clone().or_else(|| crate::touched::base(workspace.folder()));
        let (mut commands, mut blobs, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for run in &handed.runs {
            let site = Site {
                workspace,
                environment: self.environment,
                redactor: self.store.desk().redactor(),
                cancel: self.cancel,
                nonce: &self.run_name(),
            };
            let verdict = run_check(&run.spec, &site);
            if self.cancel.is_cancelled() {
                return Checked::trouble("ended before it was done".to_owned());
            }
            seen.push((run.spec.name.clone(), verdict.outcome, verdict.evidence.summary.clone()));
            let (command, blob) = report(run, (inputs, commit.as_deref()), verdict);
            commands.push(command);
            blobs.extend(blob);
        }
        Checked { inputs, commands, blobs, seen, trouble: None }
    }
}
