use model::command::{Command, RequestReview, ResolveTicket};
use model::ids::{PersonId, TicketId};
use serde_json::json;

use super::*;
use crate::testing::World;

struct Queue {
    world: World,
}

impl Queue {
    fn empty() -> Self {
        let mut world = World::adopt("# P\n- a Sweep\n");
        world.now = at("2031-05-01T09:00:00Z");
        Self { world }
    }

    fn opens(&mut self, when: &str, text: &str) -> TicketId {
        self.world.now = at(when);
        let request = RequestReview { summary: text.to_owned(), ..RequestReview::default() };
        self.world.does("Rae", Command::RequestReview(Box::new(request)));
        self.world.plan.tickets.last().unwrap().id
    }

    fn assigns(&mut self, ticket: TicketId, to: &str) {
        self.world.does(to, Command::AssignTicket { ticket, reviewer: None });
    }

    fn closes(&mut self, when: &str, ticket: TicketId, who: &str, outcome: TicketOutcome) {
        self.world.now = at(when);
        let answer = ResolveTicket { ticket, outcome, summary: String::new(), check: None, role: None };
        self.world.does(who, Command::ResolveTicket(Box::new(answer)));
    }

    fn metrics(&self, now: &str) -> serde_json::Value {
        serde_json::to_value(self.at(now)).unwrap()
    }

    fn at(&self, now: &str) -> ReviewMetrics {
        review_metrics(&[self.world.look()], at(now))
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Open for three hours, in review for two, resolved after sixty minutes, dismissed after thirty.
fn example() -> Queue {
    let mut queue = Queue::empty();
    let resolved = queue.opens("2031-05-01T08:00:00Z", "resolved");
    queue.closes("2031-05-01T09:00:00Z", resolved, "bob", TicketOutcome::Resolved);
    let dismissed = queue.opens("2031-05-01T08:00:00Z", "dismissed");
    queue.closes("2031-05-01T08:30:00Z", dismissed, "charlie", TicketOutcome::Dismissed);
    queue.opens("2031-05-01T09:00:00Z", "open");
    let looked_at = queue.opens("2031-05-01T10:00:00Z", "in review");
    queue.assigns(looked_at, "alice");
    queue
}

#[test]
fn the_example_gives_these_figures() {
    assert_eq!(
        example().metrics("2031-05-01T12:00:00Z"),
        json!({
            "generated_at": "2031-05-01T12:00:00Z",
            "totals": {"open": 1, "in_review": 1, "resolved": 1, "dismissed": 1},
            "assignment": {"by_reviewer": {"alice": 1}, "unassigned_open": 1},
            "aging": {
                "open_average_minutes": 180.0,
                "open_oldest_minutes": 180.0,
                "in_review_average_minutes": 120.0,
            },
            "resolution": {"average_minutes": 45.0, "median_minutes": 45.0, "completed_last_24h": 2},
            "queue_health": {"backlog_pressure": 2.0, "sla_breaches": 1, "escalations_pending": 0},
            "trends": {"resolved_last_7d": 1, "dismissed_last_7d": 1, "median_resolution_minutes_7d": 45.0},
            "velocity": {
                "per_reviewer_last_7d": {"bob": 1, "charlie": 1},
                "median_resolution_minutes_last_7d": {"bob": 60.0, "charlie": 30.0},
                "average_daily_closed_last_7d": 0.14,
                "average_daily_finished_last_7d": 0.29,
                "active_reviewers_last_7d": 2,
                "daily_average": 0.14,
                "per_reviewer": {"bob": 1, "charlie": 1},
            },
        })
    );
}

#[test]
fn an_empty_queue_is_zeros_and_nothing() {
    assert_eq!(
        Queue::empty().metrics("2031-05-01T12:00:00Z"),
        json!({
            "generated_at": "2031-05-01T12:00:00Z",
            "totals": {"open": 0, "in_review": 0, "resolved": 0, "dismissed": 0},
            "assignment": {"by_reviewer": {}, "unassigned_open": 0},
            "aging": {
                "open_average_minutes": 0.0,
                "open_oldest_minutes": 0.0,
                "in_review_average_minutes": 0.0,
            },
            "resolution": {"average_minutes": null, "median_minutes": null, "completed_last_24h": 0},
            "queue_health": {"backlog_pressure": 0.0, "sla_breaches": 0, "escalations_pending": 0},
            "trends": {"resolved_last_7d": 0, "dismissed_last_7d": 0, "median_resolution_minutes_7d": null},
            "velocity": {
                "per_reviewer_last_7d": {},
                "median_resolution_minutes_last_7d": {},
                "average_daily_closed_last_7d": 0.0,
                "average_daily_finished_last_7d": 0.0,
                "active_reviewers_last_7d": 0,
                "daily_average": 0.0,
                "per_reviewer": {},
            },
        })
    );
}

#[test]
fn what_waits_grows_older_while_nothing_happens() {
    let queue = example();
    let (one, two) = (queue.at("2031-05-01T12:00:00Z"), queue.at("2031-05-01T12:00:30Z"));
    assert_eq!((one.aging.open_oldest_minutes, two.aging.open_oldest_minutes), (180.0, 180.5));
    assert_eq!((one.queue_health.sla_breaches, two.queue_health.sla_breaches), (1, 2));
}

#[test]
fn a_note_on_a_closed_ticket_changes_no_duration() {
    let mut queue = example();
    let before = queue.at("2031-05-01T12:00:00Z");
    queue.world.now = at("2031-05-01T11:00:00Z");
    for ticket in [queue.world.plan.tickets[0].id, queue.world.plan.tickets[1].id] {
        queue.world.does("bob", Command::NoteTicket { ticket, text: "once more".to_owned() });
    }
    assert_eq!(queue.world.plan.tickets[0].updated_at, queue.world.now);
    assert_eq!(queue.at("2031-05-01T12:00:00Z"), before);
}

#[test]
fn windows_include_their_edge() {
    let queue = example();
    let numbers = |now: &str| {
        let metrics = queue.at(now);
        (metrics.resolution.completed_last_24h, metrics.trends.resolved_last_7d)
    };
    assert_eq!(numbers("2031-05-02T08:30:00Z"), (2, 1));
    assert_eq!(numbers("2031-05-02T08:30:01Z"), (1, 1));
    assert_eq!(numbers("2031-05-08T09:00:00Z"), (0, 1));
    assert_eq!(numbers("2031-05-08T09:00:01Z"), (0, 0));
}

#[test]
fn several_plans_are_one_queue() {
    let (one, two) = (example(), example());
    let now = at("2031-05-01T12:00:00Z");
    let both = review_metrics(&[one.world.look(), two.world.look()], now);
    assert_eq!((both.totals.open, both.assignment.by_reviewer["alice"]), (2, 2));
    assert_eq!(both.queue_health.backlog_pressure, 4.0);
    assert_eq!(both.velocity.average_daily_finished_last_7d, 0.57);
}

#[test]
fn an_answer_is_late_by_its_own_time_before_the_plans() {
    let mut queue = Queue::empty();
    queue.world.now = at("2031-05-01T09:00:00Z");
    let due = Some(at("2031-05-01T09:30:00Z"));
    let request = RequestReview { summary: "please look".to_owned(), due, ..RequestReview::default() };
    queue.world.does("Rae", Command::RequestReview(Box::new(request)));
    assert_eq!(queue.at("2031-05-01T09:30:00Z").queue_health.sla_breaches, 0);
    assert_eq!(queue.at("2031-05-01T09:31:00Z").queue_health.sla_breaches, 1);
    queue.world.plan.settings.review_seconds = 60;
    let ticket = queue.opens("2031-05-01T10:00:00Z", "soon");
    assert_eq!(queue.at("2031-05-01T10:02:00Z").queue_health.sla_breaches, 2);
    let alice = PersonId::new("alice").unwrap();
    queue.world.does("bob", Command::AssignTicket { ticket, reviewer: Some(alice) });
    assert_eq!(queue.at("2031-05-01T10:02:00Z").assignment.by_reviewer["alice"], 1);
}

#[test]
fn a_number_is_told_in_words_too() {
    let metrics = example().at("2031-05-01T12:00:00Z");
    crate::testing::check(
        &metrics,
        "
- waiting: 1 open, 1 in review
- closed: 1 resolved, 1 dismissed
- unassigned: 1
- oldest: 180 minutes
- health: 1 overdue
- escalated: 0
- pressure: 2 for each reviewer
- took: 45 minutes on average
- median: 45 minutes
- a day: 0.14 resolved, 0.29 finished, over 7 days

| Reviewer | Has | Closed in 7 days | Median minutes |
| --- | ---: | ---: | ---: |
| alice | 1 | 0 | n/a |
| bob | 0 | 1 | 60 |
| charlie | 0 | 1 | 30 |
",
    );
}
