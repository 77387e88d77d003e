//! The verbs, one file each. To add one: its file here, a line in [`VERBS`], and
//! `tests/it/<verb>.rs`.

mod completions;
mod config;
mod explain;
mod help;
mod man;

use super::verb::Verb;

/// Every verb, in the order of help.
pub const VERBS: &[Verb] = &[config::VERB, explain::VERB, completions::VERB, man::VERB, help::VERB];
