//! One attempt at a task, as it is made on a thread of its own: a worktree, the agent, and what it
//! left as a commit.

use std::fs;
use std::path::{Path, PathBuf};

use model::ids::{Fence, Key, TaskId};
use model::lease::Usage;

use super::Dispatcher;
use crate::agents::runner::{Ended, How, Run};
use crate::agents::sessions::mark;
use crate::agents::usable::Usable;
use crate::agents::worktree::{Nursery, Worktree, safe_name};
use crate::desk::Denied;
use crate::ids::nonce;
use crate::process::Cancel;
use crate::trust::{Change, TrustSet, commands};
use crate::workspace::Workspace;

/// Where briefs lie, below the store's folder.
const BRIEFS: &str = "briefs";
/// What the last thing an agent said may add to a summary.
const LONGEST_SUMMARY: usize = 400;

/// What an attempt is about.
pub(super) struct Order {
    pub(super) task: TaskId,
    pub(super) key: Key,
    pub(super) title: String,
    pub(super) fence: Fence,
    pub(super) usable: Usable,
    /// Whether the agent is asked to print as it works.
    pub(super) stream: bool,
    pub(super) brief: String,
    pub(super) plan: Key,
    /// Where it begins, where it works in a worktree.
    pub(super) base: Option<String>,
}

/// What came of an attempt.
pub(super) struct Worked {
    pub(super) how: How,
    pub(super) commit: Option<String>,
    pub(super) branch: Option<String>,
    pub(super) touched: Vec<String>,
    /// What it printed, redacted and cut to size.
    pub(super) output: Vec<u8>,
    pub(super) summary: String,
    pub(super) used: Usage,
    pub(super) downgraded: bool,
}

impl Worked {
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self {
            how: How::Failed(why.into()),
            commit: None,
            branch: None,
            touched: Vec::new(),
            output: Vec::new(),
            summary: String::new(),
            used: Usage::default(),
            downgraded: false,
        }
    }
}

impl Dispatcher<'_> {
    /// Makes an attempt and waits for its end; nothing of it is left but its commit.
    pub(super) fn attempt(
        &self,
        order: &Order,
        nursery: Option<&Nursery>,
        cancel: &Cancel,
        tell: &mut dyn FnMut(&str),
    ) -> Worked {
        let made = match (nursery, &order.base) {
            (Some(nursery), Some(base)) => {
                nursery.for_attempt(&order.key, order.fence.0, base).map(Some).map_err(Denied::from)
            }
            _ => Ok(None),
        };
        let came = made.and_then(|tree| {
            let worked = self.in_place(order, tree.as_ref(), cancel, tell)?;
            match tree.map(Worktree::remove) {
                Some(Err(fault)) => Err(fault.into()),
                _ => Ok(worked),
            }
        });
        came.unwrap_or_else(|denied| Worked::failed(said(&denied)))
    }

    fn in_place(
        &self,
        order: &Order,
        tree: Option<&Worktree>,
        cancel: &Cancel,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Worked, Denied> {
        let own;
        let workspace = match tree {
            Some(tree) => {
                own = self.workspace_in(tree.path())?;
                &own
            }
            None => self.workspace,
        };
        let used = commands::of_agents(std::slice::from_ref(&order.usable.agent));
        if let Some(why) = self.untrusted(&used, workspace) {
            return Ok(Worked::failed(why));
        }
        let brief = self.write_brief(order)?;
        let mut last = String::new();
        let ended = self.run_agent(order, workspace.folder(), &brief, cancel, &mut |text| {
            text.clone_into(&mut last);
            tell(text);
        });
        let _ = fs::remove_file(&brief);
        let mut worked = Worked {
            how: ended.how,
            commit: None,
            branch: None,
            touched: Vec::new(),
            output: ended.output,
            summary: last.chars().take(LONGEST_SUMMARY).collect(),
            used: ended.used,
            downgraded: ended.downgraded,
        };
        if let Some(tree) = tree {
            self.gather(order, tree, &mut worked)?;
        }
        Ok(worked)
    }

    /// Commits what was left in the worktree, also where the attempt failed: a person may want it.
    fn gather(&self, order: &Order, tree: &Worktree, worked: &mut Worked) -> Result<(), Denied> {
        let Some(repository) = self.repository else { return Ok(()) };
        let author = order.usable.agent.name.as_str();
        let message = format!("{}: {}", order.key, order.title);
        let commit = tree.finish(&message, author)?;
        let branch = tree.branch().unwrap_or_default().to_owned();
        if commit == tree.base() {
            // The branch would name what is there anyway.
            repository.delete_branch(&branch)?;
        } else if !repository.is_ancestor(tree.base(), &commit)? {
            if worked.how == How::Done {
                let why = format!("what it left on `{branch}` does not build on where it began");
                worked.how = How::Failed(why);
            }
        } else {
            worked.touched = repository.changed(tree.base(), &commit)?;
            worked.branch = Some(branch);
        }
        worked.commit = Some(commit);
        Ok(())
    }

    fn run_agent(
        &self,
        order: &Order,
        folder: &Path,
        brief: &Path,
        cancel: &Cancel,
        tell: &mut dyn FnMut(&str),
    ) -> Ended {
        let agent = &order.usable.agent;
        let variables = [
            ("COUNTERSIGN_STORE", self.store.address()),
            ("COUNTERSIGN_PLAN", order.plan.to_string()),
            ("COUNTERSIGN_TASK", order.key.to_string()),
            ("COUNTERSIGN_FENCE", order.fence.to_string()),
            ("COUNTERSIGN_AGENT", agent.name.to_string()),
            ("COUNTERSIGN_SESSION", self.session.to_string()),
            ("COUNTERSIGN_BRIEF", brief.display().to_string()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        let own;
        let environment = if agent.environment.is_empty() {
            self.environment
        } else {
            own = self.environment.clone().with(&agent.environment, std::env::vars_os());
            &own
        };
        Run {
            agent,
            ready: &order.usable.ready,
            stream: order.stream,
            folder,
            brief,
            variables: &variables,
            environment,
            redactor: self.store.desk().redactor(),
            cancel,
            nonce: &self.run_name(),
        }
        .run(tell)
    }

    /// Names a run so that it is known as this session's also when this process is gone.
    pub(super) fn run_name(&self) -> String {
        format!("{}{}", mark(self.session.as_str()), nonce())
    }

    fn write_brief(&self, order: &Order) -> Result<PathBuf, Denied> {
        let folder = self.briefs();
        let path = folder.join(format!("{}.{}.md", safe_name(order.key.as_str()), order.fence));
        let written = fs::write(&path, &order.brief).or_else(|_| {
            fs::create_dir_all(&folder)?;
            fs::write(&path, &order.brief)
        });
        written.map_err(|error| {
            let what = format!("the brief `{}` cannot be written: {error}", path.display());
            model::fault::Fault::new(model::refusal::INTERNAL_FAULT, what)
        })?;
        Ok(path)
    }

    /// Where this session's briefs lie.
    pub(super) fn briefs(&self) -> PathBuf {
        let store = self.store.folder().canonicalize().unwrap_or_else(|_| self.store.folder().to_owned());
        store.join(BRIEFS).join(safe_name(self.session.as_str()))
    }

    /// The plan's folder as it is in a worktree.
    pub(super) fn workspace_in(&self, worktree: &Path) -> Result<Workspace, Denied> {
        let top = self.repository.map_or(Path::new(""), |repository| repository.top());
        let moved = |path: &Path| path.strip_prefix(top).map(|below| worktree.join(below)).ok();
        let folder = moved(self.workspace.folder()).unwrap_or_else(|| worktree.to_owned());
        let excluded: Vec<PathBuf> = self.excluded.iter().filter_map(|path| moved(path)).collect();
        Workspace::new(&folder, &excluded).map_err(|error| {
            let what = format!("the plan's folder is not in the worktree: {error}");
            model::fault::Fault::new(model::refusal::INTERNAL_FAULT, what)
                .hint("commit the plan's folder, so that worktrees have it")
                .into()
        })
    }

    /// Why commands may not run here: one of their scripts is not what was trusted.
    pub(super) fn untrusted(&self, used: &[commands::Used], workspace: &Workspace) -> Option<String> {
        let set = TrustSet::read(used.iter().map(|(by, command)| (by.clone(), command.as_str())), workspace);
        if self.trusted.covers(&set) {
            return None;
        }
        let changes = set.changes_since(self.trusted);
        let change = changes.iter().find(|change| !matches!(change, Change::Removed { .. }));
        Some(match change {
            Some(Change::Script { command, path, .. }) => {
                format!("`{path}`, which `{command}` calls, is not what was trusted")
            }
            Some(Change::Added { command }) => format!("`{command}` was not trusted"),
            _ => "its commands were not trusted".to_owned(),
        })
    }
}

/// A denial in a line.
pub(super) fn said(denied: &Denied) -> String {
    match denied {
        Denied::Refused(no) => no.message.clone(),
        Denied::Down(fault) => fault.message.clone(),
    }
}
