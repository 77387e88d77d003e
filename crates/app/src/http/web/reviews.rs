//! The review queue: what waits and for how long, who looks, how fast it is answered; and the forms
//! that assign, remark and answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Form;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use lens::look::Look;
use lens::views::review_days::review_days;
use lens::views::review_metrics::review_metrics;
use lens::views::reviews::{TicketRow, review, reviews};
use model::access::Scope;
use model::command::{Command, ResolveTicket};
use model::ids::{PersonId, TicketId};
use model::review::TicketOutcome;
use model::ruling::no_such_ticket;
use serde::Deserialize;
use serde_json::json;

use super::draw::charts;
use super::pages::{Shared, page};
use super::{Shown, templates};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::routes::reviews::{find, looks, plans};
use crate::http::service::Service;

/// So many closed tickets are listed.
const CLOSED: usize = 20;

/// Whose tickets.
#[derive(Debug, Deserialize)]
pub(super) struct Whose {
    plan: Option<String>,
}

pub(super) async fn queue(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Query(Whose { plan }): Query<Whose>,
) -> Shown {
    let made = service.run(move |service| {
        let plans = plans(service, plan.as_deref().filter(|plan| !plan.is_empty()))?;
        let looks: Vec<Look<'_>> = looks(service, &plans);
        let now = service.desk().now();
        let all = reviews(&looks, None).reviews;
        let (closed, waiting): (Vec<&TicketRow>, Vec<&TicketRow>) =
            all.iter().partition(|ticket| ticket.closed_at.is_some());
        let mut closed = closed;
        closed.sort_by_key(|ticket| std::cmp::Reverse(ticket.closed_at));
        closed.truncate(CLOSED);
        let days = review_days(&looks, now);
        let numbers = review_metrics(&looks, now);
        let mut reviewers: BTreeSet<&String> = numbers.assignment.by_reviewer.keys().collect();
        reviewers.extend(numbers.velocity.per_reviewer.keys());
        let context = json!({
            "here": "reviews",
            "path": path.to_string(),
            "numbers": numbers,
            "reviewers": reviewers,
            "aging": charts::aging(&waiting, now),
            "velocity": charts::velocity(&days),
            "days": days,
            "waiting": waiting,
            "closed": closed,
        });
        page("reviews.html", context)
    });
    Shown(made.await)
}

pub(super) async fn ticket(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(ticket): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let (plan, id) = find(service, &ticket)?;
        let look = service.look(&plan);
        let row = review(&look, id).ok_or_else(|| no_such_ticket(&ticket))?;
        let context =
            json!({ "here": "reviews", "path": path.to_string(), "plan": look.head(), "ticket": row });
        page("ticket.html", context)
    });
    Shown(made.await)
}

/// Does something about a ticket, and leads back to it; where it is refused, says why.
async fn act(
    service: Arc<Service>,
    ticket: String,
    caller: Caller,
    command: impl FnOnce(TicketId) -> Command + Send + 'static,
) -> Response {
    let back = format!("/reviews/{}", templates::segment(&ticket));
    let done = service.run(move |service| {
        let (plan, id) = find(service, &ticket)?;
        let command = command(id);
        service.submit(plan.id, &caller.request(), command)
    });
    match done.await {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(problem) => Shown(Err(problem)).into_response(),
    }
}

/// To whom a ticket is given; nobody named: to whoever asks.
#[derive(Debug, Deserialize)]
pub(super) struct Assignment {
    #[serde(default)]
    reviewer: String,
}

pub(super) async fn assign(
    State(service): Shared,
    Path(ticket): Path<String>,
    caller: Caller,
    Form(Assignment { reviewer }): Form<Assignment>,
) -> Response {
    let named = Some(reviewer.trim()).filter(|name| !name.is_empty()).map(PersonId::new).transpose();
    let reviewer = match named.map_err(|bad| Problem::invalid("reviewer", bad.to_string())) {
        Ok(reviewer) => reviewer,
        Err(problem) => return Shown(Err(problem)).into_response(),
    };
    let other = reviewer.as_ref().is_some_and(|reviewer| caller.by.actor.person() != Some(reviewer));
    if let Err(problem) = if other { caller.may(Scope::ReviewsAdmin) } else { Ok(()) } {
        return Shown(Err(problem)).into_response();
    }
    act(service, ticket, caller, move |ticket| Command::AssignTicket { ticket, reviewer }).await
}

pub(super) async fn unassign(State(service): Shared, Path(ticket): Path<String>, caller: Caller) -> Response {
    act(service, ticket, caller, Command::UnassignTicket).await
}

/// A remark.
#[derive(Debug, Deserialize)]
pub(super) struct Remark {
    text: String,
}

pub(super) async fn note(
    State(service): Shared,
    Path(ticket): Path<String>,
    caller: Caller,
    Form(Remark { text }): Form<Remark>,
) -> Response {
    act(service, ticket, caller, move |ticket| Command::NoteTicket { ticket, text }).await
}

/// How a ticket ends.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    outcome: Outcome,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    check: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Resolved,
    Dismissed,
}

pub(super) async fn resolve(
    State(service): Shared,
    Path(ticket): Path<String>,
    caller: Caller,
    Form(Answer { outcome, summary, check }): Form<Answer>,
) -> Response {
    act(service, ticket, caller, move |ticket| {
        let outcome = match outcome {
            Outcome::Resolved => TicketOutcome::Resolved,
            Outcome::Dismissed => TicketOutcome::Dismissed,
        };
        let check = Some(check).filter(|check| !check.is_empty());
        Command::ResolveTicket(Box::new(ResolveTicket { ticket, outcome, summary, check, role: None }))
    })
    .await
}
