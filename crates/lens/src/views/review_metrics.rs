//! How the review queue is doing: how much waits and for how long, and how fast it is answered.
//! Computed from the tickets at the moment it is asked, so that what waits grows older by itself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use model::review::{Closed, Ticket, TicketOutcome, TicketState};
use serde::Serialize;

use crate::look::Look;
use crate::page::{Answer, Cell, Column, Page, Table, Tone};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
const DAYS_A_WEEK: f64 = 7.0;

/// The numbers of the review queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewMetrics {
    /// The moment they are true of.
    pub generated_at: Timestamp,
    /// How many tickets have which status.
    pub totals: Totals,
    /// Who has what.
    pub assignment: Assignment,
    /// How old is what waits.
    pub aging: Aging,
    /// How long tickets took.
    pub resolution: Resolution,
    /// Whether the queue keeps up.
    pub queue_health: QueueHealth,
    /// The last seven days.
    pub trends: Trends,
    /// How fast reviewers are.
    pub velocity: Velocity,
}

/// How many tickets have which status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Nobody has them.
    pub open: u32,
    /// Somebody looks at them.
    pub in_review: u32,
    /// Answered.
    pub resolved: u32,
    /// Put aside.
    pub dismissed: u32,
}

/// Who has what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Assignment {
    /// Tickets that wait, by who has them.
    pub by_reviewer: BTreeMap<String, u32>,
    /// Tickets that wait and nobody has.
    pub unassigned_open: u32,
}

/// How old is what waits, since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Aging {
    /// Of open tickets, on average.
    pub open_average_minutes: f64,
    /// Of the oldest open ticket.
    pub open_oldest_minutes: f64,
    /// Of tickets in review, on average.
    pub in_review_average_minutes: f64,
}

/// How long tickets took from being opened to being closed, dismissed ones included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Resolution {
    /// On average.
    pub average_minutes: Option<f64>,
    /// The median.
    pub median_minutes: Option<f64>,
    /// How many were closed in the last 24 hours.
    pub completed_last_24h: u32,
}

/// Whether the queue keeps up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct QueueHealth {
    /// Waiting tickets for each reviewer who has some.
    pub backlog_pressure: f64,
    /// Waiting tickets that should have been answered.
    pub sla_breaches: u32,
    /// Waiting tickets with an escalation behind them.
    pub escalations_pending: u32,
}

/// The last seven days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Trends {
    /// Answered.
    pub resolved_last_7d: u32,
    /// Put aside.
    pub dismissed_last_7d: u32,
    /// The median of what both took.
    pub median_resolution_minutes_7d: Option<f64>,
}

/// How fast reviewers were in the last seven days.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Velocity {
    /// Tickets closed, by who closed them.
    pub per_reviewer_last_7d: BTreeMap<String, u32>,
    /// The median of what a reviewer's tickets took, by reviewer.
    pub median_resolution_minutes_last_7d: BTreeMap<String, f64>,
    /// Resolved tickets a day; dismissed ones do not count here, as existing dashboards read it.
    pub average_daily_closed_last_7d: f64,
    /// Resolved and dismissed tickets a day.
    pub average_daily_finished_last_7d: f64,
    /// How many people closed tickets.
    pub active_reviewers_last_7d: u32,
    /// The same as `average_daily_closed_last_7d`.
    pub daily_average: f64,
    /// The same as `per_reviewer_last_7d`.
    pub per_reviewer: BTreeMap<String, u32>,
}

/// The numbers of the review queue of these plans together.
pub fn review_metrics(looks: &[Look<'_>], now: Timestamp) -> ReviewMetrics {
    let all: Vec<(&Ticket, u32)> = looks
        .iter()
        .flat_map(|look| look.plan.tickets.iter().map(|ticket| (ticket, look.plan.settings.review_seconds)))
        .collect();
    let closed: Vec<(&Ticket, &Closed)> =
        all.iter().filter_map(|(ticket, _)| Some((*ticket, ticket.closed()?))).collect();
    // A window includes its edge; what the clock puts into the future is as new as can be.
    let within = |window: SignedDuration| -> Vec<(&Ticket, &Closed)> {
        closed.iter().copied().filter(|(_, closed)| now.duration_since(closed.at) <= window).collect()
    };
    let week = within(WEEK);
    let waiting: Vec<(&Ticket, u32)> = all.iter().copied().filter(|(ticket, _)| ticket.is_active()).collect();
    let open: Vec<f64> = ages(&waiting, now, |ticket| matches!(ticket.state, TicketState::Open));
    let looked_at: Vec<f64> = ages(&waiting, now, |ticket| !matches!(ticket.state, TicketState::Open));
    let assignment = assignment(&waiting);
    let took: Vec<f64> = closed.iter().map(|(ticket, closed)| duration(ticket, closed)).collect();
    let took_in_week: Vec<f64> = week.iter().map(|(ticket, closed)| duration(ticket, closed)).collect();
    let number = |some: &[(&Ticket, &Closed)], outcome: TicketOutcome| {
        count(some.iter().filter(|(_, closed)| closed.outcome == outcome).count())
    };
    let (resolved, dismissed) = (TicketOutcome::Resolved, TicketOutcome::Dismissed);
    ReviewMetrics {
        generated_at: now,
        totals: Totals {
            open: count(open.len()),
            in_review: count(looked_at.len()),
            resolved: number(&closed, resolved),
            dismissed: number(&closed, dismissed),
        },
        aging: Aging {
            open_average_minutes: average(&open).unwrap_or_default(),
            open_oldest_minutes: two_decimals(open.iter().copied().fold(0.0, f64::max)),
            in_review_average_minutes: average(&looked_at).unwrap_or_default(),
        },
        resolution: Resolution {
            average_minutes: average(&took),
            median_minutes: median(took),
            completed_last_24h: count(within(DAY).len()),
        },
        queue_health: QueueHealth {
            backlog_pressure: two_decimals(waiting.len() as f64 / assignment.by_reviewer.len().max(1) as f64),
            sla_breaches: count(
                waiting.iter().filter(|(ticket, seconds)| now > ticket.answer_due(*seconds)).count(),
            ),
            escalations_pending: count(waiting.iter().filter(|(ticket, _)| ticket.is_escalated()).count()),
        },
        assignment,
        trends: Trends {
            resolved_last_7d: number(&week, resolved),
            dismissed_last_7d: number(&week, dismissed),
            median_resolution_minutes_7d: median(took_in_week),
        },
        velocity: velocity(&week, number(&week, resolved)),
    }
}

fn ages(waiting: &[(&Ticket, u32)], now: Timestamp, which: impl Fn(&Ticket) -> bool) -> Vec<f64> {
    let some = waiting.iter().filter(|(ticket, _)| which(ticket));
    some.map(|(ticket, _)| minutes(now.duration_since(ticket.created_at))).collect()
}

fn assignment(waiting: &[(&Ticket, u32)]) -> Assignment {
    let mut assignment = Assignment::default();
    for (ticket, _) in waiting {
        match ticket.reviewer() {
            Some(reviewer) => *assignment.by_reviewer.entry(reviewer.to_string()).or_default() += 1,
            None => assignment.unassigned_open += 1,
        }
    }
    assignment
}

fn velocity(week: &[(&Ticket, &Closed)], resolved: u32) -> Velocity {
    let mut took: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (ticket, closed) in week {
        // What the program puts aside by itself is nobody's work.
        if let Some(person) = closed.by.actor.person() {
            took.entry(person.to_string()).or_default().push(duration(ticket, closed));
        }
    }
    let people: BTreeSet<&String> = took.keys().collect();
    let per_reviewer: BTreeMap<String, u32> =
        took.iter().map(|(person, took)| (person.clone(), count(took.len()))).collect();
    let daily = two_decimals(f64::from(resolved) / DAYS_A_WEEK);
    Velocity {
        active_reviewers_last_7d: count(people.len()),
        average_daily_closed_last_7d: daily,
        average_daily_finished_last_7d: two_decimals(week.len() as f64 / DAYS_A_WEEK),
        daily_average: daily,
        per_reviewer: per_reviewer.clone(),
        per_reviewer_last_7d: per_reviewer,
        median_resolution_minutes_last_7d: took
            .into_iter()
            .filter_map(|(person, took)| Some((person, median(took)?)))
            .collect(),
    }
}

/// From being opened to being closed, whatever was said about it since.
fn duration(ticket: &Ticket, closed: &Closed) -> f64 {
    minutes(closed.at.duration_since(ticket.created_at))
}

/// A clock that was put back makes nothing take less than no time.
fn minutes(span: SignedDuration) -> f64 {
    span.as_secs_f64().max(0.0) / 60.0
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn average(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| two_decimals(numbers.iter().sum::<f64>() / numbers.len() as f64))
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    let even = numbers.len().is_multiple_of(2);
    let lower = if even { *numbers.get(middle.checked_sub(1)?)? } else { upper };
    Some(two_decimals(f64::midpoint(lower, upper)))
}

fn two_decimals(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

impl Answer for ReviewMetrics {
    fn page(&self) -> Page {
        let mut page = Page::default();
        let minutes = |number: f64| format!("{number} minutes");
        let maybe = |number: Option<f64>| number.map_or_else(|| "n/a".to_owned(), minutes);
        let Totals { open, in_review, resolved, dismissed } = self.totals;
        let health = &self.queue_health;
        let breaches = format!("{} overdue", health.sla_breaches);
        page.facts(vec![
            ("waiting", Cell::from(format!("{open} open, {in_review} in review"))),
            ("closed", Cell::from(format!("{resolved} resolved, {dismissed} dismissed"))),
            ("unassigned", Cell::from(self.assignment.unassigned_open.to_string())),
            ("oldest", Cell::from(minutes(self.aging.open_oldest_minutes))),
            (
                "health",
                if health.sla_breaches > 0 { Tone::Bad.cell(breaches) } else { Tone::Good.cell(breaches) },
            ),
            ("escalated", Cell::from(health.escalations_pending.to_string())),
            ("pressure", Cell::from(format!("{} for each reviewer", health.backlog_pressure))),
            ("took", Cell::from(format!("{} on average", maybe(self.resolution.average_minutes)))),
            ("median", Cell::from(maybe(self.resolution.median_minutes))),
            (
                "a day",
                Cell::from(format!(
                    "{} resolved, {} finished, over 7 days",
                    self.velocity.average_daily_closed_last_7d, self.velocity.average_daily_finished_last_7d
                )),
            ),
        ]);
        let mut people: BTreeSet<&String> = self.assignment.by_reviewer.keys().collect();
        people.extend(self.velocity.per_reviewer.keys());
        if people.is_empty() {
            return page;
        }
        let mut table = Table::new([
            Column::text("Reviewer"),
            Column::number("Has"),
            Column::number("Closed in 7 days"),
            Column::number("Median minutes"),
        ]);
        for person in people {
            let number = |of: &BTreeMap<String, u32>| of.get(person).copied().unwrap_or_default().to_string();
            let took = self.velocity.median_resolution_minutes_last_7d.get(person);
            table.row([
                person.clone(),
                number(&self.assignment.by_reviewer),
                number(&self.velocity.per_reviewer),
                took.map_or_else(|| "n/a".to_owned(), ToString::to_string),
            ]);
        }
        page.table(table);
        page
    }
}

#[cfg(test)]
mod tests;
