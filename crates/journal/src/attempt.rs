//! Attempts: commands that were refused. They changed nothing, so they are no part of history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::actor::By;
use model::ids::PlanId;

/// A refused command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// On which plan, where it was about one.
    pub plan: Option<PlanId>,
    /// Who tried, and how known.
    pub by: By,
    /// What: the command's name.
    pub command: String,
    /// The refusal's code: `dependency/unmet`.
    pub code: String,
    /// The refusal's sentence.
    pub message: String,
}

/// How often commands were refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusals {
    /// Number of the last one counted.
    pub last: u64,
    /// How many, by code.
    pub by_code: BTreeMap<String, u64>,
}
