//! The console: pages for people, made on the server from the same views as every other answer.
//!
//! A page can be read without any script. Where there is one, it listens for news of the journal and
//! has what changed fetched anew. Nothing is loaded from elsewhere: style, script and pictures are part
//! of the program. Forms go through the same desk as every other command.

mod actions;
mod draw;
mod flow;
mod pages;
mod reviews;
pub mod signing;
mod templates;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use lens::render::html::escape;
use model::access::Scope;
use serde_json::json;

use super::guard::Guard;
use super::guard::doors::{Door, Listed};
use super::guard::limits::Class;
use super::problem::Problem;
use super::service::Service;

/// What a browser may load and run: what comes from here.
const POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

/// What answering a review takes.
const ANSWER: Door = Door::of(Scope::ReviewsWrite).counted(Class::Reviews);

/// What asks for more, or less, than the scope to see plans.
pub const DOORS: [Listed; 16] = [
    (Method::GET, "/assets/{name}", Door::PUBLIC),
    (Method::POST, "/plans/{plan}/approve", Door::of(Scope::ReviewsWrite).counted(Class::Reviews)),
    (Method::POST, "/plans/{plan}/waive", Door::of(Scope::PlansWrite).counted(Class::Reviews)),
    (
        Method::POST,
        "/plans/{plan}/waivers/{waiver}/grant",
        Door::of(Scope::PlansWrite).counted(Class::Reviews),
    ),
    (Method::POST, "/plans/{plan}/tasks/{key}/note", Door::of(Scope::TasksWork)),
    (Method::GET, signing::SIGN_IN, Door::PUBLIC),
    // Whoever asks shows who they are in the form itself, and only a session's own browser ends it.
    (Method::POST, signing::SIGN_IN, Door::PUBLIC.counted(Class::SignIns)),
    (Method::POST, signing::SIGN_OUT, Door::PUBLIC.counted(Class::SignIns)),
    (Method::GET, "/plans/{plan}/ci", Door::of(Scope::ReportsRead)),
    (Method::GET, "/plans/{plan}/delivery", Door::of(Scope::ReportsRead)),
    (Method::GET, "/reviews", Door::of(Scope::ReviewsRead)),
    (Method::GET, "/reviews/{ticket}", Door::of(Scope::ReviewsRead)),
    (Method::POST, "/reviews/{ticket}/assign", ANSWER),
    (Method::POST, "/reviews/{ticket}/unassign", ANSWER),
    (Method::POST, "/reviews/{ticket}/note", ANSWER),
    (Method::POST, "/reviews/{ticket}/resolve", ANSWER),
];

/// Every page, action and asset.
pub fn routes(guard: &Arc<Guard>) -> Router<Arc<Service>> {
    Router::new()
        .merge(signing::routes(guard))
        .route("/", get(pages::overview))
        .route("/plans/{plan}", get(pages::board))
        .route("/plans/{plan}/gates", get(pages::gates))
        .route("/plans/{plan}/risks", get(pages::risks))
        .route("/plans/{plan}/metrics", get(pages::metrics))
        .route("/plans/{plan}/ci", get(flow::ci))
        .route("/plans/{plan}/delivery", get(flow::delivery))
        .route("/plans/{plan}/timeline", get(pages::timeline))
        .route("/plans/{plan}/tasks/{key}", get(pages::task))
        .route("/agents", get(pages::agents))
        .route("/audit", get(pages::audit))
        .route("/search", get(pages::search))
        .route("/plans/{plan}/approve", post(actions::approve))
        .route("/plans/{plan}/waive", post(actions::waive))
        .route("/plans/{plan}/waivers/{waiver}/grant", post(actions::grant))
        .route("/plans/{plan}/tasks/{key}/note", post(actions::note))
        .route("/reviews", get(reviews::queue))
        .route("/reviews/{ticket}", get(reviews::ticket))
        .route("/reviews/{ticket}/assign", post(reviews::assign))
        .route("/reviews/{ticket}/unassign", post(reviews::unassign))
        .route("/reviews/{ticket}/note", post(reviews::note))
        .route("/reviews/{ticket}/resolve", post(reviews::resolve))
        .route("/assets/{name}", get(asset))
        .layer(from_fn(signing::dress))
}

/// A page, or why there is none: to a person.
pub struct Shown(Result<String, Problem>);

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let (status, html) = match self.0 {
            Ok(html) => (StatusCode::OK, html),
            Err(problem) => {
                let sorry = templates::render("sorry.html", &json!({ "problem": problem, "path": "/" }));
                (problem.status(), sorry.unwrap_or_else(|_| escape(&problem.to_string())))
            }
        };
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// What pages are drawn with, by name: its kind and its bytes.
const ASSETS: &[(&str, &str, &[u8])] = &[
    ("console.css", "text/css; charset=utf-8", include_bytes!("assets/console.css")),
    ("console.js", "text/javascript; charset=utf-8", include_bytes!("assets/console.js")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("assets/htmx.min.js")),
    ("mark.svg", "image/svg+xml", include_bytes!("assets/mark.svg")),
];

async fn asset(Path(name): Path<String>) -> Response {
    let Some((_, kind, bytes)) = ASSETS.iter().find(|(known, _, _)| *known == name) else {
        return Problem::new(
            StatusCode::NOT_FOUND,
            model::refusal::ROUTE_NOT_FOUND,
            format!("there is no asset `{name}`"),
        )
        .into_response();
    };
    let headers = [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")];
    (headers, *bytes).into_response()
}
