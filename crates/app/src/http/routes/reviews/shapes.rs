//! What the review views write, for the description of the service; a test compares both.
#![expect(dead_code, reason = "these describe what the views of `lens` write, and are never made")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A ticket's status.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Status {
    Open,
    InReview,
    Resolved,
    Dismissed,
}

/// Tickets, oldest first.
#[derive(ToSchema)]
pub(super) struct ReviewTickets {
    /// Oldest first.
    reviews: Vec<ReviewTicket>,
    /// Where the next page begins; nothing at the end.
    #[schema(required = true)]
    next: Option<String>,
}

/// A ticket.
#[derive(ToSchema)]
pub(super) struct ReviewTicket {
    /// The ticket; one in the whole store.
    #[schema(example = "tkt_01kx8m2v000000000000000004")]
    ticket_id: String,
    /// The key of the task it is about.
    #[schema(required = true)]
    task_id: Option<String>,
    status: Status,
    /// One line.
    summary: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    created_at: String,
    /// When anything happened to it last.
    #[schema(format = DateTime)]
    updated_at: String,
    /// When it was closed.
    #[schema(required = true, format = DateTime)]
    closed_at: Option<String>,
    /// Who has it, or had it when it was closed.
    #[schema(required = true)]
    assigned_to: Option<String>,
    /// What led to it: `escalation:esc_…`, `approval:CHECK`, `acknowledgement`, `guardrail:CODE`, `request`.
    sources: Vec<String>,
    /// What whoever looks should know, by name.
    escalation_payload: BTreeMap<String, String>,
    /// Remarks, in order.
    notes: Vec<ReviewNote>,
    /// The key of its plan.
    plan: String,
    /// The gate it is about, where it is about no task.
    #[schema(required = true)]
    gate: Option<String>,
    /// By when an answer is due.
    #[schema(format = DateTime)]
    due_at: String,
    /// Whether it waits although that is past.
    overdue: bool,
    /// The approvals it still asks for, by the names of their checks.
    approvals: Vec<String>,
    /// Who closed it.
    #[schema(required = true)]
    closed_by: Option<Closer>,
    /// What they said.
    #[schema(required = true)]
    resolution: Option<String>,
}

/// A remark on a ticket.
#[derive(ToSchema)]
pub(super) struct ReviewNote {
    note_id: String,
    author: String,
    content: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Somebody, and how that was known.
#[derive(ToSchema)]
pub(super) struct Closer {
    name: String,
    /// `person`, `agent`, `document` or `system`.
    kind: String,
    /// An agent's session.
    session: Option<String>,
    /// `declared`, `terminal`, `token`, `signature`, `document` or `system`.
    known: String,
    /// Whether nothing but the name was given.
    unauthenticated: bool,
}

/// The numbers of the review queue, with two decimals.
#[derive(ToSchema)]
pub(super) struct ReviewNumbers {
    #[schema(format = DateTime)]
    generated_at: String,
    totals: ReviewTotals,
    assignment: ReviewAssignment,
    aging: ReviewAging,
    resolution: ReviewResolution,
    queue_health: ReviewQueueHealth,
    trends: ReviewTrends,
    velocity: ReviewVelocity,
}

/// How many tickets have which status.
#[derive(ToSchema)]
pub(super) struct ReviewTotals {
    open: u32,
    in_review: u32,
    resolved: u32,
    dismissed: u32,
}

/// Who has what.
#[derive(ToSchema)]
pub(super) struct ReviewAssignment {
    /// Tickets that wait, by who has them.
    by_reviewer: BTreeMap<String, u32>,
    /// Tickets that wait and nobody has.
    unassigned_open: u32,
}

/// How old is what waits, since it was opened.
#[derive(ToSchema)]
pub(super) struct ReviewAging {
    open_average_minutes: f64,
    open_oldest_minutes: f64,
    in_review_average_minutes: f64,
}

/// How long tickets took from being opened to being closed.
#[derive(ToSchema)]
pub(super) struct ReviewResolution {
    #[schema(required = true)]
    average_minutes: Option<f64>,
    #[schema(required = true)]
    median_minutes: Option<f64>,
    /// How many were closed in the last 24 hours.
    completed_last_24h: u32,
}

/// Whether the queue keeps up.
#[derive(ToSchema)]
pub(super) struct ReviewQueueHealth {
    /// Waiting tickets for each reviewer who has some.
    backlog_pressure: f64,
    /// Waiting tickets that should have been answered.
    sla_breaches: u32,
    /// Waiting tickets with an escalation behind them.
    escalations_pending: u32,
}

/// The last seven days.
#[derive(ToSchema)]
pub(super) struct ReviewTrends {
    resolved_last_7d: u32,
    dismissed_last_7d: u32,
    #[schema(required = true)]
    median_resolution_minutes_7d: Option<f64>,
}

/// How fast reviewers were in the last seven days.
#[derive(ToSchema)]
pub(super) struct ReviewVelocity {
    /// Tickets closed, by who closed them.
    per_reviewer_last_7d: BTreeMap<String, u32>,
    /// The median of what a reviewer's tickets took.
    median_resolution_minutes_last_7d: BTreeMap<String, f64>,
    /// Resolved tickets a day; dismissed ones do not count here, as existing dashboards read it.
    average_daily_closed_last_7d: f64,
    /// Resolved and dismissed tickets a day.
    average_daily_finished_last_7d: f64,
    active_reviewers_last_7d: u32,
    /// The same as `average_daily_closed_last_7d`.
    daily_average: f64,
    /// The same as `per_reviewer_last_7d`.
    per_reviewer: BTreeMap<String, u32>,
}
