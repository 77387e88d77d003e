//! Plans: the roll-up over all of them, and the board, the verdict and the reports of each.

use std::sync::Arc;

use axum::extract::{Path, State};
use engine::desk::Desk as _;
use lens::views::board::board;
use lens::views::plans::plans as over_all;
use lens::views::verdict::verdict;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use crate::http::problem::Answered;
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(judge))
}

/// Every plan, with how far it is
#[utoipa::path(get, path = "/plans", tag = "plans", responses(
    (status = 200, description = "As `countersign list --all-plans --json` prints it", body = ref("#/components/schemas/Plans")),
),
    security(("token" = ["plans:read"]))
)]
async fn list(State(service): State<Arc<Service>>) -> Answered<Body> {
    service
        .run(|service| {
            let desk = service.desk();
            let mut plans = Vec::new();
            for line in desk.plans()? {
                plans.push(desk.plan(line.id)?);
            }
            let looks: Vec<_> = plans.iter().map(|plan| service.look(plan)).collect();
            Body::of(&over_all(&looks, false, desk.now()))
        })
        .await
}

/// A plan's board: how every task stands
#[utoipa::path(get, path = "/plans/{plan}", tag = "plans", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "The board", body = ref("#/components/schemas/Board")),
),
    security(("token" = ["plans:read"]))
)]
async fn show(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            Body::of(&board(&service.look(&plan))).map(|body| body.after(plan.seq))
        })
        .await
}

/// Whether the plan is verified, done as claimed, or not complete, and why
#[utoipa::path(get, path = "/plans/{plan}/verdict", tag = "plans", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "The verdict", body = ref("#/components/schemas/Verdict")),
),
    security(("token" = ["plans:read"]))
)]
async fn judge(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            Body::of(&verdict(&service.look(&plan))).map(|body| body.after(plan.seq))
        })
        .await
}
