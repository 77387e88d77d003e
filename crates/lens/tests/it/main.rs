//! Reports over plans in many states: what they say, and that it is so.

mod recomputed;
mod snapshots;
mod states;
mod told;
mod well_formed;
