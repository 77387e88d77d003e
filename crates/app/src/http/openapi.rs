//! The description of the service: OpenAPI 3.1, for machines as JSON and for people as a page.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use lens::render::html::escape;
use model::refusal::ROUTE_NOT_FOUND;
use utoipa::OpenApi;
use utoipa::openapi::{Info, OpenApi as Description};

use super::guard::doors::{self, Door, Listed};
use super::problem::Problem;
use super::service::Service;
use crate::cli::pages;

/// Where the description is.
pub const DESCRIPTION: &str = "/api/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(tags(
    (name = "plans", description = "Plans and their tasks"),
    (name = "prove", description = "Gates, approvals and waivers"),
    (name = "delivery", description = "How the work gets out: runs, deployments, incidents, and what a forge tells"),
    (name = "reviews", description = "What people are asked to look at, and how they answer"),
    (name = "history", description = "What happened, and what is happening"),
    (name = "stream", description = "Work asked for in words, and its events live"),
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

/// The description as it is committed.
pub fn document() -> String {
    let (_, description) = super::routes::all();
    let mut text = complete(description).to_pretty_json().unwrap_or_default();
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
    let text: Arc<str> = description.to_json().unwrap_or_default().into();
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
         <table><thead><tr><th>Topic<th>Method<th>Path<th>What it does</thead>\n{rows}</table></html>"
    )
}
