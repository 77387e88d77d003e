//! Plan documents as people write them: what is read from them and what lint says of them.

mod any_bytes;
mod check;
mod documents;
mod edits;
mod exchange;
mod lint_pairs;
mod lint_rude;
mod lint_shapes;
mod reread;
mod spans;
mod written;
