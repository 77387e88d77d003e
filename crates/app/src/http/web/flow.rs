//! How the work gets out: what runs of continuous integration take, pass and flake; what was deployed,
//! and what was broken meanwhile.

use axum::extract::{OriginalUri, Path, State};
use lens::views::ci::{ci as ci_of, latest_runs};
use lens::views::delivery::{delivery as delivery_of, deploy_days};
use serde_json::{Value, json};

use super::Shown;
use super::draw::flow;
use super::pages::{Shared, page};

/// So many deployments are listed.
const DEPLOYMENTS: usize = 30;

pub(super) async fn ci(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let shown = ci_of(&look);
        let workflows: Vec<Value> = shown
            .workflows
            .iter()
            .map(|row| {
                let mut runs = latest_runs(&look, row.workflow, flow::MOST_RUNS);
                let chart = flow::durations(&runs, shown.budget_seconds);
                runs.reverse();
                json!({ "row": row, "chart": chart, "runs": runs })
            })
            .collect();
        let context = json!({
            "here": "ci",
            "path": path.to_string(),
            "plan": look.head(),
            "budget": shown.budget_seconds,
            "workflows": workflows,
        });
        page("ci.html", context)
    });
    Shown(made.await)
}

pub(super) async fn delivery(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let shown = delivery_of(&look);
        let days = deploy_days(&look);
        let latest = &shown.deployments[..shown.deployments.len().min(DEPLOYMENTS)];
        let context = json!({
            "here": "delivery",
            "path": path.to_string(),
            "plan": look.head(),
            "figures": shown.last_30d,
            "days": flow::deployments(&days),
            "deployments": latest,
            "more": shown.deployments.len() - latest.len(),
            "broken": flow::incidents(&shown.incidents),
            "incidents": shown.incidents,
        });
        page("delivery.html", context)
    });
    Shown(made.await)
}
