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
    let paths = match since_head(top, base)? {
        Some(paths) => paths,
        None => since_commit(top, base)?,
    };
    let ours = |path: &str| {
        path.split('/').any(|segment| segment == store::FOLDER)
            || documents.iter().any(|document| *document == top.join(path))
    };
    Ok(paths.into_iter().filter(|path| !ours(path)).collect())
}

/// The same where the commit is the one that is checked out: then git tells all of it at once, and
/// only one process is started. Nothing where that does not tell: what was changed in the index and
/// then again may be as it was.
fn since_head(top: &Path, commit: &str) -> Result<Option<BTreeSet<String>>, Fault> {
    if base(top).as_deref() != Some(commit) {
        return Ok(None);
    }
    let lines = listed(top, &["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all"])?;
    let path = |line: &String| {
        let (state, path) = line.split_at_checked(2)?;
        let twice = state != "??" && !state.contains(' ');
        Some(path.strip_prefix(' ').filter(|_| !twice)?.to_owned())
    };
    Ok(lines.iter().map(path).collect())
}

fn since_commit(top: &Path, commit: &str) -> Result<BTreeSet<String>, Fault> {
    let differ = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, "--"];
    let unknown = ["ls-files", "--others", "--exclude-standard", "-z"];
    // Side by side: each takes longer to start than to answer.
    let (differ, unknown) = std::thread::scope(|scope| {
        let differ = scope.spawn(|| listed(top, &differ));
        let unknown = listed(top, &unknown);
        (differ.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), unknown)
    });
    Ok(differ?.into_iter().chain(unknown?).collect())
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
    // Looking changes nothing, not even what git remembers of files.
    git.env("GIT_OPTIONAL_LOCKS", "0");
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

    #[test]
    fn changes_since_what_is_checked_out_are_the_same_asked_at_once_or_one_by_one() {
        let folder = crate::scratch::Scratch::new("touched-head");
        let top = folder.path();
        git(top, &["init", "-q", "-b", "main"]);
        for name in ["kept", "changed", "removed", "staged", "moved", "back"] {
            fs::write(top.join(name), name).expect("a file");
        }
        git(top, &["add", "."]);
        git(top, &["commit", "-q", "-m", "one"]);
        let head = git(top, &["rev-parse", "HEAD"]);
        assert_eq!(since_head(top, &head).expect("told"), Some(BTreeSet::new()));
        fs::write(top.join("changed"), "anew").expect("a file");
        fs::remove_file(top.join("removed")).expect("it was there");
        fs::write(top.join("staged"), "anew").expect("a file");
        fs::create_dir(top.join("deep down")).expect("a folder");
        fs::write(top.join("deep down/ne w"), "new").expect("a file");
        fs::rename(top.join("moved"), top.join("there")).expect("it was there");
        git(top, &["add", "staged", "moved", "there"]);
        let told = since_head(top, &head).expect("told").expect("plain");
        let names = ["changed", "deep down/ne w", "moved", "removed", "staged", "there"];
        assert_eq!(told, names.map(str::to_owned).into());
        assert_eq!(since_commit(top, &head).expect("told"), told);

        // In the index it is another, in the folder it is as it was.
        fs::write(top.join("back"), "anew").expect("a file");
        git(top, &["add", "back"]);
        fs::write(top.join("back"), "back").expect("a file");
        assert_eq!(since_head(top, &head).expect("told"), None);
        assert_eq!(since(top, &head, &[]).expect("told"), Vec::from_iter(told));
    }
}
