use std::fs;

use super::*;
use crate::agents::testing::{bytes_of, git, repository, trapped};
use crate::agents::worktree::Nursery;
use crate::scratch::Scratch;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A commit on top of `base` in which files have these texts.
fn work(scratch: &Scratch, task: &str, base: &str, files: &[(&str, &str)]) -> String {
    let repository = Repository::around(scratch.path()).unwrap().unwrap();
    let nursery = Nursery::new(repository, &scratch.path().join(".countersign"), "s");
    let tree = nursery.for_attempt(&key(task), 1, base).unwrap();
    for (path, text) in files {
        fs::write(tree.path().join(path), text).unwrap();
    }
    tree.finish(task, "writer").unwrap()
}

fn open(scratch: &Scratch) -> Integration {
    let repository = Repository::around(scratch.path()).unwrap().unwrap();
    Integration::open(&repository, &key("plan")).unwrap()
}

fn refused(result: Result<(), Denied>) -> Refusal {
    match result {
        Err(Denied::Refused(no)) => *no,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn work_comes_together_and_the_main_checkout_stays() {
    let scratch = repository("merge");
    let before = bytes_of(scratch.path());
    let mut plan = open(&scratch);
    let base = plan.tip().to_owned();
    let one = work(&scratch, "T-1", &base, &[("a.txt", "a\n")]);
    let two = work(&scratch, "T-2", &base, &[("b.txt", "b\n")]);
    plan.merge(&key("T-1"), &one, "writer").unwrap();
    assert_eq!(plan.tip(), one, "what begins at the tip needs no merge");
    plan.rehearse(&key("T-2"), &two).unwrap();
    plan.merge(&key("T-2"), &two, "writer").unwrap();
    plan.merge(&key("T-2"), &two, "writer").unwrap();
    let log = git(scratch.path(), &["log", "--format=%s", "--first-parent", "countersign/plan"]);
    assert_eq!(log, "Merge T-2\nT-1\nbegin");
    assert_eq!(git(scratch.path(), &["show", "countersign/plan:a.txt", "countersign/plan:b.txt"]), "a\nb");
    // Opened again, it goes on where it stood.
    assert_eq!(open(&scratch).tip(), plan.tip());
    assert_eq!(bytes_of(scratch.path()), before);
    assert!(!trapped(&scratch));
}

#[test]
fn several_may_bring_work_together() {
    let scratch = repository("merge");
    let (mut here, mut there) = (open(&scratch), open(&scratch));
    let base = here.tip().to_owned();
    for (number, of) in [(1, &mut here), (2, &mut there)] {
        let file = format!("{number}.txt");
        let commit = work(&scratch, &format!("T-{number}"), &base, &[(&file, "x\n")]);
        of.rehearse(&key("T"), &commit).unwrap();
        of.merge(&key("T"), &commit, "writer").unwrap();
    }
    // One that has not looked since is moved on, too.
    let commit = work(&scratch, "T-3", &base, &[("3.txt", "x\n")]);
    here.merge(&key("T-3"), &commit, "writer").unwrap();
    let files = git(scratch.path(), &["ls-tree", "--name-only", "countersign/plan"]);
    assert!(
        ["1.txt", "2.txt", "3.txt"].iter().all(|file| files.lines().any(|line| line == *file)),
        "{files}"
    );
}

#[test]
fn a_conflict_is_a_refusal_with_its_paths_and_moves_nothing() {
    let scratch = repository("merge");
    let mut plan = open(&scratch);
    let base = plan.tip().to_owned();
    let one = work(&scratch, "T-1", &base, &[("README.md", "# Mine\n"), ("src/one.txt", "11\n")]);
    let two = work(
        &scratch,
        "T-2",
        &base,
        &[("README.md", "# Yours\n"), ("src/one.txt", "12\n"), ("b.txt", "b\n")],
    );
    plan.merge(&key("T-1"), &one, "writer").unwrap();
    for no in [refused(plan.rehearse(&key("T-2"), &two)), refused(plan.merge(&key("T-2"), &two, "writer"))] {
        assert_eq!(
            (no.code, no.facts),
            ("merge/conflict", vec!["README.md".to_owned(), "src/one.txt".to_owned()])
        );
    }
    assert_eq!(plan.tip(), one);
    assert!(!trapped(&scratch), "a merge driver of the repository was run");
}

#[test]
fn another_branch_is_brought_forward_where_that_loses_nothing() {
    let scratch = repository("merge");
    let mut plan = open(&scratch);
    let base = plan.tip().to_owned();
    let one = work(&scratch, "T-1", &base, &[("a.txt", "a\n")]);
    plan.merge(&key("T-1"), &one, "writer").unwrap();
    git(scratch.path(), &["branch", "release", &base]);
    plan.bring_into("release").unwrap();
    assert_eq!(git(scratch.path(), &["rev-parse", "release"]), one);
    // One that is checked out takes its files along.
    assert!(!scratch.path().join("a.txt").exists());
    plan.bring_into("trunk").unwrap();
    assert!(scratch.path().join("a.txt").exists());
    assert_eq!(git(scratch.path(), &["status", "--porcelain"]), "");
    // One that went elsewhere meanwhile does not move.
    let other = work(&scratch, "T-9", &base, &[("c.txt", "c\n")]);
    git(scratch.path(), &["branch", "--force", "release", &other]);
    assert_eq!(refused(plan.bring_into("release")).code, "merge/conflict");
    assert_eq!(git(scratch.path(), &["rev-parse", "release"]), other);
}

#[test]
fn changes_in_the_way_of_a_branch_that_is_checked_out_are_kept() {
    let scratch = repository("merge");
    let mut plan = open(&scratch);
    let base = plan.tip().to_owned();
    let one = work(&scratch, "T-1", &base, &[("src/one.txt", "2\n")]);
    plan.merge(&key("T-1"), &one, "writer").unwrap();
    scratch.write("src/one.txt", "half done\n");
    let before = bytes_of(scratch.path());
    assert_eq!(refused(plan.bring_into("trunk")).code, "merge/conflict");
    assert_eq!(bytes_of(scratch.path()), before);
}

#[test]
fn a_branch_somebody_has_checked_out_is_not_moved_behind_their_back() {
    let scratch = repository("merge");
    git(scratch.path(), &["checkout", "--quiet", "-b", "countersign/plan"]);
    let repository = Repository::around(scratch.path()).unwrap().unwrap();
    let no = refused(Integration::open(&repository, &key("plan")).map(drop));
    assert_eq!(no.code, "agent/unusable");
}
