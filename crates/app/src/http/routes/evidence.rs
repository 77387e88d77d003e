//! Evidence: files that people put beside a task, and checks that are run where the service is.
//!
//! A verdict is never taken in as somebody's word. Where the plan's documents lie beside the service, it
//! runs the checks itself; where they do not, whoever has them runs `countersign verify`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use engine::desk::{Desk as _, Request};
use engine::hands::{Done, Scope};
use lens::views::verdict::verdict;
use model::command::Command;
use model::ids::TaskId;
use model::plan::Plan;
use model::refusal::{CHECK_ERROR, Refusal};
use model::standing::Standing;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use crate::cli::commands::attach::MAX_ATTACHMENT_BYTES;
use crate::cli::context::find_task;
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::wire::ReceiptBody;

/// The most bytes of a file, as of one that `countersign attach` takes in.
const LARGEST: usize = MAX_ATTACHMENT_BYTES as usize;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    let files = OpenApiRouter::new().routes(routes!(attach)).layer(DefaultBodyLimit::max(LARGEST));
    OpenApiRouter::new().merge(files).routes(routes!(verify_task)).routes(routes!(verify))
}

/// Puts a file beside a task as evidence; only a person can
///
/// The body is the file as it is. The journal keeps its digest, and what of it is a secret of a known
/// shape is taken out.
#[utoipa::path(put, path = "/plans/{plan}/tasks/{key}/attachments/{name}", tag = "prove",
    params(
        ("plan" = String, Path, description = "Key or id"),
        ("key" = String, Path, description = "The task's key or id"),
        ("name" = String, Path, description = "What it is called: `report.txt`"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file, at most 64 MiB"),
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn attach(
    State(service): State<Arc<Service>>,
    Path((plan, key, name)): Path<(String, String, String)>,
    caller: Caller,
    file: Result<Bytes, BytesRejection>,
) -> Answered<Body> {
    let file = file.map_err(|no| Problem::new(no.status(), model::refusal::VALUE_INVALID, no.body_text()))?;
    if name.trim().is_empty() {
        return Err(Problem::invalid("name", "a file needs a name"));
    }
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let task = find_task(&plan, &key)?.id;
            let blob = service.desk().blob(&file);
            let size = blob.bytes().len() as u64;
            let command = Command::Attach { task, name: name.trim().to_owned(), blob: blob.digest(), size };
            let word = command.name();
            let request = Request { blobs: vec![blob], ..caller.request() };
            let receipt = service.submit(plan.id, &request, command)?;
            let body = ReceiptBody::of(&receipt, &caller.by, word, &plan, service.store.is_test());
            Ok(Body::of(&body)?.after(receipt.last))
        })
        .await
}

/// What came of running checks.
#[derive(Debug, Serialize, ToSchema)]
struct Checked {
    /// How many checks were run.
    run: usize,
    /// How the tasks that were asked for stand now; of a whole plan, those that were countersigned.
    tasks: Vec<CheckedTask>,
    /// The verdict on the plan: `VERIFIED`, `DONE AS CLAIMED` or `NOT COMPLETE`, and why.
    #[schema(value_type = Object)]
    verdict: Value,
    /// Why nothing of this is believed the next time, where that is so.
    #[schema(required = true)]
    fleeting: Option<String>,
}

/// A task whose checks were run.
#[derive(Debug, Serialize, ToSchema)]
struct CheckedTask {
    /// Its key.
    key: String,
    /// How it stands.
    #[schema(example = "verified")]
    standing: &'static str,
}

impl Checked {
    fn of(service: &Service, plan: &Plan, done: &Done, tasks: &[TaskId]) -> Answered<Body> {
        let look = service.look(plan);
        let found = tasks.iter().filter_map(|id| plan.task(*id));
        let tasks = found.map(|task| CheckedTask {
            key: task.key.to_string(),
            standing: plan.standing(task, look.now).as_str(),
        });
        let told = Self {
            run: done.run,
            tasks: tasks.collect(),
            verdict: serde_json::to_value(verdict(&look)).unwrap_or_default(),
            fleeting: done.fleeting.clone(),
        };
        Ok(Body::of(&told)?.after(plan.seq))
    }
}

fn cut_off() -> Problem {
    Refusal::new(CHECK_ERROR, "the service ended before every check had run").into()
}

/// Runs the checks of a task where the service is, and countersigns it where they let it through
///
/// Answers once they have run. Refused where the plan's documents are not on the service's machine, where
/// nobody has trusted the plan's commands there, or where the task's gate stays shut.
#[utoipa::path(post, path = "/plans/{plan}/tasks/{key}/verify", tag = "prove",
    params(("plan" = String, Path, description = "Key or id"), ("key" = String, Path, description = "The task's key or id")),
    responses((status = 200, description = "It is countersigned", body = Checked)),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn verify_task(
    State(service): State<Arc<Service>>,
    Path((plan, key)): Path<(String, String)>,
    caller: Caller,
) -> Answered<Body> {
    let turn = service.checking.turn().await?;
    let done = service.run(move |service| {
        // The turn is over when the work is, whether or not the client still waits.
        let _turn = turn;
        let plan = service.plan(&plan)?;
        caller.still_sees(&plan)?;
        let task = find_task(&plan, &key)?.id;
        let done = service.checking.run(service, &plan, Scope::Tasks(&[task]))?;
        if done.cancelled {
            return Err(cut_off());
        }
        let plan = service.desk().plan(plan.id)?;
        let standing = plan.task(task).map(|task| plan.standing(task, service.desk().now()));
        if let Some(refusal) = done.refused.first() {
            return Err(refusal.clone().into());
        }
        if !matches!(standing, Some(Standing::Verified | Standing::Waived)) {
            // The rules themselves say why not.
            let inputs = done.inputs;
            service.submit(plan.id, &Request::system(), Command::Verify { task, inputs })?;
        }
        let plan = service.desk().plan(plan.id)?;
        Checked::of(service, &plan, &done, &[task])
    });
    done.await
}

/// Runs every outstanding check of a plan where the service is
///
/// Answers once they have run, whatever came of them: the verdict says what is not proven, and why.
#[utoipa::path(post, path = "/plans/{plan}/verify", tag = "prove",
    params(("plan" = String, Path, description = "Key or id")),
    responses((status = 200, description = "What came of it", body = Checked)),
    security(("token" = ["tasks:work"])),
    extensions(("x-limit" = json!("tasks")))
)]
async fn verify(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
) -> Answered<Body> {
    let turn = service.checking.turn().await?;
    let done = service.run(move |service| {
        let _turn = turn;
        let plan = service.plan(&plan)?;
        caller.still_sees(&plan)?;
        let done = service.checking.run(service, &plan, Scope::Plan)?;
        if done.cancelled {
            return Err(cut_off());
        }
        let plan = service.desk().plan(plan.id)?;
        Checked::of(service, &plan, &done, &done.verified)
    });
    done.await
}
