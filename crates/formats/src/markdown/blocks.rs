//! The walk: one pass over the parser's events that hands on headings, paragraphs, list items and
//! table rows as they end. Nothing of the document is kept longer than its outermost list item.

use std::ops::Range;

use model::diagnostic::Span;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Lists nested deeper than this read as if they stood at this depth.
pub(crate) const MOST_NESTING: usize = 64;

/// A list item or a paragraph inside one; items before what they contain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    /// All of it, with what it contains.
    pub(crate) span: Span,
    /// Its own first paragraph, as written.
    pub(crate) text: Span,
    /// Position one past its last descendant.
    pub(crate) end: u32,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An item of a numbered list.
    Numbered,
    /// An item of a list with bullets.
    Bullet,
    /// A further paragraph of an item.
    Paragraph,
}

/// Who is told of the parts of a document, in order.
pub(crate) trait Visitor {
    /// A heading outside lists: its level, its content, all of it.
    fn heading(&mut self, level: u8, content: Span, span: Span);
    /// A paragraph outside lists.
    fn paragraph(&mut self, text: Span);
    /// An outermost list item with all it contains.
    fn item(&mut self, blocks: &[Block]);
    /// A table begins; this is its header row.
    fn table_head(&mut self, row: Span);
    /// A row of the table.
    fn table_row(&mut self, row: Span);
    /// The table ends.
    fn table_end(&mut self);
    /// An HTML block outside lists.
    fn html(&mut self, span: Span);
    /// Something else stands between: code or a rule.
    fn gap(&mut self);
    /// Lists are nested deeper than is read apart.
    fn too_deep(&mut self, span: Span);
}

/// Walks a document, a stretch at a time: the parser's own tree then never holds more than one.
pub(crate) fn walk(text: &str, visitor: &mut impl Visitor) {
    let mut start = 0;
    let mut least = STRETCH;
    while start < text.len() {
        let end = stretch_end(text, start, least);
        let open = walk_stretch(&text[start..end], start, visitor);
        // Code and HTML may go on behind what looked like a heading; nothing of them was told, so
        // they are read again together with what follows.
        match open.filter(|_| end < text.len()) {
            Some(open) => {
                least = if open == start { least.saturating_mul(2) } else { STRETCH.max(2 * (end - open)) };
                start = open;
            }
            None => {
                least = STRETCH;
                start = end;
            }
        }
    }
}

/// So many bytes are parsed at once, and then on to the next heading.
const STRETCH: usize = 128 * 1024;

/// Where a stretch may end: before a line that begins with `#`, which ends every paragraph, list,
/// quote and table before it.
fn stretch_end(text: &str, start: usize, least: usize) -> usize {
    let from = start.saturating_add(least);
    let Some(rest) = text.as_bytes().get(from..) else { return text.len() };
    memchr::memmem::find_iter(rest, b"\n#")
        .map(|at| from + at + 1)
        .find(|at| {
            let marks = text.as_bytes()[*at..].iter().take_while(|byte| **byte == b'#').count();
            marks <= 6 && text.as_bytes().get(at + marks).is_some_and(|byte| matches!(byte, b' ' | b'\t'))
        })
        .unwrap_or(text.len())
}

/// Walks one stretch. Gives where code or HTML began that reaches its end.
fn walk_stretch(text: &str, base: usize, visitor: &mut impl Visitor) -> Option<usize> {
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    if base == 0 {
        options |= Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    }
    let mut walk = Walk {
        visitor,
        blocks: Vec::new(),
        open: Vec::new(),
        lists: Vec::new(),
        inline: None,
        heading: None,
        opaque: 0,
        quotes: 0,
        deep: false,
    };
    let mut last = None;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)) | Tag::HtmlBlock) = &event
            && walk.open.is_empty()
            && walk.quotes == 0
        {
            last = Some(range.clone());
        }
        walk.event(event, base + range.start..base + range.end);
    }
    let last = last?;
    text[last.end..].trim().is_empty().then_some(base + last.start)
}

struct Walk<'v, V> {
    visitor: &'v mut V,
    /// The outermost item under way, and what it contains.
    blocks: Vec<Block>,
    /// Positions of the items that are open.
    open: Vec<u32>,
    /// Whether each open list is numbered.
    lists: Vec<bool>,
    /// Where the inline content under way stands.
    inline: Option<Range<usize>>,
    heading: Option<u8>,
    /// How many elements are open whose content is no prose: code, tables, metadata.
    opaque: u32,
    /// How many quotes are open.
    quotes: u32,
    deep: bool,
}

impl<V: Visitor> Walk<'_, V> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Rule => {
                self.close_inline();
                if self.open.is_empty() {
                    self.visitor.gap();
                }
            }
            Event::Html(_) => {}
            _ if self.opaque > 0 => {}
            _ => self.extend(range),
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.close_inline();
                self.heading = Some(level as u8);
            }
            Tag::Paragraph => self.close_inline(),
            Tag::List(first) => {
                self.close_inline();
                self.lists.push(first.is_some());
            }
            Tag::Item => self.open_item(range),
            Tag::CodeBlock(_) | Tag::MetadataBlock(_) => {
                self.close_inline();
                self.opaque += 1;
            }
            Tag::HtmlBlock => {
                self.close_inline();
                self.opaque += 1;
                if self.open.is_empty() {
                    self.visitor.html(range.into());
                }
            }
            Tag::Table(_) => {
                self.close_inline();
                self.opaque += 1;
            }
            Tag::TableHead => self.visitor.table_head(range.into()),
            Tag::TableRow => self.visitor.table_row(range.into()),
            Tag::BlockQuote(_) => {
                self.close_inline();
                self.quotes += 1;
                if self.quotes as usize > MOST_NESTING {
                    self.tell_too_deep(range);
                }
            }
            Tag::TableCell => {}
            _ if self.opaque > 0 => {}
            _ => self.extend(range),
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Heading(_) => {
                let content = self.inline.take();
                if let Some(level) = self.heading.take() {
                    let content = content.unwrap_or(range.start..range.start);
                    if self.open.is_empty() {
                        self.visitor.heading(level, content.into(), range.into());
                    } else {
                        self.add_text(content);
                    }
                }
            }
            TagEnd::Paragraph => self.close_inline(),
            TagEnd::BlockQuote(_) => {
                self.close_inline();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => self.close_item(),
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) => {
                self.opaque = self.opaque.saturating_sub(1);
                if self.open.is_empty() && !matches!(tag, TagEnd::HtmlBlock) {
                    self.visitor.gap();
                }
            }
            TagEnd::Table => {
                self.opaque = self.opaque.saturating_sub(1);
                self.visitor.table_end();
            }
            _ => {}
        }
    }

    fn extend(&mut self, range: Range<usize>) {
        match &mut self.inline {
            Some(inline) => inline.end = inline.end.max(range.end),
            None => self.inline = Some(range),
        }
    }

    fn close_inline(&mut self) {
        if self.heading.is_some() {
            return;
        }
        if let Some(content) = self.inline.take() {
            if self.open.is_empty() {
                self.visitor.paragraph(content.into());
            } else {
                self.add_text(content);
            }
        }
    }

    /// The first text of an item is its own; what follows stands in it as a paragraph.
    fn add_text(&mut self, content: Range<usize>) {
        let Some(item) = self.open.last().map(|open| *open as usize) else { return };
        let own = &mut self.blocks[item];
        if own.text.start == u32::MAX {
            own.text = content.into();
        } else {
            let end = self.blocks.len() as u32 + 1;
            let span = Span::from(content);
            self.blocks.push(Block { kind: Kind::Paragraph, span, text: span, end });
        }
    }

    fn open_item(&mut self, range: Range<usize>) {
        self.close_inline();
        if self.open.len() >= MOST_NESTING {
            self.tell_too_deep(range.clone());
            // Its parent counts as ended, so that it stands beside it.
            if let Some(parent) = self.open.last() {
                let end = self.blocks.len() as u32;
                let parent = &mut self.blocks[*parent as usize];
                parent.end = if parent.end == 0 { end } else { parent.end };
            }
        }
        let kind = if self.lists.last() == Some(&true) { Kind::Numbered } else { Kind::Bullet };
        self.open.push(self.blocks.len() as u32);
        let none = Span { start: u32::MAX, end: u32::MAX };
        self.blocks.push(Block { kind, span: range.into(), text: none, end: 0 });
    }

    fn tell_too_deep(&mut self, range: Range<usize>) {
        if !self.deep {
            self.deep = true;
            self.visitor.too_deep(range.into());
        }
    }

    fn close_item(&mut self) {
        self.close_inline();
        let Some(item) = self.open.pop() else { return };
        let end = self.blocks.len() as u32;
        let block = &mut self.blocks[item as usize];
        if block.end == 0 {
            block.end = end;
        }
        if block.text.start == u32::MAX {
            block.text = Span { start: block.span.start, end: block.span.start };
        }
        if self.open.is_empty() {
            self.visitor.item(&self.blocks);
            self.blocks.clear();
        }
    }
}
