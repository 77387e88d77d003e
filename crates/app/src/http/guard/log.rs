//! A line of JSON for each request on standard error, as programs that gather logs take it. It names the
//! route, not the address: what stands in an address or a query may be anybody's secret.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use engine::ids::random_hex;
use jiff::Timestamp;
use serde::Serialize;

/// The id of a request: the sender's, where it is a plain word, else one made here. It comes back with
/// the answer.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id of a request that is taken over.
const LONGEST_ID: usize = 128;

/// So many lines may wait to be written; of more it is told how many are missing.
const MOST_WAITING: usize = 4096;

/// Writes lines on a thread of its own, so that no request waits for whoever reads them.
pub struct Log {
    lines: SyncSender<Vec<u8>>,
    missing: AtomicU64,
}

/// What is known of a request before it is answered.
pub struct Begun {
    method: String,
    route: Option<String>,
    id: HeaderValue,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: Timestamp,
    level: &'static str,
    message: &'static str,
    method: &'a str,
    /// The route that matched, with the names of what varies in braces.
    route: Option<&'a str>,
    status: u16,
    duration_ms: f64,
    request_id: &'a str,
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<u64>,
}

impl Log {
    /// Begins to write to standard error.
    pub fn begin() -> io::Result<Self> {
        let (lines, waiting) = sync_channel::<Vec<u8>>(MOST_WAITING);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || {
            for line in waiting {
                // Whoever does not want to read any more is not kept from their work by it.
                if io::stderr().lock().write_all(&line).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { lines, missing: AtomicU64::new(0) })
    }

    /// Looks at a request.
    pub fn look(request: &Request) -> Begun {
        let own = request.headers().get(&REQUEST_ID).filter(|id| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
            (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain)
        });
        let made = || HeaderValue::try_from(random_hex(32)).unwrap_or(HeaderValue::from_static("none"));
        let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        Begun { method: request.method().to_string(), route, id: own.cloned().unwrap_or_else(made) }
    }

    /// Writes the line of a request that was answered, and puts its id on the answer.
    pub fn write(&self, begun: Begun, subject: Option<String>, took: Duration, response: &mut Response) {
        let status = response.status();
        let missing = self.missing.swap(0, Ordering::Relaxed);
        let line = Line {
            timestamp: Timestamp::now(),
            level: level(status),
            message: "request",
            method: &begun.method,
            route: begun.route.as_deref(),
            status: status.as_u16(),
            duration_ms: (took.as_secs_f64() * 1e6).round() / 1e3,
            request_id: begun.id.to_str().unwrap_or_default(),
            subject: subject.as_deref(),
            missing: (missing > 0).then_some(missing),
        };
        if let Ok(mut bytes) = serde_json::to_vec(&line) {
            bytes.push(b'\n');
            if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.lines.try_send(bytes) {
                self.missing.fetch_add(missing + 1, Ordering::Relaxed);
            }
        }
        response.headers_mut().insert(REQUEST_ID.clone(), begun.id);
    }
}

/// What went wrong here is an error; what somebody asked for wrongly is worth a look.
fn level(status: StatusCode) -> &'static str {
    if status.is_server_error() {
        "error"
    } else if status.is_client_error() {
        "warn"
    } else {
        "info"
    }
}
