//! Plan documents in, diagnostics out. Pure: text and facts about the world are handed in.

pub mod diagnostics;
pub mod lint;
