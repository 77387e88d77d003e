//! One readable sentence for every kind of event.
//!
//! A sentence is what somebody did, in the past tense and without the name: "claimed `7.3`". Who
//! did it stands beside it. Names come from the plan, and from earlier events for what has been
//! removed since.

mod delivery;
mod names;
mod reviews;
#[cfg(test)]
mod tests;
mod work;

use model::actor::Actor;
use model::draft::{MetricRole, Stated as StatedState};
use model::event::{Event, TaskAdded, TaskChanged, VerdictRecorded};
use model::facts::Fact;
use model::gate::{Basis, Ground, Loosened, Subject};
use model::ids::TaskId;
use model::plan::Source;
use model::registers::RiskDetails;
use model::settings::{Identity, Settings, Syncing, Trust, Weakening};
use model::task::ClaimHow;

use crate::record::Record;
use crate::words::{Who, count, count_of, moment, percent};

pub use names::Names;

/// Who did it, marked where an approval, a waiver or trust rests on a name alone.
pub fn doer(record: &Record<'_>) -> String {
    let who = Who::from(record.by);
    match record.event {
        Event::TrustGiven { .. }
        | Event::KeyRegistered { .. }
        | Event::TokenIssued(_)
        | Event::TokenRevoked { .. }
        | Event::ApprovalGiven { .. }
        | Event::WaiverRequested { .. }
        | Event::WaiverApproved { .. }
        | Event::WaiverRevoked { .. }
        | Event::WeakeningApproved { .. }
        | Event::RebaselineApproved { .. }
        | Event::BudgetAllowed { .. }
        | Event::TicketClosed { .. }
        | Event::PlanResumed {} => who.marked(),
        Event::TaskVerified { basis, .. } if basis.signed_off.is_some() => who.marked(),
        _ => who.with_known(),
    }
}

/// What was done, as a sentence without its subject.
pub fn sentence(names: &Names<'_>, record: &Record<'_>) -> String {
    let key = |id: &TaskId| names.task(*id);
    let by_document = record.by.actor == Actor::Document;
    match record.event {
        Event::PlanAdopted { key, title, sources, settings } => {
            let own = settings_in_words(settings);
            let own = if own.is_empty() { own } else { format!(" ({own})") };
            format!("adopted the plan `{key}`, {title}, from {}{own}", files(sources))
        }
        Event::PlanRevised { revision, parent, sources, .. } => {
            format!("took in revision {revision}, made on revision {parent}, from {}", files(sources))
        }
        Event::DocumentIntended { path, edits, whole, .. } => match whole {
            true => format!("was about to write {path} anew"),
            false => format!("was about to write {} in {path}", count_of(edits.len(), "place")),
        },
        Event::DocumentSynced { path, through, .. } => {
            format!("brought {path} in step with the journal up to event {through}")
        }
        Event::SettingsChanged { settings } => {
            format!("changed the plan's settings to {}", settings_or_defaults(settings))
        }
        Event::SettingsProposed { settings } => format!(
            "asked for looser settings, {}; the old ones stay in force until approved",
            settings_or_defaults(settings)
        ),
        Event::TrustGiven { path, set, commands } => {
            format!("trusted {} of {path} (set {})", count(*commands, "command"), set.short())
        }
        Event::KeyRegistered { person, .. } => format!("made a public key of {person} known"),

        Event::PhaseAdded { key, title, window, .. } => {
            format!("added phase `{key}`, {title}{}", in_window(window.as_deref()))
        }
        Event::PhaseChanged { phase, title, window, .. } => {
            format!("changed phase `{}`: {title}{}", names.phase(*phase), in_window(window.as_deref()))
        }
        Event::PhaseRemoved { phase } => format!("removed phase `{}`; its tasks stay", names.phase(*phase)),

        Event::TaskAdded(added) => task_added(names, added),
        Event::TaskChanged(changed) => task_changed(names, changed),
        Event::TaskAsserted { task, asserted, against, .. } => {
            let says = match asserted.state {
                StatedState::Open => "not begun",
                StatedState::Active => "in progress",
                StatedState::Claimed => "done",
                StatedState::Dropped => "dropped",
            };
            let although = if against.is_empty() {
                String::new()
            } else {
                format!(
                    ", although {} not done; it satisfies nothing",
                    are(&list(against.iter().map(key)), against.len())
                )
            };
            let brought = if by_document { "says" } else { "took in the document's word that" };
            format!("{brought} {} is {says}{although}", key(task))
        }
        Event::TaskStarted { task, .. } => format!("started {}", key(task)),
        Event::TaskClaimed { task, how } => match how {
            ClaimHow::Verb => format!("claimed {}", key(task)),
            ClaimHow::Submit => format!("submitted {} as done", key(task)),
            ClaimHow::Document => format!("claimed {} in the document", key(task)),
            ClaimHow::Import => format!("brought {} in as done elsewhere", key(task)),
        },
        Event::ClaimWithdrawn { task, reason } => format!("withdrew the claim on {}: {reason}", key(task)),
        Event::TaskVerified { task, basis, .. } => {
            format!("{} {}", verified(basis), key(task)) + &rests_on(basis)
        }
        Event::TaskReopened { task, attempt, reason } => {
            format!("reopened {} for attempt {attempt}: {reason}", key(task))
        }
        Event::TaskFlagged { task, reason } => format!("flagged {}: {reason}", key(task)),
        Event::TaskDropped { task, reason } => format!("dropped {}: {reason}", key(task)),
        Event::TaskBlocked { task, reason } => format!("reported an obstacle for {}: {reason}", key(task)),
        Event::TaskUnblocked { task } => format!("lifted the obstacles of {}", key(task)),
        Event::FactsChanged { task, put, clear } => {
            let gone = clear.iter().map(|gone| format!("without {}", fact(gone)));
            format!("changed {}: {}", key(task), list(gone.chain(put.iter().map(fact))))
        }
        Event::NeedsChanged { task, needs, blockers } => {
            let words = blockers.iter().map(|words| format!("`{words}`"));
            match list(needs.iter().map(key).chain(words)) {
                none if none.is_empty() => format!("let {} wait for nothing", key(task)),
                all => format!("let {} wait for {all}", key(task)),
            }
        }
        Event::NoteAdded { task, text } => format!("noted on {}: {text}", key(task)),
        Event::FileAttached { task, name, blob, size } => {
            format!("attached `{name}` ({}, {}) to {}", count_bytes(*size), blob.short(), key(task))
        }

        Event::GateAdded { name, needs, environment, .. } => {
            format!("added gate `{name}`{}", gate_terms(needs, environment.as_deref()))
        }
        Event::GateChanged { gate, needs, environment } => format!(
            "changed gate `{}`{}",
            names.subject(Subject::Gate(*gate)),
            gate_terms(needs, environment.as_deref())
        ),
        Event::CheckAdded { subject, spec, .. } => {
            format!("added check `{}` to `{}`: {spec}", spec.name, names.subject(*subject))
        }
        Event::CheckChanged { check, spec, .. } => format!("changed {}: {spec}", names.check(*check)),
        Event::WeakeningProposed { check, to: Some(spec) } => format!(
            "asked to loosen {} to {spec}; the old one stays in force until approved",
            names.check(*check)
        ),
        Event::WeakeningProposed { check, to: None } => {
            format!("asked to remove {}; it stays in force until approved", names.check(*check))
        }
        Event::WeakeningWithdrawn { check } => {
            format!("no longer asks to loosen {}", names.check(*check))
        }
        Event::WeakeningApproved { loosened } => match loosened {
            Loosened::Check(check) => format!("approved the weakening of {}", names.check(*check)),
            Loosened::Criteria(subject) => {
                format!("approved leaving out criteria of `{}`", names.subject(*subject))
            }
            Loosened::Settings => "approved the looser settings".to_owned(),
        },
        Event::CriteriaStated { subject, stated } => {
            let ticked = stated.iter().filter(|stated| stated.checked == Some(true)).count();
            let criteria = if stated.len() == 1 { "criterion" } else { "criteria" };
            let left_out = match stated.iter().filter(|stated| stated.removed.is_some()).count() {
                0 => String::new(),
                number => format!("; {number} of them left out of the document, in force until approved"),
            };
            format!(
                "stated {} {criteria} of `{}` without a probe, {ticked} ticked{left_out}",
                stated.len(),
                names.subject(*subject)
            )
        }
        Event::VerdictRecorded(verdict) => ran(names, verdict),
        Event::ApprovalGiven { check, role, .. } => format!("approved {} as {role}", names.check(*check)),

        Event::WaiverRequested { waiver, check, until, reason, .. } => {
            if let Some((task, need)) = names.waived_need(*waiver) {
                let until = moment(*until);
                return format!("asked to let {task} go ahead before {need} until {until}: {reason}");
            }
            format!("asked to waive {} until {}: {reason}", names.check(*check), moment(*until))
        }
        Event::WaiverApproved { waiver } => format!("granted the waiver of {}", names.waived(*waiver)),
        Event::WaiverRevoked { waiver, reason } => {
            format!("took back the waiver of {}: {reason}", names.waived(*waiver))
        }

        Event::RiskAdded { key, details, .. } => {
            format!("added risk `{key}`: {}{}", details.title, risk_terms(details))
        }
        Event::RiskChanged { risk, details, .. } => {
            let known =
                names.plan().risk(*risk).map_or_else(|| risk.to_string(), |risk| risk.key.to_string());
            format!("changed risk `{known}`: {}{}", details.title, risk_terms(details))
        }
        Event::DecisionRecorded { entry, .. } => {
            let condition = if entry.conditional { " (conditional)" } else { "" };
            format!("recorded a decision: {}{condition}", entry.text)
        }
        Event::EscalationOpened { entry, task, .. } => {
            let about = task.as_ref().map(|task| format!(" {}", key(task))).unwrap_or_default();
            format!("escalated{about}: {}", entry.text)
        }
        Event::EscalationResolved { escalation, outcome } => {
            let known = names.plan().escalations.iter().find(|known| known.id == *escalation);
            let text = known.map_or_else(|| escalation.to_string(), |known| known.entry.text.clone());
            format!("ended the escalation `{text}`: {outcome}")
        }
        Event::AssumptionRecorded { text, .. } => format!("recorded an assumption: {text}"),
        Event::AssumptionChecked { assumption, holds } => {
            let known = names.plan().assumptions.iter().find(|known| known.id == *assumption);
            let text = known.map_or_else(|| assumption.to_string(), |known| known.text.clone());
            let how = if *holds { "holds" } else { "does not hold" };
            format!("looked whether an assumption holds, and it {how}: {text}")
        }
        Event::MetricDefined { name, unit, target } => {
            let unit = unit.as_ref().map(|unit| format!("unit {unit}"));
            let target = target.as_ref().map(|target| format!("target {target}"));
            format!("defined metric `{name}`: {}", list(unit.into_iter().chain(target)))
        }
        Event::ReadingRecorded { name, value, unit, source, role } => {
            let unit = unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
            let (verb, what) = match role {
                None => ("recorded", ""),
                Some(MetricRole::Baseline) => ("recorded", " as baseline"),
                Some(MetricRole::Target) => ("took in", " as a target, unverified"),
                Some(MetricRole::Claimed) => ("took in", " as the document's word, unverified"),
            };
            format!("{verb} `{name}` {value}{unit}{what} ({source})")
        }
        Event::RebaselineRequested { task, field, from, to, reason, missing } => {
            let from = from.as_ref().map(|from| format!(" from `{from}`")).unwrap_or_default();
            let to = if to.is_empty() { "nothing".to_owned() } else { format!("`{to}`") };
            let waits = if missing.is_empty() {
                String::new()
            } else {
                format!("; waits for approval by {}", missing.join(", "))
            };
            format!(
                "rebaselined the {} of {}{from} to {to}: {reason}{waits}",
                schedule_name(field),
                key(task)
            )
        }
        Event::RebaselineApproved { rebaseline, role } => {
            match names.plan().rebaselines.get(*rebaseline as usize) {
                Some(known) => format!(
                    "approved the new {} `{}` of {} as {role}",
                    schedule_name(&known.field),
                    known.to,
                    names.task(known.task)
                ),
                None => format!("approved rebaseline {rebaseline} as {role}"),
            }
        }

        Event::CiRunRecorded(_)
        | Event::DeploymentRecorded(_)
        | Event::IncidentOpened { .. }
        | Event::IncidentEnded { .. } => delivery::sentence(record.event),

        Event::TicketOpened(_)
        | Event::TicketJoined(_)
        | Event::TicketAssigned { .. }
        | Event::TicketUnassigned { .. }
        | Event::TicketNoted { .. }
        | Event::TicketClosed { .. } => reviews::sentence(names, record.event),

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
        | Event::TokenRevoked { .. } => work::sentence(names, record.event),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn are(items: &str, number: usize) -> String {
    format!("{items} {}", if number == 1 { "is" } else { "are" })
}

fn files(sources: &[Source]) -> String {
    if sources.is_empty() {
        "no document".to_owned()
    } else {
        list(sources.iter().map(|source| source.path.clone()))
    }
}

fn in_window(window: Option<&str>) -> String {
    window.map(|window| format!(" ({window})")).unwrap_or_default()
}

fn task_added(names: &Names<'_>, added: &TaskAdded) -> String {
    let mut text = format!("added {} `{}`: {}", added.kind.as_str(), added.key, added.title);
    if !added.needs.is_empty() {
        text.push_str(&format!("; it needs {}", list(added.needs.iter().map(|need| names.task(*need)))));
    }
    match added.asserted.state {
        StatedState::Open => {}
        StatedState::Active => text.push_str("; the document has it in progress"),
        StatedState::Claimed => text.push_str("; the document has it done"),
        StatedState::Dropped => text.push_str("; the document has it dropped"),
    }
    text
}

fn task_changed(names: &Names<'_>, changed: &TaskChanged) -> String {
    let TaskChanged { task, key, title, kind, phase, parent, needs, facts, line } = changed;
    let mut parts = Vec::new();
    parts.extend(key.as_ref().map(|key| format!("key `{key}`")));
    parts.extend(title.as_ref().map(|title| format!("title `{title}`")));
    parts.extend(kind.map(|kind| format!("kind {}", kind.as_str())));
    parts.extend(phase.map(|phase| match phase {
        Some(phase) => format!("phase `{}`", names.phase(phase)),
        None => "no phase".to_owned(),
    }));
    parts.extend(parent.map(|parent| match parent {
        Some(parent) => format!("part of {}", names.task(parent)),
        None => "part of no task".to_owned(),
    }));
    parts.extend(needs.as_ref().map(|needs| match needs.as_slice() {
        [] => "needs nothing".to_owned(),
        needs => format!("needs {}", list(needs.iter().map(|need| names.task(*need)))),
    }));
    parts.extend(facts.as_ref().map(|facts| match facts.0.as_slice() {
        [] => "no facts besides".to_owned(),
        facts => list(facts.iter().map(fact)),
    }));
    if parts.is_empty() {
        parts.extend(line.map(|line| format!("stands on line {line}")));
    }
    format!("changed {}: {}", names.task(*task), parts.join(", "))
}

/// A fact in a few words: `progress 35%`, `owner Ada`.
pub fn fact(fact: &Fact) -> String {
    let name = fact_name(fact);
    match fact {
        Fact::Status(status) => format!("{name} {}", status.word),
        Fact::Percent(value) => format!("{name} {}", percent(*value)),
        Fact::EstimateDays(days) => format!("{name} {days} {}", if *days == 1.0 { "day" } else { "days" }),
        Fact::Owner(owner) => format!("{name} {}", owner.name),
        Fact::Due(due) => format!("{name} {}", due.text),
        Fact::Extra(pair) => format!("{name} {}", pair.1),
        Fact::Priority(text)
        | Fact::Window(text)
        | Fact::Input(text)
        | Fact::Output(text)
        | Fact::Source(text)
        | Fact::Objective(text)
        | Fact::Deliverable(text)
        | Fact::Blocker(text)
        | Fact::NextStep(text)
        | Fact::Link(text)
        | Fact::Path(text)
        | Fact::Memory(text) => format!("{name} {text}"),
    }
}

/// What a kind of fact is called.
pub fn fact_name(fact: &Fact) -> &str {
    match fact {
        Fact::Status(_) => "status",
        Fact::Percent(_) => "progress",
        Fact::Priority(_) => "priority",
        Fact::Owner(_) => "owner",
        Fact::EstimateDays(_) => "estimate",
        Fact::Due(_) => "due",
        Fact::Window(_) => "window",
        Fact::Input(_) => "input",
        Fact::Output(_) => "output",
        Fact::Source(_) => "source",
        Fact::Objective(_) => "objective",
        Fact::Deliverable(_) => "deliverable",
        Fact::Blocker(_) => "blocker",
        Fact::NextStep(_) => "next step",
        Fact::Link(_) => "link",
        Fact::Path(_) => "path",
        Fact::Memory(_) => "memory key",
        Fact::Extra(pair) => &pair.0,
    }
}

fn schedule_name(field: &str) -> &str {
    if field == "due" { "due date" } else { field }
}

fn verified(basis: &Basis) -> &'static str {
    if basis.signed_off.is_some() { "signed off" } else { "verified" }
}

fn rests_on(basis: &Basis) -> String {
    if basis.signed_off.is_some() {
        return ", which nothing else would prove".to_owned();
    }
    let (mut passed, mut waived, mut parts) = (0, 0, Vec::new());
    for (_, ground) in &basis.grounds {
        match ground {
            Ground::Passed(_) | Ground::Recorded => passed += 1,
            Ground::Waived(_) => waived += 1,
            Ground::Approved(people) => {
                parts.push(format!("approved by {}", list(people.iter().map(ToString::to_string))));
            }
        }
    }
    if waived > 0 {
        parts.insert(0, format!("{waived} waived"));
    }
    if passed > 0 {
        parts.insert(0, format!("{} passed", count_of(passed, "check")));
    }
    format!(": {}", parts.join(", "))
}

fn ran(names: &Names<'_>, verdict: &VerdictRecorded) -> String {
    let evidence = match &verdict.evidence.output {
        Some(digest) => format!(" (evidence {})", digest.short()),
        None => String::new(),
    };
    let (outcome, summary) = (verdict.outcome.as_str(), &verdict.evidence.summary);
    let by = verdict.evidence.handed_in_by.as_ref().map(|who| format!(", handed in by {who}"));
    format!("ran {}: {outcome}, {summary}{evidence}{}", names.check(verdict.check), by.unwrap_or_default())
}

fn gate_terms(needs: &[String], environment: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(environment) = environment {
        text.push_str(&format!(" to {environment}"));
    }
    if !needs.is_empty() {
        text.push_str(&format!(", which waits for {}", needs.join(", ")));
    }
    text
}

fn risk_terms(details: &RiskDetails) -> String {
    let parts = [("status", &details.status), ("trend", &details.trend), ("owner", &details.owner)];
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")))
        .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// `812 bytes`, `2.1 KiB`.
pub fn count_bytes(size: u64) -> String {
    match size {
        0..1024 => count(size as i64, "byte"),
        1024..1_048_576 => format!("{:.1} KiB", size as f64 / 1024.0),
        _ => format!("{:.1} MiB", size as f64 / 1_048_576.0),
    }
}

fn settings_or_defaults(settings: &Settings) -> String {
    let own = settings_in_words(settings);
    if own.is_empty() { "the defaults".to_owned() } else { own }
}

/// What differs from the defaults, in the words of the sidecar.
pub fn settings_in_words(settings: &Settings) -> String {
    let default = Settings::default();
    let mut parts = Vec::new();
    if settings.trust == Trust::Document {
        parts.push("trust = document".to_owned());
    }
    if settings.identity == Identity::Proven {
        parts.push("identity = proven".to_owned());
    }
    if settings.weakening == Weakening::Record {
        parts.push("weakening = record".to_owned());
    }
    if settings.sync == Syncing::Manual {
        parts.push("sync = manual".to_owned());
    }
    for (name, on) in [
        ("solo", settings.solo),
        ("marks", settings.marks),
        ("archived", settings.archived),
        ("newest first", settings.newest_first),
    ] {
        if on {
            parts.push(name.to_owned());
        }
    }
    if settings.waiver_limit_days != default.waiver_limit_days {
        parts.push(format!("waivers for {} at most", count(settings.waiver_limit_days, "day")));
    }
    if settings.calendar != default.calendar {
        parts.push("a calendar of its own".to_owned());
    }
    if !settings.rebaseline.is_empty() {
        parts.push(format!("rebaselines approved by {}", settings.rebaseline.join(", ")));
    }
    if !settings.never_waivable.is_empty() {
        parts.push(format!("never waived: {}", list(settings.never_waivable.iter().cloned())));
    }
    if !settings.roles.is_empty() {
        parts.push(format!("roles: {}", list(settings.roles.keys().cloned())));
    }
    parts.join(", ")
}
