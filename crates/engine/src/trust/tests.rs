use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::lock::{LOCK_FILE, Lock};
use super::*;
use crate::scratch::Scratch;

fn workspace(scratch: &Scratch) -> Workspace {
    Workspace::new(scratch.path(), &[]).unwrap()
}

fn set(scratch: &Scratch, commands: &[&str]) -> TrustSet {
    let named = commands.iter().map(|command| ("7.3 check".to_owned(), *command));
    TrustSet::read(named, &workspace(scratch))
}

fn paths(set: &TrustSet) -> Vec<&str> {
    set.commands.iter().flat_map(|command| &command.scripts).map(|script| script.path.as_str()).collect()
}

fn check(files: &[(&str, &str)], command: &str, expected: &[&str]) {
    let scratch = Scratch::new("scripts");
    for (path, text) in files {
        scratch.write(path, text);
    }
    assert_eq!(paths(&set(&scratch, &[command])), expected, "{command}");
}

#[test]
fn scripts_are_found_by_the_words_of_a_command() {
    let script = ("tools/count.sh", "echo 1\n");
    check(&[script], "./tools/count.sh --all", &["tools/count.sh"]);
    check(&[script], "sh tools/count.sh | tail -1", &["tools/count.sh"]);
    check(&[script], "cd tools && ./count.sh", &["tools/count.sh"]);
    check(&[script], "bash -ec 'test \"$(tools/count.sh)\" -lt 3'", &["tools/count.sh"]);
    check(&[script], "run --with=tools/count.sh", &["tools/count.sh"]);
    check(&[script], "X=1 env tools/count.sh >tools/out.sh", &["tools/count.sh"]);
    check(&[("count", "#!/usr/bin/env python3\n")], "./count", &["count"]);
    check(&[("count", "print(1)\n")], "python3 count", &["count"]);
    check(&[("tools/count.py", "print(1)\n")], "python3 -m tools.count", &["tools/count.py"]);
    check(&[("a.sh", "a"), ("b.sh", "b")], "./a.sh; ./b.sh", &["a.sh", "b.sh"]);
}

#[test]
fn data_and_the_system_are_no_scripts() {
    check(&[("status.txt", "done\n")], "grep -q done status.txt", &[]);
    check(&[("tests/a.rs", "x\n")], "cargo test --test a tests", &[]);
    check(&[], "/bin/sh -c true && /usr/bin/env true", &[]);
}

#[test]
fn tools_that_read_a_well_known_file_call_it() {
    check(&[("Makefile", "all:\n\t./build.sh\n"), ("build.sh", "x")], "make test", &["Makefile", "build.sh"]);
    check(&[("app/Makefile", "all:\n")], "make -C app", &["app/Makefile"]);
    check(
        &[("package.json", "{\"scripts\": {\"test\": \"sh t.sh now\"}}\n"), ("t.sh", "x")],
        "npm test",
        &["package.json", "t.sh"],
    );
}

#[test]
fn scripts_are_read_one_level_deep() {
    let files = [
        (
            "tools/all.sh",
            "#!/bin/sh\nHERE=$(dirname \"$0\")\n. \"$HERE/lib.sh\"\nsource ${HERE}/more.sh\n# ./not.sh\n",
        ),
        ("tools/lib.sh", "./deep.sh\n"),
        ("tools/more.sh", "x\n"),
        ("tools/deep.sh", "x\n"),
        ("not.sh", "x\n"),
    ];
    check(&files, "tools/all.sh", &["tools/all.sh", "tools/lib.sh", "tools/more.sh"]);
    check(
        &[("tools/all.sh", ". \"$(dirname \"$0\")/lib.sh\"\n"), ("tools/lib.sh", "x\n")],
        "sh tools/all.sh",
        &["tools/all.sh", "tools/lib.sh"],
    );
}

#[test]
fn scripts_elsewhere_in_the_worktree_are_named_from_the_folder() {
    let scratch = Scratch::new("above");
    fs::create_dir(scratch.path().join(".git")).unwrap();
    scratch.write("tools/count.sh", "echo 1\n");
    scratch.write("docs/plan/PLAN.md", "x");
    let workspace = Workspace::new(&scratch.path().join("docs/plan"), &[]).unwrap();
    let set = TrustSet::read([("a".to_owned(), "../../tools/count.sh")], &workspace);
    assert_eq!(paths(&set), ["../../tools/count.sh"]);
}

#[test]
fn the_digest_covers_commands_and_scripts_and_nothing_else() {
    let scratch = Scratch::new("digest");
    scratch.write("a.sh", "echo 1\n");
    let before = set(&scratch, &["./a.sh", "true"]);
    assert_eq!(set(&scratch, &["true", "./a.sh", "true"]).digest(), before.digest(), "order and repeats");
    let renamed =
        TrustSet::read([("9 x".to_owned(), "true"), ("8 y".to_owned(), "./a.sh")], &workspace(&scratch));
    assert_eq!(renamed.digest(), before.digest(), "which check runs it");
    assert_ne!(set(&scratch, &["./a.sh", "false"]).digest(), before.digest());
    assert_ne!(set(&scratch, &["./a.sh"]).digest(), before.digest());

    scratch.write("a.sh", "echo 2\n");
    let after = set(&scratch, &["./a.sh", "true"]);
    assert_ne!(after.digest(), before.digest());
    assert_ne!(after.scripts_digest(), before.scripts_digest());
    assert_eq!(set(&scratch, &["./a.sh"]).scripts_digest(), after.scripts_digest());
}

#[test]
fn a_difference_names_what_changed() {
    let scratch = Scratch::new("changes");
    scratch.write("a.sh", "echo 1\n");
    let before = set(&scratch, &["./a.sh", "true"]);
    scratch.write("a.sh", "echo 2\n");
    let after = set(&scratch, &["./a.sh", "false"]);
    assert_eq!(
        after.changes_since(&before),
        [
            Change::Script {
                command: "./a.sh".to_owned(),
                path: "a.sh".to_owned(),
                before: Some(Digest::sha256(b"echo 1\n")),
                after: Some(Digest::sha256(b"echo 2\n")),
            },
            Change::Added { command: "false".to_owned() },
            Change::Removed { command: "true".to_owned() },
        ]
    );
    assert_eq!(after.changes_since(&after), []);
}

#[test]
fn an_unreadable_script_is_on_the_list() {
    let scratch = Scratch::new("unreadable");
    scratch.write("a.sh", "x");
    fs::set_permissions(scratch.path().join("a.sh"), fs::Permissions::from_mode(0o111)).unwrap();
    assert_eq!(paths(&set(&scratch, &["./a.sh"])), ["a.sh"]);
}

#[test]
fn a_lock_allows_exactly_what_was_reviewed() {
    let scratch = Scratch::new("lock");
    scratch.write("a.sh", "echo 1\n");
    let reviewed = set(&scratch, &["./a.sh \"quoted\" # ‹ü›", "true\nfalse"]);
    let mut lock = Lock::load(scratch.path()).unwrap();
    lock.allow("PLAN.md", reviewed.clone());
    lock.allow("OTHER.md", TrustSet::default());
    lock.save(scratch.path()).unwrap();

    let read = Lock::load(scratch.path()).unwrap();
    assert_eq!(read, lock);
    assert_eq!(read.to_string(), lock.to_string());
    assert!(read.allows("PLAN.md", &reviewed) && !read.allows("NEW.md", &reviewed));
    scratch.write("a.sh", "echo 2\n");
    assert!(!read.allows("PLAN.md", &set(&scratch, &["./a.sh \"quoted\" # ‹ü›", "true\nfalse"])));
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2, "no other file stays");
}

#[test]
fn the_lock_is_text_for_reviewers() {
    let scratch = Scratch::new("text");
    scratch.write("a.sh", "echo 1\n");
    let mut lock = Lock::default();
    lock.allow("PLAN.md", set(&scratch, &["./a.sh"]));
    let sum = Digest::sha256(b"echo 1\n");
    let digest = set(&scratch, &["./a.sh"]).digest();
    assert_eq!(
        lock.to_string(),
        format!(
            "# The commands of plans and the scripts they call, as somebody reviewed them.\n\
             # Written by `countersign trust --write`; `countersign run --locked` runs exactly these.\n\n\
             version = 1\n\n[plans.\"PLAN.md\"]\ndigest = \"{digest}\"\n\n\
             [[plans.\"PLAN.md\".commands]]\ncommand = \"./a.sh\"\nused_by = [\"7.3 check\"]\n\
             scripts = [\n    {{ path = \"a.sh\", sha256 = \"{sum}\" }},\n]\n"
        )
    );
}

#[test]
fn a_lock_that_contradicts_itself_is_refused() {
    let scratch = Scratch::new("forged");
    let mut lock = Lock::default();
    lock.allow("PLAN.md", set(&scratch, &["true"]));
    let text = lock.to_string();
    let refused = |text: &str| Lock::parse(text).unwrap_err();
    assert_eq!(
        refused(&text.replace("\"true\"", "\"false\"")),
        format!("`{LOCK_FILE}` lists other commands or scripts for `PLAN.md` than its digest stands for")
    );
    assert!(refused(&text.replace("scripts = []", "")).contains("not sound"));
    assert!(refused(&text.replace("version = 1", "version = 2")).contains("version"));
    assert!(refused("<<<<<<< ours\n").contains("not TOML"));
    scratch.write(LOCK_FILE, "nonsense");
    assert!(Lock::load(scratch.path()).is_err());
}
