//! What protects people who use the service with a browser: the names it answers to, the sites it
//! takes changes from, and what its pages may do.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use model::refusal::ORIGIN_REFUSED;

use crate::http::problem::{Answered, Problem};

/// What every answer says to browsers, unless its route says otherwise.
const SAID: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Says it.
pub fn say(headers: &mut HeaderMap) {
    for (name, value) in SAID {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Refuses a request for a host this service does not go by. A page of another site can have its own
/// name lead to this address; the name it was loaded under still stands in the request.
pub fn host<B>(request: &Request<B>, bound: SocketAddr, names: &[String]) -> Answered<()> {
    let mut told = request.headers().get_all(header::HOST).iter();
    let host = match (told.next(), told.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, None) => request.uri().authority().map(|authority| authority.as_str()),
        _ => None,
    };
    if host.is_some_and(|host| goes_by(name_of(host), bound, names)) {
        return Ok(());
    }
    let named = host.unwrap_or_default().escape_debug().to_string();
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        ORIGIN_REFUSED,
        format!("this service does not go by the name `{named}`"),
    )
    .hint("start it with `--host NAME` where it does"))
}

fn goes_by(name: &str, bound: SocketAddr, names: &[String]) -> bool {
    if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        // An address is no name that somebody else could lead here.
        return address.is_loopback() || bound.ip().is_unspecified() || address == bound.ip();
    }
    name.eq_ignore_ascii_case("localhost") || names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The name without the port.
fn name_of(host: &str) -> &str {
    if host.starts_with('[') {
        return host.find(']').map_or(host, |end| &host[..=end]);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// Refuses a change, or a connection that is kept open, that a page of another site asks for.
pub fn origin<B>(request: &Request<B>) -> Answered<()> {
    let headers = request.headers();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads && !headers.contains_key(header::UPGRADE) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let told = match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) => return Ok(()),
        (Some(site), None) => site.to_owned(),
        (_, Some(origin)) => {
            let own = text("host").or_else(|| request.uri().authority().map(|authority| authority.as_str()));
            let theirs = origin.split_once("://").map(|(_, host)| host);
            if text("sec-fetch-site").is_none() && theirs.is_some() && theirs == own {
                return Ok(());
            }
            origin.to_owned()
        }
        (None, None) => return Ok(()),
    };
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        ORIGIN_REFUSED,
        format!("a page of another site asks for this: `{}`", told.escape_debug()),
    )
    .hint("changes are taken from this service's own pages, and from programs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().method(method).uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request")
    }

    #[test]
    fn only_names_the_service_goes_by_are_answered() {
        let bound: SocketAddr = "192.0.2.7:8420".parse().expect("an address");
        let names = ["plan.example".to_owned()];
        for good in ["localhost:8420", "127.0.0.1", "[::1]:8420", "192.0.2.7:8420", "Plan.Example"] {
            assert!(host(&request("GET", &[("host", good)]), bound, &names).is_ok(), "{good}");
        }
        for bad in ["evil.example", "192.0.2.8", "localhost.evil.example", "", "plan.example.evil"] {
            assert!(host(&request("GET", &[("host", bad)]), bound, &names).is_err(), "{bad}");
        }
        let two = [("host", "localhost"), ("host", "evil.example")];
        assert!(host(&request("GET", &two), bound, &names).is_err());
        assert!(host(&request("GET", &[]), bound, &names).is_err());
        let anywhere: SocketAddr = "0.0.0.0:8420".parse().expect("an address");
        assert!(host(&request("GET", &[("host", "192.0.2.8")]), anywhere, &[]).is_ok());
    }

    #[test]
    fn changes_are_taken_from_own_pages_and_from_programs() {
        let own = ("host", "plan.example:8420");
        let taken = |method: &str, headers: &[(&str, &str)]| {
            origin(&request(method, &[&[own], headers].concat())).is_ok()
        };
        assert!(taken("POST", &[]));
        assert!(taken("POST", &[("origin", "https://plan.example:8420")]));
        assert!(taken("POST", &[("origin", "https://plan.example:8420"), ("sec-fetch-site", "same-origin")]));
        assert!(!taken("POST", &[("origin", "https://evil.example")]));
        assert!(!taken("POST", &[("origin", "null")]));
        assert!(!taken("POST", &[("sec-fetch-site", "cross-site")]));
        assert!(!taken("POST", &[("sec-fetch-site", "same-site"), ("origin", "https://plan.example:8420")]));
        assert!(taken("GET", &[("origin", "https://evil.example")]));
        assert!(!taken("GET", &[("origin", "https://evil.example"), ("upgrade", "websocket")]));
    }
}
