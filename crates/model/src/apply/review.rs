//! What becomes of review tickets.

use super::Stamp;
use crate::event::Event;
use crate::ids::TicketId;
use crate::plan::Plan;
use crate::review::{Closed, Ticket, TicketNote, TicketState};

pub(super) fn apply(plan: &mut Plan, event: &Event, stamp: Stamp<'_>) {
    match event {
        Event::TicketOpened(opened) => plan.tickets.push(Ticket {
            id: opened.ticket,
            about: opened.about,
            state: TicketState::Open,
            summary: opened.summary.clone(),
            sources: opened.sources.clone(),
            payload: opened.payload.clone(),
            notes: Vec::new(),
            due: opened.due,
            created_at: stamp.at,
            updated_at: stamp.at,
        }),
        Event::TicketJoined(joined) => {
            if let Some(ticket) = touched(plan, joined.ticket, stamp) {
                ticket.sources.extend(joined.sources.iter().cloned());
                ticket.payload.extend(joined.payload.clone());
                ticket.due = joined.due.or(ticket.due);
            }
        }
        Event::TicketAssigned { ticket, reviewer } => {
            if let Some(ticket) = touched(plan, *ticket, stamp) {
                ticket.state = TicketState::InReview { reviewer: reviewer.clone() };
            }
        }
        Event::TicketUnassigned { ticket } => {
            if let Some(ticket) = touched(plan, *ticket, stamp) {
                ticket.state = TicketState::Open;
            }
        }
        Event::TicketNoted { ticket, note, text } => {
            if let Some(ticket) = touched(plan, *ticket, stamp) {
                ticket.notes.push(TicketNote {
                    id: *note,
                    text: text.clone(),
                    by: stamp.by.clone(),
                    at: stamp.at,
                });
            }
        }
        Event::TicketClosed { ticket, outcome, summary } => {
            if let Some(ticket) = touched(plan, *ticket, stamp) {
                ticket.state = TicketState::Closed(Box::new(Closed {
                    outcome: *outcome,
                    reviewer: ticket.reviewer().cloned(),
                    by: stamp.by.clone(),
                    at: stamp.at,
                    summary: summary.clone(),
                }));
            }
        }
        _ => {}
    }
}

fn touched<'p>(plan: &'p mut Plan, id: TicketId, stamp: Stamp<'_>) -> Option<&'p mut Ticket> {
    let ticket = plan.tickets.iter_mut().find(|ticket| ticket.id == id)?;
    ticket.updated_at = stamp.at;
    Some(ticket)
}
