//! Finding shared memory and messages again without reading the whole stream: an index of the
//! store's own stream, kept in the same transaction as the events, and nothing that is not in them.
//!
//! The index says which event to look at; what is given is what that event says. So an index that
//! lags behind, or that somebody changed, leads astray at worst, and then it is made anew. What it
//! hides, an audit names: [`audit::verify`](crate::audit::verify) makes it anew beside and compares. Knows
//! what the four kinds of event about memory and messages look like, and none of the rules.

pub(crate) mod compare;
pub(crate) mod index;
pub(crate) mod lookup;

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::commons::{MemoryEntry, MemorySet, Message, MessageSent, Recipient};
use model::ids::{Seq, slug};
use serde::Deserialize;

use crate::stored::Stored;

/// A message as one of those it is meant for finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// The message.
    pub message: Message,
    /// When this reader acknowledged it, where they did.
    pub acknowledged: Option<Timestamp>,
}

/// A part of the shared memory that is asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'a> {
    /// How its keys begin; empty for all.
    pub prefix: &'a str,
    /// Only keys after this one.
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: usize,
    /// What is forgotten by now is left out.
    pub now: Timestamp,
}

/// What an event says of memory or messages.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    MemorySet(MemorySet),
    MemoryDeleted { key: String, version: u64 },
    MessageSent(MessageSent),
    MessagesAcknowledged { messages: Vec<Seq> },
}

impl Told {
    /// Reads stored bytes; `None` for events of all other kinds, which share the stream.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let ours = bytes.starts_with(b"{\"memory_") || bytes.starts_with(b"{\"message");
        if ours { serde_json::from_slice(bytes).ok() } else { None }
    }

    /// The key it writes or deletes, and that key's new version.
    fn version(&self) -> Option<(&str, u64)> {
        match self {
            Self::MemorySet(set) => Some((&set.key, set.version)),
            Self::MemoryDeleted { key, version } => Some((key, *version)),
            _ => None,
        }
    }
}

/// The entry as an event about it leaves it; `None` where it is about something else.
fn entry_of(stored: &Stored) -> Option<MemoryEntry> {
    let (by, at) = (stored.by.clone(), stored.at);
    match Told::read(&stored.event)? {
        Told::MemorySet(set) => {
            let MemorySet { key, value, version, until, tags, .. } = set;
            Some(MemoryEntry { key, value: Some(value), version, until, tags, by, at })
        }
        Told::MemoryDeleted { key, version } => {
            Some(MemoryEntry { key, value: None, version, until: None, tags: Default::default(), by, at })
        }
        _ => None,
    }
}

/// The message an event sent; `None` where it is about something else.
fn message_of(stored: &Stored) -> Option<Message> {
    match Told::read(&stored.event)? {
        Told::MessageSent(what) => {
            Some(Message { number: stored.seq, what, by: stored.by.clone(), at: stored.at })
        }
        _ => None,
    }
}

/// To whom a message goes, as two words that are equal for equal recipients.
fn address(to: &Recipient) -> (&'static str, String) {
    match to {
        Recipient::Name(name) => ("name", plain_name(name)),
        Recipient::Role(role) => ("role", slug(role)),
        Recipient::Session(session) => ("session", session.as_str().to_owned()),
        Recipient::Everybody => ("everybody", String::new()),
    }
}

/// A name as it is compared.
fn plain_name(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The name somebody reads and acknowledges messages under.
fn name_of(by: &By) -> String {
    match &by.actor {
        Actor::Person(person) => plain_name(person.as_str()),
        Actor::Agent { agent, .. } => plain_name(agent.as_str()),
        Actor::Document | Actor::System => String::new(),
    }
}
