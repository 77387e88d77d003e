//! The verbs, one file each. To add one: its file here, a line in [`VERBS`], and
//! `tests/it/<verb>.rs`.

mod adopt;
mod completions;
mod config;
mod explain;
mod help;
mod init;
mod man;
mod run;
mod trust;
mod verify;

use super::verb::Verb;

/// Every verb, in the order of help.
pub const VERBS: &[Verb] = &[
    adopt::VERB,
    trust::VERB,
    run::VERB,
    verify::VERB,
    init::VERB,
    config::VERB,
    explain::VERB,
    completions::VERB,
    man::VERB,
    help::VERB,
];
