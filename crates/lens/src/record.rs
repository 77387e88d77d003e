//! A recorded event as history views take it, whoever kept it.

use jiff::Timestamp;
use model::actor::{By, Cause};
use model::event::{Event, Recorded};
use model::ids::Seq;

/// A recorded event.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Its place in the plan's stream.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who, and how known.
    pub by: &'a By,
    /// What led to it.
    pub cause: &'a Cause,
    /// What happened.
    pub event: &'a Event,
}

impl<'a> From<&'a Recorded> for Record<'a> {
    fn from(recorded: &'a Recorded) -> Self {
        let Recorded { seq, at, by, cause, event, .. } = recorded;
        Self { seq: *seq, at: *at, by, cause, event }
    }
}
