//! The smallest client that can tell an endpoint something. It connects to an address it has looked at
//! itself, follows nothing, and reads no more of an answer than its status.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// From the beginning to the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells endpoints.
#[derive(Clone)]
pub struct Client {
    tls: TlsConnector,
}

/// What makes a connection secure: it believes whom this machine believes.
pub fn connector() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // One that cannot be read vouches for nobody.
        let _ = roots.add(certificate);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Client {
    /// A client that believes whom this machine believes.
    pub fn new() -> Result<Self, String> {
        Ok(Self { tls: connector()? })
    }

    /// Sends a body; anything but a status of 200 to 299 is an error.
    pub async fn post(
        &self,
        url: &Uri,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
        allow_private: bool,
    ) -> Result<(), String> {
        let mut request = Request::post(url).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(body).map_err(|error| error.to_string())?;
        self.send_within(request, allow_private).await
    }

    /// Sends a request to the whole address it names; anything but a status of 200 to 299 is an error.
    pub async fn send_within(&self, request: Request<Vec<u8>>, allow_private: bool) -> Result<(), String> {
        let sent = self.send(request, allow_private);
        tokio::time::timeout(PATIENCE, sent)
            .await
            .map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?
    }

    async fn send(&self, request: Request<Vec<u8>>, allow_private: bool) -> Result<(), String> {
        let (mut parts, body) = request.into_parts();
        let url = std::mem::take(&mut parts.uri);
        let secure = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let stream = connect(&bare, port, allow_private).await?;
        let at = url.authority().map_or(host, |authority| authority.as_str());
        let at = HeaderValue::from_str(at).map_err(|error| error.to_string())?;
        parts.headers.insert(header::HOST, at);
        let own = HeaderValue::from_static(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        parts.headers.insert(header::USER_AGENT, own);
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = path.parse().map_err(|_| "its path is none".to_owned())?;
        let request = Request::from_parts(parts, Body::from(body));
        if secure {
            let name = ServerName::try_from(bare).map_err(|_| "its name is no host's".to_owned())?;
            let stream = self.tls.connect(name, stream).await;
            exchange(stream.map_err(|error| format!("no secure connection: {error}"))?, request).await
        } else {
            exchange(stream, request).await
        }
    }
}

/// Connects to the first of a host's addresses that answers. Where any of them is not to be reached,
/// none is: a name that leads both out and in is up to something.
async fn connect(host: &str, port: u16, allow_private: bool) -> Result<TcpStream, String> {
    let found = lookup_host((host, port)).await.map_err(|_| format!("there is no host `{host}`"))?;
    let addresses: Vec<SocketAddr> = found.collect();
    let private = addresses.iter().find(|address| !allow_private && !is_public(address.ip()));
    if let Some(private) = private {
        return Err(format!("`{host}` is at {}, which is no public address", private.ip()));
    }
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(format!("`{host}` does not answer: {}", last.kind()))
}

async fn exchange<S>(stream: S, request: Request<Body>) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| format!("the connection broke: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await;
    // What else it has to say is not waited for.
    connection.abort();
    let status = answer.map_err(broken)?.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {}", status.as_u16())) }
}

/// Whether an address is one of the open network: not of this machine, not of a private or special one.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
        // Groups, and what is kept for later.
        || a >= 224;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, sixth, high, low] = address.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    // What stands for an address of the older kind is as public as that is.
    if let Some(older) = address.to_ipv4_mapped() {
        return is_public_v4(older);
    }
    match (first, second) {
        (0x64, 0xff9b) if [third, fourth, fifth, sixth] == [0; 4] => return inner(high, low),
        (0x2002, _) => return inner(second, third),
        _ => {}
    }
    // Only what is given out as global, without the parts of it that are for documents and tunnels.
    let global = first & 0xe000 == 0x2000;
    global && !(first == 0x2001 && second < 0x200) && !(first == 0x2001 && second == 0xdb8) && first != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_network_is_public() {
        for (address, public) in [
            ("93.184.216.34", true),
            ("127.0.0.1", false),
            ("127.8.8.8", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("192.0.0.8", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:93.184.216.34", true),
            ("::127.0.0.1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::5db8:d822", true),
            ("2002:7f00:1::", false),
            ("2001:0:4136:e378::1", false),
            ("2606:2800:220:1:248:1893:25c8:1946", true),
        ] {
            assert_eq!(is_public(address.parse().expect("an address")), public, "{address}");
        }
    }
}
