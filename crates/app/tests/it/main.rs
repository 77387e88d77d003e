//! The real binary, end to end: exit status, standard output and standard error of every verb.

mod completions;
mod config;
mod explain;
mod harness;
mod help;
mod man;
mod run;
