//! Phases: headings that name them, and the tasks they list.

use model::diagnostic::Span;
use model::draft::DraftPhase;
use model::ids::Key;

use super::headings::{is_window, without_number};
use super::items::brackets;
use super::reader::Reader;
use super::tails::is_stretch;
use crate::words::amounts::days;
use crate::words::keys::{self, Leading};
use crate::words::plain::{plain, without_emoji};
use crate::words::status;

/// The window that brackets behind a phase's title tell: `Week 1`, `2 March to 13 March 2026, 9 pd`.
fn window_in(inner: &str) -> Option<&str> {
    let is_told = |part: &&str| is_window(part) || is_stretch(part) || days(part).is_some();
    if is_told(&inner) {
        return Some(inner);
    }
    let mut parts = inner.split([',', ';', '·']).map(str::trim);
    let first = parts.clone().find(|part| is_window(part) || is_stretch(part));
    first.filter(|_| parts.all(|part| is_told(&part)))
}

impl<'a> Reader<'a> {
    /// The phase a heading names; a new one only where `may_add`.
    pub(super) fn named_phase(&mut self, found: &Leading<'_>, may_add: bool, span: Span) -> Option<usize> {
        if let Some(known) = self.phase_at.get(&*found.key) {
            return Some(*known);
        }
        let key = Key::new(&found.key).ok().filter(|_| may_add)?;
        let timed = ["day", "week", "month"].iter().any(|word| word.eq_ignore_ascii_case(found.word));
        let mut window = timed.then(|| found.key.to_string());
        let title = self.phase_title(found.rest, &mut window);
        Some(self.add_phase(key, title, window, span))
    }

    /// Takes window, length and status off the end of a phase's title.
    fn phase_title(&self, rest: &str, window: &mut Option<String>) -> String {
        let mut rest = without_emoji(rest);
        for _ in 0..3 {
            if let Some((before, inner)) = brackets(rest) {
                let inner = without_emoji(inner);
                if let Some(told) = window_in(inner) {
                    window.get_or_insert_with(|| told.to_owned());
                } else if status::state(inner).is_none() {
                    break;
                }
                rest = without_emoji(before);
            } else if let Some((before, after)) = rest.rsplit_once(" - ")
                && status::state(after).is_some()
            {
                rest = without_emoji(before);
            } else {
                break;
            }
        }
        rest.trim_matches(|c: char| c == '-' || c == '–' || c == '—' || c.is_whitespace()).to_owned()
    }

    /// A stretch that has no key but a window: `Near-Term Work (Week 1)`.
    pub(super) fn windowed_phase(&mut self, title: &str, window: &str, span: Span) -> usize {
        let title = without_emoji(without_number(title)).to_owned();
        let name = crate::words::plain::slug(&title);
        let key = self.unused_phase_key(&name);
        self.add_phase(key, title, Some(window.to_owned()), span)
    }

    /// Makes a phase of the heading under way.
    pub(super) fn phase_of_heading(&mut self) -> Option<usize> {
        let heading = self.frames.last()?.heading;
        let text = plain(self.slice(heading));
        let text = without_number(&text);
        let (name, title) = [" — ", " – ", ": ", " - "]
            .iter()
            .find_map(|mark| text.split_once(mark))
            .filter(|(name, _)| name.split(' ').count() <= 3)
            .unwrap_or((text, text));
        let key = match keys::key(name).filter(|_| name != title) {
            Some(key) if !self.phase_at.contains_key(key.as_str()) => key,
            _ => self.unused_phase_key(&crate::words::plain::slug(name)),
        };
        let phase = self.add_phase(key, title.to_owned(), None, heading);
        self.frames.last_mut()?.phase = Some(phase);
        Some(phase)
    }

    /// A phase's key stands in no group: phases are the groups.
    fn unused_phase_key(&self, name: &str) -> Key {
        let name = if name.is_empty() { "phase" } else { name };
        let free = |key: &String| !self.phase_at.contains_key(key);
        let twins = (2..).map(|count| format!("{name}~{count}"));
        let key = std::iter::once(name.to_owned()).chain(twins).find(free).unwrap_or_default();
        Key::new(&key).or_else(|_| Key::new("phase")).expect("a slug of bounded length is a key")
    }

    pub(super) fn add_phase(&mut self, key: Key, title: String, window: Option<String>, span: Span) -> usize {
        let at = self.draft.phases.len();
        self.phase_at.insert(key.as_str().to_owned(), at);
        let line = self.line(span);
        let title = if title.is_empty() { key.as_str().to_owned() } else { title };
        self.draft.phases.push(DraftPhase {
            key,
            title,
            window,
            entrance: Vec::new(),
            exit: Vec::new(),
            tasks: Vec::new(),
            line,
            span,
            task_spans: Vec::new(),
        });
        at
    }

    /// `Tasks: T-001, T-002` in a phase.
    pub(super) fn phase_tasks(&mut self, phase: usize, value: &'a str) {
        let base = self.place(value).start as usize;
        for (key, place) in keys::list(value).keys {
            if let Some(key) = keys::key(&key) {
                let span = Span::new(base + place.start, base + place.end);
                self.list_in_phase(phase, key, span);
            }
        }
    }

    /// Names a task in a phase, once.
    pub(super) fn list_in_phase(&mut self, phase: usize, key: Key, span: Span) {
        let phase = &mut self.draft.phases[phase];
        phase.tasks.push(key);
        phase.task_spans.push(span);
    }

    /// `Entrance: …; …` and `Exit: …; …`: one criterion for each clause.
    pub(super) fn phase_clauses(&mut self, phase: usize, entrance: bool, value: &'a str) {
        for clause in value.split(';') {
            let text = plain(clause);
            let text = text.trim_end_matches('.').trim();
            if crate::words::is_empty(text) {
                continue;
            }
            let criterion = self.criterion(clause, self.place(clause.trim()), None);
            let Some(mut criterion) = criterion else { continue };
            criterion.text = criterion.text.trim_end_matches('.').to_owned();
            let phase = &mut self.draft.phases[phase];
            if entrance { phase.entrance.push(criterion) } else { phase.exit.push(criterion) }
        }
    }
}
