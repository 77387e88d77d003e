//! The guard before every route: the name that was asked for, who asks, whether they may, how often,
//! and a line about it. In this order: authenticate, authorise, limit, and only then the body.
//!
//! It knows routes only by what the service's description says of them ([`doors`]), and nothing of
//! plans: what an actor may do to a plan is the model's business.

pub mod browser;
pub mod crypto;
pub mod doors;
pub mod identity;
pub mod jwt;
pub mod limits;
pub mod log;
pub mod proxies;
pub mod record;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::access::Scope;
use model::refusal::RATE_LIMITED;

use self::doors::{Door, Doors, UNMATCHED};
use self::identity::Principal;
use self::jwt::Keys;
use self::limits::{Asked, Limits, Sender};
use self::log::Log;
use self::proxies::Network;
use self::record::{Line, Record};
use super::problem::{Answered, Problem};
use super::service::Service;

/// How the guard is set up.
#[derive(Default)]
pub struct Settings {
    /// Whether everybody has to show who they are, on this machine too.
    pub prove: bool,
    /// Names the service goes by, besides those of this machine and the address it listens on.
    pub names: Vec<String>,
    /// Proxies whose word on where a request comes from counts.
    pub proxies: Vec<Network>,
    /// Limits other than the usual ones.
    pub limits: Vec<Asked>,
    /// What JWTs are checked with.
    pub keys: Keys,
    /// Where requests are put on record.
    pub record: Option<Record>,
    /// Where a line about each goes for whoever gathers logs.
    pub log: Option<Log>,
}

/// The guard.
pub struct Guard {
    service: Arc<Service>,
    bound: SocketAddr,
    prove: bool,
    names: Vec<String>,
    proxies: Vec<Network>,
    keys: Keys,
    doors: Doors,
    limits: Limits,
    record: Option<Record>,
    log: Option<Log>,
    since: Instant,
}

impl Guard {
    /// The guard of a service that listens on an address.
    pub fn new(service: Arc<Service>, bound: SocketAddr, settings: Settings, doors: Doors) -> Self {
        let Settings { prove, names, proxies, limits, keys, record, log } = settings;
        let limits = Limits::new(&limits);
        let since = Instant::now();
        Self { service, bound, prove, names, proxies, keys, doors, limits, record, log, since }
    }

    /// Lets a request in, with who asks attached to it; or says why not.
    async fn admit(&self, request: &mut Request, sender: IpAddr, line: &mut Line) -> Answered<()> {
        browser::host(request, self.bound, &self.names)?;
        browser::origin(request)?;
        let door = self.door(request);
        let known = match door {
            // What tells nothing of any plan asks nobody for anything.
            Door::PUBLIC => None,
            _ => identity::of_request(&self.service, &self.keys, request.headers()).await?,
        };
        if let Some(known) = &known {
            line.known(known);
        }
        match (&known, door.scope) {
            (Some(known), Some(scope)) => known.may(scope)?,
            (None, Some(_)) if self.prove => return Err(identity::required()),
            _ => {}
        }
        if let Some(class) = door.class {
            let key = match &known {
                Some(known) => Sender::Principal(known.subject.to_string()),
                None => Sender::Address(sender),
            };
            self.limits.pass(class, &key, self.since.elapsed()).map_err(|again| {
                Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    RATE_LIMITED,
                    format!("too many requests of the kind `{}`", class.as_str()),
                )
                .hint(format!("try again in {again} s"))
                .again_after(again)
            })?;
        }
        if let Some(known) = known {
            request.extensions_mut().insert::<Principal>(known);
        }
        Ok(())
    }

    /// Lets somebody listen over a connection that is open already: with what they show in its
    /// handshake, they may see plans. Its host and origin were looked at when it was opened.
    pub async fn admit_listener(&self, headers: &HeaderMap) -> Answered<()> {
        match identity::of_request(&self.service, &self.keys, headers).await? {
            Some(known) => known.may(Scope::PlansRead),
            None if self.prove => Err(identity::required()),
            None => Ok(()),
        }
    }

    /// What the route a request matched asks for.
    fn door(&self, request: &Request) -> Door {
        let path = request.extensions().get::<MatchedPath>();
        path.map_or(UNMATCHED, |path| self.doors.find(request.method(), path.as_str()))
    }
}

/// Stands before every route.
pub async fn watch(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let peer = peer.unwrap_or_else(|| guard.bound.ip());
    let sender = proxies::sender(peer, request.headers(), &guard.proxies);
    let mut line = Line::of(&request, sender);
    let begun = guard.log.as_ref().map(|_| (Log::look(&request), Instant::now()));
    let mut response = match guard.admit(&mut request, sender, &mut line).await {
        Ok(()) => next.run(line.reading(request)).await,
        Err(problem) => problem.into_response(),
    };
    browser::say(response.headers_mut());
    if let (Some(log), Some((begun, since))) = (&guard.log, begun) {
        log.write(begun, line.subject(), since.elapsed(), &mut response);
    }
    if let Some(record) = &guard.record {
        record.keep(line, &response, guard.service.desk());
    }
    response
}
