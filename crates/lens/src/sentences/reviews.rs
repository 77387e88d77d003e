//! Sentences about the review queue.

use model::event::Event;
use model::ids::TicketId;
use model::review::{TicketOutcome, TicketSource};

use super::Names;
use crate::views::reviews::name_of;
use crate::words::moment;

/// What was done.
pub(super) fn sentence(names: &Names<'_>, event: &Event) -> String {
    let ticket = |id: &TicketId| named(names, *id);
    match event {
        Event::TicketOpened(opened) => {
            let about = opened.about.map(|about| format!(" on `{}`", names.subject(about)));
            let due = opened.due.map(|due| format!(", an answer is asked for by {}", moment(due)));
            format!(
                "asked for a review{} ({}): {}{}",
                about.unwrap_or_default(),
                led(names, &opened.sources),
                opened.summary,
                due.unwrap_or_default()
            )
        }
        Event::TicketJoined(joined) => {
            let more = match (led(names, &joined.sources), joined.due) {
                (led, _) if !led.is_empty() => led,
                (_, Some(due)) => format!("an answer is asked for by {}", moment(due)),
                _ => "more to look at".to_owned(),
            };
            format!("added to the review of {}: {more}", ticket(&joined.ticket))
        }
        Event::TicketAssigned { ticket: id, reviewer } => {
            format!("gave the review of {} to {reviewer}", ticket(id))
        }
        Event::TicketUnassigned { ticket: id } => format!("put the review of {} back", ticket(id)),
        Event::TicketNoted { ticket: id, text, .. } => {
            format!("noted on the review of {}: {text}", ticket(id))
        }
        Event::TicketClosed { ticket: id, outcome, summary } => {
            let done = match outcome {
                TicketOutcome::Resolved => "resolved",
                TicketOutcome::Dismissed => "dismissed",
            };
            let said = if summary.is_empty() { String::new() } else { format!(": {summary}") };
            format!("{done} the review of {}{said}", ticket(id))
        }
        _ => String::new(),
    }
}

/// A ticket is called after what it is about, else by its own words.
fn named(names: &Names<'_>, id: TicketId) -> String {
    match names.plan().ticket(id) {
        Some(ticket) => match ticket.about {
            Some(about) => format!("`{}`", names.subject(about)),
            None => format!("`{}`", ticket.summary),
        },
        None => id.to_string(),
    }
}

fn led(names: &Names<'_>, sources: &[TicketSource]) -> String {
    let name = |source: &TicketSource| match source {
        TicketSource::Escalation(_) => source.word().to_owned(),
        _ => name_of(names.plan(), source),
    };
    sources.iter().map(name).collect::<Vec<_>>().join(", ")
}
