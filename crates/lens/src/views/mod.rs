//! Views: one question each, answered from the plan and, where it is about the past, from
//! recorded events. None of them decides anything: what is open, done or blocked is asked of the
//! model.

pub mod board;
pub mod gates;
pub mod list;
pub mod ready;
pub mod show;
pub mod verdict;
pub mod waivers;
pub mod why;
