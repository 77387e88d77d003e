//! The short way in: what an author changed on a task's line, found out without reading all of the
//! document.
//!
//! Only changes are read this way that can move nothing but the task's own progress: a box that is
//! ticked or emptied, a word or number put in another's place in a row. Both texts are read around
//! the line, as small documents of their own; unless they differ in that task's progress and in
//! nothing else, nothing comes of it and the whole document is to be read.

use std::ops::Range;

use model::diagnostic::Severity;
use model::draft::DraftTask;
use model::writing::{About, Field};

use super::Known;
use super::alike::Touched;
use super::apart::{Apart, lines_between};
use super::line::{MOST_AROUND, Part, stands_elsewhere, start_of_line};
use crate::{Reading, encoding};

/// A task as its line said it before and says it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Reread {
    /// What was said.
    pub before: DraftTask,
    /// What is said.
    pub after: DraftTask,
}

/// The lines on which two texts differ, from 1; nothing where one of them has more lines than the
/// other, or where they differ on more lines than `most`.
pub fn lines_apart(before: &[u8], after: &[u8], most: usize) -> Option<Vec<u32>> {
    let Apart { start, before_end, after_end } = lines_between(before, after);
    let (old, new) = (&before[start..before_end], &after[start..after_end]);
    let mut line = 1 + memchr::memchr_iter(b'\n', &before[..start]).count() as u32;
    let mut apart = Vec::new();
    let (mut ours, mut theirs) = (old.split(|byte| *byte == b'\n'), new.split(|byte| *byte == b'\n'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return Some(apart),
            (Some(one), Some(other)) if one != other => {
                apart.push(line);
                if apart.len() > most {
                    return None;
                }
            }
            (Some(_), Some(_)) => {}
            _ => return None,
        }
        line += 1;
    }
}

/// A text with one of its lines as another text has it.
pub fn with_line_of(text: &[u8], other: &[u8], line: u32) -> Option<Vec<u8>> {
    let whole = |text: &[u8]| {
        let mut ends = memchr::memchr_iter(b'\n', text);
        let start = match line {
            0 => return None,
            1 => 0,
            _ => ends.nth(line as usize - 2)? + 1,
        };
        Some((start, ends.next().unwrap_or(text.len())))
    };
    let ((start, end), (from, to)) = (whole(text)?, whole(other)?);
    Some([&text[..start], &other[from..to], &text[end..]].concat())
}

/// Reads a task's line in two texts of a Markdown document that differ on that line only. Gives
/// nothing where it is not certain that reading all of both would tell the very same difference.
pub fn reread_at(before: &[u8], after: &[u8], task: Known<'_>) -> Option<Reread> {
    let (old, new) = (encoding::as_it_stands(before)?, encoding::as_it_stands(after)?);
    if before.len() - old.len() != after.len() - new.len() || stands_elsewhere(old, task.key, task.title) {
        return None;
    }
    let (old_line, new_line) = (line_of(old, task.line)?, line_of(new, task.line)?);
    let is_in_place =
        old_line.start == new_line.start && in_place(&old[old_line.clone()], &new[new_line.clone()]);
    if !is_in_place {
        return None;
    }
    let of = |text| Part::of_markdown(text, task.line, MOST_AROUND);
    let (old_part, new_part) = (of(old)?, of(new)?);
    // Both parts have to be cut at the same places.
    let at = |part: &Part, line: &Range<usize>| part.front + line.start - part.start;
    let (old_at, new_at) = (at(&old_part, &old_line), at(&new_part, &new_line));
    let around = |part: &'_ Part, at: usize, line: &Range<usize>| {
        (part.start, part.text[..at].to_owned(), part.text[at + line.len()..].to_owned())
    };
    if around(&old_part, old_at, &old_line) != around(&new_part, new_at, &new_line) {
        return None;
    }
    let read = |part: &Part| crate::read_as(Some("markdown"), "part", part.text.as_bytes());
    let (before, after) = (read(&old_part), read(&new_part));
    let key = old_part.key(&before.draft, task)?;
    if new_part.key(&after.draft, task)? != key {
        return None;
    }
    let about = About::Task(key.clone());
    let progress = [Field::Mark, Field::Status, Field::Percent];
    let touched = Touched::new(progress.iter().map(|field| (&about, field)));
    if !touched.only(&before.draft, &after.draft) || errors(&before) != errors(&after) {
        return None;
    }
    let find = |reading: Reading| reading.draft.tasks.into_iter().find(|found| found.key == key);
    let (mut before, mut after) = (find(before)?, find(after)?);
    // What one of them does not say may be said elsewhere.
    let says = |task: &DraftTask| (task.checked.is_some(), task.status.is_some(), task.percent.is_some());
    if says(&before) != says(&after) {
        return None;
    }
    for found in [&mut before, &mut after] {
        found.key = task.key.clone();
        found.line = task.line;
    }
    Some(Reread { before, after })
}

/// Where a line stands, without its end.
fn line_of(text: &str, line: u32) -> Option<Range<usize>> {
    let start = start_of_line(text, line)?;
    let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |end| start + end);
    Some(start..end)
}

/// Whether one line became the other by a change that leaves what it is as it is: another sign in
/// the box that an item begins with, or plain words in a row of a table.
fn in_place(before: &str, after: &str) -> bool {
    let (one, other) = (before.as_bytes(), after.as_bytes());
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let most = one.len().min(other.len()) - same;
    let tail = one.iter().rev().zip(other.iter().rev()).take(most).take_while(|(one, other)| one == other);
    let tail = tail.count();
    let (Some(old), Some(new)) = (before.get(same..before.len() - tail), after.get(same..after.len() - tail))
    else {
        return false;
    };
    let lead = &before[..same];
    if let Some(marker) = lead.strip_suffix('[') {
        let sign = |text: &str| matches!(text, " " | "x" | "X");
        let of_list = |c: char| c.is_ascii_digit() || " \t-*+.)".contains(c);
        return sign(old)
            && sign(new)
            && before[before.len() - tail..].starts_with(']')
            && !marker.is_empty()
            && marker.chars().all(of_list);
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " .%".contains(c));
    lead.starts_with('|') && plain(old) && plain(new)
}

fn errors(reading: &Reading) -> usize {
    reading.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
}
