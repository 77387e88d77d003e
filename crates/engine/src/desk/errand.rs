//! What somebody wants of a desk that many come to. The plan is found, and looked at, by whoever rules
//! on it: a sender who held it meanwhile would have it copied with every change.

use model::command::Command;
use model::fault::Fault;
use model::ids::{PlanId, TaskId};
use model::plan::Plan;
use model::refusal::PLAN_NOT_FOUND;

use super::{Denied, Receipt, Request};

/// Which plan an errand is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// This one.
    Plan(PlanId),
    /// The one of this key or id.
    Named(String),
    /// The one that has this task.
    Task(TaskId),
}

/// What is to be done.
pub enum Wish {
    /// This.
    Command(Box<Command>),
    /// What follows from the plan as it is; asked again where that has changed meanwhile. A refusal is
    /// no attempt: nothing was asked of the plan yet.
    Of(Box<Find>),
}

/// Finds the command, given the plan.
pub type Find = dyn Fn(&Plan) -> Result<Command, Denied> + Send;

/// What somebody wants, and how they are told what came of it.
pub struct Errand {
    /// Of which plan.
    pub whose: Whose,
    /// Who asks, and what comes with it.
    pub request: Request,
    /// What is to be done.
    pub wish: Wish,
    /// Tells them. Called once, and quickly: others wait meanwhile.
    pub answer: Box<dyn FnOnce(Outcome<'_>) + Send>,
}

/// What came of an errand.
pub enum Outcome<'p> {
    /// It is done; with the plan as it is now, where it is at hand.
    Done(Receipt, Option<&'p Plan>),
    /// Nothing was recorded.
    Denied(Denied),
    /// There is no such plan, or no plan with that task.
    Unknown,
}

impl Outcome<'_> {
    /// Without the plan.
    pub fn receipt(self) -> Result<Receipt, Denied> {
        match self {
            Self::Done(receipt, _) => Ok(receipt),
            Self::Denied(denied) => Err(denied),
            Self::Unknown => Err(Fault::new(PLAN_NOT_FOUND, "there is no such plan in this store").into()),
        }
    }
}
