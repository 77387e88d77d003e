//! Work asked for in words, and its events live: the task stream.

mod asking;
mod listening;
mod telling;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use axum::routing::get;
use engine::desk::Desk as _;
use lens::task_events::{SCHEMA, cloud, schema};
use model::ids::{PlanId, TaskId};
use model::plan::Plan;
use model::refusal::{Refusal, TASK_NOT_FOUND};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;

use crate::http::guard::doors::{Door, Listed};
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::http::stream::sse::{self, Shape};
use crate::http::stream::subscription::{Subscription, Wanted};

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().merge(asking::routes()).merge(listening::routes()).merge(telling::routes())
}

/// What the published schema asks for: nothing, for it tells nothing of any plan.
pub const DOORS: [Listed; 1] = [(Method::GET, schema::PATH, Door::PUBLIC)];

/// The schema of the envelope, where its own id says that it is.
pub fn schemas() -> Router<Arc<Service>> {
    let text: Arc<str> = schema::document().into();
    let kind = [(header::CONTENT_TYPE, "application/schema+json")];
    Router::new().route(schema::PATH, get(move || async move { (kind, text.to_string()) }))
}

/// How events are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Representation {
    /// The schema that envelopes name
    schema: Option<String>,
    /// `cloudevents`: events as CloudEvents 1.0, with the envelope as their data; `envelope`: as they are
    format: Option<String>,
}

impl Representation {
    /// What is wanted, by the query and by what the client accepts.
    fn shape(self, headers: &HeaderMap, among_all: bool) -> Answered<Shape> {
        let cloud = match self.format.as_deref() {
            Some("cloudevents") => true,
            Some("envelope") => false,
            Some(_) => return Err(Problem::invalid("format", "`format` is `envelope` or `cloudevents`")),
            None => accepts(headers, cloud::EVENT) || accepts(headers, cloud::BATCH),
        };
        Shape::new(self.schema.unwrap_or_else(|| SCHEMA.to_owned()), cloud, among_all)
    }
}

/// Whether a client says that it takes a media type.
fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = lists.flat_map(|list| list.split(',')).filter_map(|part| part.split(';').next());
    kinds.any(|accepted| accepted.trim().eq_ignore_ascii_case(kind))
}

/// The task of an id, and its plan.
pub fn find_task(service: &Service, id: &str) -> Answered<(PlanId, TaskId)> {
    let (plan, task) = find(service, id)?;
    Ok((plan.id, task))
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

/// A task's events after one of them, and then whatever comes, until its run ends.
async fn listen(service: &Arc<Service>, wanted: Wanted, shape: Shape) -> Answered<Response> {
    let subscription = Subscription::begin(service, wanted).await?;
    Ok(sse::respond(service, subscription, shape, None))
}
