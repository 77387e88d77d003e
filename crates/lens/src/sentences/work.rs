//! Sentences about leases, the work done under them, and what all plans of a store share.

use model::commons::Recipient;
use model::event::Event;
use model::lease::{LeaseEnd, Usage};

use super::Names;
use crate::words::{count, count_of, moment};

/// What was done.
pub(super) fn sentence(names: &Names<'_>, event: &Event) -> String {
    let key = |id| names.task(id);
    match event {
        Event::LeaseTaken(taken) => format!(
            "took {} under grant {} until {}{}",
            key(taken.task),
            taken.fence,
            moment(taken.until),
            to_write(&taken.paths)
        ),
        Event::LeaseRenewed { task, until, .. } => format!("keeps {} until {}", key(*task), moment(*until)),
        Event::LeaseSilent { task, missed, .. } => {
            format!("escalated {}: its holder missed {}", key(*task), count(*missed, "heartbeat"))
        }
        Event::LeaseEnded { task, how, reason, .. } => {
            let done = match how {
                LeaseEnd::Released => "gave back",
                LeaseEnd::Expired => "ended the lease that ran out on",
                LeaseEnd::Failed => "failed at",
                LeaseEnd::Halted => "stopped work on",
            };
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            format!("{done} {}{why}", key(*task))
        }
        Event::WorkSubmitted(work) => {
            let commit =
                work.commit.as_deref().map(|commit| format!(" at {}", commit.get(..12).unwrap_or(commit)));
            format!(
                "handed in {}{}, {} changed",
                key(work.task),
                commit.unwrap_or_default(),
                count_of(work.touched.len(), "file")
            )
        }
        Event::PathsReserved { task, paths, shared } => match (paths.is_empty(), shared) {
            (true, _) => format!("freed the paths of {}", key(*task)),
            (_, true) => format!("reserved {} for {}, shared with others", list(paths), key(*task)),
            (_, false) => format!("reserved {} for {}", list(paths), key(*task)),
        },
        Event::PathTouched(touched) => {
            let foreign = match (touched.of, touched.foreign) {
                (Some(of), _) => format!(", which is reserved for {}", key(of)),
                (None, true) => ", which was not reserved for it".to_owned(),
                (None, false) => String::new(),
            };
            format!("wrote {} for {}{foreign}", touched.path, key(touched.task))
        }
        Event::HandedOff(what) => {
            let of = what.task.map(|task| format!(" {}", key(task))).unwrap_or_default();
            format!("handed{of} on from {} to {}", what.from, what.to)
        }
        Event::UsageRecorded { task, usage } => format!("used {} on {}", used(*usage), key(*task)),
        Event::WorkReported(said) => {
            let message = said.payload.get("message").or_else(|| said.payload.get("tool"));
            let message = message.and_then(|value| value.as_str()).map(|text| format!(": {text}"));
            format!("reported {} on {}{}", said.name, key(said.task), message.unwrap_or_default())
        }
        Event::BudgetAllowed { usage, reason } => format!("allowed {} more: {reason}", used(*usage)),
        Event::PlanHalted { reason } => format!("halted the plan: {reason}"),
        Event::PlanResumed {} => "let the plan go on".to_owned(),
        Event::AgentRegistered { agent, card } => {
            let roles: Vec<String> = card.roles.iter().cloned().collect();
            let takes = if roles.is_empty() { String::new() } else { format!(" for {}", roles.join(", ")) };
            format!("registered agent {agent}{takes}")
        }
        Event::SessionStarted(started) => {
            let most = started.max_agents.map(|most| format!(" for up to {}", count(most, "agent")));
            format!("began session {}{}", started.session, most.unwrap_or_default())
        }
        Event::SessionJoined(joined) => {
            let role = joined.role.as_deref().map(|role| format!(" as {role}")).unwrap_or_default();
            format!("had {} join session {}{role}", joined.agent, joined.session)
        }
        Event::AgentSeen { session, agent, .. } => format!("heard of {agent} in session {session}"),
        Event::SessionEnded { session, reason, stuck } => match stuck {
            true => format!("closed session {session}, which was stuck: {reason}"),
            false => format!("ended session {session}: {reason}"),
        },
        Event::MemorySet(set) => format!("set `{}` in the memory, version {}", set.key, set.version),
        Event::MemoryDeleted { key, .. } => format!("deleted `{key}` from the memory"),
        Event::MessageSent(sent) => {
            let to = match &sent.to {
                Recipient::Name(name) => name.clone(),
                Recipient::Role(role) => format!("the role {role}"),
                Recipient::Session(session) => format!("session {session}"),
                Recipient::Everybody => "everybody".to_owned(),
            };
            format!("sent a message to {to}: {}", sent.text)
        }
        Event::MessagesAcknowledged { messages } => {
            format!("acknowledged {}", count_of(messages.len(), "message"))
        }
        Event::TokenIssued(token) => {
            let may: Vec<&str> = token.roles.iter().chain(&token.scopes).map(String::as_str).collect();
            let until = token.until.map(|until| format!(" until {}", moment(until))).unwrap_or_default();
            format!("made token `{}` for {} with {}{until}", token.name, token.subject, may.join(", "))
        }
        Event::TokenRevoked { id, reason } => {
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            format!("revoked token {id}{why}")
        }
        _ => event.kind().replace('_', " "),
    }
}

fn to_write(paths: &[String]) -> String {
    if paths.is_empty() { String::new() } else { format!(", to write {}", list(paths)) }
}

fn list(paths: &[String]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

/// `1200 tokens, 0.35 in money, 90 seconds`.
fn used(usage: Usage) -> String {
    let mut parts = Vec::new();
    if usage.tokens > 0 {
        parts.push(format!("{} tokens", usage.tokens));
    }
    if usage.money_micros > 0 {
        let (whole, cents) = (usage.money_micros / 1_000_000, usage.money_micros % 1_000_000 / 10_000);
        parts.push(format!("{whole}.{cents:02} in money"));
    }
    if usage.seconds > 0 {
        parts.push(format!("{} seconds", usage.seconds));
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
