//! Agents: programs that are given the tasks of a plan, one attempt at a time.
//!
//! An attempt runs in a worktree of its own, on a branch of its own; the main checkout is never
//! touched. What it leaves is a commit, which is checked in a clean worktree and merged into the
//! plan's own branch. Deliberately knows nothing of what a plan's rules are: everything on record
//! goes through the desk, and whether a task is verified is decided by its gate. Start reading at
//! [`repository`] for what is done with git.

pub mod dispatcher;
mod executor;
pub mod merge;
pub mod part;
pub mod repository;
pub mod runner;
pub mod sessions;
pub mod spawning;
#[cfg(test)]
mod testing;
pub mod usable;
pub mod worktree;
