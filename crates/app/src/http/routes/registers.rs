//! Registers of a plan: risks, decisions, escalations, assumptions, action items and metrics.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use lens::views::assumptions::assumptions;
use lens::views::entries::{decisions, escalations};
use lens::views::metrics::metrics;
use lens::views::risks::risks;
use model::command::Command;
use model::draft::{MetricRole, Owner, OwnerRole, TaskKind};
use model::facts::Fact;
use model::ids::{Key, TaskId};
use model::plan::Plan;
use model::refusal::{ENTRY_NOT_FOUND, Refusal};
use model::registers::{EntryDetails, RiskDetails};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::{act, ask};
use crate::cli::context::find_task;
use crate::cli::values;
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list_risks, add_risk))
        .routes(routes!(change_risk))
        .routes(routes!(list_decisions, decide))
        .routes(routes!(list_escalations, escalate))
        .routes(routes!(resolve))
        .routes(routes!(list_assumptions, assume))
        .routes(routes!(check_assumption))
        .routes(routes!(add_action))
        .routes(routes!(list_metrics))
        .routes(routes!(record, target))
}

fn key(text: &str) -> Answered<Key> {
    Key::new(text).map_err(|bad| Problem::invalid("key", bad.to_string()))
}

fn tasks_of(plan: &Plan, keys: &[String]) -> Answered<Vec<TaskId>> {
    keys.iter().map(|key| Ok(find_task(plan, key)?.id)).collect()
}

fn unknown(what: &str, named: &str) -> Problem {
    Refusal::new(ENTRY_NOT_FOUND, format!("there is no {what} `{named}`")).with(what, named).into()
}

/// The risks of a plan
#[utoipa::path(get, path = "/plans/{plan}/risks", tag = "registers", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/Risks")),
), security(("token" = ["plans:read"])))]
async fn list_risks(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&risks(look))).await
}

/// What may happen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RiskBody {
    /// One line; where a risk is changed, what it was stays where nothing is said.
    title: Option<String>,
    /// Its key, where it is new; one is made where none is given.
    key: Option<String>,
    /// How likely it is.
    probability: Option<String>,
    /// How bad it would be.
    impact: Option<String>,
    /// Where it stands: `open`, `Yellow`, `closed`.
    status: Option<String>,
    /// Where it is going: `trending Green`.
    trend: Option<String>,
    /// Who watches it.
    owner: Option<String>,
    /// What is done about it.
    mitigation: Option<String>,
    /// When it is raised, and to whom.
    escalation: Option<String>,
    /// The keys of tasks that mitigate it.
    #[serde(default)]
    tasks: Vec<String>,
}

impl RiskBody {
    fn details(self, plan: &Plan) -> Answered<RiskDetails> {
        Ok(RiskDetails {
            tasks: tasks_of(plan, &self.tasks)?,
            title: self.title.unwrap_or_default(),
            probability: self.probability,
            impact: self.impact,
            status: self.status,
            trend: self.trend,
            owner: self.owner,
            mitigation: self.mitigation,
            escalation: self.escalation,
        })
    }
}

/// Adds a risk
#[utoipa::path(post, path = "/plans/{plan}/risks", tag = "registers", params(("plan" = String, Path, description = "Key or id")),
    request_body = RiskBody,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn add_risk(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    body: Result<Json<RiskBody>, JsonRejection>,
) -> Answered<Body> {
    let Json(body) = body?;
    if body.title.as_deref().is_none_or(|title| title.trim().is_empty()) {
        return Err(Problem::invalid("title", "a new risk needs a title"));
    }
    let key = body.key.as_deref().map(key).transpose()?;
    act(service, plan, caller, move |plan| Ok(Command::AddRisk { key, details: body.details(plan)? })).await
}

/// Changes a risk; what is not named stays
#[utoipa::path(post, path = "/plans/{plan}/risks/{risk}", tag = "registers", params(("plan" = String, Path, description = "Key or id"), ("risk" = String, Path, description = "Its key")),
    request_body = RiskBody,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn change_risk(
    State(service): State<Arc<Service>>,
    Path((plan, risk)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<RiskBody>, JsonRejection>,
) -> Answered<Body> {
    let Json(body) = body?;
    if body.key.is_some() {
        return Err(Problem::invalid("key", "the key of a risk stays as it is"));
    }
    act(service, plan, caller, move |plan| {
        let known = plan.risks.iter().find(|known| known.key.as_str().eq_ignore_ascii_case(&risk));
        let key = known.ok_or_else(|| unknown("risk", &risk))?.key.clone();
        Ok(Command::ChangeRisk { key, details: body.details(plan)? })
    })
    .await
}

/// What was decided
#[utoipa::path(get, path = "/plans/{plan}/decisions", tag = "registers", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/Decisions")),
), security(("token" = ["plans:read"])))]
async fn list_decisions(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&decisions(look))).await
}

/// What is decided or escalated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EntryBody {
    /// The text.
    text: String,
    /// Its key.
    key: Option<String>,
    /// Whose it is.
    owner: Option<String>,
    /// By when, in the words of the plan.
    due: Option<String>,
    /// Whether it holds only if something else happens.
    #[serde(default)]
    conditional: bool,
    /// Who approved it, as far as is known here.
    #[serde(default)]
    approvals: Vec<String>,
}

impl EntryBody {
    fn details(self) -> Answered<EntryDetails> {
        Ok(EntryDetails {
            key: self.key.as_deref().map(key).transpose()?,
            text: self.text,
            owner: self.owner,
            due: self.due.as_deref().map(values::due),
            conditional: self.conditional,
            approvals: self.approvals,
        })
    }
}

/// Records a decision
#[utoipa::path(post, path = "/plans/{plan}/decisions", tag = "registers", params(("plan" = String, Path, description = "Key or id")),
    request_body = EntryBody,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn decide(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    body: Result<Json<EntryBody>, JsonRejection>,
) -> Answered<Body> {
    let entry = body?.0.details()?;
    act(service, plan, caller, move |_| Ok(Command::Decide(entry))).await
}

/// What was escalated, and how it ended
#[utoipa::path(get, path = "/plans/{plan}/escalations", tag = "registers", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/Escalations")),
), security(("token" = ["plans:read"])))]
async fn list_escalations(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&escalations(look))).await
}

/// What is escalated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EscalationBody {
    /// The text.
    text: String,
    /// The key of the task it is about; its review ticket takes it up.
    task: Option<String>,
    /// Its key.
    key: Option<String>,
    /// Whose it is.
    owner: Option<String>,
    /// By when, in the words of the plan.
    due: Option<String>,
}

/// Escalates something
#[utoipa::path(post, path = "/plans/{plan}/escalations", tag = "registers", params(("plan" = String, Path, description = "Key or id")),
    request_body = EscalationBody,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn escalate(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    body: Result<Json<EscalationBody>, JsonRejection>,
) -> Answered<Body> {
    let Json(EscalationBody { text, task, key, owner, due }) = body?;
    let entry = EntryBody { text, key, owner, due, conditional: false, approvals: Vec::new() }.details()?;
    act(service, plan, caller, move |plan| {
        let task = task.map(|key| find_task(plan, &key).map(|task| task.id)).transpose()?;
        Ok(Command::Escalate { entry, task })
    })
    .await
}

/// How something ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Ending {
    /// In a sentence.
    outcome: String,
}

/// Records how an escalation ended
#[utoipa::path(post, path = "/plans/{plan}/escalations/{escalation}", tag = "registers", params(("plan" = String, Path, description = "Key or id"), ("escalation" = String, Path, description = "Its id or key")),
    request_body = Ending,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn resolve(
    State(service): State<Arc<Service>>,
    Path((plan, escalation)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<Ending>, JsonRejection>,
) -> Answered<Body> {
    let Json(Ending { outcome }) = body?;
    act(service, plan, caller, move |plan| {
        let is_it = |known: &&model::registers::Escalation| {
            let keyed = known.entry.key.as_ref().is_some_and(|key| key.as_str() == escalation);
            keyed || known.id.to_string() == escalation
        };
        let known = plan.escalations.iter().find(is_it).ok_or_else(|| unknown("escalation", &escalation))?;
        Ok(Command::ResolveEscalation { escalation: known.id, outcome })
    })
    .await
}

/// What is assumed, and whether it holds
#[utoipa::path(get, path = "/plans/{plan}/assumptions", tag = "registers", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/Assumptions")),
), security(("token" = ["plans:read"])))]
async fn list_assumptions(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&assumptions(look))).await
}

/// What is assumed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssumptionBody {
    /// The text.
    text: String,
}

/// Records an assumption
#[utoipa::path(post, path = "/plans/{plan}/assumptions", tag = "registers", params(("plan" = String, Path, description = "Key or id")),
    request_body = AssumptionBody,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn assume(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    body: Result<Json<AssumptionBody>, JsonRejection>,
) -> Answered<Body> {
    let Json(AssumptionBody { text }) = body?;
    act(service, plan, caller, move |_| Ok(Command::Assume(text))).await
}

/// Whether an assumption holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Holds {
    /// Whether it does.
    holds: bool,
}

/// Says whether an assumption holds
#[utoipa::path(post, path = "/plans/{plan}/assumptions/{assumption}", tag = "registers", params(("plan" = String, Path, description = "Key or id"), ("assumption" = String, Path, description = "Its id")),
    request_body = Holds,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn check_assumption(
    State(service): State<Arc<Service>>,
    Path((plan, assumption)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<Holds>, JsonRejection>,
) -> Answered<Body> {
    let Json(Holds { holds }) = body?;
    act(service, plan, caller, move |plan| {
        let known = plan.assumptions.iter().find(|known| known.id.to_string() == assumption);
        let known = known.ok_or_else(|| unknown("assumption", &assumption))?;
        Ok(Command::CheckAssumption { assumption: known.id, holds })
    })
    .await
}

/// Something that is to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActionBody {
    /// One line.
    title: String,
    /// Its key; one is made where none is given.
    key: Option<String>,
    /// Who does it.
    owner: Option<String>,
    /// When it is due.
    due: Option<String>,
    /// The keys of tasks that must be done first.
    #[serde(default)]
    needs: Vec<String>,
}

/// Adds an action item
#[utoipa::path(post, path = "/plans/{plan}/actions", tag = "registers", params(("plan" = String, Path, description = "Key or id")),
    request_body = ActionBody,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn add_action(
    State(service): State<Arc<Service>>,
    Path(plan): Path<String>,
    caller: Caller,
    body: Result<Json<ActionBody>, JsonRejection>,
) -> Answered<Body> {
    let Json(ActionBody { title, key: named, owner, due, needs }) = body?;
    let key = named.as_deref().map(key).transpose()?;
    let mut facts = Vec::new();
    facts.extend(owner.map(|name| Fact::Owner(Box::new(Owner { name, role: OwnerRole::Primary }))));
    facts.extend(due.map(|due| Fact::Due(Box::new(values::due(&due)))));
    act(service, plan, caller, move |plan| {
        let needs = tasks_of(plan, &needs)?;
        Ok(Command::AddTask { kind: TaskKind::Action, key, title, needs, facts })
    })
    .await
}

/// What is measured: baseline, latest reading, target
#[utoipa::path(get, path = "/plans/{plan}/metrics", tag = "registers", params(("plan" = String, Path, description = "Key or id")), responses(
    (status = 200, description = "As the verb of that name prints it", body = ref("#/components/schemas/Metrics")),
), security(("token" = ["plans:read"])))]
async fn list_metrics(State(service): State<Arc<Service>>, Path(plan): Path<String>) -> Answered<Body> {
    ask(service, plan, |look| Body::of(&metrics(look))).await
}

/// What was measured.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reading {
    /// The number.
    value: f64,
    /// Its unit.
    unit: Option<String>,
    /// Where it was read: a command and commit, or a file; by default, whoever asks.
    source: Option<String>,
    /// Whether it is where the metric stood before the work.
    #[serde(default)]
    baseline: bool,
}

/// Records what was measured
#[utoipa::path(post, path = "/plans/{plan}/metrics/{metric}", tag = "registers", params(("plan" = String, Path, description = "Key or id"), ("metric" = String, Path, description = "Its name")),
    request_body = Reading,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn record(
    State(service): State<Arc<Service>>,
    Path((plan, metric)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<Reading>, JsonRejection>,
) -> Answered<Body> {
    let Json(Reading { value, unit, source, baseline }) = body?;
    let source = source.unwrap_or_else(|| caller.by.actor.to_string());
    let role = baseline.then_some(MetricRole::Baseline);
    act(service, plan, caller, move |_| {
        Ok(Command::RecordReading { name: metric, value, unit, source, role })
    })
    .await
}

/// What a metric must satisfy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Aim {
    /// `< 20`, `>= 80 %`, `93/93`.
    target: String,
    /// Its unit.
    unit: Option<String>,
}

/// Sets what a metric must satisfy; only a person can loosen a target
#[utoipa::path(put, path = "/plans/{plan}/metrics/{metric}", tag = "registers", params(("plan" = String, Path, description = "Key or id"), ("metric" = String, Path, description = "Its name")),
    request_body = Aim,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["plans:write"]))
)]
async fn target(
    State(service): State<Arc<Service>>,
    Path((plan, metric)): Path<(String, String)>,
    caller: Caller,
    body: Result<Json<Aim>, JsonRejection>,
) -> Answered<Body> {
    let Json(Aim { target, unit }) = body?;
    let target = Some(values::target(&target)?);
    act(service, plan, caller, move |_| Ok(Command::DefineMetric { name: metric, unit, target })).await
}
