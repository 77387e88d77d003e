//! Pages as text for documents. Terminals are the business of whoever has one.

pub mod html;
pub mod markdown;
mod prose;
mod spans;
