//! Server-sent events: frames, and a response that goes on until there is no more to tell.
//!
//! The format is that of the HTML standard, "Server-sent events". Frames are bytes that were written
//! once; sending one to a listener copies a pointer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use lens::task_events::cloud::CloudEvent;
use lens::task_events::{Envelope, SCHEMA, TaskEvent};
use serde::Serialize;
use tokio::sync::mpsc::Sender;
use tokio_stream::{Stream, StreamExt as _};

use super::Frame;
use super::subscription::Subscription;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

/// Where nothing happens, a comment is sent after so long, so that nobody in between hangs up.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A client that takes nothing for so long is let go: what waits for it is kept for it alone.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a client is told to wait before it comes back, in milliseconds.
const RETRY: &str = "retry: 1000\n\n";

/// So many bytes are sent at once where many events wait.
const CHUNK: usize = 64 * 1024;

/// What a body is made of, piece by piece.
type Piece = Result<Bytes, Infallible>;

/// How events are written.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The schema that envelopes name.
    pub schema: String,
    /// Whether they are CloudEvents, instead of envelopes as they are.
    pub cloud: bool,
    /// Whether an event is numbered among all, instead of in its task's stream.
    pub among_all: bool,
}

/// An event as it is written.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Told<'a> {
    /// In its envelope.
    Envelope(Envelope<'a>),
    /// In its envelope, as the data of a CloudEvent.
    CloudEvent(CloudEvent<'a>),
}

impl Shape {
    /// One with a schema's name that can be one.
    pub fn new(schema: String, cloud: bool, among_all: bool) -> Answered<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if schema.is_empty() || schema.len() > 100 || !schema.chars().all(plain) {
            return Err(Problem::invalid("schema", "`schema` is a name such as `countersign.task-event.v1`"));
        }
        Ok(Self { schema, cloud, among_all })
    }

    /// An event as it is written.
    pub fn told<'a>(&'a self, event: &'a TaskEvent) -> Told<'a> {
        match self.cloud {
            true => Told::CloudEvent(event.cloud_event(&self.schema)),
            false => Told::Envelope(event.envelope(&self.schema)),
        }
    }

    /// An event as a frame. Most ask for the same: that is written once for all of them.
    fn bytes(&self, frame: &Frame) -> Bytes {
        if self.schema == SCHEMA && !self.cloud && !self.among_all {
            return frame.plain.get_or_init(|| self.write(frame)).clone();
        }
        self.write(frame)
    }

    fn write(&self, Frame { id, event, .. }: &Frame) -> Bytes {
        let data = serde_json::to_string(&self.told(event)).unwrap_or_default();
        let (name, sequence) = (&event.name, event.sequence);
        Bytes::from(match self.among_all {
            true => format!("id: {id}\nevent: {name}\ndata: {data}\n\n"),
            false => format!("id: {sequence}\nevent: {name}\ndata: {data}\n\n"),
        })
    }
}

/// A response that tells a listener's events until there are no more, perhaps after a remark.
pub fn respond(
    service: &Arc<Service>,
    subscription: Subscription,
    shape: Shape,
    remark: Option<&str>,
) -> Response {
    let remark = remark.map(|remark| format!(": {}\n\n", remark.replace(['\r', '\n'], " ")));
    let events = until_the_end(service, |send| tell(subscription, shape, send));
    response(tokio_stream::iter(remark.map(|remark| Ok(Bytes::from(remark)))).chain(events))
}

async fn tell(mut subscription: Subscription, shape: Shape, send: Sender<Piece>) {
    loop {
        let Some(first) = next(&mut subscription, &send).await else { return };
        let bytes =
            with_more(shape.bytes(&first), || subscription.next_at_hand().map(|frame| shape.bytes(&frame)));
        // It has hung up, or does not read.
        if send.send_timeout(Ok(bytes), PATIENCE).await.is_err() {
            return;
        }
    }
}

/// The next event; meanwhile the connection is kept alive.
async fn next(subscription: &mut Subscription, send: &Sender<Piece>) -> Option<Arc<Frame>> {
    let next = subscription.next();
    tokio::pin!(next);
    loop {
        tokio::select! {
            biased;
            frame = &mut next => return frame,
            () = send.closed() => return None,
            () = tokio::time::sleep(KEEP_ALIVE) => {
                send.send(Ok(Bytes::from_static(b": still here\n\n"))).await.ok()?;
            }
        }
    }
}

/// Whatever else is at hand, in the same piece.
fn with_more(first: Bytes, mut next: impl FnMut() -> Option<Bytes>) -> Bytes {
    let Some(second) = next() else { return first };
    let mut piece = Vec::with_capacity(4096);
    piece.extend_from_slice(&first);
    piece.extend_from_slice(&second);
    while piece.len() < CHUNK {
        let Some(more) = next() else { break };
        piece.extend_from_slice(&more);
    }
    Bytes::from(piece)
}

/// A response that tells of each position the journal comes to; of several at once, the last.
pub fn positions(service: &Arc<Service>) -> Response {
    let mut news = service.feed.subscribe();
    news.mark_changed();
    response(until_the_end(service, |send| async move {
        loop {
            let heard = tokio::select! {
                () = send.closed() => return,
                heard = tokio::time::timeout(KEEP_ALIVE, news.changed()) => heard,
            };
            let bytes = match heard {
                Ok(Ok(())) => {
                    let position = *news.borrow_and_update();
                    Bytes::from(format!("id: {position}\nevent: journal\ndata: {position}\n\n"))
                }
                Ok(Err(_)) => return,
                Err(_) => Bytes::from_static(b": still here\n\n"),
            };
            if send.send(Ok(bytes)).await.is_err() {
                return;
            }
        }
    }))
}

fn response(events: impl Stream<Item = Piece> + Send + 'static) -> Response {
    let first = tokio_stream::once(Ok(Bytes::from_static(RETRY.as_bytes())));
    let mut response = Response::new(Body::from_stream(first.chain(events)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather a response before they pass it on are told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// What is told until whoever tells has no more, the listener is gone, or the service ends.
fn until_the_end<T: Future<Output = ()> + Send + 'static>(
    service: &Arc<Service>,
    tell: impl FnOnce(Sender<Piece>) -> T,
) -> impl Stream<Item = Piece> + Send + 'static {
    let (send, receive) = tokio::sync::mpsc::channel(4);
    let (ended, telling) = (service.feed.ended(), tell(send));
    tokio::spawn(async move {
        tokio::select! {
            () = ended => {}
            () = telling => {}
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receive)
}
