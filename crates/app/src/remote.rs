//! The line to a server that keeps the store: one connection, kept open for as long as a call of the
//! program lasts. What goes over it `engine::remote` knows; this only carries it.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Uri, header};
use engine::remote::{Address, Cut, Wire};
use http_body::Body as _;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use model::refusal::{CONFIG_INVALID, Refusal};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::http::webhooks::client::connector;

/// So long it may take to connect.
const TO_CONNECT: Duration = Duration::from_secs(5);

/// So long an answer, or more of one, is waited for: to take a large plan in takes a while.
const TO_ANSWER: Duration = Duration::from_secs(120);

/// A line to a server.
pub struct Line {
    url: String,
    at: Target,
    token: Option<HeaderValue>,
    state: Mutex<State>,
}

struct Target {
    host: String,
    port: u16,
    secure: bool,
    authority: String,
    /// What stands before `/api/v1`.
    path: String,
}

struct State {
    runtime: Runtime,
    open: Option<SendRequest<Body>>,
}

impl Line {
    /// A line to the server at a URL; it is opened with the first message.
    pub fn to(url: &str, token: Option<&str>) -> Result<Self, Refusal> {
        let wrong = |why: &str| {
            Refusal::new(CONFIG_INVALID, format!("`{url}` is no address of a server: {why}"))
                .hint("write it as `http://127.0.0.1:8420` or `https://plans.example.com`")
        };
        let parsed: Uri = url.parse().map_err(|_| wrong("it is no URL"))?;
        let host = parsed.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
        let authority = parsed.authority().map_or(host, |authority| authority.as_str());
        if authority.contains('@') {
            return Err(wrong(
                "a name or password does not belong into it; a token goes into `COUNTERSIGN_TOKEN`",
            ));
        }
        if parsed.query().is_some() {
            return Err(wrong("it has a question behind it"));
        }
        let secure = parsed.scheme_str() == Some("https");
        let at = Target {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: parsed.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            secure,
            authority: authority.to_owned(),
            path: parsed.path().trim_end_matches('/').to_owned(),
        };
        let token = token.map(|token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
                Refusal::new(CONFIG_INVALID, "the token in `COUNTERSIGN_TOKEN` holds what no token does")
            })?;
            value.set_sensitive(true);
            Ok::<_, Refusal>(value)
        });
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| wrong(&error.to_string()))?;
        let state = Mutex::new(State { runtime, open: None });
        Ok(Self { url: url.trim_end_matches('/').to_owned(), at, token: token.transpose()?, state })
    }

    fn request(&self, to: Address, message: &[u8]) -> Result<Request<Body>, Cut> {
        let last = match to {
            Address::Journal => "journal",
            Address::Desk => "desk",
        };
        let mut request = Request::post(format!("{}/api/v1/{last}", self.at.path))
            .header(header::HOST, &self.at.authority)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::USER_AGENT, concat!("countersign/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        request.body(Body::from(message.to_vec())).map_err(|error| unsent(error.to_string()))
    }
}

impl Wire for Line {
    fn name(&self) -> &str {
        &self.url
    }

    fn send(&self, to: Address, message: &[u8], each: &mut dyn FnMut(u16, &[u8])) -> Result<(), Cut> {
        let request = self.request(to, message)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { runtime, open } = &mut *state;
        runtime.block_on(async {
            let mut kept = open.take();
            let is_open = match &mut kept {
                Some(sender) => sender.ready().await.is_ok(),
                None => false,
            };
            let mut sender = match kept.filter(|_| is_open) {
                Some(sender) => sender,
                None => connect(&self.at).await?,
            };
            let sent = timeout(TO_ANSWER, sender.send_request(request)).await;
            let answer = sent
                .map_err(|_| lost(too_long()))?
                .map_err(|error| Cut { may_have_arrived: !error.is_canceled(), why: in_words(&error) })?;
            let status = answer.status().as_u16();
            let mut body = std::pin::pin!(answer.into_body());
            while let Some(frame) =
                timeout(TO_ANSWER, std::future::poll_fn(|context| body.as_mut().poll_frame(context)))
                    .await
                    .map_err(|_| lost(too_long()))?
            {
                let frame = frame.map_err(|error| lost(in_words(&error)))?;
                if let Some(bytes) = frame.data_ref() {
                    each(status, bytes);
                }
            }
            *open = Some(sender);
            Ok(())
        })
    }
}

async fn connect(at: &Target) -> Result<SendRequest<Body>, Cut> {
    let whole = async {
        let stream =
            TcpStream::connect((at.host.as_str(), at.port)).await.map_err(|error| unsent(plain(&error)))?;
        // Messages are small, and each waits for its answer.
        let _ = stream.set_nodelay(true);
        if !at.secure {
            return shake_hands(stream).await;
        }
        let name =
            ServerName::try_from(at.host.clone()).map_err(|_| unsent("its name is no host's".to_owned()))?;
        let tls = connector().map_err(unsent)?;
        let stream = tls
            .connect(name, stream)
            .await
            .map_err(|error| unsent(format!("no secure connection: {error}")))?;
        shake_hands(stream).await
    };
    timeout(TO_CONNECT, whole).await.map_err(|_| unsent("it took too long to connect".to_owned()))?
}

async fn shake_hands<S>(stream: S) -> Result<SendRequest<Body>, Cut>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| unsent(in_words(&error)))?;
    tokio::spawn(connection);
    Ok(sender)
}

fn unsent(why: String) -> Cut {
    Cut { why, may_have_arrived: false }
}

fn lost(why: String) -> Cut {
    Cut { why, may_have_arrived: true }
}

fn too_long() -> String {
    format!("nothing came for {} s", TO_ANSWER.as_secs())
}

fn plain(error: &io::Error) -> String {
    crate::cli::error::plain(error)
}

fn in_words(error: &hyper::Error) -> String {
    format!("the connection broke ({error})")
}
