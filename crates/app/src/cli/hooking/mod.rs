//! What hooks do, whoever calls them: the verb's own flags, or a coding agent that says on standard
//! input what it is about to do.

mod edits;
mod finishing;
mod meaning;

use model::actor::Actor;

use super::call::Call;
use super::error::Outcome;

pub use edits::{Edited, path_of_work};
pub use finishing::{Finished, finish};
pub use meaning::task_meant;

impl Call {
    /// The agent that asks, where one does. Finding out which person does may take another program.
    pub fn asking_agent(&self) -> Outcome<Option<Actor>> {
        if self.config.agent.value.is_none() {
            return Ok(None);
        }
        Ok(Some(self.request()?.by.actor).filter(Actor::is_agent))
    }
}
