//! Rules about dependencies: between our crates, and on others'.

use super::Report;
use crate::tree::{Package, Tree};

/// Our crates and which of ours they may use, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("schedule", &["model"]),
    ("formats", &["model", "schedule"]),
    ("lens", &["model", "schedule"]),
    ("journal", &["model"]),
    ("policy", &["model"]),
    ("engine", &["model", "schedule", "formats", "lens", "journal", "policy"]),
    ("app", &["model", "schedule", "formats", "lens", "journal", "policy", "engine"]),
    ("testkit", &["model", "schedule", "formats", "lens", "journal", "engine"]),
    ("xtask", &["model", "schedule", "formats", "testkit"]),
];

/// The pure crates and the third-party crates each may use; a name more is a decision to be
/// told in the commit that makes it.
const GUESTS: &[(&str, &[&str])] = &[
    ("model", &["jiff", "postcard", "serde", "serde_json", "sha2", "smol_str", "thin-vec"]),
    ("schedule", &["jiff"]),
    (
        "formats",
        &[
            "annotate-snippets",
            "jiff",
            "jsonc-parser",
            "memchr",
            "pulldown-cmark",
            "quick-xml",
            "regex",
            "serde",
            "serde_json",
            "strsim",
            "thin-vec",
            "toml_edit",
            "unicode-width",
        ],
    ),
    ("lens", &["jiff", "serde", "serde_json"]),
];

/// How many packages Cargo.lock may name. Set about fifteen above what it held when this rule
/// was last raised (for OpenTelemetry behind the feature `otel`, of whose crates a usual build has none;
/// before that for checking envelopes against their schema in tests, jsonschema, and for Socket.IO,
/// socketioxide), so that a handful of small crates passes and a framework does not. Raise it on purpose
/// only, and say in the commit what was bought with it.
pub(super) const LOCK_CAP: usize = 332;

/// What each pure crate's `clippy.toml` must forbid, as clippy spells it.
const FORBIDDEN_BY_CLIPPY: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "std::fs::read",
    "std::fs::read_to_string",
    "std::fs::write",
    "std::process::Command::new",
    "std::env::var",
    "std::hash::RandomState::new",
    "std::thread::spawn",
    "std::fs::File",
];

/// Whether the crate takes values and returns values, nothing else.
pub(super) fn is_pure(name: &str) -> bool {
    GUESTS.iter().any(|(pure, _)| *pure == name)
}

fn manifest(package: &Package) -> String {
    format!("{}/Cargo.toml", package.folder)
}

pub(super) fn layers(tree: &Tree, report: Report<'_>) {
    for package in &tree.packages {
        let Some((name, below)) = LAYERS.iter().find(|(name, _)| *name == package.name) else {
            report(&manifest(package), 0, format!("`{}` has no place in the layers", package.name));
            continue;
        };
        for need in package.needs.iter().filter(|need| need.ours) {
            // A crate may name itself among its dev-dependencies, to switch features on.
            let in_tests = need.dev && (need.name == "testkit" || need.name == *name);
            if !below.contains(&&*need.name) && !in_tests {
                let allowed = if below.is_empty() { "none of ours".to_owned() } else { below.join(", ") };
                let message = format!("`{name}` must not use `{}`; it may use {allowed}", need.name);
                report(&manifest(package), 0, message);
            }
        }
    }
}

pub(super) fn guests(tree: &Tree, report: Report<'_>) {
    for package in &tree.packages {
        let Some((name, list)) = GUESTS.iter().find(|(name, _)| *name == package.name) else { continue };
        for need in package.needs.iter().filter(|need| !need.ours && !need.dev) {
            if !list.contains(&&*need.name) {
                let message =
                    format!("`{name}` is pure and `{}` is not on its list in tidy/layers.rs", need.name);
                report(&manifest(package), 0, message);
            }
        }
    }
}

pub(super) fn lock_cap(tree: &Tree, report: Report<'_>) {
    let lock = tree.files.get("Cargo.lock").map(String::as_str).unwrap_or_default();
    let count = lock.lines().filter(|line| *line == "[[package]]").count();
    if count > LOCK_CAP {
        let message = format!("{count} packages, the cap is {LOCK_CAP}; drop some or raise it on purpose");
        report("Cargo.lock", 0, message);
    }
    if count == 0 {
        report("Cargo.lock", 0, "is missing or names no package; commit it".to_owned());
    }
}

/// Keeps the `[bans]` and `[sources]` of deny.toml where cargo-deny is not installed.
pub(super) fn lock_bans(tree: &Tree, report: Report<'_>) {
    const SOURCE: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let text = |path: &str| tree.files.get(path).map(String::as_str).unwrap_or_default();
    let banned: Vec<&str> = text("deny.toml").lines().filter_map(banned_crate).collect();
    if banned.is_empty() {
        report("deny.toml", 0, "bans no crate, so nothing keeps them out".to_owned());
    }
    for (place, line) in text("Cargo.lock").lines().enumerate() {
        let name = line.strip_prefix("name = \"").and_then(|name| name.strip_suffix('"'));
        if let Some(name) = name.filter(|name| banned.contains(name)) {
            report("Cargo.lock", place + 1, format!("`{name}` is banned in deny.toml"));
        }
        if line.starts_with("source = ") && line != SOURCE {
            report("Cargo.lock", place + 1, format!("`{line}` is not crates.io"));
        }
    }
}

/// `{ crate = "name", reason = … },` as deny.toml lists what it bans.
fn banned_crate(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("{ crate = \"")?.split('"').next()
}

pub(super) fn pure_lints(tree: &Tree, report: Report<'_>) {
    for package in tree.packages.iter().filter(|package| is_pure(&package.name)) {
        let path = format!("{}/clippy.toml", package.folder);
        let Some(text) = tree.files.get(&path) else {
            report(&path, 0, format!("`{}` is pure and needs a clippy.toml", package.name));
            continue;
        };
        for forbidden in FORBIDDEN_BY_CLIPPY {
            let entry = format!("path = \"{forbidden}\"");
            let line = text.lines().find(|line| line.contains(&entry) && !line.trim_start().starts_with('#'));
            match line {
                None => report(&path, 0, format!("does not forbid `{forbidden}`")),
                Some(line) if !line.contains("reason = ") => {
                    report(&path, 0, format!("forbids `{forbidden}` without a reason"));
                }
                Some(_) => {}
            }
        }
    }
}
