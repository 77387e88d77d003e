//! The short way: a field of a task whose line is known is written without reading all of the
//! document. What stands around the task is read as a small document of its own, with the headings
//! above it and, in a table, with its header; where that leaves any doubt, nothing comes of it and
//! the long way is to be gone.

use model::diagnostic::Span;
use model::draft::{Draft, Stated, Status};
use model::ids::Key;
use model::writing::{About, Content, Field, Wish};

use super::meaning::{is_blocked, said, same_word};
use super::write::{Within, write_within};
use super::{Places, Reason, Rewritten, TextEdit, Unwritten, Written};
use crate::encoding;
use crate::words::status::is_picture;

/// A task as it was read from a document before.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its key.
    pub key: &'a Key,
    /// Its title.
    pub title: &'a str,
    /// The line it stands on.
    pub line: u32,
}

/// What the other tasks of a document have for a status, found out where that matters.
pub type Others<'o> = &'o dyn Fn() -> Vec<&'o Status>;

/// So many bytes before and behind a task are read at most.
pub(super) const MOST_AROUND: usize = 8 * 1024;

/// So many are tried first: most rows say all that there is to know.
const FEW_AROUND: usize = 512;

/// Writes wishes about one task into a document that has not changed since it was read. Gives
/// nothing where it is not certain that [`write`](fn@super::write) would do the very same.
///
/// A wish among the unwritten ones is absent near the line: whoever knows that the document has
/// such a field of the task goes the long way. `others`: what the other tasks of the document have
/// for a status, where that is known; else a word is taken that stands near.
pub fn write_at(
    bytes: &[u8],
    format: &str,
    task: Known<'_>,
    wishes: &[Wish],
    others: Option<Others<'_>>,
) -> Option<Rewritten> {
    let about = |wish: &Wish| matches!(&wish.about, About::Task(key) if key == task.key);
    // What a list names may stand anywhere in the document.
    if !wishes.iter().all(|wish| about(wish) && wish.field != Field::Blockers) {
        return None;
    }
    let text = encoding::as_it_stands(bytes)?;
    let near = |around| Part::of_markdown(text, task.line, around)?.edits(format, task, wishes, others);
    let (edits, unwritten) = match format {
        "markdown" => near(FEW_AROUND).or_else(|| near(MOST_AROUND))?,
        "execution-plan" => Part::of_json(text, task)?.edits(format, task, wishes, None)?,
        _ => return None,
    };
    let mark = bytes.len() - text.len();
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut from = 0;
    for edit in &edits {
        out.extend_from_slice(&bytes[from..mark + edit.span.start as usize]);
        out.extend_from_slice(edit.text.as_bytes());
        from = mark + edit.span.end as usize;
    }
    out.extend_from_slice(&bytes[from..]);
    Some(Rewritten { bytes: out, reading: None, edits, unwritten })
}

/// Whether a task may have a second place in the document.
pub fn stands_elsewhere(text: &str, key: &Key, title: &str) -> bool {
    // A made-up key stands nowhere; then the title has to do.
    let name = if key.as_str().contains('/') { title } else { key.as_str() };
    let places = memchr::memmem::find_iter(text.as_bytes(), name).filter(|&found| {
        let start = text[..found].rfind('\n').map_or(0, |end| end + 1);
        let lead = &text[start..found];
        let whole = !text[found + name.len()..].starts_with(|next: char| next.is_alphanumeric());
        // A key in the middle of a line is a mention.
        whole && lead.trim_matches(|c: char| " \t|-*+[]xX#_~/`:{\"".contains(c)).len() < 6
    });
    places.take(2).count() > 1
}

/// A part of a document, made a document of its own.
pub(super) struct Part {
    pub(super) text: String,
    /// What was put in front of the part.
    pub(super) front: usize,
    /// Where the part begins in the document, and how long it is.
    pub(super) start: usize,
    length: usize,
    /// The task's line in the text of the part.
    line: u32,
}

impl Part {
    fn edits(
        &self,
        format: &str,
        task: Known<'_>,
        wishes: &[Wish],
        others: Option<Others<'_>>,
    ) -> Option<(Vec<TextEdit>, Vec<Unwritten>)> {
        let (reading, places) = Places::reading(format, "part", self.text.as_bytes());
        let key = self.key(&reading.draft, task)?;
        let mine = About::Task(key);
        let called = |about: &About, wish: &Wish| Wish { about: about.clone(), ..wish.clone() };
        let wishes: Vec<Wish> = wishes.iter().map(|wish| called(&mine, wish)).collect();
        let Within { rewritten: written, before, after } =
            write_within(self.text.as_bytes(), &reading, places, &wishes);
        if written.unwritten.iter().any(|unwritten| unwritten.reason != Reason::Absent) {
            return None;
        }
        let theirs = About::Task(task.key.clone());
        let unwritten = written.unwritten.into_iter();
        let unwritten =
            unwritten.map(|absent| Unwritten { wish: called(&theirs, &absent.wish), ..absent }).collect();
        if written.reading.is_some()
            && format == "markdown"
            && wishes.iter().any(|wish| wish.field == Field::Status)
            && !others.map_or_else(
                || word_is_used(&after, &mine),
                |others| {
                    is_reworded(&before, &mine, &written.edits) && word_is_known(&after, &mine, &others())
                },
            )
        {
            // Some other part of the document may have a word for it.
            return None;
        }
        let edits: Option<Vec<TextEdit>> =
            written.edits.into_iter().map(|edit| self.in_document(edit)).collect();
        Some((edits?, unwritten))
    }

    /// The key that the task has here: a generated one is made from what stands around.
    pub(super) fn key(&self, draft: &Draft, task: Known<'_>) -> Option<Key> {
        let mut here =
            draft.tasks.iter().filter(|known| known.line == self.line && known.title == task.title);
        let found = here.next().filter(|found| found.key_generated || found.key == *task.key)?;
        let same = |other: &&model::draft::DraftTask| other.key == found.key;
        (here.next().is_none() && draft.tasks.iter().filter(same).count() == 1).then(|| found.key.clone())
    }

    fn in_document(&self, edit: TextEdit) -> Option<TextEdit> {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let inside = start >= self.front && end <= self.front + self.length;
        let place = |at: usize| self.start + at - self.front;
        inside.then(|| TextEdit { span: Span::new(place(start), place(end)), text: edit.text })
    }

    pub(super) fn of_markdown(text: &str, line: u32, around: usize) -> Option<Self> {
        let at = start_of_line(text, line)?;
        let above = headings_above(text, at);
        let section = above.last().map_or(0, |(start, _)| *start);
        let mut start = section;
        if at - start > around {
            start = line_before(text, at - around / 2);
            // A cut must not fall into what belongs together.
            start = first_outermost(text, start, at)?;
        }
        let limit = line_before(text, text.len().min(at + around));
        let end = next_heading(&text[at..limit]).map_or(limit, |heading| at + heading);
        let end = if end == limit && limit < text.len() { last_outermost(text, at, limit)? } else { end };
        let mut front = String::new();
        if start > 0 {
            // The first heading is the title, which stands above everything.
            front.push_str("# Plan\n\n");
            for (_, heading) in above.iter().filter(|(heading, _)| *heading < start) {
                front.push_str(heading);
                front.push_str("\n\n");
            }
            if start > section {
                front.push_str(table_head(text, section, start)?);
            }
        }
        let lines = front.matches('\n').count() + text[start..at].matches('\n').count();
        let whole = format!("{front}{}", &text[start..end]);
        Some(Self { text: whole, front: front.len(), start, length: end - start, line: lines as u32 + 1 })
    }

    fn of_json(text: &str, task: Known<'_>) -> Option<Self> {
        let at = start_of_line(text, task.line)?;
        let rest = &text[at..];
        let first_line = rest.lines().next().unwrap_or_default();
        let named = format!("{}", serde_json::Value::from(task.key.as_str()));
        let (start, object) = first_line
            .match_indices('{')
            .filter_map(|(brace, _)| Some((at + brace, object_at(&rest[brace..])?)))
            .find(|(_, object)| object.contains(&named) && !object.contains("\"batches\""))?;
        // The outermost level shows how the document is laid out.
        let space = text.trim_start().strip_prefix('{')?;
        let space = &space[..space.len() - space.trim_start().len()];
        let colon = text.split_once("\"batches\"")?.1.split_once(':')?.1;
        let colon = &colon[..colon.len() - colon.trim_start().len()];
        let front = format!("{{{space}\"batches\":{colon}[");
        let line = front.matches('\n').count() as u32 + 1;
        let whole = format!("{front}{object}]}}");
        Some(Self { text: whole, front: front.len(), start, length: object.len(), line })
    }
}

/// Whether another field of the document says the same status in the same word.
fn word_is_used(fields: &[Written], mine: &About) -> bool {
    let status = |written: &&Written| written.field == Field::Status;
    let Some(new) = fields.iter().filter(status).find(|written| written.about == *mine) else { return true };
    let says_so = |other: &&Written| match (&new.content, &other.content) {
        (
            Content::Status { state, blocked, word: Some(word) },
            Content::Status { state: theirs, blocked: stuck, word: Some(known) },
        ) => state == theirs && blocked == stuck && same_word(word, known),
        _ => false,
    };
    fields.iter().filter(status).filter(|written| written.about != *mine).any(|other| says_so(&other))
}

/// Whether a word takes the place of another, and no picture stands beside either: what is written
/// then hangs on nothing but the words that the document has for the state.
fn is_reworded(before: &[Written], mine: &About, edits: &[TextEdit]) -> bool {
    let has_word = |word: &Option<String>| word.as_ref().is_some_and(|word| !word.contains(is_picture));
    let had = before.iter().find(|had| had.about == *mine && had.field == Field::Status);
    let worded =
        had.is_some_and(|had| matches!(&had.content, Content::Status { word, .. } if has_word(word)));
    worded && edits.iter().all(|edit| !edit.text.contains(is_picture))
}

/// Whether the status is said as the whole document would say it: in the very word that all other
/// tasks have for it or, where none says it, in the usual word, written as the one before it was.
fn word_is_known(fields: &[Written], mine: &About, others: &[&Status]) -> bool {
    let new = fields.iter().find(|written| written.about == *mine && written.field == Field::Status);
    let Some(Content::Status { state, blocked, word: Some(word) }) = new.map(|new| &new.content) else {
        return false;
    };
    let target = said(*state, *blocked);
    // A thousand tasks have a handful of words between them.
    let mut words: Vec<(&str, Stated)> = Vec::new();
    let mut is_used = false;
    for other in others {
        is_used |= other.word == *word && said(other.state, is_blocked(word)) == target;
        if other.word == *word || words.contains(&(&other.word, other.state)) {
            continue;
        }
        if said(other.state, is_blocked(&other.word)) == target {
            return false;
        }
        words.push((&other.word, other.state));
    }
    if is_used {
        return true;
    }
    // How a word is written hangs on the one before it; how two are, on those of others as well.
    let joined = |word: &str| word.contains(['_', '-']);
    let one_case = word == &word.to_lowercase() || word == &word.to_uppercase();
    !joined(word) && (!word.contains(' ') || one_case && !others.iter().any(|other| joined(&other.word)))
}

pub(super) fn start_of_line(text: &str, line: u32) -> Option<usize> {
    match line {
        0 => None,
        1 => Some(0),
        _ => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line as usize - 2).map(|end| end + 1),
    }
}

/// The start of the line that an offset stands on.
fn line_before(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |end| end + 1)
}

/// How deep the heading is that a line is.
fn level(line: &str) -> Option<usize> {
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    ((1..=6).contains(&marks) && line[marks..].starts_with([' ', '\t'])).then_some(marks)
}

/// The headings that a line stands below, the outermost first, with where they begin.
fn headings_above(text: &str, at: usize) -> Vec<(usize, &str)> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    let mut deepest = usize::MAX;
    let own = text[at..].lines().next().unwrap_or_default();
    if let Some(level) = level(own) {
        found.push((at, own));
        deepest = level;
    }
    let starts = memchr::memmem::rfind_iter(&text.as_bytes()[..at], b"\n#").map(|end| end + 1);
    let first = text.starts_with('#').then_some(0);
    for start in starts.chain(first) {
        let line = text[start..].lines().next().unwrap_or_default();
        if start < at && level(line).is_some_and(|level| level < deepest) {
            deepest = level(line).unwrap_or_default();
            found.push((start, line));
        }
        if deepest <= 1 {
            break;
        }
    }
    found.reverse();
    found
}

/// Where the next heading begins behind the first line.
fn next_heading(text: &str) -> Option<usize> {
    let starts = memchr::memmem::find_iter(text.as_bytes(), b"\n#").map(|end| end + 1);
    starts.into_iter().find(|start| text[*start..].lines().next().and_then(level).is_some())
}

/// Whether a line begins an item that stands in no other, or a row of a table.
fn is_outermost(line: &str) -> bool {
    let numbered = || {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.len() < line.len() && (rest.starts_with(". ") || rest.starts_with(") "))
    };
    line.starts_with("- ")
        || line.starts_with("* ")
        || line.starts_with("+ ")
        || line.starts_with('|')
        || numbered()
}

fn first_outermost(text: &str, start: usize, at: usize) -> Option<usize> {
    let mut place = start;
    for line in text[start..at].split_inclusive('\n') {
        if is_outermost(line) {
            return Some(place);
        }
        place += line.len();
    }
    is_outermost(&text[at..]).then_some(at)
}

fn last_outermost(text: &str, at: usize, limit: usize) -> Option<usize> {
    let mut place = limit;
    while place > at {
        let line = text[place..].lines().next().unwrap_or_default();
        if is_outermost(line) {
            return Some(place);
        }
        place = line_before(text, place - 1);
    }
    None
}

/// The header of the table whose row begins at a place; nothing but an empty text where it is no row.
fn table_head(text: &str, section: usize, at: usize) -> Option<&str> {
    if !text[at..].starts_with('|') {
        return Some("");
    }
    let mut start = at;
    while start > section {
        let before = line_before(text, start - 1);
        if !text[before..].starts_with('|') {
            break;
        }
        start = before;
    }
    let second = start + text[start..].find('\n')? + 1;
    let third = second + text[second..].find('\n')? + 1;
    let ruler = text[second..third].trim();
    let is_ruler =
        ruler.contains("--") && ruler.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '));
    (is_ruler && third <= at).then(|| &text[start..third])
}

/// The object that a text begins with.
fn object_at(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().enumerate().take(MOST_AROUND);
    let mut in_string = false;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => drop(bytes.next()),
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(&text[..=at]);
                }
            }
            _ => {}
        }
    }
    None
}
