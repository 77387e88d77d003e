//! The review queue: what people are asked to look at, who looks, and how it ended. A ticket is
//! opened by what happens to the plan, and no subject has more than one that is not closed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::By;
use crate::gate::Subject;
use crate::ids::{CheckId, EscalationId, NoteId, PersonId, TaskId, TicketId};
use crate::plan::Plan;

/// A ticket that is older than this breaks what reviewers promise, unless the plan or the ticket
/// itself says otherwise: two hours.
pub const DEFAULT_REVIEW_SECONDS: u32 = 2 * 60 * 60;

/// The most entries a ticket's payload grows to; later ones are not kept.
pub const MOST_PAYLOAD: usize = 64;

/// Something that people are asked to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Stable id.
    pub id: TicketId,
    /// What it is about; nothing where it is about the plan as a whole.
    pub about: Option<Subject>,
    /// Where it stands.
    pub state: TicketState,
    /// One line.
    pub summary: String,
    /// What led to it, in order.
    pub sources: Vec<TicketSource>,
    /// What whoever looks should know, by name.
    pub payload: BTreeMap<String, String>,
    /// Remarks.
    pub notes: Vec<TicketNote>,
    /// By when an answer is asked for.
    pub due: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything happened to it last.
    pub updated_at: Timestamp,
}

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// Nobody has it.
    Open,
    /// Somebody looks at it.
    InReview {
        /// Who.
        reviewer: PersonId,
    },
    /// It is over.
    Closed(Box<Closed>),
}

/// How a ticket ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// Whether it was answered or put aside.
    pub outcome: TicketOutcome,
    /// Who had it.
    pub reviewer: Option<PersonId>,
    /// Who closed it.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// In their words.
    pub summary: String,
}

/// Whether a ticket was answered or put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketOutcome {
    /// Answered; the approvals behind it were given.
    Resolved,
    /// Put aside; nothing was approved.
    Dismissed,
}

impl TicketOutcome {
    /// The word used in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
}

/// What led to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketSource {
    /// Something was escalated.
    Escalation(EscalationId),
    /// A check asks for an approval.
    Approval {
        /// The check.
        check: CheckId,
        /// Which attempt of its subject.
        attempt: u32,
    },
    /// Owners are asked to acknowledge something by a time.
    Acknowledgement,
    /// A guardrail was hit, by the code of what it refuses: `path/foreign`.
    Guardrail(String),
    /// Somebody asked.
    Request,
}

impl TicketSource {
    /// The word used in output.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Escalation(_) => "escalation",
            Self::Approval { .. } => "approval",
            Self::Acknowledgement => "acknowledgement",
            Self::Guardrail(_) => "guardrail",
            Self::Request => "request",
        }
    }
}

/// A remark on a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketNote {
    /// Stable id.
    pub id: NoteId,
    /// The text.
    pub text: String,
    /// Whose.
    pub by: By,
    /// When.
    pub at: Timestamp,
}

/// A ticket was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketOpened {
    /// The ticket.
    pub ticket: TicketId,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Subject>,
    /// What led to it.
    pub sources: Vec<TicketSource>,
    /// One line.
    pub summary: String,
    /// What whoever looks should know.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payload: BTreeMap<String, String>,
    /// By when an answer is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// More came to a ticket that was there already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketJoined {
    /// The ticket.
    pub ticket: TicketId,
    /// What led to it besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<TicketSource>,
    /// What whoever looks should know besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payload: BTreeMap<String, String>,
    /// By when an answer is asked for now, where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Ticket {
    /// `open`, `in_review`, `resolved` or `dismissed`.
    pub const fn status(&self) -> &'static str {
        match &self.state {
            TicketState::Open => "open",
            TicketState::InReview { .. } => "in_review",
            TicketState::Closed(closed) => closed.outcome.as_str(),
        }
    }

    /// Whether it still waits for somebody.
    pub const fn is_active(&self) -> bool {
        !matches!(self.state, TicketState::Closed(_))
    }

    /// How it ended, where it did.
    pub fn closed(&self) -> Option<&Closed> {
        match &self.state {
            TicketState::Closed(closed) => Some(closed),
            _ => None,
        }
    }

    /// Who has it, or had it when it was closed.
    pub fn reviewer(&self) -> Option<&PersonId> {
        match &self.state {
            TicketState::Open => None,
            TicketState::InReview { reviewer } => Some(reviewer),
            TicketState::Closed(closed) => closed.reviewer.as_ref(),
        }
    }

    /// The task it is about.
    pub const fn task(&self) -> Option<TaskId> {
        match self.about {
            Some(Subject::Task(task)) => Some(task),
            _ => None,
        }
    }

    /// Whether something was escalated to it.
    pub fn is_escalated(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, TicketSource::Escalation(_)))
    }

    /// The moment an answer is due: as asked for, else as the plan promises.
    pub fn answer_due(&self, review_seconds: u32) -> Timestamp {
        self.due.unwrap_or_else(|| {
            let span = jiff::SignedDuration::from_secs(i64::from(review_seconds));
            self.created_at.checked_add(span).unwrap_or(Timestamp::MAX)
        })
    }

    /// What is new of this payload, under names that are free: two texts of one name both stay.
    pub(crate) fn fresh(&self, more: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut fresh: BTreeMap<String, String> = BTreeMap::new();
        for (name, text) in more {
            let twin = |known: &str| known == name || known.starts_with(&format!("{name}~"));
            if self.payload.iter().any(|(known, before)| twin(known) && *before == text) {
                continue;
            }
            if self.payload.len() + fresh.len() >= MOST_PAYLOAD {
                break;
            }
            let taken = |known: &String| self.payload.contains_key(known);
            let free = (1u32..)
                .map(|twin| if twin == 1 { name.clone() } else { format!("{name}~{twin}") })
                .find(|known| !taken(known));
            fresh.extend(free.map(|known| (known, text)));
        }
        fresh
    }
}

impl Plan {
    /// A ticket by id.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.id == id)
    }

    /// The ticket about a subject that is not closed; there is one at most.
    pub fn active_ticket(&self, about: Subject) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.about == Some(about) && ticket.is_active())
    }

    /// The approvals a ticket still asks for: those of this attempt that nobody gave or waived.
    pub fn approvals_asked(&self, ticket: &Ticket, now: Timestamp) -> Vec<CheckId> {
        let asked = ticket.sources.iter().filter_map(|source| match source {
            TicketSource::Approval { check, attempt } => Some((*check, *attempt)),
            _ => None,
        });
        let waits = |(check, attempt): (CheckId, u32)| {
            let (subject, _) = self.check(check)?;
            let stands = self.check_standing(check, now)?;
            (attempt == crate::apply::attempt_of(self, subject) && !stands.opens()).then_some(check)
        };
        asked.filter_map(waits).collect()
    }

    /// Whether nothing that led to a ticket still waits: every approval was given, every escalation
    /// has ended. What nothing but a word of the reviewer answers always waits.
    pub fn is_answered(&self, ticket: &Ticket, now: Timestamp) -> bool {
        let ended = |id: &EscalationId| {
            self.escalations.iter().any(|known| known.id == *id && known.resolved.is_some())
        };
        let answered = |source: &TicketSource| match source {
            TicketSource::Escalation(id) => ended(id),
            TicketSource::Approval { .. } => true,
            _ => false,
        };
        ticket.sources.iter().all(answered) && self.approvals_asked(ticket, now).is_empty()
    }
}
