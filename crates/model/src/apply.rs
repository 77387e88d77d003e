//! What each event does to the plan. Total and dumb: history always replays, so nothing is
//! judged here, and an event about something unknown changes nothing.

mod delivery;
mod review;
mod work;

use jiff::Timestamp;

use crate::actor::{Actor, By};
use crate::commons;
use crate::draft::{MetricRole, Stated as StatedState};
use crate::event::{Event, Recorded, TaskAdded, TaskChanged, VerdictRecorded};
use crate::facts::Fact;
use crate::following::follow;
use crate::gate::{Approval, Check, Gate, Loosened, Subject, Verdict, Weakening};
use crate::ids::{Fence, Revision, Seq, TaskId};
use crate::plan::{NamedGate, Phase, Plan, ProposedSettings};
use crate::registers::{Assumption, Decision, Escalation, Metric, Reading, Rebaseline, Risk};
use crate::settings::Trust;
use crate::task::{
    Active, Assertion, Attachment, Claim, ClaimHow, Dropped, Obstacle, Remark, Task, TaskState, Verified,
};
use crate::waiver::Waiver;

/// Who, when and where in the stream: what an event needs to be applied.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Place in the stream.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: &'a By,
}

/// Applies a recorded event.
pub fn apply_recorded(plan: &mut Plan, recorded: &Recorded) {
    apply(plan, &recorded.event, Stamp { seq: recorded.seq, at: recorded.at, by: &recorded.by });
}

/// Applies an event.
pub fn apply(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    plan.seq = stamp.seq;
    plan.at = stamp.at;
    match event {
        Event::PlanAdopted { key, title, settings, sources } => {
            plan.key = key.clone();
            plan.title.clone_from(title);
            plan.settings = (**settings).clone();
            plan.sources.clone_from(sources);
            plan.revision = Revision(1);
            follow(plan, &[], event, stamp);
        }
        Event::PlanRevised { revision, title, sources, .. } => {
            plan.revision = *revision;
            plan.title.clone_from(title);
            let before = std::mem::replace(&mut plan.sources, sources.clone());
            follow(plan, &before, event, stamp);
        }
        Event::DocumentIntended { .. } | Event::DocumentSynced { .. } => follow(plan, &[], event, stamp),
        Event::SettingsChanged { settings } => {
            plan.settings = (**settings).clone();
            plan.proposed_settings = None;
        }
        Event::SettingsProposed { settings } => {
            plan.proposed_settings =
                Some(ProposedSettings { settings: (**settings).clone(), by: stamp.by.clone() });
        }
        Event::WeakeningApproved { loosened: Loosened::Settings } => {
            if let Some(proposed) = plan.proposed_settings.take() {
                plan.settings = proposed.settings;
            }
        }
        Event::WeakeningApproved { loosened: Loosened::Criteria(subject) } => {
            if let Some(gate) = plan.gate_mut(*subject) {
                gate.stated.retain(|stated| stated.removed.is_none());
            }
        }
        Event::PhaseAdded { phase, key, title, window, line } => plan.phases.push(Phase {
            id: *phase,
            key: key.clone(),
            title: title.clone(),
            window: window.clone(),
            entrance: Gate::default(),
            exit: Gate::default(),
            line: *line,
        }),
        Event::PhaseChanged { phase, title, window, line } => {
            if let Some(phase) = plan.phase_mut(*phase) {
                phase.title.clone_from(title);
                phase.window.clone_from(window);
                phase.line = *line;
            }
        }
        Event::PhaseRemoved { phase } => plan.phases.retain(|known| known.id != *phase),
        Event::TaskAdded(added) => plan.push_task(new_task(added, stamp)),
        Event::TaskChanged(changed) => change_task(plan, changed),
        Event::CheckAdded { .. }
        | Event::CheckChanged { .. }
        | Event::WeakeningProposed { .. }
        | Event::WeakeningWithdrawn { .. }
        | Event::WeakeningApproved { .. }
        | Event::CriteriaStated { .. }
        | Event::VerdictRecorded(_)
        | Event::ApprovalGiven { .. }
        | Event::GateAdded { .. }
        | Event::GateChanged { .. } => apply_to_gates(plan, event, stamp),
        Event::WaiverRequested { .. } | Event::WaiverApproved { .. } | Event::WaiverRevoked { .. } => {
            apply_to_waivers(plan, event, stamp);
        }
        Event::CiRunRecorded(_)
        | Event::DeploymentRecorded(_)
        | Event::IncidentOpened { .. }
        | Event::IncidentEnded { .. } => delivery::apply(plan, event, stamp),
        Event::RiskAdded { .. }
        | Event::RiskChanged { .. }
        | Event::DecisionRecorded { .. }
        | Event::EscalationOpened { .. }
        | Event::EscalationResolved { .. }
        | Event::AssumptionRecorded { .. }
        | Event::AssumptionChecked { .. }
        | Event::MetricDefined { .. }
        | Event::ReadingRecorded { .. }
        | Event::RebaselineRequested { .. }
        | Event::RebaselineApproved { .. } => apply_to_registers(plan, event, stamp),
        Event::TaskAsserted { task, asserted, imported, .. } => {
            let counts = plan.settings.trust == Trust::Document;
            if let Some(task) = plan.task_mut(*task) {
                assert_state(task, asserted, word_of(*imported), counts, stamp);
            }
            plan.index_lease(*task);
        }
        Event::NeedsChanged { task, needs, blockers } => {
            plan.set_needs(*task, needs);
            if let Some(task) = plan.task_mut(*task) {
                task.facts.clear(&Fact::Blocker(String::new()));
                task.facts.0.extend(blockers.iter().cloned().map(Fact::Blocker));
            }
        }
        Event::TaskStarted { task, .. }
        | Event::TaskClaimed { task, .. }
        | Event::ClaimWithdrawn { task, .. }
        | Event::TaskVerified { task, .. }
        | Event::TaskReopened { task, .. }
        | Event::TaskFlagged { task, .. }
        | Event::TaskDropped { task, .. }
        | Event::TaskBlocked { task, .. }
        | Event::TaskUnblocked { task, .. }
        | Event::FactsChanged { task, .. }
        | Event::NoteAdded { task, .. }
        | Event::FileAttached { task, .. } => {
            if let Some(task) = plan.task_mut(*task) {
                apply_to_task(task, event, stamp);
            }
            plan.index_lease(*task);
        }
        Event::LeaseTaken(_)
        | Event::LeaseRenewed { .. }
        | Event::LeaseSilent { .. }
        | Event::LeaseEnded { .. }
        | Event::WorkSubmitted(_)
        | Event::PathsReserved { .. }
        | Event::PathTouched(_)
        | Event::HandedOff(_)
        | Event::UsageRecorded { .. }
        | Event::WorkReported(_)
        | Event::BudgetAllowed { .. }
        | Event::PlanHalted { .. }
        | Event::PlanResumed {} => work::apply(plan, event, stamp),
        Event::TicketOpened(_)
        | Event::TicketJoined(_)
        | Event::TicketAssigned { .. }
        | Event::TicketUnassigned { .. }
        | Event::TicketNoted { .. }
        | Event::TicketClosed { .. } => review::apply(plan, event, stamp),
        // The store's own stream: nothing of it belongs to a plan.
        Event::TrustGiven { .. }
        | Event::KeyRegistered { .. }
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
        | Event::TokenRevoked { .. } => {
            if let Some(commons) = &mut plan.commons {
                commons::apply(commons, event, stamp.seq, stamp.at, stamp.by);
            }
        }
    }
}

fn new_task(added: &TaskAdded, stamp: Stamp<'_>) -> Task {
    let mut task = Task {
        id: added.task,
        key: added.key.clone(),
        kind: added.kind,
        title: added.title.clone(),
        phase: added.phase,
        parent: added.parent,
        needs: added.needs.clone(),
        gate: Gate::default(),
        state: TaskState::Open,
        fence: Fence(0),
        attempt: 1,
        facts: added.facts.clone(),
        asserted: Assertion::default(),
        obstacles: Default::default(),
        flags: Default::default(),
        notes: Default::default(),
        attachments: Default::default(),
        effort: None,
        line: added.line,
    };
    assert_state(&mut task, &added.asserted, word_of(added.imported), false, stamp);
    task
}

fn change_task(plan: &mut Plan, changed: &TaskChanged) {
    let TaskChanged { task: id, key, title, kind, phase, parent, needs, facts, line } = changed;
    if let Some(key) = key {
        plan.rekey_task(*id, key.clone());
    }
    if let Some(needs) = needs {
        plan.set_needs(*id, needs);
    }
    let Some(task) = plan.task_mut(*id) else { return };
    if let Some(title) = title {
        task.title.clone_from(title);
    }
    if let Some(kind) = kind {
        task.kind = *kind;
    }
    if let Some(phase) = phase {
        task.phase = *phase;
    }
    if let Some(parent) = parent {
        task.parent = *parent;
    }
    if let Some(facts) = facts {
        task.facts.clone_from(facts);
    }
    if let Some(line) = line {
        task.line = *line;
    }
}

/// The document's word moves a task only as far as a word can: never to or from verified, and,
/// unless the plan lives by its document (`counts`), never over what somebody did with a verb.
fn assert_state(task: &mut Task, asserted: &Assertion, how: ClaimHow, counts: bool, stamp: Stamp<'_>) {
    task.asserted = asserted.clone();
    // Nobody loses a task they hold to a word in a document.
    if task.holder(stamp.at).is_some() {
        return;
    }
    let claimed_by_document = matches!(&task.state, TaskState::Claimed(claim) if counts || matches!(claim.how, ClaimHow::Document | ClaimHow::Import));
    let active_by_document =
        matches!(&task.state, TaskState::Active(active) if counts || active.by.actor == Actor::Document);
    match asserted.state {
        StatedState::Claimed => {
            if matches!(task.state, TaskState::Open | TaskState::Active(_)) {
                let claim = Claim { by: By::document(), at: stamp.at, how };
                task.state = TaskState::Claimed(Box::new(claim));
            }
        }
        StatedState::Active => {
            if matches!(task.state, TaskState::Open) || claimed_by_document {
                task.state =
                    TaskState::Active(Box::new(Active { by: By::document(), since: stamp.at, lease: None }));
            }
        }
        StatedState::Open | StatedState::Dropped => {
            if claimed_by_document || active_by_document {
                task.state = TaskState::Open;
            }
        }
    }
}

/// How a document claims: another tool's file was brought in, it speaks for nobody here.
const fn word_of(imported: bool) -> ClaimHow {
    if imported { ClaimHow::Import } else { ClaimHow::Document }
}

fn apply_to_task(task: &mut Task, event: &Event, stamp: Stamp<'_>) {
    let by = || stamp.by.clone();
    let at = stamp.at;
    match event {
        Event::TaskStarted { fence, .. } => {
            task.fence = *fence;
            task.state = TaskState::Active(Box::new(Active { by: by(), since: at, lease: None }));
        }
        Event::TaskClaimed { how, .. } => {
            task.state = TaskState::Claimed(Box::new(Claim { by: by(), at, how: *how }));
        }
        Event::ClaimWithdrawn { .. } => task.state = TaskState::Open,
        Event::TaskVerified { basis, .. } => {
            let claim = task.claim().cloned();
            task.state =
                TaskState::Verified(Box::new(Verified { basis: basis.clone(), by: by(), at, claim }));
        }
        Event::TaskReopened { attempt, .. } => {
            task.attempt = *attempt;
            let was_done = matches!(task.state, TaskState::Verified(_));
            task.state = TaskState::Open;
            if let Some(effort) = &mut task.effort {
                effort.submission = None;
                effort.touched.clear();
                if was_done || matches!(stamp.by.actor, Actor::Person(_)) {
                    effort.strikes = 0;
                }
            }
        }
        Event::TaskFlagged { reason, .. } => task.flags.push(reason.clone()),
        Event::TaskDropped { reason, .. } => {
            task.state = TaskState::Dropped(Box::new(Dropped { reason: reason.clone(), by: by(), at }));
        }
        Event::TaskBlocked { reason, .. } => {
            task.obstacles.push(Obstacle { reason: reason.clone(), by: by(), at })
        }
        Event::TaskUnblocked { .. } => task.obstacles.clear(),
        Event::FactsChanged { put, clear, .. } => {
            for fact in clear {
                task.facts.clear(fact);
            }
            for fact in put {
                task.facts.put(fact.clone());
            }
        }
        Event::NoteAdded { text, .. } => task.notes.push(Remark { text: text.clone(), by: by(), at }),
        Event::FileAttached { name, blob, size, .. } => {
            let (name, attempt) = (name.clone(), task.attempt);
            task.attachments.push(Attachment { name, blob: *blob, size: *size, attempt, by: by(), at });
        }
        _ => {}
    }
}

fn apply_to_gates(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    match event {
        Event::GateAdded { gate, name, needs, environment } => plan.gates.push(NamedGate {
            id: *gate,
            name: name.clone(),
            needs: needs.clone(),
            environment: environment.clone(),
            gate: Gate::default(),
        }),
        Event::GateChanged { gate, needs, environment } => {
            if let Some(named) = plan.gates.iter_mut().find(|named| named.id == *gate) {
                named.needs.clone_from(needs);
                named.environment.clone_from(environment);
            }
        }
        Event::CheckAdded { check, subject, spec, text, checked, line } => {
            let added = Check {
                id: *check,
                digest: spec.digest(),
                spec: spec.clone(),
                text: text.clone(),
                checked: *checked,
                line: *line,
                verdict: None,
                approvals: Default::default(),
                weakening: None,
            };
            if let Some(gate) = plan.gate_mut(*subject) {
                gate.checks.push(added);
                plan.index_check(*check, *subject);
            }
        }
        Event::CheckChanged { check, spec, text, checked, line } => {
            if let Some(check) = plan.check_mut(*check) {
                check.digest = spec.digest();
                check.spec = spec.clone();
                check.text.clone_from(text);
                check.checked = *checked;
                check.line = *line;
            }
        }
        Event::WeakeningProposed { check, to } => {
            if let Some(check) = plan.check_mut(*check) {
                let weakening = Weakening { to: to.clone(), by: stamp.by.clone(), at: stamp.at };
                check.weakening = Some(Box::new(weakening));
            }
        }
        Event::WeakeningWithdrawn { check } => {
            if let Some(check) = plan.check_mut(*check) {
                check.weakening = None;
            }
        }
        Event::WeakeningApproved { loosened: Loosened::Check(id) } => {
            let Some((subject, check)) = plan.check(*id) else { return };
            match check.weakening.as_ref().map(|weakening| weakening.to.clone()) {
                Some(Some(spec)) => {
                    if let Some(check) = plan.check_mut(*id) {
                        check.digest = spec.digest();
                        check.spec = spec;
                        check.weakening = None;
                    }
                }
                Some(None) => {
                    if let Some(gate) = plan.gate_mut(subject) {
                        gate.checks.retain(|known| known.id != *id);
                    }
                }
                None => {}
            }
        }
        Event::CriteriaStated { subject, stated } => {
            if let Some(gate) = plan.gate_mut(*subject) {
                gate.stated.clone_from(stated);
            }
        }
        Event::VerdictRecorded(recorded) => record_verdict(plan, recorded, stamp),
        Event::ApprovalGiven { check, attempt, spec, .. } => {
            if let Some(check) = plan.check_mut(*check) {
                check.approvals.push(Approval {
                    by: stamp.by.clone(),
                    attempt: *attempt,
                    spec: *spec,
                    at: stamp.at,
                });
            }
        }
        _ => {}
    }
}

fn record_verdict(plan: &mut Plan, recorded: &VerdictRecorded, stamp: Stamp<'_>) {
    if let Some(check) = plan.check_mut(recorded.check) {
        check.verdict = Some(Box::new(Verdict {
            outcome: recorded.outcome,
            evidence: recorded.evidence.clone(),
            spec: recorded.spec,
            inputs: recorded.inputs,
            attempt: recorded.attempt,
            seq: stamp.seq,
            at: stamp.at,
        }));
    }
}

fn apply_to_waivers(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    match event {
        Event::WaiverRequested { waiver, check, subject, spec, reason, until } => plan.waivers.push(Waiver {
            id: *waiver,
            check: *check,
            subject: *subject,
            spec: *spec,
            reason: reason.clone(),
            until: *until,
            requested_by: stamp.by.clone(),
            requested_at: stamp.at,
            approved: None,
            revoked: None,
        }),
        Event::WaiverApproved { waiver } => {
            if let Some(known) = plan.waivers.iter_mut().find(|known| known.id == *waiver) {
                known.approved = Some((stamp.by.clone(), stamp.at));
            }
        }
        Event::WaiverRevoked { waiver, .. } => {
            if let Some(known) = plan.waivers.iter_mut().find(|known| known.id == *waiver) {
                known.revoked = Some((stamp.by.clone(), stamp.at));
            }
        }
        _ => {}
    }
}

fn apply_to_registers(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    let at = stamp.at;
    let by = || stamp.by.clone();
    match event {
        Event::RiskAdded { risk, key, details, line } => {
            plan.risks.push(Risk { id: *risk, key: key.clone(), details: details.clone(), line: *line, at });
        }
        Event::RiskChanged { risk, details, line } => {
            if let Some(risk) = plan.risks.iter_mut().find(|known| known.id == *risk) {
                risk.details = details.clone();
                risk.line = *line;
                risk.at = at;
            }
        }
        Event::DecisionRecorded { decision, entry, line } => {
            plan.decisions.push(Decision { id: *decision, entry: entry.clone(), line: *line, by: by(), at });
        }
        Event::EscalationOpened { escalation, entry, task, line } => plan.escalations.push(Escalation {
            id: *escalation,
            entry: entry.clone(),
            task: *task,
            line: *line,
            by: by(),
            at,
            resolved: None,
        }),
        Event::EscalationResolved { escalation, outcome } => {
            if let Some(known) = plan.escalations.iter_mut().find(|known| known.id == *escalation) {
                known.resolved = Some((outcome.clone(), at));
            }
        }
        Event::AssumptionRecorded { assumption, text, line } => {
            plan.assumptions.push(Assumption {
                id: *assumption,
                text: text.clone(),
                holds: None,
                line: *line,
                at,
            });
        }
        Event::AssumptionChecked { assumption, holds } => {
            if let Some(known) = plan.assumptions.iter_mut().find(|known| known.id == *assumption) {
                known.holds = Some(*holds);
                known.at = at;
            }
        }
        Event::MetricDefined { name, unit, target } => {
            let metric = metric_entry(plan, name);
            if unit.is_some() {
                metric.unit.clone_from(unit);
            }
            if target.is_some() {
                metric.target.clone_from(target);
            }
        }
        Event::ReadingRecorded { name, value, unit, source, role } => {
            let metric = metric_entry(plan, name);
            if unit.is_some() {
                metric.unit.clone_from(unit);
            }
            let reading = Reading { value: *value, source: source.clone(), by: by(), at };
            match role {
                None => {
                    metric.last = Some(reading);
                    metric.readings += 1;
                }
                Some(MetricRole::Baseline) => metric.baseline = Some(reading),
                Some(MetricRole::Claimed | MetricRole::Target) => metric.claimed = Some(reading),
            }
        }
        Event::RebaselineRequested { task, field, from, to, reason, missing } => {
            let first = plan
                .rebaselines
                .iter()
                .find(|known| known.task == *task && known.field == *field)
                .map_or_else(|| from.clone(), |known| known.first.clone());
            plan.rebaselines.push(Rebaseline {
                task: *task,
                field: field.clone(),
                from: from.clone(),
                to: to.clone(),
                reason: reason.clone(),
                by: by(),
                at,
                missing: missing.clone(),
                approved: Vec::new(),
                first,
            });
        }
        Event::RebaselineApproved { rebaseline, role } => {
            if let Some(known) = plan.rebaselines.get_mut(*rebaseline as usize) {
                known.missing.retain(|missing| missing != role);
                known.approved.push((role.clone(), by()));
            }
        }
        _ => {}
    }
}

fn metric_entry<'a>(plan: &'a mut Plan, name: &str) -> &'a mut Metric {
    let place = plan.metrics.iter().position(|metric| metric.name.eq_ignore_ascii_case(name));
    let place = place.unwrap_or_else(|| {
        plan.metrics.push(Metric {
            name: name.to_owned(),
            unit: None,
            target: None,
            baseline: None,
            claimed: None,
            last: None,
            readings: 0,
        });
        plan.metrics.len() - 1
    });
    &mut plan.metrics[place]
}

/// The attempt a subject is in: a task's own; gates have but one.
pub fn attempt_of(plan: &Plan, subject: Subject) -> u32 {
    match subject {
        Subject::Task(id) => plan.task(id).map_or(1, |task| task.attempt),
        _ => 1,
    }
}

/// The tasks of a plan that are not dropped.
pub fn live_tasks(plan: &Plan) -> impl Iterator<Item = &Task> {
    plan.tasks.iter().filter(|task| !task.is_dropped())
}

/// Whether `id` is a task of the plan that is not dropped.
pub fn is_live(plan: &Plan, id: TaskId) -> bool {
    plan.task(id).is_some_and(|task| !task.is_dropped())
}
