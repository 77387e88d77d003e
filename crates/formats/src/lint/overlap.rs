//! Tasks that may run at the same time and write to the same paths.
//!
//! Near linear: paths are grouped by the fixed folders they begin with, and within a group only
//! neighbours in a topological order are compared. If each task of a group is ordered after the
//! one before it, all of them are.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;

use model::diagnostic::{Diagnostic, Severity, Span};
use model::draft::{DraftTask, Stated};
use model::paths::{fixed_start, is_pattern, meet, plain};
use schedule::Length;

use super::document::{Document, is_work};
use super::needs::network;

/// So many steps are walked in all to find out whether tasks are ordered; after that they are
/// taken to be.
const MOST_STEPS: usize = 4_000_000;
/// So many patterns that share a fixed start are compared with each other.
const MOST_PATTERNS: usize = 64;

pub(super) fn find(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let tasks = &document.draft.tasks;
    let mut writers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (index, task) in tasks.iter().enumerate().filter(|(_, task)| is_work(task) && !is_over(task)) {
        for path in writes(task) {
            writers.entry(plain(path)).or_default().insert(index);
        }
    }
    if writers.is_empty() {
        return;
    }
    let Some(mut order) = Order::of(document) else { return };
    let mut told: HashSet<(usize, usize)> = HashSet::new();
    for (paths, group) in groups(&writers) {
        let mut members: Vec<usize> = group.into_iter().collect();
        members.sort_by_key(|task| (order.rank[*task], *task));
        for pair in members.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            let (low, high) = (first.min(second), first.max(second));
            if order.is_before(first, second) || !told.insert((low, high)) {
                continue;
            }
            let (here, there) = (&tasks[high], &tasks[low]);
            let (mine, theirs) = (path_of(here, &paths), path_of(there, &paths));
            let (place, other) = (document.place_of(here, mine), document.place_of(there, theirs));
            let knows = |place: Span, task: &DraftTask| {
                let line = document.lines.span(document.lines.line_of(place.start));
                let named = document.place(line, task.key.as_str());
                document.text.get(named.range()) == Some(task.key.as_str())
            };
            // "`a.rs` (see 1.3)": who names the other beside the path has thought of it.
            if knows(place, there) || knows(other, here) {
                continue;
            }
            let what = if mine == theirs { format!("`{mine}`") } else { format!("`{theirs}` and `{mine}`") };
            found.push(
                Diagnostic::new(
                    "path/overlap",
                    Severity::Warning,
                    place,
                    format!("tasks `{}` and `{}` may run at once, and both name {what}", there.key, here.key),
                )
                .also(other, format!("named by `{}` here", there.key))
                .help("let one need the other, or give them different paths"),
            );
        }
    }
}

fn is_over(task: &DraftTask) -> bool {
    task.checked == Some(true)
        || task
            .status
            .as_ref()
            .is_some_and(|status| matches!(status.state, Stated::Claimed | Stated::Dropped))
}

/// The paths a task writes to: what it names as its files or outputs, unless it is an input.
fn writes(task: &DraftTask) -> impl Iterator<Item = &str> {
    let named = task.paths.iter().chain(task.outputs.iter().filter(|output| is_path(output)));
    named.map(|path| path.as_str()).filter(|path| !task.inputs.iter().any(|input| input == path))
}

fn is_path(text: &str) -> bool {
    let text = text.trim();
    !text.contains(char::is_whitespace) && (text.contains('/') || text.contains('*')) && !text.contains("://")
}

fn path_of<'a>(task: &'a DraftTask, paths: &[&str]) -> &'a str {
    writes(task).find(|path| paths.contains(&plain(path).as_str())).unwrap_or_default()
}

/// Paths that may meet, with all who write to them. A path without wildcards meets only itself
/// and the patterns above it.
fn groups(writers: &BTreeMap<String, BTreeSet<usize>>) -> Vec<(Vec<&str>, BTreeSet<usize>)> {
    let mut groups: Vec<(Vec<&str>, BTreeSet<usize>)> = writers
        .iter()
        .filter(|(_, tasks)| tasks.len() > 1)
        .map(|(path, tasks)| (vec![path.as_str()], tasks.clone()))
        .collect();
    let patterns: Vec<&str> = writers.keys().map(String::as_str).filter(|path| is_pattern(path)).collect();
    for pattern in patterns {
        let fixed = fixed_start(pattern);
        // Sorted by text, everything that begins with the fixed start stands together.
        let under = from(writers, fixed).take_while(|(path, _)| path.starts_with(fixed));
        // What goes through all of a folder means the folder's own name too.
        let folder = writers.get_key_value(fixed.trim_end_matches('/'));
        let under =
            under.chain(folder.filter(|_| !fixed.is_empty()).map(|(path, tasks)| (path.as_str(), tasks)));
        for (path, tasks) in
            under.filter(|(path, _)| *path != pattern && meet(pattern, path)).take(MOST_PATTERNS)
        {
            let both: BTreeSet<usize> = writers[pattern].union(tasks).copied().collect();
            groups.push((vec![pattern, path], both));
        }
        // Patterns with a shorter fixed start reach into this one from above.
        for (length, _) in fixed.match_indices('/') {
            let above = &fixed[..=length];
            let wider = from(writers, above).take_while(|(path, _)| path.starts_with(above));
            let wider = wider.filter(|(path, _)| fixed_start(path) == above && meet(path, pattern));
            for (path, tasks) in wider.take(MOST_PATTERNS) {
                groups.push((vec![pattern, path], writers[pattern].union(tasks).copied().collect()));
            }
        }
    }
    groups
}

/// The writers from a path on, in order.
fn from<'a>(
    writers: &'a BTreeMap<String, BTreeSet<usize>>,
    path: &str,
) -> impl Iterator<Item = (&'a str, &'a BTreeSet<usize>)> {
    let from = writers.range::<str, _>((Bound::Included(path), Bound::Unbounded));
    from.map(|(path, tasks)| (path.as_str(), tasks))
}

/// Which task comes before which, by needs and by phases.
struct Order<'d, 'a> {
    document: &'d Document<'a>,
    /// Position of each task in a topological order.
    rank: Vec<usize>,
    steps: usize,
}

impl<'d, 'a> Order<'d, 'a> {
    /// `None` where tasks wait for each other: then nothing is known of their order.
    fn of(document: &'d Document<'a>) -> Option<Self> {
        let order = schedule::order(&network(document, |_| Length::ZERO)).ok()?;
        let mut rank = vec![0; order.len()];
        for (place, task) in order.into_iter().enumerate() {
            rank[task] = place;
        }
        Some(Self { document, rank, steps: 0 })
    }

    /// Whether the second waits for the first.
    fn is_before(&mut self, first: usize, second: usize) -> bool {
        let document = self.document;
        let tasks = &document.draft.tasks;
        let ranks = |task: usize| document.phases().ranks(tasks[task].key.as_str());
        if let (Some(last), Some(next)) = (ranks(first).last(), ranks(second).first())
            && last < next
        {
            return true;
        }
        if let (Some(next), Some(last)) = (ranks(first).first(), ranks(second).last())
            && last < next
        {
            return true;
        }
        if self.is_part(first, second) || self.is_part(second, first) {
            return true;
        }
        let mut seen = HashSet::new();
        let mut open = vec![second];
        while let Some(task) = open.pop() {
            if task == first || self.steps > MOST_STEPS {
                return true;
            }
            self.steps += 1;
            for need in tasks[task].needs.iter().filter_map(|need| document.index(need.as_str())) {
                if self.rank[need] >= self.rank[first] && seen.insert(need) {
                    open.push(need);
                }
            }
        }
        false
    }

    /// Whether a task is part of another: they share their paths by nature.
    fn is_part(&self, part: usize, whole: usize) -> bool {
        let tasks = &self.document.draft.tasks;
        let mut parent = tasks[part].parent.as_ref();
        for _ in 0..64 {
            let Some(key) = parent else { return false };
            if *key == tasks[whole].key {
                return true;
            }
            parent = self.document.task(key.as_str()).and_then(|task| task.parent.as_ref());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec!["a", "b", "ab", "*", "a*", "*b", "?", "**", "[ab]", "."]);
        let parts = prop::collection::vec(part, 1..4);
        (parts, any::<bool>()).prop_map(|(parts, open)| parts.join("/") + if open { "/" } else { "" })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// What a lease would be refused for is told beforehand, and nothing else.
        #[test]
        fn paths_are_told_exactly_where_leases_would_meet(a in pattern(), b in pattern()) {
            let mut writers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            writers.entry(plain(&a)).or_default().insert(0);
            writers.entry(plain(&b)).or_default().insert(1);
            let told = groups(&writers).iter().any(|(_, tasks)| tasks.len() == 2);
            prop_assert_eq!(told, meet(&a, &b), "{} and {}", a, b);
        }
    }
}
