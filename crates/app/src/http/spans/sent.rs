//! Spans that are told to a collector.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;

use crate::http::webhooks::client::Client;

/// The name of the service, where `OTEL_SERVICE_NAME` says no other.
const NAME: &str = "countersign";

/// Where spans go; each names one of them.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Whoever tells of spans.
pub struct Telling(SdkTracerProvider);

impl Telling {
    /// Tells what is not told yet.
    pub fn end(self) {
        // A collector that is not there any more costs the service nothing but the wait.
        let _ = self.0.shutdown();
    }
}

/// Begins to tell where the environment says where to, and nobody said not to.
pub fn begin(runtime: &Handle) -> Result<Option<Telling>, String> {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    let disabled = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|word| word.eq_ignore_ascii_case("true"));
    if disabled || !ENDPOINTS.into_iter().any(set) {
        return Ok(None);
    }
    let client = Sender { client: Client::new()?, runtime: runtime.clone() };
    let exporter = SpanExporter::builder().with_http().with_http_client(client).build();
    let exporter = exporter.map_err(|error| format!("spans cannot be told: {error}"))?;
    let mut resource = Resource::builder();
    if !set("OTEL_SERVICE_NAME") {
        resource = resource.with_service_name(NAME);
    }
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.with_attribute(version).build())
        .build();
    // There is one service in a process; a second one would tell through the first.
    let _ = TRACER.set(provider.tracer(NAME));
    Ok(Some(Telling(provider)))
}

/// Sends over the connections webhooks use, on the service's own runtime.
struct Sender {
    client: Client,
    runtime: Handle,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<axum::http::Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Sender {
    fn send_bytes<'s, 'a>(&'s self, request: axum::http::Request<Bytes>) -> Answering<'a>
    where
        's: 'a,
        Self: 'a,
    {
        let client = self.client.clone();
        // Whoever runs the service says where its spans go: a collector is mostly next door.
        let sent = self.runtime.spawn(async move { client.send_within(request.map(Into::into), true).await });
        Box::pin(async move {
            sent.await??;
            Ok(axum::http::Response::new(Bytes::new()))
        })
    }
}

/// The span of a request.
pub struct OfRequest(Option<Context>);

/// Begins the span of a request; where its sender is within one, as a part of that.
pub fn request(request: &Request) -> OfRequest {
    OfRequest(TRACER.get().map(|tracer| {
        let above = TraceContextPropagator::new().extract(&HeaderExtractor(request.headers()));
        let method = request.method().as_str().to_owned();
        let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let name = route.as_ref().map_or_else(|| method.clone(), |route| format!("{method} {route}"));
        let mut told = vec![KeyValue::new("http.request.method", method)];
        told.extend(route.map(|route| KeyValue::new("http.route", route)));
        let span = tracer.span_builder(name).with_kind(SpanKind::Server).with_attributes(told);
        above.with_span(span.start_with_context(tracer, &above))
    }))
}

impl OfRequest {
    /// Does something within it.
    pub fn within<F: Future>(&self, work: F) -> impl Future<Output = F::Output> {
        work.with_context(self.0.clone().unwrap_or_default())
    }

    /// Ends it.
    pub fn ended(self, status: StatusCode) {
        let Some(context) = self.0 else { return };
        let span = context.span();
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            span.set_status(Status::error(status.canonical_reason().unwrap_or("error")));
        }
        span.end();
    }
}

/// Where in a request something happens, to be taken along to another thread.
#[derive(Clone)]
pub struct Here(Context);

impl Here {
    /// Here.
    pub fn now() -> Self {
        Self(Context::current())
    }

    /// What is done on this thread happens there, as long as what this gives is kept.
    #[must_use]
    pub fn enter(&self) -> impl Sized {
        self.0.clone().attach()
    }
}

/// Something that is being done.
pub struct Doing(Option<Context>);

impl Doing {
    /// It begins, within whatever this thread is in.
    pub fn begin(what: &str, named: &[(&'static str, &str)]) -> Self {
        Self(TRACER.get().map(|tracer| {
            let above = Context::current();
            let told = named.iter().map(|(name, value)| KeyValue::new(*name, (*value).to_owned()));
            let span = tracer.span_builder(what.to_owned()).with_attributes(told.collect::<Vec<_>>());
            above.with_span(span.start_with_context(tracer, &above))
        }))
    }

    /// It ended, well or not.
    pub fn ended(self, how: &str, well: bool) {
        let Some(context) = self.0 else { return };
        let span = context.span();
        span.set_attribute(KeyValue::new("countersign.outcome", how.to_owned()));
        if !well {
            span.set_status(Status::error(how.to_owned()));
        }
        span.end();
    }
}
