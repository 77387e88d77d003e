//! Fields of a task that stand beside it: nested bullets, labelled lines under its heading.

use model::diagnostic::Span;
use model::draft::OwnerRole;

use super::finish::{Pending, Wanted};
use super::places::{What, extra_name};
use super::reader::Reader;
use super::roles::Role;
use super::tasks::{add_key, add_owner, one_text};
use crate::words::fields::{Field, field};
use crate::words::plain::{code_spans, plain};
use crate::words::{amounts, due, is_empty, keys, status};

impl<'a> Reader<'a> {
    /// Sets a field of a task from a label and the text behind it. Gives the role of the items
    /// that stand below the label.
    pub(super) fn set_field(&mut self, task: usize, name: &str, value: &'a str) -> Option<Role> {
        let known = field(name);
        let role = role_of(known);
        if is_empty(value) || says_none(value) && known != Some(Field::Status) {
            self.note_empty(task, known, name, value);
            return role;
        }
        match known {
            Some(known) => self.set_known(task, known, name, value),
            None => self.set_extra(task, name, value),
        }
        role
    }

    fn set_known(&mut self, at: usize, known: Field, name: &str, value: &'a str) {
        let place = self.place(value);
        match known {
            Field::Status => self.set_status(at, value),
            Field::Percent => match amounts::percent(value) {
                Some((percent, number)) => {
                    let task = &mut self.draft.tasks[at];
                    task.percent = Some(percent);
                    task.places.percent = Some(within(place, &number));
                    self.note_place(at, What::Percent, value);
                }
                None => self.set_extra(at, name, value),
            },
            Field::Priority => {
                self.draft.tasks[at].priority = one_text(value);
                self.note_place(at, What::Priority, value);
            }
            Field::Owner => {
                add_owner(&mut self.draft.tasks[at], value, OwnerRole::Primary);
                self.note_place(at, What::Owner, value);
            }
            Field::Support => add_owner(&mut self.draft.tasks[at], value, OwnerRole::Support),
            Field::Agent => add_owner(&mut self.draft.tasks[at], value, OwnerRole::Agent),
            Field::Estimate => match amounts::days(value).or_else(|| amounts::days_under(name, value)) {
                Some(days) => self.draft.tasks[at].estimate_days = Some(days),
                None => self.set_extra(at, name, value),
            },
            Field::Due => self.set_due(at, value),
            Field::Window => self.draft.tasks[at].window = one_text(value),
            Field::Needs | Field::Blockers => self.set_needs(at, value, known == Field::Blockers),
            Field::Inputs => self.add_each(at, value, |task| &mut task.inputs),
            Field::Outputs => self.add_each(at, value, |task| &mut task.outputs),
            Field::Sources => self.add_sources(at, value),
            Field::Objectives => self.add_one(at, value, |task| &mut task.objectives),
            Field::Deliverables | Field::Deliverable => {
                self.add_one(at, value, |task| &mut task.deliverables)
            }
            Field::NextSteps => self.add_one(at, value, |task| &mut task.next_steps),
            Field::Links => self.add_one(at, value, |task| &mut task.links),
            Field::Paths => self.add_paths(at, value),
            Field::Memory => self.add_memory(at, name, value),
            Field::Criteria | Field::Exit => {
                if let Some(criterion) = self.criterion(value, place, None) {
                    self.draft.tasks[at].criteria.push(criterion);
                }
            }
            Field::Verify => self.set_checks(at, value),
            Field::Phase => self.set_phase(at, value),
            _ => self.set_extra(at, name, value),
        }
    }

    pub(super) fn set_status(&mut self, at: usize, value: &'a str) {
        let place = self.place(value);
        let Some(found) = status::find(value) else { return };
        let task = &mut self.draft.tasks[at];
        task.places.status = Some(within(place, &found.at));
        if let Some((percent, number)) = found.percent {
            task.percent = Some(percent);
            task.places.percent = Some(within(place, &number));
        }
        task.status = Some(found.status);
        self.note_place(at, What::Status, value);
    }

    pub(super) fn set_due(&mut self, at: usize, value: &'a str) {
        let text = plain(value);
        let task = &mut self.draft.tasks[at];
        if super::headings::is_window(&text) {
            task.window.get_or_insert_with(|| text.as_ref().to_owned());
        }
        task.due = due::read(&text);
        let place = self.place(value);
        let task = &mut self.draft.tasks[at];
        task.places.due = task.due.as_ref().map(|_| place);
        self.note_place(at, What::Due, value);
    }

    /// Keys become needs; words wait until every task is known; sentences stay blockers.
    pub(super) fn set_needs(&mut self, at: usize, value: &'a str, blockers: bool) {
        self.note_place(at, if blockers { What::Blockers } else { What::Needs }, value);
        let list = keys::list(value);
        let sentence = list.words.iter().any(|(word, _)| word.split(' ').count() > 6);
        if sentence || list.words.len() > 6 {
            if blockers {
                return self.add_one(at, value, |task| &mut task.blockers);
            }
            let keys = list.keys;
            for (key, _) in keys {
                add_key(&mut self.draft.tasks[at].needs, &key);
            }
            return self.set_extra(at, NEEDS_IN_WORDS, value);
        }
        // A blocker in words is one text, unless all of it turns out to name tasks.
        if blockers && !list.words.is_empty() {
            let place = self.place(value);
            return self.pending.push(Pending { task: at, words: value, place, wanted: Wanted::Blocker });
        }
        let base = self.place(value).start as usize;
        for (key, _) in list.keys {
            add_key(&mut self.draft.tasks[at].needs, &key);
        }
        for (words, place) in list.words {
            let place = Span::new(base + place.start, base + place.end);
            self.pending.push(Pending { task: at, words, place, wanted: Wanted::Need });
        }
    }

    fn add_one(
        &mut self,
        at: usize,
        value: &str,
        list: impl Fn(&mut model::draft::DraftTask) -> &mut thin_vec::ThinVec<String>,
    ) {
        if let Some(text) = one_text(value) {
            list(&mut self.draft.tasks[at]).push(text);
        }
    }

    /// Adds the parts of an enumeration.
    pub(super) fn add_each(
        &mut self,
        at: usize,
        value: &str,
        list: impl Fn(&mut model::draft::DraftTask) -> &mut thin_vec::ThinVec<String>,
    ) {
        for part in enumerated(value) {
            if let Some(text) = one_text(part) {
                let list = list(&mut self.draft.tasks[at]);
                list.push(text.trim_matches('`').to_owned());
            }
        }
    }

    pub(super) fn add_sources(&mut self, at: usize, value: &str) {
        for part in value.split(';') {
            if let Some(text) = one_text(part) {
                self.draft.tasks[at].sources.push(text);
            }
        }
    }

    pub(super) fn add_paths(&mut self, at: usize, value: &str) {
        let mut any = false;
        for (_, code) in code_spans(value) {
            any = true;
            push_new(&mut self.draft.tasks[at].paths, code);
        }
        if !any {
            for part in enumerated(value) {
                let part = part.trim();
                if !part.contains(' ') && part.contains(['/', '.', '*']) {
                    push_new(&mut self.draft.tasks[at].paths, part);
                }
            }
        }
    }

    /// Keys of the shared memory; a text that names none is kept as it is.
    fn add_memory(&mut self, at: usize, name: &str, value: &'a str) {
        let keys = memory_keys(value);
        if keys.is_empty() {
            return self.set_extra(at, name, value);
        }
        for key in keys {
            push_new(&mut self.draft.tasks[at].memory, key);
        }
    }

    pub(super) fn set_checks(&mut self, at: usize, value: &'a str) {
        let place = self.place(value).start as usize;
        match crate::probe::cell(value) {
            Some(split) => {
                self.found.extend(split.diagnostics(place));
                let checks = self.checks(&split.probes, place);
                self.draft.tasks[at].checks.extend(checks);
            }
            None => self.set_extra(at, "Verify", value),
        }
    }

    fn set_phase(&mut self, at: usize, value: &'a str) {
        if let Some(text) = one_text(value) {
            let place = self.place(value);
            self.pending.push(Pending { task: at, words: value, place, wanted: Wanted::Phase });
            let _ = text;
        }
    }

    pub(super) fn set_extra(&mut self, at: usize, name: &str, value: &'a str) {
        if let Some(text) = one_text(value) {
            let name = extra_name(name);
            // Needs in other words are needs as far as writing goes.
            if name != NEEDS_IN_WORDS {
                self.note_place(at, What::Extra(name.clone()), value);
            }
            self.set_extra_text(at, &name, &text);
        }
    }

    /// Keeps a text beside a task; what has the same name follows it.
    pub(super) fn set_extra_text(&mut self, at: usize, name: &str, text: &str) {
        let extra = &mut self.draft.tasks[at].extra;
        match extra.get_mut(name) {
            Some(known) => {
                known.push_str("; ");
                known.push_str(text);
            }
            None => {
                extra.insert(name.to_owned(), text.to_owned());
            }
        }
    }
}

/// The name that needs are kept under which name no task.
pub(crate) const NEEDS_IN_WORDS: &str = "Dependencies";

/// The role of the items below a label, where the label is a field of its own.
fn role_of(known: Option<Field>) -> Option<Role> {
    Some(match known? {
        Field::Criteria | Field::Exit => Role::Criteria,
        Field::Deliverables | Field::Deliverable => Role::Deliverables,
        Field::Objectives => Role::Objectives,
        Field::NextSteps => Role::NextSteps,
        Field::Inputs => Role::Inputs,
        Field::Outputs => Role::Outputs,
        Field::Needs => Role::Needs,
        Field::Blockers => Role::Blockers,
        Field::Paths => Role::Paths,
        Field::Memory => Role::Memory,
        Field::Links => Role::Links,
        Field::Tasks => Role::Tasks,
        _ => return None,
    })
}

/// "None; waiting for nobody" says that there is none.
fn says_none(value: &str) -> bool {
    ["None", "N/A", "none"].iter().any(|word| {
        value
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with([';', ',', '.', ':', ' ']) && !rest.starts_with(" of "))
    })
}

/// The parts of `a, b (c, d), e`: commas in brackets and code separate nothing.
pub(super) fn enumerated(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let mut code = false;
    text.split(move |c| {
        match c {
            '`' => code = !code,
            '(' | '[' if !code => depth += 1,
            ')' | ']' if !code => depth -= 1,
            _ => {}
        }
        matches!(c, ',' | ';') && depth <= 0 && !code
    })
}

/// The keys of the shared memory in a text: names with slashes between them, in code or bare.
fn memory_keys(text: &str) -> Vec<&str> {
    let is_key = |word: &str| {
        word.contains('/')
            && word.split('/').all(|name| !name.is_empty())
            && !word.contains("://")
            && word.chars().all(|c| c.is_alphanumeric() || "/_-.:{}<>*".contains(c))
    };
    let mut spans = code_spans(text).map(|(_, code)| code.trim().trim_end_matches('/')).peekable();
    if spans.peek().is_some() {
        return spans.filter(|code| is_key(code)).collect();
    }
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"'))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '*' && c != '>' && c != '}'))
        .filter(|word| is_key(word))
        .collect()
}

fn push_new(list: &mut thin_vec::ThinVec<String>, text: &str) {
    if !text.is_empty() && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

/// A place inside a place.
pub(super) fn within(outer: Span, inner: &std::ops::Range<usize>) -> Span {
    let start = outer.start as usize;
    Span::new(start + inner.start, start + inner.end)
}
