//! What each route asks for, read from the service's own description: the scope in its
//! `security(...)` and the limit in its `x-limit` stand beside the handler, are published, and are
//! what is kept. Pages for people are not described: reading them takes the scope to see plans, and what
//! they do is listed beside them. Any other change is for whoever may do everything.

use std::collections::HashMap;

use axum::http::Method;
use model::access::Scope;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::limits::Class;

/// The name of the way to authenticate, in the description.
pub const SCHEME: &str = "token";

/// The name of the other way: the body is signed, and the route itself looks at that.
pub const SIGNATURE: &str = "signature";

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// The scope; nothing: anybody.
    pub scope: Option<Scope>,
    /// The limit that counts it.
    pub class: Option<Class>,
}

/// What every route asks for.
pub struct Doors {
    described: HashMap<(Method, String), Door>,
}

/// A route that is not described: its method, its path and what it asks for.
pub type Listed = (Method, &'static str, Door);

impl Door {
    /// For anybody: it tells nothing of any plan.
    pub const PUBLIC: Self = Self { scope: None, class: None };

    /// For whoever has a scope.
    pub const fn of(scope: Scope) -> Self {
        Self { scope: Some(scope), class: None }
    }

    /// Counted by a limit.
    #[must_use]
    pub const fn counted(self, class: Class) -> Self {
        Self { class: Some(class), ..self }
    }
}

/// A change that is neither described nor listed.
const UNDESCRIBED: Door = Door::of(Scope::Admin);

impl Doors {
    /// Those of a description, and those that are listed.
    pub fn of(description: &OpenApi, listed: impl IntoIterator<Item = Listed>) -> Self {
        let mut described: HashMap<_, _> =
            listed.into_iter().map(|(method, path, door)| ((method, path.to_owned()), door)).collect();
        let text = serde_json::to_value(description).unwrap_or_default();
        for (path, item) in text["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Ok(method) = method.to_ascii_uppercase().parse() {
                    described.insert((method, path.clone()), door(operation));
                }
            }
        }
        Self { described }
    }

    /// What a request asks for, by its method and the route it matched.
    pub fn find(&self, method: &Method, path: &str) -> Door {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let other = if method == Method::GET { UNMATCHED } else { UNDESCRIBED };
        self.described.get(&(method.clone(), path.to_owned())).copied().unwrap_or(other)
    }
}

/// Where no route matched: there is nothing, or something that stands before the routes, such as the
/// handshake of a live connection. Whoever may see no plan is not told which.
pub const UNMATCHED: Door = Door::of(Scope::PlansRead);

fn door(operation: &Value) -> Door {
    let Some(asked) = operation["security"].as_array() else { return UNDESCRIBED };
    let class = operation["x-limit"].as_str().and_then(Class::parse);
    // An empty requirement says that nothing is asked for.
    if asked.iter().any(|one| one.as_object().is_some_and(serde_json::Map::is_empty)) {
        return Door { scope: None, class };
    }
    if asked.iter().any(|one| one.get(SIGNATURE).is_some()) {
        return Door { scope: None, class };
    }
    let scope = asked.first().and_then(|one| one[SCHEME][0].as_str()).and_then(Scope::parse);
    Door { scope: Some(scope.unwrap_or(Scope::Admin)), class }
}

/// Says in the description how to authenticate.
pub fn describe(description: &mut OpenApi) {
    let mut scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    scheme = scheme.description(Some(
        "An API token (`countersign token create`) or a JWT. Where the service listens to its own machine \
         alone and was not told otherwise, nobody needs one.",
    ));
    let components = description.components.get_or_insert_with(Default::default);
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme.build()));
    let signed = ApiKeyValue::with_description(
        "X-Hub-Signature-256",
        "`sha256=` and the HMAC of the body with the secret in `COUNTERSIGN_GITHUB_SECRET`.",
    );
    components.add_security_scheme(SIGNATURE, SecurityScheme::ApiKey(ApiKey::Header(signed)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_described_route_says_what_it_asks_for() {
        let (_, description) = crate::http::routes::all();
        let text = serde_json::to_value(&description).expect("a description is JSON");
        for (path, item) in text["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                let asked = operation["security"].as_array();
                let signed = asked.is_some_and(|asked| asked.iter().any(|one| one.get(SIGNATURE).is_some()));
                let said = asked.is_some_and(|asked| match asked.as_slice() {
                    [_] if signed => true,
                    [one] => match one[SCHEME].as_array().map(Vec::as_slice) {
                        Some([scope]) => scope.as_str().and_then(Scope::parse).is_some(),
                        Some(_) => false,
                        None => one.as_object().is_some_and(serde_json::Map::is_empty),
                    },
                    _ => false,
                });
                assert!(
                    said,
                    "{method} {path} needs `security((\"token\" = [\"plans:read\"]))` or another scope"
                );
                let changes = !matches!(method.as_str(), "get" | "head");
                let door = door(operation);
                assert!(
                    !changes || signed || door.scope.is_some(),
                    "{method} {path} changes something for anybody"
                );
                let limit = operation.get("x-limit");
                assert_eq!(limit.is_some(), door.class.is_some(), "{method} {path} names no limit there is");
            }
        }
    }

    #[test]
    fn a_change_that_is_not_described_is_for_whoever_may_do_everything() {
        let listed = [(Method::GET, "/mark.svg", Door::PUBLIC)];
        let doors = Doors::of(&crate::http::openapi::base(), listed);
        assert_eq!(doors.find(&Method::GET, "/new").scope, Some(Scope::PlansRead));
        assert_eq!(doors.find(&Method::POST, "/new").scope, Some(Scope::Admin));
        assert_eq!(doors.find(&Method::POST, "/mark.svg").scope, Some(Scope::Admin));
        assert_eq!(doors.find(&Method::HEAD, "/mark.svg"), Door::PUBLIC);
    }
}
