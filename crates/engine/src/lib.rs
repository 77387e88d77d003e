//! The imperative shell below the door: what runs, reads and asks the world on a plan's behalf.
//!
//! Start reading at [`checks`]: what would prove a thing, and how that is found out.

pub mod agents;
pub mod archive;
pub mod checks;
pub mod clock;
pub mod desk;
pub mod documents;
pub mod hands;
pub mod ids;
pub mod keys;
pub mod presence;
pub mod process;
pub mod redact;
pub mod remote;
pub mod requests;
#[cfg(test)]
mod scratch;
pub mod sessions;
pub mod store;
pub mod sync;
pub mod touched;
pub mod trust;
pub mod watch;
pub mod workspace;
