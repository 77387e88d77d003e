//! That a form was filled in on a page of this service by the browser that is signed in: what changes
//! something has to hold a word that only that browser's pages hold.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode, header};
use model::refusal::{ORIGIN_REFUSED, VALUE_INVALID};

use super::sessions::{SignedIn, looks};
use crate::http::problem::{Answered, Problem};

/// The field of a form that holds the word.
pub const FIELD: &str = "csrf";

/// The header that holds it where a script asks.
pub static HEADER: HeaderName = HeaderName::from_static("countersign-csrf");

/// The most bytes of a form.
const MOST_FORM: usize = 256 * 1024;

/// A form that takes longer to arrive is not waited for.
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// Refuses a change that a browser asks for without its session's word.
pub async fn check(request: Request, browser: &SignedIn) -> Answered<Request> {
    if looks(request.method()) {
        return Ok(request);
    }
    if let Some(word) = request.headers().get(&HEADER) {
        return if same(word.as_bytes(), &browser.csrf) { Ok(request) } else { Err(foreign()) };
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(foreign());
    }
    let (parts, body) = request.into_parts();
    let body = read(body).await?;
    let held = form_urlencoded::parse(&body).find(|(name, _)| name == FIELD);
    if !held.is_some_and(|(_, word)| same(word.as_bytes(), &browser.csrf)) {
        return Err(foreign());
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read(body: Body) -> Answered<Bytes> {
    match tokio::time::timeout(ARRIVES_WITHIN, to_bytes(body, MOST_FORM)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            VALUE_INVALID,
            format!("a form has at most {} KiB", MOST_FORM / 1024),
        )),
        Err(_) => {
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, VALUE_INVALID, "the form took too long to arrive"))
        }
    }
}

/// Compared whole, so that nothing is learnt from how long it takes.
fn same(one: &[u8], other: &str) -> bool {
    let other = other.as_bytes();
    one.len() == other.len() && one.iter().zip(other).fold(0, |different, (a, b)| different | (a ^ b)) == 0
}

fn foreign() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, ORIGIN_REFUSED, "the form does not come from a page of this session")
        .hint("load the page again, and send it from there")
}
