//! What the tests of this room share: a small repository with everything in its settings that
//! would run something.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::scratch::Scratch;

/// A repository with one commit, whose settings and hooks all leave a file called `ran`.
pub(crate) fn repository(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let top = scratch.path().to_owned();
    git(&top, &["init", "--quiet", "-b", "trunk"]);
    scratch.write("README.md", "# Work\n");
    scratch.write("src/one.txt", "1\n");
    scratch.write(".gitignore", "/.countersign/\n*.log\n");
    git(&top, &["add", "."]);
    git(&top, &["commit", "--quiet", "-m", "begin"]);
    let trap = top.join(".git/trap");
    fs::write(&trap, format!("#!/bin/sh\necho \"$0\" >>{}/.git/ran\ncat\n", top.display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(top.join(".git/hooks")).unwrap();
    for hook in [
        "pre-commit",
        "commit-msg",
        "post-commit",
        "post-checkout",
        "post-merge",
        "reference-transaction",
        "post-index-change",
        "pre-merge-commit",
    ] {
        fs::copy(&trap, top.join(".git/hooks").join(hook)).unwrap();
    }
    let command = trap.display().to_string();
    for setting in [
        "core.fsmonitor",
        "filter.trap.clean",
        "filter.trap.smudge",
        "merge.trap.driver",
        "diff.trap.textconv",
        "core.editor",
    ] {
        git(&top, &["config", setting, &command]);
    }
    scratch.write(".git/info/attributes", "* filter=trap merge=trap diff=trap\n");
    let _ = fs::remove_file(top.join(".git/ran"));
    scratch
}

/// Whether anything the repository names was run.
pub(crate) fn trapped(scratch: &Scratch) -> bool {
    scratch.path().join(".git/ran").exists()
}

/// Calls git as a person would who has no settings.
pub(crate) fn git(at: &Path, words: &[&str]) -> String {
    // As the program itself does: other tests run probes meanwhile, and must not take it for theirs.
    let mut command = Command::new("git");
    command
        .current_dir(at)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .args([
            "-c",
            "user.name=Ada",
            "-c",
            "user.email=ada@example.org",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=",
        ])
        .args(["-c", "filter.trap.clean=", "-c", "filter.trap.smudge="])
        .args(words)
        .stdin(Stdio::null());
    let output = crate::process::output_of(&mut command).unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The bytes of every file of a checkout, its index and what it stands at, the store aside.
pub(crate) fn bytes_of(top: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != ".git" && name != ".countersign" {
                    folders.push(path);
                }
            } else {
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    for own in [".git/HEAD", ".git/index", ".git/config", ".git/refs/heads/trunk"] {
        all.insert(own.to_owned(), fs::read(top.join(own)).unwrap());
    }
    all
}
