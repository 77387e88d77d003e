//! Plan documents as people write them: what is read from them and what lint says of them.

mod documents;
mod lint_rude;
