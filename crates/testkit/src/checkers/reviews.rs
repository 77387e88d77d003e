//! The review queue as the log shows it: one ticket that waits for each subject, what is closed
//! stays closed, and an answer that countersigns obeys what holds for every approval.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::actor::Actor;
use model::event::Event;
use model::gate::Subject;
use model::ids::{CheckId, TicketId};
use model::review::{TicketOutcome, TicketSource};

use super::keeping::{Judged, must};
use super::{Entry, Ledger};

/// Every ticket of a plan.
#[derive(Debug, Default)]
pub(super) struct Queue {
    tickets: BTreeMap<TicketId, Line>,
    /// The last approval, and how many events there were with it.
    gave: Option<(u64, CheckId)>,
}

#[derive(Debug)]
struct Line {
    about: Option<Subject>,
    sources: Vec<TicketSource>,
    reviewed: bool,
    closed: bool,
}

impl Ledger {
    pub(super) fn judge_reviews(&self, entry: &Entry) -> Judged {
        let by = &entry.by;
        match &entry.event {
            Event::TicketOpened(opened) => {
                must(!self.queue.tickets.contains_key(&opened.ticket), "a ticket is opened once")?;
                must(!opened.sources.is_empty(), "a ticket has something that led to it")?;
                must(!opened.summary.trim().is_empty(), "a ticket says what it is about")?;
                let mut others = self.queue.tickets.values().filter(|line| !line.closed);
                let taken = others.any(|line| line.about.is_some() && line.about == opened.about);
                must(!taken, "a subject has one ticket that waits")
            }
            Event::TicketJoined(joined) => {
                self.waiting(joined.ticket)?;
                let nothing = joined.sources.is_empty() && joined.payload.is_empty() && joined.due.is_none();
                must(!nothing, "what is added is something")
            }
            Event::TicketAssigned { ticket, .. } => {
                self.waiting(*ticket)?;
                must(self.believes(by), "only a person assigns")
            }
            Event::TicketUnassigned { ticket } => {
                must(self.waiting(*ticket)?.reviewed, "what is put back was somebody's")?;
                must(self.believes(by), "only a person unassigns")
            }
            Event::TicketNoted { ticket, text, .. } => {
                must(self.queue.tickets.contains_key(ticket), "a note is on a ticket")?;
                must(!text.trim().is_empty(), "a note says something")?;
                must(matches!(by.actor, Actor::Person(_) | Actor::Agent { .. }), "somebody notes")
            }
            Event::TicketClosed { ticket, outcome, .. } => self.judge_closed(*ticket, *outcome, entry),
            _ => Ok(()),
        }
    }

    fn judge_closed(&self, id: TicketId, outcome: TicketOutcome, entry: &Entry) -> Judged {
        let line = self.waiting(id)?;
        let by = &entry.by;
        if entry.command == "resolve_ticket" {
            must(self.believes(by), "only a person resolves")?;
            let gave = self.queue.gave.filter(|(seq, _)| *seq == self.seq).map(|(_, check)| check);
            let answered = line
                .sources
                .iter()
                .any(|source| matches!(source, TicketSource::Approval { check, .. } if Some(*check) == gave));
            if outcome == TicketOutcome::Dismissed {
                return must(!answered, "who puts a ticket aside approves nothing");
            }
            let answers = answered || self.asked(line, entry.at).is_empty();
            return must(answers, "who resolves gives an approval that is asked for");
        }
        match outcome {
            TicketOutcome::Resolved => {
                must(self.believes(by), "only a person answers")?;
                must(self.asked(line, entry.at).is_empty(), "what is answered waits for nothing")
            }
            TicketOutcome::Dismissed => {
                let only_approvals =
                    line.sources.iter().all(|source| matches!(source, TicketSource::Approval { .. }));
                must(only_approvals, "what is put aside by itself asked for approvals alone")
            }
        }
    }

    /// The approvals of this attempt that a ticket asks for and that are not there yet.
    fn asked(&self, line: &Line, now: Timestamp) -> Vec<CheckId> {
        let waits = |source: &TicketSource| match source {
            TicketSource::Approval { check, attempt } => {
                let known = self.checks.get(check)?;
                let current = *attempt == self.attempt(known.subject);
                (current && !self.is_proven(*check, now)).then_some(*check)
            }
            _ => None,
        };
        line.sources.iter().filter_map(waits).collect()
    }

    fn waiting(&self, id: TicketId) -> Result<&Line, String> {
        let line = self.queue.tickets.get(&id).ok_or("a ticket that nobody opened")?;
        must(!line.closed, "what is closed stays closed")?;
        Ok(line)
    }

    pub(super) fn fold_reviews(&mut self, event: &Event) {
        match event {
            Event::TicketOpened(opened) => {
                let (about, sources) = (opened.about, opened.sources.clone());
                self.queue
                    .tickets
                    .insert(opened.ticket, Line { about, sources, reviewed: false, closed: false });
            }
            Event::TicketJoined(joined) => {
                if let Some(line) = self.queue.tickets.get_mut(&joined.ticket) {
                    line.sources.extend(joined.sources.iter().cloned());
                }
            }
            Event::ApprovalGiven { check, .. } => self.queue.gave = Some((self.seq, *check)),
            Event::TicketAssigned { ticket, .. } => self.set_reviewed(*ticket, true),
            Event::TicketUnassigned { ticket } => self.set_reviewed(*ticket, false),
            Event::TicketClosed { ticket, .. } => {
                if let Some(line) = self.queue.tickets.get_mut(ticket) {
                    line.closed = true;
                }
            }
            _ => {}
        }
    }

    fn set_reviewed(&mut self, ticket: TicketId, reviewed: bool) {
        if let Some(line) = self.queue.tickets.get_mut(&ticket) {
            line.reviewed = reviewed;
        }
    }
}
