//! Connections: taken in up to a number, given so long for the head of each request, and asked to
//! end when the service does. `axum::serve` waits for a head for as long as it takes.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::Version;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

use super::stream::lane::{Seat, Wire};

/// The most connections at the same time; further ones wait to be taken in.
const MOST_CONNECTIONS: usize = 8192;

/// The most bytes of a request's head. There may be a hundred headers in it, as hyper has it.
const MOST_HEAD: usize = 32 * 1024;

/// Where no further connection can be had, nobody is asked again for so long.
const OUT_OF_FILES: Duration = Duration::from_millis(200);

/// Serves until `stop` is ready, and then until every connection has ended.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    head: Duration,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let ending = watch::Sender::new(false);
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let permit = tokio::select! {
            () = &mut stop => break,
            permit = Arc::clone(&room).acquire_owned() => permit.map_err(io::Error::other)?,
        };
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            taken = listener.accept() => match taken {
                Ok(taken) => taken,
                Err(error) => {
                    // A client that has gone already says nothing about the next one.
                    if error.kind() != io::ErrorKind::ConnectionAborted {
                        tokio::time::sleep(OUT_OF_FILES).await;
                    }
                    continue;
                }
            },
        };
        let (app, ended) = (app.clone(), ending.subscribe());
        tokio::spawn(async move {
            connection(stream, peer, app, head, ended).await;
            drop(permit);
        });
    }
    drop(listener);
    ending.send_replace(true);
    // Every connection holds a receiver until it has ended.
    ending.closed().await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    head: Duration,
    mut ending: watch::Receiver<bool>,
) {
    // Answers are small, and many are one event of a stream: none waits for a second one.
    let _ = stream.set_nodelay(true);
    let (wire, lane) = Wire::of(stream);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        // Older clients know no chunks: what is written to them is what the server makes of it.
        let lane = (request.version() == Version::HTTP_11).then(|| Arc::clone(&lane));
        let app = app.clone();
        async move {
            let answered: Result<Response, Infallible> = app.oneshot(request).await;
            if let Ok(response) = &answered
                && let Some(seat) = response.extensions().get::<Seat>()
                && let Some(lane) = lane
            {
                // An answer has one connection.
                let _ = seat.0.set(lane);
            }
            answered
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head).max_header_size(MOST_HEAD);
    let connection = http.serve_connection(TokioIo::new(wire), service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        // How a connection breaks off is its client's business.
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|ended| *ended) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
