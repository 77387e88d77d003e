//! The repository agents work in, asked and changed by the `git` command alone.
//!
//! A repository is somebody else's input too: its own settings may name commands for git to run
//! (hooks, file system monitors, filters, merge drivers), and its `GIT_…` variables may point
//! elsewhere. None of them is heard here; what the user has set for all repositories is.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use model::fault::Fault;
use model::refusal::INTERNAL_FAULT;
use rustix::fs::{FlockOperation, flock};

use crate::{process, workspace};

/// Settings that hold for every call, besides those of [`workspace::git`].
const SETTINGS: &[&str] = &[
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "core.editor=false",
    "merge.renames=true",
    "advice.detachedHead=false",
];

/// A repository with at least one worktree: the one a plan lies in.
#[derive(Debug, Clone)]
pub struct Repository {
    top: PathBuf,
    /// Settings that silence what the repository itself would have run.
    silenced: Vec<String>,
}

/// A worktree of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub path: PathBuf,
    /// The branch that is checked out there, without `refs/heads/`.
    pub branch: Option<String>,
}

/// What merging two commits comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergedTree {
    /// The tree of the merge.
    Clean(String),
    /// The paths both sides changed in different ways.
    Conflict(Vec<String>),
}

impl Repository {
    /// The repository around a folder; nothing outside git.
    pub fn around(folder: &Path) -> Result<Option<Self>, Fault> {
        let top = folder.canonicalize().ok();
        let top = top.as_deref().and_then(|folder| folder.ancestors().find(|top| top.join(".git").exists()));
        let Some(top) = top else { return Ok(None) };
        let mut repository = Self { top: top.to_owned(), silenced: Vec::new() };
        let own = repository
            .said(&repository.top, &["config", "--local", "--includes", "--list", "--name-only", "-z"])?;
        let names = own.split('\0').filter(|name| !name.is_empty());
        repository.silenced = names.filter_map(silencing).collect();
        repository.silenced.sort();
        repository.silenced.dedup();
        Ok(Some(repository))
    }

    /// The top of the worktree the plan lies in.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// A folder of this worktree, as a path below the top.
    pub fn below(&self, folder: &Path) -> PathBuf {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        whole.strip_prefix(&self.top).unwrap_or(Path::new("")).to_owned()
    }

    /// The full id of a commit; nothing where there is none of that name.
    pub fn commit(&self, name: &str) -> Result<Option<String>, Fault> {
        self.commit_in(&self.top, name)
    }

    /// The commit a worktree stands at.
    pub fn head_of(&self, worktree: &Path) -> Result<Option<String>, Fault> {
        self.commit_in(worktree, "HEAD")
    }

    fn commit_in(&self, at: &Path, name: &str) -> Result<Option<String>, Fault> {
        let commit = format!("{name}^{{commit}}");
        let output = self.run(at, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok((output.status.success() && !text.is_empty()).then_some(text))
    }

    /// The commit a branch stands at.
    pub fn branch(&self, name: &str) -> Result<Option<String>, Fault> {
        self.commit(&format!("refs/heads/{name}"))
    }

    /// Every worktree.
    pub fn worktrees(&self) -> Result<Vec<Listed>, Fault> {
        let _alone = self.alone()?;
        let text = self.said(&self.top, &["worktree", "list", "--porcelain", "-z"])?;
        let mut all: Vec<Listed> = Vec::new();
        for line in text.split('\0') {
            if let Some(path) = line.strip_prefix("worktree ") {
                all.push(Listed { path: PathBuf::from(OsStr::from_bytes(path.as_bytes())), branch: None });
            } else if let (Some(branch), Some(last)) =
                (line.strip_prefix("branch refs/heads/"), all.last_mut())
            {
                last.branch = Some(branch.to_owned());
            }
        }
        Ok(all)
    }

    /// Makes a worktree at a commit: on a new branch, or on none.
    pub fn add_worktree(&self, path: &Path, commit: &str, branch: Option<&str>) -> Result<(), Fault> {
        let path = path.to_string_lossy();
        let mut words = vec!["worktree", "add", "--quiet"];
        match branch {
            Some(branch) => words.extend(["--no-track", "-b", branch]),
            None => words.push("--detach"),
        }
        words.extend([path.as_ref(), commit]);
        let _alone = self.alone()?;
        self.said(&self.top, &words).map(drop)
    }

    /// Takes a worktree away with everything in it.
    pub fn remove_worktree(&self, path: &Path) -> Result<(), Fault> {
        let shown = path.to_string_lossy();
        let alone = self.alone()?;
        let removed = self.run(&self.top, &["worktree", "remove", "--force", "--force", shown.as_ref()])?;
        if removed.status.success() && !path.exists() {
            return Ok(());
        }
        // Git does not know it, or something in it cannot be removed as it stands.
        clear(path)?;
        drop(alone);
        self.prune()
    }

    /// Forgets worktrees that are no longer there.
    pub fn prune(&self) -> Result<(), Fault> {
        let _alone = self.alone()?;
        self.said(&self.top, &["worktree", "prune"]).map(drop)
    }

    /// Waits until nobody else here changes which worktrees there are. Git writes what it knows of one
    /// file by file, and fails over another that is half written.
    fn alone(&self) -> Result<File, Fault> {
        let lock = File::open(self.top.join(".git")).and_then(|file| {
            flock(&file, FlockOperation::LockExclusive)?;
            Ok(file)
        });
        lock.map_err(|error| Fault::new(INTERNAL_FAULT, format!("the repository cannot be locked: {error}")))
    }

    /// Makes a branch, or moves it from where it is known to stand; refused where it stands elsewhere.
    pub fn move_branch(&self, name: &str, to: &str, from: Option<&str>) -> Result<(), Fault> {
        let name = format!("refs/heads/{name}");
        // Forty zeroes: there must be none yet.
        let from = from.map_or_else(|| "0".repeat(to.len()), str::to_owned);
        self.said(&self.top, &["update-ref", &name, to, &from]).map(drop)
    }

    /// Takes a branch away, where there is one.
    pub fn delete_branch(&self, name: &str) -> Result<(), Fault> {
        self.said(&self.top, &["update-ref", "-d", &format!("refs/heads/{name}")]).map(drop)
    }

    /// The branches whose names begin so.
    pub fn branches(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let pattern = format!("refs/heads/{prefix}");
        let text = self.said(&self.top, &["for-each-ref", "--format=%(refname:lstrip=2)", &pattern])?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Commits everything a worktree holds that its last commit does not, ignored files aside.
    /// Gives the commit it stands at then.
    pub fn commit_all(&self, worktree: &Path, message: &str, author: &str) -> Result<Option<String>, Fault> {
        let changed = self.said(worktree, &["status", "--porcelain", "-z", "--untracked-files=normal"])?;
        if !changed.is_empty() {
            self.said(worktree, &["add", "--all", "--", "."])?;
            let mut command = self.git(worktree);
            command.args(["commit", "--quiet", "--no-verify", "--allow-empty-message", "--message", message]);
            identify(&mut command, author);
            self.done(&mut command)?;
        }
        self.head_of(worktree)
    }

    /// The paths in which two commits differ.
    pub fn changed(&self, from: &str, to: &str) -> Result<Vec<String>, Fault> {
        let words = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", from, to];
        let text = self.said(&self.top, &words)?;
        Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// Whether the first commit is part of the history of the second.
    pub fn is_ancestor(&self, first: &str, second: &str) -> Result<bool, Fault> {
        if first == second {
            return Ok(true);
        }
        let output = self.run(&self.top, &["merge-base", "--is-ancestor", first, second])?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failed("merge-base", &output)),
        }
    }

    /// Merges two commits without a worktree.
    pub fn merge_tree(&self, ours: &str, theirs: &str) -> Result<MergedTree, Fault> {
        let words = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs];
        let output = self.run(&self.top, &words)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut parts = text.split('\0').filter(|part| !part.is_empty());
        match (output.status.code(), parts.next()) {
            (Some(0), Some(tree)) => Ok(MergedTree::Clean(tree.trim().to_owned())),
            (Some(1), Some(_)) => {
                let mut paths: Vec<String> = parts.map(str::to_owned).collect();
                paths.sort();
                paths.dedup();
                Ok(MergedTree::Conflict(paths))
            }
            _ => Err(failed("merge-tree", &output)),
        }
    }

    /// Makes a commit of a tree.
    pub fn commit_tree(
        &self,
        tree: &str,
        parents: &[&str],
        message: &str,
        author: &str,
    ) -> Result<String, Fault> {
        let mut command = self.git(&self.top);
        command.args(["commit-tree", tree, "-m", message]);
        for parent in parents {
            command.args(["-p", parent]);
        }
        identify(&mut command, author);
        Ok(self.done(&mut command)?.trim().to_owned())
    }

    /// Brings a branch that is checked out, and its files, forward to a commit of its future.
    pub fn fast_forward(&self, worktree: &Path, to: &str) -> Result<(), Fault> {
        self.said(worktree, &["merge", "--ff-only", "--quiet", "--no-verify", to]).map(drop)
    }

    /// Whether a commit holds a file or folder.
    pub fn holds(&self, commit: &str, path: &Path) -> Result<bool, Fault> {
        let object = format!("{commit}:{}", path.to_string_lossy());
        Ok(self.run(&self.top, &["cat-file", "-e", &object])?.status.success())
    }

    fn git(&self, at: &Path) -> Command {
        let mut command = workspace::git(at);
        for setting in SETTINGS.iter().copied().chain(self.silenced.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        command
    }

    fn run(&self, at: &Path, words: &[&str]) -> Result<Output, Fault> {
        let mut command = self.git(at);
        command.args(words);
        output_of(&mut command)
    }

    fn said(&self, at: &Path, words: &[&str]) -> Result<String, Fault> {
        let mut command = self.git(at);
        command.args(words);
        self.done(&mut command)
    }

    /// What it printed, where it ended well.
    #[expect(clippy::unused_self, reason = "reads as the other ways to call git do")]
    fn done(&self, command: &mut Command) -> Result<String, Fault> {
        let output = output_of(command)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let verb = command.get_args().map(OsStr::to_string_lossy);
        let mut words =
            verb.skip_while(|word| word == "-c" || word.contains('=')).map(|word| word.into_owned());
        let verb = words.next().unwrap_or_default();
        Err(failed(&verb, &output))
    }
}

/// What keeps a setting of the repository from running anything.
fn silencing(name: &str) -> Option<String> {
    let (section, rest) = name.split_once('.')?;
    let (_, last) = rest.rsplit_once('.')?;
    match (section, last.to_ascii_lowercase().as_str()) {
        ("filter", "clean" | "smudge" | "process") => Some(format!("{name}=")),
        ("filter", "required") => Some(format!("{name}=false")),
        // One that fails leaves a conflict; one that is empty would take our side without a word.
        ("merge", "driver") => Some(format!("{name}=false")),
        ("diff", "command" | "textconv") => Some(format!("{name}=")),
        _ => None,
    }
}

fn identify(command: &mut Command, author: &str) {
    // Angle brackets and line ends would end the name; the rest is the author's own.
    let name: String = author.chars().filter(|c| !matches!(c, '<' | '>') && !c.is_control()).collect();
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), name.trim());
        command.env(format!("GIT_{role}_EMAIL"), "agent@countersign.invalid");
    }
}

fn output_of(command: &mut Command) -> Result<Output, Fault> {
    process::output_of(command).map_err(|error| {
        Fault::new(INTERNAL_FAULT, format!("`git` cannot be run: {error}"))
            .hint("install git 2.38 or newer; `countersign doctor` looks whether it is there")
    })
}

fn failed(verb: &str, output: &Output) -> Fault {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().map(str::trim).find(|line| !line.is_empty());
    let reason =
        line.unwrap_or("it gave no reason").trim_start_matches("fatal: ").trim_start_matches("error: ");
    Fault::new(INTERNAL_FAULT, format!("`git {verb}` failed: {reason}"))
}

/// Removes a folder whatever the modes of what is in it.
fn clear(path: &Path) -> Result<(), Fault> {
    if !path.exists() {
        return Ok(());
    }
    let first = std::fs::remove_dir_all(path);
    if first.is_ok() {
        return Ok(());
    }
    let_write(path);
    std::fs::remove_dir_all(path).map_err(|error| {
        Fault::new(INTERNAL_FAULT, format!("`{}` cannot be removed: {error}", path.display()))
    })
}

/// Gives its owner the right to change a folder and those in it.
fn let_write(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let _ = std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700));
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        folders.extend(entries.filter(|e| e.file_type().is_ok_and(|kind| kind.is_dir())).map(|e| e.path()));
    }
}
