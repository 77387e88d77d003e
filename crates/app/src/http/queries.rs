//! What may stand in the query of a described address: what its description names. Whatever else stands
//! there would be passed over in silence, and a filter with a slip in its name would filter nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;

use super::problem::Problem;
use crate::cli::usage::nearest;

/// The names each described operation knows, by method and path.
pub struct Queries(HashMap<(Method, String), BTreeSet<String>>);

impl Queries {
    /// Those of a description.
    pub fn of(description: &OpenApi) -> Self {
        let told = serde_json::to_value(description).unwrap_or_default();
        let mut known = HashMap::new();
        for (path, item) in told["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else { continue };
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let asked = parameters.filter(|parameter| parameter["in"] == "query");
                let names = asked.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
                known.insert((method, path.clone()), names.collect());
            }
        }
        Self(known)
    }

    /// A name the operation does not know, with the nearest one it does.
    fn strange(&self, request: &Request) -> Option<Problem> {
        let path = request.extensions().get::<MatchedPath>()?.as_str().to_owned();
        let known = self.0.get(&(request.method().clone(), path))?;
        let query = request.uri().query()?;
        let names =
            query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty());
        let strange = names.into_iter().find(|name| !known.contains(*name))?;
        let problem = Problem::invalid(strange, format!("there is no `{strange}` to ask for here"));
        Some(match nearest(strange, known.iter().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => problem.hint("nothing may stand behind the `?` here"),
            None => {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                problem.hint(format!("one of `{}`", names.join("`, `")))
            }
        })
    }
}

/// Refuses what an address would pass over.
pub async fn check(State(queries): State<Arc<Queries>>, request: Request, next: Next) -> Response {
    match queries.strange(&request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}
