//! Webhooks: what other programs tell this one, and what it tells others.

pub mod github;
