//! The store's own stream as its log shows it: sessions with room, memory whose versions have no
//! gaps, messages in an order that never goes back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::actor::{Actor, By};
use model::commons::HybridTime;
use model::digest::Digest;
use model::event::Event;
use model::ids::{AgentId, SessionId, TokenId};

use super::Entry;
use super::keeping::{Judged, must};

/// What the log of the store's own stream says so far.
#[derive(Debug, Default)]
pub struct CommonLedger {
    seq: u64,
    agents: BTreeSet<AgentId>,
    sessions: BTreeMap<SessionId, SessionLine>,
    memory: BTreeMap<String, MemoryLine>,
    messages: BTreeSet<u64>,
    clock: HybridTime,
    tokens: BTreeMap<TokenId, TokenLine>,
}

#[derive(Debug, Clone)]
struct TokenLine {
    name: String,
    digest: Digest,
    until: Option<Timestamp>,
    revoked: bool,
}

#[derive(Debug, Clone)]
struct SessionLine {
    open: bool,
    began: Actor,
    most: Option<u32>,
    silence: i64,
    heard: Timestamp,
    members: BTreeSet<AgentId>,
}

#[derive(Debug, Clone, Default)]
struct MemoryLine {
    version: u64,
    there: bool,
    until: Option<Timestamp>,
}

impl MemoryLine {
    fn is_there(&self, now: Timestamp) -> bool {
        self.there && self.until.is_none_or(|until| now < until)
    }
}

impl CommonLedger {
    /// Takes the next entry in, and says which rule it broke.
    pub fn take(&mut self, entry: &Entry) -> Result<(), String> {
        let judged = self.judge(entry);
        self.seq = entry.seq.0;
        self.fold(entry);
        judged.map_err(|rule| {
            format!("the store's event {} `{}` by {}: {rule}", self.seq, entry.event.kind(), entry.by.actor)
        })
    }

    /// Whether somebody may act: an agent's session is open, or it is its own and nobody began it.
    pub fn admits(&self, by: &By) -> bool {
        let Actor::Agent { agent, session } = &by.actor else { return true };
        match self.sessions.get(session) {
            Some(line) => line.open,
            None => agent.as_str() == session.as_str(),
        }
    }

    /// The version of a key as whoever writes it sees it: 0 where it has no value.
    pub fn version(&self, key: &str, now: Timestamp) -> u64 {
        self.memory.get(key).filter(|line| line.is_there(now)).map_or(0, |line| line.version)
    }

    fn judge(&self, entry: &Entry) -> Judged {
        let by = &entry.by;
        must(entry.seq.0 > self.seq, "what happens has a number of its own")?;
        let begins = matches!(entry.command.as_str(), "start_session" | "register_agent");
        must(begins || self.admits(by), "an agent acts in a session that is open")?;
        match &entry.event {
            Event::SessionStarted(started) => must(
                self.sessions.get(&started.session).is_none_or(|line| !line.open),
                "a session that is open is not begun again",
            ),
            Event::SessionJoined(joined) => {
                let line = self.open(&joined.session)?;
                let room = line.most.is_none_or(|most| line.members.len() < most as usize);
                must(
                    line.members.contains(&joined.agent) || room,
                    "a session has no more members than room",
                )?;
                must(self.agents.contains(&joined.agent), "a member is a known agent")
            }
            Event::AgentSeen { session, agent, .. } => {
                let line = self.open(session)?;
                must(line.members.contains(agent), "only a member is seen")?;
                let other = matches!(&by.actor, Actor::Agent { agent: own, .. } if own != agent);
                must(!other && by.actor != Actor::Document, "an agent speaks for itself")
            }
            Event::SessionEnded { session, stuck, .. } => {
                let line = self.open(session)?;
                let silent = entry.at.duration_since(line.heard).as_secs() > line.silence;
                let may = match &by.actor {
                    Actor::Person(_) | Actor::System => true,
                    Actor::Document => false,
                    Actor::Agent { agent, session: own } => {
                        let began = matches!(&line.began, Actor::Agent { agent: who, .. } if who == agent);
                        began || (own == session && line.members.contains(agent))
                    }
                };
                must(!stuck || silent, "only a silent session is stuck")?;
                must(may || *stuck, "a session ends by who takes part, or a person")
            }
            Event::MemorySet(set) => {
                let before = self.memory.get(&set.key).map_or(0, |line| line.version);
                must(set.version == before + 1, "the versions of a key have no gaps")
            }
            Event::MemoryDeleted { key, version, .. } => {
                let line = self.memory.get(key).ok_or("what is deleted was there")?;
                must(line.is_there(entry.at), "what is deleted is there")?;
                must(*version == line.version + 1, "the versions of a key have no gaps")
            }
            Event::MessageSent(sent) => {
                must(sent.hybrid > self.clock, "the order of messages never goes back")?;
                must(
                    sent.hybrid.millis >= entry.at.as_millisecond(),
                    "a message is not sent before its time",
                )?;
                let answered = sent.answers.is_none_or(|number| self.messages.contains(&number.0));
                must(answered, "an answer answers something")
            }
            Event::MessagesAcknowledged { messages } => {
                let known = messages.iter().all(|number| self.messages.contains(&number.0));
                must(known, "only messages are acknowledged")
            }
            Event::TokenIssued(token) => {
                must(matches!(by.actor, Actor::Person(_)), "a person makes tokens")?;
                must(!token.roles.is_empty() || !token.scopes.is_empty(), "a token opens something")?;
                must(token.until.is_none_or(|until| entry.at < until), "a token ends in the future")?;
                must(!self.tokens.contains_key(&token.id), "a token's id is its own")?;
                let twice = self.tokens.values().any(|line| line.digest == token.digest);
                must(!twice, "no two tokens are the same")?;
                let good =
                    |line: &TokenLine| !line.revoked && line.until.is_none_or(|until| entry.at < until);
                let named = self.tokens.values().any(|line| line.name == token.name && good(line));
                must(!named, "no two good tokens share a name")
            }
            Event::TokenRevoked { id, .. } => {
                must(matches!(by.actor, Actor::Person(_)), "a person takes tokens back")?;
                must(self.tokens.get(id).is_some_and(|line| !line.revoked), "a token is taken back once")
            }
            _ => Ok(()),
        }
    }

    fn open(&self, session: &SessionId) -> Result<&SessionLine, String> {
        let line = self.sessions.get(session).filter(|line| line.open);
        line.ok_or_else(|| "an ended session does nothing".to_owned())
    }

    fn fold(&mut self, entry: &Entry) {
        if let Actor::Agent { session, .. } = &entry.by.actor
            && let Some(line) = self.sessions.get_mut(session).filter(|line| line.open)
        {
            line.heard = entry.at;
        }
        match &entry.event {
            Event::AgentRegistered { agent, .. } => {
                self.agents.insert(agent.clone());
            }
            Event::SessionStarted(started) => {
                let line = SessionLine {
                    open: true,
                    began: entry.by.actor.clone(),
                    most: started.max_agents,
                    silence: i64::from(started.silence_seconds),
                    heard: entry.at,
                    members: BTreeSet::new(),
                };
                self.sessions.insert(started.session.clone(), line);
            }
            Event::SessionJoined(joined) => {
                if let Some(line) = self.sessions.get_mut(&joined.session) {
                    line.members.insert(joined.agent.clone());
                    line.heard = entry.at;
                }
            }
            Event::AgentSeen { session, .. } => {
                if let Some(line) = self.sessions.get_mut(session) {
                    line.heard = entry.at;
                }
            }
            Event::SessionEnded { session, .. } => {
                if let Some(line) = self.sessions.get_mut(session) {
                    line.open = false;
                }
            }
            Event::MemorySet(set) => {
                let line = MemoryLine { version: set.version, there: true, until: set.until };
                self.memory.insert(set.key.clone(), line);
            }
            Event::MemoryDeleted { key, version, .. } => {
                self.memory.insert(key.clone(), MemoryLine { version: *version, there: false, until: None });
            }
            Event::MessageSent(sent) => {
                self.clock = sent.hybrid;
                self.messages.insert(self.seq);
            }
            Event::TokenIssued(token) => {
                let (name, digest) = (token.name.clone(), token.digest);
                let line = TokenLine { name, digest, until: token.until, revoked: false };
                self.tokens.insert(token.id, line);
            }
            Event::TokenRevoked { id, .. } => {
                if let Some(line) = self.tokens.get_mut(id) {
                    line.revoked = true;
                }
            }
            _ => {}
        }
    }
}
