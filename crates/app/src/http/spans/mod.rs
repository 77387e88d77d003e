//! Spans: what a request did and how long each part of it took, told to a collector by OpenTelemetry
//! (OTLP over HTTP). Built in with the feature `otel` alone, and off until the standard
//! `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; without the feature everything here is nothing.
//!
//! A span tells of a request, a command at the desk or a check that ran: its kind, its route, how it
//! ended. Never what stood in it: no body, no query, no token and no text of anybody.

#[cfg(feature = "otel")]
mod sent;
#[cfg(not(feature = "otel"))]
mod unsent;

#[cfg(feature = "otel")]
pub use sent::{Doing, Here, Telling, begin, request};
#[cfg(not(feature = "otel"))]
pub use unsent::{Doing, Here, Telling, begin, request};
