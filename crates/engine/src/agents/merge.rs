//! Bringing submitted work together on the plan's own branch, `countersign/<plan>`.
//!
//! Nothing is checked out for it: trees are merged in the object store and the branch is moved from
//! where it was known to stand. A branch somebody has checked out is never moved behind their back.

use model::fault::Fault;
use model::ids::Key;
use model::refusal::{AGENT_UNUSABLE, MERGE_CONFLICT, Refusal};

use super::repository::{MergedTree, Repository};
use super::worktree::branch_of;
use crate::desk::Denied;

/// The most paths of a conflict that are named one by one.
const NAMED: usize = 20;

/// How often a merge is tried because others move the branch meanwhile.
const TRIES: usize = 8;

/// The branch a plan's work comes together on.
#[derive(Debug, Clone)]
pub struct Integration {
    repository: Repository,
    branch: String,
    /// Where the branch stands; nothing where it is still to be made.
    at: Option<String>,
    /// Where the work begins as long as there is no branch.
    start: String,
}

impl Integration {
    /// The branch of a plan; where there is none yet, work begins at the checked-out commit.
    pub fn open(repository: &Repository, plan: &Key) -> Result<Self, Denied> {
        let branch = branch_of(plan.as_str());
        let at = repository.branch(&branch)?;
        if let Some(holder) = holder(repository, &branch)? {
            return Err(Refusal::new(
                AGENT_UNUSABLE,
                format!("branch `{branch}` is checked out in `{holder}`, so work cannot come together on it"),
            )
            .hint("check out another branch there")
            .with("branch", branch)
            .into());
        }
        let start = match &at {
            Some(at) => at.clone(),
            None => repository.commit("HEAD")?.ok_or_else(|| {
                Refusal::new(AGENT_UNUSABLE, "the repository has no commit for work to begin at")
                    .hint("commit the plan and what it is about first")
            })?,
        };
        Ok(Self { repository: repository.clone(), branch, at, start })
    }

    /// The branch's name.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// Where the next attempt begins.
    pub fn tip(&self) -> &str {
        self.at.as_deref().unwrap_or(&self.start)
    }

    /// Looks where the branch stands now: another dispatcher may have moved it.
    fn look(&mut self) -> Result<(), Fault> {
        self.at = self.repository.branch(&self.branch)?.or(self.at.take());
        Ok(())
    }

    /// Whether a commit can be merged; the paths that stand against it are a refusal.
    pub fn rehearse(&mut self, task: &Key, commit: &str) -> Result<(), Denied> {
        self.look()?;
        if self.repository.is_ancestor(self.tip(), commit)?
            || self.repository.is_ancestor(commit, self.tip())?
        {
            return Ok(());
        }
        match self.repository.merge_tree(self.tip(), commit)? {
            MergedTree::Clean(_) => Ok(()),
            MergedTree::Conflict(paths) => Err(conflict(task, &self.branch, paths).into()),
        }
    }

    /// Merges a commit: the branch goes on to it, or to a merge with it. Done twice, it is done once.
    pub fn merge(&mut self, task: &Key, commit: &str, author: &str) -> Result<(), Denied> {
        for _ in 1..TRIES {
            match self.merge_at_once(task, commit, author) {
                // Another dispatcher was faster.
                Err(Denied::Down(_)) => self.look()?,
                other => return other,
            }
        }
        self.merge_at_once(task, commit, author)
    }

    fn merge_at_once(&mut self, task: &Key, commit: &str, author: &str) -> Result<(), Denied> {
        let tip = self.tip().to_owned();
        let to = if self.repository.is_ancestor(&tip, commit)? {
            commit.to_owned()
        } else if self.repository.is_ancestor(commit, &tip)? {
            tip.clone()
        } else {
            let message = format!("Merge {task}");
            match self.repository.merge_tree(&tip, commit)? {
                MergedTree::Clean(tree) => {
                    self.repository.commit_tree(&tree, &[&tip, commit], &message, author)?
                }
                MergedTree::Conflict(paths) => return Err(conflict(task, &self.branch, paths).into()),
            }
        };
        if self.at.as_deref() != Some(to.as_str()) {
            self.repository.move_branch(&self.branch, &to, self.at.as_deref())?;
            self.at = Some(to);
        }
        Ok(())
    }

    /// Brings another branch forward to what has come together: also one that is checked out, since
    /// that is what was asked for. Refused where that branch has gone a way of its own.
    pub fn bring_into(&self, branch: &str) -> Result<(), Denied> {
        let Some(to) = &self.at else { return Ok(()) };
        let from = self.repository.branch(branch)?;
        if let Some(from) = &from
            && !self.repository.is_ancestor(from, to)?
        {
            return Err(Refusal::new(
                MERGE_CONFLICT,
                format!("branch `{branch}` has commits that `{}` does not have", self.branch),
            )
            .hint(format!("merge it yourself: `git merge {}`", self.branch))
            .with("branch", branch)
            .into());
        }
        let listed = self.repository.worktrees()?;
        match listed.iter().find(|worktree| worktree.branch.as_deref() == Some(branch)) {
            Some(worktree) => self.repository.fast_forward(&worktree.path, to).map_err(|fault| {
                Refusal::new(
                    MERGE_CONFLICT,
                    format!("branch `{branch}` cannot be brought forward: {}", fault.message),
                )
                .hint("commit or put away the changes that stand in the way, then run again")
                .with("branch", branch)
                .into()
            }),
            None => Ok(self.repository.move_branch(branch, to, from.as_deref())?),
        }
    }
}

/// The worktree in which a branch is checked out.
fn holder(repository: &Repository, branch: &str) -> Result<Option<String>, Fault> {
    let listed = repository.worktrees()?;
    let found = listed.into_iter().find(|worktree| worktree.branch.as_deref() == Some(branch));
    Ok(found.map(|worktree| worktree.path.display().to_string()))
}

fn conflict(task: &Key, branch: &str, paths: Vec<String>) -> Refusal {
    let count = paths.len();
    let things = if count == 1 { "path".to_owned() } else { format!("{count} paths") };
    let mut no = Refusal::new(
        MERGE_CONFLICT,
        format!("the work on task `{task}` and `{branch}` changed the same {things} in different ways"),
    )
    .hint(format!("the next attempt begins at `{branch}`; or merge it by hand there"))
    .with("task", task.as_str())
    .with("paths", paths.clone());
    no.facts = paths.into_iter().take(NAMED).collect();
    if count > NAMED {
        no.facts.push(format!("and {} more", count - NAMED));
    }
    no
}

#[cfg(test)]
mod tests;
