//! Writing a large document without reading all of it: the fields of a task stand near the line the
//! plan knows, and that line tells itself whether it is the one.
//!
//! Whenever anything is not as expected, the answer is nothing, and the whole document is read.

use std::collections::BTreeMap;

use formats::edit::{Known, Others, TextEdit, stands_elsewhere};
use model::draft::Status;
use model::ids::Key;
use model::plan::Plan;
use model::task::Task;
use model::writing::{About, Content, Field, Wish};

use super::merge::{Change, content};
use super::state::{Surveyed, documents};

/// What is written near the lines of some tasks.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) new: Vec<u8>,
    pub(super) edits: Vec<TextEdit>,
    pub(super) changes: Vec<Change>,
}

/// Of more tasks at once the whole document is read: each one on its own means copying it.
const TASKS: usize = 8;

/// From this many bytes on a status word that stands near is taken for the document's; in a smaller
/// one all tasks are asked which word they have.
const LARGE: usize = 256 * 1024;

/// Carries wishes about tasks out where the plan knows their lines.
pub(super) fn near(plan: &Plan, surveyed: &Surveyed, wishes: &[Wish]) -> Option<Near> {
    if surveyed.clean.is_some() {
        return None;
    }
    let mut by_task: BTreeMap<&Key, Vec<Wish>> = BTreeMap::new();
    for wish in wishes {
        let About::Task(key) = &wish.about else { return None };
        by_task.entry(key).or_default().push(wish.clone());
    }
    if by_task.len() > TASKS {
        return None;
    }
    let text = std::str::from_utf8(&surveyed.raw).ok()?;
    let exact = surveyed.raw.len() <= LARGE;
    if exact && documents(plan).count() > 1 {
        return None;
    }
    let mut near = Near { new: Vec::new(), edits: Vec::new(), changes: Vec::new() };
    for (key, wishes) in by_task {
        let task = plan.task_by_key(key)?;
        if stands_elsewhere(text, &task.key, &task.title) {
            return None;
        }
        let bytes = if near.edits.is_empty() { surveyed.raw.as_slice() } else { &near.new };
        let known = Known { key, title: &task.title, line: task.line };
        let of_others = || plan.tasks.iter().filter(|other| other.id != task.id);
        let others = || of_others().filter_map(|other| other.facts.status()).collect::<Vec<&Status>>();
        let others = exact.then_some(&others as Others<'_>);
        let rewritten = formats::edit::write_at(bytes, &surveyed.format, known, &wishes, others)?;
        // A field that the plan knows of and that does not stand here stands somewhere else.
        if rewritten.unwritten.iter().any(|unwritten| has(task, &unwritten.wish.field)) {
            return None;
        }
        for wish in &wishes {
            if rewritten.unwritten.iter().all(|unwritten| unwritten.wish != *wish) {
                near.changes.extend(change(surveyed, bytes, task, wish, &rewritten.edits));
            }
        }
        if !rewritten.edits.is_empty() {
            near.new = rewritten.bytes;
            near.edits.extend(rewritten.edits);
        }
    }
    Some(near)
}

/// Whether the plan knows of such a field of a task, so that the document may have it.
fn has(task: &Task, field: &Field) -> bool {
    match field {
        Field::Mark => task.asserted.checked.is_some(),
        Field::Status => task.facts.status().is_some(),
        Field::Percent => task.facts.percent().is_some(),
        Field::Evidence => false,
        _ => true,
    }
}

/// What an edit means for people; nothing where the document said so already.
fn change(surveyed: &Surveyed, bytes: &[u8], task: &Task, wish: &Wish, edits: &[TextEdit]) -> Option<Change> {
    let number = |edit: &TextEdit| edit.text.trim_end_matches('%').parse::<f64>().ok();
    let of_wish = |edit: &&TextEdit| match &wish.content {
        Content::Ticked(_) => {
            edit.span.end - edit.span.start == 1 && edit.text.len() == 1 && number(edit).is_none()
        }
        Content::Number(wanted) => number(edit) == Some(*wanted),
        _ => edit.text.len() != 1 && number(edit).is_none(),
    };
    let edit = edits.iter().find(of_wish)?;
    let before = match wish.content {
        Content::Ticked(ticked) => content(&Content::Ticked(!ticked)),
        _ => String::from_utf8_lossy(bytes.get(edit.span.range())?).into_owned(),
    };
    Some(Change {
        path: surveyed.path.clone(),
        line: task.line,
        about: task.key.to_string(),
        field: wish.field.as_str().to_owned(),
        before,
        after: content(&wish.content),
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
        for (text, key, wanted) in [
            (format!("# Plan\n\n{tasks}\n## More\n\n- T-3: Step 3, once more\n"), "T-3", false),
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
