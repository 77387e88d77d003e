//! What agents and people share: values by key, and messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use journal::{Delivered, Page};
use lens::views::memory::{MemoryRow, memory, memory_history};
use lens::views::messages::{Inbox, MessageRow};
use model::command::{Command, SetMemory};
use model::commons::Recipient;
use model::ids::{Key, PersonId, Seq, SessionId};
use model::ruling::commons::nothing_under;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Body;
use super::common::{act_for_all, after as page_after, size};
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, set, delete))
        .routes(routes!(history))
        .routes(routes!(inbox, send))
        .routes(routes!(acknowledge))
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Only keys that begin with this
    prefix: Option<String>,
    /// Only entries in which all of these words stand
    search: Option<String>,
    /// Only keys after this one: `next` of the page before
    after: Option<String>,
    /// At most so many
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// A page of the memory.
#[derive(Debug, Serialize, ToSchema)]
struct MemoryPage {
    /// In order of key; what is searched for, the best first.
    #[schema(value_type = Vec<Object>)]
    entries: Value,
    /// Where the next page begins; nothing at the end.
    #[schema(required = true)]
    next: Option<String>,
}

/// Values that agents and people share, in pages
#[utoipa::path(get, path = "/memory", tag = "shared", params(Wanted), responses((status = 200, body = MemoryPage)),
    security(("token" = ["plans:read"]))
)]
async fn list(
    State(service): State<Arc<Service>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Answered<Body> {
    let Query(Wanted { prefix, search, after, limit }) = wanted?;
    let limit = size(limit)?;
    service
        .run(move |service| {
            let (journal, now) = (service.desk().journal(), service.desk().now());
            let prefix = prefix.as_deref().unwrap_or_default();
            let found = match search.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
                Some(words) => journal.memory_search(words, now, limit)?,
                None => journal.memories(&Page { prefix, after: after.as_deref(), limit, now })?,
            };
            let full = search.is_none() && found.len() == limit;
            let next = found.last().filter(|_| full).map(|last| last.key.clone());
            let rows: Vec<MemoryRow<'_>> = memory(&found).entries;
            let entries = serde_json::to_value(rows).unwrap_or_default();
            Body::of(&MemoryPage { entries, next })
        })
        .await
}

/// A value
#[utoipa::path(get, path = "/memory/{key}", tag = "shared", params(("key" = String, Path, description = "Its key; a slash in it is written `%2F`")),
    responses((status = 200, description = "The entry", body = ref("#/components/schemas/MemoryRow"))),
    security(("token" = ["plans:read"]))
)]
async fn get(State(service): State<Arc<Service>>, Path(key): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let entry = service.desk().journal().memory_entry(key.trim())?;
            let now = service.desk().now();
            let entry = entry.filter(|entry| entry.value(now).is_some());
            let entry = entry.ok_or_else(|| nothing_under(key.trim()))?;
            Body::of(&MemoryRow::from(&entry))
        })
        .await
}

/// Every version of a value, oldest first
#[utoipa::path(get, path = "/memory/{key}/history", tag = "shared", params(("key" = String, Path, description = "Its key; a slash in it is written `%2F`")),
    responses((status = 200, description = "Its versions", body = ref("#/components/schemas/MemoryHistory"))),
    security(("token" = ["plans:read"]))
)]
async fn history(State(service): State<Arc<Service>>, Path(key): Path<String>) -> Answered<Body> {
    service
        .run(move |service| {
            let versions = service.desk().journal().memory_history(key.trim(), 0, usize::MAX)?;
            if versions.is_empty() {
                return Err(nothing_under(key.trim()).into());
            }
            Body::of(&memory_history(key.trim(), &versions))
        })
        .await
}

/// A value that is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The value.
    value: String,
    /// The version the entry must have, 0 where there must be none; without it, whatever is there.
    expect: Option<u64>,
    /// For how many seconds it is kept.
    ttl_seconds: Option<u64>,
    /// Words to find it by.
    #[serde(default)]
    tags: Vec<String>,
}

/// Writes a value; with `expect` only where the entry is still what the sender believes it to be
#[utoipa::path(put, path = "/memory/{key}", tag = "shared", params(("key" = String, Path, description = "Its key; a slash in it is written `%2F`")),
    request_body = Written,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn set(
    State(service): State<Arc<Service>>,
    Path(key): Path<String>,
    caller: Caller,
    body: Result<Json<Written>, JsonRejection>,
) -> Answered<Body> {
    let Json(Written { value, expect, ttl_seconds, tags }) = body?;
    if ttl_seconds.is_some_and(|seconds| i64::try_from(seconds).is_err()) {
        return Err(Problem::invalid("ttl_seconds", "nothing is kept that long; leave it out to keep it"));
    }
    let set = SetMemory { key, value, expect, ttl_seconds, tags, under: None };
    act_for_all(service, caller, Command::SetMemory(Box::new(set))).await
}

/// Which version is deleted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The version the entry must have
    expect: Option<u64>,
}

/// Takes a value out; its history stays
#[utoipa::path(delete, path = "/memory/{key}", tag = "shared", params(("key" = String, Path, description = "Its key; a slash in it is written `%2F`"), Expected),
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn delete(
    State(service): State<Arc<Service>>,
    Path(key): Path<String>,
    caller: Caller,
    expected: Result<Query<Expected>, QueryRejection>,
) -> Answered<Body> {
    let Query(Expected { expect }) = expected?;
    act_for_all(service, caller, Command::DeleteMemory { key, expect, under: None }).await
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// Those that were acknowledged too
    all: Option<bool>,
    /// Only messages after this one: `number` of the last of the page before
    after: Option<u64>,
    /// At most so many
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Messages for whoever asks, oldest first, in pages
#[utoipa::path(get, path = "/messages", tag = "shared", params(Part),
    responses((status = 200, description = "As `countersign inbox --json` prints it", body = ref("#/components/schemas/Inbox"))),
    security(("token" = ["plans:read"]))
)]
async fn inbox(
    State(service): State<Arc<Service>>,
    caller: Caller,
    part: Result<Query<Part>, QueryRejection>,
) -> Answered<Body> {
    let Query(Part { all, after, limit }) = part?;
    let (limit, after) = (size(limit)?, page_after(after)?);
    service
        .run(move |service| {
            let reader = service.desk().commons()?.reader_of(&caller.by.actor);
            let fresh = !all.unwrap_or(false);
            let mut found: Vec<Delivered> =
                service.desk().journal().inbox(&reader, fresh, after, limit.saturating_add(1))?;
            let more = found.len() > limit;
            found.truncate(limit);
            let rows = found.iter().map(|one| MessageRow::of(&one.message, one.acknowledged));
            Body::of(&Inbox { reader: &reader.name, messages: rows.collect(), more })
        })
        .await
}

/// A message that is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// `everybody`, `agent:NAME`, `person:NAME`, `role:NAME` or `session:ID`.
    #[serde(default = "everybody")]
    #[schema(example = "role:reviewer")]
    to: String,
    /// The text.
    text: String,
    /// The key of the plan it is about.
    plan: Option<String>,
    /// The key of the task it is about.
    task: Option<String>,
    /// The number of the message it answers.
    answers: Option<u64>,
}

fn everybody() -> String {
    "everybody".to_owned()
}

fn recipient(to: &str) -> Answered<Recipient> {
    let bad = |why: &str| Problem::invalid("to", format!("`{to}` names nobody: {why}"));
    match to.split_once(':') {
        None if to == "everybody" => Ok(Recipient::Everybody),
        Some((_, name)) if name.trim().is_empty() => Err(bad("nothing stands after the colon")),
        Some(("role", role)) => Ok(Recipient::Role(role.trim().to_owned())),
        Some(("agent" | "person", name)) => {
            let name = PersonId::new(name.trim()).map_err(|wrong| bad(&wrong.to_string()))?;
            Ok(Recipient::Name(name.to_string()))
        }
        Some(("session", session)) => {
            let session = SessionId::new(session.trim()).map_err(|wrong| bad(&wrong.to_string()))?;
            Ok(Recipient::Session(session))
        }
        _ => Err(bad("it is `everybody`, `agent:NAME`, `person:NAME`, `role:NAME` or `session:ID`")),
    }
}

/// Sends a message
#[utoipa::path(post, path = "/messages", tag = "shared", request_body = Sent,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    body: Result<Json<Sent>, JsonRejection>,
) -> Answered<Body> {
    let Json(Sent { to, text, plan, task, answers }) = body?;
    let key = |field: &'static str, named: Option<String>| {
        let read = named.as_deref().map(Key::new).transpose();
        read.map_err(|bad| Problem::invalid(field, bad.to_string()))
    };
    let (plan, task) = (key("plan", plan)?, key("task", task)?);
    let command = Command::SendMessage { to: recipient(&to)?, text, plan, task, answers: answers.map(Seq) };
    act_for_all(service, caller, command).await
}

/// Which messages are acknowledged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledged {
    /// Their numbers.
    numbers: Vec<u64>,
}

/// Acknowledges messages
#[utoipa::path(post, path = "/messages/acknowledge", tag = "shared", request_body = Acknowledged,
    responses((status = 200, description = "What was recorded", body = ref("#/components/schemas/ReceiptBody"))),
    security(("token" = ["tasks:work"]))
)]
async fn acknowledge(
    State(service): State<Arc<Service>>,
    caller: Caller,
    body: Result<Json<Acknowledged>, JsonRejection>,
) -> Answered<Body> {
    let Json(Acknowledged { numbers }) = body?;
    if numbers.is_empty() {
        return Err(Problem::invalid("numbers", "name at least one message"));
    }
    let numbers: BTreeSet<u64> = numbers.into_iter().collect();
    let numbers = numbers.into_iter().map(Seq).collect();
    act_for_all(service, caller, Command::AcknowledgeMessages(numbers)).await
}
