//! The real binary, end to end: exit status, standard output and standard error of every verb.

mod approve;
mod attach;
mod block;
mod claim;
mod completions;
mod config;
mod drop;
mod explain;
mod gate;
mod harness;
mod help;
mod man;
mod note;
mod registers;
mod run;
mod start;
mod update;
mod waive;
mod world;
