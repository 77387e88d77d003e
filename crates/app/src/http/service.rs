//! What every request shares: the open store, who is taken to ask, and the news of the journal.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::desk::crowd::Crowd;
use engine::desk::{Desk as _, LocalDesk, PlanLine, Receipt, Request};
use engine::store::Store;
use lens::look::Look;
use model::command::Command;
use model::fault::Fault;
use model::ids::{Key, PersonId, PlanId};
use model::plan::Plan;
use model::refusal::{INTERNAL_FAULT, PLAN_NOT_FOUND, Refusal};

use super::feed::Feed;
use super::metrics::Counted;
use super::problem::Answered;
use super::stream::Hub;
use super::stream::starting::Starter;
use super::webhooks::github;
use crate::cli::usage::nearest;

/// The plan that takes what is asked for where none is named, unless another is said to.
pub const REQUESTS: &str = "requests";

/// What every request shares.
pub struct Service {
    /// The store; its desk is the one door here too.
    pub store: Store,
    /// Who asks where nobody has to say who they are: on this machine alone.
    pub owner: PersonId,
    /// News of the journal.
    pub feed: Feed,
    /// What happens to tasks, live.
    pub hub: Hub,
    /// Whoever starts agents on what is asked for.
    pub starter: Starter,
    /// The key of the plan that takes what is asked for where none is named.
    pub requests: Key,
    /// What `/metrics` has counted so far.
    pub counted: Counted,
    /// A second beginning of the names of metrics, where dashboards ask for one.
    pub metrics_prefix: Option<String>,
    /// What GitHub signs its webhooks with, where it tells anything.
    pub github: Option<github::Secret>,
    making_requests: Mutex<()>,
    crowd: Crowd,
}

impl Service {
    /// A service over an open store.
    pub fn new(store: Store, owner: PersonId) -> io::Result<Self> {
        let position = store.desk().journal().position().unwrap_or_default();
        let crowd = Crowd::before(Arc::clone(store.desk()))?;
        Ok(Self {
            store,
            owner,
            feed: Feed::at(position),
            hub: Hub::default(),
            starter: Starter::default(),
            requests: Key::new(REQUESTS).map_err(io::Error::other)?,
            counted: Counted::default(),
            metrics_prefix: None,
            github: None,
            making_requests: Mutex::default(),
            crowd,
        })
    }

    /// The desk.
    pub fn desk(&self) -> &LocalDesk {
        self.store.desk()
    }

    /// Does what blocks on a thread kept for that. Once begun it is finished, whether or not the client
    /// still waits for it.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Answered<T> + Send + 'static,
    ) -> Answered<T> {
        let service = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&service)).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::new(INTERNAL_FAULT, "the request was cut off").into()),
        }
    }

    /// Held while the plan for requests is made, so that it is made once.
    pub fn making_requests(&self) -> MutexGuard<'_, ()> {
        self.making_requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan somebody named, by key or id.
    pub fn plan(&self, named: &str) -> Answered<Arc<Plan>> {
        let lines = self.desk().plans()?;
        let found = lines.iter().find(|line| line.key.as_str() == named || line.id.to_string() == named);
        let Some(line) = found else { return Err(no_plan(&lines, named).into()) };
        Ok(self.desk().plan(line.id)?)
    }

    /// A plan as a view sees it.
    pub fn look<'p>(&self, plan: &'p Plan) -> Look<'p> {
        Look { test_store: self.store.is_test(), ..Look::new(plan, self.desk().now()) }
    }

    /// Hands a command in, and tells those who follow the journal.
    pub fn submit(&self, plan: PlanId, request: &Request, command: Command) -> Answered<Receipt> {
        let receipt = self.crowd.submit(plan, request.clone(), command)?;
        if receipt.count > 0 {
            self.feed.look();
        }
        Ok(receipt)
    }
}

fn no_plan(lines: &[PlanLine], named: &str) -> Refusal {
    let no =
        Refusal::new(PLAN_NOT_FOUND, format!("there is no plan `{named}` in this store")).with("plan", named);
    match nearest(named, lines.iter().map(|line| line.key.as_str())) {
        Some(near) => no.hint(format!("did you mean `{near}`?")),
        None => no,
    }
}
