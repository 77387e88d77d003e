//! Whether the service is there, and whether it can work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::problem::Answered;
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// The process runs.
#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// The store can be read.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceReady {
    /// Always `ok`.
    status: &'static str,
    /// The last position of the journal.
    position: u64,
}

/// Whether the process runs
#[utoipa::path(get, path = "/healthz", tag = "operate", responses((status = 200, body = Alive)),
    security(())
)]
async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Whether the store can be read
#[utoipa::path(get, path = "/readyz", tag = "operate", responses(
    (status = 200, body = ServiceReady),
),
    security(())
)]
async fn ready(State(service): State<Arc<Service>>) -> Answered<Json<ServiceReady>> {
    let position = service.run(|service| Ok(service.desk().journal().position()?)).await?;
    Ok(Json(ServiceReady { status: "ok", position }))
}
