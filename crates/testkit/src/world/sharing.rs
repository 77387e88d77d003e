//! What actors of the world do on the store's own stream: sessions, shared memory, messages.

use std::collections::BTreeSet;

use model::access::Bearer;
use model::actor::{Actor, By};
use model::command::{Command, IssueToken, SetMemory};
use model::commons::{AgentCard, Commons, Holding, Recipient, SessionJoined};
use model::digest::Digest;
use model::ids::{AgentId, PersonId, Seq, SessionId, TokenId};

use super::World;

const KEYS: [&str; 4] = ["phase7/status", "phase7/count", "notes", "a//b"];
const AGENTS: [&str; 3] = ["smith", "jones", "brown"];
const SESSIONS: [&str; 3] = ["run-1", "run-2", "run-3"];

impl World {
    pub(super) fn sharing(&mut self) -> (By, Command) {
        let closed = SESSIONS[..2].iter().find(|name| {
            let known = self.shared().sessions.iter().find(|session| session.id.as_str() == **name);
            known.is_none_or(|session| !session.is_open())
        });
        if let Some(name) = closed.filter(|_| self.dice.percent(30)) {
            return (self.dice.person(), self.begin(name));
        }
        match self.dice.below(22) {
            0..2 => self.register(),
            2..4 => {
                let name = self.dice.word(&SESSIONS);
                (self.dice.anybody(), self.begin(name))
            }
            4..7 => self.join(),
            7..9 => self.see(),
            9 => self.end(),
            10..15 => self.remember(),
            15..18 => self.send(),
            18 => self.issue(),
            19 => self.revoke(),
            _ => self.acknowledge(),
        }
    }

    fn shared(&self) -> &Commons {
        self.store.commons.as_deref().expect("the store's own stream has them")
    }

    fn an_agent(&mut self) -> AgentId {
        AgentId::new(self.dice.word(&AGENTS)).expect("a plain name")
    }

    fn a_session(&mut self) -> SessionId {
        let stray = self.dice.percent(4);
        let name = if stray { "nowhere" } else { self.dice.word(&SESSIONS) };
        SessionId::new(name).expect("a plain name")
    }

    fn register(&mut self) -> (By, Command) {
        let agent = self.an_agent();
        let roles: BTreeSet<String> = ["Code Reviewer", "coder"]
            .into_iter()
            .filter(|_| self.dice.percent(50))
            .map(str::to_owned)
            .collect();
        let card = AgentCard { roles, ..AgentCard::default() };
        (self.dice.anybody(), Command::RegisterAgent { agent, card })
    }

    fn begin(&mut self, name: &str) -> Command {
        let session = SessionId::new(name).expect("a plain name");
        let max_agents = self.dice.one_of(&[Some(2), Some(1), Some(0), None, Some(2)]).flatten();
        let silence_seconds = self.dice.one_of(&[None, Some(7_200), Some(0)]).flatten();
        Command::StartSession { session, plan: None, topology: None, max_agents, silence_seconds }
    }

    fn join(&mut self) -> (By, Command) {
        let (session, agent) = (self.a_session(), self.an_agent());
        let role = self.dice.one_of(&[None, Some("coder".to_owned())]).flatten();
        let joined = SessionJoined { session, agent, role, task: None, task_file: None, process: None };
        (self.dice.anybody(), Command::JoinSession(Box::new(joined)))
    }

    fn see(&mut self) -> (By, Command) {
        let by = self.dice.anybody();
        let (mut session, mut agent) = (self.a_session(), self.an_agent());
        if let Actor::Agent { agent: own, session: its } = &by.actor
            && self.dice.percent(60)
        {
            (session, agent) = (its.clone(), own.clone());
        }
        (by, Command::SeeAgent { session, agent, process: None })
    }

    fn end(&mut self) -> (By, Command) {
        let by = self.dice.anybody();
        let session = match &by.actor {
            Actor::Agent { session, .. } if self.dice.percent(50) => session.clone(),
            _ => self.a_session(),
        };
        let (reason, stuck) = (self.reason(), self.dice.percent(40));
        (by, Command::EndSession { session, reason, stuck })
    }

    fn remember(&mut self) -> (By, Command) {
        let mut by = self.dice.anybody();
        let key = self.dice.word(&KEYS).to_owned();
        let version = self.store_ledger.version(&key, self.now);
        let expect = match self.dice.below(5) {
            0 | 1 => Some(version),
            2 => Some(version + 1),
            _ => None,
        };
        let mut under = None;
        if self.dice.percent(30)
            && let Some(task) = self.plan.tasks.iter().find(|task| task.lease().is_some())
            && let model::task::TaskState::Active(active) = &task.state
        {
            by = if self.dice.percent(80) { active.by.clone() } else { by };
            let older = u64::from(self.dice.percent(20));
            let fence = model::ids::Fence(task.fence.0.saturating_sub(older));
            under = Some(Holding { plan: self.plan.id, task: task.id, fence });
        }
        if self.dice.percent(20) {
            return (by, Command::DeleteMemory { key, expect, under });
        }
        let ttl_seconds = self.dice.one_of(&[None, None, Some(1_800)]).flatten();
        let value = self.dice.word(&["1", "2", "done"]).to_owned();
        (
            by,
            Command::SetMemory(Box::new(SetMemory {
                key,
                value,
                expect,
                ttl_seconds,
                tags: Vec::new(),
                under,
            })),
        )
    }

    fn a_message(&mut self) -> Seq {
        let known: Vec<Seq> = self.shared().messages.keys().copied().collect();
        let stray = self.dice.percent(10);
        self.dice.one_of(&known).filter(|_| !stray).unwrap_or(Seq(1_000_000))
    }

    fn send(&mut self) -> (By, Command) {
        let to = match self.dice.below(6) {
            0 | 1 => Recipient::Name(self.dice.word(&AGENTS).to_owned()),
            2 => Recipient::Role("coder".to_owned()),
            3 => Recipient::Session(self.a_session()),
            4 => Recipient::Name(self.dice.word(&["ada", "bob"]).to_owned()),
            _ => Recipient::Everybody,
        };
        let answers = self.dice.percent(20).then(|| self.a_message());
        let text = self.dice.word(&["the interface changed", "please look", " "]).to_owned();
        (self.dice.anybody(), Command::SendMessage { to, text, plan: None, task: None, answers })
    }

    fn issue(&mut self) -> (By, Command) {
        let name = self.dice.word(&["ci", "board", " "]).to_owned();
        let subject = match self.dice.below(2) {
            0 => Bearer::Agent(self.an_agent()),
            _ => Bearer::Person(PersonId::new("ada").expect("a plain name")),
        };
        let roles = self.dice.one_of(&["agent", "observer", "nobody"]).map(str::to_owned);
        let until = match self.dice.below(4) {
            0 => Some(self.now),
            1 => Some(self.now + jiff::SignedDuration::from_hours(1)),
            _ => None,
        };
        let digest = Digest::sha256(&[u8::try_from(self.dice.below(40)).unwrap_or_default()]);
        let (roles, scopes) = (roles.into_iter().collect(), BTreeSet::new());
        let asked = IssueToken { name, digest, subject, roles, scopes, until };
        (self.dice.anybody(), Command::IssueToken(Box::new(asked)))
    }

    fn revoke(&mut self) -> (By, Command) {
        let known: Vec<TokenId> = self.shared().tokens.iter().map(|token| token.what.id).collect();
        let id = self.dice.one_of(&known).unwrap_or(TokenId::from_bits(1));
        let reason = self.reason();
        (self.dice.anybody(), Command::RevokeToken { id, reason })
    }

    fn acknowledge(&mut self) -> (By, Command) {
        let messages = (0..self.dice.below(3)).map(|_| self.a_message()).collect();
        (self.dice.anybody(), Command::AcknowledgeMessages(messages))
    }
}
