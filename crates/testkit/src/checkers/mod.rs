//! Judges a history by its log alone: a second, deliberately plain telling of the rules, so that a
//! mistake in the model's own telling is seen. Uses the model's types and none of its decisions.
//!
//! A [`Ledger`] takes one entry after the other and says which rule the entry broke. Start reading
//! at [`Ledger::take`]; [`proof`] says what proves a check, [`keeping`] which events were allowed,
//! [`leases`] who may work on what, [`reviews`] who answers what. The store's own stream has a [`CommonLedger`].

mod commons;
mod keeping;
mod leases;
mod proof;
mod reviews;

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::check::{CheckSpec, Outcome};
use model::delivery::CiRun;
use model::digest::Digest;
use model::draft::Stated as StatedState;
use model::event::{Event, Recorded};
use model::facts::Facts;
use model::gate::{Loosened, Stated, Subject};
use model::ids::{CheckId, Key, PhaseId, Seq, TaskId, WaiverId};
use model::settings::{Settings, Trust};
use model::target::Target;
use model::task::{Assertion, ClaimHow};
use model::waiver::need_digest;

pub use commons::CommonLedger;

/// One line of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in its stream.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: By,
    /// The command that led to it.
    pub command: String,
    /// What happened.
    pub event: Event,
}

impl From<&Recorded> for Entry {
    fn from(recorded: &Recorded) -> Self {
        let Recorded { seq, at, by, cause, event, .. } = recorded.clone();
        Self { seq, at, by, command: cause.command, event }
    }
}

/// What a log says so far.
#[derive(Debug, Default)]
pub struct Ledger {
    seq: u64,
    revision: u32,
    settings: Settings,
    proposed: Option<(Settings, Actor)>,
    tasks: BTreeMap<TaskId, TaskLine>,
    phases: BTreeMap<PhaseId, Key>,
    checks: BTreeMap<CheckId, CheckLine>,
    stated: BTreeMap<Subject, Vec<Stated>>,
    waivers: BTreeMap<WaiverId, WaiverLine>,
    readings: BTreeMap<String, (f64, By)>,
    /// Runs of continuous integration, with who told and when.
    runs: Vec<(CiRun, By, Timestamp)>,
    targets: BTreeMap<String, Target>,
    rebaselines: Vec<RebaselineLine>,
    work: leases::Work,
    queue: reviews::Queue,
}

#[derive(Debug, Clone)]
struct TaskLine {
    key: Key,
    phase: Option<PhaseId>,
    needs: Vec<TaskId>,
    attempt: u32,
    fence: u64,
    facts: Facts,
    state: State,
    attached: Vec<(String, u32)>,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Open,
    Active(Actor),
    Claimed(Actor, ClaimHow),
    Verified { signed: bool, claimed_by: Option<Actor> },
    Dropped,
}

#[derive(Debug, Clone)]
struct CheckLine {
    subject: Subject,
    spec: CheckSpec,
    verdict: Option<VerdictLine>,
    approvals: Vec<(By, u32, Digest)>,
    weakening: Option<(Option<CheckSpec>, Actor)>,
}

#[derive(Debug, Clone, Copy)]
struct VerdictLine {
    seq: Seq,
    attempt: u32,
    spec: Digest,
    outcome: Outcome,
}

#[derive(Debug, Clone)]
struct WaiverLine {
    check: CheckId,
    /// The task and what it need not wait for, where the waiver is for a need.
    of_need: Option<(TaskId, TaskId)>,
    spec: Digest,
    until: Timestamp,
    asked_by: Actor,
    granted: Option<By>,
    revoked: bool,
}

#[derive(Debug, Clone)]
struct RebaselineLine {
    task: TaskId,
    field: String,
    asked_by: Actor,
    missing: Vec<String>,
}

impl Ledger {
    /// Takes the next entry in, and says which rule it broke.
    pub fn take(&mut self, entry: &Entry) -> Result<(), String> {
        let judged = self.judge(entry);
        self.seq += 1;
        self.fold(entry);
        judged.map_err(|rule| {
            format!("event {} `{}` by {}: {rule}", self.seq, entry.event.kind(), entry.by.actor)
        })
    }

    /// Every check in force with its subject.
    pub fn subjects(&self) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self.checks.values().map(|check| check.subject).collect();
        subjects.sort();
        subjects.dedup();
        subjects
    }

    /// The tasks that were not given up.
    pub fn live_tasks(&self) -> impl Iterator<Item = TaskId> {
        self.tasks.iter().filter(|(_, task)| task.state != State::Dropped).map(|(id, _)| *id)
    }

    fn attempt(&self, subject: Subject) -> u32 {
        match subject {
            Subject::Task(id) => self.tasks.get(&id).map_or(1, |task| task.attempt),
            _ => 1,
        }
    }

    fn fold(&mut self, entry: &Entry) {
        let by = &entry.by;
        match &entry.event {
            Event::PlanAdopted { settings, .. } => {
                self.settings = (**settings).clone();
                self.revision = 1;
            }
            Event::PlanRevised { revision, .. } => self.revision = revision.0,
            Event::SettingsChanged { settings } => {
                self.settings = (**settings).clone();
                self.proposed = None;
            }
            Event::SettingsProposed { settings } => {
                self.proposed = Some(((**settings).clone(), by.actor.clone()));
            }
            Event::PhaseAdded { phase, key, .. } => {
                self.phases.insert(*phase, key.clone());
            }
            Event::PhaseRemoved { phase } => {
                self.phases.remove(phase);
                self.checks.retain(|_, check| {
                    check.subject != Subject::Entrance(*phase) && check.subject != Subject::Exit(*phase)
                });
            }
            Event::MetricDefined { name, target: Some(target), .. } => {
                self.targets.insert(name.to_lowercase(), target.clone());
            }
            Event::ReadingRecorded { name, value, role: None, .. } => {
                self.readings.insert(name.to_lowercase(), (*value, by.clone()));
            }
            Event::CiRunRecorded(run) => self.runs.push(((**run).clone(), by.clone(), entry.at)),
            Event::RebaselineRequested { task, field, missing, .. } => {
                self.rebaselines.push(RebaselineLine {
                    task: *task,
                    field: field.clone(),
                    asked_by: by.actor.clone(),
                    missing: missing.clone(),
                });
            }
            Event::RebaselineApproved { rebaseline, role } => {
                if let Some(line) = self.rebaselines.get_mut(*rebaseline as usize) {
                    line.missing.retain(|missing| missing != role);
                }
            }
            Event::CriteriaStated { subject, stated } => {
                self.stated.insert(*subject, stated.to_vec());
            }
            other => {
                self.fold_check(other, by);
                self.fold_task(other, by, entry.at);
            }
        }
        self.fold_work(entry);
        self.fold_reviews(&entry.event);
    }

    fn fold_check(&mut self, event: &Event, by: &By) {
        match event {
            Event::CheckAdded { check, subject, spec, .. } => {
                let (subject, spec) = (*subject, spec.clone());
                let line = CheckLine { subject, spec, verdict: None, approvals: Vec::new(), weakening: None };
                self.checks.insert(*check, line);
            }
            Event::CheckChanged { check, spec, .. } => {
                if let Some(line) = self.checks.get_mut(check) {
                    line.spec = spec.clone();
                }
            }
            Event::WeakeningProposed { check, to } => {
                if let Some(line) = self.checks.get_mut(check) {
                    line.weakening = Some((to.clone(), by.actor.clone()));
                }
            }
            Event::WeakeningWithdrawn { check } => {
                if let Some(line) = self.checks.get_mut(check) {
                    line.weakening = None;
                }
            }
            Event::WeakeningApproved { loosened } => self.loosen(*loosened),
            Event::VerdictRecorded(verdict) => {
                let seq = Seq(self.seq);
                if let Some(line) = self.checks.get_mut(&verdict.check) {
                    let (attempt, spec, outcome) = (verdict.attempt, verdict.spec, verdict.outcome);
                    line.verdict = Some(VerdictLine { seq, attempt, spec, outcome });
                }
            }
            Event::ApprovalGiven { check, attempt, spec, .. } => {
                if let Some(line) = self.checks.get_mut(check) {
                    line.approvals.push((by.clone(), *attempt, *spec));
                }
            }
            Event::WaiverRequested { waiver, check, subject, spec, until, .. } => {
                let line = WaiverLine {
                    of_need: self.need_of(*subject, *spec),
                    check: *check,
                    spec: *spec,
                    until: *until,
                    asked_by: by.actor.clone(),
                    granted: None,
                    revoked: false,
                };
                self.waivers.insert(*waiver, line);
            }
            Event::WaiverApproved { waiver } => {
                if let Some(line) = self.waivers.get_mut(waiver) {
                    line.granted = Some(by.clone());
                }
            }
            Event::WaiverRevoked { waiver, .. } => {
                if let Some(line) = self.waivers.get_mut(waiver) {
                    line.revoked = true;
                }
            }
            _ => {}
        }
    }

    /// The task and its need that a waiver's digest means, where it means one.
    fn need_of(&self, subject: Subject, spec: Digest) -> Option<(TaskId, TaskId)> {
        let Subject::Task(task) = subject else { return None };
        let mut needs = self.tasks.get(&task)?.needs.iter();
        needs.find(|need| need_digest(**need) == spec).map(|need| (task, *need))
    }

    fn loosen(&mut self, loosened: Loosened) {
        match loosened {
            Loosened::Check(id) => match self.checks.get(&id).and_then(|line| line.weakening.clone()) {
                Some((Some(spec), _)) => {
                    if let Some(line) = self.checks.get_mut(&id) {
                        line.spec = spec;
                        line.weakening = None;
                    }
                }
                Some((None, _)) => {
                    self.checks.remove(&id);
                }
                None => {}
            },
            Loosened::Criteria(subject) => {
                if let Some(stated) = self.stated.get_mut(&subject) {
                    stated.retain(|stated| stated.removed.is_none());
                }
            }
            Loosened::Settings => {
                if let Some((settings, _)) = self.proposed.take() {
                    self.settings = settings;
                }
            }
        }
    }

    fn fold_task(&mut self, event: &Event, by: &By, at: Timestamp) {
        if let Event::TaskAdded(added) = event {
            let mut task = TaskLine {
                key: added.key.clone(),
                phase: added.phase,
                needs: added.needs.to_vec(),
                attempt: 1,
                fence: 0,
                facts: added.facts.clone(),
                state: State::Open,
                attached: Vec::new(),
            };
            task.hear(&added.asserted, false);
            self.tasks.insert(added.task, task);
            return;
        }
        let held = task_of(event).is_some_and(|id| self.is_held(id, at));
        let counts = self.settings.trust == Trust::Document;
        let Some(task) = task_of(event).and_then(|id| self.tasks.get_mut(&id)) else { return };
        match event {
            Event::TaskChanged(changed) => task.change(changed),
            // Nobody loses a task they hold to a word in a document.
            Event::TaskAsserted { asserted, .. } if !held => task.hear(asserted, counts),
            Event::LeaseTaken(taken) => {
                task.fence = taken.fence.0;
                task.state = State::Active(by.actor.clone());
            }
            Event::LeaseEnded { .. } => task.state = State::Open,
            Event::TaskStarted { fence, .. } => {
                task.fence = fence.0;
                task.state = State::Active(by.actor.clone());
            }
            Event::TaskClaimed { how, .. } => task.state = State::Claimed(by.actor.clone(), *how),
            Event::ClaimWithdrawn { .. } => task.state = State::Open,
            Event::TaskVerified { basis, .. } => {
                let claimed_by = task.claimer().cloned();
                task.state = State::Verified { signed: basis.signed_off.is_some(), claimed_by };
            }
            Event::TaskReopened { attempt, .. } => {
                task.attempt = *attempt;
                task.state = State::Open;
            }
            Event::TaskDropped { .. } => task.state = State::Dropped,
            Event::FileAttached { name, .. } => task.attached.push((name.clone(), task.attempt)),
            Event::NeedsChanged { needs, .. } => task.needs = needs.to_vec(),
            Event::FactsChanged { put, clear, .. } => {
                clear.iter().for_each(|fact| task.facts.clear(fact));
                put.iter().for_each(|fact| task.facts.put(fact.clone()));
            }
            _ => {}
        }
    }
}

impl TaskLine {
    /// Who says it is done.
    fn claimer(&self) -> Option<&Actor> {
        match &self.state {
            State::Claimed(actor, _) => Some(actor),
            State::Verified { claimed_by, .. } => claimed_by.as_ref(),
            _ => None,
        }
    }

    /// Who says it is done, or works on it.
    fn worker(&self) -> Option<&Actor> {
        match &self.state {
            State::Active(actor) => Some(actor),
            _ => self.claimer(),
        }
    }

    fn change(&mut self, changed: &model::event::TaskChanged) {
        if let Some(key) = &changed.key {
            self.key = key.clone();
        }
        if let Some(phase) = changed.phase {
            self.phase = phase;
        }
        if let Some(needs) = &changed.needs {
            self.needs = needs.clone();
        }
        if let Some(facts) = &changed.facts {
            self.facts = facts.clone();
        }
    }

    /// The document's word: a claim of the document's own, or taken back again. Where the plan lives
    /// by its document (`counts`) that goes for what others said, too.
    fn hear(&mut self, asserted: &Assertion, counts: bool) {
        let claimed = match &self.state {
            State::Claimed(_, how) => counts || matches!(how, ClaimHow::Document | ClaimHow::Import),
            _ => false,
        };
        let active = match &self.state {
            State::Active(actor) => counts || *actor == Actor::Document,
            _ => false,
        };
        let untouched = self.state == State::Open;
        match asserted.state {
            StatedState::Claimed if untouched || matches!(self.state, State::Active(_)) => {
                self.state = State::Claimed(Actor::Document, ClaimHow::Document);
            }
            StatedState::Active if untouched || claimed => self.state = State::Active(Actor::Document),
            StatedState::Open | StatedState::Dropped if claimed || active => self.state = State::Open,
            _ => {}
        }
    }
}

/// The task an event is about.
fn task_of(event: &Event) -> Option<TaskId> {
    match event {
        Event::TaskChanged(changed) => Some(changed.task),
        Event::LeaseTaken(taken) => Some(taken.task),
        Event::WorkSubmitted(work) => Some(work.task),
        Event::PathTouched(touched) => Some(touched.task),
        Event::TaskAsserted { task, .. }
        | Event::TaskStarted { task, .. }
        | Event::TaskClaimed { task, .. }
        | Event::ClaimWithdrawn { task, .. }
        | Event::TaskVerified { task, .. }
        | Event::TaskReopened { task, .. }
        | Event::TaskDropped { task, .. }
        | Event::FactsChanged { task, .. }
        | Event::NeedsChanged { task, .. }
        | Event::LeaseRenewed { task, .. }
        | Event::LeaseSilent { task, .. }
        | Event::LeaseEnded { task, .. }
        | Event::FileAttached { task, .. } => Some(*task),
        _ => None,
    }
}
