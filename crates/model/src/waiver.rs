//! Waivers: a person's recorded exception for one check, with an end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::By;
use crate::digest::Digest;
use crate::gate::Subject;
use crate::ids::{CheckId, TaskId, WaiverId};

/// A recorded exception for one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiver {
    /// Stable id.
    pub id: WaiverId,
    /// The check it stands in for; one that nothing has where it is for a need.
    pub check: CheckId,
    /// What that check guards, or what has the need.
    pub subject: Subject,
    /// Digest of the specification it was asked for: a changed check is not waived.
    pub spec: Digest,
    /// Why.
    pub reason: String,
    /// Until when, this moment excluded.
    pub until: Timestamp,
    /// Who asked for it.
    pub requested_by: By,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Who approved it, and when.
    pub approved: Option<(By, Timestamp)>,
    /// Who took it back, and when.
    pub revoked: Option<(By, Timestamp)>,
}

/// Where a waiver is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaiverState {
    /// Asked for.
    Requested,
    /// In force.
    Approved,
    /// Its time is over.
    Lapsed,
    /// Taken back.
    Revoked,
}

/// What a waiver of a need carries in the place of a check's specification.
pub fn need_digest(need: TaskId) -> Digest {
    Digest::framed([b"need.v1".as_slice(), &need.bits().to_be_bytes()])
}

impl Waiver {
    /// Whether it lets `task` go ahead before `need` is done, rather than a check go unproven.
    pub fn is_of_need(&self, task: TaskId, need: TaskId) -> bool {
        self.subject == Subject::Task(task) && self.spec == need_digest(need)
    }

    /// Where it is in its life.
    pub fn state(&self, now: Timestamp) -> WaiverState {
        if self.revoked.is_some() {
            WaiverState::Revoked
        } else if now >= self.until {
            WaiverState::Lapsed
        } else if self.approved.is_some() {
            WaiverState::Approved
        } else {
            WaiverState::Requested
        }
    }

    /// Whether it is approved, not taken back, and its time is not over.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.state(now) == WaiverState::Approved
    }

    /// Whether its approver's identity was proven.
    pub fn is_proven(&self) -> bool {
        self.approved.as_ref().is_some_and(|(by, _)| by.known.is_proven())
    }

    /// Whole days left, rounded up; zero once it has lapsed.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        let seconds = self.until.as_second().saturating_sub(now.as_second());
        if seconds <= 0 { 0 } else { (seconds + 86_399) / 86_400 }
    }
}
