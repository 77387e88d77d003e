//! What every request shares: the open store, who is taken to ask, and the news of the journal.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::desk::crowd::Crowd;
use engine::desk::errand::{Errand, Outcome, Whose, Wish};
use engine::desk::{Denied, Desk as _, LocalDesk, PlanLine, Receipt, Request};
use engine::store::Store;
use lens::look::Look;
use model::command::Command;
use model::fault::Fault;
use model::ids::{Key, PersonId, PlanId};
use model::plan::Plan;
use model::refusal::{INTERNAL_FAULT, PLAN_NOT_FOUND, Refusal};
use tokio::sync::oneshot;

use super::checking::Checking;
use super::deliveries::Deliveries;
use super::feed::Feed;
use super::metrics::Counted;
use super::problem::{Answered, Problem};
use super::spans::{Doing, Here};
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
    /// Whoever runs checks that are asked for here.
    pub checking: Checking,
    /// What `/metrics` has counted so far.
    pub counted: Counted,
    /// A second beginning of the names of metrics, where dashboards ask for one.
    pub metrics_prefix: Option<String>,
    /// What GitHub signs its webhooks with, where it tells anything.
    pub github: Option<github::Secret>,
    /// What clients handed in lately.
    pub deliveries: Deliveries,
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
            checking: Checking::new()?,
            counted: Counted::default(),
            metrics_prefix: None,
            github: None,
            deliveries: Deliveries::default(),
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
        let (service, here) = (Arc::clone(self), Here::now());
        let work = move || {
            let _within = here.enter();
            work(&service)
        };
        match tokio::task::spawn_blocking(work).await {
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

    /// Says that the journal may have moved, where anybody wants to know.
    pub fn moved(&self) {
        if self.feed.followers() > 0 || self.hub.listeners() > 0 {
            self.feed.look();
        }
    }

    /// Hands in what a request wants, and waits for what comes of it without keeping a thread for that;
    /// tells those who follow the journal. `answer` writes what its sender is told, given the plan as it
    /// is then; `name` is what the sender does. Nothing where there is no such plan, or no plan with that task.
    ///
    /// Once handed in it is finished, whether or not the client still waits for it. Where nobody else is at
    /// the desk it is done here and now: for one request at a time, handing it to another thread and back
    /// takes longer than the disk does.
    pub async fn hand_in<T: Send + 'static>(
        self: &Arc<Self>,
        (whose, request): (Whose, Request),
        (name, wish): (&str, Wish),
        answer: impl FnOnce(&Receipt, &Plan) -> Answered<T> + Send + 'static,
    ) -> Answered<Option<T>> {
        let (tell, told) = oneshot::channel();
        let service = Arc::clone(self);
        let doing = Doing::begin("desk.submit", &[("countersign.command", name)]);
        let answered = move |outcome: Outcome<'_>| {
            match &outcome {
                Outcome::Done(..) => doing.ended("recorded", true),
                Outcome::Denied(Denied::Refused(refusal)) => doing.ended(refusal.code, true),
                Outcome::Denied(Denied::Down(fault)) => doing.ended(&fault.code, false),
                Outcome::Unknown => doing.ended(PLAN_NOT_FOUND, true),
            }
            let told = match outcome {
                Outcome::Unknown => Ok(None),
                Outcome::Denied(denied) => Err(denied.into()),
                Outcome::Done(receipt, plan) => {
                    if receipt.count > 0 {
                        service.moved();
                    }
                    match plan {
                        Some(plan) => answer(&receipt, plan).map(Some),
                        None => service
                            .desk()
                            .plan(receipt.plan)
                            .map_err(Problem::from)
                            .and_then(|plan| answer(&receipt, &plan).map(Some)),
                    }
                }
            };
            // Whoever asked may have gone; it is done all the same.
            let _ = tell.send(told);
        };
        self.crowd.hand_in(Errand { whose, request, wish, answer: Box::new(answered) });
        told.await.unwrap_or_else(|_| Err(Fault::new(INTERNAL_FAULT, "the request was cut off").into()))
    }

    /// Hands a command in, and tells those who follow the journal.
    pub fn submit(&self, plan: PlanId, request: &Request, command: Command) -> Answered<Receipt> {
        Ok(self.receive(plan, request, command)?)
    }

    /// The same, with the answer as the desk gives it.
    pub fn receive(&self, plan: PlanId, request: &Request, command: Command) -> Result<Receipt, Denied> {
        let doing = Doing::begin("desk.submit", &[("countersign.command", command.name())]);
        self.told(doing, self.crowd.submit(plan, request.clone(), command))
    }

    /// The same for several commands, all together or not at all; `name` is what the sender did.
    pub fn submit_all(
        &self,
        plan: PlanId,
        request: &Request,
        name: &'static str,
        commands: &[Command],
    ) -> Answered<Receipt> {
        let doing = Doing::begin("desk.submit", &[("countersign.command", name)]);
        Ok(self.told(doing, self.desk().submit_all(plan, request, name, commands))?)
    }

    fn told(&self, doing: Doing, came: Result<Receipt, Denied>) -> Result<Receipt, Denied> {
        match &came {
            Ok(_) => doing.ended("recorded", true),
            Err(Denied::Refused(refusal)) => doing.ended(refusal.code, true),
            Err(Denied::Down(fault)) => doing.ended(&fault.code, false),
        }
        let receipt = came?;
        if receipt.count > 0 {
            self.moved();
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
