//! Tables: aligned columns that fit a width, by display width rather than by bytes.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Tone, tame};

const GAP: usize = 2;
/// No column is made narrower than this.
const NARROWEST: usize = 8;

/// A column's heading and how it behaves.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    heading: &'static str,
    right: bool,
    shrinks: bool,
}

impl Column {
    /// A column of words that stay whole.
    pub const fn new(heading: &'static str) -> Self {
        Self { heading, right: false, shrinks: false }
    }

    /// A column of numbers.
    pub const fn number(heading: &'static str) -> Self {
        Self { heading, right: true, shrinks: false }
    }

    /// A column of text that may be cut where the terminal is narrow.
    pub const fn text(heading: &'static str) -> Self {
        Self { heading, right: false, shrinks: true }
    }
}

/// Rows under headings.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<(Tone, String)>>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row of plain cells.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.toned(cells.into_iter().map(|cell| (Tone::Plain, cell.into())));
    }

    /// Adds a row whose cells carry a tone.
    pub fn toned<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = (Tone, T)>) {
        let cells = cells.into_iter().map(|(tone, text)| (tone, tame(&text.into())));
        self.rows.push(cells.collect());
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, each line ended; cells are cut where `width` demands it.
    pub fn render(&self, width: Option<usize>, color: bool) -> String {
        let widths = self.widths(width);
        let mut text = String::new();
        if self.columns.iter().any(|column| !column.heading.is_empty()) {
            let headings: Vec<_> =
                self.columns.iter().map(|column| (Tone::Strong, column.heading.to_owned())).collect();
            self.write_row(&mut text, &headings, &widths, color);
        }
        for row in &self.rows {
            self.write_row(&mut text, row, &widths, color);
        }
        text
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|column| column.heading.width()).collect();
        for row in &self.rows {
            for (slot, (_, cell)) in widths.iter_mut().zip(row) {
                *slot = (*slot).max(cell.width());
            }
        }
        let Some(limit) = limit else { return widths };
        let gaps = GAP * widths.len().saturating_sub(1);
        let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(limit);
        // Take from the widest column that may shrink, one by one, until the line fits.
        while over > 0 {
            let widest = (0..widths.len())
                .filter(|place| self.columns[*place].shrinks && widths[*place] > NARROWEST)
                .max_by_key(|place| widths[*place]);
            let Some(place) = widest else { break };
            widths[place] -= 1;
            over -= 1;
        }
        widths
    }

    fn write_row(&self, text: &mut String, cells: &[(Tone, String)], widths: &[usize], color: bool) {
        let last = cells.len().saturating_sub(1);
        for (place, ((tone, cell), (column, width))) in
            cells.iter().zip(self.columns.iter().zip(widths)).enumerate()
        {
            let shown = cut(cell, *width);
            let pad = width.saturating_sub(shown.width());
            if column.right {
                text.extend(std::iter::repeat_n(' ', pad));
            }
            text.push_str(&tone.paint(&shown, color));
            if place < last {
                let after = if column.right { GAP } else { pad + GAP };
                text.extend(std::iter::repeat_n(' ', after));
            }
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in cell.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        kept.push(c);
        used += wide;
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new([Column::new("key"), Column::number("done"), Column::text("title")]);
        table.row(["7.3", "9", "tidy the warnings of every crate"]);
        table.row(["日本", "100", "x"]);
        table
    }

    #[test]
    fn columns_align_by_display_width() {
        let expected = "key   done  title\n7.3      9  tidy the warnings of every crate\n日本   100  x\n";
        assert_eq!(sample().render(None, false), expected);
    }

    #[test]
    fn a_narrow_terminal_cuts_text_only() {
        let expected = "key   done  title\n7.3      9  tidy the w…\n日本   100  x\n";
        assert_eq!(sample().render(Some(23), false), expected);
    }

    #[test]
    fn a_cell_stays_on_its_line_and_sends_no_commands_to_the_terminal() {
        let mut table = Table::new([Column::text("")]);
        table.row(["a\nb\u{1b}[31m"]);
        assert_eq!(table.render(None, false), "a b[31m\n");
    }
}
