//! What people are asked to look at in the world, and how they answer.

use std::collections::BTreeMap;

use jiff::ToSpan;
use model::actor::{Actor, By};
use model::command::{Command, RequestReview, ResolveTicket};
use model::gate::Subject;
use model::ids::{GateId, PersonId, TicketId};
use model::review::TicketOutcome;

use super::World;

impl World {
    pub(super) fn reviewing(&mut self) -> (By, Command) {
        let by = if self.dice.percent(80) { self.dice.person() } else { self.dice.anybody() };
        let ticket = self.a_ticket();
        match self.dice.below(20) {
            0..4 => {
                let request = self.a_request();
                (by, Command::RequestReview(Box::new(request)))
            }
            4..7 => {
                let named = self.dice.percent(40).then(|| self.dice.word(&["ada", "bob", "cleo"]));
                let reviewer = named.map(|name| PersonId::new(name).expect("a plain name"));
                (by, Command::AssignTicket { ticket, reviewer })
            }
            7 | 8 => (by, Command::UnassignTicket(ticket)),
            9..12 => (by, Command::NoteTicket { ticket, text: self.reason() }),
            _ => self.an_answer(by, ticket),
        }
    }

    fn a_ticket(&mut self) -> TicketId {
        let waiting: Vec<TicketId> =
            self.plan.tickets.iter().filter(|ticket| ticket.is_active()).map(|ticket| ticket.id).collect();
        let all: Vec<TicketId> = self.plan.tickets.iter().map(|ticket| ticket.id).collect();
        let some = if self.dice.percent(85) { self.dice.one_of(&waiting) } else { self.dice.one_of(&all) };
        let stray = self.dice.percent(3);
        some.filter(|_| !stray).unwrap_or(TicketId::from_bits(3))
    }

    fn a_request(&mut self) -> RequestReview {
        let gates: Vec<Subject> = self.plan.gates_with_subjects().map(|(subject, _)| subject).collect();
        let about = match self.dice.below(10) {
            0..5 => Some(Subject::Task(self.a_task())),
            5..8 => self.dice.one_of(&gates),
            8 => Some(Subject::Gate(GateId::from_bits(3))),
            _ => None,
        };
        let due = self.dice.one_of(&[None, None, Some(4), Some(-1)]).flatten();
        let due = due.map(|hours: i64| self.now + hours.hours());
        let summary = self.dice.word(&["please look", "is this right", "please acknowledge", " "]).to_owned();
        let payload = match self.dice.percent(40) {
            true => BTreeMap::from([("more".to_owned(), self.reason())]),
            false => BTreeMap::new(),
        };
        RequestReview { about, summary, due, payload }
    }

    /// Whoever works on a task answers its ticket now and then, who knows that they may not.
    fn an_answer(&mut self, by: By, ticket: TicketId) -> (By, Command) {
        let own = self.plan.ticket(ticket).and_then(|ticket| {
            let worker = self.plan.task(ticket.task()?)?.worker()?;
            matches!(worker, Actor::Person(_)).then(|| worker.clone())
        });
        let by = match own.filter(|_| self.dice.percent(25)) {
            Some(actor) => By { actor, ..by },
            None => by,
        };
        let outcome = match self.dice.percent(75) {
            true => TicketOutcome::Resolved,
            false => TicketOutcome::Dismissed,
        };
        let summary = self.dice.word(&["it is fine", "", "not now"]).to_owned();
        let check = self.dice.percent(5).then(|| self.dice.word(&["look", "nothing"]).to_owned());
        let role = self.dice.percent(10).then(|| self.dice.word(&["lead", "security", "king"]).to_owned());
        (by, Command::ResolveTicket(Box::new(ResolveTicket { ticket, outcome, summary, check, role })))
    }
}
