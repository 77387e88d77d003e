//! Figures that only ever grow: what happened how often, and how long it took. A fold of what is on
//! record, so that they are the same whoever counts and whenever they began.
//!
//! What is true at a moment (how many tickets wait, how old the oldest is) is no part of it: that is
//! asked of the plans themselves at that moment.

mod histogram;
mod runs;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::actor::Actor;
use model::delivery::DeployResult;
use model::event::Event;
use model::gate::Subject;
use model::ids::{CheckId, GateId, PlanId, TaskId};
use model::lease::LeaseEnd;
use model::review::TicketSource;

pub use histogram::Histogram;
pub use runs::Course;

use self::runs::Runs;
use crate::record::Record;

/// Bounds of what a task takes, in seconds.
pub const TASK_BOUNDS: &[f64] = &[0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];

/// Bounds of what running a check takes, in seconds.
pub const CHECK_BOUNDS: &[f64] = &[0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];

/// Bounds of what a run of continuous integration takes, in seconds; one is its budget.
pub const CI_BOUNDS: &[f64] = &[60.0, 120.0, 300.0, 600.0, 840.0, 1200.0, 1800.0, 3600.0];

/// Figures over every plan of a store.
#[derive(Debug)]
pub struct Figures {
    /// Tickets closed, by who closed them and how.
    pub closed: BTreeMap<(String, &'static str), u64>,
    /// What tasks took from being begun to their end.
    pub tasks: BTreeMap<Course, Histogram>,
    /// What guardrails decided, by decision and policy.
    pub guardrails: BTreeMap<(String, String), u64>,
    /// What checks of gates came to, by gate and verdict.
    pub verdicts: BTreeMap<(String, &'static str), u64>,
    /// Failed verdicts where no commit is on record that one could go back to.
    pub failed_without_checkpoint: u64,
    /// Leases granted.
    pub leases_taken: u64,
    /// Leases whose time was over before their work was.
    pub leases_expired: u64,
    /// What running checks took.
    pub checks: Histogram,
    /// What runs of continuous integration took, by workflow.
    pub ci_runs: BTreeMap<String, Histogram>,
    /// How runs of continuous integration ended, by workflow and result.
    pub ci_results: BTreeMap<(String, &'static str), u64>,
    /// Deployments, by environment and result.
    pub deployments: BTreeMap<(String, &'static str), u64>,
    /// Deployments taken back.
    pub rollbacks: u64,
    plans: HashMap<PlanId, Known>,
}

/// What has to be known of a plan to count what happens to it.
#[derive(Debug, Default)]
struct Known {
    runs: Runs,
    subjects: HashMap<CheckId, Subject>,
    gates: HashMap<GateId, String>,
    /// Tasks with a commit on record.
    committed: BTreeSet<TaskId>,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            closed: BTreeMap::new(),
            tasks: BTreeMap::new(),
            guardrails: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            failed_without_checkpoint: 0,
            leases_taken: 0,
            leases_expired: 0,
            checks: Histogram::new(CHECK_BOUNDS),
            ci_runs: BTreeMap::new(),
            ci_results: BTreeMap::new(),
            deployments: BTreeMap::new(),
            rollbacks: 0,
            plans: HashMap::new(),
        }
    }
}

impl Figures {
    /// Counts an event of a plan. Events come in the order of their plan's stream.
    pub fn see(&mut self, plan: PlanId, record: &Record<'_>) {
        let known = self.plans.entry(plan).or_default();
        for (course, seconds) in known.runs.see(record) {
            self.tasks.entry(course).or_insert_with(|| Histogram::new(TASK_BOUNDS)).observe(seconds);
        }
        match record.event {
            Event::GateAdded { gate, name, .. } => {
                known.gates.insert(*gate, name.clone());
            }
            Event::CheckAdded { check, subject, .. } => {
                known.subjects.insert(*check, *subject);
            }
            Event::VerdictRecorded(verdict) => {
                let subject = known.subjects.get(&verdict.check).copied();
                if verdict.outcome != model::check::Outcome::Pass && !known.can_go_back(subject) {
                    self.failed_without_checkpoint += 1;
                }
                if verdict.evidence.milliseconds > 0 {
                    self.checks.observe(verdict.evidence.milliseconds as f64 / 1000.0);
                }
                let gate = known.gate(subject);
                self.judged(gate, verdict.outcome.as_str());
            }
            Event::ApprovalGiven { check, .. } => {
                let gate = known.gate(known.subjects.get(check).copied());
                self.judged(gate, "approved");
            }
            Event::WaiverRequested { .. } => self.guarded("escalate", "waiver"),
            Event::WaiverApproved { .. } => self.guarded("allow", "waiver"),
            Event::WaiverRevoked { .. } => self.guarded("block", "waiver"),
            Event::LeaseTaken(taken) => {
                self.leases_taken += 1;
                if taken.base.is_some() {
                    known.committed.insert(taken.task);
                }
            }
            Event::WorkSubmitted(work) if work.commit.is_some() => {
                known.committed.insert(work.task);
            }
            Event::LeaseEnded { how: LeaseEnd::Expired, .. } => self.leases_expired += 1,
            Event::LeaseSilent { .. } => self.guarded("escalate", "heartbeats"),
            Event::PathTouched(touched) if touched.foreign => self.guarded("flag", "path/foreign"),
            Event::PlanHalted { .. } => self.guarded("block", "plan/halted"),
            Event::WorkReported(said) if said.name == "guardrail_triggered" => {
                let word = |name: &str| said.payload.get(name).and_then(|value| value.as_str());
                let decision = word("decision").unwrap_or("flag").to_owned();
                let policy = word("policy_id").unwrap_or("unnamed").to_owned();
                *self.guardrails.entry((decision, policy)).or_default() += 1;
            }
            Event::CiRunRecorded(run) => {
                let took = self.ci_runs.entry(run.workflow.clone());
                took.or_insert_with(|| Histogram::new(CI_BOUNDS)).observe(run.seconds);
                let result = (run.workflow.clone(), run.result.as_str());
                *self.ci_results.entry(result).or_default() += 1;
                if let Some(tests) = &run.tests {
                    self.checks.observe(tests.seconds);
                }
            }
            Event::DeploymentRecorded(deployed) => {
                let result = (deployed.environment.clone(), deployed.result.as_str());
                *self.deployments.entry(result).or_default() += 1;
                self.rollbacks += u64::from(deployed.result == DeployResult::RolledBack);
            }
            Event::TicketOpened(opened) => self.tickets(&opened.sources),
            Event::TicketJoined(joined) => self.tickets(&joined.sources),
            Event::TicketClosed { outcome, .. } => {
                let reviewer = match &record.by.actor {
                    Actor::Person(person) => person.to_string(),
                    // What the program puts aside by itself is nobody's work.
                    _ => String::new(),
                };
                *self.closed.entry((reviewer, outcome.as_str())).or_default() += 1;
            }
            _ => {}
        }
    }

    fn judged(&mut self, gate: String, verdict: &'static str) {
        *self.verdicts.entry((gate, verdict)).or_default() += 1;
    }

    fn guarded(&mut self, decision: &str, policy: &str) {
        *self.guardrails.entry((decision.to_owned(), policy.to_owned())).or_default() += 1;
    }

    fn tickets(&mut self, sources: &[TicketSource]) {
        for source in sources {
            if let TicketSource::Guardrail(code) = source {
                self.guarded("escalate", code);
            }
        }
    }
}

impl Known {
    /// What a gate is counted as: named gates by name; those of tasks and phases are too many for that.
    fn gate(&self, subject: Option<Subject>) -> String {
        match subject {
            Some(Subject::Task(_)) => "task".to_owned(),
            Some(Subject::Entrance(_)) => "entrance".to_owned(),
            Some(Subject::Exit(_)) => "exit".to_owned(),
            Some(Subject::Criteria) => "criteria".to_owned(),
            Some(Subject::Gate(gate)) => self.gates.get(&gate).cloned().unwrap_or_else(|| gate.to_string()),
            None => "unknown".to_owned(),
        }
    }

    /// Whether a commit is on record that one could go back to: the task's own, or for a gate of the plan
    /// that of any task.
    fn can_go_back(&self, subject: Option<Subject>) -> bool {
        match subject {
            Some(Subject::Task(task)) => self.committed.contains(&task),
            _ => !self.committed.is_empty(),
        }
    }
}
