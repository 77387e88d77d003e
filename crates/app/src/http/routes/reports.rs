//! Reports: named questions about a plan, answered as data, Markdown or one page of HTML.

use std::cell::RefCell;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::desk::Desk as _;
use jiff::{SignedDuration, Timestamp};
use lens::record::Record;
use lens::render::{html, markdown};
use lens::reports::{REPORTS, Records, Views, find};
use lens::views::changes::Mark;
use model::digest::Digest;
use model::fault::Fault;
use model::ids::{PlanId, Seq};
use model::refusal::{ENTRY_NOT_FOUND, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use crate::cli::usage::nearest;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

const MADE_BY: &str = concat!("countersign ", env!("CARGO_PKG_VERSION"));

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(write))
}

/// Every report there is.
#[derive(Debug, Serialize, ToSchema)]
struct ReportList {
    /// In the order they are told.
    reports: Vec<Named>,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
struct Named {
    /// The name people ask for it by.
    name: &'static str,
    /// What it answers.
    about: &'static str,
}

/// Which reports there are
#[utoipa::path(get, path = "/reports", tag = "reports", responses((status = 200, body = ReportList)),
    security(("token" = ["reports:read"]))
)]
async fn list() -> Answered<Body> {
    let reports = REPORTS.iter().map(|report| Named { name: report.name(), about: report.about() });
    Body::of(&ReportList { reports: reports.collect() })
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Data for machines
    #[default]
    Json,
    /// Markdown
    Md,
    /// One page of HTML that needs nothing else
    Html,
}

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// How it is written: `json`, `md` or `html`
    #[param(inline)]
    format: Option<Format>,
    /// As it was right after this event
    #[param(minimum = 1)]
    at: Option<u64>,
    /// Since when `status` tells what changed; a day ago where nothing is said
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// What happened to a plan up to an event. A fault of the journal is kept for whoever asked.
struct Events<'a> {
    service: &'a Service,
    plan: PlanId,
    until: Seq,
    fault: RefCell<Option<Fault>>,
}

impl Records for Events<'_> {
    fn visit(&self, see: &mut dyn FnMut(&Record<'_>)) {
        let visited = self.service.desk().visit(self.plan, &|_| true, &mut |recorded| {
            if recorded.seq <= self.until {
                see(&Record::from(recorded));
            }
        });
        if let Err(fault) = visited {
            self.fault.replace(Some(fault));
        }
    }
}

/// A report about a plan: `completion`, `status` and others
#[utoipa::path(get, path = "/plans/{plan}/reports/{report}", tag = "reports",
    params(("plan" = String, Path, description = "Key or id"), ("report" = String, Path, description = "Its name"), Wanted),
    responses((status = 200, description = "The report", content(
        (Object = "application/json"), (String = "text/markdown"), (String = "text/html"),
    ))),
    security(("token" = ["reports:read"]))
)]
async fn write(
    State(service): State<Arc<Service>>,
    Path((plan, name)): Path<(String, String)>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Answered<Response> {
    let Query(Wanted { format, at, since }) = wanted?;
    let report = find(&name).ok_or_else(|| unknown(&name))?;
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let desk = service.desk();
            let then = match at.map(Seq) {
                None => None,
                Some(seq) if seq.0 == 0 || seq > plan.seq => {
                    return Err(Problem::invalid("at", format!("the plan has no event {seq}"))
                        .hint(format!("events are numbered from 1 to {}", plan.seq)));
                }
                Some(seq) => Some(desk.plan_at(plan.id, seq)?),
            };
            let mut look = service.look(then.as_ref().unwrap_or(&plan));
            if let Some(then) = &then {
                // What was known then is judged by the clock of then.
                look.now = then.at;
            }
            let yesterday = look.now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(look.now);
            let last = look.plan.seq;
            let ending = desk.read(plan.id, Seq(last.0.saturating_sub(1)), 1)?;
            let events = Events { service, plan: plan.id, until: last, fault: RefCell::default() };
            let written = report.write(&Views {
                look,
                digest: ending.first().map_or(Digest::ZERO, |event| event.digest),
                latest: plan.seq,
                since: Mark::At(since.unwrap_or(yesterday)),
                records: &events,
            });
            if let Some(fault) = events.fault.take() {
                return Err(fault.into());
            }
            Ok(match format.unwrap_or_default() {
                Format::Md => text("text/markdown; charset=utf-8", markdown::page(&written.page())),
                Format::Html => text("text/html; charset=utf-8", html::document(&written.page(), MADE_BY)),
                Format::Json => {
                    let mut bytes = Vec::new();
                    // Writing into memory does not fail, and every answer is data.
                    written.json(&mut bytes).map_err(|error| {
                        Fault::new(
                            model::refusal::INTERNAL_FAULT,
                            format!("the report cannot be written: {error}"),
                        )
                    })?;
                    Body::written(bytes).after(last).into_response()
                }
            })
        })
        .await
}

fn text(kind: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn unknown(name: &str) -> Refusal {
    let no = Refusal::new(ENTRY_NOT_FOUND, format!("there is no report `{name}`")).with("report", name);
    match nearest(name, REPORTS.iter().map(|report| report.name())) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no,
    }
}
