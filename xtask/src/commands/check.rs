//! `cargo xtask check`: everything that must hold before a change is worth reading.

use crate::tool::{self, Outcome, cargo, is_installed, say};
use crate::tree::top;

/// Runs the checks in order and stops at the first that fails.
pub(super) fn run(_: &[String]) -> Outcome {
    say("check: format");
    tool::run(cargo().current_dir(top()).args(["fmt", "--all", "--check"]))?;
    say("check: clippy");
    tool::run(cargo().current_dir(top()).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]))?;
    super::tidy::run(&[])?;
    if is_installed("cargo-deny") {
        say("check: licences, bans and sources");
        tool::run(cargo().current_dir(top()).args(["deny", "check", "bans", "licenses", "sources"]))?;
    } else {
        say("check: licences, bans and sources NOT checked: cargo-deny is not installed");
    }
    say("check: documentation");
    let mut doc = cargo();
    doc.current_dir(top()).env("RUSTDOCFLAGS", "--deny warnings");
    tool::run(doc.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]))
}
