//! Work asked for in words, and its events live: the task stream.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::desk::Desk as _;
use lens::task_events::{Envelope, PROMPT, SCHEMA, StreamMetrics, TaskEvent};
use model::command::Command;
use model::definition::Definition;
use model::draft::TaskKind;
use model::event::Event;
use model::facts::Fact;
use model::ids::{Key, PlanId, TaskId};
use model::plan::Plan;
use model::refusal::{Refusal, TASK_NOT_FOUND};
use model::task::{ClaimHow, TaskState};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::http::stream::Frame;
use crate::http::stream::past::past;
use crate::http::stream::sse::{self, Wish};

/// The plan that holds what is asked for where no plan is named.
const REQUESTS: &str = "requests";

/// So many events of a task are shown at once.
const SHOWN: usize = 250;

/// The most characters of a prompt.
const LONGEST_PROMPT: usize = 100_000;

/// The most characters of a title made from a prompt.
const LONGEST_TITLE: usize = 120;

/// The extra fields of a task that hold what came with its prompt.
const METADATA: &str = "metadata";
const CONTINUES: &str = "continues";

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(submit))
        .routes(routes!(submit_alias))
        .routes(routes!(submit_and_stream))
        .routes(routes!(submit_and_stream_alias))
        .routes(routes!(show))
        .routes(routes!(stream, report))
        .routes(routes!(finish))
        .routes(routes!(everything))
}

/// Work, asked for in words.
#[derive(Debug, Deserialize, ToSchema)]
struct Wanted {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 100000)]
    prompt: String,
    /// Whatever belongs to it; `plan` names the plan it becomes a task of.
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
}

/// A task and its stream.
#[derive(Debug, Serialize, ToSchema)]
struct TaskBody<'a> {
    /// The task.
    task_id: String,
    /// The plan it is in.
    plan: String,
    /// Its key in that plan.
    key: String,
    /// One line.
    title: String,
    /// What it was asked for with.
    prompt: Option<String>,
    /// The task it goes on from.
    continuation_task_id: Option<String>,
    /// `queued`, `running`, `completed` or `failed`; agrees with the stream's last event.
    status: &'static str,
    /// How it stands in its plan: `ready`, `claimed`, `verified` and others.
    standing: &'static str,
    /// The latest events, at most 250, oldest first.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Envelope<'a>>,
    /// How many there are.
    events_total: u64,
    /// Whether there are more than are shown.
    events_truncated: bool,
    /// Figures over all events, not only those shown.
    #[schema(value_type = Object)]
    metrics: StreamMetrics,
}

/// How a stream is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Schema {
    /// The schema that envelopes name
    schema: Option<String>,
}

impl Schema {
    fn name(self) -> Answered<String> {
        let schema = self.schema.unwrap_or_else(|| SCHEMA.to_owned());
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if schema.is_empty() || schema.len() > 100 || !schema.chars().all(plain) {
            return Err(Problem::invalid("schema", "`schema` is a name such as `countersign.task-event.v1`"));
        }
        Ok(schema)
    }
}

/// Asks for work
///
/// Becomes a task of a plan: the one `metadata.plan` names, else `requests`. Whoever takes it works on
/// it; its events tell how that goes.
#[utoipa::path(post, path = "/tasks", tag = "stream", request_body = Wanted, responses(
    (status = 202, body = Accepted),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit(
    State(service): State<Arc<Service>>,
    caller: Caller,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Answered<Response> {
    let Json(wanted) = wanted?;
    let (_, accepted) = service.run(move |service| accept(service, &caller, wanted)).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

/// The same as `POST /tasks`
#[utoipa::path(post, path = "/submit_task", tag = "stream", request_body = Wanted, responses(
    (status = 202, body = Accepted),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit_alias(
    service: State<Arc<Service>>,
    caller: Caller,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Answered<Response> {
    submit(service, caller, wanted).await
}

/// Asks for work and tells its events until it ends
#[utoipa::path(post, path = "/tasks/stream", tag = "stream", params(Schema), request_body = Wanted, responses(
    (status = 200, description = "Server-sent events, the last of them terminal", body = String, content_type = "text/event-stream"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit_and_stream(
    State(service): State<Arc<Service>>,
    caller: Caller,
    schema: Result<Query<Schema>, QueryRejection>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Answered<Response> {
    let schema = schema?.0.name()?;
    let Json(wanted) = wanted?;
    let (task, _) = service.run(move |service| accept(service, &caller, wanted)).await?;
    listen(&service, task, 0, schema).await
}

/// The same as `POST /tasks/stream`
#[utoipa::path(post, path = "/submit_task/stream", tag = "stream", params(Schema), request_body = Wanted, responses(
    (status = 200, description = "Server-sent events, the last of them terminal", body = String, content_type = "text/event-stream"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn submit_and_stream_alias(
    service: State<Arc<Service>>,
    caller: Caller,
    schema: Result<Query<Schema>, QueryRejection>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Answered<Response> {
    submit_and_stream(service, caller, schema, wanted).await
}

/// A task, its latest events, and figures over all of them
#[utoipa::path(get, path = "/tasks/{id}", tag = "stream", params(("id" = String, Path, description = "The task's id"), Schema), responses(
    (status = 200, body = TaskBody<'static>),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
),
    security(("token" = ["plans:read"]))
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    schema: Result<Query<Schema>, QueryRejection>,
) -> Answered<Body> {
    let schema = schema?.0.name()?;
    service
        .run(move |service| {
            let (plan, id) = find(service, &id)?;
            let Some(task) = plan.task(id) else { return Err(unknown(&id.to_string()).into()) };
            let told = past(service, &plan, id, 0, SHOWN)?;
            let extra = |name: &str| {
                task.facts.0.iter().find_map(|fact| match fact {
                    Fact::Extra(pair) if pair.0 == name => Some(pair.1.clone()),
                    _ => None,
                })
            };
            let body = TaskBody {
                task_id: id.to_string(),
                plan: plan.key.to_string(),
                key: task.key.to_string(),
                title: task.title.clone(),
                prompt: extra(PROMPT),
                continuation_task_id: extra(CONTINUES),
                status: status(&task.state, told.events.back()),
                standing: plan.standing(task, service.desk().now()).as_str(),
                events: told.events.iter().map(|event| event.envelope(&schema)).collect(),
                events_total: told.metrics.events_total,
                events_truncated: told.metrics.events_total > SHOWN as u64,
                metrics: told.metrics,
            };
            Ok(Body::of(&body)?.after(plan.seq))
        })
        .await
}

/// A task's events, from the one after `Last-Event-ID` on, until its run ends
#[utoipa::path(get, path = "/tasks/{id}/events", tag = "stream",
    params(("id" = String, Path, description = "The task's id"), Schema, ("Last-Event-ID" = Option<u64>, Header, description = "The last event that was seen")),
    responses(
        (status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = ["plans:read"]))
)]
async fn stream(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    schema: Result<Query<Schema>, QueryRejection>,
    headers: HeaderMap,
) -> Answered<Response> {
    let schema = schema?.0.name()?;
    let after = last_seen(&headers)?.unwrap_or(0);
    let named = id;
    let task = service.run(move |service| find(service, &named).map(|(_, id)| id)).await?;
    listen(&service, task, after, schema).await
}

/// Which events of all tasks are told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Narrowed {
    /// Only of this plan: its key or id
    plan: Option<String>,
    /// Only events of these names, comma-separated
    event: Option<String>,
    /// The schema that envelopes name
    schema: Option<String>,
}

/// Events of all tasks as they happen; after `Last-Event-ID`, a position of the journal, what was missed comes first
#[utoipa::path(get, path = "/events", tag = "stream",
    params(Narrowed, ("Last-Event-ID" = Option<u64>, Header, description = "The last event that was seen")),
    responses(
        (status = 200, description = "Server-sent events; their ids are positions of the journal", body = String, content_type = "text/event-stream"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = ["plans:read"]))
)]
async fn everything(
    State(service): State<Arc<Service>>,
    narrowed: Result<Query<Narrowed>, QueryRejection>,
    headers: HeaderMap,
) -> Answered<Response> {
    let Query(Narrowed { plan, event, schema }) = narrowed?;
    let schema = Schema { schema }.name()?;
    let after = last_seen(&headers)?;
    let names: Vec<String> =
        event.iter().flat_map(|list| list.split(',')).map(|name| name.trim().to_owned()).collect();
    let live = service.hub.listen();
    let (plan, before) = service
        .run(move |service| {
            let plan = plan.map(|named| service.plan(&named)).transpose()?.map(|plan| plan.id);
            service.hub.catch_up(service)?;
            let before = match after {
                Some(after) => service.hub.since(service, after)?,
                None => Vec::new(),
            };
            Ok((plan, before))
        })
        .await?;
    let last = before.last().map(|frame| frame.position);
    let wanted = move |frame: &Frame| {
        plan.is_none_or(|plan| plan == frame.plan) && (names.is_empty() || names.contains(&frame.event.name))
    };
    let wish = Wish { schema, wanted: Box::new(wanted), by_position: true, one_run: false };
    let before: VecDeque<_> =
        before.iter().filter(|frame| (wish.wanted)(frame)).map(|frame| wish.bytes(frame)).collect();
    let live_wish = wish.after_position(last.or(after));
    Ok(sse::respond(&service, before, live, live_wish, false))
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
        (status = 200, description = "What was recorded", body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
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
    service
        .run(move |service| {
            let (plan, task) = find(service, &id)?;
            let command = Command::Report { task, name: event, payload };
            super::tasks::submit(service, &plan, &caller, command)
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
        (status = 200, description = "What was recorded", body = Object),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
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
    service
        .run(move |service| {
            let (plan, task) = find(service, &id)?;
            let command = match finish {
                Finish::Claimed => Command::Claim { task, how: ClaimHow::Verb },
                Finish::Failed { reason } => Command::Drop { task, reason },
            };
            super::tasks::submit(service, &plan, &caller, command)
        })
        .await
}

/// Takes a wish in as a task.
fn accept(service: &Service, caller: &Caller, wanted: Wanted) -> Answered<(TaskId, Accepted)> {
    let Wanted { prompt, metadata, continuation_task_id } = wanted;
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
    let named = metadata.as_ref().and_then(|metadata| metadata.get("plan"));
    let plan = match named {
        None => requests(service, caller)?,
        Some(Value::String(named)) => service.plan(named)?,
        Some(_) => return Err(Problem::invalid("metadata.plan", "`metadata.plan` is a plan's key")),
    };
    let extra = |name: &str, value: String| Fact::Extra(Box::new((name.to_owned(), value)));
    let mut facts = vec![extra(PROMPT, prompt)];
    if let Some(metadata) = &metadata {
        facts.push(extra(METADATA, Value::Object(metadata.clone()).to_string()));
    }
    if let Some(before) = continuation_task_id {
        let (_, id) = find(service, &before)?;
        facts.push(extra(CONTINUES, id.to_string()));
    }
    let command = Command::AddTask { kind: TaskKind::Task, key: None, title, needs: Vec::new(), facts };
    let receipt = service.submit(plan.id, &caller.request(), command)?;
    let added = receipt.events.iter().find_map(|event| match event {
        Event::TaskAdded(added) => Some((added.task, added.key.to_string())),
        _ => None,
    });
    let Some((task, key)) = added else { return Err(unknown("").into()) };
    let accepted = Accepted {
        task_id: task.to_string(),
        plan: plan.key.to_string(),
        key,
        status: "queued",
        events: format!("/api/v1/tasks/{task}/events"),
    };
    Ok((task, accepted))
}

/// The plan for what is asked for without one; it is made when it is first needed.
fn requests(service: &Service, caller: &Caller) -> Answered<Arc<Plan>> {
    let lines = service.desk().plans()?;
    if let Some(line) = lines.iter().find(|line| line.key.as_str() == REQUESTS) {
        return Ok(service.desk().plan(line.id)?);
    }
    let _making = service.making_requests();
    let lines = service.desk().plans()?;
    if let Some(line) = lines.iter().find(|line| line.key.as_str() == REQUESTS) {
        return Ok(service.desk().plan(line.id)?);
    }
    let definition = Definition {
        key: Key::new(REQUESTS).ok(),
        title: "What was asked for".to_owned(),
        ..Definition::default()
    };
    let id: PlanId = service.desk().new_plan_id();
    let mut request = caller.request();
    // The sender's own id is for the task.
    (request.id, request.onto, request.fence) = (None, None, None);
    service.submit(id, &request, Command::AdoptPlan(Box::new(definition)))?;
    Ok(service.desk().plan(id)?)
}

/// The task of an id, whichever plan it is in.
fn find(service: &Service, id: &str) -> Answered<(Arc<Plan>, TaskId)> {
    let task: TaskId = id.parse().map_err(|_| unknown(id))?;
    for line in service.desk().plans()? {
        let plan = service.desk().plan(line.id)?;
        if plan.task(task).is_some() {
            return Ok((plan, task));
        }
    }
    Err(unknown(id).into())
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(TASK_NOT_FOUND, format!("there is no task `{id}`")).with("task", id)
}

/// How a task stands, in the words of the stream.
fn status(state: &TaskState, last: Option<&TaskEvent>) -> &'static str {
    match (state, last) {
        (_, Some(last)) if last.name == "task_completed" => "completed",
        (_, Some(last)) if last.name == "task_failed" => "failed",
        (TaskState::Open, _) => "queued",
        _ => "running",
    }
}

fn last_seen(headers: &HeaderMap) -> Answered<Option<u64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    number
        .map(Some)
        .ok_or_else(|| Problem::invalid("last-event-id", "`Last-Event-ID` is the number of an event"))
}

/// A task's events after one of them, and then whatever comes, until its run ends.
async fn listen(service: &Arc<Service>, task: TaskId, after: u64, schema: String) -> Answered<Response> {
    let live = service.hub.listen();
    let told = service
        .run(move |service| {
            service.hub.catch_up(service)?;
            let (plan, id) = find(service, &task.to_string())?;
            past(service, &plan, id, after, usize::MAX)
        })
        .await?;
    let last = told.events.back();
    let over = last.map_or(told.metrics.ended && after >= told.metrics.last_sequence, TaskEvent::is_terminal);
    let seen = after.max(told.metrics.last_sequence);
    let before = told
        .events
        .iter()
        .map(|event| sse::frame(event, &schema, &event.sequence.to_string()))
        .collect::<VecDeque<_>>();
    let wanted = move |frame: &Frame| frame.event.task == task && frame.event.sequence > seen;
    let wish = Wish { schema, wanted: Box::new(wanted), by_position: false, one_run: true };
    Ok(sse::respond(service, before, live, wish, over))
}
