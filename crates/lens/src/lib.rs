//! What people look at: answers to questions about a plan, and pages made of them.
//!
//! A [`Look`](look::Look) is a plan and a moment. A view in [`views`] takes a look (and, where it
//! is about the past, events one by one as [`Record`](record::Record)s) and gives an
//! [`Answer`](page::Answer): a struct that serialises to the shape machines get, and lays itself
//! out as a [`Page`](page::Page) for people. Whoever has a terminal draws the page;
//! [`render`] writes it as Markdown.
//!
//! It decides nothing: whether a gate is open, a task done or ready is asked of the model. It
//! knows no clock, no store and no file, so "now" and "as of event N" are the same code. Start
//! reading at [`views::board`].

pub mod checks;
pub mod figures;
pub mod history;
pub mod look;
pub mod origin;
pub mod page;
pub mod progress;
pub mod record;
pub mod render;
pub mod reports;
pub mod select;
pub mod sentences;
pub mod task_events;
pub mod tasks;
#[cfg(test)]
mod testing;
pub mod views;
pub mod words;
