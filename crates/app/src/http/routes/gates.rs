//! Gates, and what people put their names to: approvals and waivers.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use jiff::Timestamp;
use lens::views::gates::{gate, gates};
use lens::views::waivers::waivers;
use model::command::Command;
use model::ids::{TaskId, WaiverId};
use model::plan::Plan;
use model::refusal::{Refusal, WAIVER_NOT_FOUND};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::submit;
use crate::cli::context::{find_check, find_gate, find_subject, find_task};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(approve))
        .routes(routes!(list_waivers, waive))
        .routes(routes!(decide))
}

/// A plan's gates, and whether each is open
#[utoipa::path(get, path = "/plans/{plan}/gates", tag = "prove", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As `countersign gate list --json` prints it", body = ref("#/components/schemas/Gates")),
),
    security(("token" = ["plans:read"]))
)]
async fn list(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            Ok(Body::of(&gates(&service.look(&plan)))?.after(plan.seq))
        })
        .await
}

/// A gate with its checks
#[utoipa::path(get, path = "/plans/{plan}/gates/{gate}", tag = "prove",
    params(("plan" = String, Path, description = "Key or id"), ("gate" = String, Path, description = "Its name, or a task's key")),
    responses(
        (status = 200, description = "As `countersign gate show NAME --json` prints it", body = ref("#/components/schemas/GateShow")),
    ),
    security(("token" = ["plans:read"]))
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path((plan, name)): Path<(String, String)>,
) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let look = service.look(&plan);
            let subject = find_gate(&look, &name)?;
            let Some(shown) = gate(&look, subject) else { return Body::of(&()) };
            Ok(Body::of(&shown)?.after(plan.seq))
        })
        .await
}

/// What a person puts their name to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// A task's key, a gate's name, `exit of PHASE`, `success criteria`.
    subject: String,
    /// Which approval, where several are asked for.
    check: Option<String>,
    /// In which role.
    role: Option<String>,
}

/// Approves a task or a check, as a person
#[utoipa::path(post, path = "/plans/{plan}/approvals", tag = "prove", params(("plan" = String, Path, description = "Key or id")),
    request_body = Approval,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["reviews:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn approve(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    approval: Result<Json<Approval>, JsonRejection>,
) -> Answered<Body> {
    let Json(Approval { subject, check, role }) = approval?;
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let subject = find_subject(&service.look(&plan), &subject)?;
            if check.is_some() {
                find_check(&plan, subject, check.as_deref())?;
            }
            submit(service, &plan, &caller, Command::Approve { subject, check, role })
        })
        .await
}

/// Exceptions, with days left; lapsed ones too
#[utoipa::path(get, path = "/plans/{plan}/waivers", tag = "prove", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As `countersign waivers --json` prints it", body = ref("#/components/schemas/Waivers")),
),
    security(("token" = ["plans:read"]))
)]
async fn list_waivers(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            Ok(Body::of(&waivers(&service.look(&plan)))?.after(plan.seq))
        })
        .await
}

/// An exception that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Waiver {
    /// A task's key or a gate's name.
    subject: String,
    /// Which of its checks; the only one where none is named.
    check: Option<String>,
    /// Instead of a check: the key of what a task need not wait for.
    need: Option<String>,
    /// Why the check need not pass, or the need not be met, for now.
    reason: String,
    /// When the exception ends.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// Grants it in the same breath, on a plan of one person.
    #[serde(default)]
    approve: bool,
}

/// Asks for an exception: for a check, or for a need of a task
#[utoipa::path(post, path = "/plans/{plan}/waivers", tag = "prove", params(("plan" = String, Path, description = "Key or id")),
    request_body = Waiver,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["plans:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn waive(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    waiver: Result<Json<Waiver>, JsonRejection>,
) -> Answered<Body> {
    let Json(Waiver { subject, check, need, reason, until, approve }) = waiver?;
    if check.is_some() && need.is_some() {
        return Err(Problem::invalid("need", "an exception is for a check or for a need, not for both"));
    }
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let command = match need {
                Some(need) => {
                    let (task, need) = needed(&plan, &subject, &need)?;
                    Command::WaiveNeed { task, need, reason, until, approve }
                }
                None => {
                    let subject = find_subject(&service.look(&plan), &subject)?;
                    let check = find_check(&plan, subject, check.as_deref())?.id;
                    Command::Waive { check, reason, until, approve }
                }
            };
            submit(service, &plan, &caller, command)
        })
        .await
}

/// A task and what it needs, both by key.
fn needed(plan: &Plan, task: &str, need: &str) -> Answered<(TaskId, TaskId)> {
    let task = find_task(plan, task)?;
    let need = find_task(plan, need)?;
    if task.needs.contains(&need.id) {
        return Ok((task.id, need.id));
    }
    Err(Problem::invalid("need", format!("`{}` does not need `{}`", task.key, need.key)))
}

/// What is decided about an exception.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Decision {
    /// Grant it.
    Approve,
    /// Take it back.
    Revoke {
        /// Why.
        reason: String,
    },
}

/// Grants an exception, or takes it back
#[utoipa::path(post, path = "/plans/{plan}/waivers/{waiver}", tag = "prove",
    params(("plan" = String, Path, description = "Key or id"), ("waiver" = String, Path, description = "The waiver's id")),
    request_body = Decision,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["plans:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn decide(
    State(service): State<Arc<Service>>,
    Path((plan, waiver)): Path<(String, String)>,
    caller: Caller,
    decision: Result<Json<Decision>, JsonRejection>,
) -> Answered<Body> {
    let Json(decision) = decision?;
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let waiver: WaiverId = waiver.parse().map_err(|_| {
                Refusal::new(WAIVER_NOT_FOUND, format!("`{waiver}` is not the id of a waiver"))
            })?;
            let command = match decision {
                Decision::Approve => Command::ApproveWaiver(waiver),
                Decision::Revoke { reason } => Command::RevokeWaiver { waiver, reason },
            };
            submit(service, &plan, &caller, command)
        })
        .await
}
