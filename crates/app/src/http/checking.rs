//! Runs checks where the service has the plan's documents, and only what a person has trusted on this
//! machine: over HTTP nobody can give that trust, so whoever may ask for a check cannot choose what runs.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::StatusCode;
use engine::documents::agents_of;
use engine::hands::{Done, Hands, Scope, Step};
use engine::process::{Cancel, Environment};
use engine::trust::given::{Given, Trust};
use model::check::Outcome;
use model::plan::Plan;
use model::refusal::{FILE_NOT_FOUND, STORE_BUSY};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::{Answered, Problem};
use super::service::Service;
use super::spans::Doing;
use crate::cli::proving::{commands_of, first_document, required, set_of, workspace_of};

/// So many askings have their checks run at a time; each runs one check after the other.
const AT_ONCE: usize = 2;

/// So many more wait for their turn.
const WAITING: usize = 16;

/// Whoever waited out of turn may try again after so many seconds.
const AGAIN: u64 = 10;

/// Whoever runs checks that are asked for over HTTP.
pub struct Checking {
    /// The folder of settings that holds what this user trusts; without one nothing is trusted.
    pub settings: Option<PathBuf>,
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
    cancel: Cancel,
}

/// A turn to have checks run; it is over with the value.
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Checking {
    /// Nobody is at it yet.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            settings: None,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            room: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            cancel: Cancel::new()?,
        })
    }

    /// Ends what runs, and lets nothing begin; what was cut off is outstanding as before.
    pub fn end(&self) {
        self.cancel.cancel();
        self.turns.close();
    }

    /// Whether the service is about to end.
    pub fn is_ending(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Waits for a turn. A place in the queue is given up where whoever asked goes away.
    pub async fn turn(&self) -> Answered<Turn> {
        let busy =
            |why: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, STORE_BUSY, why).again_after(AGAIN);
        let place = Arc::clone(&self.room).try_acquire_owned();
        let place = place.map_err(|_| busy("too many wait for checks to be run already"))?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| busy("the service is about to end"))?;
        Ok(Turn { _place: place, _turn: turn })
    }

    /// Runs what a plan's checks ask for and puts the verdicts on record. Refused where the documents are
    /// not on this machine, or where a command would run that nobody has trusted here.
    pub fn run(&self, service: &Service, plan: &Plan, scope: Scope<'_>) -> Answered<Done> {
        let (store, desk) = (&service.store, service.desk());
        let document = first_document(store, plan);
        if plan.sources.is_empty() || !document.is_file() {
            return Err(elsewhere(plan));
        }
        let workspace = workspace_of(store, Some(plan), &document)?;
        let everything = set_of(&commands_of(Some(plan), None, &agents_of(store, plan)?), &workspace);
        let trusted = match &self.settings {
            Some(settings) => {
                Given::new(settings).ask(desk, &store.relative(&document), &document, &everything)?
            }
            None if everything.is_empty() => Trust::Nothing,
            None => Trust::Asked { changes: None },
        };
        if let Trust::Asked { changes } = trusted {
            let no = required(&document, &everything, changes.as_deref());
            return Err(no
                .hint("a person allows them where the service runs, with `countersign trust`")
                .into());
        }
        let scripts = set_of(&commands_of(Some(plan), None, &[]), &workspace).scripts_digest();
        let hands = Hands {
            desk,
            plan: plan.id,
            workspace: &workspace,
            scripts,
            environment: &Environment::of_this_process(),
            at_once: 1,
            cancel: &self.cancel,
        };
        // One check runs at a time, so the one that ends is the one that began.
        let mut running = None;
        let done = hands.work(scope, &mut |step| match step {
            Step::Planned { .. } => {}
            Step::Began { name, .. } => running = Some(Doing::begin("check", &[("countersign.check", name)])),
            Step::Ended { outcome, .. } => {
                if let Some(doing) = running.take() {
                    doing.ended(outcome.as_str(), outcome != Outcome::Error);
                }
            }
        })?;
        service.moved();
        Ok(done)
    }
}

fn elsewhere(plan: &Plan) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        FILE_NOT_FOUND,
        format!(
            "the documents of plan `{}` are not where this service runs, so no check can run here",
            plan.key
        ),
    )
    .hint("run `countersign verify` beside them, on the same store")
}
