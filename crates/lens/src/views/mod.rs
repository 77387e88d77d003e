//! Views: one question each, answered from the plan and, where it is about the past, from
//! recorded events. None of them decides anything: what is open, done or blocked is asked of the
//! model.
//!
//! A question about the plan is a function (`board(&look)`); a question about its past is a fold
//! (`LogView::new(&look, …)`, then `see` for each event in order, then `answer`).

pub mod assumptions;
pub mod attempts;
pub mod board;
pub mod brief;
pub mod changes;
pub mod ci;
pub mod critical;
pub mod dashboard;
pub mod delivery;
pub mod diff;
pub mod due;
pub mod entries;
pub mod gates;
pub mod handoffs;
pub mod leases;
pub mod list;
pub mod log;
pub mod memory;
pub mod messages;
pub mod metrics;
pub mod plans;
pub mod readiness;
pub mod ready;
pub mod rebaselines;
pub mod restored;
pub mod review_days;
pub mod review_metrics;
pub mod reviews;
pub mod revisions;
pub mod risks;
pub mod session_metrics;
pub mod sessions;
pub mod several;
pub mod show;
pub mod stale;
pub mod state;
pub mod tokens;
pub mod verdict;
pub mod waivers;
pub mod webhooks;
pub mod weekly;
pub mod why;
