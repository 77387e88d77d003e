//! Work asked for in words: it becomes a task.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::desk::errand::{Whose, Wish};
use engine::desk::{Desk as _, Receipt};
use lens::task_events::PROMPT;
use model::actor::Actor;
use model::command::Command;
use model::definition::Definition;
use model::draft::TaskKind;
use model::event::Event;
use model::facts::Fact;
use model::ids::{PlanId, TaskId};
use model::plan::Plan;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Representation, find_task, unknown};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::http::stream::sse;
use crate::http::stream::starting::Asked;
use crate::http::stream::subscription::{Subscription, Wanted};

/// The most characters of a prompt.
const LONGEST_PROMPT: usize = 100_000;

/// The most characters of a title made from a prompt.
const LONGEST_TITLE: usize = 120;

/// The extra fields of a task that hold what came with its prompt.
const METADATA: &str = "metadata";
pub(super) const CONTINUES: &str = "continues";

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(submit))
        .routes(routes!(submit_alias))
        .routes(routes!(submit_and_stream))
        .routes(routes!(submit_and_stream_alias))
}

/// Work, asked for in words.
#[derive(Debug, Deserialize, ToSchema)]
struct AskedFor {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 100000)]
    prompt: String,
    /// Whatever belongs to it; `plan` names the plan it becomes a task of, `role` the agent that starts
    /// on it where the service starts several.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    /// The task it goes on from.
    continuation_task_id: Option<String>,
}

/// A task that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct Accepted {
    /// The task.
    task_id: String,
    /// The plan it is in, and its key there.
    plan: String,
    /// Its key in that plan.
    key: String,
    /// How it stands: `queued`, until somebody takes it.
    status: &'static str,
    /// Where its events are.
    events: String,
    /// The role of the agent that was started on it, or will be.
    agent: Option<String>,
    /// Why nobody has started on it.
    why: Option<String>,
}

/// Asks for work
///
/// Becomes a task of a plan: the one `metadata.plan` names, else `requests`. Whoever takes it works on
/// it; its events tell how that goes.
#[utoipa::path(post, path = "/tasks", tag = "stream", request_body = AskedFor, responses(
    (status = 202, body = Accepted),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit(
    State(service): State<Arc<Service>>,
    caller: Caller,
    wanted: Result<Json<AskedFor>, JsonRejection>,
) -> Answered<Response> {
    let Json(wanted) = wanted?;
    let (.., accepted) = accept(&service, caller, wanted).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

/// The same as `POST /tasks`
#[utoipa::path(post, path = "/submit_task", tag = "stream", request_body = AskedFor, responses(
    (status = 202, body = Accepted),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit_alias(
    service: State<Arc<Service>>,
    caller: Caller,
    wanted: Result<Json<AskedFor>, JsonRejection>,
) -> Answered<Response> {
    submit(service, caller, wanted).await
}

/// Asks for work and tells its events until it ends
#[utoipa::path(post, path = "/tasks/stream", tag = "stream", params(Representation), request_body = AskedFor, responses(
    (status = 200, description = "Server-sent events, the last of them terminal", body = String, content_type = "text/event-stream"),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit_and_stream(
    State(service): State<Arc<Service>>,
    caller: Caller,
    format: Result<Query<Representation>, QueryRejection>,
    headers: HeaderMap,
    wanted: Result<Json<AskedFor>, JsonRejection>,
) -> Answered<Response> {
    let shape = format?.0.shape(&headers, false)?;
    let Json(wanted) = wanted?;
    let (plan, task, accepted) = accept(&service, caller, wanted).await?;
    let subscription = Subscription::begin(&service, Wanted::task(plan, task, 0)).await?;
    // A comment: whoever reads the stream along sees why nothing comes, and clients pass over it.
    let remark = accepted.why.map(|why| format!("queued: {why}"));
    Ok(sse::respond(&service, subscription, shape, remark.as_deref()))
}

/// The same as `POST /tasks/stream`
#[utoipa::path(post, path = "/submit_task/stream", tag = "stream", params(Representation), request_body = AskedFor, responses(
    (status = 200, description = "Server-sent events, the last of them terminal", body = String, content_type = "text/event-stream"),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit_and_stream_alias(
    service: State<Arc<Service>>,
    caller: Caller,
    format: Result<Query<Representation>, QueryRejection>,
    headers: HeaderMap,
    wanted: Result<Json<AskedFor>, JsonRejection>,
) -> Answered<Response> {
    submit_and_stream(service, caller, format, headers, wanted).await
}

/// Takes a wish in as a task.
async fn accept(
    service: &Arc<Service>,
    caller: Caller,
    wanted: AskedFor,
) -> Answered<(PlanId, TaskId, Accepted)> {
    let AskedFor { prompt, metadata, continuation_task_id } = wanted;
    let Some(title) = prompt.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return Err(Problem::invalid("prompt", "`prompt` says nothing"));
    };
    if prompt.chars().count() > LONGEST_PROMPT {
        return Err(Problem::invalid(
            "prompt",
            format!("`prompt` has more than {LONGEST_PROMPT} characters"),
        ));
    }
    let title: String = title.chars().take(LONGEST_TITLE).collect();
    let role = role(service, metadata.as_ref())?;
    let named = match metadata.as_ref().and_then(|metadata| metadata.get("plan")) {
        None => None,
        Some(Value::String(named)) => Some(named.clone()),
        Some(_) => return Err(Problem::invalid("metadata.plan", "`metadata.plan` is a plan's key")),
    };
    let extra = |name: &str, value: String| Fact::Extra(Box::new((name.to_owned(), value)));
    let mut facts = vec![extra(PROMPT, prompt)];
    if let Some(metadata) = &metadata {
        facts.push(extra(METADATA, Value::Object(metadata.clone()).to_string()));
    }
    if let Some(before) = continuation_task_id {
        let (_, id) = service.run(move |service| find_task(service, &before)).await?;
        facts.push(extra(CONTINUES, id.to_string()));
    }
    let command = Command::AddTask { kind: TaskKind::Task, key: None, title, needs: Vec::new(), facts };
    let whose = Whose::Named(named.clone().unwrap_or_else(|| service.requests.to_string()));
    let mut added = add(service, whose, &caller, command.clone()).await?;
    if added.is_none() {
        // It is made when it is first needed; whoever looks for another says what it may have been meant for.
        let asks = caller.clone();
        let plan = service.run(move |service| match named {
            None => requests(service, &asks),
            Some(named) => Ok(service.plan(&named)?.id),
        });
        added = add(service, Whose::Plan(plan.await?), &caller, command).await?;
    }
    let Some(Added { plan, plan_key, task, key, repeated }) = added else { return Err(unknown("").into()) };
    let (agent, why) = start(service, &caller, (plan, task), role, repeated).await;
    let accepted = Accepted {
        task_id: task.to_string(),
        plan: plan_key,
        key,
        status: "queued",
        events: format!("/api/v1/tasks/{task}/events"),
        agent,
        why,
    };
    Ok((plan, task, accepted))
}

/// A task that is on record now.
struct Added {
    plan: PlanId,
    plan_key: String,
    task: TaskId,
    key: String,
    repeated: bool,
}

/// Adds a task; nothing where there is no such plan.
async fn add(
    service: &Arc<Service>,
    whose: Whose,
    caller: &Caller,
    command: Command,
) -> Answered<Option<Added>> {
    let answer = |receipt: &Receipt, plan: &Plan| {
        let added = receipt.events.iter().find_map(|event| match event {
            Event::TaskAdded(added) => Some((added.task, added.key.to_string())),
            _ => None,
        });
        let Some((task, key)) = added else { return Err(unknown("").into()) };
        Ok(Added { plan: plan.id, plan_key: plan.key.to_string(), task, key, repeated: receipt.repeated })
    };
    service
        .hand_in((whose, caller.request()), (command.name(), Wish::Command(Box::new(command))), answer)
        .await
}

/// The role that is to start on it: the one that is named, where the service starts several.
fn role(service: &Service, metadata: Option<&Map<String, Value>>) -> Answered<Option<String>> {
    let named = ["role", "agent"].iter().find_map(|name| metadata?.get(*name)).and_then(Value::as_str);
    service.starter.role(named).map_err(|known| {
        Problem::invalid("metadata.role", "the service starts no agent of that role")
            .hint(format!("it starts {known}"))
    })
}

/// Has an agent start on a task that is on record now; gives its role, and why it has not begun.
async fn start(
    service: &Arc<Service>,
    caller: &Caller,
    (plan, task): (PlanId, TaskId),
    role: Option<String>,
    repeated: bool,
) -> (Option<String>, Option<String>) {
    let not = |why: &str| (None, Some(why.to_owned()));
    let Some(role) = role else {
        return not("the service starts no agents (`serve --start ROLE`); somebody has to take it");
    };
    if !matches!(caller.by.actor, Actor::Person(_)) {
        return not("an agent asks, and only a person starts commands");
    }
    if repeated {
        return not("it was asked for before");
    }
    let asked = role.clone();
    match service.run(move |service| service.starter.ask(service, plan, task, &asked)).await {
        Ok(Asked::Runs) => (Some(role), None),
        Ok(Asked::Waits(why)) => (Some(role), Some(why)),
        Ok(Asked::None(why)) => (None, Some(why)),
        Err(problem) => not(&problem.to_string()),
    }
}

/// The plan for what is asked for without one; it is made when it is first needed.
fn requests(service: &Service, caller: &Caller) -> Answered<PlanId> {
    let _making = service.making_requests();
    let lines = service.desk().plans()?;
    if let Some(line) = lines.iter().find(|line| line.key == service.requests) {
        return Ok(line.id);
    }
    let definition = Definition {
        key: Some(service.requests.clone()),
        title: "What was asked for".to_owned(),
        ..Definition::default()
    };
    let id: PlanId = service.desk().new_plan_id();
    let mut request = caller.request();
    // The sender's own id is for the task.
    (request.id, request.onto, request.fence) = (None, None, None);
    service.submit(id, &request, Command::AdoptPlan(Box::new(definition)))?;
    Ok(id)
}
