//! Phases and the tasks they name.

use std::collections::HashSet;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{DraftTask, Stated, TaskKind};

use super::document::{Document, Phases, family};

/// Whom the phases are about: tasks of the same kind and with keys of the same family as those
/// they name. A checklist beside the plan is no part of it.
struct Scope<'a> {
    alike: HashSet<(TaskKind, &'a str)>,
}

impl<'a> Scope<'a> {
    fn of(document: &Document<'a>) -> Self {
        let named = document.phases().named().filter_map(|key| document.task(key));
        let alike = named
            .filter(|task| !task.key_generated)
            .map(|task| (task.kind, family(task.key.as_str())))
            .collect();
        Self { alike }
    }

    /// Whether a task belongs to what the phases are about, and no phase has it.
    fn misses(&self, document: &Document<'_>, task: &DraftTask) -> bool {
        !task.key_generated
            && self.alike.contains(&(task.kind, family(task.key.as_str())))
            && task.status.as_ref().is_none_or(|status| status.state != Stated::Dropped)
            && !in_a_phase(document, task)
    }
}

/// Whether a phase has the task, itself or through a task it is part of.
fn in_a_phase(document: &Document<'_>, task: &DraftTask) -> bool {
    let mut task = task;
    // Nesting is bounded; the bound also ends a ring of parents.
    for _ in 0..64 {
        if task.phase.is_some() || !document.phases().ranks(task.key.as_str()).is_empty() {
            return true;
        }
        match task.parent.as_ref().and_then(|parent| document.task(parent.as_str())) {
            Some(parent) => task = parent,
            None => return false,
        }
    }
    false
}

fn names<'a>(document: &Document<'a>, ranks: &[usize]) -> Vec<&'a str> {
    let phases = &document.draft.phases;
    ranks.iter().map(|rank| phases[document.phases().order[*rank]].key.as_str()).collect()
}

/// Where a phase names a task; else the phase's heading.
fn naming(document: &Document<'_>, rank: usize, key: &str) -> Span {
    let phase = &document.draft.phases[document.phases().order[rank]];
    let at = phase.tasks.iter().position(|task| task.as_str() == key);
    let span = at.and_then(|at| phase.task_spans.get(at)).copied();
    span.filter(|span| !span.range().is_empty()).unwrap_or_else(|| document.first_line(phase.span))
}

pub(super) fn unphased(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let scope = Scope::of(document);
    let count = document.draft.phases.iter().filter(|phase| !phase.tasks.is_empty()).count();
    for task in document.draft.tasks.iter().filter(|task| scope.misses(document, task)) {
        found.push(
            Diagnostic::new(
                "plan/task-unphased",
                Severity::Warning,
                document.task_place(task),
                match count {
                    1 => format!("task `{}` is not in the plan's only phase with tasks", task.key),
                    _ => format!("task `{}` is in none of the {count} phases", task.key),
                },
            )
            .help("name it in the phase it belongs to"),
        );
    }
}

pub(super) fn in_two_phases(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let phases = document.phases();
    for (index, task) in document.draft.tasks.iter().enumerate() {
        let key = task.key.as_str();
        let ranks = phases.ranks(key);
        if ranks.len() < 2 || document.index(key) != Some(index) {
            continue;
        }
        let names = names(document, ranks);
        let mut diagnostic = Diagnostic::new(
            "plan/task-in-two-phases",
            Severity::Warning,
            naming(document, ranks[1], key),
            format!("task `{key}` is in {} phases: {}", names.len(), quoted(&names)),
        );
        for rank in ranks.iter().filter(|rank| **rank != ranks[1]) {
            diagnostic = diagnostic.also(naming(document, *rank, key), "and here");
        }
        found.push(
            diagnostic.help(format!("its first phase counts, `{}`; take it out of the others", names[0])),
        );
    }
}

pub(super) fn need_unscheduled(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let scope = Scope::of(document);
    for (task, need, ranks) in scheduled_needs(document) {
        if scope.misses(document, need) {
            found.push(
                Diagnostic::new(
                    "plan/need-unscheduled",
                    Severity::Warning,
                    document.place(task.span, need.key.as_str()),
                    format!(
                        "task `{}` is in phase `{}` but needs `{}`, which is in no phase",
                        task.key,
                        names(document, &ranks[..1])[0],
                        need.key
                    ),
                )
                .also(document.task_place(need), "in no phase")
                .help(format!("name `{}` in that phase or an earlier one", need.key)),
            );
        }
    }
}

pub(super) fn need_in_later_phase(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let phases = document.phases();
    for (task, need, ranks) in scheduled_needs(document) {
        let last = ranks[ranks.len() - 1];
        let Some(earliest) = phases.ranks(need.key.as_str()).first().copied() else { continue };
        if earliest <= last {
            continue;
        }
        found.push(
            Diagnostic::new(
                "plan/need-in-later-phase",
                Severity::Warning,
                document.place(task.span, need.key.as_str()),
                format!(
                    "task `{}` is in phase `{}` but needs `{}` of the later phase `{}`",
                    task.key,
                    names(document, &[last])[0],
                    need.key,
                    names(document, &[earliest])[0]
                ),
            )
            .also(naming(document, earliest, need.key.as_str()), "scheduled here")
            .help("swap their phases, or take the need away"),
        );
    }
}

/// Tasks that stand in a phase, with each known task they need and the ranks of their phases.
fn scheduled_needs<'d, 'a>(
    document: &'d Document<'a>,
) -> impl Iterator<Item = (&'a DraftTask, &'a DraftTask, &'d [usize])> {
    let phases: &'d Phases<'a> = document.phases();
    document.draft.tasks.iter().flat_map(move |task| {
        let ranks = phases.ranks(task.key.as_str());
        let needs = if ranks.is_empty() { &[] } else { task.needs.as_slice() };
        needs.iter().filter_map(move |need| Some((task, document.task(need.as_str())?, ranks)))
    })
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
