//! Rules about documents that go with the code.

use std::collections::BTreeMap;

use super::Report;
use super::scan::Scan;
use crate::tree::Tree;

const PAGES: &str = "docs/errors/";

/// The areas that codes begin with. An area that has a page is known as well, so this list
/// only has to name those whose first page might be forgotten.
const AREAS: &[&str] = &[
    "approval",
    "chain",
    "check",
    "claim",
    "config",
    "confirm",
    "criterion",
    "dependency",
    "entry",
    "file",
    "gate",
    "identity",
    "internal",
    "key",
    "lease",
    "lint",
    "memory",
    "metric",
    "owner",
    "path",
    "plan",
    "policy",
    "request",
    "schedule",
    "session",
    "store",
    "table",
    "task",
    "text",
    "trace",
    "trust",
    "usage",
    "value",
    "verdict",
    "wait",
    "waiver",
    "weakening",
];

/// Literals that look like codes and are not.
const NOT_CODES: &[&str] = &[
    "owner/assignee",
    "owner/role",
    "owner/team",
    "plan/item",
    "task/activity",
    "text/csv",
    "text/event-stream",
    "text/html",
    "text/json",
    "text/markdown",
    "text/plain",
];

pub(super) fn error_pages(tree: &Tree, report: Report<'_>) {
    let pages: Vec<&str> = tree.files.keys().filter_map(|path| page_name(path)).collect();
    let mut codes: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (path, text) in tree.rust().filter(|(path, _)| path.starts_with("crates/") && path.contains("/src/"))
    {
        if path.ends_with("/tests.rs") || path.contains("/tests/") || path.starts_with("crates/testkit/") {
            continue;
        }
        for (line, literal) in
            Scan::of(text).product_literals().filter(|(_, literal)| is_code(literal, &pages))
        {
            codes.entry(literal.to_owned()).or_insert_with(|| (path.to_owned(), line));
        }
    }
    for (code, (path, line)) in &codes {
        let page = code.replacen('/', "-", 1);
        if !pages.contains(&&*page) {
            report(path, *line, format!("`{code}` has no page; write {PAGES}{page}.md"));
        }
    }
    for page in pages {
        // `area-what` and `area/what` differ in the first hyphen only: areas are single words.
        let code = page.replacen('-', "/", 1);
        if !codes.contains_key(&code) {
            report(&format!("{PAGES}{page}.md"), 0, format!("no source names `{code}`; drop the page"));
        }
    }
}

fn page_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(PAGES)?.strip_suffix(".md")?;
    (name.contains('-') && !name.contains('/')).then_some(name)
}

fn is_code(literal: &str, pages: &[&str]) -> bool {
    let Some((area, what)) = literal.split_once('/') else { return false };
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let shaped = !what.is_empty() && what.chars().all(is_word) && !NOT_CODES.contains(&literal);
    let has_page = |page: &&str| page.split('-').next() == Some(area);
    shaped && !what.starts_with('-') && (AREAS.contains(&area) || pages.iter().any(has_page))
}

pub(super) fn links(tree: &Tree, report: Report<'_>) {
    // Plans under examples and test data are somebody's documents, with whatever links they have.
    let is_ours = |path: &str| path.ends_with(".md") && (path.starts_with("docs/") || !path.contains('/'));
    for (path, text) in tree.files.iter().filter(|(path, _)| is_ours(path)) {
        for (place, line) in text.lines().enumerate() {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
                let outside = target.is_empty() || target.contains(':');
                if !outside && !exists(tree, &resolve(path, target)) {
                    report(path, place + 1, format!("leads to `{target}`, which does not exist"));
                }
            }
        }
    }
}

/// The path a link means, seen from the document it stands in.
fn resolve(document: &str, target: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn exists(tree: &Tree, path: &str) -> bool {
    let folder = format!("{path}/");
    path.is_empty()
        || tree.others.contains(path)
        || tree.files.keys().any(|file| file == path || file.starts_with(&folder))
}

pub(super) fn architecture(tree: &Tree, report: Report<'_>) {
    const PATH: &str = "ARCHITECTURE.md";
    let text = tree.files.get(PATH).map(String::as_str).unwrap_or_default();
    for package in &tree.packages {
        let heading = format!("### `{}`", package.folder);
        let section: Vec<&str> = text
            .lines()
            .skip_while(|line| !line.starts_with(&heading))
            .skip(1)
            .take_while(|line| !line.starts_with('#'))
            .collect();
        if !section.iter().any(|line| line.contains("**Invariant**")) {
            report(PATH, 0, format!("has no section `{heading}` with an **Invariant** line"));
        }
    }
}

pub(super) fn ci_pinned(tree: &Tree, report: Report<'_>) {
    for (path, text) in tree.files.iter().filter(|(path, _)| path.starts_with(".github/workflows/")) {
        for (place, line) in text.lines().enumerate() {
            let Some((_, action)) = line.split_once("uses:") else { continue };
            let version = action.trim().split(['#', ' ']).next().and_then(|action| action.split_once('@'));
            if !version.is_some_and(|(_, version)| is_pin(version)) {
                let message = format!("`{}` is not pinned to a full version or commit", action.trim());
                report(path, place + 1, message);
            }
        }
        let permissions = text.lines().position(|line| line.trim_end() == "permissions:");
        let granted =
            permissions.map(|at| text.lines().skip(at + 1).take_while(|line| line.starts_with(' ')));
        let read_only =
            granted.is_some_and(|mut lines| lines.all(|line| line.trim_end().ends_with(": read")));
        if !read_only || text.matches("permissions:").count() != 1 {
            report(path, 0, "does not set read-only permissions once, at the top".to_owned());
        }
    }
}

/// `v4.2.2`, or a commit's 40 hex digits.
fn is_pin(version: &str) -> bool {
    let commit = version.len() == 40 && version.chars().all(|c| c.is_ascii_hexdigit());
    let parts = version.strip_prefix('v').map(|numbers| numbers.split('.'));
    let tag = parts.is_some_and(|parts| {
        parts.clone().count() == 3 && parts.into_iter().all(|part| part.parse::<u32>().is_ok())
    });
    commit || tag
}
