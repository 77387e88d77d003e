//! Risks, decisions, escalations, assumptions, metrics and rebaselines.

use jiff::Timestamp;

use super::{Ruling, person, required, review};
use crate::actor::Actor;
use crate::check::Probe;
use crate::command::Schedule;
use crate::context::Context;
use crate::draft::{Due, MetricRole};
use crate::event::Event;
use crate::facts::{Fact, Facts};
use crate::gate::Subject;
use crate::ids::slug;
use crate::ids::{AssumptionId, DecisionId, EscalationId, Key, RiskId, TaskId};
use crate::plan::Plan;
use crate::refusal::{self, Refusal};
use crate::registers::{EntryDetails, Rebaseline, RiskDetails};
use crate::review::TicketSource;
use crate::target::Target;

pub(super) fn add_risk(
    ruling: &mut Ruling<'_>,
    key: Option<Key>,
    details: RiskDetails,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let title = required(&details.title, "the risk's title")?;
    let plan = ruling.before();
    let taken = |key: &Key| plan.risks.iter().any(|risk| risk.key == *key);
    let key = match key {
        Some(key) if taken(&key) => {
            return Err(Refusal::new(refusal::KEY_DUPLICATE, format!("the key `{key}` is taken"))
                .with("key", key.as_str()));
        }
        Some(key) => key,
        None => {
            let stem = format!("risk/{}", slug(&title));
            (1u32..)
                .filter_map(|twin| {
                    Key::new(&if twin == 1 { stem.clone() } else { format!("{stem}~{twin}") }).ok()
                })
                .find(|key| !taken(key))
                .expect("there are more numbers than risks")
        }
    };
    let details = RiskDetails { title, ..details };
    ruling.record(Event::RiskAdded { risk: cx.id(RiskId::from_bits), key, details, line: 0 });
    Ok(())
}

pub(super) fn change_risk(ruling: &mut Ruling<'_>, key: &Key, change: RiskDetails) -> Result<(), Refusal> {
    let Some(risk) = ruling.before().risks.iter().find(|risk| risk.key == *key) else {
        return Err(Refusal::new(refusal::ENTRY_NOT_FOUND, format!("there is no risk `{key}`"))
            .hint("see them all with `countersign risk list`"));
    };
    let old = &risk.details;
    let details = RiskDetails {
        title: if change.title.trim().is_empty() { old.title.clone() } else { change.title },
        probability: change.probability.or_else(|| old.probability.clone()),
        impact: change.impact.or_else(|| old.impact.clone()),
        status: change.status.or_else(|| old.status.clone()),
        trend: change.trend.or_else(|| old.trend.clone()),
        owner: change.owner.or_else(|| old.owner.clone()),
        mitigation: change.mitigation.or_else(|| old.mitigation.clone()),
        escalation: change.escalation.or_else(|| old.escalation.clone()),
        tasks: if change.tasks.is_empty() { old.tasks.clone() } else { change.tasks },
    };
    if details != *old {
        let (risk, line) = (risk.id, risk.line);
        ruling.record(Event::RiskChanged { risk, details, line });
    }
    Ok(())
}

pub(super) fn decide(
    ruling: &mut Ruling<'_>,
    entry: EntryDetails,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let entry = EntryDetails { text: required(&entry.text, "the decision")?, ..entry };
    ruling.record(Event::DecisionRecorded { decision: cx.id(DecisionId::from_bits), entry, line: 0 });
    Ok(())
}

pub(super) fn escalate(
    ruling: &mut Ruling<'_>,
    entry: EntryDetails,
    task: Option<TaskId>,
    cx: &mut Context<'_>,
) -> Result<(), Refusal> {
    let entry = EntryDetails { text: required(&entry.text, "the escalation")?, ..entry };
    if let Some(task) = task {
        ruling.task(task)?;
    }
    escalated(ruling, entry, task, cx);
    Ok(())
}

/// Puts an escalation on record, and before people.
pub(super) fn escalated(
    ruling: &mut Ruling<'_>,
    entry: EntryDetails,
    task: Option<TaskId>,
    cx: &mut Context<'_>,
) {
    let escalation = cx.id(EscalationId::from_bits);
    let named = [
        ("escalation", Some(entry.text.clone())),
        ("owner", entry.owner.clone()),
        ("due", entry.due.as_ref().map(|due| due.text.clone())),
    ];
    let payload = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let summary = entry.text.clone();
    let due = entry.due.as_ref().and_then(|due| due.at).filter(|due| *due > cx.now);
    ruling.record(Event::EscalationOpened { escalation, entry, task, line: 0 });
    let sources = vec![TicketSource::Escalation(escalation)];
    review::ask(ruling, review::Asked { about: task.map(Subject::Task), sources, summary, payload, due }, cx);
}

pub(super) fn resolve(
    ruling: &mut Ruling<'_>,
    id: EscalationId,
    outcome: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let outcome = required(&outcome, "the outcome")?;
    let Some(known) = ruling.before().escalations.iter().find(|known| known.id == id) else {
        return Err(Refusal::new(refusal::ENTRY_NOT_FOUND, format!("there is no escalation `{id}`")));
    };
    if known.resolved.is_some() {
        return Err(Refusal::new(refusal::TASK_STATE, "the escalation has ended already"));
    }
    ruling.record(Event::EscalationResolved { escalation: id, outcome });
    review::close_answered(ruling, |source| *source == TicketSource::Escalation(id), cx);
    Ok(())
}

pub(super) fn assume(ruling: &mut Ruling<'_>, text: String, cx: &mut Context<'_>) -> Result<(), Refusal> {
    let text = required(&text, "the assumption")?;
    ruling.record(Event::AssumptionRecorded { assumption: cx.id(AssumptionId::from_bits), text, line: 0 });
    Ok(())
}

pub(super) fn check_assumption(
    ruling: &mut Ruling<'_>,
    id: AssumptionId,
    holds: bool,
) -> Result<(), Refusal> {
    if ruling.before().assumptions.iter().all(|known| known.id != id) {
        return Err(Refusal::new(refusal::ENTRY_NOT_FOUND, format!("there is no assumption `{id}`")));
    }
    ruling.record(Event::AssumptionChecked { assumption: id, holds });
    Ok(())
}

/// Sets a metric's unit or target. A recorded reading may open a gate, so loosening a target that
/// is there already is a person's business.
pub(super) fn define_metric(
    ruling: &mut Ruling<'_>,
    name: String,
    unit: Option<String>,
    target: Option<Target>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let name = required(&name, "the metric's name")?;
    let plan = ruling.before();
    let old = plan.metric(&name).and_then(|metric| metric.target.as_ref());
    if let (Some(old), Some(new)) = (old, &target)
        && !new.at_least_as_strict_as(old)
    {
        person(plan, cx, "loosen a target")?;
    }
    ruling.record(Event::MetricDefined { name, unit, target });
    Ok(())
}

pub(super) fn record_reading(
    ruling: &mut Ruling<'_>,
    name: String,
    value: f64,
    unit: Option<String>,
    source: String,
    role: Option<MetricRole>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let name = required(&name, "the metric's name")?;
    let plan = ruling.before();
    if role.is_none() && cx.by.actor != Actor::System && opens_a_gate(plan, &name) {
        person(plan, cx, "record a reading that a gate rests on")?;
    }
    let source = required(&source, "the source of a reading")?;
    if !value.is_finite() {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("a reading of `{name}` must be a finite number"),
        ));
    }
    ruling.record(Event::ReadingRecorded { name, value, unit, source, role });
    Ok(())
}

/// Whether some check takes the metric's last recorded reading for proof.
fn opens_a_gate(plan: &Plan, metric: &str) -> bool {
    plan.checks().any(|(_, check)| match &check.spec.probe {
        Probe::Metric { name, command: None, .. } => name.eq_ignore_ascii_case(metric),
        _ => false,
    })
}

pub(super) fn rebaseline(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    to: Schedule,
    reason: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let reason = required(&reason, "the reason")?;
    let plan = ruling.before();
    person(plan, cx, "rebaseline")?;
    let task = ruling.live_task(id)?;
    let fact = match to {
        Schedule::Due(due) => Fact::Due(Box::new(due)),
        Schedule::Window(window) => Fact::Window(window),
        Schedule::Estimate(days) if days.is_finite() && days >= 0.0 => Fact::EstimateDays(days),
        Schedule::Estimate(_) => {
            return Err(Refusal::new(
                refusal::VALUE_INVALID,
                "an estimate is a number of days, zero or more",
            ));
        }
    };
    let (field, new) = schedule_text(&fact);
    let from = task.facts.0.iter().find(|known| known.same_kind(&fact)).map(|known| schedule_text(known).1);
    let missing = plan.settings.rebaseline.clone();
    let at_once = missing.is_empty();
    ruling.record(Event::RebaselineRequested {
        task: id,
        field: field.to_owned(),
        from,
        to: new,
        reason,
        missing,
    });
    if at_once {
        ruling.record(Event::FactsChanged { task: id, put: vec![fact], clear: Vec::new() });
    }
    Ok(())
}

pub(super) fn approve_rebaseline(
    ruling: &mut Ruling<'_>,
    id: TaskId,
    role: String,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let plan = ruling.before();
    let who = person(plan, cx, "approve a rebaseline")?;
    let key = ruling.live_task(id)?.key.clone();
    let waiting = waiting(plan, id);
    let asked = waiting.iter().find(|(_, known)| known.missing.contains(&role));
    let Some((place, known)) = asked.or(waiting.first()).copied() else {
        return Err(Refusal::new(
            refusal::TASK_STATE,
            format!("no rebaseline of `{key}` waits for approval"),
        ));
    };
    if !known.missing.contains(&role) {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("the rebaseline of `{key}` asks for no `{role}`"),
        )
        .fact(format!("it waits for: {}", known.missing.join(", "))));
    }
    if known.by.actor == Actor::Person(who.clone()) && !plan.settings.solo {
        return Err(Refusal::new(
            refusal::APPROVAL_SELF,
            format!("{who} asked for the rebaseline of `{key}`"),
        )
        .hint("ask somebody else, or set `solo = true` for a one-person plan"));
    }
    if !plan.settings.has_role(who.as_str(), &role) {
        return Err(Refusal::new(refusal::POLICY_DENIED, format!("{who} does not have the role `{role}`")));
    }
    let last = known.missing.len() == 1;
    let (field, to) = (known.field.clone(), known.to.clone());
    ruling.record(Event::RebaselineApproved { rebaseline: place as u32, role });
    if !last {
        return Ok(());
    }
    let task = ruling.live_task(id)?;
    let in_force = task.facts.0.iter().find(|known| schedule_text(known).0 == field).cloned();
    let put: Vec<Fact> = schedule_fact(&field, &to).into_iter().collect();
    let clear: Vec<Fact> = in_force.filter(|_| put.is_empty()).into_iter().collect();
    if !put.is_empty() || !clear.is_empty() {
        ruling.record(Event::FactsChanged { task: id, put, clear });
    }
    Ok(())
}

/// The rebaselines of a task that wait for approval, latest first. A later one of the same field
/// takes the place of an earlier one, whether it waits or not.
fn waiting(plan: &Plan, id: TaskId) -> Vec<(usize, &Rebaseline)> {
    let mut seen: Vec<&str> = Vec::new();
    let mut waiting = Vec::new();
    for (place, known) in plan.rebaselines.iter().enumerate().rev().filter(|(_, known)| known.task == id) {
        if seen.contains(&known.field.as_str()) {
            continue;
        }
        seen.push(&known.field);
        if !known.missing.is_empty() {
            waiting.push((place, known));
        }
    }
    waiting
}

/// A changed field of a schedule: its name, its value before, its value after.
pub(super) type Moved = (String, Option<String>, String);

/// Of facts that a revision brings, holds back dates, windows and estimates that differ from those
/// in force, or are gone, while the plan's settings ask for approvals; tells which moved.
pub(super) fn hold_back_schedule(plan: &Plan, old: &Facts, mut new: Facts) -> (Facts, Vec<Moved>) {
    let mut moved = Vec::new();
    for (place, known) in old.0.iter().enumerate() {
        if !matches!(known, Fact::Due(_) | Fact::Window(_) | Fact::EstimateDays(_)) {
            continue;
        }
        let fresh = new.0.iter().find(|fact| fact.same_kind(known));
        if fresh == Some(known) {
            continue;
        }
        let field = schedule_text(known).0;
        let to = fresh.map(|fact| schedule_text(fact).1).unwrap_or_default();
        moved.push((field.to_owned(), Some(schedule_text(known).1), to));
        if plan.settings.rebaseline.is_empty() {
            continue;
        }
        match new.0.iter().position(|fact| fact.same_kind(known)) {
            Some(place) => new.0[place] = known.clone(),
            None => new.0.insert(place.min(new.0.len()), known.clone()),
        }
    }
    (new, moved)
}

/// Dates, windows and estimates in force that a change of facts moves or takes away.
pub(super) fn moved_schedule(old: &Facts, put: &[Fact], clear: &[Fact]) -> Vec<Moved> {
    let of_schedule = |fact: &&Fact| matches!(fact, Fact::Due(_) | Fact::Window(_) | Fact::EstimateDays(_));
    let moved = old.0.iter().filter(of_schedule).filter_map(|known| {
        let fresh = put.iter().find(|fact| fact.same_kind(known));
        let gone = clear.iter().any(|fact| fact.same_kind(known));
        let to = match fresh {
            Some(fact) => schedule_text(fact).1,
            None if gone => String::new(),
            None => return None,
        };
        let (field, from) = schedule_text(known);
        Some((field.to_owned(), Some(from), to))
    });
    moved.collect()
}

fn schedule_text(fact: &Fact) -> (&'static str, String) {
    match fact {
        Fact::Due(due) => ("due", due.text.clone()),
        Fact::Window(window) => ("window", window.clone()),
        Fact::EstimateDays(days) => ("estimate", days.to_string()),
        _ => ("field", String::new()),
    }
}

fn schedule_fact(field: &str, to: &str) -> Option<Fact> {
    match field {
        "due" if !to.is_empty() => Some(Fact::Due(Box::new(Due { text: to.to_owned(), at: moment(to) }))),
        _ if to.is_empty() => None,
        "window" => Some(Fact::Window(to.to_owned())),
        "estimate" => to.parse().ok().map(Fact::EstimateDays),
        _ => None,
    }
}

/// A moment in RFC 3339, or a bare date, which means the end of that day in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let end = date.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(end.timestamp())
}
