//! What follows from a plan's state but is never stored: ready, blocked, refuted, late, whether a
//! verification still holds, and the verdict on the plan as a whole.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::actor::Actor;
use crate::delivery::Streak;
use crate::digest::Digest;
use crate::gate::{Check, CheckStanding, Clearance, Gate, Review, Subject, Unmet};
use crate::ids::{CheckId, Key, PersonId, PhaseId, TaskId};
use crate::plan::Plan;
use crate::settings::{Identity, Trust};
use crate::task::{ClaimHow, Task, TaskState};
use crate::waiver::Waiver;

/// How a task stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Evidence, or a named person, countersigned it.
    Verified,
    /// It counts as verified because a check is waived for the time being.
    Waived,
    /// It was verified, but the evidence no longer holds.
    Lapsed,
    /// Claimed, and a check failed or could not run.
    Refuted,
    /// Claimed; its checks have not all passed.
    Unproven,
    /// Claimed; nothing would prove it.
    ClaimedWithoutEvidence,
    /// Somebody works on it.
    Active,
    /// Not begun, and nothing stands in its way.
    Ready,
    /// Not begun, and something stands in its way.
    Blocked,
    /// Given up.
    Dropped,
}

impl Standing {
    /// The words used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Waived => "waived",
            Self::Lapsed => "lapsed",
            Self::Refuted => "refuted",
            Self::Unproven => "claimed, unproven",
            Self::ClaimedWithoutEvidence => "claimed, no evidence",
            Self::Active => "active",
            Self::Ready => "ready",
            Self::Blocked => "blocked",
            Self::Dropped => "dropped",
        }
    }

    /// Whether the task counts as done: verified, or claimed where nothing would prove it.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Verified | Self::Waived | Self::ClaimedWithoutEvidence)
    }
}

/// What stands in a task's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// A needed task is not done.
    Need(TaskId),
    /// Its phase may not begin.
    Entrance(PhaseId),
    /// Somebody reported an obstacle.
    Obstacle(String),
    /// The document states an obstacle.
    Stated(String),
}

impl Plan {
    /// Calls `decide` with everything a decision about a subject's gate may look at.
    ///
    /// `inputs`: digest of what the checks could read now, or `None` for "as of when they ran".
    pub fn with_review<T>(
        &self,
        subject: Subject,
        inputs: Option<Digest>,
        now: Timestamp,
        decide: impl FnOnce(&Review<'_>) -> T,
    ) -> T {
        self.review_below(subject, inputs, now, &RefCell::new(Vec::new()), decide)
    }

    fn review_below<T>(
        &self,
        subject: Subject,
        inputs: Option<Digest>,
        now: Timestamp,
        above: &RefCell<Vec<TaskId>>,
        decide: impl FnOnce(&Review<'_>) -> T,
    ) -> T {
        let task = match subject {
            Subject::Task(id) => self.task(id),
            _ => None,
        };
        let unverified = |of: &[String]| self.unverified(of, subject, now, above);
        let attached = |name: Option<&str>| {
            task.is_some_and(|task| {
                task.attachments
                    .iter()
                    .filter(|file| file.attempt == task.attempt)
                    .any(|file| name.is_none_or(|name| name.eq_ignore_ascii_case(&file.name)))
            })
        };
        let reading = |name: &str| self.metric(name)?.last.as_ref()?.proof(&self.settings);
        let streak = |workflow: &str, branch: Option<&str>| {
            let known = self.delivery.workflow(workflow);
            known.map_or(Streak::NONE, |known| known.streak(branch, &self.settings))
        };
        decide(&Review {
            settings: &self.settings,
            waivers: &self.waivers,
            attempt: task.map_or(1, |task| task.attempt),
            inputs,
            claimed_by: task.and_then(Task::worker),
            unverified: &unverified,
            attached: &attached,
            reading: &reading,
            streak: &streak,
        })
    }

    /// Whether a subject's gate is open, and on what grounds; every route to "open" is here.
    pub fn clearance(
        &self,
        subject: Subject,
        inputs: Option<Digest>,
        now: Timestamp,
        sign_off: Option<&PersonId>,
    ) -> Result<Clearance, Unmet> {
        let nothing = Gate::default();
        let gate = self.gate(subject).unwrap_or(&nothing);
        self.with_review(subject, inputs, now, |review| gate.clearance(review, now, sign_off))
    }

    /// How a check stands now, as of when it last ran.
    pub fn check_standing(&self, id: CheckId, now: Timestamp) -> Option<CheckStanding> {
        let (subject, check) = self.check(id)?;
        Some(self.with_review(subject, None, now, |review| check.standing(review, now)))
    }

    /// Whether a task is verified and what it rests on still stands.
    pub fn is_verified(&self, task: &Task, now: Timestamp) -> bool {
        self.holds(task, now, &RefCell::new(Vec::new()))
    }

    fn holds(&self, task: &Task, now: Timestamp, above: &RefCell<Vec<TaskId>>) -> bool {
        let TaskState::Verified(verified) = &task.state else { return false };
        if task.gate.checks.is_empty() {
            return verified.basis.signed_off.is_some();
        }
        // A task that is being asked about further up cannot be proof of itself.
        if above.borrow().contains(&task.id) {
            return false;
        }
        above.borrow_mut().push(task.id);
        let clear = self.review_below(Subject::Task(task.id), None, now, above, |review| {
            task.gate.clearance(review, now, None).is_ok()
        });
        above.borrow_mut().pop();
        clear
    }

    /// Of the tasks that keys, phases or `*` name, those that are not verified; names that mean
    /// nothing are among them.
    fn unverified(
        &self,
        of: &[String],
        asked_by: Subject,
        now: Timestamp,
        above: &RefCell<Vec<TaskId>>,
    ) -> Vec<String> {
        let mut open = Vec::new();
        for name in of {
            let wanted = name.trim();
            let phase = self.phases.iter().find(|phase| phase.key.as_str().eq_ignore_ascii_case(wanted));
            if wanted == "*" || phase.is_some() {
                let all = self.tasks.iter().filter(|task| {
                    !task.is_dropped()
                        && Subject::Task(task.id) != asked_by
                        && phase.is_none_or(|phase| task.phase == Some(phase.id))
                });
                open.extend(
                    all.filter(|task| !self.holds(task, now, above)).map(|task| task.key.to_string()),
                );
                continue;
            }
            let verified = Key::new(wanted)
                .ok()
                .and_then(|key| self.task_by_key(&key))
                .is_some_and(|task| self.holds(task, now, above));
            if !verified {
                open.push(wanted.to_owned());
            }
        }
        open
    }

    /// Whether a task is done so far that what needs it may begin.
    pub fn satisfies(&self, need: &Task, now: Timestamp) -> bool {
        match &need.state {
            TaskState::Dropped(_) => true,
            TaskState::Verified(_) => self.is_verified(need, now),
            TaskState::Claimed(_) if need.has_checks() => false,
            TaskState::Claimed(claim) => match self.settings.trust {
                Trust::Document => true,
                Trust::Verified => {
                    matches!(claim.how, ClaimHow::Verb | ClaimHow::Submit)
                        && matches!(claim.by.actor, Actor::Person(_) | Actor::Agent { .. })
                }
            },
            _ => false,
        }
    }

    /// The needs of a task that are neither satisfied nor waived.
    pub fn unmet_needs(&self, task: &Task, now: Timestamp) -> Vec<TaskId> {
        task.needs.iter().copied().filter(|need| !self.is_met(task, *need, now)).collect()
    }

    /// The needs of a task that are not satisfied, and the waiver that lets it go ahead.
    pub fn waived_needs(&self, task: &Task, now: Timestamp) -> Vec<(TaskId, &Waiver)> {
        let open = task.needs.iter().filter(|need| !self.is_satisfied(**need, now));
        open.filter_map(|need| Some((*need, self.need_waiver(task, *need, now)?))).collect()
    }

    /// The need that a waiver is for, where it is for one that its task still has.
    pub fn waived_need(&self, waiver: &Waiver) -> Option<&Task> {
        let Subject::Task(task) = waiver.subject else { return None };
        let mut needs = self.task(task)?.needs.iter();
        needs.find(|need| waiver.is_of_need(task, **need)).and_then(|need| self.task(*need))
    }

    fn is_met(&self, task: &Task, need: TaskId, now: Timestamp) -> bool {
        self.is_satisfied(need, now) || self.need_waiver(task, need, now).is_some()
    }

    fn is_satisfied(&self, need: TaskId, now: Timestamp) -> bool {
        self.task(need).is_some_and(|need| self.satisfies(need, now))
    }

    fn need_waiver(&self, task: &Task, need: TaskId, now: Timestamp) -> Option<&Waiver> {
        let believed = |waiver: &&Waiver| waiver.is_proven() || self.settings.identity != Identity::Proven;
        let mut given = self.waivers.iter().filter(|waiver| waiver.is_in_force(now)).filter(believed);
        given.find(|waiver| waiver.is_of_need(task.id, need))
    }

    /// The task's phase, where that phase has an entrance gate and it is shut.
    pub fn shut_entrance(&self, task: &Task, now: Timestamp) -> Option<PhaseId> {
        let phase = self.phase(task.phase?)?;
        let guarded = !phase.entrance.checks.is_empty();
        let shut = guarded && self.clearance(Subject::Entrance(phase.id), None, now, None).is_err();
        shut.then_some(phase.id)
    }

    /// Everything that stands in a task's way.
    pub fn blockers(&self, task: &Task, now: Timestamp) -> Vec<Blocker> {
        self.blockers_beside(task, now, |task| self.shut_entrance(task, now))
    }

    fn blockers_beside(
        &self,
        task: &Task,
        now: Timestamp,
        shut_entrance: impl FnOnce(&Task) -> Option<PhaseId>,
    ) -> Vec<Blocker> {
        let mut blockers: Vec<Blocker> = self.unmet_needs(task, now).into_iter().map(Blocker::Need).collect();
        blockers.extend(shut_entrance(task).map(Blocker::Entrance));
        blockers.extend(task.obstacles.iter().map(|obstacle| Blocker::Obstacle(obstacle.reason.clone())));
        blockers.extend(task.facts.blockers().map(|text| Blocker::Stated(text.to_owned())));
        blockers
    }

    /// Whether nothing stands in a task's way; cheaper than listing what does.
    pub fn is_unblocked(&self, task: &Task, now: Timestamp) -> bool {
        self.is_unblocked_beside(task, now, |task| self.shut_entrance(task, now))
    }

    fn is_unblocked_beside(
        &self,
        task: &Task,
        now: Timestamp,
        shut_entrance: impl FnOnce(&Task) -> Option<PhaseId>,
    ) -> bool {
        task.obstacles.is_empty()
            && task.facts.blockers().next().is_none()
            && task.needs.iter().all(|need| self.is_met(task, *need, now))
            && shut_entrance(task).is_none()
    }

    /// How a task stands now. For many tasks at one moment, ask [`Standings`].
    pub fn standing(&self, task: &Task, now: Timestamp) -> Standing {
        self.standing_beside(task, now, |task| self.shut_entrance(task, now))
    }

    fn standing_beside(
        &self,
        task: &Task,
        now: Timestamp,
        shut_entrance: impl FnOnce(&Task) -> Option<PhaseId>,
    ) -> Standing {
        match &task.state {
            TaskState::Dropped(_) => Standing::Dropped,
            TaskState::Verified(_) if !self.is_verified(task, now) => Standing::Lapsed,
            TaskState::Verified(_) => {
                let waived = self.clearance(Subject::Task(task.id), None, now, None);
                if waived.is_ok_and(|clearance| clearance.into_basis().is_waived()) {
                    Standing::Waived
                } else {
                    Standing::Verified
                }
            }
            TaskState::Claimed(_) if !task.has_checks() => Standing::ClaimedWithoutEvidence,
            TaskState::Claimed(_) if self.is_refuted(task, now) => Standing::Refuted,
            TaskState::Claimed(_) => Standing::Unproven,
            TaskState::Active(_) => Standing::Active,
            TaskState::Open if self.is_unblocked_beside(task, now, shut_entrance) => Standing::Ready,
            TaskState::Open => Standing::Blocked,
        }
    }

    fn is_refuted(&self, task: &Task, now: Timestamp) -> bool {
        self.with_review(Subject::Task(task.id), None, now, |review| {
            task.gate.checks.iter().any(|check| {
                matches!(
                    check.standing(review, now),
                    CheckStanding::Failed { .. } | CheckStanding::Error { .. }
                )
            })
        })
    }

    /// Whether a task is past its due moment and not done.
    pub fn is_late(&self, task: &Task, now: Timestamp) -> bool {
        is_past_due(task, now) && !task.is_dropped() && !self.standing(task, now).is_done()
    }

    /// Every check that is in force, with its subject, tasks' in document order.
    pub fn checks(&self) -> impl Iterator<Item = (Subject, &Check)> {
        self.gates_with_subjects()
            .flat_map(|(subject, gate)| gate.checks.iter().map(move |check| (subject, check)))
    }
}

fn is_past_due(task: &Task, now: Timestamp) -> bool {
    task.facts.due().and_then(|due| due.at).is_some_and(|at| at < now)
}

/// How many tasks stand at one moment. What the tasks of a phase share, its entrance, is asked
/// once: an entrance that waits for a whole phase costs a walk through the plan.
#[derive(Debug)]
pub struct Standings<'p> {
    plan: &'p Plan,
    now: Timestamp,
    shut: RefCell<HashMap<PhaseId, bool>>,
}

impl<'p> Standings<'p> {
    /// Standings in this plan at this moment.
    pub fn new(plan: &'p Plan, now: Timestamp) -> Self {
        Self { plan, now, shut: RefCell::default() }
    }

    /// How a task stands: the same as [`Plan::standing`].
    pub fn of(&self, task: &Task) -> Standing {
        self.plan.standing_beside(task, self.now, |task| self.shut_entrance(task))
    }

    /// The task's phase, where its entrance is shut: the same as [`Plan::shut_entrance`].
    pub fn shut_entrance(&self, task: &Task) -> Option<PhaseId> {
        let phase = task.phase?;
        if let Some(shut) = self.shut.borrow().get(&phase) {
            return shut.then_some(phase);
        }
        let shut = self.plan.shut_entrance(task, self.now).is_some();
        self.shut.borrow_mut().insert(phase, shut);
        shut.then_some(phase)
    }

    /// Everything that stands in a task's way: the same as [`Plan::blockers`].
    pub fn blockers(&self, task: &Task) -> Vec<Blocker> {
        self.plan.blockers_beside(task, self.now, |task| self.shut_entrance(task))
    }

    /// Whether a task that stands so is past its due moment: the same as [`Plan::is_late`].
    pub fn is_late(&self, task: &Task, standing: Standing) -> bool {
        is_past_due(task, self.now) && !task.is_dropped() && !standing.is_done()
    }
}

/// The verdict on a plan as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanVerdict {
    /// Everything verified or waived.
    Verified {
        /// How many tasks count only because a check is waived.
        waived: usize,
    },
    /// Everything done, some of it without evidence.
    DoneAsClaimed {
        /// How many tasks and criteria nothing proves.
        without_evidence: usize,
        /// Of how many.
        of: usize,
    },
    /// Something is missing.
    NotComplete {
        /// What, in plan order.
        reasons: Vec<Reason>,
    },
}

impl PlanVerdict {
    /// `VERIFIED`, `DONE AS CLAIMED` or `NOT COMPLETE`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Verified { .. } => "VERIFIED",
            Self::DoneAsClaimed { .. } => "DONE AS CLAIMED",
            Self::NotComplete { .. } => "NOT COMPLETE",
        }
    }
}

/// One reason why a plan is not complete.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// A task is not done; what its checks say.
    Task {
        /// Which.
        task: TaskId,
        /// How it stands.
        standing: Standing,
        /// Checks that do not let it count, with how they stand.
        checks: Vec<(CheckId, CheckStanding)>,
        /// What stands in its way.
        blockers: Vec<Blocker>,
    },
    /// A gate is shut.
    Gate {
        /// Which.
        subject: Subject,
        /// Checks that keep it shut, with how they stand.
        checks: Vec<(CheckId, CheckStanding)>,
        /// Needs of a named gate that are not met.
        needs: Vec<String>,
    },
    /// A criterion with a box that is not ticked and nothing that would prove it.
    Criterion {
        /// What it guards.
        subject: Subject,
        /// The criterion.
        text: String,
    },
}

impl Plan {
    /// The needs of a named gate that are not met: tasks by key, other gates by name.
    pub fn unmet_gate_needs(&self, name: &str, now: Timestamp) -> Vec<String> {
        self.gate_needs_below(name, now, &mut Vec::new())
    }

    fn gate_needs_below<'a>(&'a self, name: &str, now: Timestamp, above: &mut Vec<&'a str>) -> Vec<String> {
        let Some(named) = self.gates.iter().find(|named| named.name == name) else { return Vec::new() };
        if above.contains(&named.name.as_str()) {
            return vec![named.name.clone()];
        }
        above.push(&named.name);
        let mut unmet = Vec::new();
        for need in &named.needs {
            let gate = self.gates.iter().find(|other| other.name == *need);
            let met = match gate {
                Some(other) => {
                    self.clearance(Subject::Gate(other.id), None, now, None).is_ok()
                        && self.gate_needs_below(need, now, above).is_empty()
                }
                None => Key::new(need)
                    .ok()
                    .and_then(|key| self.task_by_key(&key))
                    .is_some_and(|task| self.satisfies(task, now)),
            };
            if !met {
                unmet.push(need.clone());
            }
        }
        above.pop();
        unmet
    }

    /// The verdict on the plan as a whole.
    pub fn verdict(&self, now: Timestamp) -> PlanVerdict {
        let mut reasons = Vec::new();
        let (mut waived, mut without_evidence, mut of) = (0, 0, 0);
        let standings = Standings::new(self, now);
        for task in self.tasks.iter().filter(|task| !task.is_dropped()) {
            of += 1;
            let standing = standings.of(task);
            match standing {
                Standing::Verified => {}
                Standing::Waived => waived += 1,
                Standing::ClaimedWithoutEvidence => without_evidence += 1,
                _ => reasons.push(self.task_reason(task, standing, &standings)),
            }
            self.judge_stated(
                Subject::Task(task.id),
                &task.gate,
                &mut reasons,
                &mut without_evidence,
                &mut of,
            );
        }
        let guards = self.gates_with_subjects().filter(|(subject, _)| !matches!(subject, Subject::Task(_)));
        for (subject, gate) in guards {
            if !gate.checks.is_empty() {
                of += 1;
                match self.clearance(subject, None, now, None) {
                    Ok(clearance) => waived += usize::from(clearance.into_basis().is_waived()),
                    Err(unmet) => {
                        reasons.push(Reason::Gate { subject, checks: unmet.checks, needs: Vec::new() })
                    }
                }
            }
            if !matches!(subject, Subject::Entrance(_)) {
                self.judge_stated(subject, gate, &mut reasons, &mut without_evidence, &mut of);
            }
        }
        for named in &self.gates {
            let needs = self.unmet_gate_needs(&named.name, now);
            if !needs.is_empty() {
                reasons.push(Reason::Gate { subject: Subject::Gate(named.id), checks: Vec::new(), needs });
            }
        }
        if !reasons.is_empty() {
            PlanVerdict::NotComplete { reasons }
        } else if without_evidence > 0 || of == 0 {
            PlanVerdict::DoneAsClaimed { without_evidence, of }
        } else {
            PlanVerdict::Verified { waived }
        }
    }

    fn task_reason(&self, task: &Task, standing: Standing, standings: &Standings<'_>) -> Reason {
        let now = standings.now;
        let unmet = self.clearance(Subject::Task(task.id), None, now, None).err();
        Reason::Task {
            task: task.id,
            standing,
            checks: unmet.map(|unmet| unmet.checks).unwrap_or_default(),
            blockers: standings.blockers(task),
        }
    }

    /// A stated criterion proves nothing: ticked it is a claim, unticked it is open, and without a
    /// box it is prose that counts as done without evidence.
    fn judge_stated(
        &self,
        subject: Subject,
        gate: &Gate,
        reasons: &mut Vec<Reason>,
        without_evidence: &mut usize,
        of: &mut usize,
    ) {
        for stated in &gate.stated {
            *of += 1;
            if stated.checked == Some(false) {
                reasons.push(Reason::Criterion { subject, text: stated.text.clone() });
            } else {
                *without_evidence += 1;
            }
        }
    }
}
