//! Markdown in every shape people write plans in: tables, checklists, bold-key bullets, task
//! briefs and phase blocks, mappings and facts in prose.
//!
//! What a thing is follows from heading text, table header words and list grammar, never from a
//! heading's level or number, or from the order of columns and sections. It knows nothing of
//! other formats, of files, or of what a plan is allowed to do.
//!
//! Start reading at [`reader::Reader`]: [`blocks`] walks the document once and hands it headings,
//! paragraphs, list items and table rows; [`roles`] and [`headings`] say what stands where;
//! `lists`, `tables`, `registers` and `facts` make entities of it; `finish` ties loose ends.

mod blocks;
mod columns;
mod facts;
mod fields;
pub(crate) mod finish;
mod gates;
mod headings;
pub(crate) mod items;
mod lines;
mod lists;
mod metrics;
pub(crate) mod numbers;
mod phases;
pub(crate) mod places;
mod reader;
mod registers;
mod roles;
mod rows;
mod tables;
mod tails;
mod tasks;
mod work;

#[cfg(test)]
mod tests;

use model::diagnostic::Diagnostic;
use model::draft::Draft;

use reader::Reader;

/// Reads a Markdown document.
pub(crate) fn read(text: &str, _path: &str) -> (Draft, Vec<Diagnostic>) {
    let mut reader = Reader::new(text);
    blocks::walk(text, &mut reader);
    reader.finish()
}
