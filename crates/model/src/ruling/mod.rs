//! Rulings: what comes of a command, as events or as a refusal. One file per family of verbs.
//!
//! A ruling never changes the plan it looks at. Where a later step must see an earlier one, the
//! [`Ruling`] applies what it has recorded to a copy of its own.

mod adopt;
mod approve;
pub mod commons;
mod delivery;
mod document;
pub(crate) mod identity;
mod lease;
mod needs;
mod progress;
mod prove;
mod registers;
mod review;
mod revise;
pub mod token;
mod trust;
mod waive;
mod work;

use std::borrow::Cow;

pub use review::not_found as no_such_ticket;

use crate::actor::Actor;
use crate::apply::{Stamp, apply};
use crate::command::Command;
use crate::context::Context;
use crate::event::Event;
use crate::gate::CheckStanding;
use crate::ids::{PersonId, TaskId};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::settings::Identity;
use crate::task::Task;

/// Rules on a command: the events that come of it, or a refusal. Changes nothing itself.
pub fn rule(plan: &Plan, command: Command, cx: &mut Context<'_>) -> Result<Vec<Event>, Refusal> {
    let mut ruling = Ruling::new(plan);
    let of_the_store = command.is_of_the_store();
    let adopts = matches!(command, Command::AdoptPlan(_));
    if !of_the_store && !adopts && plan.revision.0 == 0 {
        return Err(Refusal::new(refusal::PLAN_NOT_FOUND, "this plan has not been adopted")
            .hint("adopt it with `countersign adopt FILE`"));
    }
    if let Some(task) = command.works_on().filter(|_| needs_the_grant(&command, cx)) {
        lease::holding(plan, task, cx)?;
    }
    match command {
        Command::AdoptPlan(definition) => adopt::adopt(&mut ruling, *definition, cx),
        Command::RevisePlan { onto, base, definition } => {
            revise::revise(&mut ruling, onto, base.map(|base| *base), *definition, cx)
        }
        Command::ReviseTasks { onto, sources, edits, told } => {
            revise::revise_tasks(&mut ruling, onto, (sources, edits), told, cx)
        }
        Command::Start(task) => progress::start(&mut ruling, task, cx),
        Command::Claim { task, how } => progress::claim(&mut ruling, task, how, cx),
        Command::Update { task, put, clear } => progress::update(&mut ruling, task, put, clear, cx),
        Command::Rewire { task, needs, blockers } => needs::rewire(&mut ruling, task, needs, blockers, cx),
        Command::Block { task, reason } => progress::block(&mut ruling, task, reason),
        Command::Unblock(task) => progress::unblock(&mut ruling, task),
        Command::Drop { task, reason } => progress::drop(&mut ruling, task, reason, cx),
        Command::Reopen { task, reason } => progress::reopen(&mut ruling, task, reason, cx),
        Command::Note { task, text } => progress::note(&mut ruling, task, text),
        Command::Attach { task, name, blob, size } => {
            progress::attach(&mut ruling, task, name, blob, size, cx)
        }
        Command::AddTask { kind, key, title, needs, facts } => {
            progress::add_task(&mut ruling, kind, key, title, needs, facts, cx)
        }
        Command::RecordVerdict { check, attempt, spec, inputs, outcome, evidence } => {
            let report = prove::Report { check, attempt, spec, inputs, outcome, evidence: *evidence };
            prove::record_verdict(&mut ruling, report, cx)
        }
        Command::Verify { task, inputs } => prove::verify(&mut ruling, task, inputs, cx),
        Command::Approve { subject, check, role } => approve::approve(&mut ruling, subject, check, role, cx),
        Command::ApproveWeakening(loosened) => approve::approve_weakening(&mut ruling, loosened, cx),
        Command::Waive { check, reason, until, approve } => {
            waive::waive(&mut ruling, check, reason, until, approve, cx)
        }
        Command::WaiveNeed { task, need, reason, until, approve } => {
            waive::waive_need(&mut ruling, (task, need), reason, until, approve, cx)
        }
        Command::ApproveWaiver(waiver) => waive::approve(&mut ruling, waiver, cx),
        Command::RevokeWaiver { waiver, reason } => waive::revoke(&mut ruling, waiver, reason, cx),
        Command::AddRisk { key, details } => registers::add_risk(&mut ruling, key, details, cx),
        Command::ChangeRisk { key, details } => registers::change_risk(&mut ruling, &key, details),
        Command::Decide(entry) => registers::decide(&mut ruling, entry, cx),
        Command::Escalate { entry, task } => registers::escalate(&mut ruling, entry, task, cx),
        Command::ResolveEscalation { escalation, outcome } => {
            registers::resolve(&mut ruling, escalation, outcome, cx)
        }
        Command::Assume(text) => registers::assume(&mut ruling, text, cx),
        Command::CheckAssumption { assumption, holds } => {
            registers::check_assumption(&mut ruling, assumption, holds)
        }
        Command::DefineMetric { name, unit, target } => {
            registers::define_metric(&mut ruling, name, unit, target, cx)
        }
        Command::RecordReading { name, value, unit, source, role } => {
            registers::record_reading(&mut ruling, name, value, unit, source, role, cx)
        }
        Command::RecordCiRun(run) => delivery::record_run(&mut ruling, *run, cx),
        Command::RecordDeployment(deployed) => delivery::record_deployment(&mut ruling, *deployed),
        Command::OpenIncident { key, text, severity, since } => {
            delivery::open_incident(&mut ruling, key, &text, severity, since, cx)
        }
        Command::EndIncident { incident, outcome, at } => {
            delivery::end_incident(&mut ruling, incident, &outcome, at, cx)
        }
        Command::Rebaseline { task, to, reason } => registers::rebaseline(&mut ruling, task, to, reason, cx),
        Command::ApproveRebaseline { task, role } => {
            registers::approve_rebaseline(&mut ruling, task, role, cx)
        }
        Command::IntendDocument { path, from, to, through, edits } => {
            document::intend(&mut ruling, path, (from, to), through, edits)
        }
        Command::SyncDocument { path, digest, through } => {
            document::synced(&mut ruling, path, digest, through)
        }
        Command::Take(asked) => lease::take(&mut ruling, *asked, cx),
        Command::Beat(task) => lease::beat(&mut ruling, task, cx),
        Command::TellSilence(task) => lease::tell_silence(&mut ruling, task, cx),
        Command::Release { task, how, reason } => lease::release(&mut ruling, task, how, reason, cx),
        Command::Submit { task, commit, touched, summary } => {
            lease::submit(&mut ruling, task, commit, touched, summary, cx)
        }
        Command::Reserve { task, paths, shared } => lease::reserve(&mut ruling, task, &paths, shared, cx),
        Command::Touch { task, path, digest } => lease::touch(&mut ruling, task, &path, digest, cx),
        Command::HandOff(what) => work::hand_off(&mut ruling, *what, cx),
        Command::RecordUsage { task, usage } => work::record_usage(&mut ruling, task, usage, cx),
        Command::Report { task, name, payload } => work::report(&mut ruling, task, name, payload, cx),
        Command::AllowBudget { usage, reason } => work::allow_budget(&mut ruling, usage, &reason, cx),
        Command::RequestReview(request) => review::request(&mut ruling, *request, cx),
        Command::AssignTicket { ticket, reviewer } => review::assign(&mut ruling, ticket, reviewer, cx),
        Command::UnassignTicket(ticket) => review::unassign(&mut ruling, ticket, cx),
        Command::NoteTicket { ticket, text } => review::note(&mut ruling, ticket, &text, cx),
        Command::ResolveTicket(answer) => review::resolve(&mut ruling, *answer, cx),
        Command::Halt { reason } => work::halt(&mut ruling, &reason, cx),
        Command::Resume => work::resume(&mut ruling, cx),
        Command::RegisterAgent { agent, card } => commons::register(&mut ruling, agent, card, cx),
        Command::StartSession { session, plan, topology, max_agents, silence_seconds } => {
            commons::start(&mut ruling, session, plan, topology, (max_agents, silence_seconds), cx)
        }
        Command::JoinSession(joined) => commons::join(&mut ruling, *joined, cx),
        Command::SeeAgent { session, agent, process } => {
            commons::seen(&mut ruling, session, agent, process, cx)
        }
        Command::EndSession { session, reason, stuck } => {
            commons::end(&mut ruling, session, &reason, stuck, cx)
        }
        Command::SetMemory(set) => commons::set_memory(&mut ruling, *set, cx),
        Command::DeleteMemory { key, expect, under } => {
            commons::delete_memory(&mut ruling, &key, expect, under, cx)
        }
        Command::SendMessage { to, text, plan, task, answers } => {
            commons::send(&mut ruling, to, &text, (plan, task), answers, cx)
        }
        Command::AcknowledgeMessages(messages) => commons::acknowledge(&mut ruling, messages, cx),
        Command::IssueToken(asked) => token::issue(&mut ruling, *asked, cx),
        Command::RevokeToken { id, reason } => token::revoke(&mut ruling, id, &reason, cx),
        Command::Trust { path, set, commands } => trust::trust(&mut ruling, path, set, commands, cx),
        Command::RegisterKey { person, key } => trust::register_key(&mut ruling, person, key, cx),
    }?;
    Ok(ruling.events)
}

/// Whether a command asks for the task to be the asker's own. A person decides about a task also
/// while somebody else works on it, but does not do that work.
fn needs_the_grant(command: &Command, cx: &Context<'_>) -> bool {
    let does_the_work = matches!(
        command,
        Command::Start(_)
            | Command::Claim { .. }
            | Command::Submit { .. }
            | Command::Beat(_)
            | Command::Touch { .. }
    );
    does_the_work || !matches!(cx.by.actor, Actor::Person(_))
}

/// Refuses what is done under a grant that is not, or no longer, the asker's: for what is written
/// outside the plan that the grant belongs to.
pub fn holds(plan: &Plan, holding: crate::commons::Holding, cx: &Context<'_>) -> Result<(), Refusal> {
    lease::holds(plan, holding, cx)
}

/// The events of one ruling, and the plan as it would be after them.
struct Ruling<'p> {
    plan: Cow<'p, Plan>,
    /// How many of the events the copy has seen.
    seen: usize,
    events: Vec<Event>,
}

impl<'p> Ruling<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self { plan: Cow::Borrowed(plan), seen: 0, events: Vec::new() }
    }

    fn record(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The plan before this ruling.
    fn before(&self) -> &Plan {
        &self.plan
    }

    /// The plan as the events recorded so far leave it. Copies the plan the first time.
    fn after(&mut self, cx: &Context<'_>) -> &Plan {
        if self.seen < self.events.len() {
            let plan = self.plan.to_mut();
            for event in &self.events[self.seen..] {
                let stamp = Stamp { seq: plan.seq.next(), at: cx.now, by: cx.by };
                apply(plan, event, stamp);
            }
            self.seen = self.events.len();
        }
        &self.plan
    }

    fn task(&self, id: TaskId) -> Result<&Task, Refusal> {
        self.plan.task(id).ok_or_else(|| {
            Refusal::new(refusal::TASK_NOT_FOUND, format!("there is no task `{id}`"))
                .with("task", id.to_string())
        })
    }

    /// A task that was not given up.
    fn live_task(&self, id: TaskId) -> Result<&Task, Refusal> {
        let task = self.task(id)?;
        if task.is_dropped() {
            return Err(Refusal::new(refusal::TASK_STATE, format!("task `{}` was dropped", task.key))
                .hint(format!("take it up again with `countersign reopen {}`", task.key))
                .with("task", task.key.as_str()));
        }
        Ok(task)
    }
}

fn required(text: &str, what: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::new(refusal::VALUE_INVALID, format!("{what} must not be empty")));
    }
    Ok(text.to_owned())
}

/// The person who asks, where only a person may. `proven`: the plan's settings may ask for more.
fn person(plan: &Plan, cx: &Context<'_>, what: &str) -> Result<PersonId, Refusal> {
    let Actor::Person(person) = &cx.by.actor else {
        return Err(Refusal::new(
            refusal::POLICY_DENIED,
            format!("only a person can {what}, not {}", cx.by.actor),
        )
        .hint("ask a person to do it"));
    };
    if cx.by.known.is_proven() {
        return Ok(person.clone());
    }
    if cx.agent_present {
        return Err(Refusal::new(
            refusal::IDENTITY_UNPROVEN,
            format!("an agent is present, so a declared name is not enough to {what}"),
        )
        .hint(format!("sign it with {person}'s key: add `--sign`")));
    }
    if plan.settings.identity == Identity::Proven {
        return Err(Refusal::new(
            refusal::IDENTITY_UNPROVEN,
            format!("this plan asks for a proven identity to {what}"),
        )
        .hint(format!("sign it with {person}'s key: add `--sign`")));
    }
    Ok(person.clone())
}

/// One line for each check that keeps a gate shut: `clippy: clippy_warnings is 34, target < 20`.
fn shut_facts(plan: &Plan, checks: &[(crate::ids::CheckId, CheckStanding)]) -> Vec<String> {
    checks
        .iter()
        .map(|(id, standing)| {
            let name = plan.check(*id).map_or_else(|| id.to_string(), |(_, check)| check.spec.name.clone());
            format!("{name}: {} ({})", standing.summary(), standing.word())
        })
        .collect()
}
