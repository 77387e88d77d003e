//! Whether a key still means what it meant, and whether documents agree about it.

use std::collections::HashMap;

use model::agreement::{Contested, Contradiction, contradictions};
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
        for Contradiction { about, what, here, there } in contradictions(document.draft, sibling) {
            let message = format!(
                "{about} has {what} `{}` on line {} here and `{}` on line {} of `{}`",
                here.value, here.line, there.value, there.line, sibling.source
            );
            let span = match &about {
                Contested::Task(key) => {
                    let task = document.draft.tasks.iter().find(|task| task.key == *key);
                    task.map_or(here.span, |task| document.task_place(task))
                }
                _ => here.span,
            };
            found.push(
                Diagnostic::new("plan/conflict", Severity::Warning, span, message)
                    .help("make them agree; until then the document that was adopted first counts"),
            );
        }
    }
}

fn by_key(draft: &Draft) -> HashMap<&str, &DraftTask> {
    draft.tasks.iter().rev().map(|task| (task.key.as_str(), task)).collect()
}
