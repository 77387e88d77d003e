//! Gates: the one place that decides whether something may count as proven.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thin_vec::ThinVec;

use crate::actor::{Actor, By};
use crate::check::{CheckSpec, Evidence, Outcome, Probe};
use crate::delivery::Streak;
use crate::digest::Digest;
use crate::ids::{CheckId, GateId, PersonId, PhaseId, Seq, TaskId, WaiverId};
use crate::settings::{Identity, Settings};
use crate::waiver::Waiver;

/// What a gate guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A task's completion.
    Task(TaskId),
    /// A phase's beginning.
    Entrance(PhaseId),
    /// A phase's end.
    Exit(PhaseId),
    /// The success criteria of the plan as a whole.
    Criteria,
    /// A named step: `deploy`, `release`.
    Gate(GateId),
}

/// Guards a subject: opens when each of its checks passed or is waived.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What must be proven.
    pub checks: ThinVec<Check>,
    /// Criteria that the document states without saying what would prove them.
    pub stated: ThinVec<Stated>,
}

/// A criterion without a probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// As the document has it.
    pub text: String,
    /// Its box, where it has one.
    pub checked: Option<bool>,
    /// Line it stands on.
    pub line: u32,
    /// Who left it out in a revision; it stays in force until somebody approves that.
    #[serde(default)]
    pub removed: Option<By>,
}

/// A check in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Stable id.
    pub id: CheckId,
    /// What it demands.
    pub spec: CheckSpec,
    /// Digest of the specification.
    pub digest: Digest,
    /// The criterion it proves, as the document has it.
    pub text: String,
    /// The criterion's box in the document, where it has one.
    pub checked: Option<bool>,
    /// Line it stands on; 0 for a sidecar.
    pub line: u32,
    /// What came of it last.
    pub verdict: Option<Box<Verdict>>,
    /// Who approved, for an `approval` check.
    pub approvals: ThinVec<Approval>,
    /// A revision that wants it looser or gone, waiting for approval.
    pub weakening: Option<Box<Weakening>>,
}

/// What came of running a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Pass, fail or error.
    pub outcome: Outcome,
    /// What it saw.
    pub evidence: Evidence,
    /// Digest of the specification it ran under.
    pub spec: Digest,
    /// Digest of everything it could read.
    pub inputs: Digest,
    /// The subject's attempt it belongs to.
    pub attempt: u32,
    /// Event that recorded it.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
}

/// One person's approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Who, and how known.
    pub by: By,
    /// The subject's attempt it belongs to.
    pub attempt: u32,
    /// Digest of the specification it was given for.
    pub spec: Digest,
    /// When.
    pub at: Timestamp,
}

/// Something that a revision wants looser than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loosened {
    /// A check.
    Check(CheckId),
    /// Stated criteria of a subject.
    Criteria(Subject),
    /// The plan's settings.
    Settings,
}

/// A revision that wants a check looser or gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weakening {
    /// What is to stand in its place; nothing where it is to go.
    pub to: Option<CheckSpec>,
    /// Who asked for it.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

impl Check {
    /// The last verdict, where it was reached under the specification in force.
    pub fn current_verdict(&self) -> Option<&Verdict> {
        self.verdict.as_deref().filter(|verdict| verdict.spec == self.digest)
    }
}

/// What a decision about a gate may look at.
#[derive(Clone, Copy)]
pub struct Review<'a> {
    /// The plan's settings.
    pub settings: &'a Settings,
    /// Every waiver of the plan.
    pub waivers: &'a [Waiver],
    /// Which attempt verdicts must belong to.
    pub attempt: u32,
    /// Digest of everything the checks could read now. `None`: as of when they last ran.
    pub inputs: Option<Digest>,
    /// Who claimed the subject or works on it, and so cannot approve it.
    pub claimed_by: Option<&'a Actor>,
    /// Whether all tasks a `tasks` check names are verified, and which are not.
    pub unverified: &'a dyn Fn(&[String]) -> Vec<String>,
    /// Whether a file was attached under this name.
    pub attached: &'a dyn Fn(Option<&str>) -> bool,
    /// Last recorded reading of a metric.
    pub reading: &'a dyn Fn(&str) -> Option<f64>,
    /// How many runs of a workflow, of a branch where one is named, were green in a row.
    pub streak: &'a dyn Fn(&str, Option<&str>) -> Streak,
}

/// How one check stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStanding {
    /// It passed.
    Passed {
        /// What it saw.
        summary: String,
    },
    /// A waiver stands in for it.
    Waived {
        /// Which.
        waiver: WaiverId,
        /// How long.
        until: Timestamp,
    },
    /// It failed.
    Failed {
        /// What it saw.
        summary: String,
    },
    /// It could not run.
    Error {
        /// Why.
        summary: String,
    },
    /// It has not run for this specification, attempt and inputs.
    Pending {
        /// What is missing.
        summary: String,
    },
}

impl CheckStanding {
    /// Whether it lets the gate open.
    pub fn opens(&self) -> bool {
        matches!(self, Self::Passed { .. } | Self::Waived { .. })
    }

    /// `pass`, `waived`, `fail`, `error` or `pending`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed { .. } => "pass",
            Self::Waived { .. } => "waived",
            Self::Failed { .. } => "fail",
            Self::Error { .. } => "error",
            Self::Pending { .. } => "pending",
        }
    }

    /// What there is to say about it.
    pub fn summary(&self) -> String {
        match self {
            Self::Passed { summary }
            | Self::Failed { summary }
            | Self::Error { summary }
            | Self::Pending { summary } => summary.clone(),
            Self::Waived { until, .. } => format!("waived until {until}"),
        }
    }
}

/// Why one check counts: part of the basis of a verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// A verdict, by the event that recorded it.
    Passed(Seq),
    /// A waiver.
    Waived(WaiverId),
    /// People.
    Approved(Vec<PersonId>),
    /// The plan's own state: tasks verified, a reading recorded, a file attached.
    Recorded,
}

/// On what a verification rests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// Each check with its ground.
    pub grounds: Vec<(CheckId, Ground)>,
    /// The person who countersigned a task that has no checks.
    pub signed_off: Option<PersonId>,
}

impl Basis {
    /// Whether some check was waived.
    pub fn is_waived(&self) -> bool {
        self.grounds.iter().any(|(_, ground)| matches!(ground, Ground::Waived(_)))
    }
}

/// The proof that a gate is open. Only [`Gate::clearance`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Clearance {
    basis: Basis,
}

impl Clearance {
    /// On what it rests.
    pub fn into_basis(self) -> Basis {
        self.basis
    }
}

/// Why a gate is shut: each check that does not let it open.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmet {
    /// Check and how it stands.
    pub checks: Vec<(CheckId, CheckStanding)>,
    /// How many checks the gate has.
    pub of: usize,
}

impl Gate {
    /// Decides whether the gate opens. This is the only function that does: every route calls it.
    ///
    /// A gate without checks proves nothing and stays shut; a person may sign such a task off
    /// (`sign_off`), which the basis then names.
    pub fn clearance(
        &self,
        review: &Review<'_>,
        now: Timestamp,
        sign_off: Option<&PersonId>,
    ) -> Result<Clearance, Unmet> {
        let mut basis = Basis::default();
        let mut unmet = Vec::new();
        for check in &self.checks {
            let standing = check.standing(review, now);
            match check.ground(&standing, review) {
                Some(ground) => basis.grounds.push((check.id, ground)),
                None => unmet.push((check.id, standing)),
            }
        }
        if self.checks.is_empty() {
            match sign_off {
                Some(person) => basis.signed_off = Some(person.clone()),
                None => return Err(Unmet { checks: Vec::new(), of: 0 }),
            }
        }
        if unmet.is_empty() {
            Ok(Clearance { basis })
        } else {
            Err(Unmet { checks: unmet, of: self.checks.len() })
        }
    }

    /// The check with this id.
    pub fn check(&self, id: CheckId) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }
}

impl Check {
    /// How the check stands now: its own result, else a waiver that is in force.
    pub fn standing(&self, review: &Review<'_>, now: Timestamp) -> CheckStanding {
        let own = self.own_standing(review);
        if own.opens() {
            return own;
        }
        let waiver = review.waivers.iter().find(|waiver| {
            waiver.check == self.id
                && waiver.is_in_force(now)
                && waiver.spec == self.digest
                && !review.settings.never_waives(&self.spec.name)
                && (waiver.is_proven() || review.settings.identity != Identity::Proven)
        });
        match waiver {
            Some(waiver) => CheckStanding::Waived { waiver: waiver.id, until: waiver.until },
            None => own,
        }
    }

    fn ground(&self, standing: &CheckStanding, review: &Review<'_>) -> Option<Ground> {
        match standing {
            CheckStanding::Waived { waiver, .. } => Some(Ground::Waived(*waiver)),
            CheckStanding::Passed { .. } => Some(match &self.spec.probe {
                Probe::Approval { .. } => {
                    Ground::Approved(self.approvers(review).into_iter().cloned().collect())
                }
                _ => match self.current_verdict() {
                    Some(verdict) => Ground::Passed(verdict.seq),
                    None => Ground::Recorded,
                },
            }),
            _ => None,
        }
    }

    fn own_standing(&self, review: &Review<'_>) -> CheckStanding {
        match &self.spec.probe {
            Probe::Check { .. } | Probe::File { .. } | Probe::Metric { command: Some(_), .. } => {
                self.verdict_standing(review)
            }
            Probe::Metric { name, target, command: None } => match (review.reading)(name) {
                None => CheckStanding::Pending { summary: format!("{name} has no reading, target {target}") },
                Some(value) if target.met_by(value) => {
                    CheckStanding::Passed { summary: format!("{name} is {value}, target {target}") }
                }
                Some(value) => {
                    CheckStanding::Failed { summary: format!("{name} is {value}, target {target}") }
                }
            },
            Probe::Tasks { of } => {
                let open = (review.unverified)(of);
                if open.is_empty() {
                    CheckStanding::Passed { summary: format!("{} verified", of.join(", ")) }
                } else {
                    CheckStanding::Failed { summary: format!("not verified: {}", open.join(", ")) }
                }
            }
            Probe::Approval { role, quorum } => {
                let given = self.approvers(review).len();
                if given >= *quorum as usize && *quorum > 0 {
                    CheckStanding::Passed { summary: format!("approved for {role} by {given}") }
                } else {
                    CheckStanding::Pending { summary: format!("{given} of {quorum} approvals for {role}") }
                }
            }
            Probe::Attachment { name } => {
                let what = name.as_deref().unwrap_or("a file");
                if (review.attached)(name.as_deref()) {
                    CheckStanding::Passed { summary: format!("{what} is attached") }
                } else {
                    CheckStanding::Pending { summary: format!("{what} is not attached") }
                }
            }
            Probe::Ci { workflow, branch, consecutive } => {
                let Streak { green, any } = (review.streak)(workflow, branch.as_deref());
                let of = branch.as_ref().map_or_else(String::new, |branch| format!(" of `{branch}`"));
                let summary = format!("{green} of {consecutive} green runs of {workflow}{of} in a row");
                match (any, *consecutive > 0 && green >= *consecutive) {
                    (_, true) => CheckStanding::Passed { summary },
                    (true, false) if green == 0 => {
                        CheckStanding::Failed { summary: format!("the last run of {workflow}{of} failed") }
                    }
                    (true, false) => CheckStanding::Pending { summary },
                    (false, false) => {
                        CheckStanding::Pending { summary: format!("no run of {workflow}{of} is on record") }
                    }
                }
            }
            Probe::Unknown { kind, .. } => {
                CheckStanding::Error { summary: format!("there is no kind of check called `{kind}`") }
            }
        }
    }

    fn verdict_standing(&self, review: &Review<'_>) -> CheckStanding {
        let Some(verdict) = self.verdict.as_deref() else {
            return CheckStanding::Pending { summary: "has not run".to_owned() };
        };
        if verdict.spec != self.digest {
            return CheckStanding::Pending { summary: "has not run since it was changed".to_owned() };
        }
        if verdict.attempt != review.attempt {
            return CheckStanding::Pending { summary: "has not run in this attempt".to_owned() };
        }
        if review.inputs.is_some_and(|inputs| inputs != verdict.inputs) {
            return CheckStanding::Pending { summary: "files have changed since it ran".to_owned() };
        }
        let summary = verdict.evidence.summary.clone();
        match verdict.outcome {
            Outcome::Pass => CheckStanding::Passed { summary },
            Outcome::Fail => CheckStanding::Failed { summary },
            Outcome::Error => CheckStanding::Error { summary },
        }
    }

    /// The different people whose approvals count: for this specification and attempt, not by who
    /// claimed the subject (unless the plan is one person's), proven where the plan asks for it.
    pub fn approvers<'a>(&'a self, review: &Review<'_>) -> Vec<&'a PersonId> {
        let mut people: Vec<&PersonId> = self
            .approvals
            .iter()
            .filter(|approval| approval.spec == self.digest && approval.attempt == review.attempt)
            .filter(|approval| approval.by.known.is_proven() || review.settings.identity != Identity::Proven)
            .filter(|approval| review.settings.solo || review.claimed_by != Some(&approval.by.actor))
            .filter_map(|approval| approval.by.actor.person())
            .collect();
        people.sort();
        people.dedup();
        people
    }
}
