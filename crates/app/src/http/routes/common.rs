//! What routes have in common: a question about a plan, a command about it, and one about what all
//! plans share.

use std::sync::Arc;

use engine::desk::errand::{Whose, Wish};
use engine::desk::{Denied, Receipt};
use lens::look::Look;
use model::command::Command;
use model::ids::{PlanId, Seq, TaskId};
use model::plan::Plan;
use model::refusal::{PLAN_NOT_FOUND, Refusal};

use super::Body;
use crate::http::caller::Caller;
use crate::http::problem::{Answered, Problem};
use crate::http::service::Service;
use crate::wire::ReceiptBody;

/// Answers a question about a plan, and says as of which event.
pub(super) async fn ask<F>(service: Arc<Service>, plan: String, question: F) -> Answered<Body>
where
    F: for<'p> FnOnce(&Look<'p>) -> Answered<Body> + Send + 'static,
{
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            Ok(question(&service.look(&plan))?.after(plan.seq))
        })
        .await
}

/// Does something about a plan.
pub(super) async fn act<F>(service: Arc<Service>, plan: String, caller: Caller, command: F) -> Answered<Body>
where
    F: FnOnce(&Plan) -> Answered<Command> + Send + 'static,
{
    service
        .run(move |service| {
            let plan = service.plan(&plan)?;
            let command = command(&plan)?;
            submit(service, &plan, &caller, command)
        })
        .await
}

/// Does something about the plan of a key or id: what goes by `name`. `find` may be asked again where the plan has changed
/// meanwhile.
pub(super) async fn change<F>(
    service: Arc<Service>,
    named: String,
    caller: Caller,
    (name, find): (&'static str, F),
) -> Answered<Body>
where
    F: Fn(&Plan) -> Result<Command, Denied> + Send + 'static,
{
    match hand_in(&service, Whose::Named(named.clone()), &caller, (name, find)).await? {
        Some(body) => Ok(body),
        // Whoever looks for it says what it may have been meant for.
        None => Err(service.run(move |service| service.plan(&named)).await.err().unwrap_or_else(gone)),
    }
}

/// Does something about a task, whichever plan it is in; nothing where there is no such task.
pub(super) async fn change_task<F>(
    service: &Arc<Service>,
    task: TaskId,
    caller: &Caller,
    (name, find): (&'static str, F),
) -> Answered<Option<Body>>
where
    F: Fn(&Plan) -> Result<Command, Denied> + Send + 'static,
{
    hand_in(service, Whose::Task(task), caller, (name, find)).await
}

async fn hand_in<F>(
    service: &Arc<Service>,
    whose: Whose,
    caller: &Caller,
    (name, find): (&'static str, F),
) -> Answered<Option<Body>>
where
    F: Fn(&Plan) -> Result<Command, Denied> + Send + 'static,
{
    let (by, is_test) = (caller.by.clone(), service.store.is_test());
    let answer = move |receipt: &Receipt, plan: &Plan| {
        let body = ReceiptBody::of(receipt, &by, name, plan, is_test);
        Ok(Body::of(&body)?.after(receipt.last))
    };
    service.hand_in((whose, caller.request()), (name, Wish::Of(Box::new(find))), answer).await
}

/// A plan that was there a moment ago.
fn gone() -> Problem {
    Refusal::new(PLAN_NOT_FOUND, "the plan is not in this store any more").into()
}

/// Does something about what all plans share: agents, sessions, memory, messages.
pub(super) async fn act_for_all(service: Arc<Service>, caller: Caller, command: Command) -> Answered<Body> {
    service
        .run(move |service| {
            let name = command.name();
            let receipt = service.submit(PlanId::STORE, &caller.request(), command)?;
            let store = Plan::empty(PlanId::STORE);
            Body::of(&ReceiptBody::of(&receipt, &caller.by, name, &store, service.store.is_test()))
        })
        .await
}

/// So many entries a page has unless more are asked for.
const PAGE: usize = 100;

/// The most entries a page has.
const LARGEST_PAGE: usize = 1000;

/// How many entries a page is to have.
pub(super) fn size(limit: Option<usize>) -> Answered<usize> {
    let limit = limit.unwrap_or(PAGE);
    if (1..=LARGEST_PAGE).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid("limit", format!("`limit` is 1 to {LARGEST_PAGE}")))
}

/// A page of rows that are at hand in order: those that are wanted of what stands after the one with
/// this name, and the name of the page's last one where there are more. A row that is no longer wanted
/// still says where the page begins.
pub(super) fn page<T>(
    rows: Vec<T>,
    after: Option<&str>,
    limit: usize,
    name: impl Fn(&T) -> String,
    wanted: impl Fn(&T) -> bool,
) -> Answered<(Vec<T>, Option<String>)> {
    let from = match after.filter(|after| !after.is_empty()) {
        None => 0,
        Some(after) => match rows.iter().position(|row| name(row) == after) {
            Some(place) => place + 1,
            None => return Err(Problem::invalid("after", format!("no page ends with `{after}`"))),
        },
    };
    let mut rest = rows.into_iter().skip(from).filter(wanted);
    let page: Vec<T> = rest.by_ref().take(limit).collect();
    let next = page.last().filter(|_| rest.next().is_some()).map(&name);
    Ok((page, next))
}

/// Where a page begins: after this event or message. The description tells numbers of 64 bits with a sign,
/// which is more than any journal will hold.
pub(super) fn after(number: Option<u64>) -> Answered<Seq> {
    let number = number.unwrap_or(0);
    match i64::try_from(number) {
        Ok(_) => Ok(Seq(number)),
        Err(_) => Err(Problem::invalid("after", format!("`after` is at most {}", i64::MAX))),
    }
}

/// Hands a command about a plan in, and gives what came of it.
pub(super) fn submit(service: &Service, plan: &Plan, caller: &Caller, command: Command) -> Answered<Body> {
    let name = command.name();
    let receipt = service.submit(plan.id, &caller.request(), command)?;
    let body = ReceiptBody::of(&receipt, &caller.by, name, plan, service.store.is_test());
    Ok(Body::of(&body)?.after(receipt.last))
}
