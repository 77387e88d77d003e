//! What routes have in common: a question about a plan, a command about it, and one about what all
//! plans share.

use std::sync::Arc;

use lens::look::Look;
use model::command::Command;
use model::ids::{PlanId, Seq};
use model::plan::Plan;

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
