//! What tasks need: cycles, keys used twice, needs that name nothing.

use std::collections::HashSet;

use model::diagnostic::{Diagnostic, Severity};
use schedule::{Length, Node};

use super::document::{Document, family, looks_like_key};

/// So many unknown needs get a suggestion; looking for one costs a walk over all keys.
const MOST_SUGGESTIONS: usize = 20;

/// The tasks as a network, each by its position; needs that name nothing are left out.
pub(super) fn network(document: &Document<'_>, length: impl Fn(usize) -> Length) -> Vec<Node> {
    let tasks = document.draft.tasks.iter().enumerate();
    tasks
        .map(|(index, task)| {
            let needs = task.needs.iter().filter_map(|need| document.index(need.as_str()));
            Node::new(length(index), needs.collect::<Vec<_>>())
        })
        .collect()
}

pub(super) fn cycle(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let tasks = &document.draft.tasks;
    for cycle in schedule::cycles(&network(document, |_| Length::ZERO)) {
        let keys: Vec<&str> = cycle.path.iter().map(|index| tasks[*index].key.as_str()).collect();
        let (Some(first), Some(start)) = (keys.first(), cycle.path.first()) else { continue };
        let path = format!("{} → {first}", keys.join(" → "));
        let message = match keys.len() {
            1 => format!("task `{first}` needs itself: {path}"),
            count => format!("{count} tasks wait for each other: {path}"),
        };
        let mut diagnostic = Diagnostic::new(
            "plan/cycle",
            Severity::Error,
            document.place(tasks[*start].span, keys.get(1).copied().unwrap_or(first)),
            message,
        );
        for (step, index) in cycle.path.iter().enumerate().skip(1) {
            let next = keys.get(step + 1).unwrap_or(first);
            let place = document.place(tasks[*index].span, next);
            diagnostic = diagnostic.also(place, format!("`{}` needs `{next}`", keys[step]));
        }
        found.push(diagnostic.help("take away one of these needs; until then none of the tasks can start"));
    }
}

pub(super) fn duplicate_key(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for (index, task) in document.draft.tasks.iter().enumerate() {
        let twins = document.indices(task.key.as_str());
        if twins.len() < 2 || twins[0] == index {
            continue;
        }
        let first = &document.draft.tasks[twins[0]];
        // The users of that file know the sentence from their tracker.
        let message = if document.draft.format == "execution-plan" {
            format!("Duplicate batch id detected: {}", task.key)
        } else {
            format!(
                "key `{}` stands for two tasks: `{}` on line {} and `{}` here",
                task.key, first.title, first.line, task.title
            )
        };
        found.push(
            Diagnostic::new("plan/duplicate-key", Severity::Error, document.first_line(task.span), message)
                .also(document.first_line(first.span), "first used here")
                .help("give one of them another key"),
        );
    }
}

pub(super) fn unknown(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let draft = document.draft;
    let phases = draft.phases.iter().map(|phase| phase.key.as_str());
    let siblings = document.world.siblings.iter();
    let elsewhere: HashSet<&str> =
        phases.chain(siblings.flat_map(|sibling| &sibling.tasks).map(|task| task.key.as_str())).collect();
    let families: HashSet<&str> =
        draft.tasks.iter().filter(|task| !task.key_generated).map(|task| family(task.key.as_str())).collect();
    let is_kin = |text: &str| families.contains(family(text)) && family(text) != text;
    let mut suggestions = 0;
    for task in &draft.tasks {
        let mut told: Vec<&str> = Vec::new();
        let needs = task.needs.iter().map(|need| (need.as_str(), "needs"));
        // "Batch 44" under Blockers is a key as well where the others are called "Batch 1".
        let blockers = task.blockers.iter().map(|blocker| (blocker.trim(), "is blocked by"));
        let blockers = blockers.filter(|(text, _)| is_kin(text));
        // What the reader could not resolve it keeps under the name of its field.
        let left = task.extra.get("Dependencies").map_or("", String::as_str);
        let left = left.split([',', ';']).flat_map(|part| part.split(" and ")).map(str::trim);
        let left = left.filter(|text| is_kin(text)).map(|text| (text, "needs"));
        for (need, verb) in needs.chain(blockers).chain(left) {
            let known = document.index(need).is_some() || elsewhere.contains(need) || told.contains(&need);
            // Words that are no key ("security sign-off") are left to people.
            let is_key = looks_like_key(need) || is_kin(need);
            if known || !(is_key || draft.format != "markdown") {
                continue;
            }
            told.push(need);
            let diagnostic = Diagnostic::new(
                "plan/need-unknown",
                Severity::Error,
                document.place_of(task, need),
                format!("task `{}` {verb} `{need}`, which names no task", task.key),
            );
            suggestions += 1;
            let near = if suggestions <= MOST_SUGGESTIONS { nearest(document, need) } else { None };
            found.push(match near {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("add the task, or take the need away"),
            });
        }
    }
}

/// The one key that is a single slip away; among several, none is likelier than the others.
fn nearest<'a>(document: &Document<'a>, need: &str) -> Option<&'a str> {
    let keys = document.draft.tasks.iter().map(|task| task.key.as_str());
    let mut near = keys.filter(|key| strsim::osa_distance(key, need) == 1);
    near.next().filter(|_| near.next().is_none())
}
