//! Who asks: an API token of this store, or a JWT of an identity provider.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use model::access::{Bearer, Scope, Token, allow};
use model::digest::Digest;
use model::refusal::{AUTH_INVALID, AUTH_REQUIRED, AUTH_SCOPE};

use super::jwt::Keys;
use crate::cli::commands::token::PREFIX;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

/// Somebody who showed who they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// Who.
    pub subject: Bearer,
    /// In which roles.
    pub roles: BTreeSet<String>,
    /// What they may ask for.
    pub scopes: BTreeSet<Scope>,
}

impl Principal {
    /// Refuses where they may not ask for what takes this scope.
    pub fn may(&self, wanted: Scope) -> Answered<()> {
        if allow(&self.scopes, wanted) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::FORBIDDEN, AUTH_SCOPE, "Insufficient permissions")
            .hint(format!("this asks for the scope `{wanted}`, which {} does not have", self.subject))
            .challenge(format!(
                "Bearer realm=\"countersign\", error=\"insufficient_scope\", scope=\"{wanted}\""
            )))
    }
}

impl From<Token> for Principal {
    fn from(token: Token) -> Self {
        let scopes = token.scopes();
        Self { subject: token.what.subject, roles: token.what.roles, scopes }
    }
}

/// Who asks; nothing where nobody says who they are. Whoever says so and cannot show it is refused.
pub async fn of_request(
    service: &Arc<Service>,
    keys: &Keys,
    headers: &HeaderMap,
) -> Answered<Option<Principal>> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(first), rest) = (sent.next(), sent.next()) else { return Ok(None) };
    if rest.is_some() {
        return Err(invalid());
    }
    let token = first.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let Some(token) = token.filter(|token| !token.is_empty()) else { return Err(invalid()) };
    of_shown(service, keys, &Shown::of(token)).await.map(Some)
}

/// What somebody showed. Of a token of this store only its digest is kept.
#[derive(Clone)]
pub enum Shown {
    /// The digest of a token of this store.
    Token(Digest),
    /// A JWT.
    Jwt(Arc<str>),
}

impl Shown {
    /// What a token is looked up by.
    pub fn of(token: String) -> Self {
        if token.starts_with(PREFIX) {
            Self::Token(Digest::sha256(token.as_bytes()))
        } else {
            Self::Jwt(token.into())
        }
    }
}

/// Whoever showed this, where it is still good.
pub async fn of_shown(service: &Arc<Service>, keys: &Keys, shown: &Shown) -> Answered<Principal> {
    let digest = match shown {
        Shown::Token(digest) => *digest,
        Shown::Jwt(token) => return keys.holder(token, service.desk().now()).ok_or_else(invalid),
    };
    service
        .run(move |service| {
            let known = service.desk().token(&digest)?;
            let good = known.filter(|known| known.is_good(service.desk().now()));
            good.map(Principal::from).ok_or_else(invalid)
        })
        .await
}

/// Nobody said who they are.
pub fn required() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, AUTH_REQUIRED, "Not authenticated")
        .hint("send `Authorization: Bearer TOKEN`; a token is made with `countersign token create`")
        .challenge("Bearer realm=\"countersign\"".to_owned())
}

/// Somebody said who they are and did not show it. It is not told which of the reasons it was.
fn invalid() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, AUTH_INVALID, "Could not validate credentials")
        .hint("the token is unknown, revoked, over, or not signed by a key this service knows")
        .challenge("Bearer realm=\"countersign\", error=\"invalid_token\"".to_owned())
}
