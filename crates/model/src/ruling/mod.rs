//! Rulings: what comes of a command, as events or as a refusal. One file per family of verbs.

use crate::command::Command;
use crate::context::Context;
use crate::event::Event;
use crate::plan::Plan;
use crate::refusal::Refusal;

/// Rules on a command: the events that come of it, or a refusal. Changes nothing itself.
pub fn rule(_plan: &Plan, _command: Command, _cx: &mut Context<'_>) -> Result<Vec<Event>, Refusal> {
    Ok(Vec::new())
}
