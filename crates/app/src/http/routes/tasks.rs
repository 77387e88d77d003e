//! Tasks of a plan: how they stand, why they are not ready, and what is done to them.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use lens::history::TaskHistory;
use lens::record::Record;
use lens::views::list::{Filter, Wanted, list as listed};
use lens::views::show::show as shown;
use lens::views::why::why as reasons;
use model::command::{Command, Take, Which};
use model::ids::TaskId;
use model::lease::LeaseEnd;
use model::plan::Plan;
use model::task::ClaimHow;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Body, common};
use crate::cli::context::{find_task, task_not_found};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(why))
        .routes(routes!(change))
}

/// Which tasks are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Narrowed {
    /// Only tasks that mention this
    text: Option<String>,
    /// Only tasks in one of these states, comma-separated: `ready`, `claimed`, `late`
    state: Option<String>,
    /// Only tasks of this person or team
    owner: Option<String>,
    /// Only tasks of this phase; `-` stands for none
    phase: Option<String>,
    /// At most so many
    limit: Option<usize>,
}

/// The tasks of a plan, narrowed down
#[utoipa::path(get, path = "/plans/{plan}/tasks", tag = "plans",
    params(("plan" = String, Path, description = "Key or id"), Narrowed),
    responses(
        (status = 200, description = "As `countersign list --json` prints it", body = ref("#/components/schemas/List")),
    ),
    security(("token" = ["plans:read"]))
)]
async fn list(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    narrowed: Result<Query<Narrowed>, QueryRejection>,
) -> Answered<Body> {
    let Query(narrowed) = narrowed?;
    let words = narrowed.state.as_deref().unwrap_or_default();
    let states = words.split(',').map(str::trim).filter(|word| !word.is_empty()).map(|word| {
        Wanted::parse(word).ok_or_else(|| {
            Problem::invalid("state", format!("there is no state `{word}`"))
                .hint(format!("one of `{}`", Wanted::WORDS.join("`, `")))
        })
    });
    let filter = Filter {
        states: states.collect::<Answered<_>>()?,
        kinds: Vec::new(),
        owner: narrowed.owner,
        phase: narrowed.phase,
        text: narrowed.text,
        limit: narrowed.limit,
    };
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            Ok(Body::of(&listed(&service.look(&plan), &filter))?.after(plan.seq))
        })
        .await
}

/// A task in full: state, needs, checks with evidence, waivers, history
#[utoipa::path(get, path = "/plans/{plan}/tasks/{key}", tag = "plans",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    responses(
        (status = 200, description = "As `countersign show KEY --json` prints it", body = ref("#/components/schemas/Show")),
    ),
    security(("token" = ["plans:read"]))
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let task = find_task(&plan, &key)?.id;
            let mut history = TaskHistory::of(&plan, task);
            let ids = history.ids();
            service
                .desk()
                .visit_naming(plan.id, &ids, &mut |recorded| history.see(&Record::from(recorded)))?;
            let look = service.look(&plan);
            let shown =
                shown(&look, task, history.into_entries()).ok_or_else(|| task_not_found(&plan, &key))?;
            Ok(Body::of(&shown)?.after(plan.seq))
        })
        .await
}

/// Why a task is not ready, down to the last reason
#[utoipa::path(get, path = "/plans/{plan}/tasks/{key}/why", tag = "plans",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    responses(
        (status = 200, description = "As `countersign why KEY --json` prints it", body = ref("#/components/schemas/Why")),
    ),
    security(("token" = ["plans:read"]))
)]
async fn why(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let task = find_task(&plan, &key)?.id;
            let look = service.look(&plan);
            let why = reasons(&look, task).ok_or_else(|| task_not_found(&plan, &key))?;
            Ok(Body::of(&why)?.after(plan.seq))
        })
        .await
}

/// What is done to a task.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Action {
    /// Begin it.
    Start,
    /// Say that it is done; evidence or a person countersigns it.
    Claim,
    /// Report an obstacle.
    Block {
        /// What stands in the way.
        reason: String,
    },
    /// Lift its obstacles.
    Unblock,
    /// Give it up.
    Drop {
        /// Why.
        reason: String,
    },
    /// Say that it is not done after all.
    Reopen {
        /// Why.
        reason: String,
    },
    /// Remark something.
    Note {
        /// The text.
        text: String,
    },
    /// Take it under a lease.
    Take {
        /// The roles of who takes it; none: any.
        #[serde(default)]
        roles: Vec<String>,
        /// For how long.
        ttl_seconds: Option<u32>,
        /// What is to be written, instead of what is reserved.
        paths: Option<Vec<String>>,
    },
    /// Set paths aside for it, all at once; an empty list frees them.
    Reserve {
        /// Patterns such as `src/**`.
        paths: Vec<String>,
        /// Whether others that say the same may write there too.
        #[serde(default)]
        shared: bool,
    },
    /// Say that its holder is alive.
    Beat,
    /// Give it back.
    Release {
        /// Why.
        #[serde(default)]
        reason: String,
        /// Whether the holder failed at it.
        #[serde(default)]
        failed: bool,
    },
    /// Hand it in for verification.
    Submit {
        /// The commit that holds the work.
        commit: Option<String>,
        /// The files it changed.
        #[serde(default)]
        touched: Vec<String>,
        /// In the worker's words.
        #[serde(default)]
        summary: String,
    },
}

impl Action {
    fn command(self, task: TaskId) -> Command {
        match self {
            Self::Start => Command::Start(task),
            Self::Claim => Command::Claim { task, how: ClaimHow::Verb },
            Self::Block { reason } => Command::Block { task, reason },
            Self::Unblock => Command::Unblock(task),
            Self::Drop { reason } => Command::Drop { task, reason },
            Self::Reopen { reason } => Command::Reopen { task, reason },
            Self::Note { text } => Command::Note { task, text },
            Self::Take { roles, ttl_seconds, paths } => Command::Take(Box::new(Take {
                which: Which::Task(task),
                roles,
                ttl_seconds,
                paths,
                base: None,
            })),
            Self::Reserve { paths, shared } => Command::Reserve { task, paths, shared },
            Self::Beat => Command::Beat(task),
            Self::Release { reason, failed } => {
                let how = if failed { LeaseEnd::Failed } else { LeaseEnd::Released };
                Command::Release { task, how, reason }
            }
            Self::Submit { commit, touched, summary } => Command::Submit { task, commit, touched, summary },
        }
    }
}

/// Begins, claims, blocks, drops, reopens, takes or hands in a task, or sets paths aside for it
///
/// `If-Match` with a plan's `ETag` has it done only where nothing else has happened since; an
/// `Idempotency-Key` has it done once.
#[utoipa::path(post, path = "/plans/{plan}/tasks/{key}", tag = "plans",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    request_body = Action,
    responses(
        (status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody")),
    ),
    security(("token" = ["tasks:work"]))
)]
async fn change(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
    caller: Caller,
    action: Result<Json<Action>, JsonRejection>,
) -> Answered<Body> {
    let Json(action) = action?;
    let name = action.clone().command(TaskId::from_bits(0)).name();
    let find = move |plan: &Plan| Ok(action.clone().command(find_task(plan, &key)?.id));
    common::change(service, plan, caller, (name, find)).await
}
