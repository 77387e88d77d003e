//! What some events carry: more than a field or two, so each has a shape of its own.

use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use super::is_default;
use crate::check::{Evidence, Outcome};
use crate::digest::Digest;
use crate::draft::TaskKind;
use crate::facts::Facts;
use crate::ids::{CheckId, Key, PhaseId, TaskId};
use crate::task::Assertion;

/// A task was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskAdded {
    /// The task.
    pub task: TaskId,
    /// The author's key.
    pub key: Key,
    /// What kind of work.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: TaskKind,
    /// One line.
    pub title: String,
    /// The first phase that lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<PhaseId>,
    /// The task it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<TaskId>,
    /// What must be done first.
    #[serde(default, skip_serializing_if = "ThinVec::is_empty")]
    pub needs: ThinVec<TaskId>,
    /// What the document says besides.
    #[serde(default, skip_serializing_if = "is_default")]
    pub facts: Facts,
    /// What the document says about its state.
    #[serde(default, skip_serializing_if = "is_default")]
    pub asserted: Assertion,
    /// Whether the document is another tool's file: then what it calls done is an imported claim.
    #[serde(default, skip_serializing_if = "is_default")]
    pub imported: bool,
    /// Line in its document.
    pub line: u32,
}

/// What the document says about a task changed; only the fields that did are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskChanged {
    /// The task.
    pub task: TaskId,
    /// Its new key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// Its new title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its new kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TaskKind>,
    /// Its new phase; the inner nothing: in none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "option_of_option")]
    pub phase: Option<Option<PhaseId>>,
    /// The task it is part of now; the inner nothing: of none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "option_of_option")]
    pub parent: Option<Option<TaskId>>,
    /// All of its needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Vec<TaskId>>,
    /// All of its facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// Its new line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl TaskChanged {
    /// A change of nothing yet.
    pub fn new(task: TaskId) -> Self {
        Self {
            task,
            key: None,
            title: None,
            kind: None,
            phase: None,
            parent: None,
            needs: None,
            facts: None,
            line: None,
        }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::new(self.task)
    }
}

/// A check was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerdictRecorded {
    /// The check.
    pub check: CheckId,
    /// Which attempt of its subject.
    pub attempt: u32,
    /// Digest of the specification it ran under.
    pub spec: Digest,
    /// Digest of everything it could read.
    pub inputs: Digest,
    /// Pass, fail or error.
    pub outcome: Outcome,
    /// What it saw.
    pub evidence: Evidence,
}

/// Tells "not mentioned" from "mentioned as nothing": the former is absent, the latter `null`.
mod option_of_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::<T>::deserialize(deserializer).map(Some)
    }
}
