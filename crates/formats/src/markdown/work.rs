//! Items that are work by what they tell: `- **A1** Audit the pages · Nadia · 4 pd · needs nothing`.
//! A key alone says little, since risks, gates, milestones and measures have keys too; who does it,
//! how long it takes and what it waits for says that it is to be done.

use std::borrow::Cow;

use model::diagnostic::Span;

use super::items::Item;
use super::lists::is_work;
use super::reader::{Around, Frame, Reader};
use super::roles::Role;
use super::tails::telling;
use crate::words::keys::{self, Leading};
use crate::words::plain::{leading_emoji, plain};

impl Reader<'_> {
    /// The key of an item that is a piece of work by what it or the items beside it tell. `text` is
    /// the item's text, plain.
    pub(super) fn worked<'t>(
        &mut self,
        item: &Item<'_>,
        text: &'t str,
        span: Span,
        around: Around,
    ) -> Option<Leading<'t>> {
        let among = self.is_among_work(around)?;
        let found = front(item.raw, text).filter(|found| !found.rest.is_empty())?;
        let (facts, of_work) = telling(found.rest);
        // "T-2 is late" speaks of T-2; "T-2 Address form" names it.
        let begins = found.rest.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let names = found.separated || begins;
        let is_work = match among {
            true => {
                names && (of_work || facts > 1)
                    || !around.nested && found.separated && begins && self.is_beside_work(&found.key, span)
            }
            false => names && of_work && facts > 1,
        };
        // Whoever speaks of a task again defines no second one.
        (is_work && !self.is_defined(&found.key)).then_some(found)
    }

    /// Whether what surrounds an item is about work; `None` where it is about something else.
    fn is_among_work(&self, around: Around) -> Option<bool> {
        if !matches!(around.role, None | Some(Role::Tasks | Role::Actions | Role::Stories | Role::Checklist))
        {
            return None;
        }
        if self.is_about_else() {
            return None;
        }
        let below_work = || self.below_title().any(|frame| self.heading_has(frame, WORK));
        Some(around.role.is_some() || around.phase.is_some() || below_work())
    }

    /// Whether the nearest heading says that what stands below has keys and is no work.
    pub(super) fn is_about_else(&self) -> bool {
        let nearest = self.below_title().next_back();
        let topic = nearest.filter(|frame| frame.phase.is_none() && frame.task.is_none());
        topic.is_some_and(|frame| self.heading_has(frame, NO_WORK))
    }

    fn heading_has(&self, frame: &Frame, words: &[&str]) -> bool {
        names(&plain(self.slice(frame.heading)).to_lowercase(), words)
    }

    /// Whether another item of the list around, with a key of the same letters, tells facts of its
    /// work: a milestone may stand at the end of a list of work.
    fn is_beside_work(&mut self, key: &str, item: Span) -> bool {
        if self.list_tells.as_ref().is_none_or(|(list, _)| !list.contains(&item.start)) {
            let list = list_around(self.text, item.start as usize);
            let mut telling_letters: Vec<String> = Vec::new();
            for raw in self.text[list.clone()].lines().filter_map(behind_marker) {
                let text = plain(raw);
                let found = front(raw, &text).filter(|found| found.separated);
                let letters = found.as_ref().map_or("", |found| letters(&found.key));
                if let Some(found) = &found
                    && !telling_letters.iter().any(|known| known == letters)
                    && telling(found.rest).1
                {
                    telling_letters.push(letters.to_owned());
                }
            }
            self.list_tells = Some((list.start as u32..list.end as u32, telling_letters));
        }
        let tells = self.list_tells.as_ref().map(|(_, tells)| tells.as_slice()).unwrap_or_default();
        tells.iter().any(|known| known == letters(key))
    }
}

/// What keys of one kind have in common.
fn letters(key: &str) -> &str {
    let end = key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
    &key[..end]
}

/// The key that an item with a box, or below other work, begins with, where facts of its work stand
/// behind it.
pub(super) fn told_key<'t>(raw: &str, text: &'t str) -> Option<Leading<'t>> {
    front(raw, text).filter(|found| found.separated && !found.rest.is_empty() && telling(found.rest).1)
}

/// The key an item begins with: before a separator, or in bold.
fn front<'t>(raw: &str, text: &'t str) -> Option<Leading<'t>> {
    let bold = leading_emoji(raw).1.trim_start();
    let bold = bold.strip_prefix("**").or_else(|| bold.strip_prefix("__"));
    if let Some(found) = keys::leading(text) {
        let known = found.word.is_empty() || is_work(found.word);
        let separated = found.separated || bold.is_some();
        return known.then_some(Leading { separated, ..found });
    }
    let text = leading_emoji(text).1;
    let end = text.find([' ', ':', '·', '|', ',', '–', '—', ')']).unwrap_or(text.len());
    let key = text[..end].trim_end_matches(['.', '-']);
    if !keys::is_key(key) || bold.is_some_and(|bold| !bold.starts_with(key)) {
        return None;
    }
    let rest = text[key.len()..].trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '.' | '·' | '|' | ',' | '–' | '—' | '-' | ')')
    });
    // "MP3 export · 2 days" has no key.
    let apart = bold.is_some() || text[key.len()..].trim_start().starts_with(['·', '|']);
    apart.then_some(Leading { word: "", key: Cow::Borrowed(key), separated: true, rest })
}

/// The lines of the list that an offset stands in: items, what is indented below them, and the blank
/// lines between.
fn list_around(text: &str, at: usize) -> std::ops::Range<usize> {
    let belongs = |line: &str| {
        let indented = line.starts_with([' ', '\t']);
        line.trim().is_empty() || indented || behind_marker(line).is_some()
    };
    let mut start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    for line in text[..start].split_inclusive('\n').rev() {
        if !belongs(line) {
            break;
        }
        start -= line.len();
    }
    let mut end = at;
    for line in text[at..].split_inclusive('\n') {
        if end > at && !belongs(line) {
            break;
        }
        end += line.len();
    }
    start..end
}

/// What stands behind the marker of a list's item.
fn behind_marker(line: &str) -> Option<&str> {
    let line = line.trim();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = match digits {
        0 => line.strip_prefix(['-', '*', '+']),
        _ => line[digits..].strip_prefix(['.', ')']),
    };
    rest.filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim)
}

/// Whether a heading has one of some words.
fn names(heading: &str, words: &[&str]) -> bool {
    let mut own = heading.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    own.any(|word| words.contains(&word) || word.strip_suffix('s').is_some_and(|word| words.contains(&word)))
}

/// Words of headings above work.
const WORK: &[&str] = &[
    "work",
    "workplan",
    "package",
    "activity",
    "activities",
    "backlog",
    "plan",
    "phase",
    "stage",
    "sprint",
    "wave",
    "iteration",
    "step",
    "job",
    "schedule",
    "roadmap",
    "implementation",
    "delivery",
];

/// Words of headings above what has keys and is no work.
const NO_WORK: &[&str] = &[
    "gate",
    "measure",
    "measurement",
    "number",
    "figure",
    "quality",
    "milestone",
    "risk",
    "criterion",
    "criteria",
    "decision",
    "decided",
    "glossary",
    "term",
    "definition",
    "people",
    "team",
    "who",
    "role",
    "roles",
    "contact",
    "stakeholder",
    "faq",
    "question",
    "answer",
    "issue",
    "problem",
    "note",
    "history",
    "log",
    "change",
    "changes",
    "status",
    "progress",
    "report",
    "result",
    "rule",
    "principle",
    "requirement",
    "scope",
    "budget",
    "cost",
    "money",
    "wrong",
    "assumption",
    "lesson",
    "finding",
    "reference",
    "source",
    "deliverable",
    "output",
    "acceptance",
    "done",
    "example",
    "legend",
    "dependency",
    "dependencies",
    "date",
    "deadline",
    "calendar",
    "meeting",
    "goal",
    "target",
    "kpi",
    "metric",
    "indicator",
];
