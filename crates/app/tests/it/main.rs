//! The real binary, end to end: exit status, standard output and standard error of every verb.

mod approve;
mod attach;
mod block;
mod claim;
mod completions;
mod config;
mod drop;
mod explain;
mod fix;
mod gate;
mod guides;
mod harness;
mod help;
mod lint;
mod man;
mod new;
mod note;
mod parse;
mod reading;
mod registers;
mod run;
mod start;
mod suggest_probes;
mod update;
mod waive;
mod world;
