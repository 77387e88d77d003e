//! What all plans of a store share: agents, sessions, shared memory and messages. It is folded from
//! the store's own stream, as a plan is from its own.
//!
//! Memory and messages may be very many, so the fold keeps neither: the journal can be asked for an
//! entry or a message by its name, and whoever rules on a command lays out the ones it is about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Token, TokenEnd};
use crate::actor::{Actor, By};
use crate::event::Event;
use crate::ids::{AgentId, Fence, Key, PlanId, Seq, SessionId, TaskId};

/// How long a session may be silent before it counts as stuck, in seconds, unless it says otherwise.
pub const DEFAULT_SILENCE_SECONDS: u32 = 60 * 60;
/// For how long an agent counts as active after it was last heard of, in seconds.
pub const FRESH_SECONDS: i64 = 15 * 60;
/// The most bytes a value in shared memory may have.
pub const MAX_VALUE_BYTES: usize = 256 * 1024;
/// The most bytes a key in shared memory may have.
pub const MAX_KEY_BYTES: usize = 512;
/// The most bytes a message may have.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// What all plans of a store share.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Commons {
    /// Agents, in the order they registered.
    pub agents: Vec<Agent>,
    /// Sessions, in the order they began.
    pub sessions: Vec<Session>,
    /// The latest hybrid time given to a message.
    pub clock: HybridTime,
    /// Tokens for the service, in the order they were made; those that ended too.
    pub tokens: Vec<Token>,
    /// Entries of the shared memory that were laid out, by key.
    #[serde(skip)]
    pub memory: BTreeMap<String, MemoryEntry>,
    /// Messages that were laid out, by number.
    #[serde(skip)]
    pub messages: BTreeMap<Seq, Message>,
}

/// An agent that made itself known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Its name.
    pub id: AgentId,
    /// What it says of itself.
    pub card: AgentCard,
    /// Since when.
    pub since: Timestamp,
    /// Who registered it.
    pub by: By,
}

/// What an agent says of itself; a second registration must say the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentCard {
    /// The roles it takes.
    pub roles: BTreeSet<String>,
    /// How it is started, for people to read.
    pub command: Option<String>,
    /// Which model it runs on.
    pub model: Option<String>,
}

/// A run in which agents work together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// The key of the plan it is about.
    pub plan: Option<Key>,
    /// How its agents stand to each other, in the word it was started with.
    pub topology: Option<String>,
    /// How many agents may join.
    pub max_agents: Option<u32>,
    /// After so many seconds of silence it counts as stuck.
    pub silence_seconds: u32,
    /// Since when.
    pub since: Timestamp,
    /// Who started it.
    pub by: By,
    /// Who takes part.
    pub members: Vec<Member>,
    /// When it was last heard of.
    pub last: Timestamp,
    /// Its end, where it has one.
    pub ended: Option<Ended>,
}

/// An agent's part in a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Which agent.
    pub agent: AgentId,
    /// In which role.
    pub role: Option<String>,
    /// The key of the task it is bound to.
    pub task: Option<Key>,
    /// The file that describes that task.
    pub task_file: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it was last heard of itself; nothing: somebody else had it join, and nothing came since.
    pub seen: Option<Timestamp>,
    /// The process it runs as, where it said so.
    pub process: Option<Process>,
}

/// A process, so that it is not taken for a later one of the same number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Process {
    /// On which machine.
    pub host: String,
    /// Its number there.
    pub pid: u32,
    /// When it started, in the machine's own ticks.
    pub started: u64,
}

/// A session's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// Who ended it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// Whether it was closed because nothing was heard of it.
    pub stuck: bool,
}

/// A place in time that never goes back: the clock where that moves on, a counter where it does
/// not. See Kulkarni et al., "Logical Physical Clocks" (2014).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct HybridTime {
    /// Milliseconds since 1970.
    pub millis: i64,
    /// Counts what happened within the same millisecond, or while the clock stood behind.
    pub counter: u32,
}

impl HybridTime {
    /// The next one, later than this and not before the clock.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        let millis = now.as_millisecond();
        if millis > self.millis {
            Self { millis, counter: 0 }
        } else {
            match self.counter.checked_add(1) {
                Some(counter) => Self { millis: self.millis, counter },
                None => Self { millis: self.millis.saturating_add(1), counter: 0 },
            }
        }
    }
}

/// A value in the shared memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemoryEntry {
    /// `phase7/code_quality/status`.
    pub key: String,
    /// The value; nothing once it was deleted.
    pub value: Option<String>,
    /// Rises with each change, also across deletions.
    pub version: u64,
    /// When it is forgotten.
    pub until: Option<Timestamp>,
    /// Words to find it by.
    pub tags: BTreeSet<String>,
    /// Who wrote it.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

impl MemoryEntry {
    /// The value, where it was neither deleted nor forgotten.
    pub fn value(&self, now: Timestamp) -> Option<&str> {
        let forgotten = self.until.is_some_and(|until| until <= now);
        self.value.as_deref().filter(|_| !forgotten)
    }
}

/// A task's grant under which something outside its plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The plan.
    pub plan: PlanId,
    /// The task.
    pub task: TaskId,
    /// The grant.
    pub fence: Fence,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its place in the store's own stream: messages are read in this order.
    pub number: Seq,
    /// What was sent.
    pub what: MessageSent,
    /// Who sent it.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// An agent or a person.
    Name(String),
    /// Everybody in a role.
    Role(String),
    /// Everybody in a session.
    Session(SessionId),
    /// Everybody.
    Everybody,
}

/// Who reads an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reader {
    /// The agent's or person's name.
    pub name: String,
    /// The roles they have.
    pub roles: BTreeSet<String>,
    /// The sessions they take part in.
    pub sessions: BTreeSet<SessionId>,
}

impl Reader {
    /// Whether a message is meant for this reader.
    pub fn is_meant(&self, to: &Recipient) -> bool {
        match to {
            Recipient::Name(name) => name.eq_ignore_ascii_case(&self.name),
            Recipient::Role(role) => self.roles.iter().any(|own| crate::lease::same_role(own, role)),
            Recipient::Session(session) => self.sessions.contains(session),
            Recipient::Everybody => true,
        }
    }
}

/// A value was written to the shared memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemorySet {
    /// Its key.
    pub key: String,
    /// The value.
    pub value: String,
    /// The key's new version.
    pub version: u64,
    /// When it is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Under which grant it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Holding>,
}

/// A message was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageSent {
    /// To whom.
    pub to: Recipient,
    /// The text.
    pub text: String,
    /// When, in an order that never goes back.
    pub hybrid: HybridTime,
    /// The key of the plan it is about.
    pub plan: Option<Key>,
    /// The key of the task it is about.
    pub task: Option<Key>,
    /// The message it answers.
    pub answers: Option<Seq>,
}

/// An agent joined a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionJoined {
    /// The session.
    pub session: SessionId,
    /// The agent.
    pub agent: AgentId,
    /// In which role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The key of the task it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Key>,
    /// The file that describes that task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_file: Option<String>,
    /// The process it runs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
}

/// A session began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStarted {
    /// Its name.
    pub session: SessionId,
    /// The key of the plan it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Key>,
    /// How its agents stand to each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
    /// How many agents may join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_agents: Option<u32>,
    /// After so many seconds of silence it counts as stuck.
    pub silence_seconds: u32,
}

impl Commons {
    /// An agent by name.
    pub fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == *id)
    }

    /// A session by name.
    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == *id)
    }

    fn session_mut(&mut self, id: &SessionId) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == *id)
    }

    /// Who reads as this name: the roles it registered with or joined in, and its sessions.
    pub fn reader(&self, name: &str) -> Reader {
        let mut reader = Reader { name: name.to_owned(), ..Reader::default() };
        if let Some(agent) = self.agents.iter().find(|agent| agent.id.as_str().eq_ignore_ascii_case(name)) {
            reader.roles.extend(agent.card.roles.iter().cloned());
        }
        for session in &self.sessions {
            let part = session.members.iter().find(|member| member.agent.as_str().eq_ignore_ascii_case(name));
            if let Some(member) = part {
                reader.roles.extend(member.role.clone());
                reader.sessions.insert(session.id.clone());
            }
        }
        reader
    }

    /// The roles an agent joined sessions in.
    pub fn joined_as(&self, agent: &AgentId) -> BTreeSet<String> {
        let parts = self.sessions.iter().filter_map(|session| session.member(agent));
        parts.filter_map(|part| part.role.as_deref()).map(crate::ids::slug).collect()
    }

    /// Who reads when somebody asks: what they registered and joined as, and the session they work in.
    pub fn reader_of(&self, actor: &Actor) -> Reader {
        match actor {
            Actor::Person(person) => self.reader(person.as_str()),
            Actor::Agent { agent, session } => {
                let mut reader = self.reader(agent.as_str());
                reader.sessions.insert(session.clone());
                reader
            }
            Actor::Document | Actor::System => Reader::default(),
        }
    }

    /// The roles an agent takes: those it registered with, and those it joined sessions in.
    pub fn roles_of(&self, agent: &AgentId) -> BTreeSet<String> {
        self.reader(agent.as_str()).roles
    }
}

impl Session {
    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether nothing was heard of it for longer than it allows.
    pub fn is_stuck(&self, now: Timestamp) -> bool {
        let limit = SignedDuration::from_secs(i64::from(self.silence_seconds));
        self.is_open() && now.duration_since(self.last) > limit
    }

    /// An agent's part in it.
    pub fn member(&self, agent: &AgentId) -> Option<&Member> {
        self.members.iter().find(|member| member.agent == *agent)
    }
}

/// Applies an event of the store's own stream; total, like [`apply`](crate::apply::apply).
pub(crate) fn apply(commons: &mut Commons, event: &Event, seq: Seq, at: Timestamp, by: &By) {
    heard_of(commons, by, at);
    match event {
        Event::AgentRegistered { agent, card } => match commons.agents.iter_mut().find(|a| a.id == *agent) {
            Some(known) => known.card = card.clone(),
            None => commons.agents.push(Agent {
                id: agent.clone(),
                card: card.clone(),
                since: at,
                by: by.clone(),
            }),
        },
        Event::SessionStarted(started) => {
            let SessionStarted { session, plan, topology, max_agents, silence_seconds } = (**started).clone();
            // A name that was ended may be used again: the earlier run makes room for it.
            commons.sessions.retain(|known| known.id != session);
            commons.sessions.push(Session {
                id: session,
                plan,
                topology,
                max_agents,
                silence_seconds,
                since: at,
                by: by.clone(),
                members: Vec::new(),
                last: at,
                ended: None,
            });
        }
        Event::SessionJoined(joined) => {
            let SessionJoined { session, agent, role, task, task_file, process } = (**joined).clone();
            if let Some(session) = commons.session_mut(&session) {
                session.last = at;
                let itself = matches!(&by.actor, Actor::Agent { agent: own, .. } if *own == agent);
                let seen = itself.then_some(at);
                session.members.retain(|member| member.agent != agent);
                session.members.push(Member { agent, role, task, task_file, since: at, seen, process });
            }
        }
        Event::AgentSeen { session, agent, process } => {
            if let Some(session) = commons.session_mut(session) {
                session.last = at;
                if let Some(member) = session.members.iter_mut().find(|member| member.agent == *agent) {
                    member.seen = Some(at);
                    if process.is_some() {
                        member.process.clone_from(process);
                    }
                }
            }
        }
        Event::SessionEnded { session, reason, stuck } => {
            if let Some(session) = commons.session_mut(session) {
                session.ended = Some(Ended { by: by.clone(), at, reason: reason.clone(), stuck: *stuck });
            }
        }
        Event::MemorySet(set) => {
            let MemorySet { key, value, version, until, tags, .. } = (**set).clone();
            let entry = MemoryEntry {
                key: key.clone(),
                value: Some(value),
                version,
                until,
                tags,
                by: by.clone(),
                at,
            };
            commons.memory.insert(key, entry);
        }
        Event::MemoryDeleted { key, version, .. } => {
            if let Some(entry) = commons.memory.get_mut(key) {
                (entry.value, entry.version, entry.until) = (None, *version, None);
                (entry.by, entry.at) = (by.clone(), at);
            }
        }
        Event::MessageSent(sent) => {
            commons.clock = sent.hybrid;
            let message = Message { number: seq, what: (**sent).clone(), by: by.clone(), at };
            commons.messages.insert(seq, message);
        }
        Event::TokenIssued(issued) => {
            let what = (**issued).clone();
            commons.tokens.push(Token { what, by: by.clone(), at, revoked: None });
        }
        Event::TokenRevoked { id, reason } => {
            if let Some(token) = commons.tokens.iter_mut().find(|token| token.what.id == *id) {
                token.revoked = Some(TokenEnd { by: by.clone(), at, reason: reason.clone() });
            }
        }
        _ => {}
    }
}

/// Whatever an agent does says that its session is alive.
fn heard_of(commons: &mut Commons, by: &By, at: Timestamp) {
    let Actor::Agent { agent, session } = &by.actor else { return };
    if let Some(session) = commons.session_mut(session).filter(|session| session.is_open()) {
        session.last = at;
        if let Some(member) = session.members.iter_mut().find(|member| member.agent == *agent) {
            member.seen = Some(at);
        }
    }
}
