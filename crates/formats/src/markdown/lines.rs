//! Line numbers of offsets that mostly rise: counted from the last one asked for.

use memchr::memchr_iter;

/// Counts lines from where it last stood, forwards or backwards.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line (from 1) an offset stands on.
    pub(super) fn of(&mut self, offset: u32) -> u32 {
        let offset = (offset as usize).min(self.text.len());
        if offset >= self.at {
            self.line += memchr_iter(b'\n', &self.text[self.at..offset]).count() as u32;
        } else {
            self.line -= memchr_iter(b'\n', &self.text[offset..self.at]).count() as u32;
        }
        self.at = offset;
        self.line
    }
}
