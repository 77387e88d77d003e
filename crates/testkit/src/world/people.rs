//! Who is about in the world, and how they are known.

use model::actor::{Actor, By, Known};
use model::ids::{AgentId, PersonId, SessionId};

use super::dice::Dice;

const PERSONS: [&str; 4] = ["ada", "bob", "cleo", "dan"];

impl Dice {
    /// Anybody at all.
    pub(super) fn anybody(&mut self) -> By {
        match self.below(10) {
            0..6 => self.person(),
            6..8 => self.agent(),
            8 => By::document(),
            _ => By::system(),
        }
    }

    /// Somebody who can work.
    pub(super) fn worker(&mut self) -> By {
        if self.percent(60) { self.person() } else { self.agent() }
    }

    pub(super) fn person(&mut self) -> By {
        let name = self.word(&PERSONS);
        let known = match self.below(10) {
            0..5 => Known::Declared,
            5 => Known::Terminal,
            6 => Known::Token,
            _ => Known::Signature,
        };
        By::new(Actor::Person(PersonId::new(name).expect("a plain name")), known)
    }

    pub(super) fn agent(&mut self) -> By {
        let agent = AgentId::new(self.word(&["smith", "jones", "brown"])).expect("a plain name");
        // One that names no session is its own.
        let session = self.word(&["run-1", "run-1", "run-2", "run-3", agent.as_str()]).to_owned();
        let session = SessionId::new(&session).expect("a plain name");
        By::new(Actor::Agent { agent, session }, Known::Declared)
    }
}
