//! What happened: a plan's history in pages.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use engine::desk::Desk as _;
use lens::history::Entry;
use lens::record::Record;
use lens::sentences::Names;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::{after as page_after, size};
use crate::http::problem::Answered;
use crate::http::service::Service;
use crate::http::stream::sse;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(log)).routes(routes!(changes))
}

/// Which part of history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// Only events after this one: `next` of the page before
    after: Option<u64>,
    /// At most so many
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A page of history.
#[derive(Debug, Serialize, ToSchema)]
struct Page {
    /// What happened, in order.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Entry>,
    /// Where the next page begins; nothing at the end.
    next: Option<u64>,
    /// Number of the plan's last event.
    last: u64,
}

/// What happened to a plan, oldest first, in pages
#[utoipa::path(get, path = "/plans/{plan}/log", tag = "history", params(("plan" = String, Path, description = "Key or id"), Part), responses(
    (status = 200, body = Page),
),
    security(("token" = ["plans:read"]))
)]
async fn log(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    part: Result<Query<Part>, QueryRejection>,
) -> Answered<Body> {
    let Query(Part { after, limit }) = part?;
    let (limit, after) = (size(limit)?, page_after(after)?);
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let recorded = service.desk().read(plan.id, after, limit)?;
            let mut names = Names::new(&plan);
            let entries: Vec<Entry> = recorded
                .iter()
                .map(|recorded| {
                    names.see(&recorded.event);
                    Entry::of(&names, &Record::from(recorded))
                })
                .collect();
            let end = recorded.last().map_or(after, |recorded| recorded.seq);
            let next = (end < plan.seq && recorded.len() == limit).then_some(end.0);
            Ok(Body::of(&Page { entries, next, last: plan.seq.0 })?.after(plan.seq))
        })
        .await
}

/// That the journal has moved, each time it does: whoever shows something reads it anew
#[utoipa::path(get, path = "/changes", tag = "history", responses(
    (status = 200, description = "Server-sent events `journal`, each with the journal's position as id and data", body = String, content_type = "text/event-stream"),
),
    security(("token" = ["plans:read"]))
)]
async fn changes(State(service): State<Arc<Service>>) -> Response {
    sse::positions(&service)
}
