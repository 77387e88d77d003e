//! What things are called, also those a later event removed, and what an event is about.

use std::collections::HashMap;

use model::digest::Digest;
use model::event::Event;
use model::gate::{Loosened, Subject};
use model::ids::{CheckId, PhaseId, TaskId, TicketId, WaiverId};
use model::plan::Plan;
use model::waiver::need_digest;

use crate::words::key_of;

/// Knows what things are called, also those a later event removed.
#[derive(Debug, Clone)]
pub struct Names<'a> {
    plan: &'a Plan,
    phases: HashMap<PhaseId, String>,
    checks: HashMap<CheckId, (Subject, String)>,
    needs: HashMap<WaiverId, (TaskId, Digest)>,
}

impl<'a> Names<'a> {
    /// The names a plan knows.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, phases: HashMap::new(), checks: HashMap::new(), needs: HashMap::new() }
    }

    /// The plan the names come from.
    pub fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// Remembers what an event names, for when it is gone. Sentences about a stream that is told
    /// from its beginning never lack a name.
    pub fn see(&mut self, event: &Event) {
        match event {
            Event::PhaseAdded { phase, key, .. } if self.plan.phase(*phase).is_none() => {
                self.phases.insert(*phase, key.to_string());
            }
            Event::WaiverRequested { waiver, subject: Subject::Task(task), spec, .. } => {
                self.needs.insert(*waiver, (*task, *spec));
            }
            Event::CheckAdded { check, subject, spec, .. } if self.plan.check(*check).is_none() => {
                self.checks.insert(*check, (*subject, spec.name.clone()));
            }
            _ => {}
        }
    }

    /// What the event is about, where it is about something that has a gate.
    pub fn subject_of(&self, event: &Event) -> Option<Subject> {
        match event {
            Event::TaskAdded(added) => Some(Subject::Task(added.task)),
            Event::TaskChanged(changed) => Some(Subject::Task(changed.task)),
            Event::TaskAsserted { task, .. }
            | Event::TaskStarted { task, .. }
            | Event::TaskClaimed { task, .. }
            | Event::ClaimWithdrawn { task, .. }
            | Event::TaskVerified { task, .. }
            | Event::TaskReopened { task, .. }
            | Event::TaskFlagged { task, .. }
            | Event::TaskDropped { task, .. }
            | Event::TaskBlocked { task, .. }
            | Event::TaskUnblocked { task }
            | Event::FactsChanged { task, .. }
            | Event::NeedsChanged { task, .. }
            | Event::NoteAdded { task, .. }
            | Event::FileAttached { task, .. }
            | Event::LeaseRenewed { task, .. }
            | Event::LeaseSilent { task, .. }
            | Event::LeaseEnded { task, .. }
            | Event::PathsReserved { task, .. }
            | Event::UsageRecorded { task, .. }
            | Event::RebaselineRequested { task, .. } => Some(Subject::Task(*task)),
            Event::LeaseTaken(taken) => Some(Subject::Task(taken.task)),
            Event::WorkSubmitted(work) => Some(Subject::Task(work.task)),
            Event::PathTouched(touched) => Some(Subject::Task(touched.task)),
            Event::WorkReported(said) => Some(Subject::Task(said.task)),
            Event::HandedOff(what) => what.task.map(Subject::Task),
            Event::EscalationOpened { task, .. } => task.map(Subject::Task),
            Event::TicketOpened(opened) => opened.about,
            Event::TicketJoined(joined) => self.ticket_subject(joined.ticket),
            Event::TicketAssigned { ticket, .. }
            | Event::TicketUnassigned { ticket }
            | Event::TicketNoted { ticket, .. }
            | Event::TicketClosed { ticket, .. } => self.ticket_subject(*ticket),
            Event::RebaselineApproved { rebaseline, .. } => {
                self.plan.rebaselines.get(*rebaseline as usize).map(|known| Subject::Task(known.task))
            }
            Event::CheckAdded { subject, .. }
            | Event::CriteriaStated { subject, .. }
            | Event::WaiverRequested { subject, .. }
            | Event::WeakeningApproved { loosened: Loosened::Criteria(subject) } => Some(*subject),
            Event::CheckChanged { check, .. }
            | Event::WeakeningProposed { check, .. }
            | Event::WeakeningWithdrawn { check }
            | Event::WeakeningApproved { loosened: Loosened::Check(check) }
            | Event::ApprovalGiven { check, .. } => self.check_subject(*check),
            Event::VerdictRecorded(verdict) => self.check_subject(verdict.check),
            Event::WaiverApproved { waiver } | Event::WaiverRevoked { waiver, .. } => {
                self.plan.waivers.iter().find(|known| known.id == *waiver).map(|known| known.subject)
            }
            Event::GateAdded { gate, .. } | Event::GateChanged { gate, .. } => Some(Subject::Gate(*gate)),
            Event::PlanAdopted { .. }
            | Event::PlanRevised { .. }
            | Event::DocumentIntended { .. }
            | Event::DocumentSynced { .. }
            | Event::SettingsChanged { .. }
            | Event::SettingsProposed { .. }
            | Event::WeakeningApproved { loosened: Loosened::Settings }
            | Event::TrustGiven { .. }
            | Event::KeyRegistered { .. }
            | Event::PhaseAdded { .. }
            | Event::PhaseChanged { .. }
            | Event::PhaseRemoved { .. }
            | Event::RiskAdded { .. }
            | Event::RiskChanged { .. }
            | Event::DecisionRecorded { .. }
            | Event::EscalationResolved { .. }
            | Event::AssumptionRecorded { .. }
            | Event::AssumptionChecked { .. }
            | Event::MetricDefined { .. }
            | Event::ReadingRecorded { .. }
            | Event::CiRunRecorded(_)
            | Event::DeploymentRecorded(_)
            | Event::IncidentOpened { .. }
            | Event::IncidentEnded { .. }
            | Event::BudgetAllowed { .. }
            | Event::PlanHalted { .. }
            | Event::PlanResumed {}
            | Event::AgentRegistered { .. }
            | Event::SessionStarted(_)
            | Event::SessionJoined(_)
            | Event::AgentSeen { .. }
            | Event::SessionEnded { .. }
            | Event::MemorySet(_)
            | Event::MemoryDeleted { .. }
            | Event::MessageSent(_)
            | Event::MessagesAcknowledged { .. }
            | Event::TokenIssued(_)
            | Event::TokenRevoked { .. } => None,
        }
    }

    /// How people call a subject.
    pub fn subject(&self, subject: Subject) -> String {
        match subject {
            Subject::Entrance(phase) => format!("entrance of {}", self.phase(phase)),
            Subject::Exit(phase) => format!("exit of {}", self.phase(phase)),
            _ => self.plan.subject_name(subject),
        }
    }

    pub(super) fn phase(&self, id: PhaseId) -> String {
        let known = self.plan.phase(id).map(|phase| phase.key.to_string());
        known.or_else(|| self.phases.get(&id).cloned()).unwrap_or_else(|| id.to_string())
    }

    pub(super) fn task(&self, id: TaskId) -> String {
        format!("`{}`", key_of(self.plan, id))
    }

    fn ticket_subject(&self, id: TicketId) -> Option<Subject> {
        self.plan.ticket(id).and_then(|ticket| ticket.about)
    }

    fn check_subject(&self, id: CheckId) -> Option<Subject> {
        let known = self.plan.check(id).map(|(subject, _)| subject);
        known.or_else(|| self.checks.get(&id).map(|(subject, _)| *subject))
    }

    /// As in "check `clippy` of `7.3`".
    pub(super) fn check(&self, id: CheckId) -> String {
        let known = self.plan.check(id).map(|(subject, check)| (subject, check.spec.name.clone()));
        match known.or_else(|| self.checks.get(&id).cloned()) {
            Some((subject, name)) => format!("check `{name}` of `{}`", self.subject(subject)),
            None => format!("check {id}"),
        }
    }

    /// The task and the need a waiver is for, where it is for a need.
    pub(super) fn waived_need(&self, id: WaiverId) -> Option<(String, String)> {
        let known = self.plan.waivers.iter().find(|known| known.id == id);
        let known = known.and_then(|known| match known.subject {
            Subject::Task(task) => Some((task, known.spec)),
            _ => None,
        });
        let (task, spec) = known.or_else(|| self.needs.get(&id).copied())?;
        let need = self.plan.tasks.iter().find(|need| need_digest(need.id) == spec)?;
        Some((self.task(task), format!("`{}`", need.key)))
    }

    pub(super) fn waived(&self, id: WaiverId) -> String {
        if let Some((task, need)) = self.waived_need(id) {
            return format!("need {need} of {task}");
        }
        let waiver = self.plan.waivers.iter().find(|known| known.id == id);
        waiver.map_or_else(|| id.to_string(), |waiver| self.check(waiver.check))
    }
}
