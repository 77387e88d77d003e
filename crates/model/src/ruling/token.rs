//! Tokens for the service: a person makes them, and a person takes them back.

use jiff::Timestamp;

use super::{Ruling, person, required};
use crate::access::{Role, Scope, TokenIssued};
use crate::command::IssueToken;
use crate::context::Context;
use crate::event::Event;
use crate::ids::TokenId;
use crate::refusal::{self, Refusal};

/// The longest name of a token.
const LONGEST_NAME: usize = 128;

pub(super) fn issue(ruling: &mut Ruling<'_>, asked: IssueToken, cx: &mut Context<'_>) -> Result<(), Refusal> {
    person(ruling.before(), cx, "make a token")?;
    let IssueToken { name, digest, subject, roles, scopes, until } = asked;
    let name = required(&name, "a token's name")?;
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a token's name has 1 to 128 visible characters"));
    }
    if let Some(word) = roles.iter().find(|word| Role::parse(word).is_none()) {
        return Err(unknown("role", word, Role::ALL.iter().map(|role| role.as_str())));
    }
    if let Some(word) = scopes.iter().find(|word| Scope::parse(word).is_none()) {
        return Err(unknown("scope", word, Scope::ALL.iter().map(|scope| scope.as_str())));
    }
    if roles.is_empty() && scopes.is_empty() {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a token without role or scope opens nothing")
            .hint("give it a role, such as `--role observer`"));
    }
    if until.is_some_and(|until: Timestamp| until <= cx.now) {
        return Err(Refusal::new(refusal::VALUE_INVALID, "a token ends in the future, not in the past"));
    }
    let commons = ruling.commons()?;
    if commons.tokens.iter().any(|known| known.what.name == name && known.is_good(cx.now)) {
        return Err(Refusal::new(refusal::KEY_DUPLICATE, format!("there is a token `{name}` already"))
            .hint(format!("revoke it with `countersign token revoke {name}`, or choose another name")));
    }
    if commons.tokens.iter().any(|known| known.what.digest == digest) {
        return Err(Refusal::new(refusal::KEY_DUPLICATE, "this token was made before"));
    }
    let id = cx.id(TokenId::from_bits);
    let issued = TokenIssued { id, name, digest, subject, roles, scopes, until };
    ruling.record(Event::TokenIssued(Box::new(issued)));
    Ok(())
}

pub(super) fn revoke(
    ruling: &mut Ruling<'_>,
    id: TokenId,
    reason: &str,
    cx: &Context<'_>,
) -> Result<(), Refusal> {
    person(ruling.before(), cx, "revoke a token")?;
    let token = ruling.commons()?.tokens.iter().find(|known| known.what.id == id);
    let token = token.ok_or_else(|| no_token(&id.to_string()))?;
    if token.revoked.is_none() {
        ruling.record(Event::TokenRevoked { id, reason: reason.trim().to_owned() });
    }
    Ok(())
}

/// That there is no such token.
pub fn no_token(named: &str) -> Refusal {
    Refusal::new(refusal::ENTRY_NOT_FOUND, format!("there is no token `{named}`"))
        .hint("see them with `countersign token list --all`")
}

fn unknown(what: &str, word: &str, known: impl Iterator<Item = &'static str>) -> Refusal {
    let known: Vec<_> = known.collect();
    Refusal::new(refusal::VALUE_INVALID, format!("there is no {what} `{word}`"))
        .hint(format!("one of `{}`", known.join("`, `")))
}
