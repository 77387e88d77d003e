//! The service: the same journal, desk and views as the command line, over HTTP.
//!
//! A route turns a request into a command for the desk or a question to a view, and the answer into
//! JSON of the shape `--json` prints. It has no rule of its own. What blocks (the desk, the disk) is
//! done on threads kept for that, and is finished there whether or not the client still waits.
//! Start at [`serve`]; each topic is one file in `routes/`.

pub mod caller;
pub mod checking;
pub mod deliveries;
pub mod feed;
pub mod guard;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod queries;
pub mod routes;
pub mod server;
pub mod service;
pub mod spans;
pub mod stream;
pub mod web;
pub mod webhooks;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use guard::Guard;
use guard::doors::Doors;
use model::refusal::{ROUTE_NOT_FOUND, USAGE_INVALID};
use problem::Problem;
use queries::Queries;
use service::Service;
use webhooks::courier;
use webhooks::endpoint::Endpoint;

/// The most bytes a request's body may have.
pub const MOST_BODY: usize = 4 * 1024 * 1024;

/// A body that takes longer to arrive than this between two of its pieces is not waited for.
const BODY_PAUSE: Duration = Duration::from_secs(20);

/// Requests under way are given so long to end once the service is to stop.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How a service is set up.
pub struct Settings {
    /// Where it listens.
    pub address: SocketAddr,
    /// How long the head of a request may take to arrive.
    pub head: Duration,
    /// Who may ask, and how often.
    pub guard: guard::Settings,
    /// Who is told what happens.
    pub endpoints: Vec<Endpoint>,
}

/// Everything the service answers, at an address, behind its guard.
pub fn router(service: Arc<Service>, bound: SocketAddr, settings: guard::Settings) -> (Router, Arc<Guard>) {
    let (api, description) = routes::all();
    let described = openapi::complete(description);
    let queries = Arc::new(Queries::of(&described));
    let listed =
        openapi::DOORS.into_iter().chain(routes::DOORS).chain(stream::socket::DOORS).chain(web::DOORS);
    let doors = Doors::of(&described, listed);
    let guard = Arc::new(Guard::new(Arc::clone(&service), bound, settings, doors));
    let router = Router::new()
        .merge(api)
        .merge(routes::schemas())
        .merge(stream::socket::routes(&service, &guard))
        .merge(web::routes(&guard))
        .merge(openapi::routes(described))
        .fallback(|| async {
            Problem::new(StatusCode::NOT_FOUND, ROUTE_NOT_FOUND, "there is nothing at this address")
        })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                USAGE_INVALID,
                "this address does not take that method",
            )
        })
        .with_state(service)
        .layer(from_fn_with_state(queries, queries::check))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(from_fn_with_state(Arc::clone(&guard), guard::watch));
    (router, guard)
}

/// Serves until `stop` is ready, and says where once it listens.
pub fn serve(
    service: Arc<Service>,
    settings: Settings,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let Settings { address, head, guard, endpoints } = settings;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let telling = spans::begin(runtime.handle()).map_err(io::Error::other)?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let following = feed::follow(Arc::clone(&service))?;
        let (app, guard) = router(Arc::clone(&service), address, guard);
        tokio::spawn(stream::starting::keep(Arc::clone(&service)));
        tokio::spawn(stream::live::keep(Arc::clone(&service)));
        courier::send_out(&service, endpoints)?;
        metrics::count_ahead(&service)?;
        // Whoever asks it to end the moment it says where it listens is heard: the first look at `stop`
        // is what makes it listen for that.
        let mut stop = Box::pin(stop);
        if poll_fn(|context| Poll::Ready(stop.as_mut().poll(context).is_ready())).await {
            return Ok(guard);
        }
        listening(address);
        let ending = Arc::clone(&service);
        let stopped = async move {
            stop.await;
            ending.checking.end();
            ending.feed.end();
        };
        let ended = service.feed.ended();
        let served = tokio::select! {
            served = server::serve(listener, app, head, stopped) => served,
            () = async { ended.await; tokio::time::sleep(LAST_WORDS).await; } => Ok(()),
        };
        service.feed.end();
        drop(following);
        served.map(|()| guard)
    });
    // What spans are left are told while there is somebody to send them.
    if let Some(telling) = telling {
        telling.end();
    }
    runtime.shutdown_timeout(LAST_WORDS);
    // The last to let go of it waits until the record of requests is written.
    served.map(drop)
}
