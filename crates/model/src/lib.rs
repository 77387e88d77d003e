//! The core of Countersign as a calculation: what a plan is, which commands it allows, and what
//! each recorded event does to it. Knows no clock, file, process, database or network; time, ids
//! and the actor come in as arguments. Start reading at [`rule`](ruling::rule) and [`Plan`](plan::Plan).

pub mod actor;
pub mod check;
pub mod diagnostic;
pub mod digest;
pub mod draft;
pub mod fault;
pub mod ids;
pub mod settings;
pub mod target;
