//! Pages as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.
//! Reads in light and dark, on paper, and without seeing colours. Every text is escaped.

use std::fmt::Write;

use super::is_hidden;
use super::spans::{Span, spans};
use crate::page::{Bar, Block, Cell, Page, Shape, Table, Tone};

const STYLE: &str = include_str!("page.css");

/// From so many headings on, a page begins with a list of them.
const HEADINGS_FOR_CONTENTS: usize = 4;

/// How wide a bar is drawn, in its own units.
const BAR_WIDTH: usize = 600;

/// A page as a whole HTML document. `made_by` says at its end which program wrote it.
pub fn document(page: &Page, made_by: &str) -> String {
    let title = page.blocks.iter().find_map(|block| match block {
        Block::Title(title) => Some(title.as_str()),
        _ => None,
    });
    let mut html = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    // Whatever a plan's author writes, a browser loads and runs nothing.
    html.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    let _ = writeln!(html, "<title>{}</title>", escape(title.unwrap_or("Report")));
    let _ = write!(html, "<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n");
    let mut headings = 0;
    for (place, block) in page.blocks.iter().enumerate() {
        write_block(&mut html, block, &mut headings);
        if place == 0 {
            contents(&mut html, page);
        }
    }
    let _ = writeln!(html, "</main>\n<footer>{}</footer>\n</body>\n</html>", escape(made_by));
    html
}

/// The headings as links to them, where there are many.
fn contents(html: &mut String, page: &Page) {
    let headings: Vec<&str> = page
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    if headings.len() < HEADINGS_FOR_CONTENTS {
        return;
    }
    html.push_str("<nav aria-label=\"Contents\">\n<ul>\n");
    for (number, text) in (1..).zip(headings) {
        let _ = writeln!(html, "<li><a href=\"#part-{number}\">{}</a></li>", inline(text));
    }
    html.push_str("</ul>\n</nav>\n");
}

fn write_block(html: &mut String, block: &Block, headings: &mut usize) {
    match block {
        Block::Title(text) => {
            let _ = writeln!(html, "<h1>{}</h1>", inline(text));
        }
        Block::Heading(text) => {
            *headings += 1;
            let _ = writeln!(html, "<h2 id=\"part-{headings}\">{}</h2>", inline(text));
        }
        Block::Paragraph(cell) => {
            let _ = writeln!(html, "<p{}>{}</p>", class(cell.tone, false), inline(&cell.text));
        }
        Block::Facts(facts) => write_facts(html, facts),
        Block::Table(table) => write_table(html, table),
        Block::Outline(lines) => write_outline(html, lines),
        Block::Pre(text) => {
            let _ = writeln!(html, "<pre>{}</pre>", escape(text));
        }
        Block::Bar(bar) => write_bar(html, bar),
    }
}

fn write_facts(html: &mut String, facts: &[(&'static str, Cell)]) {
    html.push_str("<dl>\n");
    for (name, cell) in facts {
        // An empty name goes on with the one above, which a list of terms allows.
        if !name.is_empty() {
            let _ = writeln!(html, "<dt>{}</dt>", escape(name));
        }
        let _ = writeln!(html, "<dd{}>{}</dd>", class(cell.tone, false), inline(&cell.text));
    }
    html.push_str("</dl>\n");
}

fn write_table(html: &mut String, table: &Table) {
    html.push_str("<div class=\"wide\"><table>\n");
    if table.columns.iter().any(|column| !column.heading.is_empty()) {
        html.push_str("<thead><tr>");
        for column in &table.columns {
            let number = column.shape == Shape::Number;
            let _ = write!(
                html,
                "<th scope=\"col\"{}>{}</th>",
                class(Tone::Plain, number),
                escape(column.heading)
            );
        }
        html.push_str("</tr></thead>\n");
    }
    html.push_str("<tbody>\n");
    for row in &table.rows {
        html.push_str("<tr>");
        for (cell, column) in row.iter().zip(&table.columns) {
            let number = column.shape == Shape::Number;
            let _ = write!(html, "<td{}>{}</td>", class(cell.tone, number), inline(&cell.text));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table></div>\n");
}

fn write_outline(html: &mut String, lines: &[(u16, Cell)]) {
    let mut open = 0;
    for (depth, cell) in lines {
        // A line may stand at most one step further in than the one above it.
        let wanted = usize::from(*depth).min(open) + 1;
        match wanted {
            deeper if deeper > open => html.push_str("<ul>\n"),
            same_or_higher => {
                html.push_str("</li>\n");
                for _ in same_or_higher..open {
                    html.push_str("</ul>\n</li>\n");
                }
            }
        }
        open = wanted;
        let _ = write!(html, "<li{}>{}", class(cell.tone, false), inline(&cell.text));
    }
    for _ in 0..open {
        html.push_str("</li>\n</ul>\n");
    }
}

/// A bar, drawn; the words beside it say the same, so that nobody needs the drawing.
fn write_bar(html: &mut String, bar: &Bar) {
    let (whole, text) = (bar.whole(), escape(&bar.text()));
    html.push_str("<figure>");
    if whole > 0 {
        let _ = write!(
            html,
            "<svg role=\"img\" viewBox=\"0 0 {BAR_WIDTH} 16\" width=\"{BAR_WIDTH}\" height=\"16\"><title>{text}</title>"
        );
        let mut before = 0;
        for part in bar.parts.iter().filter(|part| part.number > 0) {
            let at = |number: usize| number * BAR_WIDTH / whole;
            let (start, end) = (at(before), at(before + part.number));
            before += part.number;
            let _ = write!(
                html,
                "<rect x=\"{start}\" y=\"0\" width=\"{}\" height=\"16\"{}/>",
                end - start,
                class(part.tone, false)
            );
        }
        html.push_str("</svg>");
    }
    let _ = writeln!(html, "<figcaption>{text}</figcaption></figure>");
}

fn class(tone: Tone, number: bool) -> String {
    let tone = match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Warn => Some("warn"),
        Tone::Bad => Some("bad"),
        Tone::Strong => Some("strong"),
        Tone::Faint => Some("faint"),
    };
    let classes: Vec<&str> = number.then_some("number").into_iter().chain(tone).collect();
    if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) }
}

/// A line of text; what stands between backticks is code.
fn inline(text: &str) -> String {
    let part = |span: &Span<'_>| match span {
        Span::Prose(text) => escape(text),
        Span::Code(text) => format!("<code>{}</code>", escape(text)),
    };
    spans(text).iter().map(part).collect()
}

/// Text that is nothing but text, wherever it stands.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            // HTML has no way to write some of these, and nobody could see any of them.
            hidden if is_hidden(hidden) => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
