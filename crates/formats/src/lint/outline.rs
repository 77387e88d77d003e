//! The outline of a Markdown document as the rules need it: headings, tables, code, comments.

use std::ops::Range;

use model::diagnostic::Span;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The headings, tables, code, links and comments of a document, each in order.
#[derive(Default)]
pub(crate) struct Outline<'a> {
    pub(crate) headings: Vec<Heading>,
    pub(crate) tables: Vec<Table>,
    /// Fenced and indented code.
    pub(crate) code: Vec<Range<usize>>,
    /// Code inside a line, with its backticks, and its content.
    pub(crate) spans: Vec<(Range<usize>, String)>,
    /// Links, with where they lead.
    pub(crate) links: Vec<(Range<usize>, String)>,
    /// HTML comments.
    pub(crate) comments: Vec<(Range<usize>, &'a str)>,
}

/// A heading and how far its section reaches.
pub(crate) struct Heading {
    pub(crate) level: usize,
    pub(crate) text: String,
    pub(crate) span: Span,
    /// First byte after the heading.
    pub(crate) body: usize,
    /// One past its section, which ends before the next heading of the same or a higher level.
    pub(crate) end: usize,
    /// Position of the heading it stands under.
    pub(crate) parent: Option<usize>,
}

/// A table: the header's cells and the rows' cells, as plain text with their places.
pub(crate) struct Table {
    pub(crate) header: Vec<Cell>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl<'a> Outline<'a> {
    pub(crate) fn read(text: &'a str) -> Self {
        let mut outline = Self::default();
        let mut heading: Option<Heading> = None;
        let mut table: Option<Table> = None;
        let mut cells: Vec<Cell> = Vec::new();
        let mut cell: Option<Cell> = None;
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    heading = Some(Heading {
                        level: level as usize,
                        text: String::new(),
                        span: range.clone().into(),
                        body: range.end,
                        end: text.len(),
                        parent: None,
                    });
                }
                Event::End(TagEnd::Heading(_)) => outline.headings.extend(heading.take()),
                Event::Start(Tag::CodeBlock(_)) => outline.code.push(range),
                Event::Start(Tag::Table(_)) => table = Some(Table { header: Vec::new(), rows: Vec::new() }),
                Event::Start(Tag::TableCell) => cell = Some(Cell { text: String::new(), span: range.into() }),
                Event::End(TagEnd::TableCell) => cells.extend(cell.take()),
                Event::End(TagEnd::TableHead) => {
                    if let Some(table) = &mut table {
                        table.header = std::mem::take(&mut cells);
                    }
                }
                Event::End(TagEnd::TableRow) => {
                    if let Some(table) = &mut table {
                        table.rows.push(std::mem::take(&mut cells));
                    }
                }
                Event::End(TagEnd::Table) => outline.tables.extend(table.take()),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    outline.links.push((range, dest_url.into_string()))
                }
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&code);
                    }
                    if let Some(cell) = &mut cell {
                        cell.text.push_str(&code);
                    }
                    outline.spans.push((range, code.into_string()));
                }
                Event::Text(part) => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&part);
                    }
                    if let Some(cell) = &mut cell {
                        cell.text.push_str(&part);
                    }
                }
                Event::InlineHtml(html) | Event::Html(html) => {
                    if let Some(heading) = &mut heading {
                        heading.text.push_str(&html);
                    }
                }
                _ => {}
            }
        }
        outline.close_sections();
        outline.find_comments(text);
        outline
    }

    fn close_sections(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        for index in 0..self.headings.len() {
            let (level, start) = (self.headings[index].level, self.headings[index].span.start as usize);
            while let Some(last) = open.pop_if(|last| self.headings[*last].level >= level) {
                self.headings[last].end = start;
            }
            self.headings[index].parent = open.last().copied();
            open.push(index);
        }
    }

    fn find_comments(&mut self, text: &'a str) {
        let mut at = 0;
        while let Some(start) = text[at..].find("<!--").map(|found| at + found) {
            let Some(end) = text[start..].find("-->").map(|found| start + found + 3) else { break };
            if !self.in_code(start) {
                self.comments.push((start..end, text[start + 4..end - 3].trim()));
            }
            at = end;
        }
    }

    /// Whether an offset stands in code, block or inline.
    pub(crate) fn in_code(&self, offset: usize) -> bool {
        self.in_code_block(offset) || holds(&self.spans, |(range, _)| range, offset)
    }

    /// Whether an offset stands in a code block.
    pub(crate) fn in_code_block(&self, offset: usize) -> bool {
        holds(&self.code, |range| range, offset)
    }

    /// Whether an offset stands in an HTML comment.
    pub(crate) fn in_comment(&self, offset: usize) -> bool {
        holds(&self.comments, |(range, _)| range, offset)
    }

    /// The headings above an offset, outermost first.
    pub(crate) fn above(&self, offset: usize) -> Vec<&Heading> {
        let mut next =
            self.headings.partition_point(|heading| heading.span.start as usize <= offset).checked_sub(1);
        let mut above = Vec::new();
        while let Some(index) = next {
            above.push(&self.headings[index]);
            next = self.headings[index].parent;
        }
        above.reverse();
        above
    }
}

/// Whether one of some ranges, which rise and do not overlap, holds an offset.
fn holds<T>(ranges: &[T], range: impl Fn(&T) -> &Range<usize>, offset: usize) -> bool {
    let next = ranges.partition_point(|item| range(item).start <= offset);
    next > 0 && range(&ranges[next - 1]).contains(&offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_end_before_the_next_heading_of_their_level() {
        let text = "# A\n\n## B\nx\n\n### C\n\n## D\n\n```\n# not a heading <!-- no comment -->\n```\n<!-- yes -->\n";
        let outline = Outline::read(text);
        let names: Vec<_> = outline.headings.iter().map(|heading| heading.text.as_str()).collect();
        assert_eq!(names, ["A", "B", "C", "D"]);
        assert_eq!(&text[outline.headings[1].body..outline.headings[1].end], "x\n\n### C\n\n");
        assert_eq!(outline.headings[0].end, text.len());
        assert_eq!(outline.comments.len(), 1);
        let above: Vec<_> =
            outline.above(text.find("### C").unwrap() + 5).iter().map(|h| h.text.as_str()).collect();
        assert_eq!(above, ["A", "B", "C"]);
    }

    #[test]
    fn tables_keep_their_cells() {
        let outline = Outline::read("| a | b |\n|---|---|\n| `x` 1 | |\n");
        assert_eq!(outline.tables[0].header[1].text, "b");
        assert_eq!(outline.tables[0].rows[0][0].text, "x 1");
        assert_eq!(outline.tables[0].rows[0][1].text, "");
    }
}
