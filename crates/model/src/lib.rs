//! The core of Countersign as a calculation: what a plan is, which commands it allows, and what
//! each recorded event does to it. Knows no clock, file, process, database or network; time, ids
//! and the actor come in as arguments. Start reading at [`rule`](ruling::rule) and [`Plan`](plan::Plan).

pub mod access;
pub mod actor;
pub mod agreement;
pub mod apply;
pub mod check;
pub mod command;
pub mod commons;
pub mod context;
pub mod definition;
pub mod delivery;
pub mod diagnostic;
pub mod digest;
pub mod draft;
pub mod event;
pub mod facts;
pub mod fault;
pub mod following;
mod frozen;
pub mod gate;
pub mod ids;
mod index;
pub mod lease;
pub mod packed;
pub mod paths;
pub mod plan;
pub mod refusal;
pub mod registers;
pub mod review;
pub mod ruling;
pub mod scopes;
pub mod settings;
pub mod standing;
pub mod target;
pub mod task;
pub mod tasks;
pub mod waiver;
pub mod work;
pub mod writing;
