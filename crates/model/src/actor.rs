//! Who did a thing, and how that was known.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, PersonId, SessionId};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    Person(PersonId),
    /// A run of an agent.
    Agent {
        /// Which agent.
        agent: AgentId,
        /// Which run of it.
        session: SessionId,
    },
    /// The plan document: its edits are assertions, never proof.
    Document,
    /// Countersign itself, doing what the plan's state asks for.
    System,
}

impl Actor {
    /// The person, where it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Person(person) => Some(person),
            _ => None,
        }
    }

    /// Whether an agent acts.
    pub fn is_agent(&self) -> bool {
        matches!(self, Self::Agent { .. })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => write!(f, "{person}"),
            Self::Agent { agent, session } => write!(f, "{agent} ({session})"),
            Self::Document => f.write_str("the document"),
            Self::System => f.write_str("countersign"),
        }
    }
}

/// How an actor was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// A flag, the environment, git or the operating system said so: anybody could have.
    Declared,
    /// Somebody answered a question at a terminal.
    Terminal,
    /// A bearer token.
    Token,
    /// The person's Ed25519 key.
    Signature,
    /// It stands in the document.
    Document,
    /// Countersign itself.
    System,
}

impl Known {
    /// Whether somebody else could not simply have said the same.
    pub const fn is_proven(self) -> bool {
        matches!(self, Self::Token | Self::Signature)
    }

    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Terminal => "terminal",
            Self::Token => "token",
            Self::Signature => "signature",
            Self::Document => "document",
            Self::System => "system",
        }
    }
}

/// Who did a thing and how that was known: part of every recorded event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// How known.
    pub known: Known,
}

impl By {
    /// An actor known in some way.
    pub fn new(actor: Actor, known: Known) -> Self {
        Self { actor, known }
    }

    /// Countersign itself.
    pub fn system() -> Self {
        Self::new(Actor::System, Known::System)
    }

    /// The plan document.
    pub fn document() -> Self {
        Self::new(Actor::Document, Known::Document)
    }
}

/// What led to an event: the command, and the request it came with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The command's name: `claim`, `record_verdict`.
    pub command: String,
    /// The id its sender gave the request; the same id is never carried out twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The sender's signature over the command's statement, hexadecimal, where that is how the
    /// sender was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Cause {
    /// A command without request id and signature.
    pub fn command(command: impl Into<String>) -> Self {
        Self { command: command.into(), request: None, signature: None }
    }
}
