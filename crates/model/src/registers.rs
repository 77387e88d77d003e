//! Registers: risks, decisions, escalations, assumptions, metrics and rebaselines. Each entry
//! keeps its history in the journal; what stands here is its latest state.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::{Actor, By};
use crate::draft::Due;
use crate::ids::{AssumptionId, DecisionId, EscalationId, Key, RiskId, TaskId};
use crate::settings::{Identity, Settings};
use crate::target::Target;

/// A risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Stable id.
    pub id: RiskId,
    /// The author's key.
    pub key: Key,
    /// What it is about.
    pub details: RiskDetails,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
    /// When it was last changed.
    pub at: Timestamp,
}

/// What a risk is about. Words are kept as the author wrote them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RiskDetails {
    /// What may happen.
    pub title: String,
    /// How likely.
    pub probability: Option<String>,
    /// How bad.
    pub impact: Option<String>,
    /// `Yellow`, `open`, `closed`.
    pub status: Option<String>,
    /// `trending Green`.
    pub trend: Option<String>,
    /// Who watches it.
    pub owner: Option<String>,
    /// What is done about it.
    pub mitigation: Option<String>,
    /// When it is raised, and to whom.
    pub escalation: Option<String>,
    /// Tasks that mitigate it.
    pub tasks: Vec<TaskId>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Stable id.
    pub id: DecisionId,
    /// What was decided.
    pub entry: EntryDetails,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
    /// Who recorded it.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// An escalation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// Stable id.
    pub id: EscalationId,
    /// What is escalated.
    pub entry: EntryDetails,
    /// The task it is about.
    pub task: Option<TaskId>,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
    /// Who recorded it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// How it ended, and when.
    pub resolved: Option<(String, Timestamp)>,
}

/// What decisions and escalations have in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntryDetails {
    /// The text.
    pub text: String,
    /// The author's key.
    pub key: Option<Key>,
    /// Who.
    pub owner: Option<String>,
    /// By when.
    pub due: Option<Due>,
    /// Whether it holds only if something else happens.
    pub conditional: bool,
    /// Who approved it, as far as the text says.
    pub approvals: Vec<String>,
}

/// An assumption or constraint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// Stable id.
    pub id: AssumptionId,
    /// The text.
    pub text: String,
    /// Whether it still holds; nothing while nobody looked.
    pub holds: Option<bool>,
    /// Line in the document; 0 where it came by a verb.
    pub line: u32,
    /// When it was last changed.
    pub at: Timestamp,
}

/// A named number with its readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What is measured.
    pub name: String,
    /// `%`, `minutes`, `warnings`.
    pub unit: Option<String>,
    /// What it must satisfy.
    pub target: Option<Target>,
    /// Where it stood before the work.
    pub baseline: Option<Reading>,
    /// What the document says it is, unverified.
    pub claimed: Option<Reading>,
    /// The last reading.
    pub last: Option<Reading>,
    /// How many readings there were.
    pub readings: u32,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The number.
    pub value: f64,
    /// A command and commit, a file, or a person.
    pub source: String,
    /// Who recorded it.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

impl Reading {
    /// The number, where it may open a gate: an agent's or the document's word is a claim, and a
    /// person's counts as far as the plan believes names.
    pub fn proof(&self, settings: &Settings) -> Option<f64> {
        let counts = match &self.by.actor {
            Actor::System => true,
            Actor::Person(_) => self.by.known.is_proven() || settings.identity != Identity::Proven,
            Actor::Agent { .. } | Actor::Document => false,
        };
        counts.then_some(self.value)
    }
}

/// A change of a date, window or estimate after adoption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rebaseline {
    /// Which task.
    pub task: TaskId,
    /// `due`, `window` or `estimate`.
    pub field: String,
    /// Before.
    pub from: Option<String>,
    /// After; empty where it was taken away.
    pub to: String,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Roles that must still approve it; in force once there is none.
    pub missing: Vec<String>,
    /// Who approved, in which role.
    pub approved: Vec<(String, By)>,
    /// The value of the first baseline, from which slip is counted.
    pub first: Option<String>,
}
