//! Plan documents in, diagnostics out. Pure: text and facts about the world are handed in.
//!
//! Start reading at [`read`]; a new format is a file here and a line in [`registry`].

pub mod coding_agents;
pub mod diagnostics;
pub mod edit;
pub mod encoding;
pub mod exchange;
pub mod execution_plan;
pub mod junit;
pub mod lint;
mod markdown;
pub mod probe;
mod reading;
pub mod refute;
pub mod sidecar;
pub mod standing;
mod statements;
pub mod suggest;
pub mod words;

pub use reading::{Format, MAX_DOCUMENT_BYTES, Reading, read, read_as, registry};
