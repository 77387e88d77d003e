//! Pages as Markdown: unpadded tables, and nobody's words do anything in them.

use std::fmt::Write;

use super::prose::{Place, flat, prose};
use crate::page::{Block, Cell, Page, Shape, Table, Tone};

/// A page as Markdown, its blocks set apart by empty lines, one final line end.
pub fn page(page: &Page) -> String {
    let mut text = String::new();
    for (place, block) in page.blocks.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        write_block(&mut text, block);
    }
    text
}

/// A table as Markdown whose cells keep the author's own Markdown; only pipes are escaped.
pub fn table(table: &Table) -> String {
    let mut text = String::new();
    write_table(&mut text, table, &escape);
    text
}

fn write_table(text: &mut String, table: &Table, worded: &dyn Fn(&str) -> String) {
    let headings = table.columns.iter().map(|column| escape(column.heading));
    write_row(text, headings);
    let rules = table.columns.iter().map(|column| match column.shape {
        Shape::Number => "---:".to_owned(),
        Shape::Whole | Shape::Text => "---".to_owned(),
    });
    write_row(text, rules);
    for row in &table.rows {
        write_row(text, row.iter().map(|cell| marked(cell, worded)));
    }
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Title(title) => {
            let _ = writeln!(text, "# {}", prose(title, Place::Line));
        }
        Block::Heading(heading) => {
            let _ = writeln!(text, "## {}", prose(heading, Place::Line));
        }
        Block::Bar(bar) => {
            let _ = writeln!(text, "{}", bar.text());
        }
        Block::Paragraph(cell) => {
            let _ = writeln!(text, "{}", prose(&cell.text, Place::Start));
        }
        Block::Facts(facts) => {
            let mut last = "";
            for (name, cell) in facts {
                last = if name.is_empty() { last } else { name };
                let _ = writeln!(text, "- {last}: {}", prose(&cell.text, Place::Line));
            }
        }
        Block::Table(inner) => write_table(text, inner, &|cell| prose(cell, Place::Cell)),
        Block::Outline(lines) => {
            for (depth, cell) in lines {
                let indent = 2 * usize::from(*depth);
                let _ = writeln!(text, "{:indent$}- {}", "", prose(&cell.text, Place::Start));
            }
        }
        Block::Pre(inner) => {
            let longest = inner.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            let _ = writeln!(text, "{fence}\n{}\n{fence}", inner.trim_end_matches('\n'));
        }
    }
}

fn write_row(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push('|');
    for cell in cells {
        let _ = write!(text, " {cell} |");
    }
    text.push('\n');
}

fn marked(cell: &Cell, worded: &dyn Fn(&str) -> String) -> String {
    let text = worded(&cell.text);
    if cell.tone == Tone::Strong && !text.is_empty() { format!("**{text}**") } else { text }
}

/// A cell is one line, and its pipes are no borders.
pub fn escape(cell: &str) -> String {
    flat(cell).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Column;

    #[test]
    fn a_cell_keeps_its_row_together() {
        let mut inner = Table::new([Column::whole("Key"), Column::number("n")]);
        inner.row([Tone::Strong.cell("a|b"), Cell::from("1\n2")]);
        inner.row([Tone::Strong.cell(""), Cell::default()]);
        assert_eq!(table(&inner), "| Key | n |\n| --- | ---: |\n| **a\\|b** | 1 2 |\n|  |  |\n");
    }

    #[test]
    fn a_page_is_blocks_set_apart() {
        let mut made = Page::default();
        made.heading("One\ntwo");
        made.facts(vec![("needs", Cell::from("a")), ("", Cell::from("b"))]);
        made.outline(vec![(0, Cell::from("x")), (1, Cell::from("y"))]);
        made.blocks.push(Block::Pre("a\n```\nb\n".to_owned()));
        let expected = "## One two\n\n- needs: a\n- needs: b\n\n- x\n  - y\n\n````\na\n```\nb\n````\n";
        assert_eq!(page(&made), expected);
    }
}
