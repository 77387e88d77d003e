//! Every route, by topic. Each file has its own request and response types.

mod agents;
mod common;
mod delivery;
mod desk;
mod evidence;
mod fields;
mod gates;
mod health;
mod history;
mod metrics;
mod plans;
mod registers;
mod reports;
pub mod reviews;
mod shared;
mod stream;
mod tasks;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use lens::page::Answer;
use model::ids::Seq;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::openapi;
use super::problem::{Answered, Problem};
use super::service::Service;

pub use stream::{DOORS, find_task, schemas};

/// Every route with its description.
pub fn all() -> (Router<Arc<Service>>, OpenApi) {
    let api = OpenApiRouter::new()
        .merge(plans::routes())
        .merge(tasks::routes())
        .merge(fields::routes())
        .merge(evidence::routes())
        .merge(gates::routes())
        .merge(delivery::routes())
        .merge(history::routes())
        .merge(reviews::routes())
        .merge(webhooks::routes())
        .merge(registers::routes())
        .merge(reports::routes())
        .merge(agents::routes())
        .merge(shared::routes())
        .merge(desk::routes())
        .merge(stream::routes());
    OpenApiRouter::with_openapi(openapi::base())
        .merge(health::routes())
        .merge(metrics::routes())
        .nest("/api/v1", api)
        .split_for_parts()
}

/// An answer in JSON, with the state of the plan it is about.
pub struct Body {
    bytes: Vec<u8>,
    seq: Option<Seq>,
}

impl Body {
    /// The shape `--json` prints.
    pub fn of(answer: &impl Serialize) -> Answered<Self> {
        let bytes = serde_json::to_vec(answer).map_err(|error| {
            Problem::new(
                axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                model::refusal::INTERNAL_FAULT,
                format!("the answer could not be written: {error}"),
            )
        })?;
        Ok(Self { bytes, seq: None })
    }

    /// JSON that is written already.
    pub fn written(bytes: Vec<u8>) -> Self {
        Self { bytes, seq: None }
    }

    /// The answer of a view about a plan as it was after an event.
    pub fn about(answer: &impl Answer, seq: Seq) -> Answered<Self> {
        Ok(Self::of(answer)?.after(seq))
    }

    /// Says which event of the plan was its last.
    #[must_use]
    pub fn after(mut self, seq: Seq) -> Self {
        self.seq = Some(seq);
        self
    }
}

impl IntoResponse for Body {
    fn into_response(self) -> Response {
        let mut response = self.bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(tag) = self.seq.and_then(|seq| HeaderValue::from_str(&format!("\"{}\"", seq.0)).ok()) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}
