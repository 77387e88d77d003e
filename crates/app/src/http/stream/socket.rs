//! The same events over Socket.IO, for clients that speak it: `subscribe` names a task, a plan or
//! nothing, and from where on; every event is a `task-event` with its envelope and its number among all.
//!
//! Whoever connects shows in the handshake what they would show in a header over HTTP; host and origin
//! were looked at before. A client that does not take what it is told is let go, and comes back with the
//! number of the last event it saw.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use lens::task_events::SCHEMA;
use model::ids::PlanId;
use model::refusal::POLICY_DENIED;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::handler::ConnectHandler as _;
use socketioxide::socket::DisconnectReason;
use socketioxide::{SendError, SocketError, SocketIo};
use tokio::task::AbortHandle;

use super::sse::Shape;
use super::subscription::{After, Subscription, Wanted};
use crate::http::guard::Guard;
use crate::http::guard::doors::{Door, Listed};
use crate::http::problem::{Answered, Problem};
use crate::http::routes::find_task;
use crate::http::service::Service;

/// Where clients connect.
pub const PATH: &str = "/socket.io/";

/// What connecting asks for over HTTP: nothing, since the token comes with the handshake.
pub const DOORS: [Listed; 2] = [(Method::GET, PATH, Door::PUBLIC), (Method::POST, PATH, Door::PUBLIC)];

/// The most that a client has to say is what it subscribes to.
const MOST_SAID: u64 = 16 * 1024;

/// So many packets may wait for a client to take them.
const WAITING: usize = 256;

/// A client that takes nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is tried again meanwhile.
const AGAIN: Duration = Duration::from_millis(10);

/// So long a client may take to show who it is.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The most that one client may subscribe to.
const MOST: usize = 32;

/// What a client shows in the handshake.
#[derive(Debug, Default, Deserialize)]
struct Shown {
    token: Option<String>,
}

/// What a client wants to hear.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Only of this task, until its run ends.
    task: Option<String>,
    /// Only of this plan: its key or id.
    plan: Option<String>,
    /// Only events of these names.
    #[serde(default)]
    events: Vec<String>,
    /// After this event: of a task, by its number there; else by its number among all.
    after: Option<Value>,
    /// The schema that envelopes name.
    schema: Option<String>,
    /// `cloudevents` or `envelope`.
    format: Option<String>,
}

/// Where an event stands among all.
#[derive(Debug, Serialize)]
struct At {
    id: String,
    plan: PlanId,
}

/// The tellers of one client.
type Tellers = Arc<Mutex<Vec<AbortHandle>>>;

/// Where clients connect, and what keeps them.
pub fn routes(service: &Arc<Service>, guard: &Arc<Guard>) -> Router<Arc<Service>> {
    let (clients, io) = SocketIo::builder()
        .max_payload(MOST_SAID)
        .ws_max_message_size(MOST_SAID as usize)
        .ws_max_frame_size(MOST_SAID as usize)
        .max_buffer_size(WAITING)
        .connect_timeout(HANDSHAKE)
        .build_svc();
    let (guard, own) = (Arc::clone(guard), Arc::clone(service));
    // Before it is told that it is connected: what a client asks for in the same instant would find nobody
    // who listens, and be dropped without an answer.
    let shows = move |socket: SocketRef, TryData(shown): TryData<Shown>| {
        let (guard, own) = (Arc::clone(&guard), Arc::clone(&own));
        async move {
            guard.admit_listener(&headers(&socket, shown.unwrap_or_default())?).await?;
            listen_to(&socket, &own);
            Ok::<(), Problem>(())
        }
    };
    let connected = |_: SocketRef| async {};
    io.ns("/", connected.with(shows));
    let ended = service.feed.ended();
    tokio::spawn(async move {
        ended.await;
        io.close().await;
    });
    Router::new().route_service(PATH, clients)
}

/// Does what a client asks for.
fn listen_to(socket: &SocketRef, service: &Arc<Service>) {
    let (service, tellers) = (Arc::clone(service), Tellers::default());
    let told = Arc::clone(&tellers);
    let subscribed = move |socket: SocketRef, TryData(asked): TryData<Asked>, ack: AckSender| async move {
        let answer = match asked {
            Ok(asked) => subscribe(&service, &socket, &told, asked).await,
            Err(wrong) => Err(Problem::invalid("subscribe", wrong.to_string())),
        };
        // A client that is gone already is told nothing.
        let _ = ack.send(&match answer {
            Ok(()) => json!({ "ok": true }),
            Err(no) => json!({ "ok": false, "status": no.status().as_u16(), "error": no.to_string() }),
        });
    };
    socket.on("subscribe", subscribed);
    socket.on_disconnect(move |_: SocketRef, _: DisconnectReason| async move {
        lock(&tellers).drain(..).for_each(|teller| teller.abort());
    });
}

/// What a client shows, as it would over HTTP: in the handshake, else in a header.
fn headers(socket: &SocketRef, shown: Shown) -> Answered<HeaderMap> {
    let Some(token) = shown.token else { return Ok(socket.req_parts().headers.clone()) };
    let text = HeaderValue::from_str(&format!("Bearer {token}"));
    let text = text.map_err(|_| Problem::invalid("token", "`token` is no token"))?;
    Ok(HeaderMap::from_iter([(header::AUTHORIZATION, text)]))
}

async fn subscribe(
    service: &Arc<Service>,
    socket: &SocketRef,
    tellers: &Tellers,
    asked: Asked,
) -> Answered<()> {
    let shape = shape(&asked)?;
    let wanted = service.run(move |service| wanted(service, asked)).await?;
    let subscription = Subscription::begin(service, wanted).await?;
    let mut tellers = lock(tellers);
    tellers.retain(|teller| !teller.is_finished());
    if tellers.len() >= MOST {
        return Err(Problem::new(
            axum::http::StatusCode::TOO_MANY_REQUESTS,
            POLICY_DENIED,
            format!("a client may subscribe {MOST} times"),
        ));
    }
    tellers.push(tokio::spawn(tell(socket.clone(), subscription, shape)).abort_handle());
    Ok(())
}

fn shape(asked: &Asked) -> Answered<Shape> {
    let cloud = match asked.format.as_deref() {
        None | Some("envelope") => false,
        Some("cloudevents") => true,
        Some(_) => return Err(Problem::invalid("format", "`format` is `envelope` or `cloudevents`")),
    };
    let schema = asked.schema.clone().unwrap_or_else(|| SCHEMA.to_owned());
    Shape::new(schema, cloud, true)
}

fn wanted(service: &Service, asked: Asked) -> Answered<Wanted> {
    let wrong = |_| Problem::invalid("after", "`after` is the number of an event");
    let after = asked.after.map(|after| after.as_str().map_or_else(|| after.to_string(), str::to_owned));
    if let Some(task) = asked.task {
        let (plan, task) = find_task(service, &task)?;
        let after = after.map_or(Ok(0), |after| after.parse()).map_err(wrong)?;
        return Ok(Wanted { names: asked.events, ..Wanted::task(plan, task, after) });
    }
    let plan = asked.plan.map(|named| service.plan(&named)).transpose()?.map(|plan| plan.id);
    let after = after.map_or(Ok(After::Now), |after| after.parse().map(After::Id));
    let after = after.map_err(|_| Problem::invalid("after", "`after` is the number of an event"))?;
    Ok(Wanted { plan, task: None, names: asked.events, after })
}

/// Tells a client what comes, until there is no more or it does not take it.
async fn tell(socket: SocketRef, mut subscription: Subscription, shape: Shape) {
    while let Some(frame) = subscription.next().await {
        let at = At { id: frame.id.to_string(), plan: frame.plan };
        if !takes(&socket, &(shape.told(&frame.event), at)).await {
            return let_go(socket).await;
        }
    }
    if !subscription.is_over() {
        let_go(socket).await;
    }
}

/// Whether a client takes an event, with patience.
async fn takes(socket: &SocketRef, told: &impl Serialize) -> bool {
    let tries = PATIENCE.as_millis() / AGAIN.as_millis();
    for _ in 0..tries {
        match socket.emit("task-event", told) {
            Ok(()) => return true,
            Err(SendError::Socket(SocketError::InternalChannelFull)) => tokio::time::sleep(AGAIN).await,
            Err(_) => return false,
        }
    }
    false
}

/// Ends a client's connection; one that takes nothing takes that later, or is found to be gone.
async fn let_go(socket: SocketRef) {
    while socket.connected() && socket.clone().disconnect().is_err() {
        tokio::time::sleep(AGAIN).await;
    }
}

fn lock(tellers: &Tellers) -> std::sync::MutexGuard<'_, Vec<AbortHandle>> {
    tellers.lock().unwrap_or_else(PoisonError::into_inner)
}
