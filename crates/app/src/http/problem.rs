//! How a route says no: problem details (RFC 9457), with the same codes as the command line.

use std::any::Any;
use std::borrow::Cow;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use engine::desk::Denied;
use model::fault::Fault;
use model::refusal::{self, Refusal};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What a route gives back.
pub type Answered<T> = Result<T, Problem>;

/// Why a request was not carried out. Thin, because every route may give it back.
#[derive(Debug, Clone)]
pub struct Problem(Box<Told>);

/// Why a request was not carried out: problem details as RFC 9457 has them.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Told {
    /// Where the kind of problem is explained, relative to this service.
    #[serde(rename = "type")]
    #[schema(example = "/errors/dependency-unmet")]
    kind: String,
    /// What the code means.
    title: String,
    /// The HTTP status, once more.
    status: u16,
    /// One sentence about this request.
    detail: String,
    /// The stable code, as the command line shows it.
    #[schema(example = "dependency/unmet")]
    code: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// What belongs to it, for machines.
    #[schema(value_type = Object)]
    context: Map<String, Value>,
    /// After so many seconds it may be tried again.
    #[serde(skip)]
    again: Option<u64>,
    /// How to authenticate, as the header says it.
    #[serde(skip)]
    challenge: Option<String>,
}

impl Problem {
    /// A problem of the protocol itself.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let title = refusal::code(code).map_or_else(
            || status.canonical_reason().unwrap_or("no").to_owned(),
            |code| code.means.to_owned(),
        );
        Self(Box::new(Told {
            kind: format!("/errors/{}", code.replace('/', "-")),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            hint: None,
            context: Map::new(),
            again: None,
            challenge: None,
        }))
    }

    /// Something in the body, the address or the query is not acceptable; the field is named.
    pub fn invalid(field: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, refusal::VALUE_INVALID, detail);
        problem.0.context.insert("field".to_owned(), json!(field));
        problem
    }

    /// A file of the service could not be read or written.
    pub fn of_disk(error: &std::io::Error) -> Self {
        let detail = format!("a file beside the store could not be read or written: {}", error.kind());
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, refusal::STORE_IO, detail)
    }

    /// Adds something for machines.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.context.insert(name.to_owned(), value.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says after how many seconds it may be tried again.
    #[must_use]
    pub fn again_after(mut self, seconds: u64) -> Self {
        self.0.again = Some(seconds.max(1));
        self
    }

    /// Says how to authenticate.
    #[must_use]
    pub fn challenge(mut self, challenge: String) -> Self {
        self.0.challenge = Some(challenge);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The status that says most nearly what a code says.
fn status_of(code: &str) -> StatusCode {
    match code {
        refusal::AUTH_REQUIRED | refusal::AUTH_INVALID => return StatusCode::UNAUTHORIZED,
        refusal::RATE_LIMITED => return StatusCode::TOO_MANY_REQUESTS,
        refusal::STORE_BUSY => return StatusCode::SERVICE_UNAVAILABLE,
        refusal::STORE_FULL => return StatusCode::INSUFFICIENT_STORAGE,
        refusal::PLAN_MOVED => return StatusCode::PRECONDITION_FAILED,
        refusal::PLAN_AMBIGUOUS => return StatusCode::UNPROCESSABLE_ENTITY,
        _ => {}
    }
    match refusal::code(code).map_or(1, |code| code.exit) {
        2 => StatusCode::BAD_REQUEST,
        3 => StatusCode::NOT_FOUND,
        4 => StatusCode::UNPROCESSABLE_ENTITY,
        5 | 10 => StatusCode::FORBIDDEN,
        6..=8 => StatusCode::CONFLICT,
        124 => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.0.detail, self.0.code)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let mut problem = Self::new(status_of(refusal.code), refusal.code, refusal.message);
        problem.0.hint = refusal.hint;
        problem.0.context = refusal.context;
        if !refusal.facts.is_empty() {
            problem.0.context.entry("facts").or_insert_with(|| json!(refusal.facts));
        }
        problem
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let mut problem = Self::new(status_of(&fault.code), &fault.code, fault.message);
        problem.0.hint = fault.hint;
        problem.0.context = fault.context.into_iter().map(|(name, value)| (name, json!(value))).collect();
        if problem.0.status == StatusCode::SERVICE_UNAVAILABLE.as_u16() {
            problem.0.again = Some(1);
        }
        problem
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(refusal) => (*refusal).into(),
            Denied::Down(fault) => (*fault).into(),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(no: JsonRejection) -> Self {
        let status = match no.status() {
            StatusCode::BAD_REQUEST => StatusCode::UNPROCESSABLE_ENTITY,
            other => other,
        };
        let mut problem = Self::new(status, refusal::VALUE_INVALID, no.body_text());
        // `prompt: invalid type …`: what stands before the colon is the field's place in the body.
        if let JsonRejection::JsonDataError(error) = &no {
            let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            if let Some((field, _)) = text.split_once(": ").filter(|(field, _)| !field.contains(' ')) {
                problem.0.context.insert("field".to_owned(), json!(field));
            } else if let Some(field) = text.split('`').nth(1) {
                problem.0.context.insert("field".to_owned(), json!(field));
            }
        }
        problem
    }
}

impl From<QueryRejection> for Problem {
    fn from(no: QueryRejection) -> Self {
        let text = no.body_text();
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, refusal::VALUE_INVALID, &*text);
        // `…: limit: invalid digit …`, or the name between backticks.
        let field = text.split(": ").nth(1).filter(|field| !field.contains(' '));
        if let Some(field) = field.or_else(|| text.split('`').nth(1)) {
            problem.0.context.insert("field".to_owned(), json!(field));
        }
        problem
    }
}

impl From<PathRejection> for Problem {
    fn from(no: PathRejection) -> Self {
        Self::new(StatusCode::NOT_FOUND, refusal::ROUTE_NOT_FOUND, no.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        let mut response = (self.status(), Json(&self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let challenge = self.0.challenge.as_deref().and_then(|text| HeaderValue::from_str(text).ok());
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(again) = self.0.again {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(again));
        }
        response
    }
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Told::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Told::schemas(schemas);
    }
}

/// What a client sees where a handler panicked: that it did, and nothing of its insides.
pub fn of_panic(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        refusal::INTERNAL_FAULT,
        "something went wrong inside the service",
    )
    .into_response()
}
