//! JWTs of an identity provider: a shared secret or a public key, and what a token must say.
//! Times are judged by the store's own clock.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use model::access::{Bearer, scopes_of};
use serde_json::{Map, Value};

use super::crypto::{self, ALGORITHMS};
use super::identity::Principal;

/// The shared secret.
pub const SECRET: &str = "COUNTERSIGN_JWT_SECRET";
/// A file with a public key, in PEM.
pub const PUBLIC_KEY_FILE: &str = "COUNTERSIGN_JWT_PUBLIC_KEY_FILE";
/// Whom tokens must be meant for.
pub const AUDIENCE: &str = "COUNTERSIGN_JWT_AUDIENCE";
/// Who must have issued them.
pub const ISSUER: &str = "COUNTERSIGN_JWT_ISSUER";

/// The fewest bytes of a secret.
const SHORTEST_SECRET: usize = 32;
/// A secret with fewer different bytes than this was not drawn at random.
const FEWEST_KINDS: usize = 10;
/// Parts of secrets that stand in manuals and templates, letter case aside.
const DEFAULTS: [&str; 12] = [
    "changeme",
    "change-me",
    "change_me",
    "change-this",
    "your-secret",
    "your_secret",
    "your-256-bit",
    "default-secret",
    "insecure",
    "dev-secret",
    "please-",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
];
/// `nbf` may lie so far ahead: clocks differ.
const SKEW_SECONDS: f64 = 60.0;

/// What stands before the key in the DER of a public key, by algorithm.
const KINDS: [(Algorithm, &[u8], usize); 2] = [
    (
        Algorithm::ES256,
        &[
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
            0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ],
        65,
    ),
    (Algorithm::EdDSA, &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], 32),
];

/// The keys that tokens are checked with, and whom they must name.
#[derive(Default)]
pub struct Keys {
    secret: Option<DecodingKey>,
    public: Option<(Algorithm, DecodingKey)>,
    audience: Option<String>,
    issuer: Option<String>,
}

impl Keys {
    /// The keys the environment names; `read` reads a file.
    pub fn of(
        variable: impl Fn(&str) -> Option<String>,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        crypto::install();
        let mut keys = Self { audience: variable(AUDIENCE), issuer: variable(ISSUER), ..Self::default() };
        if let Some(secret) = variable(SECRET) {
            if let Some(weakness) = weakness(secret.as_bytes()) {
                return Err(format!("`{SECRET}` {weakness}"));
            }
            keys.secret = Some(DecodingKey::from_secret(secret.as_bytes()));
        }
        if let Some(path) = variable(PUBLIC_KEY_FILE) {
            keys.public = Some(public_key(&read(&path)?).ok_or_else(|| {
                format!("`{path}` holds no public key in PEM for ES256 (P-256) or EdDSA (Ed25519)")
            })?);
        }
        Ok(keys)
    }

    /// Whether there are any.
    pub fn is_some(&self) -> bool {
        self.secret.is_some() || self.public.is_some()
    }

    /// Whom a token stands for; nothing where it does not hold.
    pub fn holder(&self, token: &str, now: Timestamp) -> Option<Principal> {
        let algorithm = decode_header(token).ok()?.alg;
        if !ALGORITHMS.contains(&algorithm) {
            return None;
        }
        let key = match (&self.public, algorithm) {
            (Some((kind, key)), algorithm) if *kind == algorithm => key,
            (_, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) => self.secret.as_ref()?,
            _ => return None,
        };
        let mut rules = Validation::new(algorithm);
        rules.set_required_spec_claims(&["exp", "sub"]);
        // By the store's clock below.
        rules.validate_exp = false;
        match &self.audience {
            Some(audience) => rules.set_audience(&[audience]),
            None => rules.validate_aud = false,
        }
        if let Some(issuer) = &self.issuer {
            rules.set_issuer(&[issuer]);
        }
        let claims = decode::<Map<String, Value>>(token, key, &rules).ok()?.claims;
        if (self.audience.is_some() && !claims.contains_key("aud"))
            || (self.issuer.is_some() && !claims.contains_key("iss"))
        {
            return None;
        }
        principal(&claims, now)
    }
}

fn principal(claims: &Map<String, Value>, now: Timestamp) -> Option<Principal> {
    let seconds = now.as_millisecond() as f64 / 1000.0;
    if claims.get("exp")?.as_f64()? <= seconds {
        return None;
    }
    if let Some(begins) = claims.get("nbf")
        && begins.as_f64()? > seconds + SKEW_SECONDS
    {
        return None;
    }
    let subject = Bearer::parse(claims.get("sub")?.as_str()?).ok()?;
    let roles = words(claims.get("roles"))?;
    let scopes = words(claims.get("scope"))?;
    let scopes = scopes_of(roles.iter().map(String::as_str), scopes.iter().map(String::as_str));
    Some(Principal { subject, roles, scopes })
}

/// A list of words, or words with spaces between them: both are in use.
fn words(claim: Option<&Value>) -> Option<BTreeSet<String>> {
    match claim {
        None | Some(Value::Null) => Some(BTreeSet::new()),
        Some(Value::String(text)) => Some(text.split_whitespace().map(str::to_owned).collect()),
        Some(Value::Array(list)) => list.iter().map(|word| Some(word.as_str()?.to_owned())).collect(),
        Some(_) => None,
    }
}

/// Why a secret is not one.
fn weakness(secret: &[u8]) -> Option<String> {
    if secret.len() < SHORTEST_SECRET {
        return Some(format!("has {} bytes; a secret has at least {SHORTEST_SECRET}", secret.len()));
    }
    let text = String::from_utf8_lossy(secret).to_ascii_lowercase();
    if DEFAULTS.iter().any(|known| text.contains(known)) {
        return Some("stands in manuals or templates, so everybody knows it".to_owned());
    }
    let period = (1..=secret.len() / 2).find(|period| secret[*period..] == secret[..secret.len() - period]);
    if period.is_some() {
        return Some("repeats itself".to_owned());
    }
    let kinds: BTreeSet<u8> = secret.iter().copied().collect();
    (kinds.len() < FEWEST_KINDS).then(|| format!("is made of {} different bytes only", kinds.len()))
}

fn public_key(pem: &str) -> Option<(Algorithm, DecodingKey)> {
    let (_, rest) = pem.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
    let der = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
    KINDS.iter().find_map(|(algorithm, before, length)| {
        let key = der.strip_prefix(*before).filter(|key| key.len() == *length)?;
        let key = match algorithm {
            Algorithm::ES256 => DecodingKey::from_ec_der(key),
            _ => DecodingKey::from_ed_der(key),
        };
        Some((*algorithm, key))
    })
}

#[cfg(test)]
mod tests {
    use super::weakness;

    #[test]
    fn a_secret_is_long_and_drawn_at_random() {
        for weak in [
            "",
            "short",
            "00000000000000000000000000000000",
            "abcdefgh-1abcdefgh-1abcdefgh-1abcdefgh-1",
            "please-change-this-to-something-long-9",
            "your-256-bit-secret-0123456789abcdef",
            "0101001101011100101010111010010101",
        ] {
            assert!(weakness(weak.as_bytes()).is_some(), "{weak}");
        }
        assert!(weakness(&[0; 64]).is_some());
        assert_eq!(weakness(b"kV7zq0LxT2mWn8RcYb4HsJd6PfGa1EuX"), None);
        assert_eq!(weakness(b"9f2c4b7a61d80e35c7f1a2b4d6e8093b"), None);
    }
}
