//! No spans: the program was built without the feature `otel`.

use std::future::Future;

use axum::extract::Request;
use axum::http::StatusCode;
use tokio::runtime::Handle;

/// Whoever tells of spans.
pub struct Telling;

impl Telling {
    /// Tells what is not told yet.
    pub fn end(self) {}
}

/// Begins to tell.
pub fn begin(_runtime: &Handle) -> Result<Option<Telling>, String> {
    Ok(None)
}

/// The span of a request.
pub struct OfRequest;

/// Begins the span of a request.
pub fn request(_request: &Request) -> OfRequest {
    OfRequest
}

impl OfRequest {
    /// Does something within it.
    pub fn within<F: Future>(&self, work: F) -> F {
        work
    }

    /// Ends it.
    pub fn ended(self, _status: StatusCode) {}
}

/// Where in a request something happens, to be taken along to another thread.
#[derive(Clone)]
pub struct Here;

impl Here {
    /// Here.
    pub fn now() -> Self {
        Self
    }

    /// What is done on this thread happens there, as long as what this gives is kept.
    #[must_use]
    pub fn enter(&self) -> impl Sized {}
}

/// Something that is being done.
pub struct Doing;

impl Doing {
    /// It begins.
    pub fn begin(_what: &str, _named: &[(&'static str, &str)]) -> Self {
        Self
    }

    /// It ended, well or not.
    pub fn ended(self, _how: &str, _well: bool) {}
}
