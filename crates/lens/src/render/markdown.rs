//! Pages as Markdown: unpadded tables, pipes escaped.

use std::fmt::Write;

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

/// A table as Markdown.
pub fn table(table: &Table) -> String {
    let mut text = String::new();
    let headings = table.columns.iter().map(|column| escape(column.heading));
    write_row(&mut text, headings);
    let rules = table.columns.iter().map(|column| match column.shape {
        Shape::Number => "---:".to_owned(),
        Shape::Whole | Shape::Text => "---".to_owned(),
    });
    write_row(&mut text, rules);
    for row in &table.rows {
        write_row(&mut text, row.iter().map(marked));
    }
    text
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Heading(heading) => {
            let _ = writeln!(text, "## {}", flat(heading));
        }
        Block::Paragraph(cell) => {
            let _ = writeln!(text, "{}", flat(&cell.text));
        }
        Block::Facts(facts) => {
            let mut last = "";
            for (name, cell) in facts {
                last = if name.is_empty() { last } else { name };
                let _ = writeln!(text, "- {last}: {}", flat(&cell.text));
            }
        }
        Block::Table(inner) => text.push_str(&table(inner)),
        Block::Outline(lines) => {
            for (depth, cell) in lines {
                let _ =
                    writeln!(text, "{:indent$}- {}", "", flat(&cell.text), indent = 2 * usize::from(*depth));
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

fn marked(cell: &Cell) -> String {
    let text = escape(&cell.text);
    if cell.tone == Tone::Strong && !text.is_empty() { format!("**{text}**") } else { text }
}

/// A cell is one line, and its pipes are no borders.
pub fn escape(cell: &str) -> String {
    flat(cell).replace('|', "\\|")
}

fn flat(text: &str) -> String {
    if text.contains(['\n', '\r']) {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        text.to_owned()
    }
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
