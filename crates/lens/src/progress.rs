//! How far a plan or a phase has come, told as three numbers that are never mixed: what evidence
//! or a named person countersigned, what somebody says is done, and what is open.

use model::standing::Standing;
use model::task::Task;
use serde::Serialize;

use crate::page::{Bar, Part, Tone};
use crate::words::share;

/// How far something has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Progress {
    /// All tasks that were not given up.
    pub of: usize,
    /// Countersigned, those by waiver included.
    pub verified: usize,
    /// How many of those count only because a check is waived.
    pub waived: usize,
    /// Somebody says they are done, and nothing has proven it yet.
    pub claimed: usize,
    /// How many of those evidence speaks against.
    pub refuted: usize,
    /// Neither.
    pub open: usize,
    /// How many of those somebody works on.
    pub active: usize,
    /// Given up; no part of the others.
    pub dropped: usize,
    /// The share of each with one decimal; nothing where there are no tasks.
    pub percent: Option<Percentages>,
}

/// Shares of a whole with one decimal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentages {
    /// Countersigned.
    pub verified: f64,
    /// Somebody's word.
    pub claimed: f64,
    /// Neither.
    pub open: f64,
}

impl Progress {
    /// Counts one more task.
    pub fn count(&mut self, task: &Task, standing: Standing) {
        match standing {
            Standing::Dropped => {
                self.dropped += 1;
                return;
            }
            Standing::Verified => self.verified += 1,
            Standing::Waived => {
                self.verified += 1;
                self.waived += 1;
            }
            Standing::Unproven | Standing::ClaimedWithoutEvidence => self.claimed += 1,
            Standing::Refuted => {
                self.claimed += 1;
                self.refuted += 1;
            }
            // What it rested on is gone; the word underneath, where there was one, is not.
            Standing::Lapsed if task.claim().is_some() => self.claimed += 1,
            Standing::Active => {
                self.open += 1;
                self.active += 1;
            }
            Standing::Lapsed | Standing::Ready | Standing::Blocked => self.open += 1,
        }
        self.of += 1;
        let of = |part| share(part, self.of).unwrap_or_default();
        self.percent =
            Some(Percentages { verified: of(self.verified), claimed: of(self.claimed), open: of(self.open) });
    }

    /// Drawn, and in words.
    pub fn bar(&self) -> Bar {
        let part = |tone, name, number| Part { tone, name, number };
        Bar {
            parts: vec![
                part(Tone::Good, "verified", self.verified),
                part(Tone::Warn, "claimed", self.claimed),
                part(Tone::Faint, "open", self.open),
            ],
        }
    }

    /// What the three numbers do not say: `1 verified by waiver, 2 claimed and refuted, 1 dropped`.
    pub fn besides(&self) -> String {
        let more = [
            (self.waived, "verified only by waiver"),
            (self.refuted, "claimed and refuted"),
            (self.active, "open and being worked on"),
            (self.dropped, "dropped, counted nowhere"),
        ];
        let more = more.iter().filter(|(number, _)| *number > 0);
        more.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
    }
}
