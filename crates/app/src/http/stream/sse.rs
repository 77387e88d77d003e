//! Server-sent events: frames, and a response that goes on until there is no more to tell.
//!
//! The format is that of the HTML standard, "Server-sent events". Frames are bytes that were written
//! once; sending one to a listener copies a pointer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body::Body as HttpBody;
use lens::task_events::cloud::CloudEvent;
use lens::task_events::{Envelope, SCHEMA, TaskEvent};
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::oneshot;

use super::Frame;
use super::lane::{Lane, Seat};
use super::live::Listener;
use super::subscription::Subscription;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

/// Where nothing happens, a comment is sent after so long, so that nobody in between hangs up.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A client that takes nothing for so long is let go: what waits for it is kept for it alone.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a client is told to wait before it comes back, in milliseconds.
const RETRY: &str = "retry: 1000\n\n";

/// So many bytes are sent at once where many events wait.
pub const CHUNK: usize = 64 * 1024;

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

    /// Which of the usual ways this is: most ask for the same, and that is written once for all of them.
    pub fn usual(&self) -> Option<usize> {
        (self.schema == SCHEMA && !self.cloud).then_some(usize::from(self.among_all))
    }

    /// An event as a frame.
    fn bytes(&self, frame: &Frame) -> Bytes {
        let chunk = self.chunk(frame);
        // The length before it, and the line ends around it, are for who writes chunks.
        let head = chunk.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        chunk.slice(head..chunk.len() - 2)
    }

    /// An event as a frame, in a chunk as HTTP/1.1 has them.
    pub fn chunk(&self, frame: &Frame) -> Bytes {
        match self.usual() {
            Some(kind) => frame.usual[kind].get_or_init(|| self.write(frame)).clone(),
            None => self.write(frame),
        }
    }

    fn write(&self, Frame { id, event, .. }: &Frame) -> Bytes {
        let data = serde_json::to_string(&self.told(event)).unwrap_or_default();
        let (name, sequence) = (&event.name, event.sequence);
        let text = match self.among_all {
            true => format!("id: {id}\nevent: {name}\ndata: {data}\n\n"),
            false => format!("id: {sequence}\nevent: {name}\ndata: {data}\n\n"),
        };
        Bytes::from(format!("{:x}\r\n{text}\r\n", text.len()))
    }
}

/// A response that tells a listener's events until there are no more, perhaps after a remark.
pub fn respond(
    service: &Arc<Service>,
    subscription: Subscription,
    shape: Shape,
    remark: Option<&str>,
) -> Response {
    let first = match remark {
        Some(remark) => Bytes::from(format!("{RETRY}: {}\n\n", remark.replace(['\r', '\n'], " "))),
        None => Bytes::from_static(RETRY.as_bytes()),
    };
    let (seat, (tell_lane, lane)) = (Seat::default(), oneshot::channel());
    let pieces = until_the_end(service, |send| tell(subscription, shape, lane, send));
    let taken = Some((seat.clone(), tell_lane));
    let mut response = response(Body::new(Events { first: Some(first), pieces, taken, lane: None }));
    response.extensions_mut().insert(seat);
    response
}

/// What a listener's body is made of.
enum Piece {
    Bytes(Bytes),
    /// From here on it is written to past the server.
    Live(Box<Listener>, Arc<Lane>),
}

/// The body of a response that tells events.
struct Events {
    first: Option<Bytes>,
    pieces: Receiver<Piece>,
    /// Where the connection is found once the response is on its way, and who waits for it.
    taken: Option<(Seat, oneshot::Sender<Option<Arc<Lane>>>)>,
    lane: Option<Arc<Lane>>,
}

impl HttpBody for Events {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        if let Some((seat, tell)) = self.taken.take() {
            // Whoever tells has no more to say where it is gone.
            let _ = tell.send(seat.0.get().cloned());
        }
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(http_body::Frame::data(first))));
        }
        if self.lane.is_none() {
            match std::task::ready!(self.pieces.poll_recv(cx)) {
                Some(Piece::Bytes(bytes)) => return Poll::Ready(Some(Ok(http_body::Frame::data(bytes)))),
                Some(Piece::Live(listener, lane)) => {
                    lane.board(Box::new(move || listener.begin()));
                    self.lane = Some(lane);
                }
                None => return Poll::Ready(None),
            }
        }
        match &self.lane {
            Some(lane) => lane.poll_end(cx).map(|end| end.err().map(Err)),
            None => Poll::Ready(None),
        }
    }
}

async fn tell(
    mut subscription: Subscription,
    shape: Shape,
    lane: oneshot::Receiver<Option<Arc<Lane>>>,
    send: Sender<Piece>,
) {
    // Until the response is on its way nobody takes anything.
    let mut lane = lane.await.ok().flatten();
    loop {
        if subscription.is_live()
            && let Some(lane) = lane.take()
        {
            let listener = Box::new(Listener::new(subscription, shape, Arc::clone(&lane)));
            // It has hung up.
            let _ = send.send(Piece::Live(listener, lane)).await;
            return;
        }
        let Some(first) = next(&mut subscription, &send).await else { return };
        let bytes =
            with_more(shape.bytes(&first), || subscription.next_at_hand().map(|frame| shape.bytes(&frame)));
        // It has hung up, or does not read.
        if send.send_timeout(Piece::Bytes(bytes), PATIENCE).await.is_err() {
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
                send.send(Piece::Bytes(Bytes::from_static(b": still here\n\n"))).await.ok()?;
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
    let pieces = until_the_end(service, |send| async move {
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
            if send.send(Piece::Bytes(bytes)).await.is_err() {
                return;
            }
        }
    });
    let first = Some(Bytes::from_static(RETRY.as_bytes()));
    response(Body::new(Events { first, pieces, taken: None, lane: None }))
}

fn response(events: Body) -> Response {
    let mut response = Response::new(events);
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
) -> Receiver<Piece> {
    let (send, receive) = tokio::sync::mpsc::channel(4);
    let (ended, telling) = (service.feed.ended(), tell(send));
    tokio::spawn(async move {
        tokio::select! {
            () = ended => {}
            () = telling => {}
        }
    });
    receive
}
