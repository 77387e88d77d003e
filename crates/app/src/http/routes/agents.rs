//! Who works: agents, their sessions, and what they hold under leases.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use engine::sessions;
use lens::views::leases::leases;
use lens::views::sessions::{AgentRow, SessionRow, agents, session, sessions as sessions_of};
use model::command::Command;
use model::commons::{AgentCard, SessionJoined};
use model::ids::{AgentId, Key, SessionId};
use model::ruling::commons::no_session;
use serde::{Deserialize, Serialize};
use utoipa::openapi::{Array, Ref};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::{act_for_all, ask, page, size};
use crate::cli::working::present;
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(register))
        .routes(routes!(list_sessions, start))
        .routes(routes!(show_session))
        .routes(routes!(join))
        .routes(routes!(end))
        .routes(routes!(list_leases))
}

fn named(id: &str) -> Answered<SessionId> {
    SessionId::new(id).map_err(|bad| Problem::invalid("session", bad.to_string()))
}

fn agent(name: &str) -> Answered<AgentId> {
    AgentId::new(name).map_err(|bad| Problem::invalid("agent", bad.to_string()))
}

/// Which agents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// Only agents after this one: `next` of the page before
    after: Option<String>,
    /// At most so many
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A page of agents.
#[derive(Debug, Serialize, ToSchema)]
struct AgentPage<'a> {
    /// In the order they registered, each as `countersign agent list --json` prints it.
    #[schema(schema_with = agent_rows)]
    agents: Vec<AgentRow<'a>>,
    /// Where the next page begins; nothing at the end.
    #[schema(required = true)]
    next: Option<String>,
}

fn agent_rows() -> Array {
    Array::new(Ref::from_schema_name("AgentRow"))
}

/// Who may be given work, and who is at it, in pages
#[utoipa::path(get, path = "/agents", tag = "agents", params(Part), responses((status = 200, body = AgentPage)),
    security(("token" = ["plans:read"]))
)]
async fn list_agents(
    State(service): State<Arc<Service>>,
    part: Result<Query<Part>, QueryRejection>,
) -> Answered<Body> {
    let Query(Part { after, limit }) = part?;
    let limit = size(limit)?;
    service
        .run(move |service| {
            let commons = service.desk().commons()?;
            let rows = agents(&commons, present(&service.store)).agents;
            let (agents, next) = page(rows, after.as_deref(), limit, |row| row.id.to_owned(), |_| true)?;
            Body::of(&AgentPage { agents, next })
        })
        .await
}

/// What an agent says of itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Card {
    /// The roles it takes; none: any.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    roles: BTreeSet<String>,
    /// How it is started, in words; nothing is run because of it.
    command: Option<String>,
    /// Which model it runs on.
    model: Option<String>,
}

/// Makes an agent known
#[utoipa::path(put, path = "/agents/{agent}", tag = "agents", params(("agent" = String, Path, description = "Its name")),
    request_body = Card,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn register(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    caller: Caller,
    body: Result<Json<Card>, JsonRejection>,
) -> Answered<Body> {
    let Json(Card { roles, command, model }) = body?;
    let agent = agent(&name)?;
    let card = AgentCard { roles, command, model };
    act_for_all(service, caller, Command::RegisterAgent { agent, card }).await
}

/// Which sessions are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    /// Those that have ended too
    all: Option<bool>,
    /// Only sessions after this one: `next` of the page before
    after: Option<String>,
    /// At most so many
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A page of sessions.
#[derive(Debug, Serialize, ToSchema)]
struct SessionPage<'a> {
    /// In the order they began, each as `countersign session list --json` prints it.
    #[schema(schema_with = session_rows)]
    sessions: Vec<SessionRow<'a>>,
    /// Where the next page begins; nothing at the end.
    #[schema(required = true)]
    next: Option<String>,
}

fn session_rows() -> Array {
    Array::new(Ref::from_schema_name("SessionRow"))
}

/// Runs of agents, in pages
#[utoipa::path(get, path = "/sessions", tag = "agents", params(Which), responses((status = 200, body = SessionPage)),
    security(("token" = ["plans:read"]))
)]
async fn list_sessions(
    State(service): State<Arc<Service>>,
    which: Result<Query<Which>, QueryRejection>,
) -> Answered<Body> {
    let Query(Which { all, after, limit }) = which?;
    let (all, limit) = (all.unwrap_or(false), size(limit)?);
    service
        .run(move |service| {
            let commons = service.desk().commons()?;
            let rows = sessions_of(&commons, present(&service.store), true).sessions;
            let open = |row: &SessionRow<'_>| all || matches!(row.state, "open" | "stuck");
            let (sessions, next) = page(rows, after.as_deref(), limit, |row| row.id.to_owned(), open)?;
            Body::of(&SessionPage { sessions, next })
        })
        .await
}

/// A session that begins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Beginning {
    /// Its name.
    session: String,
    /// The key of the plan it is about.
    plan: Option<String>,
    /// How its agents stand to each other.
    topology: Option<String>,
    /// How many agents may join.
    max_agents: Option<u32>,
    /// After so many seconds of silence it counts as stuck.
    silence_seconds: Option<u32>,
}

/// Begins a session
#[utoipa::path(post, path = "/sessions", tag = "agents", params(),
    request_body = Beginning,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn start(
    State(service): State<Arc<Service>>,
    caller: Caller,
    body: Result<Json<Beginning>, JsonRejection>,
) -> Answered<Body> {
    let Json(Beginning { session, plan, topology, max_agents, silence_seconds }) = body?;
    let session = named(&session)?;
    let plan = plan.as_deref().map(Key::new).transpose();
    let plan = plan.map_err(|bad| Problem::invalid("plan", bad.to_string()))?;
    let command = Command::StartSession { session, plan, topology, max_agents, silence_seconds };
    act_for_all(service, caller, command).await
}

/// A session with who takes part
#[utoipa::path(get, path = "/sessions/{session}", tag = "agents", params(("session" = String, Path, description = "Its name")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/SessionRow")),
), security(("token" = ["plans:read"])))]
async fn show_session(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Answered<Body> {
    let id = named(&id)?;
    service
        .run(move |service| {
            let commons = service.desk().commons()?;
            let known = commons.session(&id).ok_or_else(|| no_session(&id))?;
            Body::of(&session(known, present(&service.store)))
        })
        .await
}

/// Who joins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Member {
    /// The agent.
    agent: String,
    /// In which role.
    role: Option<String>,
}

/// Has an agent join a session
#[utoipa::path(post, path = "/sessions/{session}/agents", tag = "agents", params(("session" = String, Path, description = "Its name")),
    request_body = Member,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn join(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    caller: Caller,
    body: Result<Json<Member>, JsonRejection>,
) -> Answered<Body> {
    let Json(Member { agent: name, role }) = body?;
    let (session, agent) = (named(&id)?, agent(&name)?);
    let joined = SessionJoined { session, agent, role, task: None, task_file: None, process: None };
    act_for_all(service, caller, Command::JoinSession(Box::new(joined))).await
}

/// Why a session ends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// In a sentence.
    #[serde(default)]
    reason: String,
}

/// A session that has ended.
#[derive(Debug, Serialize, ToSchema)]
struct Ended {
    /// Its name.
    session: String,
    /// When.
    #[schema(format = DateTime)]
    ended: String,
}

/// Ends a session and gives back what its agents hold
#[utoipa::path(post, path = "/sessions/{session}/end", tag = "agents", params(("session" = String, Path, description = "Its name")),
    request_body = Reason,
    responses((status = 200, body = Ended)),
    security(("token" = ["tasks:work"]))
)]
async fn end(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    caller: Caller,
    body: Result<Json<Reason>, JsonRejection>,
) -> Answered<Body> {
    let Json(Reason { reason }) = body?;
    let id = named(&id)?;
    service
        .run(move |service| {
            let receipt = sessions::end(service.desk(), &caller.request(), &id, &reason, false)?;
            service.moved();
            Body::of(&Ended { session: id.to_string(), ended: receipt.at.to_string() })
        })
        .await
}

/// Who holds which task, and until when
#[utoipa::path(get, path = "/plans/{plan}/leases", tag = "agents", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/Leases")),
), security(("token" = ["plans:read"])))]
async fn list_leases(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&leases(look))).await
}
