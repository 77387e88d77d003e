//! A Markdown report cut into passages: headings, paragraphs, list items and table cells, each with
//! what stands around it. Code blocks, quotations, comments and struck text are left out, since they
//! say what somebody else said, or what no longer holds.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::tables::{Column, columns};
use super::tokens::{Lexer, Token};

/// Where a passage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Heading(u8),
    Paragraph,
    /// An item of a list; the box where it has one.
    Item(Option<bool>),
    /// A cell, by table, row and column.
    Cell {
        table: usize,
        row: usize,
        column: usize,
    },
}

/// A stretch of text that belongs together.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) place: Place,
    pub(crate) tokens: Vec<Token>,
    /// The nearest heading above, as a position in [`Report::passages`].
    pub(crate) heading: Option<usize>,
    /// The item or paragraph that introduces it: the outer item of a nested one, or the line with a
    /// colon above a list.
    pub(crate) above: Option<usize>,
    /// The text of the plan that it is, where that was read before.
    pub(crate) again: Option<Again>,
}

/// A text that was read by itself before it was met in a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Again {
    /// The number of its cut.
    pub(crate) cut: u32,
    /// Where it begins in the document.
    pub(crate) start: u32,
}

/// A table of the report.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The header's cells.
    pub(crate) header: Vec<Vec<Token>>,
    /// What stands below each.
    pub(crate) columns: Vec<Column>,
    /// Positions of the cells of each row in [`Report::passages`].
    pub(crate) rows: Vec<Vec<usize>>,
}

/// A report, cut into passages.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) passages: Vec<Passage>,
    pub(crate) tables: Vec<Table>,
}

impl Report {
    pub(crate) fn read(text: &str, lexer: &Lexer) -> Self {
        let mut cutter = Cutter::new(lexer);
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            cutter.take(event, range);
        }
        cutter.report
    }

    /// The headings above a passage, nearest first.
    pub(crate) fn headings(&self, passage: &Passage) -> impl Iterator<Item = &Passage> {
        let mut next = passage.heading;
        std::iter::from_fn(move || {
            let heading = &self.passages[next?];
            next = heading.heading;
            Some(heading)
        })
    }
}

struct Cutter<'a> {
    lexer: &'a Lexer,
    report: Report,
    /// Text of the passage being read, with the place of each piece in the source.
    text: String,
    pieces: Vec<(usize, Range<usize>)>,
    headings: Vec<(u8, usize)>,
    /// The open items: the box, and the passage that carries the item's own line.
    items: Vec<(Option<bool>, Option<usize>)>,
    /// The last paragraph, which may introduce the list below it.
    leading: Option<usize>,
    left_out: u32,
    table: Option<(Table, Vec<usize>, bool)>,
}

impl<'a> Cutter<'a> {
    fn new(lexer: &'a Lexer) -> Self {
        Self {
            lexer,
            report: Report::default(),
            text: String::new(),
            pieces: Vec::new(),
            headings: Vec::new(),
            items: Vec::new(),
            leading: None,
            left_out: 0,
            table: None,
        }
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::Strikethrough | Tag::HtmlBlock) => {
                self.flush(Place::Paragraph);
                self.left_out += 1;
            }
            Event::End(
                TagEnd::CodeBlock | TagEnd::BlockQuote(_) | TagEnd::Strikethrough | TagEnd::HtmlBlock,
            ) => {
                self.text.clear();
                self.pieces.clear();
                self.left_out = self.left_out.saturating_sub(1);
            }
            _ if self.left_out > 0 => {}
            Event::Start(Tag::Heading { .. }) => self.leading = None,
            Event::End(TagEnd::Heading(level)) => self.end_heading(level as u8),
            Event::Start(Tag::List(_)) => self.flush(Place::Paragraph),
            Event::Start(Tag::Item) => self.items.push((None, None)),
            Event::TaskListMarker(checked) => {
                if let Some(item) = self.items.last_mut() {
                    item.0 = Some(checked);
                }
            }
            Event::End(TagEnd::Item) => {
                self.flush(Place::Paragraph);
                self.items.pop();
            }
            Event::End(TagEnd::Paragraph) => self.flush(Place::Paragraph),
            Event::Start(Tag::Table(_)) => self.table = Some((Table::default(), Vec::new(), false)),
            Event::Start(Tag::TableHead) => self.in_head(true),
            Event::End(TagEnd::TableHead) => self.in_head(false),
            Event::End(TagEnd::TableCell) => self.end_cell(),
            Event::End(TagEnd::TableRow) => {
                if let Some((table, row, _)) = &mut self.table {
                    table.rows.push(std::mem::take(row));
                }
            }
            Event::End(TagEnd::Table) => {
                if let Some((mut table, ..)) = self.table.take() {
                    table.columns = columns(&table.header);
                    self.report.tables.push(table);
                }
            }
            Event::Text(text) | Event::Code(text) => {
                self.pieces.push((self.text.len(), range));
                self.text.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => {
                self.pieces.push((self.text.len(), range));
                self.text.push('\n');
            }
            _ => {}
        }
    }

    fn in_head(&mut self, inside: bool) {
        if let Some((_, _, head)) = &mut self.table {
            *head = inside;
        }
    }

    fn tokens(&mut self) -> (Vec<Token>, Option<Again>) {
        let (text, pieces) = (std::mem::take(&mut self.text), std::mem::take(&mut self.pieces));
        if let Some(start) = start_in_source(&pieces, text.len())
            && let Some(cut) = self.lexer.cut_before(&text)
        {
            return (cut.tokens_from(start), Some(Again { cut: cut.number, start }));
        }
        (self.lexer.tokens(&text, &|offset| source_of(&pieces, offset)), None)
    }

    fn end_heading(&mut self, level: u8) {
        let (tokens, again) = self.tokens();
        while self.headings.last().is_some_and(|(other, _)| *other >= level) {
            self.headings.pop();
        }
        let heading = self.headings.last().map(|(_, at)| *at);
        self.headings.push((level, self.report.passages.len()));
        let place = Place::Heading(level);
        self.report.passages.push(Passage { place, tokens, heading, above: None, again });
    }

    fn flush(&mut self, place: Place) {
        if self.text.trim().is_empty() {
            self.text.clear();
            self.pieces.clear();
            return;
        }
        let (tokens, again) = self.tokens();
        let at = self.report.passages.len();
        let outer = self.items.iter().rev().find_map(|(_, own)| *own).or(self.leading);
        let place = match self.items.last() {
            Some((checked, None)) => Place::Item(*checked),
            _ => place,
        };
        if let Some(item) = self.items.last_mut() {
            item.1.get_or_insert(at);
        } else {
            self.leading = tokens.last().is_some_and(|last| last.is_sign(':')).then_some(at);
        }
        self.push(place, tokens, outer.filter(|outer| *outer != at), again);
    }

    fn end_cell(&mut self) {
        let (tokens, again) = self.tokens();
        let Some((table, row, head)) = &mut self.table else { return };
        if *head {
            table.header.push(tokens);
            return;
        }
        let place = Place::Cell { table: self.report.tables.len(), row: table.rows.len(), column: row.len() };
        row.push(self.report.passages.len());
        self.push(place, tokens, None, again);
    }

    fn push(&mut self, place: Place, tokens: Vec<Token>, above: Option<usize>, again: Option<Again>) {
        let heading = self.headings.last().map(|(_, at)| *at);
        self.report.passages.push(Passage { place, tokens, heading, above, again });
    }
}

/// Where the gathered text begins in the source, if it stands there letter for letter.
fn start_in_source(pieces: &[(usize, Range<usize>)], length: usize) -> Option<u32> {
    let (_, first) = pieces.first()?;
    let ends = pieces.iter().skip(1).map(|(start, _)| *start).chain([length]);
    let plain = pieces
        .iter()
        .zip(ends)
        .all(|((start, range), end)| range.start == first.start + start && range.len() == end - start);
    plain.then_some(first.start as u32)
}

/// Where an offset in the gathered text stands in the source.
fn source_of(pieces: &[(usize, Range<usize>)], offset: usize) -> usize {
    let at = pieces.partition_point(|(start, _)| *start <= offset);
    let Some((start, range)) = at.checked_sub(1).and_then(|at| pieces.get(at)) else { return 0 };
    let next = pieces.get(at).map_or(usize::MAX, |(next, _)| *next);
    // Code and entities are longer in the source than what they say.
    let said = next.saturating_sub(*start);
    let extra = range.len().saturating_sub(said) / 2;
    let extra = if next == usize::MAX || range.len() == said { 0 } else { extra };
    (range.start + extra + (offset - start)).min(range.end)
}
