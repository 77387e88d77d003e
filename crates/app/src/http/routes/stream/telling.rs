//! What whoever works on a task says of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use model::command::Command;
use model::ids::TaskId;
use model::plan::Plan;
use model::task::ClaimHow;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::unknown;
use crate::http::caller::Caller;
use crate::http::problem::Answered;
use crate::http::routes::{Body, common};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(report)).routes(routes!(finish))
}

/// What whoever works on a task has to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Said {
    /// `thinking`, `progress`, `tool_invoked`, `guardrail_triggered` or a name of one's own.
    event: String,
    /// Whatever belongs to it.
    #[serde(default)]
    #[schema(value_type = Object)]
    payload: Map<String, Value>,
}

/// Says how work on a task goes
#[utoipa::path(post, path = "/tasks/{id}/events", tag = "stream", params(("id" = String, Path, description = "The task's id")),
    request_body = Said,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["tasks:work"]))
)]
async fn report(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    caller: Caller,
    said: Result<Json<Said>, JsonRejection>,
) -> Answered<Body> {
    let Json(Said { event, payload }) = said?;
    change(&service, &id, &caller, move |task| Command::Report {
        task,
        name: event.clone(),
        payload: payload.clone(),
    })
    .await
}

/// How work on a task ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
enum Finish {
    /// It is done, whoever did it says; evidence or a person countersigns it.
    Claimed,
    /// It will not be done.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Says that work on a task has ended
#[utoipa::path(post, path = "/tasks/{id}/finish", tag = "stream", params(("id" = String, Path, description = "The task's id")),
    request_body = Finish,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["tasks:work"]))
)]
async fn finish(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    caller: Caller,
    finish: Result<Json<Finish>, JsonRejection>,
) -> Answered<Body> {
    let Json(finish) = finish?;
    change(&service, &id, &caller, move |task| match &finish {
        Finish::Claimed => Command::Claim { task, how: ClaimHow::Verb },
        Finish::Failed { reason } => Command::Drop { task, reason: reason.clone() },
    })
    .await
}

/// Does something about the task of an id, whichever plan it is in.
async fn change(
    service: &Arc<Service>,
    id: &str,
    caller: &Caller,
    command: impl Fn(TaskId) -> Command + Send + 'static,
) -> Answered<Body> {
    let task: TaskId = id.parse().map_err(|_| unknown(id))?;
    let find = (command(task).name(), move |_: &Plan| Ok(command(task)));
    let body = common::change_task(service, task, caller, find).await?;
    Ok(body.ok_or_else(|| unknown(id))?)
}
