//! A worktree and a branch for each attempt, and clean ones for its checks.
//!
//! Branches are called `countersign/<key>/<attempt>`; what is checked out lies in the store's
//! folder, under the name of the session it belongs to, so that what a dead one left is known by
//! where it lies. Whoever drops a [`Worktree`] removes it.

use std::fs;
use std::path::{Path, PathBuf};

use model::fault::Fault;
use model::ids::Key;
use model::refusal::INTERNAL_FAULT;

use super::repository::Repository;

/// All branches made here begin so.
pub const BRANCHES: &str = "countersign/";
/// Where worktrees lie, below the store's folder.
const FOLDER: &str = "worktrees";
/// The longest part of a key that goes into a branch's name.
const LONGEST_NAME: usize = 80;

/// A worktree that is removed when it is dropped.
#[derive(Debug)]
pub struct Worktree {
    repository: Repository,
    path: PathBuf,
    branch: Option<String>,
    base: String,
}

/// Where worktrees of one session are made.
#[derive(Debug, Clone)]
pub struct Nursery {
    repository: Repository,
    folder: PathBuf,
}

impl Nursery {
    /// For a session of a store.
    pub fn new(repository: Repository, store: &Path, session: &str) -> Self {
        let store = store.canonicalize().unwrap_or_else(|_| store.to_owned());
        Self { repository, folder: store.join(FOLDER).join(safe_name(session)) }
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// A worktree for an attempt at a task, on a branch of its own.
    pub fn for_attempt(&self, key: &Key, attempt: u64, base: &str) -> Result<Worktree, Fault> {
        let stem = format!("{}/{attempt}", branch_of(key.as_str()));
        // Another plan of this repository may have a task of the same key.
        let twins = (2..100).map(|twin| format!("{stem}-{twin}"));
        for branch in std::iter::once(stem.clone()).chain(twins) {
            if self.repository.branch(&branch)?.is_none() {
                let name = branch.trim_start_matches(BRANCHES).replace('/', ".");
                return self.make(&name, base, Some(branch));
            }
        }
        Err(Fault::new(INTERNAL_FAULT, format!("there are too many branches called `{stem}`"))
            .hint("delete those you no longer need with `git branch -D`"))
    }

    /// A clean worktree at a commit, on no branch.
    pub fn at_commit(&self, name: &str, commit: &str) -> Result<Worktree, Fault> {
        self.make(&format!("{}.check", safe_name(name)), commit, None)
    }

    fn make(&self, name: &str, base: &str, branch: Option<String>) -> Result<Worktree, Fault> {
        fs::create_dir_all(&self.folder).map_err(|error| {
            Fault::new(INTERNAL_FAULT, format!("`{}` cannot be made: {error}", self.folder.display()))
        })?;
        let path = self.folder.join(name);
        if path.exists() {
            self.repository.remove_worktree(&path)?;
        }
        self.repository.add_worktree(&path, base, branch.as_deref())?;
        Ok(Worktree { repository: self.repository.clone(), path, branch, base: base.to_owned() })
    }

    /// Takes the session's folder away with every worktree in it.
    pub fn clear(&self) -> Result<(), Fault> {
        clear_session(&self.repository, &self.folder)
    }
}

impl Worktree {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its branch.
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// The commit it was made at.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Commits what was done in it and gives the commit it stands at, which is also where its
    /// branch stands then, wherever whoever worked there has gone.
    pub fn finish(&self, message: &str, author: &str) -> Result<String, Fault> {
        let commit = self.repository.commit_all(&self.path, message, author)?;
        let commit = commit.ok_or_else(|| {
            Fault::new(INTERNAL_FAULT, format!("`{}` stands at no commit", self.path.display()))
        })?;
        if let Some(branch) = &self.branch {
            let at = self.repository.branch(branch)?;
            if at.as_deref() != Some(commit.as_str()) {
                self.repository.move_branch(branch, &commit, at.as_deref())?;
            }
        }
        Ok(commit)
    }

    /// Removes it, and says where that did not work.
    pub fn remove(mut self) -> Result<(), Fault> {
        self.clear_away()
    }

    fn clear_away(&mut self) -> Result<(), Fault> {
        if self.path.as_os_str().is_empty() {
            return Ok(());
        }
        let path = std::mem::take(&mut self.path);
        self.repository.remove_worktree(&path)
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        // What is still there is found and removed by the next session.
        let _ = self.clear_away();
    }
}

/// The sessions of a store that have left worktrees behind, by the names of their folders.
pub fn sessions_with_worktrees(store: &Path) -> Vec<String> {
    let entries = fs::read_dir(store.join(FOLDER)).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Removes what a session left behind.
pub fn clear_left_over(repository: &Repository, store: &Path, session: &str) -> Result<(), Fault> {
    let store = store.canonicalize().unwrap_or_else(|_| store.to_owned());
    clear_session(repository, &store.join(FOLDER).join(safe_name(session)))
}

fn clear_session(repository: &Repository, folder: &Path) -> Result<(), Fault> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        repository.remove_worktree(&entry.path())?;
    }
    let _ = fs::remove_dir(folder);
    repository.prune()
}

/// The branch of the attempts at a task, without the attempt's number.
pub fn branch_of(key: &str) -> String {
    format!("{BRANCHES}{}", safe_name(key))
}

/// A name as part of a branch and of a path: as it is where that is allowed, else with what is not
/// replaced and something that keeps it apart from others that look alike then.
pub fn safe_name(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain: String = name.chars().map(|c| if fits(c) { c } else { '-' }).take(LONGEST_NAME).collect();
    let sound = plain == name
        && !plain.is_empty()
        && !plain.starts_with(['.', '-'])
        && !plain.ends_with('.')
        && !plain.contains("..")
        && !plain.to_ascii_lowercase().ends_with(".lock");
    if sound {
        return plain;
    }
    let digest = blake3::hash(name.as_bytes()).to_hex();
    let stem = plain.replace("..", "-").trim_matches(['.', '-']).to_owned();
    let stem = if stem.is_empty() { "x".to_owned() } else { stem };
    format!("{stem}-{}", &digest[..8])
}

#[cfg(test)]
mod tests;
