//! The desk and the journal for clients that keep their documents themselves: what they hand in is ruled
//! on here, by whomever this service takes them for, and what they ask is answered from the journal.
//!
//! The shapes are `engine::remote`'s, between programs of the same version. The scope a command takes is
//! `model::scopes`'s; nothing here opens a way around the desk.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body as RawBody, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::desk::Denied;
use engine::remote::{Handed, LANGUAGE, Question, Told, What, answer, hand_in, survey, unframe, unpack};
use model::access::{Bearer, Scope};
use model::actor::{Actor, By, Known};
use model::command::Command;
use model::fault::Fault;
use model::refusal::{
    IDENTITY_UNPROVEN, POLICY_DENIED, Refusal, STORE_OTHER_VERSION, STORE_UNREACHABLE, VALUE_INVALID,
};
use model::scopes::{asked_for, asked_of_the_system};
use model::task::ClaimHow;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;

/// The most bytes that may be handed in at once: a plan of ten megabytes, read into its tasks, with its
/// text beside it.
const MOST_HANDED: usize = 96 * 1024 * 1024;

/// The most bytes of a question.
const MOST_ASKED: usize = 1024 * 1024;

/// So many pieces of a survey may wait for the client.
const PIECES: usize = 4;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    let desk = OpenApiRouter::new().routes(routes!(take_in)).layer(DefaultBodyLimit::max(MOST_HANDED));
    let journal = OpenApiRouter::new().routes(routes!(ask)).layer(DefaultBodyLimit::max(MOST_ASKED));
    desk.merge(journal)
}

/// Rules on what a client of the same version hands in
///
/// Used by `countersign --store URL`. A line of JSON, and behind it the contents it names; the shape is
/// that of one version and changes without notice. Takes the scopes of the commands that are handed in.
/// What is delivered again under the same name is done once.
#[utoipa::path(post, path = "/desk", tag = "clients",
    request_body(content = String, content_type = "application/octet-stream", description = "What is to be ruled on"),
    responses(
        (status = 200, description = "What came of it", body = String, content_type = "application/octet-stream"),
    ),
    security(("token" = ["plans:read"]))
)]
async fn take_in(
    State(service): State<Arc<Service>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Answered<Response> {
    let body = body.map_err(unread)?;
    service.run(move |service| Ok(settled(service, &caller, &body))).await
}

/// Answers what a client of the same version asks of the journal
///
/// Used by `countersign --store URL`. The shape is that of one version and changes without notice.
#[utoipa::path(post, path = "/journal", tag = "clients",
    request_body(content = String, content_type = "application/octet-stream", description = "The question"),
    responses(
        (status = 200, description = "The answer", body = String, content_type = "application/octet-stream"),
    ),
    security(("token" = ["plans:read"]))
)]
async fn ask(
    State(service): State<Arc<Service>>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Answered<Response> {
    let body = body.map_err(unread)?;
    let (line, _) = unframe(&body).ok_or_else(|| misunderstood("there is no line to begin with"))?;
    let question: Question =
        serde_json::from_slice(line).map_err(|error| misunderstood(&error.to_string()))?;
    match question {
        Question::Survey => Ok(surveyed(service)),
        Question::Hello { .. } => {
            service
                .run(move |service| {
                    let writes = [Scope::TasksWork, Scope::PlansWrite, Scope::ReviewsWrite];
                    let salt = writes.into_iter().any(|scope| caller.may(scope).is_ok());
                    let subject = caller.subject().cloned();
                    let hello = service.store.hello(service.deliveries.instance(), subject, salt)?;
                    let mut line = serde_json::to_vec(&hello).unwrap_or_default();
                    line.push(b'\n');
                    Ok(given(line))
                })
                .await
        }
        question => {
            let answered = move |service: &Service| {
                Ok(answer(service.desk(), question).map_or_else(|fault| no(&fault.into()), given))
            };
            service.run(answered).await
        }
    }
}

/// The answer to what was handed in. The same delivery has the same one.
fn settled(service: &Service, caller: &Caller, body: &[u8]) -> Response {
    let (mut handed, blobs) = match unpack(body) {
        Ok(unpacked) => unpacked,
        Err(why) => return misunderstood(&why).into_response(),
    };
    if handed.language != LANGUAGE {
        return misunderstood("it is in another version's language").into_response();
    }
    let instance = service.deliveries.instance();
    if handed.again && handed.instance != instance && handed.id.is_none() {
        let what = "the service was begun anew meanwhile, and does not know whether this was done";
        return no(&Fault::new(STORE_UNREACHABLE, what)
            .hint("look, and do it again where it was not")
            .into());
    }
    let by = match acting(caller, &handed).and_then(|by| allowed(caller, &handed, &by).map(|()| by)) {
        Ok(by) => by,
        Err(problem) => return problem.into_response(),
    };
    // A request's id is its sender's own. A signature is over the id as it was given.
    if handed.signature.is_none() {
        handed.id = handed.id.map(|id| caller.own_id(&id));
    }
    sign_verdicts(caller, &mut handed);
    let name = format!("{:?} {}", caller.subject(), handed.delivery);
    let (status, bytes) = service.deliveries.once(&name, || {
        let submit = |plan, request: &_, command| service.receive(plan, request, command);
        let done = hand_in(service.desk(), by, handed, blobs, &submit);
        service.feed.look();
        match done {
            Ok(came) => {
                let mut line = serde_json::to_vec(&came).unwrap_or_default();
                line.push(b'\n');
                (StatusCode::OK, line)
            }
            Err(denied) => told(&denied),
        }
    });
    answered(status, bytes)
}

/// Puts on record whose token a verdict came with: the system's word is somebody's here.
fn sign_verdicts(caller: &Caller, handed: &mut Handed) {
    let commands: &mut [Command] = match &mut handed.what {
        What::Submit(command) => std::slice::from_mut(&mut **command),
        What::Batch(commands) | What::All { commands, .. } => commands,
        _ => return,
    };
    for command in commands {
        if let Command::RecordVerdict { evidence, .. } = command {
            evidence.handed_in_by = caller.subject().map(ToString::to_string);
        }
    }
}

/// By whom something is handed in. Of what the client says only so much is believed as the other routes
/// would believe: whoever showed a token is who it says. Who runs the service may hand work in for agents.
fn acting(caller: &Caller, handed: &Handed) -> Answered<By> {
    let claimed = &handed.by.actor;
    let as_shown = match (claimed, caller.subject()) {
        (Actor::System, _) => return Ok(By::system()),
        (Actor::Document, _) => {
            return Err(
                Refusal::new(POLICY_DENIED, "a document hands nothing in; somebody takes it in").into()
            );
        }
        (Actor::Person(_) | Actor::Agent { .. }, None) => {
            return Ok(By::new(claimed.clone(), Known::Declared));
        }
        (Actor::Person(person), Some(Bearer::Person(own))) => person == own,
        (Actor::Agent { agent, .. }, Some(Bearer::Agent(own))) => agent == own,
        _ => false,
    };
    if as_shown {
        return Ok(By::new(claimed.clone(), Known::Token));
    }
    if claimed.is_agent() && caller.may(Scope::Admin).is_ok() {
        return Ok(By::new(claimed.clone(), Known::Declared));
    }
    let own = caller.subject().map(ToString::to_string).unwrap_or_default();
    let hint = if claimed.is_agent() {
        "use a token of theirs; to hand in the work of agents you run, use one with `--role operator`"
    } else {
        "act as yourself, or with a token of theirs"
    };
    Err(Refusal::new(IDENTITY_UNPROVEN, format!("the token is {own}'s, so {claimed} does not act with it"))
        .hint(hint)
        .into())
}

/// Refuses what takes a scope that the caller does not have.
fn allowed(caller: &Caller, handed: &Handed, by: &By) -> Answered<()> {
    let system = by.actor == Actor::System;
    let commands: Vec<&Command> = match &handed.what {
        What::Submit(command) => vec![&**command],
        What::Batch(commands) | What::All { commands, .. } => commands.iter().collect(),
        What::TurnDown { .. } | What::Sweep => return caller.may(Scope::TasksWork),
        What::EndSession { .. } if !system => return caller.may(Scope::TasksWork),
        What::EndSession { .. } | What::PurgeBlob { .. } => return caller.may(Scope::Admin),
    };
    if commands.is_empty() {
        // Contents may come without a command.
        return caller.may(Scope::TasksWork);
    }
    for command in commands {
        let own = match command {
            Command::SeeAgent { agent, .. } => caller.subject() == Some(&Bearer::Agent(agent.clone())),
            _ => false,
        };
        let scope = if system && !own { asked_of_the_system(command) } else { asked_for(command) };
        caller.may(scope)?;
        // Where no token is asked for, anybody on this machine could say that a check passed.
        let decides = scope == Scope::Admin || matches!(command, Command::RecordVerdict { .. });
        if decides && caller.subject().is_none() {
            return Err(unshown(command));
        }
        if matches!(command, Command::Claim { how: ClaimHow::Document | ClaimHow::Import, .. }) {
            return Err(
                Refusal::new(POLICY_DENIED, "what a document says is taken in with the document").into()
            );
        }
    }
    if let What::All { follows: Some(follows), .. } = &handed.what {
        let about_documents = |command: &Command| {
            matches!(command, Command::IntendDocument { .. } | Command::SyncDocument { .. })
        };
        if !follows.commands.iter().all(about_documents) {
            return Err(
                Refusal::new(POLICY_DENIED, "only what becomes of documents follows by itself").into()
            );
        }
    }
    Ok(())
}

/// Says no to whoever shows nothing where it counts who it was.
fn unshown(command: &Command) -> Problem {
    let what = match command {
        Command::RecordVerdict { .. } => "what a check found is taken only from somebody who shows a token",
        _ => "over the network this is taken only from somebody who shows a token",
    };
    Refusal::new(IDENTITY_UNPROVEN, what)
        .hint("make one where the store is, `countersign token create NAME --role lead`, and set `COUNTERSIGN_TOKEN`")
        .into()
}

/// Everything in the store, row by row, as fast as the client takes it.
fn surveyed(service: Arc<Service>) -> Response {
    let (send, pieces) = mpsc::channel::<Vec<u8>>(PIECES);
    tokio::task::spawn_blocking(move || {
        survey(service.desk().journal(), &mut |piece| send.blocking_send(piece).is_ok());
    });
    let pieces = ReceiverStream::new(pieces).map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    raw(StatusCode::OK, RawBody::from_stream(pieces))
}

fn unread(rejected: BytesRejection) -> Problem {
    let what = match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "that is more than this service takes in at once",
        _ => "the body could not be read",
    };
    Problem::new(rejected.status(), VALUE_INVALID, what)
}

fn misunderstood(why: &str) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        STORE_OTHER_VERSION,
        format!("it cannot be understood: {why}"),
    )
    .hint("use the same version on both sides")
}

/// The problem that others would be told, and beside it all that was said, for the client to show.
fn told(denied: &Denied) -> (StatusCode, Vec<u8>) {
    let problem = Problem::from(denied.clone());
    let mut body = serde_json::to_value(&problem).unwrap_or_default();
    body["denied"] = json!(Told::from(denied));
    (problem.status(), body.to_string().into_bytes())
}

fn no(denied: &Denied) -> Response {
    let (status, bytes) = told(denied);
    answered(status, bytes)
}

fn given(bytes: Vec<u8>) -> Response {
    answered(StatusCode::OK, bytes)
}

fn answered(status: StatusCode, bytes: Vec<u8>) -> Response {
    raw(status, RawBody::from(bytes))
}

fn raw(status: StatusCode, body: RawBody) -> Response {
    let kind = match status {
        StatusCode::OK => "application/octet-stream",
        _ => "application/problem+json",
    };
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}
