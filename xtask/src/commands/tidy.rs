//! `cargo xtask tidy`: the house rules, run on the workspace as it stands.

use crate::tidy::{RULES, findings};
use crate::tool::{Outcome, say};
use crate::tree::{Tree, top};

/// Prints what breaks a rule, and fails if anything does.
pub(super) fn run(_: &[String]) -> Outcome {
    let tree = Tree::read(&top()).map_err(|error| format!("the workspace cannot be read: {error}"))?;
    let found = findings(&tree);
    found.iter().for_each(|finding| say(&finding.to_string()));
    if !found.is_empty() {
        return Err(format!("{} places break a house rule", found.len()));
    }
    say(&format!("tidy: {} rules kept in {} files", RULES.len(), tree.files.len()));
    Ok(())
}
