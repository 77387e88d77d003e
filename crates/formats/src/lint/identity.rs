//! Whether a key still means what it meant, and whether documents agree about it.

use std::collections::HashMap;

use model::diagnostic::{Diagnostic, Severity};
use model::draft::{Draft, DraftTask};

use super::document::Document;

/// Titles less alike than this, without a common word, are taken for different tasks.
const WHOLLY_DIFFERENT: f64 = 0.4;

pub(super) fn key_reused(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let Some(previous) = document.world.previous else { return };
    let before = by_key(previous);
    for task in document.draft.tasks.iter().filter(|task| !task.key_generated) {
        let Some(old) = before.get(task.key.as_str()) else { continue };
        if wholly_different(&old.title, &task.title) {
            found.push(
                Diagnostic::new(
                    "plan/key-reused",
                    Severity::Warning,
                    document.task_place(task),
                    format!("key `{}` was `{}` and is now `{}`", task.key, old.title, task.title),
                )
                .help("give the new task a key of its own; it inherits nothing from the old one"),
            );
        }
    }
}

fn wholly_different(old: &str, new: &str) -> bool {
    let (old, new) = (old.to_lowercase(), new.to_lowercase());
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3);
        words.map(str::to_owned).collect()
    };
    let (of_old, of_new) = (words(&old), words(&new));
    !old.is_empty()
        && !new.is_empty()
        && !of_old.iter().any(|word| of_new.contains(word))
        && strsim::normalized_levenshtein(&old, &new) < WHOLLY_DIFFERENT
}

pub(super) fn conflict(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for sibling in document.world.siblings {
        let theirs = by_key(sibling);
        for task in document.draft.tasks.iter().filter(|task| !task.key_generated) {
            let Some(other) = theirs.get(task.key.as_str()) else { continue };
            for fact in contradictions(task, other) {
                found.push(
                    Diagnostic::new(
                        "plan/conflict",
                        Severity::Warning,
                        document.task_place(task),
                        format!(
                            "task `{}` has {} `{}` on line {} here and `{}` on line {} of `{}`",
                            task.key, fact.name, fact.here, task.line, fact.there, other.line, sibling.source
                        ),
                    )
                    .help("the document that was adopted first counts; make them agree"),
                );
            }
        }
    }
}

struct Fact {
    name: &'static str,
    here: String,
    there: String,
}

fn contradictions(here: &DraftTask, there: &DraftTask) -> Vec<Fact> {
    let status = |task: &DraftTask| task.status.as_ref().map(|status| status.word.clone());
    let state = |task: &DraftTask| task.status.as_ref().map(|status| status.state);
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let due = |task: &DraftTask| task.due.as_ref().map(|due| due.text.clone());
    let mut facts = Vec::new();
    let mut compare = |name, a: Option<String>, b: Option<String>, same: bool| {
        if let (Some(here), Some(there)) = (a, b)
            && !same
        {
            facts.push(Fact { name, here, there });
        }
    };
    compare("status", status(here), status(there), state(here) == state(there));
    compare("progress", number(here.percent), number(there.percent), here.percent == there.percent);
    let (a, b) = (here.estimate_days, there.estimate_days);
    compare("estimate", number(a), number(b), a == b);
    compare("due date", due(here), due(there), same_due(here, there));
    let (a, b) = (&here.priority, &there.priority);
    let same = a.as_deref().map(str::to_lowercase) == b.as_deref().map(str::to_lowercase);
    compare("priority", a.clone(), b.clone(), same);
    facts
}

fn same_due(here: &DraftTask, there: &DraftTask) -> bool {
    let (Some(a), Some(b)) = (&here.due, &there.due) else { return true };
    match (a.at, b.at) {
        (Some(a), Some(b)) => a == b,
        _ => a.text.trim().eq_ignore_ascii_case(b.text.trim()),
    }
}

fn by_key(draft: &Draft) -> HashMap<&str, &DraftTask> {
    draft.tasks.iter().rev().map(|task| (task.key.as_str(), task)).collect()
}
