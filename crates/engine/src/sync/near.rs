//! Writing a large document without reading all of it: the fields of a task stand near the line the
//! plan knows, and that line tells itself whether it is the one.
//!
//! Whenever anything is not as expected, the answer is nothing, and the whole document is read.

use std::collections::BTreeMap;
use std::ops::Range;

use formats::edit::{Reason, TextEdit};
use model::ids::Key;
use model::plan::Plan;
use model::task::Task;
use model::writing::{About, Field, Wish};

use super::merge::{Change, changes_of};
use super::state::Surveyed;

/// What is written near the lines of some tasks.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) new: Vec<u8>,
    pub(super) edits: Vec<TextEdit>,
    pub(super) changes: Vec<Change>,
}

/// The most lines that are taken to belong to one item.
const LINES: usize = 40;

/// Carries wishes about tasks out where the plan knows their lines.
pub(super) fn near(plan: &Plan, surveyed: &Surveyed, wishes: &[Wish]) -> Option<Near> {
    if surveyed.format != "markdown" || surveyed.clean.is_some() {
        return None;
    }
    let mut by_task: BTreeMap<&Key, Vec<&Wish>> = BTreeMap::new();
    for wish in wishes {
        let About::Task(key) = &wish.about else { return None };
        by_task.entry(key).or_default().push(wish);
    }
    let text = std::str::from_utf8(&surveyed.raw).ok()?;
    let mut tasks: Vec<(&Task, Vec<&Wish>)> = Vec::new();
    for (key, wishes) in by_task {
        tasks.push((plan.task_by_key(key)?, wishes));
    }
    tasks.sort_by_key(|(task, _)| task.line);
    let mut near = Near { new: Vec::with_capacity(text.len() + 64), edits: Vec::new(), changes: Vec::new() };
    let (mut done, mut line, mut at) = (0, 1, 0);
    for (task, wishes) in tasks {
        while line < task.line {
            at += text[at..].find('\n')? + 1;
            line += 1;
        }
        if stands_elsewhere(text, task, at) {
            return None;
        }
        let place = Place::of(text, at)?;
        let (bytes, mut edits, mut changes) = place.write(text, surveyed, task, &wishes)?;
        if edits.is_empty() {
            continue;
        }
        near.new.extend_from_slice(text.get(done..place.own.start)?.as_bytes());
        near.new.extend_from_slice(&bytes);
        done = place.own.end;
        for change in &mut changes {
            change.line = task.line;
        }
        near.edits.append(&mut edits);
        near.changes.append(&mut changes);
    }
    near.new.extend_from_slice(text.get(done..)?.as_bytes());
    Some(near)
}

/// Where a task's own text stands, and what must stand before it to be understood.
struct Place {
    head: String,
    own: Range<usize>,
}

impl Place {
    fn of(text: &str, at: usize) -> Option<Self> {
        let line = line_at(text, at);
        if line.trim_start().starts_with('|') {
            let own = at..at + line.len();
            return Some(Self { head: table_head(text, at)?, own });
        }
        // Further in, spaces mean what the lines before make them mean.
        if line.starts_with([' ', '\t']) || !line.starts_with(['-', '*', '+']) {
            return None;
        }
        let mut end = at + line.len();
        for _ in 0..LINES {
            let next = line_at(text, end);
            if next.trim().is_empty() || next.starts_with(['-', '*', '+', '#', '|']) {
                return Some(Self { head: String::new(), own: at..end });
            }
            end += next.len();
        }
        None
    }

    fn write(
        &self,
        text: &str,
        surveyed: &Surveyed,
        task: &Task,
        wishes: &[&Wish],
    ) -> Option<(Vec<u8>, Vec<TextEdit>, Vec<Change>)> {
        let piece = format!("{}{}", self.head, text.get(self.own.clone())?);
        let reading = surveyed.read(piece.as_bytes());
        if reading.text != piece {
            return None;
        }
        let mut same = reading.draft.tasks.iter().filter(|drafted| {
            drafted.title == task.title && (drafted.key == task.key || drafted.key_generated)
        });
        let drafted = same.next().filter(|_| same.next().is_none())?;
        let about = About::Task(drafted.key.clone());
        let wishes: Vec<Wish> =
            wishes.iter().map(|wish| Wish { about: about.clone(), ..(*wish).clone() }).collect();
        let rewritten = formats::edit::write(piece.as_bytes(), &reading, &wishes);
        // A field that the plan knows of and that does not stand here stands somewhere else.
        let known = |field: &Field| match field {
            Field::Mark => task.asserted.checked.is_some(),
            Field::Status => task.facts.status().is_some(),
            Field::Percent => task.facts.percent().is_some(),
            _ => true,
        };
        let fine = |reason: Reason, field: &Field| reason == Reason::Absent && !known(field);
        if !rewritten.unwritten.iter().all(|unwritten| fine(unwritten.reason, &unwritten.wish.field)) {
            return None;
        }
        let own = rewritten.bytes.strip_prefix(self.head.as_bytes())?.to_vec();
        let mut changes = changes_of(&surveyed.path, &reading, &rewritten.edits, &wishes);
        changes.iter_mut().for_each(|change| change.about = task.key.to_string());
        Some((own, rewritten.edits, changes))
    }
}

/// The line that begins at a place, with its end.
fn line_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    rest.find('\n').map_or(rest, |end| &rest[..=end])
}

/// The two lines at the top of the table that a row belongs to.
fn table_head(text: &str, row: usize) -> Option<String> {
    let mut top = row;
    loop {
        let before = text[..top].strip_suffix('\n')?;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        if !text[start..top].trim_start().starts_with('|') {
            break;
        }
        top = start;
        if start == 0 {
            break;
        }
    }
    let header = line_at(text, top);
    let rule = line_at(text, top + header.len());
    (top + header.len() + rule.len() <= row).then(|| format!("{header}{rule}"))
}

/// Whether a task may have a second place in the document.
fn stands_elsewhere(text: &str, task: &Task, at: usize) -> bool {
    // A made-up key stands nowhere; then the title has to do.
    let made = task.key.as_str().contains('/');
    let name = if made { &*task.title } else { task.key.as_str() };
    let line = at..at + line_at(text, at).len();
    text.match_indices(name).any(|(found, _)| {
        if line.contains(&found) {
            return false;
        }
        let start = text[..found].rfind('\n').map_or(0, |end| end + 1);
        let lead = &text[start..found];
        let whole = !text[found + name.len()..].starts_with(|next: char| next.is_alphanumeric());
        // A key in the middle of a line is a mention.
        whole && lead.trim_matches(|c: char| " \t|-*+[]xX#_~/`:".contains(c)).len() < 6
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::*;

    /// A large document of a kind of line, and what one claim does to it.
    fn check(head: &str, line: impl Fn(usize) -> String, from: &str, to: &str) {
        let lines: String = (1..=9_000).map(&line).collect();
        let text = format!("{head}{lines}\nSome last words.\n");
        let bench = Bench::new(&text);
        bench.claim("T-4711");
        assert_eq!(bench.text(), text.replacen(from, to, 1));
        // By hand, too: what its author ticks is theirs, and only that.
        let (key, _) = from.split_once("4711").unwrap();
        let (other, ticked) = (format!("{key}17:"), format!("{}17:", key.replace("[ ]", "[x]")));
        if bench.text().contains(&other) {
            bench.edit(&other, &ticked);
            let taken = bench.sync().taken_in;
            let told: Vec<_> = taken.iter().map(|change| (&*change.about, &*change.after)).collect();
            assert_eq!(told, [("T-17", "ticked")]);
            assert_eq!(bench.task("T-17").asserted.checked, Some(true));
        }
        let digest = bench.plan().sources[0].digest;
        assert_eq!(digest, journal::Blob::name(bench.text().as_bytes()));
        assert_eq!(bench.sync().written, []);
    }

    #[test]
    fn a_large_document_is_written_as_a_small_one() {
        check(
            "# Plan\n\n",
            |n| format!("- [ ] T-{n}: Step {n} of many, told at some length\n"),
            "[ ] T-4711:",
            "[x] T-4711:",
        );
        check(
            "# Plan\n\n| ID | Task | Status | Progress |\n|---|---|---|---|\n",
            |n| format!("| T-{n} | Step {n} of many, told | Not Started | 10% |\n"),
            "| T-4711 | Step 4711 of many, told | Not Started | 10% |",
            "| T-4711 | Step 4711 of many, told | Done | 100% |",
        );
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_whole_document() {
        let tasks: String =
            (1..=30).map(|n| format!("- [ ] T-{n}: Step {n}\n  - Status: Not Started\n")).collect();
        let nested = format!("# Plan\n\n- [ ] T-77: All of it\n{}", tasks.replace("- [ ]", "    - [ ]"));
        for (text, key, wanted) in [
            (format!("# Plan\n\n{tasks}\n## More\n\n- T-3: Step 3, once more\n"), "T-3", false),
            (nested, "T-4", false),
            (format!("# Plan\n\n{tasks}"), "T-3", true),
        ] {
            let bench = Bench::new(&text);
            let plan = bench.plan();
            let surveyed = super::super::state::survey(&bench.store, &plan).unwrap().remove(0);
            let about = About::Task(Key::new(key).unwrap());
            let wish = Wish { about, field: Field::Mark, content: model::writing::Content::Ticked(true) };
            assert_eq!(near(&plan, &surveyed, &[wish]).is_some(), wanted, "{text}");
        }
    }
}
