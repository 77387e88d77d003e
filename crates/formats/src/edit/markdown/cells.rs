//! Cells of tables: a cell takes the text and, where its column is padded, the width stays.

use std::collections::HashMap;

use model::diagnostic::Span;
use unicode_width::UnicodeWidthStr;

use crate::edit::TextEdit;

/// A cell: its content, and the column it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) span: Span,
    pub(super) head: Span,
    pub(super) number: usize,
}

/// So many rows of a table are looked at to tell whether its columns are padded.
const MOST_ROWS: usize = 64;

/// The tables of a document.
pub(super) struct Tables<'a> {
    text: &'a str,
    /// For each table, how its columns are measured, where they are padded.
    measures: HashMap<Span, Vec<Option<Measure>>>,
}

/// How wide a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// In columns of a terminal.
    Columns,
    /// In characters.
    Characters,
}

impl Measure {
    fn of(self, text: &str) -> usize {
        match self {
            Self::Columns => text.width(),
            Self::Characters => text.chars().count(),
        }
    }
}

impl<'a> Tables<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, measures: HashMap::new() }
    }

    /// The edit that puts a text into a cell.
    pub(super) fn edit(&mut self, cell: Cell, content: String) -> TextEdit {
        let text = self.text;
        let measures = self.measures.entry(cell.head).or_insert_with(|| measures(text, cell.head));
        let measure = measures.get(cell.number).copied().flatten();
        let (start, end) = (cell.span.start as usize, cell.span.end as usize);
        let (before, after) = (&text[..start], &text[end..]);
        let left = before.len() - before.trim_end_matches(' ').len();
        let right = after.len() - after.trim_start_matches(' ').len();
        let old = &text[start..end];
        if old.is_empty() {
            return filled(cell.span, left, right, measure, content);
        }
        let Some(measure) = measure else { return TextEdit { span: cell.span, text: content } };
        let (was, is) = (measure.of(old), measure.of(&content));
        // Where the text stands at the right border, the space before it gives way.
        if left > 1 && right <= 1 {
            let pad = (left + was).saturating_sub(is).max(1);
            return TextEdit {
                span: Span::new(start - left, end),
                text: format!("{}{content}", " ".repeat(pad)),
            };
        }
        let closed = after.trim_start_matches(' ').starts_with('|');
        let least = usize::from(right > 0 && closed);
        let pad = (right + was).saturating_sub(is).max(least);
        if !closed {
            return TextEdit { span: cell.span, text: content };
        }
        TextEdit { span: Span::new(start, end + right), text: format!("{content}{}", " ".repeat(pad)) }
    }
}

/// The edit that fills an empty cell, of whose space all stands on one side or the other.
fn filled(span: Span, left: usize, right: usize, measure: Option<Measure>, content: String) -> TextEdit {
    let space = left + right;
    let outer = Span { start: span.start - left as u32, end: span.end + right as u32 };
    if content.is_empty() {
        return TextEdit { span, text: content };
    }
    let pad = measure.map_or(1, |measure| space.saturating_sub(1 + measure.of(&content)).max(1));
    TextEdit { span: outer, text: format!(" {content}{}", " ".repeat(pad)) }
}

/// How the columns of a table are measured: those are padded whose cells are all as wide, some of
/// them by more space than one.
fn measures(text: &str, head: Span) -> Vec<Option<Measure>> {
    let rest = text.get(head.start as usize..).unwrap_or_default();
    let rows: Vec<Vec<&str>> =
        rest.lines().take_while(|line| line.contains('|')).take(MOST_ROWS).map(split).collect();
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns).map(|column| measure(&rows, column)).collect()
}

fn measure(rows: &[Vec<&str>], column: usize) -> Option<Measure> {
    let cells: Vec<&str> = rows.iter().filter_map(|row| row.get(column).copied()).collect();
    let is_ruler = |cell: &str| cell.bytes().all(|byte| matches!(byte, b'-' | b':' | b' '));
    let padded = cells.iter().any(|cell| !is_ruler(cell) && (cell.ends_with("  ") || cell.starts_with("  ")));
    if !padded || cells.len() < 3 {
        return None;
    }
    [Measure::Columns, Measure::Characters].into_iter().find(|measure| {
        let width = measure.of(cells[0]);
        cells.iter().all(|cell| measure.of(cell) == width)
    })
}

/// The cells of a row with the space around their content.
fn split(row: &str) -> Vec<&str> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').filter(|rest| !rest.ends_with('\\')).unwrap_or(row);
    let mut cells = Vec::new();
    let mut start = 0;
    let escaped = |at: usize| row[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    for (at, _) in row.match_indices('|') {
        if !escaped(at) {
            cells.push(&row[start..at]);
            start = at + 1;
        }
    }
    cells.push(&row[start..]);
    cells
}
