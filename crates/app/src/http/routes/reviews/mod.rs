//! The review queue of every plan of the store: what waits, who looks, how it ended, and how fast.

mod shapes;

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::desk::Desk as _;
use lens::look::Look;
use lens::views::review_metrics::review_metrics;
use lens::views::reviews::{TicketRow, review, reviews};
use model::access::Scope;
use model::command::{Command, ResolveTicket};
use model::ids::{PersonId, TicketId};
use model::plan::Plan;
use model::refusal::VALUE_INVALID;
use model::review::TicketOutcome;
use model::ruling::no_such_ticket;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::shapes::{ReviewNumbers, ReviewTicket, ReviewTickets};
use super::Body;
use super::common::{page, size};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

const STATUSES: [&str; 4] = ["open", "in_review", "resolved", "dismissed"];

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(metrics))
        .routes(routes!(show))
        .routes(routes!(assign))
        .routes(routes!(unassign))
        .routes(routes!(note))
        .routes(routes!(resolve))
}

/// Which tickets are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Narrowed {
    /// Only tickets with this status: `open`, `in_review`, `resolved` or `dismissed`
    status: Option<String>,
    /// Only tickets of the plan with this key or id
    plan: Option<String>,
    /// Only tickets after this one: `next` of the page before
    after: Option<String>,
    /// At most so many
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A page of tickets, as [`ReviewTickets`] describes it.
#[derive(Serialize)]
struct TicketPage {
    reviews: Vec<TicketRow>,
    next: Option<String>,
}

/// Review tickets of every plan, oldest first, in pages
#[utoipa::path(get, path = "/reviews", tag = "reviews", params(Narrowed), responses(
    (status = 200, body = ReviewTickets),
),
    security(("token" = ["reviews:read"]))
)]
async fn list(
    State(service): State<Arc<Service>>,
    narrowed: Result<Query<Narrowed>, QueryRejection>,
) -> Answered<Body> {
    let Query(Narrowed { status, plan, after, limit }) = narrowed?;
    let limit = size(limit)?;
    let status = status.filter(|status| !status.is_empty());
    if let Some(status) = status.as_deref().filter(|status| !STATUSES.contains(status)) {
        let detail = format!("`{status}` is no status of a ticket; there are {}", STATUSES.join(", "));
        return Err(Problem::invalid("status", detail));
    }
    service
        .run(move |service| {
            let plans = plans(service, plan.as_deref())?;
            // Where the page before ended is known by its last ticket, however that stands by now.
            let rows = reviews(&looks(service, &plans), None).reviews;
            let wanted = |row: &TicketRow| status.as_deref().is_none_or(|status| row.status == status);
            let id = |row: &TicketRow| row.ticket_id.to_string();
            let (reviews, next) = page(rows, after.as_deref(), limit, id, wanted)?;
            Body::of(&TicketPage { reviews, next })
        })
        .await
}

/// Whose numbers are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// Only tickets of the plan with this key or id
    plan: Option<String>,
}

/// How much waits to be reviewed, for how long, and how fast it is answered
#[utoipa::path(get, path = "/reviews/metrics", tag = "reviews", params(Whose), responses(
    (status = 200, body = ReviewNumbers),
),
    security(("token" = ["reviews:read"]))
)]
async fn metrics(
    State(service): State<Arc<Service>>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Answered<Body> {
    let Query(Whose { plan }) = whose?;
    service
        .run(move |service| {
            let plans = plans(service, plan.as_deref())?;
            Body::of(&review_metrics(&looks(service, &plans), service.desk().now()))
        })
        .await
}

/// A review ticket
#[utoipa::path(get, path = "/reviews/{ticket}", tag = "reviews",
    params(("ticket" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = ReviewTicket),
    ),
    security(("token" = ["reviews:read"]))
)]
async fn show(State(service): State<Arc<Service>>, Path(ticket): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let (plan, id) = find(service, &ticket)?;
            shown(service, &plan, id)
        })
        .await
}

/// To whom a ticket is given.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignmentAsked {
    /// Their name; whoever asks, where nobody is named.
    reviewer_id: Option<String>,
}

/// Gives a review ticket to somebody; to another than whoever asks, it takes `reviews:admin`
#[utoipa::path(post, path = "/reviews/{ticket}/assign", tag = "reviews",
    params(("ticket" = String, Path, description = "Its id")),
    request_body = AssignmentAsked,
    responses(
        (status = 200, description = "As it is then", body = ReviewTicket),
    ),
    security(("token" = ["reviews:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn assign(
    State(service): State<Arc<Service>>,
    Path(ticket): Path<String>,
    caller: Caller,
    body: Result<Option<Json<AssignmentAsked>>, JsonRejection>,
) -> Answered<Body> {
    let AssignmentAsked { reviewer_id } = body?.map(|Json(body)| body).unwrap_or_default();
    let named = reviewer_id.as_deref().map(PersonId::new).transpose();
    let reviewer = named.map_err(|bad| Problem::invalid("reviewer_id", bad.to_string()))?;
    if reviewer.as_ref().is_some_and(|reviewer| caller.by.actor.person() != Some(reviewer)) {
        caller.may(Scope::ReviewsAdmin)?;
    }
    change(&service, ticket, caller, move |ticket| Command::AssignTicket { ticket, reviewer }).await
}

/// Puts a review ticket back, so that nobody has it
#[utoipa::path(patch, path = "/reviews/{ticket}/unassign", tag = "reviews",
    params(("ticket" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "As it is then", body = ReviewTicket),
    ),
    security(("token" = ["reviews:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn unassign(
    State(service): State<Arc<Service>>,
    Path(ticket): Path<String>,
    caller: Caller,
) -> Answered<Body> {
    change(&service, ticket, caller, Command::UnassignTicket).await
}

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Remark {
    /// The text; it must say something.
    content: String,
}

/// Remarks something on a review ticket, also on a closed one
#[utoipa::path(post, path = "/reviews/{ticket}/notes", tag = "reviews",
    params(("ticket" = String, Path, description = "Its id")),
    request_body = Remark,
    responses(
        (status = 200, description = "As it is then", body = ReviewTicket),
        (status = 400, description = "The note is blank", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = ["reviews:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn note(
    State(service): State<Arc<Service>>,
    Path(ticket): Path<String>,
    caller: Caller,
    remark: Result<Json<Remark>, JsonRejection>,
) -> Answered<Body> {
    let Json(Remark { content }) = remark?;
    if content.trim().is_empty() {
        return Err(bad("content", "a note must not be empty"));
    }
    change(&service, ticket, caller, move |ticket| Command::NoteTicket { ticket, text: content }).await
}

/// How a ticket ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResolutionAsked {
    /// `resolved`, which gives the approval it asks for, or `dismissed`, which gives none.
    #[schema(example = "resolved")]
    status: String,
    /// In the reviewer's words.
    summary: Option<String>,
    /// Which approval is given, where it asks for several.
    check: Option<String>,
    /// In which role it is given, where it asks for several.
    role: Option<String>,
}

/// Answers a review ticket, or puts it aside
#[utoipa::path(post, path = "/reviews/{ticket}/resolve", tag = "reviews",
    params(("ticket" = String, Path, description = "Its id")),
    request_body = ResolutionAsked,
    responses(
        (status = 200, description = "As it is then", body = ReviewTicket),
        (status = 400, description = "Not a way for a ticket to end", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = ["reviews:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn resolve(
    State(service): State<Arc<Service>>,
    Path(ticket): Path<String>,
    caller: Caller,
    resolution: Result<Json<ResolutionAsked>, JsonRejection>,
) -> Answered<Body> {
    let Json(ResolutionAsked { status, summary, check, role }) = resolution?;
    let outcome = match status.as_str() {
        "resolved" => TicketOutcome::Resolved,
        "dismissed" => TicketOutcome::Dismissed,
        _ => return Err(bad("status", "a ticket is `resolved` or `dismissed`")),
    };
    let summary = summary.unwrap_or_default();
    change(&service, ticket, caller, move |ticket| {
        Command::ResolveTicket(Box::new(ResolveTicket { ticket, outcome, summary, check, role }))
    })
    .await
}

fn bad(field: &str, detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, VALUE_INVALID, detail).with("field", field)
}

async fn change(
    service: &Arc<Service>,
    ticket: String,
    caller: Caller,
    command: impl FnOnce(TicketId) -> Command + Send + 'static,
) -> Answered<Body> {
    service
        .run(move |service| {
            let (plan, id) = find(service, &ticket)?;
            service.submit(plan.id, &caller.request(), command(id))?;
            let plan = service.desk().plan(plan.id)?;
            shown(service, &plan, id)
        })
        .await
}

fn shown(service: &Service, plan: &Plan, ticket: TicketId) -> Answered<Body> {
    let row = review(&service.look(plan), ticket).ok_or_else(|| no_such_ticket(&ticket.to_string()))?;
    Ok(Body::of(&row)?.after(plan.seq))
}

/// A ticket's id is one in the whole store.
pub(in crate::http) fn find(service: &Service, named: &str) -> Answered<(Arc<Plan>, TicketId)> {
    let id: TicketId = named.parse().map_err(|_| no_such_ticket(named))?;
    for plan in plans(service, None)? {
        if plan.ticket(id).is_some() {
            return Ok((plan, id));
        }
    }
    Err(no_such_ticket(named).into())
}

/// Every plan of the store, or the one that was named.
pub(in crate::http) fn plans(service: &Service, named: Option<&str>) -> Answered<Vec<Arc<Plan>>> {
    if let Some(named) = named {
        return Ok(vec![service.plan(named)?]);
    }
    service.desk().plans()?.iter().map(|line| Ok(service.desk().plan(line.id)?)).collect()
}

/// Plans as views see them.
pub(in crate::http) fn looks<'p>(service: &Service, plans: &'p [Arc<Plan>]) -> Vec<Look<'p>> {
    plans.iter().map(|plan| service.look(plan)).collect()
}
