//! Leases: the time-bound right of one session to work on one task. The fence rises with each
//! grant, and whoever writes under a lease shows it; a holder whose time is over and whose task was
//! given to somebody else shows an older one and is refused.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::actor::By;
use crate::digest::Digest;
use crate::ids::{Fence, LeaseId, TaskId};
use crate::paths;

/// How long a lease lasts unless the plan or the taker says otherwise, in seconds.
pub const DEFAULT_TTL_SECONDS: u32 = 15 * 60;
/// How often a holder is expected to be heard of, in seconds.
pub const DEFAULT_HEARTBEAT_SECONDS: u32 = 5 * 60;
/// After so many missed heartbeats somebody is told.
pub const DEFAULT_MISSES: u32 = 6;
/// So often a task may lose its worker before a person has to look at it.
pub const DEFAULT_STRIKES: u32 = 3;
/// The longest a lease may be asked for, in seconds: a day.
pub const LONGEST_TTL_SECONDS: u32 = 24 * 60 * 60;

/// The right to work on a task, for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// Stable id.
    pub id: LeaseId,
    /// In which role it was taken.
    pub role: Option<String>,
    /// The grant's number; every write under it shows it.
    pub fence: Fence,
    /// When it ends unless it is renewed.
    pub until: Timestamp,
    /// By how much a heartbeat renews it.
    pub ttl_seconds: u32,
    /// When the holder was last heard of.
    pub beat: Timestamp,
    /// What its holder intends to write; nothing: whatever nobody else has reserved.
    pub paths: Vec<String>,
    /// Whether others may write there too.
    pub shared: bool,
    /// The commit the work began at, where it began in git.
    pub base: Option<String>,
    /// Whether somebody was told that the holder is silent.
    pub told: bool,
}

impl Lease {
    /// Whether its time is not over.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// How many heartbeats its holder has missed.
    pub fn missed(&self, now: Timestamp, heartbeat_seconds: u32) -> u32 {
        let silent = now.duration_since(self.beat).as_secs();
        u32::try_from(silent / i64::from(heartbeat_seconds.max(1))).unwrap_or(0)
    }

    /// The moment a lease ends that is granted or renewed now.
    pub fn end(now: Timestamp, ttl_seconds: u32) -> Timestamp {
        now.checked_add(SignedDuration::from_secs(i64::from(ttl_seconds))).unwrap_or(Timestamp::MAX)
    }

    /// Whether it covers a file; a lease that names no paths covers all of the plan's folder.
    pub fn covers(&self, path: &str) -> bool {
        (self.paths.is_empty() && !paths::leads_out(path))
            || self.paths.iter().any(|pattern| paths::covers(pattern, path))
    }
}

/// How a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LeaseEnd {
    /// Its holder, or a person, gave it back.
    Released,
    /// Its time was over, and somebody else wanted the task.
    Expired,
    /// The worker failed at the task.
    Failed,
    /// The plan was halted.
    Halted,
}

impl LeaseEnd {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Halted => "halted",
        }
    }

    /// Whether it counts against the task: it lost its worker.
    pub const fn is_strike(self) -> bool {
        matches!(self, Self::Expired | Self::Failed)
    }
}

/// What is kept about the work on a task beyond its state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Effort {
    /// Paths that somebody reserved for it.
    pub reserved: Vec<String>,
    /// Whether others may write there too.
    pub shared: bool,
    /// How often it lost its worker since it was last opened.
    pub strikes: u32,
    /// What was handed in last.
    pub submission: Option<Submission>,
    /// Files that were written under its present grant, each once.
    pub touched: Vec<Touched>,
    /// What work on it has used up.
    pub used: Usage,
}

/// Work that was handed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The commit that holds it, where it was done in git.
    pub commit: Option<String>,
    /// The files it changed.
    pub touched: Vec<String>,
    /// In the worker's words.
    pub summary: String,
    /// Who.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Under which grant.
    pub fence: Fence,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// The file.
    pub path: String,
    /// Digest of what stands there now; nothing where it is gone.
    pub digest: Option<Digest>,
    /// Whether the lease did not cover it.
    pub foreign: bool,
}

/// What work uses up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of a language model.
    pub tokens: u64,
    /// Money, in millionths of the plan's currency.
    pub money_micros: u64,
    /// Wall-clock time, in seconds.
    pub seconds: u64,
}

impl Usage {
    /// Whether it is nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            money_micros: self.money_micros.saturating_add(other.money_micros),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }
}

/// What a plan's agents may use up; what is nothing has no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Tokens.
    pub tokens: Option<u64>,
    /// Money, in millionths of the plan's currency.
    pub money_micros: Option<u64>,
    /// Wall-clock time of all workers together, in seconds.
    pub seconds: Option<u64>,
}

impl Budget {
    /// What is used up, as words, where something is: `1000 of 1000 tokens`.
    pub fn spent(&self, used: Usage, allowed: Usage) -> Option<String> {
        let full = |limit: Option<u64>, more: u64, used: u64| {
            let limit = limit?.saturating_add(more);
            (used >= limit).then_some(limit)
        };
        let micros = |amount: u64| format!("{}.{:02}", amount / 1_000_000, amount % 1_000_000 / 10_000);
        if let Some(limit) = full(self.tokens, allowed.tokens, used.tokens) {
            return Some(format!("{} of {limit} tokens", used.tokens));
        }
        if let Some(limit) = full(self.money_micros, allowed.money_micros, used.money_micros) {
            return Some(format!("{} of {} in money", micros(used.money_micros), micros(limit)));
        }
        let limit = full(self.seconds, allowed.seconds, used.seconds)?;
        Some(format!("{} of {limit} seconds", used.seconds))
    }

    /// Whether putting `self` in the place of `older` lets more through.
    pub fn loosens(&self, older: &Self) -> bool {
        let more = |now: Option<u64>, before: Option<u64>| match (now, before) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(now), Some(before)) => now > before,
        };
        more(self.tokens, older.tokens)
            || more(self.money_micros, older.money_micros)
            || more(self.seconds, older.seconds)
    }
}

/// How leases are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeaseRules {
    /// How long a lease lasts, in seconds.
    pub ttl_seconds: u32,
    /// How often a holder is expected to be heard of, in seconds.
    pub heartbeat_seconds: u32,
    /// After so many missed heartbeats it is escalated.
    pub misses: u32,
    /// So often a task may lose its worker before a person has to look at it; 0: any number.
    pub strikes: u32,
}

impl Default for LeaseRules {
    fn default() -> Self {
        Self {
            ttl_seconds: DEFAULT_TTL_SECONDS,
            heartbeat_seconds: DEFAULT_HEARTBEAT_SECONDS,
            misses: DEFAULT_MISSES,
            strikes: DEFAULT_STRIKES,
        }
    }
}

impl LeaseRules {
    /// Whether putting `self` in the place of `older` lets a task lose more workers before a person
    /// has to look at it.
    pub fn loosens(&self, older: &Self) -> bool {
        older.strikes > 0 && (self.strikes == 0 || self.strikes > older.strikes)
    }
}

/// A lease was granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaseTaken {
    /// The task.
    pub task: TaskId,
    /// The lease.
    pub lease: LeaseId,
    /// The grant's number.
    pub fence: Fence,
    /// In which role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When it ends unless it is renewed.
    pub until: Timestamp,
    /// By how much a heartbeat renews it.
    pub ttl_seconds: u32,
    /// What its holder intends to write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Whether others may write there too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The commit the work began at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// Work was handed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkSubmitted {
    /// The task.
    pub task: TaskId,
    /// Under which grant.
    pub fence: Fence,
    /// The commit that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The files it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<String>,
    /// In the worker's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
}

/// Whoever works on a task said how it goes. It is their word, and changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkReported {
    /// The task.
    pub task: TaskId,
    /// `thinking`, `progress`, `tool_invoked`.
    pub name: String,
    /// Whatever belongs to it.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub payload: serde_json::Map<String, serde_json::Value>,
}

/// A file was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathTouched {
    /// The task it was written for.
    pub task: TaskId,
    /// Under which grant.
    pub fence: Fence,
    /// The file.
    pub path: String,
    /// Digest of what stands there now; nothing where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Whether the lease did not cover it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// Who had reserved it instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<TaskId>,
}

/// Work passes from one role to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOff {
    /// The task it comes out of, where it comes out of one.
    #[serde(default)]
    pub task: Option<TaskId>,
    /// From which role.
    pub from: String,
    /// To which role.
    pub to: String,
    /// What was worked from.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// What is handed on.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// By when it is needed.
    #[serde(default)]
    pub required_by: Option<Timestamp>,
    /// What the next one should know.
    #[serde(default)]
    pub text: String,
}

/// A handoff on record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handoff {
    /// What is handed on.
    pub what: HandedOff,
    /// Who.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// No new work starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Halt {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: By,
    /// Since when.
    pub at: Timestamp,
}

/// Names compared as people mean them: `Code Reviewer` is `code-reviewer`.
pub fn same_role(a: &str, b: &str) -> bool {
    crate::ids::slug(a) == crate::ids::slug(b)
}

/// Roles as a set of plain names.
pub fn plain_roles<'a>(roles: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    roles.into_iter().map(crate::ids::slug).collect()
}
