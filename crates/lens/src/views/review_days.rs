//! How many review tickets were closed on each of the last days: what a chart of the queue shows.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::review::TicketOutcome;
use serde::Serialize;

use crate::look::Look;

/// So many days are counted, today included.
pub const DAYS: usize = 7;

/// A day of the queue, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewDay {
    /// Which.
    pub day: Date,
    /// Tickets that were opened.
    pub opened: u32,
    /// Tickets that were answered.
    pub resolved: u32,
    /// Tickets that were put aside.
    pub dismissed: u32,
}

/// The last days of the queue of these plans together, the oldest first.
pub fn review_days(looks: &[Look<'_>], now: Timestamp) -> Vec<ReviewDay> {
    let on = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let today = on(now);
    let mut days: Vec<ReviewDay> = (0..DAYS)
        .rev()
        .map(|ago| {
            let day = today.saturating_sub(i64::try_from(ago).unwrap_or_default().days());
            ReviewDay { day, opened: 0, resolved: 0, dismissed: 0 }
        })
        .collect();
    let tickets = looks.iter().flat_map(|look| &look.plan.tickets);
    for ticket in tickets {
        let mut counted = |at: Timestamp, count: fn(&mut ReviewDay) -> &mut u32| {
            if let Some(day) = days.iter_mut().find(|day| day.day == on(at)) {
                *count(day) += 1;
            }
        };
        counted(ticket.created_at, |day| &mut day.opened);
        if let Some(closed) = ticket.closed() {
            match closed.outcome {
                TicketOutcome::Resolved => counted(closed.at, |day| &mut day.resolved),
                TicketOutcome::Dismissed => counted(closed.at, |day| &mut day.dismissed),
            }
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use model::command::{Command, RequestReview, ResolveTicket};

    use super::*;
    use crate::testing::World;

    #[test]
    fn each_day_counts_what_was_opened_and_closed_on_it() {
        let mut world = World::adopt("# P\n- a Sweep\n");
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        for (opened, closed, outcome) in [
            ("2031-05-01T08:00:00Z", "2031-05-01T09:00:00Z", TicketOutcome::Resolved),
            ("2031-05-01T23:59:59Z", "2031-05-02T00:00:00Z", TicketOutcome::Dismissed),
            // Too long ago to be counted.
            ("2031-04-20T08:00:00Z", "2031-04-20T09:00:00Z", TicketOutcome::Resolved),
        ] {
            world.now = at(opened);
            let request = RequestReview { summary: "look".to_owned(), ..RequestReview::default() };
            world.does("Rae", Command::RequestReview(Box::new(request)));
            let ticket = world.plan.tickets.last().unwrap().id;
            world.now = at(closed);
            let answer = ResolveTicket { ticket, outcome, summary: String::new(), check: None, role: None };
            world.does("Bo", Command::ResolveTicket(Box::new(answer)));
        }
        let days = review_days(&[world.look()], at("2031-05-02T12:00:00Z"));
        let told: Vec<String> = days
            .iter()
            .map(|day| format!("{} {}/{}/{}", day.day, day.opened, day.resolved, day.dismissed))
            .collect();
        assert_eq!(told.len(), DAYS);
        assert_eq!(told[0], "2031-04-26 0/0/0");
        assert_eq!(told[5..], ["2031-05-01 2/1/0", "2031-05-02 0/0/1"]);
    }
}
