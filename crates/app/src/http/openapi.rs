//! The description of the service: OpenAPI 3.1, for machines as JSON and for people as a page.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use lens::render::html::escape;
use model::refusal::ROUTE_NOT_FOUND;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::{Info, OpenApi as Description};

use super::caller::{ACTOR, FENCE, IDEMPOTENCY_KEY, LONGEST_KEY, SESSION};
use super::guard::doors::{self, Door, Listed};
use super::problem::Problem;
use super::service::Service;
use crate::cli::pages;

/// Where the description is.
pub const DESCRIPTION: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(components(schemas(Problem)), tags(
    (name = "plans", description = "Plans and their tasks"),
    (name = "prove", description = "Gates, approvals and waivers"),
    (name = "delivery", description = "How the work gets out: runs, deployments, incidents, and what a forge tells"),
    (name = "registers", description = "Risks, decisions, escalations, assumptions, actions, metrics"),
    (name = "agents", description = "Who works, in which session, and what they hold"),
    (name = "shared", description = "Values and messages that agents and people share"),
    (name = "reports", description = "Named questions about a plan, answered as data, Markdown or HTML"),
    (name = "reviews", description = "What people are asked to look at, and how they answer"),
    (name = "history", description = "What happened, and what is happening"),
    (name = "stream", description = "Work asked for in words, and its events live: over server-sent events as described here, and over Socket.IO, which this format cannot describe. At `/socket.io/` a client says `subscribe` and is told each event as `task-event`; docs/guide/task-stream.md shows it."),
    (name = "operate", description = "The service itself"),
))]
struct Base;

/// The description's beginning, without paths.
pub fn base() -> Description {
    Base::openapi()
}

/// The description with what stands above every path.
pub fn complete(mut description: Description) -> Description {
    let mut info = Info::new("Countersign", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Runs a written plan and lets nothing count as done until evidence countersigns it. Answers have \
         the shapes that `countersign --json` prints; refusals are problem details with the same codes."
            .to_owned(),
    );
    info.license = Some(utoipa::openapi::License::new("Apache-2.0"));
    description.info = info;
    doors::describe(&mut description);
    description
}

/// The shapes of answers, made from their source by `cargo xtask gen`.
const ANSWERS: &str = include_str!("answers.json");

/// The description as it is published: with the shapes of answers, and with how each path says no.
pub fn described(description: &Description) -> Value {
    let mut told = serde_json::to_value(description).unwrap_or_default();
    let answers: Map<String, Value> = serde_json::from_str(ANSWERS).unwrap_or_default();
    add_shapes(&mut told, answers);
    told["components"]["responses"]["Problem"] = json!({
        "description": "Why not, as problem details",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    for (name, header) in headers() {
        told["components"]["parameters"][name] = header;
    }
    for item in told["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            say_no(method, operation);
            take_headers(method, operation);
        }
    }
    told
}

/// What may come with every change, by the name it is referred to.
fn headers() -> [(&'static str, Value); 5] {
    let header = |name: &HeaderName, about: &str, schema: Value| json!({ "name": name.as_str(), "in": "header", "description": about, "schema": schema });
    [
        (
            "IfMatch",
            header(
                &header::IF_MATCH,
                "The `ETag` of a plan as the sender saw it: where more has happened since, nothing is done and \
                 the answer is 412",
                json!({ "type": "string", "pattern": "^(\\*|\"[0-9]{1,18}\")$", "example": "\"12\"" }),
            ),
        ),
        (
            "IdempotencyKey",
            header(
                &IDEMPOTENCY_KEY,
                "The sender's own id for the change: sent again under the same id it is done once, and answered \
                 as the first time",
                json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_KEY }),
            ),
        ),
        (
            "Actor",
            header(
                &ACTOR,
                "Who acts, where nobody has to show who they are: a person's name, or `agent:NAME`. Beside a \
                 token it says nothing",
                json!({ "type": "string", "example": "agent:coder" }),
            ),
        ),
        (
            "Session",
            header(
                &SESSION,
                "The session an agent acts in; its own name where none is named",
                json!({ "type": "string" }),
            ),
        ),
        (
            "Fence",
            header(
                &FENCE,
                "The grant an agent works under: where its lease was lost meanwhile, nothing is done",
                json!({ "type": "integer", "format": "int64", "minimum": 0 }),
            ),
        ),
    ]
}

/// Says what may come with a change. One that is signed comes from a forge, which says nothing else.
fn take_headers(method: &str, operation: &mut Value) {
    let signed = operation["security"][0].get(doors::SIGNATURE).is_some();
    if method == "get" || signed {
        return;
    }
    let named = headers().map(|(name, _)| json!({ "$ref": format!("#/components/parameters/{name}") }));
    let Some(operation) = operation.as_object_mut() else { return };
    if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        parameters.extend(named);
    }
}

/// Adds the shapes that are referred to, and those they refer to.
fn add_shapes(told: &mut Value, mut answers: Map<String, Value>) {
    let mut wanted = Vec::new();
    references(told, &mut wanted);
    while let Some(name) = wanted.pop() {
        if let Some(shape) = answers.remove(&name) {
            references(&shape, &mut wanted);
            told["components"]["schemas"][name] = shape;
        }
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let named = fields.get("$ref").and_then(Value::as_str);
            found.extend(
                named.and_then(|named| named.strip_prefix("#/components/schemas/")).map(str::to_owned),
            );
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// How an operation may be refused: what its kind makes likely by name, and everything else at once.
fn say_no(method: &str, operation: &mut Value) {
    let asks_for = |name: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|list| list.iter().any(|parameter| parameter["in"] == name))
    };
    let (of_something, narrowed) = (asks_for("path"), asks_for("query"));
    let has_body = operation.get("requestBody").is_some();
    let is_open = operation["security"][0].as_object().is_none_or(Map::is_empty);
    let mut codes: Vec<&str> = Vec::new();
    codes.extend((!is_open).then_some(["401", "403"]).into_iter().flatten());
    codes.extend(of_something.then_some("404"));
    codes.extend((method != "get").then_some(["409", "412"]).into_iter().flatten());
    codes.extend(has_body.then_some(["413", "415"]).into_iter().flatten());
    codes.extend((has_body || narrowed || of_something).then_some("422"));
    codes.extend(operation.get("x-limit").map(|_| "429"));
    codes.push("default");
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for code in codes {
        let problem = || json!({ "$ref": "#/components/responses/Problem" });
        responses.entry(code).or_insert_with(problem);
    }
}

/// The description as it is committed.
pub fn document() -> String {
    let (_, description) = super::routes::all();
    let mut text = serde_json::to_string_pretty(&described(&complete(description))).unwrap_or_default();
    text.push('\n');
    text
}

/// What these pages ask for: nothing, for they tell nothing of any plan.
pub const DOORS: [Listed; 3] = [
    (Method::GET, DESCRIPTION, Door::PUBLIC),
    (Method::GET, DOCS, Door::PUBLIC),
    (Method::GET, "/errors/{page}", Door::PUBLIC),
];

/// Where people read it.
const DOCS: &str = "/api/v1/docs";

/// Where it can be read.
pub fn routes(description: Description) -> Router<Arc<Service>> {
    let text: Arc<str> = described(&description).to_string().into();
    let page: Arc<str> = page(&description).into();
    Router::new()
        .route(
            DESCRIPTION,
            get(move || async move { ([("content-type", "application/json")], text.to_string()) }),
        )
        .route("/errors/{page}", get(explain))
        .route(DOCS, get(move || async move { Html(page.to_string()) }))
}

/// What a code means: where the `type` of a problem leads.
async fn explain(Path(name): Path<String>) -> Result<impl IntoResponse, Problem> {
    let page = pages::page(&name.replacen('-', "/", 1)).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, ROUTE_NOT_FOUND, format!("there is no page on `{name}`"))
    })?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], page))
}

/// Every path on one page that needs nothing else.
fn page(description: &Description) -> String {
    let mut rows = String::new();
    let described = serde_json::to_value(description).unwrap_or_default();
    let paths = described["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let (Some(about), tag) = (operation["summary"].as_str(), operation["tags"][0].as_str()) else {
                continue;
            };
            rows.push_str(&format!(
                "<tr><td>{}</td><td><code>{}</code></td><td><code>{}</code></td><td>{}</td></tr>\n",
                escape(tag.unwrap_or_default()),
                escape(&method.to_uppercase()),
                escape(path),
                escape(about)
            ));
        }
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Countersign API</title>\
         <meta name=viewport content='width=device-width'><link rel=icon href=/assets/mark.svg type=image/svg+xml>\
         <h1>Countersign API</h1><p>The whole description: <a href='{DESCRIPTION}'>openapi.json</a></p>\
         <p>Live events come over server-sent events (<code>GET /api/v1/events</code>, \
         <code>GET /api/v1/tasks/{{id}}/events</code>) and over Socket.IO at <code>{}</code>, event \
         <code>task-event</code>.</p>\
         <table><thead><tr><th>Topic<th>Method<th>Path<th>What it does</thead>\n{rows}</table></html>",
        super::stream::socket::PATH
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_referred_to_is_described_once() {
        let (_, description) = crate::http::routes::all();
        let own = serde_json::to_value(&description).expect("JSON");
        let answers: Map<String, Value> = serde_json::from_str(ANSWERS).expect("made by `cargo xtask gen`");
        let own = own["components"]["schemas"].as_object().expect("shapes of requests");
        let both: Vec<&String> = own.keys().filter(|name| answers.contains_key(*name)).collect();
        assert!(both.is_empty(), "{both:?} are names of answers already");
        let told = described(&complete(description));
        let mut named = Vec::new();
        references(&told, &mut named);
        let known = told["components"]["schemas"].as_object().expect("shapes");
        let missing: Vec<&String> = named.iter().filter(|name| !known.contains_key(*name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_operation_says_how_it_says_no() {
        let (_, description) = crate::http::routes::all();
        let told = described(&complete(description));
        let risk = &told["paths"]["/api/v1/plans/{plan}/risks"]["post"]["responses"];
        for code in ["200", "401", "403", "404", "409", "412", "413", "415", "422", "default"] {
            assert!(risk.get(code).is_some(), "{code}: {risk}");
        }
        let taken = told["paths"]["/api/v1/plans/{plan}/risks"]["post"]["parameters"].to_string();
        for name in ["IfMatch", "IdempotencyKey", "Actor", "Session", "Fence"] {
            assert!(taken.contains(&format!("#/components/parameters/{name}")), "{name}: {taken}");
            assert!(told["components"]["parameters"][name]["schema"].is_object(), "{name}");
        }
        let signed = &told["paths"]["/api/v1/plans/{plan}/webhooks/github"]["post"]["parameters"];
        assert!(!signed.to_string().contains("IfMatch"), "{signed}");
        let alive = &told["paths"]["/healthz"]["get"]["responses"];
        assert!(alive.get("401").is_none() && alive.get("default").is_some(), "{alive}");
    }
}
