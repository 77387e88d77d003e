//! How the work gets out: runs of continuous integration, deployments and incidents, as they were told.
//! What follows from them (greens in a row, flaky runs, a budget that is exceeded) is computed here, so
//! that checks, thresholds and reports mean the same by it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::{Actor, By};
use crate::ids::Key;
use crate::settings::{Identity, Settings};

/// So many runs of a workflow are kept with the plan; earlier ones stand in the journal.
pub const MOST_RUNS: usize = 200;
/// What a run may take, in seconds: fourteen minutes.
pub const BUDGET_SECONDS: f64 = 14.0 * 60.0;
/// A run that takes so many percent more or less than the baseline is worth a look.
pub const VARIANCE_PERCENT: f64 = 20.0;
/// More flaky runs than this, in percent, are too many.
pub const FLAKE_PERCENT: f64 = 5.0;
/// The baseline is the median of so many green runs, the first there were.
pub const BASELINE_RUNS: usize = 5;
/// Of fewer runs than this nobody can say how many are flaky.
pub const FLAKE_RUNS: usize = 20;

/// How a plan's work gets out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Delivery {
    /// Workflows, as they were first heard of.
    pub workflows: Vec<Workflow>,
    /// Deployments, as they were told.
    pub deployments: Vec<Deployed>,
    /// Incidents, as they were told.
    pub incidents: Vec<Incident>,
}

/// A workflow and its latest runs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Workflow {
    /// Its name where it runs.
    pub name: String,
    /// How many runs there were.
    pub total: u64,
    /// What the first green runs took, in seconds, until there are enough for a baseline.
    pub first: Vec<f64>,
    /// The latest runs, in the order they ended.
    pub runs: Vec<Run>,
}

/// A run that was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What was told.
    pub what: CiRun,
    /// By whom.
    pub by: By,
    /// When it ended; where nobody said, when it was told.
    pub ended: Timestamp,
}

/// A run of continuous integration ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CiRun {
    /// Which workflow.
    pub workflow: String,
    /// How it ended.
    pub result: CiResult,
    /// What it took, in seconds.
    pub seconds: f64,
    /// How long it waited to begin, in seconds.
    #[serde(default)]
    pub queue_seconds: Option<f64>,
    /// Its number where it ran; the same number is one run.
    #[serde(default)]
    pub run: Option<String>,
    /// Of which commit.
    #[serde(default)]
    pub commit: Option<String>,
    /// Of which branch.
    #[serde(default)]
    pub branch: Option<String>,
    /// Where it can be looked at.
    #[serde(default)]
    pub url: Option<String>,
    /// When it ended.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// What its tests came to.
    #[serde(default)]
    pub tests: Option<Tests>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CiResult {
    /// Green.
    Success,
    /// Red.
    Failure,
    /// Neither: it was stopped, or skipped. It proves nothing and disproves nothing.
    Cancelled,
}

impl CiResult {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
        }
    }

    /// What another program's word means.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "success" | "passed" | "pass" | "green" => Self::Success,
            "failure" | "failed" | "fail" | "red" | "error" | "timed_out" | "startup_failure" => {
                Self::Failure
            }
            "cancelled" | "canceled" | "skipped" | "neutral" | "stale" | "action_required" => Self::Cancelled,
            _ => return None,
        })
    }
}

/// What the tests of a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Tests {
    /// How many there were.
    pub total: u32,
    /// How many failed.
    pub failed: u32,
    /// How many were left out.
    pub skipped: u32,
    /// How many failed first and passed when they were run again.
    #[serde(default)]
    pub flaky: u32,
    /// What they took together, in seconds.
    pub seconds: f64,
}

/// Something was deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployed {
    /// Where.
    pub environment: String,
    /// How it went.
    pub result: DeployResult,
    /// When.
    pub at: Timestamp,
    /// Which commit.
    #[serde(default)]
    pub commit: Option<String>,
    /// From when the commit was there until it was deployed, in seconds.
    #[serde(default)]
    pub lead_seconds: Option<f64>,
    /// Its number where it was done; the same number and result is told once.
    #[serde(default)]
    pub run: Option<String>,
    /// Where it can be looked at.
    #[serde(default)]
    pub url: Option<String>,
}

/// How a deployment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeployResult {
    /// It runs.
    Succeeded,
    /// It does not.
    Failed,
    /// The one before runs again.
    RolledBack,
}

impl DeployResult {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
        }
    }

    /// The one that goes by a word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "succeeded" | "success" => Self::Succeeded,
            "failed" | "failure" | "error" => Self::Failed,
            "rolled_back" | "rolled-back" | "rollback" => Self::RolledBack,
            _ => return None,
        })
    }
}

/// Something is broken for those who use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// What it is called.
    pub key: Key,
    /// What is broken.
    pub text: String,
    /// How bad it is, in the team's words.
    pub severity: Option<String>,
    /// Who told.
    pub by: By,
    /// Since when.
    pub since: Timestamp,
    /// How and when it ended.
    pub ended: Option<(String, Timestamp)>,
}

/// A line that is not to be crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Threshold {
    /// A run takes longer than its budget.
    Duration,
    /// Too many runs are flaky.
    Flakes,
}

impl Threshold {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Duration, Self::Flakes];

    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Flakes => "flakes",
        }
    }
}

/// How many runs in a row were green, the latest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streak {
    /// That many.
    pub green: u32,
    /// Whether any run was told that counts.
    pub any: bool,
}

impl Streak {
    /// That of a workflow nobody told of.
    pub const NONE: Self = Self { green: 0, any: false };
}

impl Delivery {
    /// A workflow by its name, letter case aside.
    pub fn workflow(&self, name: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// The incident of this name that has not ended.
    pub fn open_incident(&self, key: &Key) -> Option<&Incident> {
        self.incidents.iter().find(|known| known.key == *key && known.ended.is_none())
    }

    /// Keeps a run.
    pub(crate) fn add_run(&mut self, run: &CiRun, by: &By, at: Timestamp) {
        let place = self.workflows.iter().position(|known| known.name.eq_ignore_ascii_case(&run.workflow));
        let place = place.unwrap_or_else(|| {
            self.workflows.push(Workflow { name: run.workflow.clone(), ..Workflow::default() });
            self.workflows.len() - 1
        });
        self.workflows[place].add(run, by, at);
    }
}

impl Workflow {
    /// Keeps a run, in the order runs ended.
    pub(crate) fn add(&mut self, run: &CiRun, by: &By, at: Timestamp) {
        self.total += 1;
        if run.result == CiResult::Success && self.first.len() < BASELINE_RUNS {
            self.first.push(run.seconds);
        }
        let ended = run.ended.unwrap_or(at);
        let place = self.runs.partition_point(|known| known.ended <= ended);
        self.runs.insert(place, Run { what: run.clone(), by: by.clone(), ended });
        if self.runs.len() > MOST_RUNS {
            self.runs.remove(0);
        }
    }

    /// Whether a run was told before.
    pub fn knows(&self, run: &CiRun) -> bool {
        run.run.is_some() && self.runs.iter().any(|known| known.what.run == run.run)
    }

    /// The runs that came to something, the latest last.
    pub fn finished(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.runs.iter().filter(|run| run.what.result != CiResult::Cancelled)
    }

    /// How many runs in a row were green, of a branch where one is named. A run counts as far as the plan
    /// believes whoever told of it; an agent's word is no proof.
    pub fn streak(&self, branch: Option<&str>, settings: &Settings) -> Streak {
        let mut streak = Streak::NONE;
        let of_branch = |run: &&Run| branch.is_none_or(|branch| run.what.branch.as_deref() == Some(branch));
        let counts = |run: &&Run| match &run.by.actor {
            Actor::System => true,
            Actor::Person(_) => run.by.known.is_proven() || settings.identity != Identity::Proven,
            Actor::Agent { .. } | Actor::Document => false,
        };
        for run in self.finished().rev().filter(of_branch).filter(counts) {
            streak.any = true;
            if run.what.result != CiResult::Success {
                break;
            }
            streak.green += 1;
        }
        streak
    }

    /// What a run took at first: the median of the first green ones, once there were enough.
    pub fn baseline_seconds(&self) -> Option<f64> {
        (self.first.len() >= BASELINE_RUNS).then(|| median(self.first.clone())).flatten()
    }

    /// By how many percent the latest run took more than the baseline; less than nothing where it was
    /// quicker.
    pub fn variance_percent(&self) -> Option<f64> {
        let baseline = self.baseline_seconds().filter(|baseline| *baseline > 0.0)?;
        let last = self.finished().next_back()?;
        Some((last.what.seconds - baseline) / baseline * 100.0)
    }

    /// How many percent of the runs were green.
    pub fn pass_percent(&self) -> Option<f64> {
        let all = self.finished().count();
        let green = self.finished().filter(|run| run.what.result == CiResult::Success).count();
        (all > 0).then(|| green as f64 / all as f64 * 100.0)
    }

    /// How many runs were flaky: red where another run of the same commit was green, or green only after
    /// tests were run again.
    pub fn flaky(&self) -> usize {
        let mut green: BTreeMap<&str, bool> = BTreeMap::new();
        for run in self.finished() {
            if let Some(commit) = run.what.commit.as_deref() {
                *green.entry(commit).or_default() |= run.what.result == CiResult::Success;
            }
        }
        let flaky = |run: &&Run| match run.what.result {
            CiResult::Failure => run.what.commit.as_deref().is_some_and(|commit| green[commit]),
            _ => run.what.tests.is_some_and(|tests| tests.flaky > 0),
        };
        self.finished().filter(flaky).count()
    }

    /// How many percent of the runs were flaky; nothing while there are too few to say.
    pub fn flake_percent(&self) -> Option<f64> {
        let all = self.finished().count();
        (all >= FLAKE_RUNS).then(|| self.flaky() as f64 / all as f64 * 100.0)
    }

    /// Whether a line is crossed.
    pub fn is_over(&self, threshold: Threshold) -> bool {
        match threshold {
            Threshold::Duration => {
                self.finished().next_back().is_some_and(|run| run.what.seconds > BUDGET_SECONDS)
            }
            Threshold::Flakes => self.flake_percent().is_some_and(|percent| percent > FLAKE_PERCENT),
        }
    }
}

/// The number in the middle.
pub fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    if numbers.len().is_multiple_of(2) {
        return Some(f64::midpoint(*numbers.get(middle.checked_sub(1)?)?, upper));
    }
    Some(upper)
}
