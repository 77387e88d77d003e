//! Pages as text for documents. Terminals are the business of whoever has one.

pub mod markdown;
