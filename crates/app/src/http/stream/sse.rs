//! Server-sent events: frames, and a response that goes on until there is no more to tell.
//!
//! The format is that of the HTML standard, "Server-sent events". Frames are bytes that were written
//! once; sending one to a listener copies a pointer.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use lens::task_events::{SCHEMA, TaskEvent};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc::Sender;
use tokio_stream::{Stream, StreamExt as _};

use super::Frame;
use crate::http::service::Service;

/// Where nothing happens, a comment is sent after so long, so that nobody in between hangs up.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a client is told to wait before it comes back, in milliseconds.
const RETRY: &str = "retry: 1000\n\n";

/// So many bytes are sent at once where many events wait.
const CHUNK: usize = 64 * 1024;

/// What a body is made of, piece by piece.
type Piece = Result<Bytes, Infallible>;

/// An event as a frame.
pub fn frame(event: &TaskEvent, schema: &str, id: &str) -> Bytes {
    let data = serde_json::to_string(&event.envelope(schema)).unwrap_or_default();
    Bytes::from(format!("id: {id}\nevent: {}\ndata: {data}\n\n", event.name))
}

/// What a listener wants to hear.
pub struct Wish {
    /// The schema the envelope names.
    pub schema: String,
    /// Which frames.
    pub wanted: Box<dyn Fn(&Frame) -> bool + Send + Sync>,
    /// How a frame is numbered; nothing: by the task's own numbers.
    pub by_position: bool,
    /// Whether it is over with the end of a run.
    pub one_run: bool,
}

impl Wish {
    /// The same, but only what comes after a position.
    #[must_use]
    pub fn after_position(self, position: Option<u64>) -> Self {
        let Some(position) = position else { return self };
        let before = self.wanted;
        Self { wanted: Box::new(move |frame| frame.position > position && before(frame)), ..self }
    }

    /// A frame as it goes out to this listener.
    pub fn bytes(&self, frame: &Frame) -> Bytes {
        if self.schema == SCHEMA && !self.by_position {
            return frame.bytes.clone();
        }
        let id = if self.by_position { frame.position } else { frame.event.sequence };
        self::frame(&frame.event, &self.schema, &id.to_string())
    }
}

/// A listener: what came before, then what comes.
struct Listener {
    wish: Wish,
    before: VecDeque<Bytes>,
    live: Receiver<Arc<Frame>>,
    over: bool,
}

/// A response that tells what came `before`, and then whatever comes that is wished for.
pub fn respond(
    service: &Arc<Service>,
    before: VecDeque<Bytes>,
    live: Receiver<Arc<Frame>>,
    wish: Wish,
    over: bool,
) -> Response {
    let listener = Listener { wish, before, live, over };
    response(until_the_end(service, |send| listener.tell(send)))
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

impl Listener {
    async fn tell(mut self, send: Sender<Piece>) {
        while let Some(bytes) = self.before.pop_front() {
            let bytes = self.with_more(bytes, Self::next_before);
            if send.send(Ok(bytes)).await.is_err() {
                return;
            }
        }
        while !self.over {
            let heard = tokio::select! {
                () = send.closed() => return,
                heard = tokio::time::timeout(KEEP_ALIVE, self.live.recv()) => heard,
            };
            let bytes = match heard {
                Ok(Ok(frame)) => match self.hear(&frame) {
                    Some(bytes) => self.with_more(bytes, Self::next_live),
                    None => continue,
                },
                // It fell behind: it comes back with the number of the last event it saw.
                Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return,
                Err(_) => Bytes::from_static(b": still here\n\n"),
            };
            if send.send(Ok(bytes)).await.is_err() {
                return;
            }
        }
    }

    /// Whatever else waits, in the same piece.
    fn with_more(&mut self, first: Bytes, next: fn(&mut Self) -> Option<Bytes>) -> Bytes {
        let Some(second) = next(self) else { return first };
        let mut piece = Vec::with_capacity(4096);
        piece.extend_from_slice(&first);
        piece.extend_from_slice(&second);
        while piece.len() < CHUNK {
            let Some(more) = next(self) else { break };
            piece.extend_from_slice(&more);
        }
        Bytes::from(piece)
    }

    fn next_before(&mut self) -> Option<Bytes> {
        self.before.pop_front()
    }

    fn next_live(&mut self) -> Option<Bytes> {
        while !self.over {
            match self.live.try_recv() {
                Ok(frame) => {
                    if let Some(bytes) = self.hear(&frame) {
                        return Some(bytes);
                    }
                }
                Err(TryRecvError::Empty) => return None,
                // What is missing must not be skipped: it ends here and comes back.
                Err(TryRecvError::Closed | TryRecvError::Lagged(_)) => self.over = true,
            }
        }
        None
    }

    fn hear(&mut self, frame: &Frame) -> Option<Bytes> {
        if !(self.wish.wanted)(frame) {
            return None;
        }
        self.over = self.wish.one_run && frame.event.is_terminal();
        Some(self.wish.bytes(frame))
    }
}
