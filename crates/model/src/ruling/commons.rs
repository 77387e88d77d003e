//! Agents, sessions, shared memory and messages: what the store's own stream carries.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::progress::worker;
use super::{Ruling, required};
use crate::actor::{Actor, By};
use crate::command::{Command, SetMemory};
use crate::commons::{
    AgentCard, Commons, DEFAULT_SILENCE_SECONDS, Holding, MAX_KEY_BYTES, MAX_MESSAGE_BYTES, MAX_VALUE_BYTES,
    MemorySet, MessageSent, Process, Recipient, Session, SessionJoined, SessionStarted,
};
use crate::context::Context;
use crate::event::Event;
use crate::ids::{AgentId, Key, Seq, SessionId, slug};
use crate::refusal::{self, Refusal};

/// The longest a session may be allowed to be silent, in seconds: thirty days.
const LONGEST_SILENCE_SECONDS: u32 = 30 * 24 * 60 * 60;

impl Ruling<'_> {
    pub(super) fn commons(&self) -> Result<&Commons, Refusal> {
        self.before().commons.as_deref().ok_or_else(|| {
            Refusal::new(refusal::VALUE_INVALID, "this belongs to the store's own stream, not to a plan")
        })
    }

    fn open_session(&self, id: &SessionId) -> Result<&Session, Refusal> {
        let session = self.commons()?.session(id).ok_or_else(|| no_session(id))?;
        match &session.ended {
            Some(ended) => Err(has_ended(id, &ended.reason)),
            None => Ok(session),
        }
    }
}

/// Whether whoever asks may act: an agent works in a session that is open. One that named none is
/// its own session, which nobody needs to begin.
pub fn admits(commons: &Commons, by: &By, command: &Command) -> Result<(), Refusal> {
    let Actor::Agent { agent, session } = &by.actor else { return Ok(()) };
    if matches!(command, Command::StartSession { .. } | Command::RegisterAgent { .. }) {
        return Ok(());
    }
    match commons.session(session) {
        Some(known) => match &known.ended {
            Some(ended) => Err(has_ended(session, &ended.reason)),
            None => Ok(()),
        },
        None if session.as_str() == agent.as_str() => Ok(()),
        None => Err(no_session(session)),
    }
}

/// That there is no such session.
pub fn no_session(id: &SessionId) -> Refusal {
    Refusal::new(refusal::SESSION_NOT_FOUND, format!("there is no session `{id}`"))
        .hint(format!(
            "see them with `countersign session list`, or begin it with `countersign session start {id}`"
        ))
        .with("session", id.as_str())
}

/// That a session is over.
pub fn has_ended(id: &SessionId, reason: &str) -> Refusal {
    Refusal::new(refusal::SESSION_ENDED, format!("session `{id}` has ended: {reason}"))
        .hint("begin another with `countersign session start NAME`")
        .with("session", id.as_str())
}

pub(super) fn register(
    ruling: &mut Ruling<'_>,
    agent: AgentId,
    card: AgentCard,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let roles: BTreeSet<String> = card.roles.iter().map(|role| slug(role)).collect();
    let card = AgentCard { roles, ..card };
    if let Some(known) = ruling.commons()?.agent(&agent) {
        if known.card == card {
            return Ok(());
        }
        // Of an agent that only ever joined sessions nothing else is known yet.
        let joined_only = known.card.command.is_none()
            && known.card.model.is_none()
            && known.card.roles == ruling.commons()?.joined_as(&agent);
        if joined_only && card.roles.is_superset(&known.card.roles) {
            ruling.record(Event::AgentRegistered { agent, card });
            return Ok(());
        }
        return Err(Refusal::new(
            refusal::AGENT_DIFFERS,
            format!("agent `{agent}` is registered with another configuration"),
        )
        .fact(format!("known    {}", told(&known.card)))
        .fact(format!("offered  {}", told(&card)))
        .hint("register it under another name")
        .with("agent", agent.as_str()));
    }
    ruling.record(Event::AgentRegistered { agent, card });
    Ok(())
}

fn told(card: &AgentCard) -> String {
    let roles: Vec<&str> = card.roles.iter().map(String::as_str).collect();
    let mut told = format!("roles {}", if roles.is_empty() { "any".to_owned() } else { roles.join(", ") });
    for (name, value) in [("command", &card.command), ("model", &card.model)] {
        if let Some(value) = value {
            told.push_str(&format!(", {name} `{value}`"));
        }
    }
    told
}

pub(super) fn start(
    ruling: &mut Ruling<'_>,
    session: SessionId,
    plan: Option<Key>,
    topology: Option<String>,
    limits: (Option<u32>, Option<u32>),
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let (max_agents, silence) = limits;
    let silence_seconds = silence.unwrap_or(DEFAULT_SILENCE_SECONDS);
    if silence_seconds == 0 || silence_seconds > LONGEST_SILENCE_SECONDS {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a session may be silent for 1 second to 30 days"));
    }
    if max_agents == Some(0) {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a session needs room for at least one agent"));
    }
    if let Some(known) = ruling.commons()?.session(&session).filter(|known| known.is_open()) {
        let same = (&known.plan, &known.topology, known.max_agents, known.silence_seconds)
            == (&plan, &topology, max_agents, silence_seconds);
        if same {
            return Ok(());
        }
        return Err(Refusal::new(
            refusal::AGENT_DIFFERS,
            format!("session `{session}` is open already, with another configuration"),
        )
        .hint(format!("end it with `countersign session end {session}`, or give the new one another name"))
        .with("session", session.as_str()));
    }
    let started = SessionStarted { session, plan, topology, max_agents, silence_seconds };
    ruling.record(Event::SessionStarted(Box::new(started)));
    Ok(())
}

pub(super) fn join(ruling: &mut Ruling<'_>, joined: SessionJoined, cx: &Context<'_>) -> Result<(), Refusal> {
    worker(cx)?;
    let session = ruling.open_session(&joined.session)?;
    if let Some(member) = session.member(&joined.agent) {
        let same = (&member.role, &member.task, &member.task_file, &member.process)
            == (&joined.role, &joined.task, &joined.task_file, &joined.process);
        if same {
            return Ok(());
        }
    } else if let Some(most) = session.max_agents.filter(|most| session.members.len() >= *most as usize) {
        return Err(Refusal::new(
            refusal::SESSION_FULL,
            format!("session `{}` has room for {most} agents, and as many take part", joined.session),
        )
        .hint("end the session and begin one with more room")
        .with("session", joined.session.as_str()));
    }
    if ruling.commons()?.agent(&joined.agent).is_none() {
        // A name registers on first mention.
        let card =
            AgentCard { roles: joined.role.iter().map(|role| slug(role)).collect(), ..AgentCard::default() };
        ruling.record(Event::AgentRegistered { agent: joined.agent.clone(), card });
    }
    ruling.record(Event::SessionJoined(Box::new(joined)));
    Ok(())
}

pub(super) fn seen(
    ruling: &mut Ruling<'_>,
    session: SessionId,
    agent: AgentId,
    process: Option<Process>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let itself = match &cx.by.actor {
        Actor::Agent { agent: own, session: its } => (own, its) == (&agent, &session),
        // Whoever started it sees that it runs.
        Actor::Person(_) | Actor::System => true,
        Actor::Document => false,
    };
    if !itself {
        return Err(Refusal::new(
            refusal::POLICY_DENIED,
            format!("{} cannot say that agent `{agent}` is alive", cx.by.actor),
        )
        .hint("an agent is heard of when it acts itself"));
    }
    let open = ruling.open_session(&session)?;
    if open.member(&agent).is_none() {
        return Err(Refusal::new(
            refusal::AGENT_NOT_FOUND,
            format!("agent `{agent}` does not take part in session `{session}`"),
        )
        .hint(format!("see who does with `countersign session show {session}`"))
        .with("agent", agent.as_str()));
    }
    ruling.record(Event::AgentSeen { session, agent, process });
    Ok(())
}

pub(super) fn end(
    ruling: &mut Ruling<'_>,
    id: SessionId,
    reason: &str,
    stuck: bool,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    let session = ruling.open_session(&id)?;
    if stuck && !session.is_stuck(cx.now) {
        return Err(Refusal::new(refusal::TASK_STATE, format!("session `{id}` is not stuck")));
    }
    let may = match &cx.by.actor {
        Actor::Person(_) | Actor::System => true,
        // An agent may end the session it takes part in or began, and no other.
        Actor::Agent { agent, session: own } => {
            let began = matches!(&session.by.actor, Actor::Agent { agent: who, .. } if who == agent);
            began || (*own == id && session.member(agent).is_some())
        }
        Actor::Document => false,
    };
    if !may && !stuck {
        return Err(Refusal::new(
            refusal::POLICY_DENIED,
            format!("{} takes no part in session `{id}` and cannot end it", cx.by.actor),
        )
        .hint("ask a person, or whoever works in that session"));
    }
    let reason = match reason.trim() {
        "" => "its work is over".to_owned(),
        reason => reason.to_owned(),
    };
    ruling.record(Event::SessionEnded { session: id, reason, stuck });
    Ok(())
}

pub(super) fn set_memory(ruling: &mut Ruling<'_>, set: SetMemory, cx: &Context<'_>) -> Result<(), Refusal> {
    worker(cx)?;
    let key = memory_key(&set.key)?;
    if set.value.len() > MAX_VALUE_BYTES {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("a value of {} bytes is too large; at most {MAX_VALUE_BYTES} fit", set.value.len()),
        )
        .hint("keep the content in a file and its path or digest in the memory"));
    }
    let known = ruling.commons()?.memory.get(&key);
    let (version, present) = known.map_or((0, false), |entry| (entry.version, entry.value(cx.now).is_some()));
    expected(&key, set.expect, version, present)?;
    let until = match set.ttl_seconds {
        None => None,
        Some(0) => return Err(Refusal::new(refusal::VALUE_INVALID, "a value is kept for at least a second")),
        Some(seconds) => Some(
            i64::try_from(seconds)
                .ok()
                .and_then(|seconds| cx.now.checked_add(SignedDuration::from_secs(seconds)).ok())
                .unwrap_or(Timestamp::MAX),
        ),
    };
    let tags = set.tags.iter().map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    let (value, under) = (set.value, set.under);
    ruling.record(Event::MemorySet(Box::new(MemorySet {
        key,
        value,
        version: version + 1,
        until,
        tags,
        under,
    })));
    Ok(())
}

pub(super) fn delete_memory(
    ruling: &mut Ruling<'_>,
    key: &str,
    expect: Option<u64>,
    under: Option<Holding>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let key = memory_key(key)?;
    let known = ruling.commons()?.memory.get(&key);
    let Some(entry) = known.filter(|entry| entry.value(cx.now).is_some()) else {
        return Err(nothing_under(&key));
    };
    let version = entry.version;
    expected(&key, expect, version, true)?;
    ruling.record(Event::MemoryDeleted { key, version: version + 1, under });
    Ok(())
}

/// That a key of the memory has no value.
pub fn nothing_under(key: &str) -> Refusal {
    Refusal::new(refusal::MEMORY_NOT_FOUND, format!("there is nothing under `{key}`"))
        .hint("see what there is with `countersign memory list`")
        .with("key", key)
}

/// Refuses where the entry is not what whoever writes believes it to be. A key that has no value
/// has version 0 to them, whatever it had before.
fn expected(key: &str, expect: Option<u64>, version: u64, present: bool) -> Result<(), Refusal> {
    let shown = if present { version } else { 0 };
    match expect {
        Some(expect) if expect != shown => Err(Refusal::new(
            refusal::MEMORY_CONFLICT,
            match present {
                true => format!("`{key}` has version {version}, not {expect}"),
                false => format!("there is nothing under `{key}`, so it has no version {expect}"),
            },
        )
        .hint(format!("read it again with `countersign memory get {key}`"))
        .with("key", key)
        .with("version", shown)),
        _ => Ok(()),
    }
}

/// A key as it is kept: segments with slashes between them.
fn memory_key(key: &str) -> Result<String, Refusal> {
    let key = required(key, "the key")?;
    let bad =
        key.len() > MAX_KEY_BYTES || key.chars().any(|c| c.is_control()) || key.split('/').any(str::is_empty);
    if bad {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("`{}` is no key for the memory", key.escape_default()),
        )
        .hint("write it as names with slashes between them, such as `phase7/code_quality/status`"));
    }
    Ok(key)
}

pub(super) fn send(
    ruling: &mut Ruling<'_>,
    to: Recipient,
    text: &str,
    about: (Option<Key>, Option<Key>),
    answers: Option<Seq>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let text = required(text, "a message")?;
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(Refusal::new(
            refusal::VALUE_INVALID,
            format!("a message of {} bytes is too long; at most {MAX_MESSAGE_BYTES} fit", text.len()),
        )
        .hint("put the content into a file and name it"));
    }
    if let Recipient::Session(session) = &to {
        ruling.open_session(session)?;
    }
    let commons = ruling.commons()?;
    if let Some(number) = answers.filter(|number| !commons.messages.contains_key(number)) {
        return Err(no_message(number));
    }
    let hybrid = commons.clock.next(cx.now);
    let (plan, task) = about;
    ruling.record(Event::MessageSent(Box::new(MessageSent { to, text, hybrid, plan, task, answers })));
    Ok(())
}

pub(super) fn acknowledge(
    ruling: &mut Ruling<'_>,
    messages: Vec<Seq>,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    worker(cx)?;
    let commons = ruling.commons()?;
    let name = match &cx.by.actor {
        Actor::Person(person) => person.as_str(),
        Actor::Agent { agent, .. } => agent.as_str(),
        _ => return Ok(()),
    };
    let reader = commons.reader_of(&cx.by.actor);
    for number in &messages {
        let message = commons.messages.get(number).ok_or_else(|| no_message(*number))?;
        if !reader.is_meant(&message.what.to) {
            return Err(Refusal::new(
                refusal::POLICY_DENIED,
                format!("message {number} is not meant for {name}"),
            )
            .hint("see yours with `countersign inbox`"));
        }
    }
    if !messages.is_empty() {
        ruling.record(Event::MessagesAcknowledged { messages });
    }
    Ok(())
}

fn no_message(number: Seq) -> Refusal {
    Refusal::new(refusal::MESSAGE_NOT_FOUND, format!("there is no message {number}"))
        .hint("see yours with `countersign inbox`")
        .with("message", number.0)
}
