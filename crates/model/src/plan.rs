//! The plan under control: phases, tasks, gates and registers as the journal has left them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::By;
use crate::commons::Commons;
use crate::delivery::Delivery;
use crate::digest::Digest;
use crate::following::{Following, TextsHad};
use crate::gate::{Check, Gate, Subject};
use crate::ids::{CheckId, GateId, Key, PhaseId, PlanId, Revision, RiskId, Seq, TaskId};
use crate::index::Index;
use crate::lease::{Halt, Handoff, Usage};
use crate::registers::{Assumption, Decision, Escalation, Metric, Rebaseline, Risk};
use crate::review::Ticket;
use crate::settings::Settings;
use crate::task::Task;
use crate::tasks::Tasks;
use crate::waiver::Waiver;

/// A plan under control. Made by [`apply`](crate::apply::apply) alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Stable id, and the name of its stream.
    pub id: PlanId,
    /// The slug of its first file's stem.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// Which revision is in force; 0 before adoption.
    pub revision: Revision,
    /// The last event applied.
    pub seq: Seq,
    /// When that happened.
    pub at: Timestamp,
    /// How strict it is with itself.
    pub settings: Settings,
    /// Looser settings that a revision asks for, waiting for approval.
    pub proposed_settings: Option<ProposedSettings>,
    /// The documents it was read from.
    pub sources: Vec<Source>,
    /// How far each of them has followed the journal.
    pub following: Vec<Following>,
    /// The texts they have had.
    pub texts: TextsHad,
    /// Phases in document order.
    pub phases: Vec<Phase>,
    /// Tasks in document order; later additions at the end.
    pub tasks: Tasks,
    /// The success criteria of the plan as a whole.
    pub criteria: Gate,
    /// Named gates: `deploy`, `release`.
    pub gates: Vec<NamedGate>,
    /// Risk register.
    pub risks: Vec<Risk>,
    /// Decisions.
    pub decisions: Vec<Decision>,
    /// Escalations.
    pub escalations: Vec<Escalation>,
    /// Assumptions and constraints.
    pub assumptions: Vec<Assumption>,
    /// Metrics.
    pub metrics: Vec<Metric>,
    /// Rebaselines.
    pub rebaselines: Vec<Rebaseline>,
    /// Waivers, lapsed ones too.
    pub waivers: Vec<Waiver>,
    /// Work that passed from one role to another.
    pub handoffs: Vec<Handoff>,
    /// What people are asked to look at, closed tickets too.
    pub tickets: Vec<Ticket>,
    /// Runs of continuous integration, deployments and incidents.
    pub delivery: Box<Delivery>,
    /// What work on its tasks has used up.
    pub used: Usage,
    /// What a person allowed beyond its budget.
    pub allowed: Usage,
    /// Why nothing new begins, where that is so.
    pub halted: Option<Box<Halt>>,
    /// What all plans share; only the store's own stream has it.
    pub commons: Option<Box<Commons>>,
    #[serde(skip)]
    pub(crate) index: Index,
}

/// Looser settings that a revision asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedSettings {
    /// As they are to be.
    pub settings: Settings,
    /// Who asked.
    pub by: By,
}

/// A document a plan was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path as given, relative to the store's folder where it lies below it.
    pub path: String,
    /// Which format read it.
    pub format: String,
    /// BLAKE3 of its bytes as they are stored, without secrets, when it was last in step. A text that
    /// was taken in is kept as a blob; one that was written follows from it by the edits on record.
    pub digest: Digest,
}

/// A named stretch of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Stable id.
    pub id: PhaseId,
    /// The author's key.
    pub key: Key,
    /// Its title.
    pub title: String,
    /// Verbatim.
    pub window: Option<String>,
    /// Guards its beginning.
    pub entrance: Gate,
    /// Guards its end.
    pub exit: Gate,
    /// Line of its heading.
    pub line: u32,
}

/// A gate that guards a named step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedGate {
    /// Stable id.
    pub id: GateId,
    /// `deploy`.
    pub name: String,
    /// Keys of tasks and names of gates that must come first.
    pub needs: Vec<String>,
    /// `staging`, `production`.
    pub environment: Option<String>,
    /// What must be proven.
    pub gate: Gate,
}

impl Plan {
    /// A plan to which nothing has happened yet.
    pub fn empty(id: PlanId) -> Self {
        Self {
            id,
            key: Key::new("plan").expect("`plan` is visible text"),
            title: String::new(),
            revision: Revision(0),
            seq: Seq(0),
            at: Timestamp::UNIX_EPOCH,
            settings: Settings::default(),
            proposed_settings: None,
            sources: Vec::new(),
            following: Vec::new(),
            texts: TextsHad::default(),
            phases: Vec::new(),
            tasks: Tasks::default(),
            criteria: Gate::default(),
            gates: Vec::new(),
            risks: Vec::new(),
            decisions: Vec::new(),
            escalations: Vec::new(),
            assumptions: Vec::new(),
            metrics: Vec::new(),
            rebaselines: Vec::new(),
            waivers: Vec::new(),
            handoffs: Vec::new(),
            tickets: Vec::new(),
            delivery: Box::default(),
            used: Usage::default(),
            allowed: Usage::default(),
            halted: None,
            commons: (id == PlanId::STORE).then(Box::default),
            index: Index::default(),
        }
    }

    /// Every gate with what it guards: entrance, tasks and exit phase by phase as the document has
    /// them, then the success criteria, then the named gates.
    pub fn gates_with_subjects(&self) -> impl Iterator<Item = (Subject, &Gate)> {
        let of_tasks = self.tasks.iter().map(|task| (Subject::Task(task.id), &task.gate));
        of_tasks.chain(self.gates_beside_tasks())
    }

    fn gates_beside_tasks(&self) -> impl Iterator<Item = (Subject, &Gate)> {
        let phases = self.phases.iter().flat_map(|phase| {
            [(Subject::Entrance(phase.id), &phase.entrance), (Subject::Exit(phase.id), &phase.exit)]
        });
        phases
            .chain(std::iter::once((Subject::Criteria, &self.criteria)))
            .chain(self.gates.iter().map(|named| (Subject::Gate(named.id), &named.gate)))
    }

    /// The tasks that have checks, in the plan's order.
    pub fn guarded(&self) -> impl Iterator<Item = &Task> {
        let known = self.index.guarded();
        let any = if known.is_none() { 0..self.tasks.len() } else { 0..0 };
        let places = any.chain(known.into_iter().flatten().map(|place| *place as usize));
        places.filter_map(|place| self.tasks.get(place)).filter(|task| task.has_checks())
    }

    /// The gates of [`Plan::gates_with_subjects`] that have checks.
    pub fn gates_with_checks(&self) -> impl Iterator<Item = (Subject, &Gate)> {
        let of_tasks = self.guarded().map(|task| (Subject::Task(task.id), &task.gate));
        of_tasks.chain(self.gates_beside_tasks()).filter(|(_, gate)| !gate.checks.is_empty())
    }

    /// A task by id.
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.index.place(id).map(|place| &self.tasks[place])
    }

    /// A task by key.
    pub fn task_by_key(&self, key: &Key) -> Option<&Task> {
        self.index.place_of_key(key).map(|place| &self.tasks[place])
    }

    /// A phase by id.
    pub fn phase(&self, id: PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == id)
    }

    /// A risk by id.
    pub fn risk(&self, id: RiskId) -> Option<&Risk> {
        self.risks.iter().find(|risk| risk.id == id)
    }

    /// The gate that guards a subject.
    pub fn gate(&self, subject: Subject) -> Option<&Gate> {
        match subject {
            Subject::Task(id) => self.task(id).map(|task| &task.gate),
            Subject::Entrance(id) => self.phase(id).map(|phase| &phase.entrance),
            Subject::Exit(id) => self.phase(id).map(|phase| &phase.exit),
            Subject::Criteria => Some(&self.criteria),
            Subject::Gate(id) => self.gates.iter().find(|named| named.id == id).map(|named| &named.gate),
        }
    }

    /// A check by id, with what it guards.
    pub fn check(&self, id: CheckId) -> Option<(Subject, &Check)> {
        let subject = self.index.subject_of(self, id)?;
        self.gate(subject)?.check(id).map(|check| (subject, check))
    }

    /// The tasks under a lease, whether or not its time is over, in the plan's order.
    pub fn leased(&self) -> impl Iterator<Item = &Task> {
        self.index.leased(&self.tasks).iter().map(|place| &self.tasks[*place as usize])
    }

    /// The tasks that need this one.
    pub fn dependants(&self, id: TaskId) -> &[TaskId] {
        self.index.dependants(&self.tasks, id)
    }

    /// The metric of this name, letter case aside.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name.eq_ignore_ascii_case(name))
    }

    /// How people call a subject: `7.3`, `exit of Phase A`, `success criteria`, `deploy`.
    pub fn subject_name(&self, subject: Subject) -> String {
        match subject {
            Subject::Task(id) => self.task(id).map_or_else(|| id.to_string(), |task| task.key.to_string()),
            Subject::Entrance(id) => format!("entrance of {}", self.phase_name(id)),
            Subject::Exit(id) => format!("exit of {}", self.phase_name(id)),
            Subject::Criteria => "success criteria".to_owned(),
            Subject::Gate(id) => self
                .gates
                .iter()
                .find(|named| named.id == id)
                .map_or_else(|| id.to_string(), |named| named.name.clone()),
        }
    }

    fn phase_name(&self, id: PhaseId) -> String {
        self.phase(id).map_or_else(|| id.to_string(), |phase| phase.key.to_string())
    }

    // What only `apply` may do.

    pub(crate) fn push_task(&mut self, task: Task) {
        self.index.add(self.tasks.len(), &task);
        self.tasks.push(task);
    }

    pub(crate) fn task_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        let place = self.index.place(id)?;
        self.tasks.get_mut(place)
    }

    /// Says that the lease of a task may have begun or ended.
    pub(crate) fn index_lease(&mut self, id: TaskId) {
        let Some(place) = self.index.place(id) else { return };
        self.index.lease(place, self.tasks[place].lease().is_some());
    }

    pub(crate) fn gate_mut(&mut self, subject: Subject) -> Option<&mut Gate> {
        match subject {
            Subject::Task(id) => self.task_mut(id).map(|task| &mut task.gate),
            Subject::Entrance(id) => self.phase_mut(id).map(|phase| &mut phase.entrance),
            Subject::Exit(id) => self.phase_mut(id).map(|phase| &mut phase.exit),
            Subject::Criteria => Some(&mut self.criteria),
            Subject::Gate(id) => {
                self.gates.iter_mut().find(|named| named.id == id).map(|named| &mut named.gate)
            }
        }
    }

    pub(crate) fn phase_mut(&mut self, id: PhaseId) -> Option<&mut Phase> {
        self.phases.iter_mut().find(|phase| phase.id == id)
    }

    pub(crate) fn check_mut(&mut self, id: CheckId) -> Option<&mut Check> {
        let subject = self.index.subject_of(self, id)?;
        self.gate_mut(subject)?.checks.iter_mut().find(|check| check.id == id)
    }

    pub(crate) fn index_check(&mut self, id: CheckId, subject: Subject) {
        self.index.add_check(id, subject);
    }

    pub(crate) fn rekey_task(&mut self, id: TaskId, key: Key) {
        let Some(place) = self.index.place(id) else { return };
        let old = std::mem::replace(&mut self.tasks[place].key, key.clone());
        self.index.rekey(place, &old, key);
    }

    pub(crate) fn set_needs(&mut self, id: TaskId, needs: &[TaskId]) {
        let Some(place) = self.index.place(id) else { return };
        let old = std::mem::take(&mut self.tasks[place].needs);
        self.index.rewire(id, &old, needs);
        self.tasks[place].needs = needs.iter().copied().collect();
    }
}
