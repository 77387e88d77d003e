//! What work in a git repository began from, and which files it has changed since.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::fault::Fault;
use model::refusal::INTERNAL_FAULT;

use crate::process::output_of;
use crate::store;

/// The commit that a folder's repository has checked out; nothing outside git and before the first
/// commit. Only git's files are read, so that taking a task starts no process.
pub fn base(folder: &Path) -> Option<String> {
    let top = folder.ancestors().find(|top| top.join(".git").exists())?;
    let git = git_folder(top)?;
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return commit(head.trim()) };
    let common = fs::read_to_string(git.join("commondir"))
        .map_or_else(|_| git.clone(), |common| git.join(common.trim()));
    if let Ok(text) = fs::read_to_string(common.join(name)) {
        return commit(text.trim());
    }
    let packed = fs::read_to_string(common.join("packed-refs")).ok()?;
    packed.lines().find_map(|line| line.strip_suffix(name).and_then(|rest| commit(rest.trim_end())))
}

/// Whether a folder lies in a worktree beside the repository's main one.
pub fn is_worktree(folder: &Path) -> bool {
    folder.ancestors().map(|top| top.join(".git")).find(|git| git.exists()).is_some_and(|git| git.is_file())
}

fn git_folder(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()))
}

fn commit(text: &str) -> Option<String> {
    let hex = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| text.to_owned())
}

/// The files that differ from a commit, those git does not know included, relative to the top of
/// the repository and in order. Plan documents and the store are nobody's work.
pub fn since(folder: &Path, base: &str, documents: &[PathBuf]) -> Result<Vec<String>, Fault> {
    let Some(top) = folder.ancestors().find(|top| top.join(".git").exists()) else { return Ok(Vec::new()) };
    let mut paths = BTreeSet::new();
    paths.extend(listed(top, &["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--"])?);
    paths.extend(listed(top, &["ls-files", "--others", "--exclude-standard", "-z"])?);
    let ours = |path: &str| {
        path.split('/').any(|segment| segment == store::FOLDER)
            || documents.iter().any(|document| *document == top.join(path))
    };
    Ok(paths.into_iter().filter(|path| !ours(path)).collect())
}

fn listed(top: &Path, arguments: &[&str]) -> Result<Vec<String>, Fault> {
    let mut git = Command::new("git");
    git.current_dir(top)
        // Nothing that the repository's own settings name is run on the way.
        .args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .args(arguments);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    let failed = |why: String| {
        Fault::new(INTERNAL_FAULT, format!("git could not say what has changed: {why}"))
            .with("path", top.display())
    };
    let output = output_of(&mut git).map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) -> String {
        let output = output_of(
            Command::new("git")
                .current_dir(folder)
                .args([
                    "-c",
                    "user.name=Ada",
                    "-c",
                    "user.email=ada@example.org",
                    "-c",
                    "commit.gpgsign=false",
                ])
                .args(arguments),
        )
        .expect("git is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[test]
    fn the_base_is_what_git_says_it_is_and_changes_are_counted_from_there() {
        let folder = crate::scratch::Scratch::new("touched");
        let top = folder.path();
        assert_eq!(base(top), None);
        git(top, &["init", "-q", "-b", "main"]);
        assert_eq!(base(top), None, "before the first commit");
        fs::write(top.join("a.txt"), "one").expect("a file");
        fs::write(top.join("PLAN.md"), "# Plan").expect("a file");
        git(top, &["add", "."]);
        git(top, &["commit", "-q", "-m", "one"]);
        let first = git(top, &["rev-parse", "HEAD"]);
        assert_eq!(base(top).as_deref(), Some(first.as_str()));
        git(top, &["pack-refs", "--all"]);
        assert_eq!(base(top).as_deref(), Some(first.as_str()), "packed");
        git(top, &["checkout", "-q", "--detach"]);
        assert_eq!(base(top).as_deref(), Some(first.as_str()), "detached");
        git(top, &["worktree", "add", "-q", "-b", "side", "side"]);
        assert_eq!(base(&top.join("side")).as_deref(), Some(first.as_str()), "in a worktree");
        assert!(is_worktree(&top.join("side")) && !is_worktree(top));
        git(top, &["worktree", "remove", "side"]);

        fs::write(top.join("a.txt"), "two").expect("a file");
        git(top, &["commit", "-q", "-am", "two"]);
        fs::write(top.join("ümläut.txt"), "new").expect("a file");
        fs::write(top.join("PLAN.md"), "# Plan, ticked").expect("a file");
        fs::create_dir(top.join(store::FOLDER)).expect("a folder");
        fs::write(top.join(store::FOLDER).join("journal.db"), "x").expect("a file");
        let documents = [top.join("PLAN.md")];
        assert_eq!(since(top, &first, &documents).expect("changes"), ["a.txt", "ümläut.txt"]);
    }
}
