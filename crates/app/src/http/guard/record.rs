//! The record of requests: who asked for what, from where, and what came of it. Lines go to a thread
//! of their own, so that no request waits for the disk; where that thread cannot keep up, the next
//! line tells how many are missing.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, header};
use axum::response::Response;
use engine::desk::LocalDesk;
use engine::requests::RequestLog;
use http_body::{Body as HttpBody, Frame, SizeHint};
use model::digest::Digest;
use ring::digest::{Context as Hasher, SHA256};
use serde::Serialize;

use super::identity::Principal;

/// So many lines may wait to be written.
const MOST_WAITING: usize = 4096;

/// After a line has been written, those that come meanwhile wait so long and are written together: waking
/// a thread for each of thousands a second would cost more than writing them.
const GATHER: Duration = Duration::from_millis(5);

/// What was written is safe on the disk after so long at the latest.
const SAFE_AFTER: Duration = Duration::from_secs(1);

/// What is known of a request before it is answered.
pub struct Line {
    begun: Instant,
    method: Method,
    target: String,
    length: Option<u64>,
    client: IpAddr,
    known: Option<Principal>,
    payload: Option<Arc<OnceLock<Digest>>>,
}

/// A line as it is kept.
#[derive(Serialize)]
struct Entry<'a> {
    at: jiff::Timestamp,
    method: &'a str,
    /// Path and query, with secrets taken out.
    path: &'a str,
    status: u16,
    subject: Option<String>,
    roles: Vec<&'a str>,
    scopes: Vec<&'static str>,
    payload_sha256: Option<Digest>,
    content_length: Option<u64>,
    client: IpAddr,
    duration_ms: f64,
    retry_after: Option<u64>,
    /// How many requests before this one are missing here.
    #[serde(skip_serializing_if = "is_zero")]
    missing: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Line {
    /// A line about a request from an address.
    pub fn of(request: &Request, client: IpAddr) -> Self {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Self {
            begun: Instant::now(),
            method: request.method().clone(),
            target: target.to_owned(),
            length: length.and_then(|length| length.to_str().ok()?.parse().ok()),
            client,
            known: None,
            payload: None,
        }
    }

    /// Says who asks.
    pub fn known(&mut self, known: &Principal) {
        self.known = Some(known.clone());
    }

    /// Who asks, where that was shown.
    pub fn subject(&self) -> Option<String> {
        self.known.as_ref().map(|known| known.subject.to_string())
    }

    /// The request with its body looked at as it is read, where it changes something.
    pub fn reading(&mut self, request: Request) -> Request {
        if matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return request;
        }
        let digest = Arc::new(OnceLock::new());
        self.payload = Some(Arc::clone(&digest));
        request.map(|body| Body::new(Read { body, hasher: Hasher::new(&SHA256), length: 0, digest }))
    }
}

/// A body whose digest is known once it was read to its end.
struct Read {
    body: Body,
    hasher: Hasher,
    length: u64,
    digest: Arc<OnceLock<Digest>>,
}

impl HttpBody for Read {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    self.hasher.update(data);
                    self.length += data.len() as u64;
                }
                // Nobody asks again once the end is known.
                if self.body.is_end_stream() {
                    self.end();
                }
            }
            Poll::Ready(None) => self.end(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Read {
    fn end(&self) {
        if let Ok(bytes) = <[u8; 32]>::try_from(self.hasher.clone().finish().as_ref())
            && self.length > 0
        {
            // A second end is the same end.
            let _ = self.digest.set(Digest::from_bytes(bytes));
        }
    }
}

/// Where lines go.
pub struct Record {
    lines: Option<SyncSender<String>>,
    missing: AtomicU64,
    writer: Option<JoinHandle<()>>,
}

impl Record {
    /// Has lines written to a record.
    pub fn begin(log: RequestLog) -> std::io::Result<Self> {
        let (lines, come) = sync_channel(MOST_WAITING);
        let writer =
            std::thread::Builder::new().name("request-record".to_owned()).spawn(move || write(log, &come))?;
        Ok(Self { lines: Some(lines), missing: AtomicU64::new(0), writer: Some(writer) })
    }

    /// Keeps a line about a request that was answered.
    pub fn keep(&self, line: Line, response: &Response, desk: &LocalDesk) {
        let path = desk.redactor().redact_str(&line.target);
        let known = line.known.as_ref();
        let missing = self.missing.swap(0, Ordering::Relaxed);
        let again = response.headers().get(header::RETRY_AFTER);
        let entry = Entry {
            at: desk.now(),
            method: line.method.as_str(),
            path: &path,
            status: response.status().as_u16(),
            subject: known.map(|known| known.subject.to_string()),
            roles: known.map(|known| known.roles.iter().map(String::as_str).collect()).unwrap_or_default(),
            scopes: known
                .map(|known| known.scopes.iter().map(|scope| scope.as_str()).collect())
                .unwrap_or_default(),
            payload_sha256: line.payload.as_ref().and_then(|digest| digest.get().copied()),
            content_length: line.length,
            client: line.client,
            duration_ms: line.begun.elapsed().as_micros() as f64 / 1000.0,
            retry_after: again.and_then(|again| again.to_str().ok()?.parse().ok()),
            missing,
        };
        let text = serde_json::to_string(&entry).unwrap_or_default();
        let sent = self.lines.as_ref().map(|lines| lines.try_send(text));
        if let Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) = sent {
            self.missing.fetch_add(missing + 1, Ordering::Relaxed);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // What waits is written before the service ends.
        drop(self.lines.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Writes lines until there will be no more. A disk that fails loses lines, never requests.
fn write(mut log: RequestLog, come: &Receiver<String>) {
    let (mut safe, mut unsafe_lines) = (Instant::now(), false);
    loop {
        match come.recv_timeout(SAFE_AFTER) {
            Ok(line) => {
                for line in std::iter::once(line).chain(come.try_iter()) {
                    unsafe_lines |= log.append(&line).is_ok();
                }
                std::thread::sleep(GATHER);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if unsafe_lines && safe.elapsed() >= SAFE_AFTER {
            let _ = log.sync();
            (safe, unsafe_lines) = (Instant::now(), false);
        }
    }
    let _ = log.sync();
}
