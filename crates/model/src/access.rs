//! Who may ask the service for what: scopes, the roles that stand for several of them, and the
//! tokens by which somebody shows who they are. A token itself is kept nowhere, only its digest.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::By;
use crate::digest::Digest;
use crate::ids::{AgentId, PersonId, TokenId};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$case_doc])* $case,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word it goes by.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $word,)+
                }
            }

            /// The one that goes by a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What somebody may ask for.
    Scope {
        /// See plans, tasks, gates and history.
        PlansRead "plans:read",
        /// Change plans: waivers and whatever is decided about a plan.
        PlansWrite "plans:write",
        /// Work on tasks.
        TasksWork "tasks:work",
        /// See what waits for a review.
        ReviewsRead "reviews:read",
        /// Review: approve, take a ticket, resolve it.
        ReviewsWrite "reviews:write",
        /// Do so for others.
        ReviewsAdmin "reviews:admin",
        /// See reports and metrics.
        ReportsRead "reports:read",
        /// Everything.
        Admin "admin",
    }
}

words! {
    /// A name for several scopes.
    Role {
        /// Looks on.
        Observer "observer",
        /// Reviews.
        Reviewer "reviewer",
        /// Reviews, and hands reviews out.
        ReviewAdmin "review_admin",
        /// Leads a plan.
        Lead "lead",
        /// Works on tasks.
        Agent "agent",
        /// Runs the service.
        Operator "operator",
    }
}

impl Role {
    /// What the role may ask for.
    pub const fn scopes(self) -> &'static [Scope] {
        use Scope::{
            Admin, PlansRead, PlansWrite, ReportsRead, ReviewsAdmin, ReviewsRead, ReviewsWrite, TasksWork,
        };
        match self {
            Self::Observer => &[PlansRead, ReviewsRead, ReportsRead],
            Self::Reviewer => &[PlansRead, ReviewsRead, ReportsRead, ReviewsWrite],
            Self::ReviewAdmin => &[PlansRead, ReviewsRead, ReportsRead, ReviewsWrite, ReviewsAdmin],
            Self::Lead => &[PlansRead, ReviewsRead, ReportsRead, ReviewsWrite, PlansWrite, TasksWork],
            Self::Agent => &[PlansRead, ReviewsRead, ReportsRead, TasksWork],
            Self::Operator => &[Admin],
        }
    }
}

/// What roles and scopes allow together. Words that are not known allow nothing.
pub fn scopes_of<'w>(
    roles: impl IntoIterator<Item = &'w str>,
    scopes: impl IntoIterator<Item = &'w str>,
) -> BTreeSet<Scope> {
    let of_roles = roles.into_iter().filter_map(Role::parse).flat_map(|role| role.scopes().iter().copied());
    of_roles.chain(scopes.into_iter().filter_map(Scope::parse)).collect()
}

/// Whether scopes allow what asks for one of them.
pub fn allow(held: &BTreeSet<Scope>, wanted: Scope) -> bool {
    held.contains(&wanted) || held.contains(&Scope::Admin)
}

/// As whom the holder of a token acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// A person.
    Person(PersonId),
    /// An agent.
    Agent(AgentId),
}

impl Bearer {
    /// `person:NAME`, `agent:NAME`, or a person's name alone.
    pub fn parse(text: &str) -> Result<Self, crate::ids::BadId> {
        match text.strip_prefix("agent:") {
            Some(agent) => AgentId::new(agent).map(Self::Agent),
            None => PersonId::new(text.strip_prefix("person:").unwrap_or(text)).map(Self::Person),
        }
    }
}

impl fmt::Display for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => write!(f, "person:{person}"),
            Self::Agent(agent) => write!(f, "agent:{agent}"),
        }
    }
}

/// A token was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// Which.
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the token: 256 random bits need no slow hash.
    pub digest: Digest,
    /// As whom its holder acts.
    pub subject: Bearer,
    /// The roles it stands for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<String>,
    /// The scopes it has besides.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub scopes: BTreeSet<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A token as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// What was made.
    pub what: TokenIssued,
    /// Who made it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Its end before its time, where somebody revoked it.
    pub revoked: Option<TokenEnd>,
}

/// The end of a token before its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenEnd {
    /// Who revoked it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Token {
    /// Whether it opens anything.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.what.until.is_none_or(|until| now < until)
    }

    /// What its holder may ask for.
    pub fn scopes(&self) -> BTreeSet<Scope> {
        scopes_of(self.what.roles.iter().map(String::as_str), self.what.scopes.iter().map(String::as_str))
    }
}
