use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::agents::testing::{bytes_of, git, repository, trapped};
use crate::scratch::Scratch;

fn nursery(scratch: &Scratch, session: &str) -> Nursery {
    let repository = Repository::around(scratch.path()).unwrap().unwrap();
    Nursery::new(repository, &scratch.path().join(".countersign"), session)
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn left(scratch: &Scratch) -> (usize, usize) {
    let known = git(scratch.path(), &["worktree", "list", "--porcelain"]).matches("worktree ").count() - 1;
    (sessions_with_worktrees(&scratch.path().join(".countersign")).len(), known)
}

#[test]
fn an_attempt_leaves_a_commit_on_its_branch_and_the_main_checkout_as_it_was() {
    let scratch = repository("worktree");
    // Work under way in the main checkout, staged and not.
    scratch.write("src/one.txt", "half done\n");
    scratch.write("new.txt", "staged\n");
    git(scratch.path(), &["add", "new.txt"]);
    let before = bytes_of(scratch.path());
    let nursery = nursery(&scratch, "s1");
    let base = nursery.repository().commit("HEAD").unwrap().unwrap();

    let tree = nursery.for_attempt(&key("7.3"), 2, &base).unwrap();
    assert_eq!(tree.branch(), Some("countersign/7.3/2"));
    assert_eq!(fs::read_to_string(tree.path().join("src/one.txt")).unwrap(), "1\n");
    fs::write(tree.path().join("src/one.txt"), "2\n").unwrap();
    fs::write(tree.path().join("made.txt"), "x\n").unwrap();
    fs::write(tree.path().join("noise.log"), "x\n").unwrap();
    let commit = tree.finish("7.3: Quality", "reviewer <odd>").unwrap();
    assert_eq!(nursery.repository().branch("countersign/7.3/2").unwrap(), Some(commit.clone()));
    assert_eq!(nursery.repository().changed(&base, &commit).unwrap(), ["made.txt", "src/one.txt"]);
    assert_eq!(git(scratch.path(), &["log", "-1", "--format=%an %s", &commit]), "reviewer odd 7.3: Quality");
    // Finishing again changes nothing.
    assert_eq!(tree.finish("7.3: Quality", "reviewer").unwrap(), commit);

    // What git ignored is not in a clean worktree at the same commit.
    let clean = nursery.at_commit("7.3", &commit).unwrap();
    assert!(clean.path().join("made.txt").exists() && !clean.path().join("noise.log").exists());
    clean.remove().unwrap();
    drop(tree);
    nursery.clear().unwrap();
    assert_eq!(left(&scratch), (0, 0));
    assert_eq!(bytes_of(scratch.path()), before);
    assert!(!trapped(&scratch), "a hook, filter or monitor of the repository was run");
}

#[test]
fn wherever_the_worker_goes_its_branch_follows() {
    let scratch = repository("worktree");
    let nursery = nursery(&scratch, "s1");
    let base = nursery.repository().commit("HEAD").unwrap().unwrap();
    let tree = nursery.for_attempt(&key("T-1"), 1, &base).unwrap();
    git(tree.path(), &["checkout", "--quiet", "--detach"]);
    fs::write(tree.path().join("by-hand.txt"), "x\n").unwrap();
    git(tree.path(), &["add", "."]);
    git(tree.path(), &["commit", "--quiet", "-m", "mine"]);
    let commit = tree.finish("T-1", "writer").unwrap();
    assert_ne!(commit, base);
    assert_eq!(nursery.repository().branch("countersign/T-1/1").unwrap(), Some(commit));
}

#[test]
fn a_branch_of_the_same_name_is_left_alone() {
    let scratch = repository("worktree");
    let nursery = nursery(&scratch, "s1");
    let base = nursery.repository().commit("HEAD").unwrap().unwrap();
    git(scratch.path(), &["branch", "countersign/T-1/1"]);
    let tree = nursery.for_attempt(&key("T-1"), 1, &base).unwrap();
    assert_eq!(tree.branch(), Some("countersign/T-1/1-2"));
}

#[test]
fn what_a_dead_session_left_is_known_by_its_name_and_removed() {
    let scratch = repository("worktree");
    let store = scratch.path().join(".countersign");
    let dead = nursery(&scratch, "dead");
    let base = dead.repository().commit("HEAD").unwrap().unwrap();
    let tree = dead.for_attempt(&key("T-1"), 1, &base).unwrap();
    fs::create_dir_all(tree.path().join("locked/away")).unwrap();
    fs::write(tree.path().join("locked/away/file"), "x").unwrap();
    fs::set_permissions(tree.path().join("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    let half = dead.at_commit("T-1", &base).unwrap();
    // A worktree of which only git still knows.
    fs::remove_dir_all(half.path()).unwrap();
    std::mem::forget((tree, half));
    assert_eq!(left(&scratch), (1, 2));
    let repository = Repository::around(scratch.path()).unwrap().unwrap();
    for session in sessions_with_worktrees(&store) {
        clear_left_over(&repository, &store, &session).unwrap();
    }
    assert_eq!(left(&scratch), (0, 0));
    // The name is free again.
    drop(dead.for_attempt(&key("T-2"), 1, &base).unwrap());
}

#[test]
fn keys_become_names_that_git_accepts_and_that_differ() {
    let scratch = repository("worktree");
    let long = "x".repeat(200);
    let keys = [
        "7.3",
        "T-017",
        "group/Ünïcode task~2",
        "group-Unicode",
        "..",
        ".hidden",
        "a..b",
        "x.lock",
        "-",
        "ends.",
        "a b",
        "a-b",
        long.as_str(),
        "@{",
        "(*)?",
    ];
    let names: std::collections::BTreeSet<String> = keys.iter().map(|key| branch_of(key)).collect();
    assert_eq!(names.len(), keys.len(), "{names:?}");
    for name in &names {
        git(scratch.path(), &["check-ref-format", &format!("refs/heads/{name}/1")]);
        git(scratch.path(), &["check-ref-format", &format!("refs/heads/{name}")]);
    }
    assert_eq!(branch_of("7.3"), "countersign/7.3");
}

#[test]
fn the_trap_of_these_tests_catches_a_git_that_hears_the_repository() {
    let scratch = repository("worktree");
    let mut plain = std::process::Command::new("git");
    plain.current_dir(scratch.path()).args(["status"]);
    let plain = crate::process::output_of(&mut plain).unwrap();
    assert!(plain.status.success() && trapped(&scratch));
}
