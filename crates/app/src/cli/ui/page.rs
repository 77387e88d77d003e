//! Pages drawn for a terminal.

use lens::page::{Bar, Block, Cell, Page, Part, Shape};

use super::{Column, Table, Tone, Ui, tame};

/// How far the names of facts are apart from what is said of them.
const FACTS_GAP: usize = 2;

/// How many blocks a bar is wide.
const BAR_WIDTH: usize = 40;

impl Ui {
    /// Draws a page, a blank line between its blocks.
    pub fn page(&self, page: &Page) {
        for (place, block) in page.blocks.iter().enumerate() {
            let close = matches!(
                (place.checked_sub(1).map(|before| &page.blocks[before]), block),
                (None, _) | (Some(Block::Paragraph(_)), Block::Paragraph(_))
            );
            if !close {
                self.line("");
            }
            self.block(block);
        }
    }

    fn block(&self, block: &Block) {
        match block {
            Block::Title(text) | Block::Heading(text) => self.line(self.paint(Tone::Strong, &tame(text))),
            Block::Paragraph(cell) => self.line(self.cell(cell)),
            Block::Facts(facts) => {
                let widest = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + FACTS_GAP;
                for (name, cell) in facts {
                    let name = self.paint(Tone::Faint, &format!("{name:<widest$}"));
                    self.line(format!("{name}{}", self.cell(cell)).trim_end());
                }
            }
            Block::Table(table) => self.table(&drawn(table)),
            Block::Outline(lines) => {
                for (depth, cell) in lines {
                    self.line(format!("{}{}", "  ".repeat(usize::from(*depth)), self.cell(cell)));
                }
            }
            Block::Pre(text) => {
                for line in text.lines() {
                    self.line(tame(line));
                }
            }
            Block::Bar(bar) => {
                if let Some(drawn) = self.drawn_bar(bar) {
                    self.line(drawn);
                }
                self.line(tame(&bar.text()));
            }
        }
    }

    /// A bar as a row of blocks, told apart without colour too; nothing for a whole of nothing.
    fn drawn_bar(&self, bar: &Bar) -> Option<String> {
        const SIGNS: [&str; 3] = ["█", "▒", "░"];
        let whole = bar.whole();
        let mut before = 0;
        let part = |(place, part): (usize, &Part)| {
            let at = |number: usize| number * BAR_WIDTH / whole;
            let start = at(before);
            before += part.number;
            let sign = SIGNS[place.min(SIGNS.len() - 1)];
            self.paint(tone(part.tone), &sign.repeat(at(before) - start))
        };
        (whole > 0).then(|| bar.parts.iter().enumerate().map(part).collect())
    }

    fn cell(&self, cell: &Cell) -> String {
        self.paint(tone(cell.tone), &tame(&cell.text))
    }
}

fn drawn(table: &lens::page::Table) -> Table {
    let columns = table.columns.iter().map(|column| match column.shape {
        Shape::Whole => Column::new(column.heading),
        Shape::Number => Column::number(column.heading),
        Shape::Text => Column::text(column.heading),
    });
    let mut drawn = Table::new(columns);
    for row in &table.rows {
        drawn.toned(row.iter().map(|cell| (tone(cell.tone), cell.text.as_str())));
    }
    drawn
}

fn tone(tone: lens::page::Tone) -> Tone {
    match tone {
        lens::page::Tone::Plain => Tone::Plain,
        lens::page::Tone::Good => Tone::Good,
        lens::page::Tone::Warn => Tone::Warn,
        lens::page::Tone::Bad => Tone::Bad,
        lens::page::Tone::Strong => Tone::Strong,
        lens::page::Tone::Faint => Tone::Faint,
    }
}
