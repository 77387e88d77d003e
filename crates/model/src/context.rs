//! What a ruling may know about the world: the time, who asks, and a source of fresh ids.

use jiff::Timestamp;

use crate::actor::By;
use crate::ids::Fence;

/// A source of fresh ids: 128 bits, the upper 48 of them milliseconds since 1970.
pub trait Ids: Send {
    /// The next id; never the same twice, and later ones sort after earlier ones.
    fn next(&mut self, now: Timestamp) -> u128;
}

/// What a ruling may know about the world.
pub struct Context<'a> {
    /// The time.
    pub now: Timestamp,
    /// Who asks.
    pub by: &'a By,
    /// Whether an agent is around (in the environment, or as a session), so that a name that is
    /// only declared is not taken for a person's word.
    pub agent_present: bool,
    /// The grant under which whoever asks believes to work, where they said so.
    pub fence: Option<Fence>,
    /// Fresh ids.
    pub ids: &'a mut dyn Ids,
}

impl Context<'_> {
    /// A fresh id of any kind: `cx.id(TaskId::from_bits)`.
    pub fn id<T>(&mut self, make: impl FnOnce(u128) -> T) -> T {
        make(self.ids.next(self.now))
    }
}
