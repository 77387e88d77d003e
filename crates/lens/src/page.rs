//! A page: an answer laid out for reading, but not yet drawn.
//!
//! Knows headings, facts, tables and what a word means (its tone); knows neither colours, nor
//! widths, nor Markdown. The command line draws pages for terminals, [`render`](crate::render)
//! for documents.

use serde::Serialize;

use crate::words::{percent, share};

/// An answer laid out for reading.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Page {
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// What the whole page is called; at most one, at the top.
    Title(String),
    /// A heading.
    Heading(String),
    /// A line or more of prose.
    Paragraph(Cell),
    /// Names with what is to be said of them; an empty name goes on with the one above.
    Facts(Vec<(&'static str, Cell)>),
    /// Rows under headings.
    Table(Table),
    /// Lines, each so many steps further in.
    Outline(Vec<(u16, Cell)>),
    /// Text that keeps its line breaks and spaces.
    Pre(String),
    /// Parts of a whole.
    Bar(Bar),
}

/// Parts of a whole, to be drawn as a bar; it says the same in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Bar {
    /// From left to right.
    pub parts: Vec<Part>,
}

/// One part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it means.
    pub tone: Tone,
    /// What is counted.
    pub name: &'static str,
    /// How many.
    pub number: usize,
}

/// Some text and what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// What it means.
    pub tone: Tone,
    /// The text, one line.
    pub text: String,
}

/// What a word means to who reads it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// Proven, in order.
    Good,
    /// Deserves a look.
    Warn,
    /// Refuted, failed, an error.
    Bad,
    /// A heading, a key.
    Strong,
    /// Less important than what stands around it.
    Faint,
}

/// Rows under headings.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Table {
    /// From left to right.
    pub columns: Vec<Column>,
    /// From top to bottom; each has as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A column's heading and how it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Empty where the column needs none.
    pub heading: &'static str,
    /// How it behaves.
    pub shape: Shape,
}

/// How a column behaves where there is little room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Words that stay whole.
    Whole,
    /// Numbers, aligned to the right.
    Number,
    /// Text that may be cut.
    Text,
}

impl Column {
    /// A column of words that stay whole.
    pub const fn whole(heading: &'static str) -> Self {
        Self { heading, shape: Shape::Whole }
    }

    /// A column of numbers.
    pub const fn number(heading: &'static str) -> Self {
        Self { heading, shape: Shape::Number }
    }

    /// A column of text that may be cut.
    pub const fn text(heading: &'static str) -> Self {
        Self { heading, shape: Shape::Text }
    }
}

impl Table {
    /// A table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes the columns away in which every cell is empty, so that a plan without owners or
    /// percentages does not show where they would be.
    #[must_use]
    pub fn without_empty_columns(mut self) -> Self {
        let filled: Vec<bool> = (0..self.columns.len())
            .map(|place| self.rows.iter().any(|row| row.get(place).is_some_and(|cell| !cell.text.is_empty())))
            .collect();
        let mut kept = filled.iter().copied();
        self.columns.retain(|_| kept.next().unwrap_or(true));
        for row in &mut self.rows {
            let mut kept = filled.iter().copied();
            row.retain(|_| kept.next().unwrap_or(true));
        }
        self
    }
}

impl Bar {
    /// The whole.
    pub fn whole(&self) -> usize {
        self.parts.iter().map(|part| part.number).sum()
    }

    /// `1 of 4 verified (25%), 3 open (75%)`; a whole of nothing has no parts: `n/a`.
    pub fn text(&self) -> String {
        let whole = self.whole();
        let told = |(place, part): (usize, &Part)| {
            let share = percent(share(part.number, whole)?);
            let of = if place == 0 { format!(" of {whole}") } else { String::new() };
            Some(format!("{}{of} {} ({share})", part.number, part.name))
        };
        let parts: Vec<String> = self.parts.iter().enumerate().filter_map(told).collect();
        if parts.is_empty() { "n/a".to_owned() } else { parts.join(", ") }
    }
}

impl Page {
    /// Names the page.
    pub fn title(&mut self, text: impl Into<String>) -> &mut Self {
        self.blocks.push(Block::Title(text.into()));
        self
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<String>) -> &mut Self {
        self.blocks.push(Block::Heading(text.into()));
        self
    }

    /// Adds prose.
    pub fn paragraph(&mut self, text: impl Into<Cell>) -> &mut Self {
        self.blocks.push(Block::Paragraph(text.into()));
        self
    }

    /// Adds names with what is to be said of them, unless there are none.
    pub fn facts(&mut self, facts: Vec<(&'static str, Cell)>) -> &mut Self {
        if !facts.is_empty() {
            self.blocks.push(Block::Facts(facts));
        }
        self
    }

    /// Adds a table, unless it is empty.
    pub fn table(&mut self, table: Table) -> &mut Self {
        if !table.is_empty() {
            self.blocks.push(Block::Table(table));
        }
        self
    }

    /// Adds indented lines, unless there are none.
    pub fn outline(&mut self, lines: Vec<(u16, Cell)>) -> &mut Self {
        if !lines.is_empty() {
            self.blocks.push(Block::Outline(lines));
        }
        self
    }

    /// Adds parts of a whole.
    pub fn bar(&mut self, bar: Bar) -> &mut Self {
        self.blocks.push(Block::Bar(bar));
        self
    }

    /// Adds another page below this one.
    pub fn append(&mut self, other: Page) -> &mut Self {
        self.blocks.extend(other.blocks);
        self
    }
}

impl Tone {
    /// Some text with this meaning.
    pub fn cell(self, text: impl Into<String>) -> Cell {
        Cell { tone: self, text: text.into() }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Tone::Plain.cell(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Tone::Plain.cell(text)
    }
}

/// What a view has to say: data for machines, and a page for people.
pub trait Answer: Serialize {
    /// The answer laid out for reading.
    fn page(&self) -> Page;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_nobody_filled_are_left_out() {
        let mut table = Table::new([Column::whole("a"), Column::text("b"), Column::number("c")]);
        table.row(["1", "", ""]);
        table.row(["2", "", "x"]);
        let table = table.without_empty_columns();
        assert_eq!(table.columns.iter().map(|column| column.heading).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(table.rows[1], [Cell::from("2"), Cell::from("x")]);
    }

    #[test]
    fn a_bar_says_its_parts_and_nothing_of_nothing() {
        let part = |name, number| Part { tone: Tone::Plain, name, number };
        let bar = |parts| Bar { parts };
        assert_eq!(
            bar(vec![part("verified", 2), part("open", 1)]).text(),
            "2 of 3 verified (66.7%), 1 open (33.3%)"
        );
        assert_eq!(bar(vec![part("verified", 0), part("open", 0)]).text(), "n/a");
    }

    #[test]
    fn nothing_leaves_no_trace() {
        let mut page = Page::default();
        page.table(Table::default()).facts(Vec::new()).outline(Vec::new());
        assert_eq!(page, Page::default());
    }
}
