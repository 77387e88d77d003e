//! Rules about what stands in the sources.

use super::Report;
use super::layers::is_pure;
use super::scan::Scan;
use crate::tree::Tree;

/// Beyond this, a file asks to be two.
const MOST_LINES: usize = 800;

/// The one file that talks to standard output and standard error.
const PRINTER: &str = "crates/app/src/cli/ui.rs";

/// What a pure crate must not even name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::process",
    "std::net",
    "std::thread",
    "std::env",
    "SystemTime",
    "std::time::Instant",
    "Timestamp::now",
    "Zoned::now",
    "RandomState",
    "rand::",
];

pub(super) fn pure_sources(tree: &Tree, report: Report<'_>) {
    for package in tree.packages.iter().filter(|package| is_pure(&package.name)) {
        let folder = format!("{}/src/", package.folder);
        for (path, text) in tree.rust().filter(|(path, _)| path.starts_with(&folder) && !is_test(path)) {
            for (line, code) in Scan::of(text).product_lines() {
                for word in IMPURE.iter().filter(|word| code.contains(**word)) {
                    report(path, line, format!("`{}` is pure and must not name `{word}`", package.name));
                }
            }
        }
    }
}

pub(super) fn file_size(tree: &Tree, report: Report<'_>) {
    for (path, text) in tree.rust() {
        let count = text.lines().count();
        if count > MOST_LINES {
            report(path, 0, format!("{count} lines; {MOST_LINES} ask to be two files"));
        }
    }
}

pub(super) fn module_docs(tree: &Tree, report: Report<'_>) {
    let is_module = |path: &str| path.contains("/src/") && !is_test(path);
    for (path, text) in tree.rust().filter(|(path, _)| is_module(path)) {
        let docs = text.lines().take_while(|line| line.starts_with("//!"));
        let words = docs.flat_map(|line| line.trim_start_matches("//!").split_whitespace()).count();
        // A bare name explains nothing, and a room's front page says a little more than that.
        let least = if is_front(path) { 12 } else { 3 };
        if words < least {
            report(
                path,
                1,
                format!("begins with {words} words of `//!`; say what it is for ({least} at least)"),
            );
        }
    }
}

pub(super) fn no_allow(tree: &Tree, report: Report<'_>) {
    in_code(tree, &["#[allow(", "#![allow("], |path, line, word| {
        report(path, line, format!("`{word}…)]`; use `expect` with a reason, or mend it"));
    });
}

pub(super) fn no_stubs(tree: &Tree, report: Report<'_>) {
    in_code(tree, &["todo!", "unimplemented!", "dbg!"], |path, line, word| {
        report(path, line, format!("`{word}`; finish it, or leave it out and say so"));
    });
}

pub(super) fn printing(tree: &Tree, report: Report<'_>) {
    let built = |path: &str| path.starts_with("crates/") && path.contains("/src/") && !is_test(path);
    for (path, text) in tree.rust().filter(|(path, _)| built(path) && *path != PRINTER) {
        for (line, code) in Scan::of(text).product_lines() {
            for word in ["println!", "eprintln!", "print!", "eprint!"] {
                if names(code, word) {
                    report(path, line, format!("`{word}`; return the text, or hand it to {PRINTER}"));
                }
            }
        }
    }
}

pub(super) fn sql(tree: &Tree, report: Report<'_>) {
    let other = |path: &str| path.starts_with("crates/") && !path.starts_with("crates/journal/");
    for (path, text) in tree.rust().filter(|(path, _)| other(path)) {
        let scan = Scan::of(text);
        for (place, _) in scan.code.lines().enumerate().filter(|(_, code)| names(code, "rusqlite")) {
            report(path, place + 1, "names `rusqlite`; only `journal` does".to_owned());
        }
    }
    for package in tree.packages.iter().filter(|package| package.name != "journal") {
        if package.needs.iter().any(|need| need.name == "rusqlite") {
            let manifest = format!("{}/Cargo.toml", package.folder);
            report(&manifest, 0, "depends on `rusqlite`; only `journal` does".to_owned());
        }
    }
}

pub(super) fn workplaces(tree: &Tree, report: Report<'_>) {
    for (path, text) in &tree.files {
        for (place, line) in text.lines().enumerate() {
            if let Some(folder) = machine_folder(line) {
                report(path, place + 1, format!("names `{folder}`, a folder of one machine"));
            }
        }
    }
}

/// An absolute path into a folder that only one machine or one person has.
fn machine_folder(line: &str) -> Option<&str> {
    for top in ["home", "Users", "work", "root"] {
        for (at, _) in line.match_indices(top) {
            let (before, after) = (line[..at].chars().rev(), &line[at + top.len()..]);
            let mut before = before;
            let absolute = before.next() == Some('/')
                && before.next().is_none_or(|c| !c.is_alphanumeric() && !"./_-~*>}])<".contains(c));
            let below = after.strip_prefix('/').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
            if absolute && below {
                return Some(&line[at - 1..at + top.len()]);
            }
        }
    }
    None
}

fn in_code(tree: &Tree, words: &[&str], mut found: impl FnMut(&str, usize, &str)) {
    for (path, text) in tree.rust() {
        for (place, code) in Scan::of(text).code.lines().enumerate() {
            for word in words.iter().filter(|word| names(code, word)) {
                found(path, place + 1, word);
            }
        }
    }
}

/// Whether the word stands in the code by itself, not as the end of a longer one.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_')
    })
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/examples/")
}

fn is_front(path: &str) -> bool {
    path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs")
}
