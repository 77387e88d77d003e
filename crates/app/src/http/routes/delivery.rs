//! How the work gets out: runs of continuous integration, deployments and incidents, told by programs
//! and by the webhooks of a forge.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use engine::desk::Request;
use jiff::Timestamp;
use lens::views::ci::ci;
use lens::views::delivery::delivery;
use model::command::Command;
use model::delivery::{CiResult, CiRun, DeployResult, Deployed};
use model::ids::Key;
use model::refusal::{AUTH_INVALID, Refusal, VALUE_INVALID};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::{act, ask};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::http::webhooks::github;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(show_ci, record_run))
        .routes(routes!(show))
        .routes(routes!(deployed))
        .routes(routes!(broken))
        .routes(routes!(restored))
        .routes(routes!(from_github))
}

/// What runs of continuous integration take, pass and flake
#[utoipa::path(get, path = "/plans/{plan}/ci", tag = "delivery", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As `countersign ci show --json` prints it", body = ref("#/components/schemas/Ci")),
),
    security(("token" = ["reports:read"]))
)]
async fn show_ci(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&ci(look))).await
}

/// A run that has ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RunTold {
    /// The workflow's name where it runs.
    workflow: String,
    /// `success`, `failure` or `cancelled`.
    result: String,
    /// What it took, in seconds.
    seconds: f64,
    /// How long it waited to begin, in seconds.
    queue_seconds: Option<f64>,
    /// Its number where it ran; the same number is recorded once.
    run: Option<String>,
    /// Of which commit.
    commit: Option<String>,
    /// Of which branch.
    branch: Option<String>,
    /// Where it can be looked at.
    url: Option<String>,
    /// When it ended; now, where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended: Option<Timestamp>,
}

/// Records a run of continuous integration
#[utoipa::path(post, path = "/plans/{plan}/ci", tag = "delivery", params(("plan" = String, Path, description = "Key or id")),
    request_body = RunTold,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["plans:write"]))
)]
async fn record_run(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    told: Result<Json<RunTold>, JsonRejection>,
) -> Answered<Body> {
    let Json(told) = told?;
    let RunTold { workflow, result, seconds, queue_seconds, run, commit, branch, url, ended } = told;
    let result = CiResult::parse(&result)
        .ok_or_else(|| Problem::invalid("result", format!("`{result}` is no result of a run")))?;
    let run =
        CiRun { workflow, result, seconds, queue_seconds, run, commit, branch, url, ended, tests: None };
    act(service, plan, caller, move |_| Ok(Command::RecordCiRun(Box::new(run)))).await
}

/// Deployments and incidents, and what both take on average
#[utoipa::path(get, path = "/plans/{plan}/delivery", tag = "delivery", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As `countersign delivery show --json` prints it", body = ref("#/components/schemas/Delivery")),
),
    security(("token" = ["reports:read"]))
)]
async fn show(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&delivery(look))).await
}

/// Something that was deployed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeploymentTold {
    /// Where.
    environment: String,
    /// `succeeded`, `failed` or `rolled_back`.
    result: String,
    /// When; now, where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// Which commit.
    commit: Option<String>,
    /// From when the commit was there until it was deployed, in seconds.
    lead_seconds: Option<f64>,
    /// Its number where it was done; the same number and result is recorded once.
    run: Option<String>,
    /// Where it can be looked at.
    url: Option<String>,
}

/// Records a deployment
#[utoipa::path(post, path = "/plans/{plan}/deployments", tag = "delivery", params(("plan" = String, Path, description = "Key or id")),
    request_body = DeploymentTold,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["plans:write"]))
)]
async fn deployed(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    told: Result<Json<DeploymentTold>, JsonRejection>,
) -> Answered<Body> {
    let Json(told) = told?;
    let DeploymentTold { environment, result, at, commit, lead_seconds, run, url } = told;
    let result = DeployResult::parse(&result)
        .ok_or_else(|| Problem::invalid("result", format!("`{result}` is no result of a deployment")))?;
    let at = at.unwrap_or_else(|| service.desk().now());
    let deployed = Deployed { environment, result, at, commit, lead_seconds, run, url };
    act(service, plan, caller, move |_| Ok(Command::RecordDeployment(Box::new(deployed)))).await
}

/// Something that is broken for those who use it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IncidentTold {
    /// What is broken.
    text: String,
    /// What to call it; a name is made where none is given.
    key: Option<String>,
    /// How bad it is.
    severity: Option<String>,
    /// Since when; now, where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// Says that something is broken for those who use it
#[utoipa::path(post, path = "/plans/{plan}/incidents", tag = "delivery", params(("plan" = String, Path, description = "Key or id")),
    request_body = IncidentTold,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["plans:write"]))
)]
async fn broken(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    told: Result<Json<IncidentTold>, JsonRejection>,
) -> Answered<Body> {
    let Json(IncidentTold { text, key, severity, since }) = told?;
    let key = key.map(|key| named(&key)).transpose()?;
    act(service, plan, caller, move |_| Ok(Command::OpenIncident { key, text, severity, since })).await
}

/// That it works again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IncidentEnd {
    /// How.
    #[serde(default)]
    outcome: String,
    /// Since when; now, where nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Says that it works again
#[utoipa::path(post, path = "/plans/{plan}/incidents/{incident}/end", tag = "delivery",
    params(("plan" = String, Path, description = "Key or id"), ("incident" = String, Path, description = "What it is called")),
    request_body = IncidentEnd,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["plans:write"]))
)]
async fn restored(
    State(service): State<Arc<Service>>,
    Path((plan, incident)): Path<(String, String)>,
    caller: Caller,
    told: Result<Json<IncidentEnd>, JsonRejection>,
) -> Answered<Body> {
    let Json(IncidentEnd { outcome, at }) = told?;
    let incident = named(&incident)?;
    act(service, plan, caller, move |_| Ok(Command::EndIncident { incident, outcome, at })).await
}

fn named(text: &str) -> Result<Key, Refusal> {
    Key::new(text).map_err(|wrong| Refusal::new(VALUE_INVALID, wrong.to_string()))
}

/// What came of a webhook.
#[derive(Debug, Serialize, ToSchema)]
struct Taken {
    /// What was recorded; nothing where it was known, or tells nothing that is kept.
    recorded: Vec<&'static str>,
    /// Whether this delivery was taken in before.
    repeated: bool,
}

/// Takes in what GitHub tells: `workflow_run`, `check_run`, `pull_request`, `deployment_status`
#[utoipa::path(post, path = "/plans/{plan}/webhooks/github", tag = "delivery",
    params(
        ("plan" = String, Path, description = "Key or id"),
        ("X-Hub-Signature-256" = String, Header, description = "`sha256=` and the HMAC of the body with the secret both sides know"),
        ("X-GitHub-Event" = String, Header, description = "The kind of what is told"),
        ("X-GitHub-Delivery" = String, Header, description = "The delivery's id; the same is taken in once"),
    ),
    request_body = Object,
    responses(
        (status = 200, body = Taken),
    ),
    security(("signature" = []))
)]
async fn from_github(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answered<Body> {
    let body = body
        .map_err(|rejected| Problem::new(rejected.status(), VALUE_INVALID, "the body could not be read"))?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let good = text("x-hub-signature-256")
        .zip(service.github.as_ref())
        .is_some_and(|(signature, secret)| secret.signed(&body, signature));
    if !good {
        // It is not told whether there is a secret at all.
        return Err(Problem::new(StatusCode::UNAUTHORIZED, AUTH_INVALID, "Could not validate credentials")
            .hint("the body must be signed with the secret in `COUNTERSIGN_GITHUB_SECRET`"));
    }
    let kind = text("x-github-event").unwrap_or_default().to_owned();
    let delivery = text("x-github-delivery").filter(|id| !id.is_empty() && id.len() <= github::LONGEST_ID);
    let Some(delivery) = delivery.map(str::to_owned) else {
        return Err(Problem::invalid("X-GitHub-Delivery", "a delivery has an id of 1 to 100 characters"));
    };
    let told = serde_json::from_slice(&body)
        .map_err(|error| Problem::invalid("body", format!("the body is no JSON: {error}")))?;
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let mut taken = Taken { recorded: Vec::new(), repeated: false };
            for command in github::commands(&plan, &kind, &told, service.desk().now())? {
                // A delivery may be noted at several tasks, each once.
                let part = match &command {
                    Command::Note { task, .. } => task.to_string(),
                    other => other.name().to_owned(),
                };
                let id = format!("github:{}:{delivery}:{part}", plan.id);
                let request = Request { id: Some(id), ..Request::system() };
                let receipt = service.submit(plan.id, &request, command)?;
                taken.repeated |= receipt.repeated;
                if !receipt.repeated {
                    taken.recorded.extend(receipt.events.iter().map(model::event::Event::kind));
                }
            }
            Body::of(&taken)
        })
        .await
}
