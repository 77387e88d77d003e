//! Who is told what happens, and what nobody took.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::http::webhooks::standing;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(resend))
}

/// Whom the service tells what happens, how far each came, and what was given up
#[utoipa::path(get, path = "/webhooks", tag = "operate", responses(
    (status = 200, description = "As `countersign webhook list --json` prints it", body = Object),
    (status = 500, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["admin"]))
)]
async fn list(State(service): State<Arc<Service>>) -> Answered<Body> {
    service
        .run(|service| {
            let position = service.desk().journal().position()?;
            let shown = standing::shown(service.store.folder(), position);
            Body::of(&shown.map_err(|error| Problem::of_disk(&error))?)
        })
        .await
}

/// What is to be told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Again {
    /// The message's id; all that was given up, where none is named.
    message: Option<String>,
}

/// What was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct Asked {
    /// The endpoint.
    endpoint: String,
    /// How many messages will be told again.
    asked: usize,
}

/// Has what was given up told again
#[utoipa::path(post, path = "/webhooks/{endpoint}/resend", tag = "operate",
    params(("endpoint" = String, Path, description = "Its name")),
    request_body = Again,
    responses(
        (status = 200, body = Asked),
    ),
    security(("token" = ["admin"]))
)]
async fn resend(
    State(service): State<Arc<Service>>,
    Path(endpoint): Path<String>,
    again: Result<Json<Again>, JsonRejection>,
) -> Answered<Body> {
    let Json(Again { message }) = again?;
    service
        .run(move |service| {
            let asked = standing::ask_again(service.store.folder(), &endpoint, message.as_deref());
            let asked = asked.map_err(|error| Problem::of_disk(&error))??;
            Body::of(&Asked { endpoint, asked })
        })
        .await
}
