//! Webhooks: what other programs tell this one, and what it tells others.
//!
//! What is told follows from the journal: a [courier](courier) for each [endpoint](endpoint) reads it from
//! where it last was, and puts each event that is wanted into a [message](message). How far each came, and
//! what nobody took, is kept beside the journal ([standing]).

pub mod client;
pub mod courier;
pub mod endpoint;
pub mod github;
pub mod message;
pub mod standing;
