//! The review queue: who may be asked what, who answers, and what an answer countersigns.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::progress::worker;
use super::{Ruling, approve, person, required};
use crate::actor::{Actor, By};
use crate::apply::attempt_of;
use crate::check::Probe;
use crate::command::{RequestReview, ResolveTicket};
use crate::context::Context;
use crate::delivery::Streak;
use crate::event::Event;
use crate::gate::{Review, Subject};
use crate::ids::{CheckId, NoteId, PersonId, TaskId, TicketId};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::review::{Ticket, TicketJoined, TicketOpened, TicketOutcome, TicketSource, TicketState};
use crate::task::TaskState;

/// Something that people are to look at.
pub(super) struct Asked {
    pub(super) about: Option<Subject>,
    pub(super) sources: Vec<TicketSource>,
    pub(super) summary: String,
    pub(super) payload: BTreeMap<String, String>,
    pub(super) due: Option<Timestamp>,
}

/// Puts something before people: on the ticket its subject has already, else on one of its own.
pub(super) fn ask(ruling: &mut Ruling<'_>, asked: Asked, cx: &mut Context<'_>) {
    let plan = ruling.before();
    let known = match asked.about {
        Some(subject) => plan.active_ticket(subject),
        // About the plan as a whole there may be several, but not two of one guardrail.
        None => plan.tickets.iter().find(|ticket| {
            ticket.about.is_none()
                && ticket.is_active()
                && asked.sources.iter().any(|source| {
                    matches!(source, TicketSource::Guardrail(_)) && ticket.sources.contains(source)
                })
        }),
    };
    match known {
        Some(ticket) => {
            let joined = joined(ticket, asked);
            if let Some(joined) = joined {
                ruling.record(Event::TicketJoined(Box::new(joined)));
            }
        }
        None => open(ruling, asked, cx),
    }
}

fn open(ruling: &mut Ruling<'_>, asked: Asked, cx: &mut Context<'_>) {
    let Asked { about, sources, summary, payload, due } = asked;
    let ticket = cx.id(TicketId::from_bits);
    let opened = TicketOpened { ticket, about, sources, summary, payload, due };
    ruling.record(Event::TicketOpened(Box::new(opened)));
}

/// What of it the ticket does not have yet; nothing where it has all of it.
fn joined(ticket: &Ticket, asked: Asked) -> Option<TicketJoined> {
    let is_new = |source: &TicketSource| !ticket.sources.contains(source);
    let sources: Vec<TicketSource> = asked.sources.into_iter().filter(is_new).collect();
    let payload = ticket.fresh(asked.payload);
    // Whoever asks for an answer sooner gets it sooner; nobody is made to wait longer.
    let due = asked.due.filter(|due| ticket.due.is_none_or(|before| *due < before));
    let nothing = sources.is_empty() && payload.is_empty() && due.is_none();
    (!nothing).then_some(TicketJoined { ticket: ticket.id, sources, payload, due })
}

/// Somebody wants people to look at something.
pub(super) fn request(
    ruling: &mut Ruling<'_>,
    request: RequestReview,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let summary = required(&request.summary, "what is to be looked at")?;
    let RequestReview { about, due, mut payload, .. } = request;
    if let Some(due) = due.filter(|due| *due <= cx.now) {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("an answer can be asked for in the future, not by {due}"),
        ));
    }
    let plan = ruling.before();
    let mut sources = vec![match due {
        Some(_) => TicketSource::Acknowledgement,
        None => TicketSource::Request,
    }];
    match about {
        Some(Subject::Task(id)) => {
            let task = ruling.live_task(id)?;
            let owners: Vec<&str> = task.facts.owners().map(|owner| owner.name.as_str()).collect();
            if due.is_some() && !owners.is_empty() {
                payload.entry("owners".to_owned()).or_insert_with(|| owners.join(", "));
            }
            if matches!(task.state, TaskState::Claimed(_)) {
                sources.extend(approvals(plan, Subject::Task(id), task.worker(), cx));
            }
        }
        Some(subject) => {
            if plan.gate(subject).is_none() {
                let name = plan.subject_name(subject);
                return Err(Refusal::new(
                    refusal::GATE_NOT_FOUND,
                    format!("there is nothing called `{name}` to look at"),
                ));
            }
            sources.extend(approvals(plan, subject, None, cx));
        }
        None => {}
    }
    payload.insert("request".to_owned(), summary.clone());
    let full = |ticket: &Ticket| {
        ticket.fresh(payload.clone()).len() < payload.len()
            && ticket.payload.len() + payload.len() > crate::review::MOST_PAYLOAD
    };
    if about.and_then(|about| plan.active_ticket(about)).is_some_and(full) {
        return Err(Refusal::new(refusal::VALUE_INVALID, "the ticket holds as much as a ticket can")
            .hint("resolve or dismiss it first"));
    }
    ask(ruling, Asked { about, sources, summary, payload, due }, cx);
    Ok(())
}

/// A task that was just said to be done asks for the approvals its gate wants.
pub(super) fn claimed(ruling: &mut Ruling<'_>, id: TaskId, cx: &mut Context<'_>) {
    let (plan, claimer) = (ruling.before(), cx.by.actor.clone());
    let sources = approvals(plan, Subject::Task(id), Some(&claimer), cx);
    let Some(task) = plan.task(id).filter(|_| !sources.is_empty()) else { return };
    let roles = roles(plan, &sources);
    let summary = format!("`{}` asks for an approval by {roles}: {}", task.key, task.title);
    let payload =
        BTreeMap::from([("claimed_by".to_owned(), claimer.to_string()), ("approval".to_owned(), roles)]);
    ask(ruling, Asked { about: Some(Subject::Task(id)), sources, summary, payload, due: None }, cx);
}

/// The approvals that a subject's gate waits for, once this one claims it.
fn approvals(plan: &Plan, subject: Subject, claimer: Option<&Actor>, cx: &Context<'_>) -> Vec<TicketSource> {
    let attempt = attempt_of(plan, subject);
    let checks = plan.gate(subject).into_iter().flat_map(|gate| &gate.checks);
    let asking = checks.filter(|check| matches!(check.spec.probe, Probe::Approval { .. }));
    // As the gate will judge once the claim stands: an approval of one's own work is none.
    let review = Review {
        settings: &plan.settings,
        waivers: &plan.waivers,
        attempt,
        inputs: None,
        claimed_by: claimer,
        unverified: &|_| Vec::new(),
        attached: &|_| false,
        reading: &|_| None,
        streak: &|_, _| Streak::NONE,
    };
    let waits = asking.filter(|check| !check.standing(&review, cx.now).opens());
    waits.map(|check| TicketSource::Approval { check: check.id, attempt }).collect()
}

fn roles(plan: &Plan, sources: &[TicketSource]) -> String {
    let role = |source: &TicketSource| match source {
        TicketSource::Approval { check, .. } => match &plan.check(*check)?.1.spec.probe {
            Probe::Approval { role, .. } => Some(role.clone()),
            _ => None,
        },
        _ => None,
    };
    sources.iter().filter_map(role).collect::<Vec<_>>().join(" and ")
}

/// A guardrail was hit, and somebody is to look.
pub(super) fn guardrail(
    ruling: &mut Ruling<'_>,
    task: Option<TaskId>,
    code: &str,
    summary: String,
    (name, value): (&str, String),
    cx: &mut Context<'_>,
) {
    let asked = Asked {
        about: task.map(Subject::Task),
        sources: vec![TicketSource::Guardrail(code.to_owned())],
        summary,
        payload: BTreeMap::from([(name.to_owned(), value)]),
        due: None,
    };
    ask(ruling, asked, cx);
}

pub(super) fn assign(
    ruling: &mut Ruling<'_>,
    id: TicketId,
    reviewer: Option<PersonId>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let who = person(ruling.before(), cx, "assign a review ticket")?;
    let ticket = active(ruling.before(), id)?;
    let reviewer = reviewer.unwrap_or(who);
    if ticket.reviewer() != Some(&reviewer) {
        ruling.record(Event::TicketAssigned { ticket: id, reviewer });
    }
    Ok(())
}

pub(super) fn unassign(ruling: &mut Ruling<'_>, id: TicketId, cx: &Context<'_>) -> Result<(), Refusal> {
    person(ruling.before(), cx, "unassign a review ticket")?;
    let ticket = active(ruling.before(), id)?;
    if matches!(ticket.state, TicketState::InReview { .. }) {
        ruling.record(Event::TicketUnassigned { ticket: id });
    }
    Ok(())
}

/// A remark, also on what is over: it moves nothing.
pub(super) fn note(
    ruling: &mut Ruling<'_>,
    id: TicketId,
    text: &str,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let text = required(text, "a note")?;
    find(ruling.before(), id)?;
    let note = cx.id(NoteId::from_bits);
    ruling.record(Event::TicketNoted { ticket: id, note, text });
    Ok(())
}

/// Ends a ticket. Answering it gives the approval it asks for, under exactly the rules of approving.
pub(super) fn resolve(
    ruling: &mut Ruling<'_>,
    answer: ResolveTicket,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let who = person(ruling.before(), cx, "resolve a review ticket")?;
    let plan = ruling.before();
    let ticket = active(plan, answer.ticket)?.clone();
    let (outcome, summary) = (answer.outcome, answer.summary.trim().to_owned());
    if outcome == TicketOutcome::Resolved {
        let asked = plan.approvals_asked(&ticket, cx.now);
        if let Some(check) = pick(plan, &asked, &answer)? {
            countersign(ruling, check, &who, cx)?;
        }
    }
    ruling.record(Event::TicketClosed { ticket: ticket.id, outcome, summary: summary.clone() });
    for escalation in ticket.sources.iter().filter_map(|source| match source {
        TicketSource::Escalation(id) => Some(*id),
        _ => None,
    }) {
        let known = ruling.before().escalations.iter().find(|known| known.id == escalation);
        if known.is_some_and(|known| known.resolved.is_none()) {
            let outcome = if summary.is_empty() { outcome.as_str().to_owned() } else { summary.clone() };
            ruling.record(Event::EscalationResolved { escalation, outcome });
        }
    }
    if outcome == TicketOutcome::Resolved {
        ask_for_the_rest(ruling, &ticket, cx);
    }
    Ok(())
}

/// Records the approval of whoever answers; one who has approved before adds nothing.
fn countersign(
    ruling: &mut Ruling<'_>,
    check: CheckId,
    who: &PersonId,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let before = ruling.events.len();
    approve::give(ruling, check, who, cx)?;
    if ruling.events.len() > before {
        return Ok(());
    }
    let plan = ruling.before();
    let name = plan.check(check).map(|(_, check)| check.spec.name.clone()).unwrap_or_default();
    let stands = plan.check_standing(check, cx.now).map(|stands| stands.summary()).unwrap_or_default();
    Err(Refusal::new(refusal::TASK_STATE, format!("{who} has approved `{name}` already"))
        .fact(stands)
        .hint("the ticket waits for somebody else; leave it to them, or dismiss it"))
}

/// Of several approvals that a ticket asks for, a person gives one at a time.
fn pick(plan: &Plan, asked: &[CheckId], answer: &ResolveTicket) -> Result<Option<CheckId>, Refusal> {
    let fits = |id: &&CheckId| {
        let Some((_, check)) = plan.check(**id) else { return false };
        let named = answer.check.as_ref().is_none_or(|name| check.spec.name == *name);
        let role = match &check.spec.probe {
            Probe::Approval { role, .. } => role.as_str(),
            _ => "",
        };
        named && answer.role.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(role))
    };
    let mut fitting = asked.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(Some(*only)),
        (None, _) if answer.check.is_none() && answer.role.is_none() => Ok(None),
        (None, _) => Err(Refusal::new(refusal::VALUE_INVALID, "the ticket asks for no such approval")
            .hint("see what it asks for with `countersign review show`")),
        (Some(_), Some(_)) => {
            Err(Refusal::new(refusal::VALUE_INVALID, "the ticket asks for several approvals")
                .hint("say which with `--role` or `--check`"))
        }
    }
}

/// Where others must approve as well, they are asked on a ticket of their own: each answer counts
/// for whoever gave it.
fn ask_for_the_rest(ruling: &mut Ruling<'_>, ticket: &Ticket, cx: &mut Context<'_>) {
    if !ticket.sources.iter().any(|source| matches!(source, TicketSource::Approval { .. })) {
        return;
    }
    let now = cx.now;
    let left: Vec<CheckId> = ruling.after(cx).approvals_asked(ticket, now);
    let still = |source: &TicketSource| matches!(source, TicketSource::Approval { check, .. } if left.contains(check));
    let sources: Vec<TicketSource> = ticket.sources.iter().filter(|source| still(source)).cloned().collect();
    let (Some(about), false) = (ticket.about, sources.is_empty()) else { return };
    let plan = ruling.before();
    let roles = roles(plan, &sources);
    let summary = format!("`{}` asks for another approval by {roles}", plan.subject_name(about));
    let payload =
        BTreeMap::from([("approval".to_owned(), roles), ("after".to_owned(), ticket.id.to_string())]);
    open(ruling, Asked { about: Some(about), sources, summary, payload, due: ticket.due }, cx);
}

/// Closes the tickets that what was just recorded has answered, where a person did that.
pub(super) fn close_answered(ruling: &mut Ruling<'_>, led: impl Fn(&TicketSource) -> bool, cx: &Context<'_>) {
    if person(ruling.before(), cx, "answer a review ticket").is_err() {
        return;
    }
    let concerned = |ticket: &&Ticket| ticket.is_active() && ticket.sources.iter().any(&led);
    let some: Vec<TicketId> =
        ruling.before().tickets.iter().filter(concerned).map(|ticket| ticket.id).collect();
    if some.is_empty() {
        return;
    }
    let now = cx.now;
    let after = ruling.after(cx);
    let answered: Vec<TicketId> = some
        .into_iter()
        .filter(|id| after.ticket(*id).is_some_and(|ticket| after.is_answered(ticket, now)))
        .collect();
    for ticket in answered {
        let outcome = TicketOutcome::Resolved;
        ruling.record(Event::TicketClosed { ticket, outcome, summary: String::new() });
    }
}

/// What asked for nothing but an approval of work that is no longer said to be done is put aside.
pub(super) fn void(ruling: &mut Ruling<'_>, task: TaskId, why: &str) {
    let Some(ticket) = ruling.before().active_ticket(Subject::Task(task)) else { return };
    if ticket.sources.iter().all(|source| matches!(source, TicketSource::Approval { .. })) {
        let (ticket, outcome) = (ticket.id, TicketOutcome::Dismissed);
        ruling.record(Event::TicketClosed { ticket, outcome, summary: why.to_owned() });
    }
}

/// A task lost its worker once too often.
pub(super) fn struck(ruling: &mut Ruling<'_>, id: TaskId, cx: &mut Context<'_>) {
    let limit = ruling.before().settings.leases.strikes;
    let Some(task) = ruling.before().task(id) else { return };
    let strikes = task.effort.as_ref().map_or(0, |effort| effort.strikes) + 1;
    if limit == 0 || strikes < limit {
        return;
    }
    let summary = format!("`{}` has lost its worker {strikes} times: {}", task.key, task.title);
    guardrail(ruling, Some(id), refusal::LEASE_STRIKES, summary, ("strikes", strikes.to_string()), cx);
}

fn find(plan: &Plan, id: TicketId) -> Result<&Ticket, Refusal> {
    plan.ticket(id).ok_or_else(|| not_found(&id.to_string()))
}

/// No ticket of this name is there.
pub fn not_found(named: &str) -> Refusal {
    Refusal::new(refusal::REVIEW_NOT_FOUND, "Review ticket not found")
        .hint("see them all with `countersign review list`")
        .with("ticket", named)
}

fn active(plan: &Plan, id: TicketId) -> Result<&Ticket, Refusal> {
    let ticket = find(plan, id)?;
    let Some(closed) = ticket.closed() else { return Ok(ticket) };
    let By { actor, .. } = &closed.by;
    Err(Refusal::new(
        refusal::REVIEW_CLOSED,
        format!("the ticket was {} by {actor} at {}", closed.outcome.as_str(), closed.at),
    )
    .hint("a closed ticket takes notes only; ask anew with `countersign review request`")
    .with("ticket", id.to_string())
    .with("status", ticket.status()))
}
