//! Arithmetic of time for plans: how long a chain of tasks takes, which tasks carry it, what is
//! ready, and which days are worked.
//!
//! Knows neither plans nor documents: callers number their tasks 0, 1, 2 … and say how long each
//! takes and which others it needs. Reads no clock; today's date is an argument. Start reading at
//! [`critical_path`].

mod calendar;
mod critical;
mod length;
mod network;

pub use calendar::{Calendar, DayOff, NoWorkingDay};
pub use critical::{CriticalPath, Times, critical_path};
pub use length::Length;
pub use network::{Cycle, Node, cycle, cycles, order, ready};
