//! Loose ends: names that could only be told apart once everything was read.

use std::collections::HashMap;

use model::diagnostic::{Diagnostic, Span};
use model::draft::{Draft, DraftTask, OwnerRole, TaskKind};
use model::ids::Key;

use super::fields::NEEDS_IN_WORDS;
use super::places::Place;
use super::reader::Reader;
use super::tasks::{add_key, add_owner};
use crate::words::keys;
use crate::words::plain::plain;

/// Words that may name a task or phase by its label or title.
pub(super) struct Pending<'a> {
    pub(super) task: usize,
    pub(super) words: &'a str,
    pub(super) place: Span,
    pub(super) wanted: Wanted,
}

/// What words are to name, and what becomes of them if they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A task that comes first; else it is kept beside the task.
    Need,
    /// A task that stands in the way; else it is a blocker in words.
    Blocker,
    /// The task's phase; else it is kept beside the task.
    Phase,
}

impl Reader<'_> {
    /// Ties loose ends and hands over what was read.
    pub(super) fn finish(mut self) -> (Draft, Vec<Diagnostic>) {
        self.tie();
        self.into_parts()
    }

    /// Ties loose ends; gives the places of fields, where they were noted.
    pub(super) fn tie(&mut self) -> Vec<Place> {
        self.resolve();
        self.tie_edges();
        self.place_in_phases();
        self.merge_briefs();
        self.tell_mentions_apart();
        self.own_workstreams();
        self.draft.tasks.shrink_to_fit();
        self.noted.take().unwrap_or_default()
    }

    /// Hands over what was read.
    pub(super) fn into_parts(self) -> (Draft, Vec<Diagnostic>) {
        (self.draft, self.found)
    }

    /// Finds what words meant: a key in other letters, a label, a title.
    fn resolve(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        let names = names(&self.draft.tasks);
        for wanted in pending {
            if wanted.wanted == Wanted::Blocker {
                self.resolve_blocker(&names, &wanted);
                continue;
            }
            let words = plain(wanted.words);
            let known = known(&names, &words).filter(|known| *known != wanted.task);
            let key = known.map(|known| self.draft.tasks[known].key.clone());
            match (wanted.wanted, key) {
                (Wanted::Phase, _) => self.resolve_phase(wanted.task, &words, wanted.place),
                (_, Some(key)) => add_key(&mut self.draft.tasks[wanted.task].needs, key.as_str()),
                (_, None) => self.set_extra_text(wanted.task, NEEDS_IN_WORDS, &words),
            }
        }
    }

    /// Where every part of a blocker names a task, they are needs; else it stays as it is written.
    fn resolve_blocker(&mut self, names: &HashMap<String, usize>, wanted: &Pending<'_>) {
        let list = keys::list(wanted.words);
        let tasks: Option<Vec<usize>> = list
            .words
            .iter()
            .map(|(words, _)| known(names, &plain(words)).filter(|known| *known != wanted.task))
            .collect();
        let known = tasks.iter().flatten().map(|task| self.draft.tasks[*task].key.as_str().to_owned());
        let found: Vec<String> =
            known.chain(list.keys.into_iter().map(|(key, _)| key.into_owned())).collect();
        let task = &mut self.draft.tasks[wanted.task];
        if tasks.is_some() {
            for key in found {
                add_key(&mut task.needs, &key);
            }
        } else {
            task.blockers.push(plain(wanted.words).into_owned());
        }
    }

    fn resolve_phase(&mut self, task: usize, words: &str, place: Span) {
        let known = self.draft.phases.iter().position(|phase| {
            let key = phase.key.as_str();
            key.eq_ignore_ascii_case(words)
                || phase.title.eq_ignore_ascii_case(words)
                || key.rsplit(' ').next().is_some_and(|number| number.eq_ignore_ascii_case(words))
                || words.get(..key.len()).is_some_and(|start| {
                    start.eq_ignore_ascii_case(key) && !words[key.len()..].starts_with(char::is_alphanumeric)
                })
        });
        match known {
            Some(phase) => {
                let key = self.draft.tasks[task].key.clone();
                self.list_in_phase(phase, key, place);
            }
            None => self.set_extra_text(task, "Phase", words),
        }
    }

    /// The owner matrix names who answers for a workstream that bears the same name.
    fn own_workstreams(&mut self) {
        let named: HashMap<String, usize> = self
            .draft
            .owners
            .iter()
            .enumerate()
            .map(|(at, row)| (row.workstream.to_lowercase(), at))
            .collect();
        if named.is_empty() {
            return;
        }
        let tasks = self.draft.tasks.iter_mut();
        for task in tasks.filter(|task| task.kind == TaskKind::Workstream && task.owners.is_empty()) {
            let Some(row) = named.get(&task.title.to_lowercase()).map(|at| &self.draft.owners[*at]) else {
                continue;
            };
            add_owner(task, row.primary.as_deref().unwrap_or_default(), OwnerRole::Primary);
            add_owner(task, row.support.as_deref().unwrap_or_default(), OwnerRole::Support);
        }
    }

    /// The first phase that lists a task is the one it is in.
    fn place_in_phases(&mut self) {
        // What stands below a phase's heading knows its phase already.
        if self.draft.phases.is_empty() || self.draft.tasks.iter().all(|task| task.phase.is_some()) {
            return;
        }
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (phase, listed) in self.draft.phases.iter().enumerate() {
            for key in &listed.tasks {
                first.entry(key.as_str()).or_insert(phase);
            }
        }
        for task in self.draft.tasks.iter_mut().filter(|task| task.phase.is_none()) {
            task.phase = first.get(task.key.as_str()).map(|phase| self.draft.phases[*phase].key.clone());
        }
    }

    /// A heading with a key that a row or item has too describes the same task.
    fn merge_briefs(&mut self) {
        if self.brief_at.is_empty() {
            return;
        }
        let briefs: std::collections::HashSet<usize> = self.brief_at.values().copied().collect();
        let mut home: HashMap<String, usize> = HashMap::new();
        for (at, task) in self.draft.tasks.iter().enumerate() {
            if !briefs.contains(&at)
                && task.checked.is_none()
                && self.brief_at.contains_key(task.key.as_str())
            {
                home.entry(task.key.as_str().to_owned()).or_insert(at);
            }
        }
        if home.is_empty() {
            return;
        }
        let mut gone = vec![false; self.draft.tasks.len()];
        let mut homes = Vec::with_capacity(home.len());
        for (key, at) in home {
            let brief = self.brief_at[&key];
            homes.push((brief, at));
            gone[brief] = true;
            let facts = self.draft.tasks[brief].clone();
            merge(&mut self.draft.tasks[at], facts);
        }
        self.move_places(&homes, &gone);
        let mut at = 0;
        self.draft.tasks.retain(|_| {
            at += 1;
            !gone[at - 1]
        });
        for phase in &mut self.draft.phases {
            let mut seen = std::collections::HashSet::new();
            let keep: Vec<bool> = phase.tasks.iter().map(|key| seen.insert(key.clone())).collect();
            let mut kept = keep.iter();
            phase.tasks.retain(|_| kept.next().copied().unwrap_or(true));
            let mut kept = keep.iter();
            phase.task_spans.retain(|_| kept.next().copied().unwrap_or(true));
        }
    }

    /// A box whose text begins with the key of a task defined elsewhere speaks of that task; it is
    /// no second one.
    fn tell_mentions_apart(&mut self) {
        if !self.draft.tasks.iter().any(|task| task.kind == TaskKind::Item && !task.key_generated) {
            return;
        }
        let defined: std::collections::HashSet<Key> = self
            .draft
            .tasks
            .iter()
            .filter(|task| task.kind != TaskKind::Item)
            .map(|task| task.key.clone())
            .collect();
        if defined.is_empty() {
            return;
        }
        for at in 0..self.draft.tasks.len() {
            let task = &self.draft.tasks[at];
            if task.kind != TaskKind::Item || task.key_generated || !defined.contains(&task.key) {
                continue;
            }
            let title = format!("{}: {}", task.key, task.title);
            let old = task.key.clone();
            let (start, end) = (task.span.start, task.span.end);
            self.stand_at(start);
            let key = self.generate(&title);
            let task = &self.draft.tasks[at];
            let phase = task.phase.as_ref().and_then(|phase| self.phase_at.get(phase.as_str()));
            if let Some(phase) = phase.map(|at| &mut self.draft.phases[*at])
                && let Some(place) = phase.task_spans.iter().position(|span| span.start == start)
                && phase.tasks[place] == old
            {
                phase.tasks[place] = key.clone();
            }
            // What it contains follows it.
            let inside = self.draft.tasks[at + 1..].iter_mut().take_while(|child| child.span.start < end);
            for child in inside.filter(|child| child.parent.as_ref() == Some(&old)) {
                child.parent = Some(key.clone());
            }
            let task = &mut self.draft.tasks[at];
            task.title = title;
            task.key = key;
            task.key_generated = true;
        }
    }
}

/// Everything a task may be called by, in small letters.
pub(crate) fn names(tasks: &[DraftTask]) -> HashMap<String, usize> {
    let mut names = HashMap::with_capacity(tasks.len() * 2);
    for (at, task) in tasks.iter().enumerate() {
        names.entry(task.key.as_str().to_lowercase()).or_insert(at);
    }
    for (at, task) in tasks.iter().enumerate() {
        names.entry(task.title.to_lowercase()).or_insert(at);
        if let Some(number) = task.extra.get("#") {
            names.entry(format!("#{number}")).or_insert(at);
        }
    }
    names
}

pub(crate) fn known(names: &HashMap<String, usize>, words: &str) -> Option<usize> {
    let words = words.trim().to_lowercase();
    let get = |name: &str| names.get(name).copied();
    get(&words)
        .or_else(|| {
            let rest = ["item ", "task ", "step ", "action ", "story "]
                .iter()
                .find_map(|word| words.strip_prefix(word))
                .unwrap_or(&words);
            let bare = rest.trim_start_matches('#');
            get(rest).or_else(|| get(bare)).or_else(|| get(&format!("#{bare}")))
        })
        .or_else(|| {
            // "Batch 1: Blockers" mentions `Batch 1` with its title.
            let (head, _) = words.split_once(':')?;
            get(head.trim())
        })
}

/// Adds what only the heading's section says.
fn merge(home: &mut DraftTask, brief: DraftTask) {
    home.estimate_days = home.estimate_days.or(brief.estimate_days);
    home.percent = home.percent.or(brief.percent);
    home.priority = home.priority.take().or(brief.priority);
    home.due = home.due.take().or(brief.due);
    home.window = home.window.take().or(brief.window);
    if home.status.is_none() {
        home.status = brief.status;
        home.places.status = brief.places.status;
    }
    home.phase = home.phase.take().or(brief.phase);
    if home.owners.is_empty() {
        home.owners = brief.owners;
    }
    for need in &brief.needs {
        add_key(&mut home.needs, need.as_str());
    }
    home.inputs.extend(brief.inputs);
    home.outputs.extend(brief.outputs);
    home.sources.extend(brief.sources);
    home.objectives.extend(brief.objectives);
    home.deliverables.extend(brief.deliverables);
    home.criteria.extend(brief.criteria);
    home.checks.extend(brief.checks);
    home.blockers.extend(brief.blockers);
    home.next_steps.extend(brief.next_steps);
    home.links.extend(brief.links);
    home.paths.extend(brief.paths);
    home.memory.extend(brief.memory);
    for (name, value) in brief.extra {
        home.extra.entry(name).or_insert(value);
    }
}
