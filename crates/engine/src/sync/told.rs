//! Taking a large document's edits in without reading all of it: where its author changed nothing but
//! a few tasks' progress, only these tasks' lines are read, as they were and as they are.
//!
//! Whenever anything is not as expected, the answer is nothing, and both texts are read whole.

use formats::edit::{Known, Reread, lines_apart, reread_at, with_line_of};
use model::command::Told;
use model::definition::TaskDefinition;
use model::fault::Fault;
use model::plan::Plan;
use model::task::Task;

use super::state::{Standing, Surveyed, documents};
use crate::store::Store;

/// From this many bytes on it is worth trying.
const LARGE: usize = 256 * 1024;

/// Of more lines the whole document is read: each one on its own means copying it.
const LINES: usize = 8;

/// What the author of a document says anew.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// Of which tasks.
    pub(super) told: Vec<Told>,
    /// Their lines.
    pub(super) reread: Vec<Reread>,
}

/// What an edited document says anew, where that is only some tasks' progress.
pub(super) fn telling<'s>(
    store: &Store,
    plan: &Plan,
    surveyed: &'s Surveyed,
) -> Result<Option<&'s Telling>, Fault> {
    if let Some(known) = surveyed.telling.get() {
        return Ok(known.as_ref());
    }
    let found = find(store, plan, surveyed)?;
    Ok(surveyed.telling.get_or_init(|| found).as_ref())
}

fn find(store: &Store, plan: &Plan, surveyed: &Surveyed) -> Result<Option<Telling>, Fault> {
    let plain = surveyed.standing == Standing::Edited
        && surveyed.format == "markdown"
        && surveyed.clean.is_none()
        && surveyed.base.is_none()
        && surveyed.raw.len() > LARGE
        && documents(plan).count() == 1;
    if !plain {
        return Ok(None);
    }
    let Some(before) = surveyed.recorded(store, plan)? else { return Ok(None) };
    let telling = between(plan, before, &surveyed.raw);
    #[cfg(debug_assertions)]
    if let Some(telling) = &telling {
        assert_same(surveyed, before, telling);
    }
    Ok(telling)
}

/// What one text of a plan's only document says that the other did not.
fn between(plan: &Plan, before: &[u8], after: &[u8]) -> Option<Telling> {
    let mut telling = Telling::default();
    let mut text = before.to_vec();
    for line in lines_apart(before, after, LINES)? {
        let task = task_at(plan, line)?;
        let next = with_line_of(&text, after, line)?;
        let known = Known { key: &task.key, title: &task.title, line };
        let reread = reread_at(&text, &next, known)?;
        telling.told.push(told(task, &reread));
        telling.reread.push(reread);
        text = next;
    }
    Some(telling)
}

fn task_at(plan: &Plan, line: u32) -> Option<&Task> {
    let mut here = plan.tasks.iter().filter(|task| task.line == line && !task.is_dropped());
    here.next().filter(|_| here.next().is_none())
}

fn told(task: &Task, reread: &Reread) -> Told {
    let [before, after] =
        [&reread.before, &reread.after].map(|draft| TaskDefinition::from_draft(draft.clone(), 0));
    let mut facts: Vec<_> = after.facts.0.into_iter().filter(model::facts::Fact::is_progress).collect();
    facts.retain(|fact| !before.facts.0.contains(fact));
    let asserted = (after.asserted != before.asserted).then_some(after.asserted);
    Told { task: task.id, facts, asserted }
}

/// Reads both texts whole, and sees that they differ in what is told and in nothing else.
#[cfg(debug_assertions)]
fn assert_same(surveyed: &Surveyed, before: &[u8], telling: &Telling) {
    use model::definition::Definition;
    use model::settings::Settings;
    let define = |text: &[u8]| {
        Definition::from_drafts(vec![surveyed.read(text).draft], Settings::for_format(&surveyed.format))
    };
    let (mut old, new) = (define(before), define(&surveyed.raw));
    for (told, reread) in telling.told.iter().zip(&telling.reread) {
        let line = reread.after.line;
        let task = old.tasks.iter_mut().find(|task| task.line == line).expect("it stands in the whole text");
        for fact in &told.facts {
            let known = task.facts.0.iter_mut().find(|known| known.same_kind(fact));
            fact.clone_into(known.expect("it said something of that kind before"));
        }
        task.asserted = told.asserted.clone().unwrap_or_else(|| task.asserted.clone());
    }
    assert_eq!(old, new, "reading near the lines of a document tells what reading all of it tells");
}

#[cfg(test)]
mod tests {
    use super::super::history::text_of;
    use super::super::tests::*;

    /// A large document, edited; whether that was understood from its lines, and what it came to.
    fn check(text: &str, edits: &[(&str, &str)], near: bool, taken: &[(&str, &str)]) {
        let bench = Bench::new(text);
        for (from, to) in edits {
            bench.edit(from, to);
        }
        let plan = bench.plan();
        let surveyed = super::super::state::survey(&bench.store, &plan).unwrap().remove(0);
        let telling = super::telling(&bench.store, &plan, &surveyed).unwrap();
        assert_eq!(telling.is_some(), near, "{edits:?}");
        let synced = bench.sync();
        let told: Vec<_> = synced.taken_in.iter().map(|change| (&*change.about, &*change.after)).collect();
        assert_eq!(told, taken);
        assert!(super::super::look(&bench.store, &bench.plan()).unwrap()[0].is_in_step());
        assert_eq!(bench.plan().sources[0].digest, journal::Blob::name(bench.text().as_bytes()));
        assert_eq!(bench.sync().taken_in, []);
    }

    #[test]
    fn a_few_ticks_in_a_large_document_are_taken_in_from_their_lines() {
        let tasks: String = (1..=8_000).map(|n| format!("- [ ] T-{n}: Step {n} of many, told\n")).collect();
        let text = format!("# Plan\n\n## First\n\n{tasks}\n## Last\n\n- [x] T-9001: The end\n");
        let tick = |n: u32| (format!("[ ] T-{n}:"), format!("[x] T-{n}:"));
        let (one, next, far) = (tick(17), tick(18), tick(5_000));
        let ticks = [(&*one.0, &*one.1), (&*next.0, &*next.1), (&*far.0, &*far.1)];
        check(
            &text,
            &[ticks[0], ticks[1], ticks[2], ("[x] T-9001:", "[ ] T-9001:")],
            true,
            &[("T-17", "ticked"), ("T-18", "ticked"), ("T-5000", "ticked"), ("T-9001", "not ticked")],
        );
        check(&text, &[("Step 17 of", "Step 17 out of")], false, &[]);
        check(&text, &[ticks[0], ("# Plan\n", "# Plan\n\nA word.\n")], false, &[("T-17", "ticked")]);
    }

    #[test]
    fn a_tick_by_hand_is_kept_as_the_edit_it_is_and_every_text_is_found_again() {
        let tasks: String = (1..=8_000).map(|n| format!("- [ ] T-{n}: Step {n} of many, told\n")).collect();
        let bench = Bench::new(&format!("# Plan\n\n{tasks}"));
        let mut texts = vec![bench.text()];
        for n in [5, 17, 400] {
            bench.edit(&format!("[ ] T-{n}:"), &format!("[x] T-{n}:"));
            bench.sync();
            texts.push(bench.text());
            bench.claim(&format!("T-{}", n + 1));
            texts.push(bench.text());
        }
        let (desk, plan) = (bench.store.desk(), bench.plan());
        let path = &plan.sources[0].path;
        let whole = texts.iter().filter(|text| {
            let digest = journal::Blob::name(text.as_bytes());
            let found = text_of(desk, &plan, path, digest).unwrap();
            assert_eq!(found.as_deref(), Some(text.as_bytes()), "a text is not found any more");
            desk.journal().blob(&digest).unwrap().is_some()
        });
        assert_eq!(whole.count(), 1, "only the first text is kept whole");
        assert_eq!(plan.following[0].steps.len(), 6);
        // What looks like a secret is no edit that could be stored as it is.
        let secret = ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
        bench.edit("[ ] T-700: Step 700 of many", &format!("[x] T-700: Step 700 of {secret} many"));
        bench.sync();
        let known = text_of(desk, &bench.plan(), path, bench.plan().sources[0].digest).unwrap().unwrap();
        assert!(!String::from_utf8(known).unwrap().contains(&secret) && bench.text().contains(&secret));
        assert_eq!(bench.sync().taken_in, []);
    }

    #[test]
    fn verbs_and_whoever_looks_see_a_tick_in_a_large_document() {
        let tasks: String = (1..=8_000).map(|n| format!("- [ ] T-{n}: Step {n} of many, told\n")).collect();
        let bench = Bench::new(&format!("# Plan\n\n{tasks}"));
        bench.edit("[ ] T-40:", "[x] T-40:");
        let over = super::super::overlay(&bench.store, &bench.plan()).unwrap();
        let ticked = |plan: &model::plan::Plan| {
            let ticked = plan.tasks.iter().filter(|task| task.asserted.checked == Some(true));
            ticked.map(|task| task.key.to_string()).collect::<Vec<_>>()
        };
        assert_eq!((ticked(&over.plan.unwrap()), ticked(&bench.plan())), (vec!["T-40".to_owned()], vec![]));
        let around = bench.claim("T-50");
        assert_eq!((around.taken_in, around.left.len()), (2, 0), "{around:?}");
        assert_eq!(ticked(&bench.plan()), ["T-40"], "a claim is no word of the document's");
        assert!(bench.text().contains("[x] T-40:") && bench.text().contains("[x] T-50:"));
    }

    #[test]
    fn a_word_in_a_row_of_a_large_table_is_taken_in_from_its_line() {
        let rows: String = (1..=6_000)
            .map(|n| format!("| T-{n} | Step {n} of many, told | Not Started | 10% |\n"))
            .collect();
        let text = format!("# Plan\n\n| ID | Task | Status | Progress |\n|---|---|---|---|\n{rows}");
        let row = |word: &str| format!("T-4711 | Step 4711 of many, told | {word} |");
        let (from, to) = (row("Not Started | 10%"), row("In Progress | 40%"));
        let bench = Bench::new(&text);
        bench.edit(&from, &to);
        bench.sync();
        let task = bench.task("T-4711");
        assert_eq!(task.facts.percent(), Some(40.0));
        assert_eq!(task.facts.status().unwrap().word, "In Progress");
        assert_eq!(task.asserted.state, model::draft::Stated::Active);
    }
}
