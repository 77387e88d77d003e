//! A document under lint: its text and draft, with what several rules ask of them worked out once.

use std::cell::OnceCell;
use std::collections::HashMap;

use model::diagnostic::Span;
use model::draft::{Draft, DraftTask, TaskKind};
use model::settings::Settings;

use super::Surroundings;
use super::outline::Outline;
use crate::diagnostics::Lines;

/// What the rules look at.
pub(crate) struct Document<'a> {
    pub(crate) text: &'a str,
    pub(crate) draft: &'a Draft,
    pub(crate) world: &'a Surroundings<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) lines: Lines<'a>,
    pub(crate) outline: Outline<'a>,
    by_key: HashMap<&'a str, Vec<usize>>,
    phases: OnceCell<Phases<'a>>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        text: &'a str,
        draft: &'a Draft,
        world: &'a Surroundings<'a>,
        settings: &'a Settings,
    ) -> Self {
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::with_capacity(draft.tasks.len());
        for (index, task) in draft.tasks.iter().enumerate() {
            by_key.entry(task.key.as_str()).or_default().push(index);
        }
        let outline = if draft.format == "markdown" { Outline::read(text) } else { Outline::default() };
        Self {
            text,
            draft,
            world,
            settings,
            lines: Lines::new(text),
            outline,
            by_key,
            phases: OnceCell::new(),
        }
    }

    /// Positions of the tasks with this key; more than one only where a key is used twice.
    pub(crate) fn indices(&self, key: &str) -> &[usize] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// Position of the first task with this key.
    pub(crate) fn index(&self, key: &str) -> Option<usize> {
        self.indices(key).first().copied()
    }

    /// The first task with this key.
    pub(crate) fn task(&self, key: &str) -> Option<&'a DraftTask> {
        self.index(key).map(|index| &self.draft.tasks[index])
    }

    /// The phases in the order they are meant to run, and who is in which.
    pub(crate) fn phases(&self) -> &Phases<'a> {
        self.phases.get_or_init(|| Phases::of(self.draft))
    }

    /// Where a word stands inside a span, as a whole word; else the span's first line.
    pub(crate) fn place(&self, within: Span, word: &str) -> Span {
        let within = Span::new(
            (within.start as usize).min(self.text.len()),
            (within.end as usize).min(self.text.len()).max((within.start as usize).min(self.text.len())),
        );
        let Some(part) = self.text.get(within.range()) else { return within };
        let whole = |start: usize, end: usize| {
            let before = part[..start].chars().next_back();
            let after = part[end..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        };
        if !word.is_empty() {
            let hits = part.match_indices(word).map(|(at, _)| (at, at + word.len()));
            // The last one: a row names its own key first and what it needs further on.
            if let Some((start, end)) = hits.filter(|(start, end)| whole(*start, *end)).last() {
                let base = within.start as usize;
                return Span::new(base + start, base + end);
            }
        }
        self.first_line(within)
    }

    /// Where a word stands in what is said of a task: in its row or item, or, where it has a heading,
    /// below that.
    pub(crate) fn place_of(&self, task: &DraftTask, word: &str) -> Span {
        let here = self.place(task.span, word);
        let is_it = |span: Span| self.text.get(span.range()) == Some(word);
        let headings = &self.outline.headings;
        let own =
            headings.iter().position(|heading| heading.span.range().contains(&(task.span.start as usize)));
        let Some(own) = own.filter(|_| !is_it(here)) else { return here };
        let next = headings.get(own + 1).map_or(self.text.len(), |next| next.span.start as usize);
        let below = self.place(Span::new(headings[own].body, next), word);
        if is_it(below) { below } else { here }
    }

    /// The first line of a span, without surrounding space.
    pub(crate) fn first_line(&self, span: Span) -> Span {
        let line = self.lines.span(self.lines.line_of(span.start));
        let (start, end) = (span.start as usize, span.end.min(line.end).max(span.start) as usize);
        let Some(text) = self.text.get(start..end) else { return span };
        let start = start + (text.len() - text.trim_start().len());
        Span::new(start, start + text.trim().len())
    }

    /// The place of a task: its title where known, else its first line.
    pub(crate) fn task_place(&self, task: &DraftTask) -> Span {
        match task.places.title {
            Some(title) if !self.first_line(title).range().is_empty() => self.first_line(title),
            _ => self.first_line(task.span),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// What a key looks like: its letters before the number. `T-017` and `T-3` look alike, `7.3` and
/// `7.12` too.
pub(crate) fn family(key: &str) -> &str {
    key.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

/// Whether a key looks like one an author would write: letters or dots around a number.
pub(crate) fn looks_like_key(key: &str) -> bool {
    key.chars().any(|c| c.is_ascii_digit())
        && !key.contains(char::is_whitespace)
        && !key.contains('/')
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#'))
}

/// Whether a task counts as work of its own rather than as a line to tick.
pub(crate) fn is_work(task: &DraftTask) -> bool {
    task.kind != TaskKind::Item
}

/// The phases of a draft in the order they are meant to run.
pub(crate) struct Phases<'a> {
    /// Positions in `draft.phases`, first to run first.
    pub(crate) order: Vec<usize>,
    /// For each task key the ranks (places in `order`) of the phases it is in, rising.
    ranks: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Phases<'a> {
    fn of(draft: &'a Draft) -> Self {
        let order = order(draft);
        let mut ranks: HashMap<&str, Vec<usize>> = HashMap::new();
        for (rank, index) in order.iter().enumerate() {
            for key in &draft.phases[*index].tasks {
                let ranks = ranks.entry(key.as_str()).or_default();
                if ranks.last() != Some(&rank) {
                    ranks.push(rank);
                }
            }
        }
        Self { order, ranks }
    }

    /// The ranks of the phases a task is in.
    pub(crate) fn ranks(&self, key: &str) -> &[usize] {
        self.ranks.get(key).map_or(&[], Vec::as_slice)
    }

    /// Every key that some phase names.
    pub(crate) fn named(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.ranks.keys().copied()
    }
}

/// Phases whose keys differ only in a number or letter run in that order, wherever they stand;
/// all others run as they stand.
fn order(draft: &Draft) -> Vec<usize> {
    let mut order: Vec<usize> = (0..draft.phases.len()).collect();
    let ordinals: Option<Vec<(String, Vec<u64>)>> =
        draft.phases.iter().map(|phase| ordinal(phase.key.as_str())).collect();
    if let Some(ordinals) = ordinals
        && let Some((first, _)) = ordinals.first()
        && ordinals.iter().all(|(prefix, _)| prefix == first)
    {
        order.sort_by(|a, b| ordinals[*a].1.cmp(&ordinals[*b].1));
    }
    order
}

/// The prefix of a key and its number: `Phase B` gives (`phase`, [2]), `Stage 1.2` ([1, 2]).
fn ordinal(key: &str) -> Option<(String, Vec<u64>)> {
    let at = key.rfind([' ', '-', '_', '/']).map_or(0, |at| at + 1);
    let (prefix, last) = key.split_at(at);
    let prefix = prefix.trim_end_matches([' ', '-', '_', '/']).to_lowercase();
    let mut letters = last.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && letter.is_ascii_alphabetic()
    {
        return Some((prefix, vec![u64::from(letter.to_ascii_lowercase() as u8 - b'a') + 1]));
    }
    let numbers: Option<Vec<u64>> = last.split('.').map(|part| part.parse().ok()).collect();
    numbers.map(|numbers| (prefix, numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_families_and_ordinals() {
        assert_eq!(family("T-017"), family("T-3"));
        assert_eq!(family("7.3"), family("7.12"));
        assert_ne!(family("T-017"), family("ACTION-17"));
        assert_eq!(ordinal("Phase B"), Some(("phase".to_owned(), vec![2])));
        assert_eq!(ordinal("phase-10"), Some(("phase".to_owned(), vec![10])));
        assert_eq!(ordinal("warm-up"), None);
        assert!(looks_like_key("T-017") && looks_like_key("7.3") && looks_like_key("batch-9"));
        assert!(!looks_like_key("security sign-off") && !looks_like_key("setup"));
    }
}
