//! From byte offsets to lines and columns.

use model::diagnostic::Span;

/// A place in a text as people count: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode characters.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<u32>,
}

impl<'a> Lines<'a> {
    /// Finds the line starts of a text.
    pub fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        Self { text, starts }
    }

    /// The place of a byte offset; past the end or inside a character, the nearest place before.
    pub fn position(&self, offset: u32) -> Position {
        let offset = self.clamp(offset as usize);
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        let start = self.starts[line - 1] as usize;
        let column = self.text[start..offset].chars().count() + 1;
        Position { line: line as u32, column: column as u32 }
    }

    /// First and last place of a span; the last is one past its last character.
    pub fn range(&self, span: Span) -> (Position, Position) {
        (self.position(span.start), self.position(span.end.max(span.start)))
    }

    /// The line (from 1) a byte offset stands on.
    pub fn line_of(&self, offset: u32) -> u32 {
        let offset = self.clamp(offset as usize);
        self.starts.partition_point(|start| *start as usize <= offset) as u32
    }

    /// The bytes of a line (from 1), without its line ending.
    pub fn span(&self, line: u32) -> Span {
        let Some(start) = (line as usize).checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return Span::new(self.text.len(), self.text.len());
        };
        let start = *start as usize;
        let end = self.starts.get(line as usize).map_or(self.text.len(), |next| *next as usize - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        Span::new(start, end)
    }

    /// The text of a line (from 1), without its line ending.
    pub fn text(&self, line: u32) -> &'a str {
        &self.text[self.span(line).range()]
    }

    /// How many lines there are.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    fn clamp(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
