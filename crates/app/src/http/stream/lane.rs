//! A connection whose answer is written past the server: what many listeners hear is one piece of bytes,
//! and each of them costs one write of it, no task that is woken and no body that is asked for more.
//!
//! The server still has the connection: it writes the head of the answer, notices that the client has
//! gone, and writes the end. In between, from the moment it has written all it had to the moment the
//! body ends, only whoever holds the [`Lane`] writes, whole chunks as HTTP/1.1 frames them.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;

/// The server's side of a connection.
pub struct Wire {
    read: OwnedReadHalf,
    lane: Arc<Lane>,
}

/// The other way to write to it.
#[derive(Default)]
pub struct Lane {
    /// Nothing once the connection has ended.
    half: Mutex<Option<OwnedWriteHalf>>,
    boarding: Mutex<Option<Boarding>>,
    boards: AtomicBool,
    end: Mutex<End>,
    closed: Notify,
}

/// Done once the server has written all it had.
type Boarding = Box<dyn FnOnce() + Send>;

/// Where the answer of a route finds the connection it goes out on.
#[derive(Clone, Default)]
pub struct Seat(pub Arc<OnceLock<Arc<Lane>>>);

#[derive(Default)]
enum End {
    #[default]
    Open,
    /// Somebody waits for it.
    Awaited(Waker),
    Over,
    /// In the middle of a chunk: the connection is of no more use.
    CutOff,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// All of it is on its way.
    All,
    /// So many bytes are; the client takes no more now.
    Part(usize),
    /// There is no connection any more.
    Gone,
}

impl Wire {
    /// Both sides of a connection.
    pub fn of(stream: TcpStream) -> (Self, Arc<Lane>) {
        let (read, write) = stream.into_split();
        let lane = Arc::new(Lane { half: Mutex::new(Some(write)), ..Lane::default() });
        (Self { read, lane: Arc::clone(&lane) }, lane)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // Whoever writes at this moment is waited for, so that nobody writes to what comes after it.
        drop(self.lane.half().take());
        self.lane.closed.notify_one();
    }
}

impl Lane {
    /// Has something done once the server has written all it had: from then on the lane is free.
    pub fn board(&self, then: Boarding) {
        *lock(&self.boarding) = Some(then);
        self.boards.store(true, Ordering::Release);
    }

    /// Writes as much as the client takes at once.
    pub fn write(&self, bytes: &[u8]) -> Written {
        let half = self.half();
        let Some(half) = half.as_ref() else { return Written::Gone };
        let mut written = 0;
        while written < bytes.len() {
            match half.try_write(&bytes[written..]) {
                Ok(0) => return Written::Gone,
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Written::Part(written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The server finds out by itself, and ends the connection.
                Err(_) => return Written::Gone,
            }
        }
        Written::All
    }

    /// Writes some bytes as soon as the client takes any.
    pub fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.half().as_mut() {
            Some(half) => Pin::new(half).poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Whether there still is a connection.
    pub fn is_open(&self) -> bool {
        self.half().is_some()
    }

    /// Waits until the connection has ended.
    pub async fn closed(&self) {
        self.closed.notified().await;
    }

    /// There is no more to tell: the server ends the answer.
    pub fn end(&self) {
        self.ends(End::Over);
    }

    /// The client takes nothing: the server ends the connection.
    pub fn cut_off(&self) {
        self.ends(End::CutOff);
    }

    fn ends(&self, how: End) {
        let before = std::mem::replace(&mut *lock(&self.end), how);
        if let End::Awaited(waker) = before {
            waker.wake();
        }
    }

    /// Waits for the end; an error where that is in the middle of a chunk.
    pub fn poll_end(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut end = lock(&self.end);
        match &mut *end {
            End::Over => Poll::Ready(Ok(())),
            End::CutOff => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            End::Awaited(waker) => {
                waker.clone_from(cx.waker());
                Poll::Pending
            }
            End::Open => {
                *end = End::Awaited(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn half(&self) -> MutexGuard<'_, Option<OwnedWriteHalf>> {
        lock(&self.half)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.read).poll_read(cx, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.lane.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.lane.half().as_mut() {
            Some(half) => Pin::new(half).poll_write_vectored(cx, pieces),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The server asks for this when it has nothing more to write itself.
        if self.lane.boards.swap(false, Ordering::Acquire)
            && let Some(board) = lock(&self.lane.boarding).take()
        {
            board();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.lane.half().as_mut() {
            Some(half) => Pin::new(half).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
