//! Figures for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::metrics::{exposition, text};
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(scrape))
}

/// Figures about plans, reviews, gates, leases and the service, in the text format of Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operate", responses(
    (status = 200, description = "Figures, computed now", body = String, content_type = "text/plain"),
    (status = 500, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["reports:read"]))
)]
async fn scrape(State(service): State<Arc<Service>>) -> Answered<Response> {
    let text = service.run(|service| exposition(service, service.metrics_prefix.as_deref())).await?;
    Ok(([(header::CONTENT_TYPE, text::CONTENT_TYPE)], text).into_response())
}
