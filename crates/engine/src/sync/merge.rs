//! Telling which side changed which field of a document: the file, the journal, or both.
//!
//! A calculation over texts, plans and events; it opens no file. The file's side is what the text
//! says now against what it said when both were in step; the journal's side are wishes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use formats::Reading;
use formats::edit::{Apart, Reread, TextEdit, Written, lines_between};
use model::diagnostic::Span;
use model::draft::{Draft, DraftTask};
use model::following::DocumentEdit;
use model::ids::Key;
use model::plan::{Plan, Source};
use model::writing::{About, Content, Field, Wish};
use serde::Serialize;

/// A field of a document that both sides changed, to different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The document.
    pub path: String,
    /// The line the field stands on.
    pub line: u32,
    /// What it belongs to: a key, a criterion's text, a metric's name.
    pub about: String,
    /// Which field.
    pub field: String,
    /// What the document says.
    pub document: String,
    /// What the journal wants it to say.
    pub journal: String,
}

/// A field that was changed, on its way in or out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The document.
    pub path: String,
    /// The line the field stands on.
    pub line: u32,
    /// What it belongs to: a key, a criterion's text, a metric's name.
    pub about: String,
    /// Which field.
    pub field: String,
    /// What it said; nothing where it is new.
    pub before: String,
    /// What it says; nothing where it is gone.
    pub after: String,
}

/// Which side prevails where both changed a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the document says stays, and is taken in.
    Document,
    /// What the journal says is written over it.
    Journal,
}

/// What a field is called.
type Name = (About, Field);

/// The fields of a document by name; the same may stand in several places.
fn by_name(reading: &Reading) -> BTreeMap<Name, Vec<Written>> {
    let mut fields: BTreeMap<Name, Vec<Written>> = BTreeMap::new();
    for written in formats::edit::fields(reading) {
        fields.entry((written.about.clone(), written.field.clone())).or_default().push(written);
    }
    fields
}

/// The same as far as the draft tells, without places.
fn drafted(draft: &Draft) -> BTreeMap<Name, Vec<Written>> {
    let mut fields: BTreeMap<Name, Vec<Written>> = BTreeMap::new();
    let mut add = |about: &About, field: Field, content: Content, line: u32| {
        let written =
            Written { about: about.clone(), field: field.clone(), content, span: Span::default(), line };
        fields.entry((about.clone(), field)).or_default().push(written);
    };
    for task in &draft.tasks {
        let about = About::Task(task.key.clone());
        let mut say = |field, content| add(&about, field, content, task.line);
        let list = |items: &mut dyn Iterator<Item = String>| Content::List(items.collect());
        if let Some(checked) = task.checked {
            say(Field::Mark, Content::Ticked(checked));
        }
        if let Some(status) = &task.status {
            let (state, word) = (status.state, Some(status.word.clone()));
            say(Field::Status, Content::Status { state, blocked: false, word });
        }
        if let Some(percent) = task.percent {
            say(Field::Percent, Content::Number(percent));
        }
        if !task.owners.is_empty() {
            say(Field::Owner, list(&mut task.owners.iter().map(|owner| owner.name.clone())));
        }
        if let Some(due) = &task.due {
            say(Field::Due, Content::Text(due.text.clone()));
        }
        if let Some(priority) = &task.priority {
            say(Field::Priority, Content::Text(priority.clone()));
        }
        if !task.needs.is_empty() || !task.blockers.is_empty() {
            let needs = task.needs.iter().map(Key::to_string);
            say(Field::Blockers, list(&mut needs.chain(task.blockers.iter().cloned())));
        }
        for (name, value) in &task.extra {
            say(Field::Extra(name.clone()), Content::Text(value.clone()));
        }
    }
    let of_tasks = draft.tasks.iter().map(|task| (Some(&task.key), task.criteria.as_slice()));
    let of_phases = draft.phases.iter().flat_map(|phase| {
        [(Some(&phase.key), phase.entrance.as_slice()), (Some(&phase.key), phase.exit.as_slice())]
    });
    for (of, criteria) in of_tasks.chain(of_phases).chain([(None, draft.criteria.as_slice())]) {
        for criterion in criteria {
            let about = About::Criterion { of: of.cloned(), text: criterion.text.clone() };
            if let Some(checked) = criterion.checked {
                add(&about, Field::Mark, Content::Ticked(checked), criterion.line);
            }
        }
    }
    for metric in &draft.metrics {
        let about = About::Metric(metric.name.clone());
        if let Some(value) = metric.measured.or(metric.value) {
            add(&about, Field::Value, Content::Number(value), metric.line);
        }
    }
    fields
}

fn same(one: Option<&Vec<Written>>, other: Option<&Vec<Written>>) -> bool {
    let contents = |fields: Option<&Vec<Written>>| -> Vec<Content> {
        fields.into_iter().flatten().map(|written| written.content.clone()).collect()
    };
    contents(one) == contents(other)
}

/// What the file's side did.
#[derive(Debug, Default)]
pub(super) struct FileSide {
    changed: BTreeSet<Name>,
    /// The same for people.
    pub(super) changes: Vec<Change>,
}

/// From this many bytes on, fields are compared as they were understood, and not looked up again in
/// the text.
const LARGE: usize = 256 * 1024;

/// Compares two texts of a document, field by field.
pub(super) fn file_side(path: &str, base: &Reading, file: &Reading) -> FileSide {
    let large = base.text.len().max(file.text.len()) > LARGE;
    if large {
        return side_between(path, &drafted(&base.draft), &drafted(&file.draft));
    }
    side_between(path, &by_name(base), &by_name(file))
}

/// The same where all that differs is what some tasks' lines say.
pub(super) fn file_side_of(path: &str, reread: &[Reread]) -> FileSide {
    let draft = |tasks: Vec<DraftTask>| drafted(&Draft { tasks, ..Draft::default() });
    let before = draft(reread.iter().map(|reread| reread.before.clone()).collect());
    let after = draft(reread.iter().map(|reread| reread.after.clone()).collect());
    side_between(path, &before, &after)
}

fn side_between(
    path: &str,
    old: &BTreeMap<Name, Vec<Written>>,
    new: &BTreeMap<Name, Vec<Written>>,
) -> FileSide {
    let names: BTreeSet<&Name> = old.keys().chain(new.keys()).collect();
    let mut side = FileSide::default();
    for name in names {
        let (before, after) = (old.get(name), new.get(name));
        if same(before, after) {
            continue;
        }
        let words = |fields: Option<&Vec<Written>>| {
            let all: Vec<String> =
                fields.into_iter().flatten().map(|written| content(&written.content)).collect();
            all.join(" / ")
        };
        let place = after.or(before).and_then(|fields| fields.first());
        side.changes.push(Change {
            path: path.to_owned(),
            line: place.map_or(0, |written| written.line),
            about: about(&name.0),
            field: name.1.as_str().to_owned(),
            before: words(before),
            after: words(after),
        });
        side.changed.insert(name.clone());
    }
    side.changes.sort_by_key(|change| change.line);
    side
}

/// What is to become of the journal's wishes about one document.
#[derive(Debug, Default)]
pub(super) struct JournalSide {
    /// Those to write.
    pub(super) write: Vec<Wish>,
    /// Those that lose against the document.
    pub(super) given_up: Vec<Wish>,
    /// Those that nobody decided about.
    pub(super) conflicts: Vec<Conflict>,
}

/// Sets wishes against what the file's side did. `take` decides about fields of these keys; about
/// every field where no keys are given.
pub(super) fn journal_side(
    path: &str,
    file: &Reading,
    changed: &FileSide,
    wishes: Vec<Wish>,
    take: Option<(Side, &[Key])>,
) -> JournalSide {
    let mut side = JournalSide::default();
    for wish in wishes {
        let both = changed.changed.contains(&(wish.about.clone(), wish.field.clone()));
        if !both || formats::edit::edit(file, std::slice::from_ref(&wish)).is_empty() {
            side.write.push(wish);
            continue;
        }
        let decided =
            take.filter(|(_, keys)| keys.is_empty() || keys.iter().any(|key| concerns(&wish.about, key)));
        match decided {
            Some((Side::Document, _)) => side.given_up.push(wish),
            Some((Side::Journal, _)) => side.write.push(wish),
            None => {
                let written = formats::edit::fields(file)
                    .into_iter()
                    .find(|written| written.about == wish.about && written.field == wish.field);
                side.conflicts.push(Conflict {
                    path: path.to_owned(),
                    line: written.as_ref().map_or(0, |written| written.line),
                    about: about(&wish.about),
                    field: wish.field.as_str().to_owned(),
                    document: written.map_or_else(String::new, |written| content(&written.content)),
                    journal: content(&wish.content),
                });
            }
        }
    }
    side
}

fn concerns(about: &About, key: &Key) -> bool {
    match about {
        About::Task(task) => task == key,
        About::Criterion { of, text } => of.as_ref() == Some(key) || text == key.as_str(),
        About::Metric(name) => name == key.as_str(),
    }
}

/// Wishes in the names a document uses: a generated key is frozen in the plan, and what it was made
/// from may have been edited since.
pub(super) fn localised(plan: &Plan, reading: &Reading, mut wishes: Vec<Wish>) -> Vec<Wish> {
    let known: HashSet<&Key> = reading.draft.tasks.iter().map(|task| &task.key).collect();
    let local = |key: &Key| -> Option<Key> {
        let task = plan.task_by_key(key).filter(|_| !known.contains(key))?;
        let mut twins =
            reading.draft.tasks.iter().filter(|other| other.key_generated && other.title == task.title);
        let twin = twins.next()?;
        twins.next().is_none().then(|| twin.key.clone())
    };
    for wish in &mut wishes {
        match &mut wish.about {
            About::Task(key) | About::Criterion { of: Some(key), .. } => {
                if let Some(name) = local(key) {
                    *key = name;
                }
            }
            About::Criterion { of: None, .. } | About::Metric(_) => {}
        }
    }
    wishes
}

/// The fields that edits change, for people.
pub(super) fn changes_of(path: &str, reading: &Reading, edits: &[TextEdit], wishes: &[Wish]) -> Vec<Change> {
    let fields = formats::edit::fields(reading);
    let mut by_name: HashMap<_, Vec<_>> = HashMap::with_capacity(fields.len());
    for written in &fields {
        by_name.entry((&written.about, &written.field)).or_default().push(written);
    }
    // Edits stand in the document's order and do not overlap: the first that does not end before
    // the field is the only one to ask.
    let is_edited = |span: Span| {
        let next = edits.partition_point(|edit| edit.span.end < span.start);
        edits.get(next).is_some_and(|edit| edit.span.start <= span.end)
    };
    let mut changes = Vec::new();
    for wish in wishes {
        let of_wish = by_name.get(&(&wish.about, &wish.field)).into_iter().flatten();
        let Some(written) = of_wish.copied().find(|written| is_edited(written.span)) else { continue };
        changes.push(Change {
            path: path.to_owned(),
            line: written.line,
            about: about(&wish.about),
            field: wish.field.as_str().to_owned(),
            before: content(&written.content),
            after: content(&wish.content),
        });
    }
    changes.sort_by_key(|change| change.line);
    changes
}

/// A text between two versions of a document, as somebody's edit must have begun from it.
pub(super) struct Between {
    pub(super) text: Vec<u8>,
    /// Whether every field that the later version changed says in the file what it said before.
    pub(super) all_back: bool,
}

fn read(source: &Source, text: &[u8]) -> Reading {
    formats::read_as(Some(&source.format), &source.path, text)
}

/// What an edited file began from, where it may have been either of two texts: each field that the
/// later text changed is as the file has it, if it has either.
pub(super) fn between(source: &Source, from: &[u8], to: &[u8], file: &[u8]) -> Between {
    let (old, new, now) = (read(source, from), read(source, to), read(source, file));
    let (old_fields, new_fields, now_fields) = (by_name(&old), by_name(&new), by_name(&now));
    let changed: Vec<&Name> =
        new_fields.keys().filter(|name| !same(old_fields.get(name), new_fields.get(name))).collect();
    let is_back = |name: &Name| same(now_fields.get(name), old_fields.get(name));
    let kept: Vec<&Name> = changed.iter().copied().filter(|name| !is_back(name)).collect();
    if kept.len() == changed.len() {
        return Between { text: to.to_vec(), all_back: false };
    }
    if kept.is_empty() {
        return Between { text: from.to_vec(), all_back: true };
    }
    let wishes: Vec<Wish> = kept
        .into_iter()
        .filter_map(|name| {
            let written = new_fields.get(name)?.first()?;
            Some(Wish { about: name.0.clone(), field: name.1.clone(), content: written.content.clone() })
        })
        .collect();
    let edits = formats::edit::edit(&old, &wishes);
    let text = formats::edit::apply(from, &old, &edits).unwrap_or_else(|_| to.to_vec());
    Between { text, all_back: false }
}

/// What somebody saved, with the fields in which the later of two texts differs from the earlier:
/// those that they left as they were.
pub(super) fn between_fields(source: &Source, from: &[u8], to: &[u8], saved: &[u8]) -> Option<Vec<u8>> {
    let (old, new, now) = (read(source, from), read(source, to), read(source, saved));
    let (old_fields, new_fields, now_fields) = (by_name(&old), by_name(&new), by_name(&now));
    let ours = new_fields.iter().filter(|(name, fields)| {
        let before = old_fields.get(*name);
        !same(before, Some(fields)) && same(before, now_fields.get(*name))
    });
    let wishes: Vec<Wish> = ours
        .filter_map(|(name, fields)| {
            let content = fields.first()?.content.clone();
            Some(Wish { about: name.0.clone(), field: name.1.clone(), content })
        })
        .collect();
    let edits = formats::edit::edit(&now, &wishes);
    formats::edit::apply(saved, &now, &edits).ok()
}

/// What makes one text another, line by line; nothing where that is no text, or too much of it.
pub(super) fn edits_between(from: &[u8], to: &[u8]) -> Option<Vec<DocumentEdit>> {
    /// More than this is kept as a blob.
    const MOST: usize = 64 * 1024;
    // Most of a large text is the same before and after: only what lies between is taken apart.
    let Apart { start: middle, before_end, after_end } = lines_between(from, to);
    let (from, to) = (&from[middle..before_end], &to[middle..after_end]);
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = (lines(from), lines(to));
    let mut edits = Vec::new();
    let mut add = |at: usize, cut: &[u8], put: &[u8]| -> Option<()> {
        let front = cut.iter().zip(put).take_while(|(one, other)| one == other).count();
        let most = cut.len().min(put.len()) - front;
        let back = cut.iter().rev().zip(put.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let put = whole_characters(put, front, put.len() - back);
        let (front, back_at) = (put.start, cut.len() - (put.whole - put.end));
        edits.push(DocumentEdit {
            at: (middle + at + front) as u64,
            cut: (back_at - front) as u64,
            put: String::from_utf8(put.bytes.to_vec()).ok()?,
        });
        Some(())
    };
    if old.len() == new.len() {
        let mut at = 0;
        for (old, new) in old.iter().zip(&new) {
            if old != new {
                add(at, old, new)?;
            }
            at += old.len();
        }
    } else {
        add(0, from, to)?;
    }
    let size: usize = edits.iter().map(|edit: &DocumentEdit| edit.put.len() + 48).sum();
    (size <= MOST).then_some(edits)
}

/// Lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

struct Stretch<'t> {
    bytes: &'t [u8],
    start: usize,
    end: usize,
    whole: usize,
}

/// A stretch widened until it cuts no character in two.
fn whole_characters(text: &[u8], mut start: usize, mut end: usize) -> Stretch<'_> {
    let inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    while start > 0 && inside(start) {
        start -= 1;
    }
    while end < text.len() && inside(end) {
        end += 1;
    }
    Stretch { bytes: &text[start..end], start, end, whole: text.len() }
}

/// What something is called.
pub(super) fn about(about: &About) -> String {
    match about {
        About::Task(key) => key.to_string(),
        About::Criterion { text, .. } => text.clone(),
        About::Metric(name) => name.clone(),
    }
}

/// A content in words.
pub(super) fn content(content: &Content) -> String {
    match content {
        Content::Ticked(true) => "ticked".to_owned(),
        Content::Ticked(false) => "not ticked".to_owned(),
        Content::Status { word: Some(word), .. } => word.clone(),
        Content::Status { blocked: true, .. } => "blocked".to_owned(),
        Content::Status { state, .. } => match state {
            model::draft::Stated::Open => "not started",
            model::draft::Stated::Active => "in progress",
            model::draft::Stated::Claimed => "done",
            model::draft::Stated::Dropped => "dropped",
        }
        .to_owned(),
        Content::Number(number) => number.to_string(),
        Content::Text(text) => text.clone(),
        Content::List(items) => items.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_between_two_texts_make_one_of_the_other() {
        let check = |from: &str, to: &str, count: usize| {
            let edits = edits_between(from.as_bytes(), to.as_bytes()).unwrap();
            assert_eq!(edits.len(), count, "{edits:?}");
            let made = DocumentEdit::apply_all(&edits, from.as_bytes().to_vec()).unwrap();
            assert_eq!(String::from_utf8(made).unwrap(), to);
        };
        check("- [ ] one\n- [ ] two\n", "- [x] one\n- [x] two\n", 2);
        check("| a | 🟡 |\n", "| a | 🟢 |\n", 1);
        check("| a | ä |\r\n", "| a | öä |\r\n", 1);
        check("a\nb\n", "a\nc\nb\n", 1);
        check("aaa\n", "aa\n", 1);
        check("", "a", 1);
        check("same", "same", 0);
        assert_eq!(edits_between(b"\xff\n", b"\xfe\n"), None);
    }
}
