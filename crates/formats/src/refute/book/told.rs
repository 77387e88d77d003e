//! What the plan's prose says of its needs: "Waits for 5.1" below a task, "4.6 waits for 4.5" in a list.

use crate::statements::mentions::Titles;
use crate::statements::tables::Column;
use crate::statements::tokens::{Kind, Token};
use crate::statements::words::{phrase_at, says_any, words};

use super::{Book, Entry};

/// What stands between a task and what it needs.
const NEEDS: &[&str] = &[
    "waits for",
    "wait for",
    "waits on",
    "waiting for",
    "depends on",
    "depend on",
    "blocked by",
    "starts after",
    "start after",
    "follows",
    "needs",
    "requires",
    "after",
];

/// A task, and what its plan says it needs; nothing where it says that it needs nothing.
pub(in crate::refute) struct Need {
    pub(in crate::refute) task: u32,
    pub(in crate::refute) need: Option<u32>,
}

impl Book {
    /// The needs that sentences and items of the plans tell by key or title.
    pub(in crate::refute) fn needs_told(&self, titles: &Titles) -> Vec<Need> {
        let mut found = Vec::new();
        for entry in &self.entries {
            if let Some(task) = entry.task.filter(|_| self.needs_no_other(entry)) {
                found.push(Need { task, need: None });
            }
            if !entry.cells.is_empty() {
                continue;
            }
            let passage = &self.documents[entry.document].report.passages[entry.place.0];
            let tokens = &passage.tokens[entry.place.1.clone()];
            for clause in tokens.split(|token| token.is_sign(';') || token.is_sign('.')) {
                self.needs_of(entry, clause, titles, &mut found);
            }
        }
        found
    }

    /// "-" in a row's cell of what it waits for.
    fn needs_no_other(&self, entry: &Entry) -> bool {
        let report = &self.documents[entry.document].report;
        let needs = entry.cells.iter().find(|(_, kind)| *kind == Column::Needs);
        needs.is_some_and(|(cell, _)| {
            let tokens = &report.passages[*cell].tokens;
            matches!(tokens.as_slice(), [only] if only.is_any(&["none", "nothing"])
                || only.is_sign('-') || only.is_sign('–'))
        })
    }

    fn needs_of(&self, entry: &Entry, clause: &[Token], titles: &Titles, found: &mut Vec<Need>) {
        // Only a key tells for sure what is needed: "needs review", "after the release".
        let key = |token: &Token| match token.kind {
            Kind::Key(task) => Some(task),
            _ => None,
        };
        if !clause.iter().any(|token| key(token).is_some() || token.is_any(&["nothing", "none"])) {
            return;
        }
        let joint = (0..clause.len()).find_map(|at| {
            let length = NEEDS.iter().find_map(|phrase| phrase_at(clause, at, phrase))?;
            Some((at, at + length))
        });
        let Some((at, end)) = joint else { return };
        if says_any(clause, words!["not", "never", "no", "if", "unless", "while", "may"]) {
            return;
        }
        let named = |tokens: &[Token]| -> Vec<u32> {
            titles.mentions(tokens).into_iter().map(|mention| mention.task).collect()
        };
        let mut subjects = named(&clause[..at]);
        if subjects.is_empty() && clause[..at].iter().filter(|token| token.is_word()).count() <= 1 {
            subjects.extend(self.task_above(entry));
        }
        let needed: Vec<u32> = clause[end..].iter().filter_map(key).collect();
        let nothing = clause.get(end).is_some_and(|next| next.is_any(&["nothing", "none"]));
        for task in subjects {
            if nothing {
                found.push(Need { task, need: None });
            }
            found.extend(needed.iter().map(|need| Need { task, need: Some(*need) }));
        }
    }

    /// The task that the item above an entry is.
    fn task_above(&self, entry: &Entry) -> Option<u32> {
        let report = &self.documents[entry.document].report;
        let above = report.passages[entry.place.0].above?;
        let first = report.passages[above].tokens.first()?;
        let lines = &self.documents[entry.document].lines;
        let line = lines.partition_point(|line| *line <= first.span.start as usize) as u32;
        let beside = self.by_line.get(&(entry.document, line))?;
        beside.iter().find_map(|at| self.entries[*at].task)
    }
}
