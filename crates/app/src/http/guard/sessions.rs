//! Sign-ins of browsers. A person shows a token once, in a form; from then on the browser shows a cookie
//! that means nothing elsewhere, and what was shown is looked at again with every request: a token that
//! is revoked, or a JWT that has run out, ends the session with the next one.
//!
//! Sessions are kept in memory alone, under the digest of what the cookie holds. They end with the service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, header};
use engine::ids::random_hex;
use model::digest::Digest;

use super::identity::{Principal, Shown};

/// So long a sign-in lasts, however much is done with it.
pub const LASTS: Duration = Duration::from_secs(12 * 3600);

/// The most browsers that are signed in at once; whoever's sign-in ends first makes room.
const MOST: usize = 10_000;

/// How many digits, of 4 bits each, a cookie and a form's word hold.
const DIGITS: usize = 64;

/// A browser that is signed in, and what its forms have to hold.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub known: Principal,
    /// What no page of another site can know.
    pub csrf: Arc<str>,
}

struct Session {
    shown: Shown,
    csrf: Arc<str>,
    until: Duration,
}

/// Every browser that is signed in.
#[derive(Default)]
pub struct Sessions {
    kept: Mutex<HashMap<Digest, Session>>,
}

impl Sessions {
    /// Begins a session for whoever showed this, and gives what its cookie holds. `now` is measured from
    /// any moment, and never goes back.
    pub fn begin(&self, shown: Shown, now: Duration) -> String {
        let secret = random_hex(DIGITS);
        let session = Session { shown, csrf: random_hex(DIGITS).into(), until: now + LASTS };
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.retain(|_, session| session.until > now);
        }
        if kept.len() >= MOST
            && let Some(first) = kept.iter().min_by_key(|(_, session)| session.until).map(|(id, _)| *id)
        {
            kept.remove(&first);
        }
        kept.insert(digest(&secret), session);
        secret
    }

    /// What a session's browser showed, and what its forms hold; nothing where it is over.
    pub fn find(&self, secret: &str, now: Duration) -> Option<(Shown, Arc<str>)> {
        let mut kept = self.kept();
        let id = digest(secret);
        let session = kept.get(&id)?;
        if session.until <= now {
            kept.remove(&id);
            return None;
        }
        Some((session.shown.clone(), Arc::clone(&session.csrf)))
    }

    /// Ends a session.
    pub fn end(&self, secret: &str) {
        self.kept().remove(&digest(secret));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(secret: &str) -> Digest {
    Digest::sha256(secret.as_bytes())
}

/// Whether a request only looks.
pub fn looks(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The name of the cookie. Browsers send cookies to every port of a host, so each service has its own;
/// one that was set over TLS is never sent, or set, over anything else.
fn name(port: u16, safe: bool) -> String {
    if safe { format!("__Host-countersign-{port}") } else { format!("countersign-{port}") }
}

/// What the cookie of a request holds.
pub fn secret_of(headers: &HeaderMap, port: u16) -> Option<String> {
    let names = [name(port, true), name(port, false)];
    let told = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let pairs = told.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let own = pairs.filter(|(name, _)| names.iter().any(|known| known == name));
    own.map(|(_, secret)| secret.to_owned()).find(|secret| secret.len() == DIGITS)
}

/// The header that has a browser keep a session's cookie, or forget it where there is none.
pub fn cookie(port: u16, safe: bool, secret: Option<&str>) -> Option<HeaderValue> {
    let (name, secure) = (name(port, safe), if safe { "; Secure" } else { "" });
    let (held, seconds) = secret.map_or(("", 0), |secret| (secret, LASTS.as_secs()));
    HeaderValue::from_str(&format!(
        "{name}={held}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    ))
    .ok()
}

/// Whether the page a form was sent from came over TLS, as the browser itself says.
pub fn is_over_tls(headers: &HeaderMap) -> bool {
    let told = headers.get(header::ORIGIN).or_else(|| headers.get(header::REFERER));
    told.and_then(|origin| origin.to_str().ok()).is_some_and(|origin| origin.starts_with("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Shown {
        Shown::Token(Digest::sha256(b"csn_x"))
    }

    #[test]
    fn a_session_ends_after_its_time_and_when_somebody_signs_out() {
        let sessions = Sessions::default();
        let one = sessions.begin(shown(), Duration::ZERO);
        let two = sessions.begin(shown(), Duration::from_secs(1));
        assert!(sessions.find(&one, LASTS - Duration::from_secs(1)).is_some());
        assert!(sessions.find(&one, LASTS).is_none(), "its time is over");
        assert!(sessions.find(&two, LASTS).is_some(), "this one began later");
        sessions.end(&two);
        assert!(sessions.find(&two, LASTS).is_none());
        assert!(sessions.find("", Duration::ZERO).is_none());
    }

    #[test]
    fn very_many_sign_ins_take_a_bounded_room() {
        let sessions = Sessions::default();
        let first = sessions.begin(shown(), Duration::ZERO);
        for number in 1..=MOST as u64 {
            sessions.begin(shown(), Duration::from_secs(number));
        }
        assert_eq!(sessions.kept().len(), MOST);
        assert!(sessions.find(&first, Duration::ZERO).is_none());
    }

    #[test]
    fn a_cookie_is_read_by_its_own_name_and_port_only() {
        let secret = "a".repeat(DIGITS);
        let read = |cookies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.parse().expect("a header"));
            secret_of(&headers, 8420)
        };
        assert_eq!(read(&format!("x=1; countersign-8420={secret}")), Some(secret.clone()));
        assert_eq!(read(&format!("__Host-countersign-8420={secret}")), Some(secret.clone()));
        assert_eq!(read(&format!("countersign-8421={secret}")), None);
        assert_eq!(read("countersign-8420=short"), None);
        let kept = cookie(8420, true, Some(&secret)).expect("a header");
        let kept = kept.to_str().expect("plain text");
        for part in
            ["__Host-countersign-8420=", "Path=/;", "HttpOnly", "SameSite=Strict", "Secure", "Max-Age=43200"]
        {
            assert!(kept.contains(part), "{part}: {kept}");
        }
    }
}
