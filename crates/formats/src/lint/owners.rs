//! Owners, where the document assigns them.

use std::collections::{HashMap, HashSet};

use model::diagnostic::{Diagnostic, Severity};
use model::draft::{OwnerRole, Stated, TaskKind};

use super::document::{Document, is_work};

pub(super) fn missing(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    // Owned and all, for each kind: a kind that mostly has no owners does without.
    let mut counts: HashMap<TaskKind, (usize, usize)> = HashMap::new();
    for task in &document.draft.tasks {
        let (owned, all) = counts.entry(task.kind).or_default();
        *owned += usize::from(!task.owners.is_empty());
        *all += 1;
    }
    for task in document.draft.tasks.iter().filter(|task| task.owners.is_empty()) {
        let (owned, all) = counts[&task.kind];
        let over = task
            .status
            .as_ref()
            .is_some_and(|status| matches!(status.state, Stated::Claimed | Stated::Dropped));
        if owned * 2 < all || over || task.parent.is_some() && !is_work(task) {
            continue;
        }
        found.push(
            Diagnostic::new(
                "owner/missing",
                Severity::Info,
                document.task_place(task),
                format!(
                    "task `{}` has no owner; {owned} of {all} {}s have one",
                    task.key,
                    task.kind.as_str()
                ),
            )
            .help("name who answers for it"),
        );
    }
}

pub(super) fn unknown(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let names = draft.owners.iter().flat_map(|row| row.primary.iter().chain(&row.support));
    let known: HashSet<String> = names.flat_map(|names| each(names)).collect();
    let owners = || {
        draft.tasks.iter().flat_map(|task| {
            let people = task.owners.iter().filter(|owner| owner.role != OwnerRole::Agent);
            people.map(move |owner| (task, owner))
        })
    };
    let knows = |name: &str| each(name).all(|name| known.contains(&name));
    // Where the matrix speaks of nobody the tasks name, it is about something else.
    if known.is_empty() || !owners().any(|(_, owner)| knows(&owner.name)) {
        return;
    }
    let mut told = HashSet::new();
    for (task, owner) in owners().filter(|(_, owner)| !knows(&owner.name)) {
        if told.insert(owner.name.to_lowercase()) {
            found.push(
                Diagnostic::new(
                    "owner/unknown",
                    Severity::Info,
                    document.place(task.span, &owner.name),
                    format!(
                        "`{}` owns task `{}`, but the owner matrix does not name them",
                        owner.name, task.key
                    ),
                )
                .help("add them to the owner matrix, or correct the name"),
            );
        }
    }
}

/// The single names of "A + B, C and D".
fn each(names: &str) -> impl Iterator<Item = String> {
    names
        .split([',', '+', '/', '&', ';'])
        .flat_map(|part| part.split(" and "))
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
}
