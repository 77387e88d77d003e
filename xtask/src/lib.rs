//! The workshop: what `cargo xtask` does for those who build Countersign.
//!
//! Knows the workspace's files and tools, nothing of plans. It is a library so that
//! `cargo test --workspace` runs the tidy rules too. Start reading at [`commands`] and [`tidy`].

mod answers;
mod bench;
pub mod commands;
mod events;
pub mod generated;
mod mutants;
mod performance;
pub mod tidy;
pub mod tool;
pub mod tree;
