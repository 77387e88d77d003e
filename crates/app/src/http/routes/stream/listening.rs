//! A task's events: the latest, and those to come.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use lens::task_events::{PROMPT, StreamMetrics, TaskEvent, cloud};
use model::facts::Fact;
use model::task::TaskState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asking::CONTINUES;
use super::{Representation, accepts, find, find_task, listen, unknown};
use crate::http::problem::{Answered, Problem};
use crate::http::routes::Body;
use crate::http::service::Service;
use crate::http::stream::past::so_far;
use crate::http::stream::sse::{self, Told};
use crate::http::stream::subscription::{After, Subscription, Wanted};

/// So many events of a task are shown at once.
const SHOWN: usize = 250;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(stream)).routes(routes!(everything))
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
    events: Vec<Told<'a>>,
    /// How many there are.
    events_total: u64,
    /// Whether there are more than are shown.
    events_truncated: bool,
    /// Figures over all events, not only those shown.
    #[schema(value_type = Object)]
    metrics: StreamMetrics,
}

/// A task, its latest events, and figures over all of them
#[utoipa::path(get, path = "/tasks/{id}", tag = "stream", params(("id" = String, Path, description = "The task's id"), Representation), responses(
    (status = 200, body = TaskBody<'static>),
),
    security(("token" = ["plans:read"]))
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    format: Result<Query<Representation>, QueryRejection>,
    headers: HeaderMap,
) -> Answered<Response> {
    let shape = format?.0.shape(&headers, false)?;
    let batch = shape.cloud && accepts(&headers, cloud::BATCH);
    service
        .run(move |service| {
            let (plan, id) = find(service, &id)?;
            let Some(task) = plan.task(id) else { return Err(unknown(&id.to_string()).into()) };
            let told = so_far(service, plan.id, id, SHOWN)?;
            let extra = |name: &str| {
                task.facts.0.iter().find_map(|fact| match fact {
                    Fact::Extra(pair) if pair.0 == name => Some(pair.1.clone()),
                    _ => None,
                })
            };
            let events: Vec<Told<'_>> = told.events.iter().map(|event| shape.told(event)).collect();
            if batch {
                let kind = (header::CONTENT_TYPE, HeaderValue::from_static(cloud::BATCH));
                return Ok(([kind], Body::of(&events)?.after(plan.seq)).into_response());
            }
            let body = TaskBody {
                task_id: id.to_string(),
                plan: plan.key.to_string(),
                key: task.key.to_string(),
                title: task.title.clone(),
                prompt: extra(PROMPT),
                continuation_task_id: extra(CONTINUES),
                status: status(&task.state, told.events.back()),
                standing: plan.standing(task, service.desk().now()).as_str(),
                events,
                events_total: told.metrics.events_total,
                events_truncated: told.metrics.events_total > SHOWN as u64,
                metrics: told.metrics,
            };
            Ok(Body::of(&body)?.after(plan.seq).into_response())
        })
        .await
}

/// A task's events, from the one after `Last-Event-ID` on, until its run ends
#[utoipa::path(get, path = "/tasks/{id}/events", tag = "stream",
    params(("id" = String, Path, description = "The task's id"), Representation, ("Last-Event-ID" = Option<u64>, Header, description = "The last event that was seen")),
    responses(
        (status = 200, description = "Server-sent events", body = String, content_type = "text/event-stream"),
    ),
    security(("token" = ["plans:read"]))
)]
async fn stream(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    format: Result<Query<Representation>, QueryRejection>,
    headers: HeaderMap,
) -> Answered<Response> {
    let shape = format?.0.shape(&headers, false)?;
    let wrong = |_| not_a_number("`Last-Event-ID` is the number of an event, such as `12`");
    let after = last_seen(&headers)?.map_or(Ok(0), str::parse).map_err(wrong)?;
    let (plan, task) = service.run(move |service| find_task(service, &id)).await?;
    listen(&service, Wanted::task(plan, task, after), shape).await
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
    /// `cloudevents`: events as CloudEvents 1.0, with the envelope as their data; `envelope`: as they are
    format: Option<String>,
}

/// Events of all tasks as they happen; after `Last-Event-ID`, a position of the journal, what was missed comes first
#[utoipa::path(get, path = "/events", tag = "stream",
    params(Narrowed, ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen: `12`, or `12.1`")),
    responses(
        (status = 200, description = "Server-sent events; their ids are positions of the journal, with a part behind them where several tell of one", body = String, content_type = "text/event-stream"),
    ),
    security(("token" = ["plans:read"]))
)]
async fn everything(
    State(service): State<Arc<Service>>,
    narrowed: Result<Query<Narrowed>, QueryRejection>,
    headers: HeaderMap,
) -> Answered<Response> {
    let Query(Narrowed { plan, event, schema, format }) = narrowed?;
    let shape = Representation { schema, format }.shape(&headers, true)?;
    let wrong = |_| not_a_number("`Last-Event-ID` is the number of an event, such as `12` or `12.1`");
    let after = last_seen(&headers)?.map(|text| text.parse().map(After::Id)).transpose().map_err(wrong)?;
    let names = event.iter().flat_map(|list| list.split(',')).map(|name| name.trim().to_owned()).collect();
    let plan = match plan {
        Some(named) => Some(service.run(move |service| Ok(service.plan(&named)?.id)).await?),
        None => None,
    };
    let wanted = Wanted { plan, task: None, names, after: after.unwrap_or(After::Now) };
    let subscription = Subscription::begin(&service, wanted).await?;
    Ok(sse::respond(&service, subscription, shape, None))
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

/// What the last event that was seen is said to be.
fn last_seen(headers: &HeaderMap) -> Answered<Option<&str>> {
    let text = headers.get("last-event-id").map(|value| value.to_str().map(str::trim)).transpose();
    text.map_err(|_| not_a_number("`Last-Event-ID` is the number of an event"))
}

fn not_a_number(detail: &str) -> Problem {
    Problem::invalid("last-event-id", detail)
}
