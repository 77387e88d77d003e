//! What a task says of itself: its fields, and the dates, windows and estimates that only a rebaseline
//! changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use lens::views::rebaselines::rebaselines;
use model::command::{Command, Schedule};
use model::plan::Plan;
use model::refusal::Refusal;
use model::task::Task;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::{act, ask};
use crate::cli::commands::update::plan::Change;
use crate::cli::context::find_task;
use crate::cli::values;
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::wire::ReceiptBody;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(update))
        .routes(routes!(list))
        .routes(routes!(rebaseline))
        .routes(routes!(approve))
}

/// What becomes of a task's fields; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// A label such as `in progress`. That the work is done is a claim, and has its own address.
    status: Option<String>,
    /// How far it is, 0 to 100.
    percent: Option<f64>,
    /// Who answers for it; several with commas between them. Who helps stays.
    owner: Option<String>,
    /// When it is due, in the author's words or as a date.
    due: Option<String>,
    /// Its window, in the author's words.
    window: Option<String>,
    /// How urgent it is, in the author's words.
    priority: Option<String>,
    /// How many working days it takes.
    estimate_days: Option<f64>,
    /// Fields of its document beside these, by name; only those it has.
    #[serde(default)]
    extra: BTreeMap<String, String>,
    /// Names of fields that are to be empty.
    #[serde(default)]
    clear: Vec<String>,
}

impl Fields {
    /// Each field that is named, with its value as people write it; an empty one clears the field.
    fn named(self) -> Answered<Vec<(String, String)>> {
        let number = |number: Option<f64>| number.map(|number| number.to_string());
        let texts = [
            ("status", self.status),
            ("percent", number(self.percent)),
            ("owner", self.owner),
            ("due", self.due),
            ("window", self.window),
            ("priority", self.priority),
            ("estimate", number(self.estimate_days)),
        ];
        let known = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?)));
        let mut named: Vec<(String, String)> = known.chain(self.extra).collect();
        if let Some((name, _)) = named.iter().find(|(name, _)| self.clear.contains(name)) {
            return Err(Problem::invalid("clear", format!("`{name}` is to be set and to be empty")));
        }
        named.extend(self.clear.into_iter().map(|name| (name, String::new())));
        if named.is_empty() {
            return Err(Problem::invalid("status", "name at least one field that is to change"));
        }
        Ok(named)
    }
}

/// The commands that fields take, or which of them cannot be.
fn commands(plan: &Plan, task: &Task, named: &[(String, String)]) -> Answered<Vec<Command>> {
    let mut change = Change::default();
    for (name, value) in named {
        change.set(plan, task, name, value.trim()).map_err(|no| unacceptable(name, no))?;
    }
    Ok(change.commands(task))
}

fn unacceptable(name: &str, no: Refusal) -> Problem {
    let field = if name == "estimate" { "estimate_days" } else { name };
    Problem::from(no).with("field", field)
}

/// Sets fields of a task: status, percent, owner, due, window, priority, estimate
///
/// All of them or none. Where the document's word counts (`trust = "document"`), a status also begins,
/// claims or reopens the task.
#[utoipa::path(patch, path = "/plans/{plan}/tasks/{key}", tag = "plans",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    request_body = Fields,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn update(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<Fields>, JsonRejection>,
) -> Answered<Body> {
    let Json(fields) = body?;
    let named = fields.named()?;
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let commands = commands(&plan, find_task(&plan, &key)?, &named)?;
            let receipt = service.submit_all(plan.id, &caller.request(), "update", &commands)?;
            let body = ReceiptBody::of(&receipt, &caller.by, "update", &plan, service.store.is_test());
            Ok(Body::of(&body)?.after(receipt.last))
        })
        .await
}

/// What was rebaselined, and which approvals are missing
#[utoipa::path(get, path = "/plans/{plan}/rebaselines", tag = "registers", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As `countersign rebaseline list --json` prints it", body = ref("#/components/schemas/Rebaselines")),
), security(("token" = ["plans:read"])))]
async fn list(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&rebaselines(look))).await
}

/// What a task was adopted with and is to have now: one of a date, a window and an estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Moved {
    /// When it is due now.
    due: Option<String>,
    /// Its window now.
    window: Option<String>,
    /// How many working days it takes now.
    estimate_days: Option<f64>,
    /// Why.
    reason: String,
}

impl Moved {
    fn to(self) -> Answered<(Schedule, String)> {
        let to = match (self.due, self.window, self.estimate_days) {
            (Some(due), None, None) => Schedule::Due(values::due(&due)),
            (None, Some(window), None) => Schedule::Window(window),
            (None, None, Some(days)) if days.is_finite() && days >= 0.0 => Schedule::Estimate(days),
            (None, None, Some(_)) => {
                return Err(Problem::invalid("estimate_days", "an estimate is no less than 0 days"));
            }
            (None, None, None) => {
                return Err(Problem::invalid("due", "say what changes: `due`, `window` or `estimate_days`"));
            }
            _ => return Err(Problem::invalid("due", "one thing is rebaselined at a time")),
        };
        if self.reason.trim().is_empty() {
            return Err(Problem::invalid("reason", "a rebaseline needs a reason"));
        }
        Ok((to, self.reason))
    }
}

/// Changes a task's date, window or estimate with a reason; the old one stays on record
#[utoipa::path(post, path = "/plans/{plan}/tasks/{key}/rebaseline", tag = "registers",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    request_body = Moved,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn rebaseline(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<Moved>, JsonRejection>,
) -> Answered<Body> {
    let Json(moved) = body?;
    let (to, reason) = moved.to()?;
    act(service, plan, caller, move |plan| {
        Ok(Command::Rebaseline { task: find_task(plan, &key)?.id, to, reason })
    })
    .await
}

/// Who approves a rebaseline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InRole {
    /// In which role.
    #[schema(example = "owner")]
    role: String,
}

/// Approves a task's latest rebaseline that still waits, as a person
#[utoipa::path(post, path = "/plans/{plan}/tasks/{key}/rebaseline/approvals", tag = "registers",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    request_body = InRole,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["reviews:write"])),
    extensions(("x-limit" = json!("reviews")))
)]
async fn approve(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<InRole>, JsonRejection>,
) -> Answered<Body> {
    let Json(InRole { role }) = body?;
    act(service, plan, caller, move |plan| {
        Ok(Command::ApproveRebaseline { task: find_task(plan, &key)?.id, role })
    })
    .await
}
