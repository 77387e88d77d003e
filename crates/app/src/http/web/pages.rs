//! What each page shows. A page asks views and fills a template; it computes nothing of its own.

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, Query, State};
use engine::desk::Desk as _;
use lens::history::{Entry, TaskHistory};
use lens::look::Look;
use lens::record::Record;
use lens::views::assumptions::assumptions;
use lens::views::board::board as board_of;
use lens::views::entries::{decisions, escalations};
use lens::views::gates::{self as gate_views, gate};
use lens::views::leases::leases;
use lens::views::list::{Filter, list};
use lens::views::log::{Filter as Which, LogView};
use lens::views::metrics::metrics as metrics_of;
use lens::views::plans::plans;
use lens::views::reviews::reviews;
use lens::views::risks::risks as risks_of;
use lens::views::sessions::{agents as agents_of, sessions};
use lens::views::show::show;
use lens::views::verdict::verdict;
use lens::views::waivers::waivers;
use lens::words::count_of;
use model::fault::Fault;
use model::ids::Seq;
use model::refusal::INTERNAL_FAULT;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shown, draw, templates};
use crate::cli::context::{find_task, task_not_found};
use crate::cli::working;
use crate::http::problem::Answered;
use crate::http::service::Service;

/// So many events are on one page of the timeline.
const TIMELINE: usize = 200;

/// So many tasks of a plan a search shows.
const FOUND: usize = 50;

pub(super) type Shared = State<Arc<Service>>;

pub(super) fn page(name: &str, context: Value) -> Answered<String> {
    templates::render(name, &context)
        .map_err(|error| Fault::new(INTERNAL_FAULT, format!("the page could not be made: {error}")).into())
}

pub(super) async fn overview(State(service): Shared, OriginalUri(path): OriginalUri) -> Shown {
    let made = service.run(move |service| {
        let desk = service.desk();
        let mut all = Vec::new();
        for line in desk.plans()? {
            all.push(desk.plan(line.id)?);
        }
        let looks: Vec<_> = all.iter().map(|plan| service.look(plan)).collect();
        let shown = plans(&looks, false, desk.now());
        page(
            "overview.html",
            json!({ "here": "overview", "path": path.to_string(), "plans": shown.plans, "totals": shown.totals  }),
        )
    });
    Shown(made.await)
}

pub(super) async fn board(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let context = json!({
            "here": "board",
            "path": path.to_string(),
            "plan": look.head(),
            "board": board_of(&look),
            "verdict": verdict(&look) });
        page("board.html", context)
    });
    Shown(made.await)
}

pub(super) async fn task(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path((plan, key)): Path<(String, String)>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let id = find_task(&plan, &key)?.id;
        let mut history = TaskHistory::of(&plan, id);
        let ids = history.ids();
        service.desk().visit_naming(plan.id, &ids, &mut |recorded| history.see(&Record::from(recorded)))?;
        let look = service.look(&plan);
        let entries: Vec<Entry> = history.into_entries();
        let shown = show(&look, id, entries).ok_or_else(|| task_not_found(&plan, &key))?;
        let graph = draw::needs(plan.key.as_str(), &shown);
        let context =
            json!({ "here": "board", "path": path.to_string(), "plan": look.head(), "graph": graph, "shown": shown  });
        page("task.html", context)
    });
    Shown(made.await)
}

pub(super) async fn gates(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let rows = gate_views::rows(&look);
        let shown: Vec<Value> = rows
            .iter()
            .filter_map(|row| gate(&look, gate_views::find(&look, &row.name)?))
            .map(|shown| json!({ "row": shown.gate, "checks": shown.checks  }))
            .collect();
        let context = json!({
            "here": "gates",
            "path": path.to_string(),
            "plan": look.head(),
            "gates": shown,
            "waivers": waivers(&look).waivers });
        page("gates.html", context)
    });
    Shown(made.await)
}

pub(super) async fn risks(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let shown = risks_of(&look).risks;
        let grid = draw::grid(&shown);
        page(
            "risks.html",
            json!({
                "here": "risks",
                "path": path.to_string(),
                "plan": look.head(),
                "grid": grid,
                "risks": shown,
                "escalations": escalations(&look).escalations,
                "decisions": decisions(&look).decisions,
                "assumptions": assumptions(&look).assumptions,
            }),
        )
    });
    Shown(made.await)
}

pub(super) async fn metrics(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let shown = metrics_of(&look).metrics;
        let context =
            json!({ "here": "metrics", "path": path.to_string(), "plan": look.head(), "metrics": shown });
        page("metrics.html", context)
    });
    Shown(made.await)
}

/// Which part of the timeline.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    before: Option<u64>,
}

pub(super) async fn timeline(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Path(plan): Path<String>,
    Query(part): Query<Part>,
) -> Shown {
    let made = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let look = service.look(&plan);
        let end = part.before.unwrap_or(plan.seq.0 + 1).min(plan.seq.0 + 1);
        let after = end.saturating_sub(TIMELINE as u64 + 1);
        let filter = Which { after: Some(Seq(after)), last: None, ..Which::default() };
        let mut view = LogView::new(&look, filter);
        service.desk().visit(plan.id, &|_| true, &mut |recorded| {
            if recorded.seq.0 < end {
                view.see(&Record::from(recorded));
            }
        })?;
        let older = (after > 0).then_some(after + 1);
        let context = json!({
            "here": "timeline",
            "path": path.to_string(),
            "plan": look.head(),
            "entries": view.answer().entries,
            "older": older });
        page("timeline.html", context)
    });
    Shown(made.await)
}

pub(super) async fn agents(State(service): Shared, OriginalUri(path): OriginalUri) -> Shown {
    let made = service.run(move |service| {
        let desk = service.desk();
        let commons = desk.commons()?;
        let mut held = Vec::new();
        for line in desk.plans()? {
            let plan = desk.plan(line.id)?;
            for lease in leases(&service.look(&plan)).leases {
                held.push(json!({ "plan": plan.key.as_str(), "lease": lease  }));
            }
        }
        let context = json!({
            "here": "agents",
            "path": path.to_string(),
            "agents": agents_of(&commons, working::present(&service.store)).agents,
            "sessions": sessions(&commons, working::present(&service.store), false).sessions,
            "leases": held });
        page("agents.html", context)
    });
    Shown(made.await)
}

pub(super) async fn audit(State(service): Shared, OriginalUri(path): OriginalUri) -> Shown {
    let made = service.run(move |service| {
        let desk = service.desk();
        let audited = desk.audit(&[])?;
        let events = usize::try_from(audited.events).unwrap_or(usize::MAX);
        let summary = if audited.is_whole() {
            format!(
                "The chain is whole: {}, {}, {}.",
                count_of(audited.plans, "plan"),
                count_of(events, "event"),
                count_of(audited.blobs, "blob")
            )
        } else {
            format!("The chain does not hold: {}.", count_of(audited.findings.len(), "finding"))
        };
        let lines = desk.plans()?;
        let heads: Vec<Value> = desk
            .journal()
            .heads()?
            .iter()
            .filter(|head| !head.removed)
            .map(|head| {
                let line = lines.iter().find(|line| line.id == head.plan);
                let name = line.map_or("the store itself", |line| line.key.as_str());
                json!({ "name": name, "seq": head.seq.0, "digest": head.digest.to_string()  })
            })
            .collect();
        let findings: Vec<String> = audited.findings.iter().map(ToString::to_string).collect();
        page(
            "audit.html",
            json!({ "here": "audit", "path": path.to_string(), "whole": audited.is_whole(), "summary": summary, "findings": findings, "heads": heads  }),
        )
    });
    Shown(made.await)
}

/// What of a plan mentions something: tasks, risks, gates and review tickets.
fn found_in(look: &Look<'_>, wanted: &str, filter: &Filter) -> Option<Value> {
    let wanted = wanted.to_lowercase();
    let says = |texts: &[&str]| texts.iter().any(|text| text.to_lowercase().contains(&wanted));
    let tasks = list(look, filter).tasks;
    let mut risks = risks_of(look).risks;
    risks.retain(|risk| says(&[risk.key, risk.title, risk.mitigation.unwrap_or_default()]));
    let mut gates = gate_views::rows(look);
    gates.retain(|gate| says(&[&gate.name]));
    let mut tickets = reviews(std::slice::from_ref(look), None).reviews;
    tickets
        .retain(|ticket| says(&[&ticket.summary]) || ticket.notes.iter().any(|note| says(&[&note.content])));
    let nothing = tasks.is_empty() && risks.is_empty() && gates.is_empty() && tickets.is_empty();
    (!nothing).then(
        || json!({ "plan": look.head(), "tasks": tasks, "risks": risks, "gates": gates, "tickets": tickets }),
    )
}

/// What is looked for.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

pub(super) async fn search(
    State(service): Shared,
    OriginalUri(path): OriginalUri,
    Query(Wanted { q }): Query<Wanted>,
) -> Shown {
    let made = service.run(move |service| {
        let desk = service.desk();
        let wanted = q.trim();
        let mut all = Vec::new();
        for line in desk.plans()? {
            all.push(desk.plan(line.id)?);
        }
        let filter = Filter { text: Some(wanted.to_owned()), limit: Some(FOUND), ..Filter::default() };
        let looks: Vec<_> =
            all.iter().filter(|_| !wanted.is_empty()).map(|plan| service.look(plan)).collect();
        let found: Vec<Value> = looks.iter().filter_map(|look| found_in(look, wanted, &filter)).collect();
        page(
            "search.html",
            json!({ "here": "search", "path": path.to_string(), "query": wanted, "found": found  }),
        )
    });
    Shown(made.await)
}
