//! What the journal promises and no unit test can show: many processes at once, processes killed
//! at any moment, disks that fail, files that somebody damaged.

#![expect(clippy::unwrap_used, reason = "a failing step is a failing test")]

mod child;
mod crash;
mod damage;
mod disk;
mod faults;
mod fuzz;
mod index;
mod power;
mod race;
mod refused;
mod script;
mod support;
