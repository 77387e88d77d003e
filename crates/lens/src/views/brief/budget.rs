//! Fitting a brief into its budget: first every section gets its share, then what is left over is
//! spent on the most important one that still has something to say.

use super::{BYTES_PER_TOKEN, Brief, Section, tokens};
use crate::page::{Block, Cell, Page};
use crate::render::markdown;

/// The most bytes a line has; the rest of it can be seen elsewhere.
const LINE_BYTES: usize = 480;

/// A text, cut where it is too long for a line of a brief.
pub(super) fn clipped(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.len() <= LINE_BYTES {
        return flat;
    }
    let end = (0..=LINE_BYTES).rev().find(|end| flat.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes more)", flat[..end].trim_end(), flat.len() - end)
}

/// A line as it is, cut where it is too long.
pub(super) fn cut(line: &str) -> String {
    if line.len() <= LINE_BYTES {
        return line.to_owned();
    }
    let end = (0..=LINE_BYTES).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes more)", &line[..end], line.len() - end)
}

/// Fills a brief with as much of its sections as its budget allows. Gives the least number of
/// tokens that would do where not even the head fits.
pub(super) fn fill(brief: &mut Brief<'_>, sections: Vec<Section>) -> Result<(), usize> {
    brief.left_out = sections.iter().filter_map(|section| left_out(section, section.lines.len())).collect();
    // Room for saying of every section that it was left out is kept aside until it is known to fit.
    let head = brief.markdown().len();
    let whole = brief.budget.saturating_mul(BYTES_PER_TOKEN);
    if head > whole {
        return Err(head.div_ceil(BYTES_PER_TOKEN));
    }
    let mut room = whole - head;
    let mut taken = vec![0; sections.len()];
    let share = room / sections.len().max(1);
    for (place, section) in sections.iter().enumerate() {
        let mut spent = share;
        take(section, &mut taken[place], &mut spent);
        room -= share - spent;
    }
    for (place, section) in sections.iter().enumerate() {
        take(section, &mut taken[place], &mut room);
    }
    brief.left_out = sections
        .iter()
        .zip(&taken)
        .filter_map(|(section, taken)| left_out(section, section.lines.len() - taken))
        .collect();
    brief.sections = sections
        .into_iter()
        .zip(taken)
        .map(|(mut section, taken)| {
            section.left_out = section.lines.len() - taken;
            section.lines.truncate(taken);
            section
        })
        .collect();
    brief.tokens = tokens(&brief.markdown());
    Ok(())
}

/// Takes lines of a section as long as there is room for them.
fn take(section: &Section, taken: &mut usize, room: &mut usize) {
    for line in section.lines.iter().skip(*taken) {
        let heading = if *taken == 0 { heading_bytes(section) } else { 0 };
        let cost = heading + if section.verbatim { line.len() + 1 } else { line_bytes(line) };
        if cost > *room {
            return;
        }
        *room -= cost;
        *taken += 1;
    }
}

/// What a heading takes as Markdown, with the empty lines before and behind it.
fn heading_bytes(section: &Section) -> usize {
    let heading = rendered(Block::Heading(section.heading())) + 2;
    // What stands as it was written has a fence around it; that of nothing is as long as any of so many ticks.
    let ticks = |line: &String| line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let longest = section.lines.iter().map(ticks).max().unwrap_or(0).max(2);
    if section.verbatim { heading + 2 * (longest + 2) } else { heading }
}

fn line_bytes(line: &str) -> usize {
    rendered(Block::Outline(vec![(0, Cell::from(line))]))
}

fn rendered(block: Block) -> usize {
    markdown::page(&Page { blocks: vec![block] }).len()
}

fn left_out(section: &Section, lines: usize) -> Option<String> {
    if lines == 0 {
        return None;
    }
    let of = if lines == section.lines.len() { "all".to_owned() } else { lines.to_string() };
    let count = section.lines.len();
    Some(format!("{}: {of} of {count}; see `{}`", section.name, section.more))
}
