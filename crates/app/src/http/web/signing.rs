//! Signing in and out with a browser, and what pages have to show to somebody who did: who they are, a
//! way out, and in every form the word that only this browser's pages hold.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use lens::render::html::escape;
use serde::Deserialize;
use serde_json::json;

use super::templates::segment;
use super::{Shown, pages};
use crate::http::guard::Guard;
use crate::http::guard::forms::FIELD;
use crate::http::guard::sessions::{LASTS, SignedIn, looks};
use crate::http::problem::Problem;
use crate::http::service::Service;

/// Where people sign in.
pub const SIGN_IN: &str = "/sign-in";

/// Where they sign out.
pub const SIGN_OUT: &str = "/sign-out";

/// What stands in a page where its head says who is signed in.
const WHO: &str = "<!-- signed in -->";

/// How every form that changes something begins, in templates.
const FORM: &str = "<form method=\"post\"";

/// The most bytes of a page.
const MOST_PAGE: usize = 64 * 1024 * 1024;

/// Signing in and out.
pub fn routes(guard: &Arc<Guard>) -> Router<Arc<Service>> {
    Router::new()
        .route(SIGN_IN, get(ask).post(sign_in))
        .route(SIGN_OUT, post(sign_out))
        .layer(Extension(Arc::clone(guard)))
}

/// Where somebody wants to go.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    to: String,
}

async fn ask(Query(Wanted { to }): Query<Wanted>) -> Shown {
    Shown(page(&to, None))
}

fn page(to: &str, problem: Option<&Problem>) -> Result<String, Problem> {
    let hours = LASTS.as_secs() / 3600;
    pages::page("sign-in.html", json!({ "to": inside(to), "problem": problem, "hours": hours }))
}

/// A place of this service, whatever somebody wrote.
fn inside(to: &str) -> &str {
    let strange = |letter: char| letter == '\\' || letter.is_control();
    let is_own = to.starts_with('/') && !to.starts_with("//") && !to.contains(strange);
    if is_own && !to.starts_with(SIGN_IN) { to } else { "/" }
}

/// What somebody shows.
#[derive(Deserialize)]
struct Showing {
    #[serde(default)]
    token: String,
    #[serde(default)]
    to: String,
}

async fn sign_in(
    Extension(guard): Extension<Arc<Guard>>,
    headers: HeaderMap,
    Form(Showing { token, to }): Form<Showing>,
) -> Response {
    match guard.sign_in(token.trim().to_owned()).await {
        Ok(secret) => leading(&guard, &headers, inside(&to), Some(&secret)),
        Err(problem) => {
            let mut response = Shown(page(&to, Some(&problem))).into_response();
            *response.status_mut() = problem.status();
            response
        }
    }
}

async fn sign_out(Extension(guard): Extension<Arc<Guard>>, headers: HeaderMap) -> Response {
    guard.sign_out(&headers);
    leading(&guard, &headers, SIGN_IN, None)
}

fn leading(guard: &Guard, headers: &HeaderMap, to: &str, secret: Option<&str>) -> Response {
    let mut response = Redirect::to(to).into_response();
    let kept = response.headers_mut();
    if let Some(cookie) = guard.cookie(headers, secret) {
        kept.insert(header::SET_COOKIE, cookie);
    }
    kept.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What kind of answer a request wants: a page for a person, or data.
pub struct Page {
    /// Where a person wanted to look.
    wanted: Option<String>,
    looks: bool,
    /// Whether the page itself fetches a part of it anew.
    partly: bool,
}

impl Page {
    /// What a request wants.
    pub fn of(request: &Request) -> Self {
        let headers = request.headers();
        let accepted = headers.get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok());
        let person = accepted.is_some_and(|kinds| kinds.contains("text/html"));
        let path = |uri: &Uri| uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let is_data =
            ["/api/", "/metrics", "/socket.io/"].iter().any(|data| request.uri().path().starts_with(data));
        Self {
            wanted: (person && !is_data).then(|| path(request.uri())),
            looks: looks(request.method()),
            partly: headers.contains_key("hx-request"),
        }
    }

    /// Says why not: to a person on a page, with a way to sign in where that is what is missing.
    pub fn sorry(&self, problem: Problem) -> Response {
        let Some(wanted) = self.wanted.as_deref().filter(|_| !self.partly) else {
            return problem.into_response();
        };
        if problem.status() == StatusCode::UNAUTHORIZED {
            let back = if self.looks { wanted } else { "/" };
            return Redirect::to(&format!("{SIGN_IN}?to={}", segment(back))).into_response();
        }
        let headers = problem.clone().into_response();
        let mut response = Shown(Err(problem)).into_response();
        for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
            if let Some(value) = headers.headers().get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

/// Dresses the pages of a browser that is signed in: its name and the way out, and the word in each form.
pub async fn dress(request: Request, next: Next) -> Response {
    let browser = request.extensions().get::<SignedIn>().cloned();
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let Some(browser) = browser.filter(|_| !is_head) else { return response };
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST_PAGE).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = dressed(&String::from_utf8_lossy(&bytes), &browser.known.subject.to_string(), &browser.csrf);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(html))
}

/// Texts of people are escaped, so `<form` in a page is a form of a template, wherever it stands.
fn dressed(html: &str, name: &str, csrf: &str) -> String {
    let hidden = format!("<input type=\"hidden\" name=\"{FIELD}\" value=\"{csrf}\">");
    let out = format!(
        "{FORM} action=\"{SIGN_OUT}\" class=\"who\"><span>{}</span><button class=\"quiet\">Sign out</button></form>",
        escape(name)
    );
    let html = html.replacen(WHO, &out, 1);
    let mut dressed = String::with_capacity(html.len() + 512);
    let mut rest = html.as_str();
    while let Some(place) = rest.find(FORM) {
        let end = rest[place..].find('>').map_or(rest.len(), |end| place + end + 1);
        dressed.push_str(&rest[..end]);
        dressed.push_str(&hidden);
        rest = &rest[end..];
    }
    dressed.push_str(rest);
    dressed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_page_gets_the_word_and_the_page_says_who() {
        let html = "<header><!-- signed in --></header><form method=\"post\" action=\"/a\"><button></form>\
            <form action=\"/search\"></form><form method=\"post\" action=\"/b\"></form>&lt;form method=";
        let told = dressed(html, "A & B", "w0rd");
        assert_eq!(told.matches("name=\"csrf\" value=\"w0rd\">").count(), 3, "{told}");
        assert!(
            told.contains("<span>A &amp; B</span>") && told.contains("action=\"/search\"></form>"),
            "{told}"
        );
    }

    #[test]
    fn every_form_of_every_template_that_changes_something_begins_the_same_way() {
        for text in super::super::templates::texts() {
            let posts = text.to_lowercase().matches("method=\"post\"").count();
            assert_eq!(posts, text.matches(FORM).count(), "{text}");
        }
    }

    #[test]
    fn nobody_is_led_out_of_the_house() {
        for (to, led) in [
            ("/plans/a?b=c", "/plans/a?b=c"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\nb", "/"),
            ("/sign-in?to=/", "/"),
            ("", "/"),
        ] {
            assert_eq!(inside(to), led, "{to}");
        }
    }
}
