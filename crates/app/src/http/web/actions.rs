//! What people do on pages: forms, each of them one command for the desk.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::command::Command;
use model::ids::WaiverId;
use model::plan::Plan;
use model::refusal::{Refusal, WAIVER_NOT_FOUND};
use serde::Deserialize;

use super::Shown;
use super::templates::segment;
use crate::cli::context::{find_check, find_subject, find_task};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

type Shared = State<Arc<Service>>;

/// Does something about a plan, and leads back to a page; where it is refused, says why.
async fn act(
    service: Arc<Service>,
    plan: String,
    caller: Caller,
    back: String,
    command: impl FnOnce(&Service, &Plan) -> Answered<Command> + Send + 'static,
) -> Response {
    let done = service.run(move |service| {
        let plan = service.plan(&plan)?;
        let command = command(service, &plan)?;
        service.submit(plan.id, &caller.request(), command)
    });
    match done.await {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(problem) => Shown(Err(problem)).into_response(),
    }
}

/// Where a form leads back to: the page it stands on.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Back {
    #[default]
    Gates,
    Task,
}

impl Back {
    fn path(self, plan: &str, subject: &str) -> String {
        let plan = segment(plan);
        match self {
            Self::Gates => format!("/plans/{plan}/gates"),
            Self::Task => format!("/plans/{plan}/tasks/{}", segment(subject)),
        }
    }
}

/// What is approved.
#[derive(Debug, Deserialize)]
pub(super) struct Approval {
    subject: String,
    check: Option<String>,
    #[serde(default)]
    back: Back,
}

pub(super) async fn approve(
    State(service): Shared,
    Path(plan): Path<String>,
    caller: Caller,
    Form(Approval { subject, check, back }): Form<Approval>,
) -> Response {
    let back = back.path(&plan, &subject);
    act(service, plan, caller, back, move |service, plan| {
        let subject = find_subject(&service.look(plan), &subject)?;
        Ok(Command::Approve { subject, check, role: None })
    })
    .await
}

/// An exception that is asked for, to the end of a day.
#[derive(Debug, Deserialize)]
pub(super) struct Waiver {
    subject: String,
    check: String,
    reason: String,
    until: String,
    #[serde(default)]
    back: Back,
}

pub(super) async fn waive(
    State(service): Shared,
    Path(plan): Path<String>,
    caller: Caller,
    Form(Waiver { subject, check, reason, until, back }): Form<Waiver>,
) -> Response {
    let back = back.path(&plan, &subject);
    act(service, plan, caller, back, move |service, plan| {
        let wrong = |_| Problem::invalid("until", format!("`{until}` is no date such as 2031-05-31"));
        let day: Date = until.parse().map_err(wrong)?;
        let until = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC)).map_err(wrong)?.timestamp();
        let subject = find_subject(&service.look(plan), &subject)?;
        let check = find_check(plan, subject, Some(&check))?.id;
        Ok(Command::Waive { check, reason, until, approve: plan.settings.solo })
    })
    .await
}

pub(super) async fn grant(
    State(service): Shared,
    Path((plan, waiver)): Path<(String, String)>,
    caller: Caller,
) -> Response {
    let back = Back::Gates.path(&plan, "");
    act(service, plan, caller, back, move |_, _| {
        let waiver: WaiverId = waiver
            .parse()
            .map_err(|_| Refusal::new(WAIVER_NOT_FOUND, format!("`{waiver}` is not the id of a waiver")))?;
        Ok(Command::ApproveWaiver(waiver))
    })
    .await
}

/// A remark.
#[derive(Debug, Deserialize)]
pub(super) struct Note {
    text: String,
}

pub(super) async fn note(
    State(service): Shared,
    Path((plan, key)): Path<(String, String)>,
    caller: Caller,
    Form(Note { text }): Form<Note>,
) -> Response {
    let back = Back::Task.path(&plan, &key);
    act(service, plan, caller, back, move |_, plan| {
        let task = find_task(plan, &key)?.id;
        Ok(Command::Note { task, text })
    })
    .await
}
