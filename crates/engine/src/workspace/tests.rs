use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::scratch::Scratch;

fn git_in(folder: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .args(["-c", "user.name=Tester", "-c", "user.email=tester@example.org"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env_remove("GIT_DIR");
    assert!(process::output_of(&mut git).unwrap().status.success(), "git {args:?}");
}

fn repository(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    git_in(scratch.path(), &["init", "-q"]);
    scratch.write("PLAN.md", "- [ ] all\n");
    scratch.write("src/lib.rs", "fn one() {}\n");
    scratch.write(".gitignore", "target/\n");
    git_in(scratch.path(), &["add", "-A"]);
    git_in(scratch.path(), &["commit", "-q", "-m", "first"]);
    scratch
}

fn open(scratch: &Scratch) -> Workspace {
    Workspace::new(scratch.path(), &["PLAN.md".into(), ".countersign".into()]).unwrap()
}

fn digest(workspace: &Workspace) -> Digest {
    let inputs = workspace.inputs("n");
    assert_eq!(inputs.fleeting, None);
    inputs.digest
}

/// Whether a change moves the digest; asked of the same workspace and of one that remembers nothing.
fn moves(change: impl FnOnce(&Scratch)) -> bool {
    let scratch = repository("inputs");
    let workspace = open(&scratch);
    let before = digest(&workspace);
    assert_eq!(digest(&workspace), before);
    change(&scratch);
    let after = digest(&workspace);
    assert_eq!(digest(&open(&scratch)), after);
    after != before
}

#[test]
fn every_change_of_an_input_moves_the_digest() {
    assert!(moves(|at| at.write("src/lib.rs", "fn two() {}\n")), "an edit of the same length");
    assert!(moves(|at| at.write("new.txt", "x")), "an untracked file");
    assert!(moves(|at| fs::remove_file(at.path().join("src/lib.rs")).unwrap()), "a file gone");
    assert!(moves(|at| fs::rename(at.path().join("src/lib.rs"), at.path().join("src/main.rs")).unwrap()));
    assert!(moves(|at| {
        let script = at.path().join("src/lib.rs");
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    }));
    assert!(moves(|at| symlink("lib.rs", at.path().join("src/link")).unwrap()));
}

#[test]
fn what_is_no_input_does_not_move_it() {
    assert!(!moves(|_| {}));
    assert!(!moves(|at| at.write("PLAN.md", "- [x] all\n")), "the plan's own document");
    assert!(!moves(|at| at.write(".countersign/journal.db", "x")), "the store");
    assert!(!moves(|at| at.write("target/debug/x", "x")), "an ignored file");
    assert!(!moves(|at| {
        at.write("src/lib.rs", "fn one() {}\n");
        git_in(at.path(), &["commit", "-q", "--allow-empty", "-m", "second"]);
    }));
}

#[test]
fn committing_makes_no_difference_and_neither_does_the_folder() {
    let scratch = repository("commit");
    scratch.write("docs/PLAN.md", "x\n");
    scratch.write("src/lib.rs", "fn three() {}\n");
    let workspace = open(&scratch);
    let before = digest(&workspace);
    git_in(scratch.path(), &["add", "-A"]);
    assert_eq!(digest(&workspace), before);
    git_in(scratch.path(), &["commit", "-q", "-m", "second"]);
    assert_eq!(digest(&workspace), before);
    let below =
        Workspace::new(&scratch.path().join("docs"), &["../PLAN.md".into(), ".countersign".into()]).unwrap();
    assert_eq!(below.root(), scratch.path());
    assert_eq!(digest(&below), before, "a file beside the folder is an input too");
}

#[test]
fn what_a_link_leads_to_is_an_input() {
    let outside = Scratch::new("outside");
    outside.write("data", "one");
    let scratch = repository("link");
    symlink(outside.path().join("data"), scratch.path().join("data")).unwrap();
    let workspace = open(&scratch);
    let before = digest(&workspace);
    outside.write("data", "two");
    assert_ne!(digest(&workspace), before);
    symlink(outside.path(), scratch.path().join("folder")).unwrap();
    assert!(workspace.inputs("n").fleeting.is_some_and(|why| why.contains("leads to a folder outside")));
}

#[test]
fn a_repository_within_is_looked_into() {
    let scratch = repository("outer");
    fs::create_dir(scratch.path().join("inner")).unwrap();
    git_in(&scratch.path().join("inner"), &["init", "-q"]);
    scratch.write("inner/file", "one");
    let workspace = open(&scratch);
    let before = digest(&workspace);
    scratch.write("inner/file", "two");
    assert_ne!(digest(&workspace), before);
}

#[test]
fn a_pipe_is_not_waited_for() {
    assert!(!moves(|at| {
        // Git lists neither pipes nor sockets; nothing here may open one.
        rustix::fs::mkfifoat(rustix::fs::CWD, at.path().join("pipe"), rustix::fs::Mode::RUSR).unwrap();
    }));
    assert!(moves(|at| {
        fs::remove_file(at.path().join("src/lib.rs")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at.path().join("src/lib.rs"), rustix::fs::Mode::RUSR).unwrap();
    }));
}

#[test]
fn outside_git_no_digest_is_met_twice() {
    let scratch = Scratch::new("plain");
    let workspace = open(&scratch);
    assert_ne!(workspace.inputs("one").digest, workspace.inputs("two").digest);
    assert_eq!(workspace.inputs("one").fleeting.as_deref(), Some("the plan is not in a git worktree"));
}

#[test]
fn a_folder_that_git_ignores_gives_no_lasting_digest() {
    let scratch = repository("ignored");
    scratch.write("target/plan/PLAN.md", "x");
    let workspace = Workspace::new(&scratch.path().join("target/plan"), &[]).unwrap();
    assert_eq!(workspace.inputs("n").fleeting.as_deref(), Some("the plan's folder is ignored by git"));
}

#[test]
fn a_broken_repository_gives_no_lasting_digest() {
    let scratch = repository("broken");
    scratch.write(".git/HEAD", "nonsense\n");
    assert!(open(&scratch).inputs("n").fleeting.is_some());
}

#[test]
fn nothing_that_a_repository_names_is_run() {
    let scratch = repository("hostile");
    let mark = scratch.path().join("target/ran");
    fs::create_dir(scratch.path().join("target")).unwrap();
    let evil = scratch.path().join("target/evil.sh");
    fs::write(&evil, format!("#!/bin/sh\necho \"$@\" >>'{}'\ncat\n", mark.display())).unwrap();
    fs::set_permissions(&evil, fs::Permissions::from_mode(0o755)).unwrap();
    let evil = evil.to_str().unwrap();
    for setting in [
        ("core.fsmonitor", evil),
        ("filter.evil.clean", evil),
        ("filter.evil.smudge", evil),
        ("filter.evil.process", evil),
        ("filter.evil.required", "true"),
        ("core.sshCommand", evil),
        ("core.pager", evil),
        ("core.worktree", "/etc"),
        ("diff.external", evil),
    ] {
        git_in(scratch.path(), &["config", setting.0, setting.1]);
    }
    for hook in ["post-index-change", "post-checkout", "fsmonitor-watchman"] {
        fs::create_dir_all(scratch.path().join(".git/hooks")).unwrap();
        fs::copy(evil, scratch.path().join(".git/hooks").join(hook)).unwrap();
    }
    scratch.write(".gitattributes", "* filter=evil diff=evil\n");
    scratch.write("src/lib.rs", "fn evil() {}\n");
    let workspace = open(&scratch);
    let before = digest(&workspace);
    scratch.write("src/lib.rs", "fn more() {}\n");
    assert_ne!(digest(&workspace), before);
    assert!(!mark.exists(), "ran: {:?}", fs::read_to_string(&mark));
}
