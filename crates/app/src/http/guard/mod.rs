//! The guard before every route: the name that was asked for, who asks, whether they may, how often,
//! and a line about it. In this order: authenticate, authorise, limit, and only then the body.
//!
//! It knows routes only by what the service's description says of them ([`doors`]), and nothing of
//! plans: what an actor may do to a plan is the model's business.

pub mod browser;
pub mod crypto;
pub mod doors;
pub mod forms;
pub mod identity;
pub mod jwt;
pub mod limits;
pub mod log;
pub mod proxies;
pub mod record;
pub mod sessions;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use model::access::Scope;
use model::refusal::RATE_LIMITED;

use self::doors::{Door, Doors, UNMATCHED};
use self::identity::{Principal, Shown};
use self::jwt::Keys;
use self::limits::{Asked, Limits, Sender};
use self::log::Log;
use self::proxies::Network;
use self::record::{Line, Record};
use self::sessions::{Sessions, SignedIn};
use super::problem::{Answered, Problem};
use super::service::Service;
use super::{spans, web};

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
    sessions: Sessions,
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
        let sessions = Sessions::default();
        Self { service, bound, prove, names, proxies, keys, doors, limits, sessions, record, log, since }
    }

    /// Signs a browser in with a token, and gives what its cookie is to hold.
    pub async fn sign_in(&self, token: String) -> Answered<String> {
        let shown = Shown::of(token);
        identity::of_shown(&self.service, &self.keys, &shown).await?;
        Ok(self.sessions.begin(shown, self.since.elapsed()))
    }

    /// Ends the session of a browser.
    pub fn sign_out(&self, headers: &HeaderMap) {
        if let Some(secret) = sessions::secret_of(headers, self.bound.port()) {
            self.sessions.end(&secret);
        }
    }

    /// The header that has a browser keep its session, or forget it.
    pub fn cookie(&self, headers: &HeaderMap, secret: Option<&str>) -> Option<HeaderValue> {
        sessions::cookie(self.bound.port(), sessions::is_over_tls(headers), secret)
    }

    /// The browser that asks, where one is signed in. A session that is over is none.
    async fn browser(&self, headers: &HeaderMap) -> Answered<Option<SignedIn>> {
        let Some(secret) = sessions::secret_of(headers, self.bound.port()) else { return Ok(None) };
        let Some((shown, csrf)) = self.sessions.find(&secret, self.since.elapsed()) else { return Ok(None) };
        match identity::of_shown(&self.service, &self.keys, &shown).await {
            Ok(known) => Ok(Some(SignedIn { known, csrf })),
            Err(no) if no.status() == StatusCode::UNAUTHORIZED => {
                self.sessions.end(&secret);
                Ok(None)
            }
            Err(down) => Err(down),
        }
    }

    /// Lets a request in, with who asks attached to it, and says which browser it is where one is signed
    /// in; or says why not.
    async fn admit(
        &self,
        request: &mut Request,
        sender: IpAddr,
        line: &mut Line,
    ) -> Answered<Option<SignedIn>> {
        browser::host(request, self.bound, &self.names)?;
        browser::origin(request)?;
        let door = self.door(request);
        let mut known = match door {
            // What tells nothing of any plan asks nobody for anything.
            Door::PUBLIC => None,
            _ => identity::of_request(&self.service, &self.keys, request.headers()).await?,
        };
        let mut browser = None;
        if known.is_none() && door != Door::PUBLIC {
            browser = self.browser(request.headers()).await?;
            known = browser.as_ref().map(|browser| browser.known.clone());
        }
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
        if let Some(browser) = &browser {
            request.extensions_mut().insert::<SignedIn>(browser.clone());
        }
        Ok(browser)
    }

    /// Lets somebody listen over a connection that is open already: with what they show in its
    /// handshake, they may see plans. Its host and origin were looked at when it was opened.
    pub async fn admit_listener(&self, headers: &HeaderMap) -> Answered<()> {
        let known = match identity::of_request(&self.service, &self.keys, headers).await? {
            None => self.browser(headers).await?.map(|browser| browser.known),
            known => known,
        };
        match known {
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
    let span = spans::request(&request);
    let page = web::signing::Page::of(&request);
    let admitted = match guard.admit(&mut request, sender, &mut line).await {
        Ok(None) => Ok(line.reading(request)),
        // Whoever signs in anew sends a form that is nobody's yet.
        Ok(Some(_)) if request.uri().path() == web::signing::SIGN_IN => Ok(line.reading(request)),
        Ok(Some(browser)) => forms::check(line.reading(request), &browser).await,
        Err(problem) => Err(problem),
    };
    let mut response = match admitted {
        Ok(request) => span.within(next.run(request)).await,
        Err(problem) => page.sorry(problem),
    };
    span.ended(response.status());
    browser::say(response.headers_mut());
    if let (Some(log), Some((begun, since))) = (&guard.log, begun) {
        log.write(begun, line.subject(), since.elapsed(), &mut response);
    }
    if let Some(record) = &guard.record {
        record.keep(line, &response, guard.service.desk());
    }
    response
}
