//! Lists of what comes first and of what stands in the way: `Batch 1, T-004 and the crane`.

use std::collections::HashMap;
use std::ops::Range;

use model::diagnostic::Span;
use model::draft::Draft;

use super::seats::Column;
use crate::edit::Reason;
use crate::markdown::finish::{known, names};
use crate::words::plain::plain;
use crate::words::{is_empty, keys};

/// The names by which a document's lists call its tasks.
pub(super) struct Blockers<'a> {
    draft: &'a Draft,
    names: HashMap<String, usize>,
}

/// A value with what it lists: where each piece stands, and what it names.
struct Listed {
    pieces: Vec<(Range<usize>, Vec<String>)>,
}

type Side = Option<(Span, String, Column)>;

impl<'a> Blockers<'a> {
    pub(super) fn new(draft: &'a Draft) -> Self {
        Self { draft, names: names(&draft.tasks) }
    }

    /// The two values, needs and blockers, that list what is wished instead of what they do now;
    /// a value that stays is nothing, and one that lists nothing any more is empty.
    pub(super) fn rewritten(
        &self,
        now: &[String],
        wished: &[String],
        sides: &[Side; 2],
    ) -> Result<[Option<String>; 2], Reason> {
        let listed = [0, 1].map(|at| sides[at].as_ref().map(|(_, text, _)| self.listed(text, at == 1)));
        let gone: Vec<&String> = now.iter().filter(|item| !wished.contains(item)).collect();
        let new: Vec<&String> = wished.iter().filter(|item| !now.contains(item)).collect();
        if new.iter().any(|item| item.contains(['\n', '\r'])) {
            return Err(Reason::LineBreak);
        }
        let names = |item: &String| listed.iter().flatten().any(|listed| listed.names(item));
        if !gone.iter().all(|item| names(item)) {
            return Err(Reason::Ambiguous);
        }
        // A task goes to those that come first, words go to what stands in the way.
        let is_key =
            |item: &str| keys::is_key(item) || self.draft.tasks.iter().any(|task| task.key.as_str() == item);
        let mut added: [Vec<String>; 2] = [Vec::new(), Vec::new()];
        for item in new {
            let side = match (&listed[0], &listed[1]) {
                (Some(_), Some(_)) => usize::from(!is_key(item)),
                (Some(_), None) => 0,
                (None, _) => 1,
            };
            added[side].push(self.called(item));
        }
        let [first, second] = added;
        let rewritten = |at: usize, added: Vec<String>| match (&listed[at], &sides[at]) {
            (Some(listed), Some((_, text, column))) => listed.with(text, &gone, added, column.is_some()),
            _ => Ok(None),
        };
        Ok([rewritten(0, first)?, rewritten(1, second)?])
    }

    /// What a task is called in lists: its key where an author gave it, else its title.
    fn called(&self, item: &str) -> String {
        let task = self.draft.tasks.iter().find(|task| task.key.as_str() == item);
        match task.filter(|task| task.key_generated) {
            Some(task) => task.title.clone(),
            None => item.to_owned(),
        }
    }

    /// Takes a list apart the way it was read.
    fn listed(&self, text: &str, blockers: bool) -> Listed {
        if is_empty(text) {
            return Listed { pieces: Vec::new() };
        }
        let list = keys::list(text);
        let sentence = list.words.iter().any(|(word, _)| word.split(' ').count() > 6) || list.words.len() > 6;
        let task = |words: &str| known(&self.names, &plain(words)).map(|at| &self.draft.tasks[at].key);
        let unknown = list.words.iter().any(|(words, _)| task(words).is_none());
        let whole = || Listed { pieces: vec![(0..text.len(), vec![plain(text).into_owned()])] };
        if blockers && (sentence || unknown) {
            return whole();
        }
        let mut pieces: Vec<(Range<usize>, Vec<String>)> = Vec::new();
        let keys = list.keys.into_iter().map(|(key, place)| (place, Some(key.into_owned())));
        let words =
            list.words.into_iter().map(|(words, place)| (place, task(words).map(ToString::to_string)));
        let mut found: Vec<(Range<usize>, Option<String>)> = keys.chain(words).collect();
        found.sort_by_key(|(place, _)| place.start);
        for (place, name) in found {
            match pieces.last_mut() {
                Some((last, named)) if last.start == place.start => named.extend(name),
                _ => pieces.push((place, name.into_iter().collect())),
            }
        }
        Listed { pieces }
    }
}

impl Listed {
    fn names(&self, item: &str) -> bool {
        self.pieces.iter().any(|(_, names)| names.iter().any(|name| name == item))
    }

    /// The list without some items and with others; nothing where that is the list as it is.
    fn with(
        &self,
        text: &str,
        gone: &[&String],
        added: Vec<String>,
        in_cell: bool,
    ) -> Result<Option<String>, Reason> {
        let leaves = |names: &Vec<String>| names.iter().filter(|name| gone.contains(name)).count();
        // `7.1–7.3` cannot lose 7.2 without being written anew.
        if self.pieces.iter().any(|(_, names)| leaves(names) > 0 && leaves(names) < names.len()) {
            return Err(Reason::Ambiguous);
        }
        let kept: Vec<usize> = (0..self.pieces.len()).filter(|at| leaves(&self.pieces[*at].1) == 0).collect();
        if kept.len() == self.pieces.len() && added.is_empty() {
            return Ok(None);
        }
        let added = added.into_iter().map(|item| if in_cell { item.replace('|', "\\|") } else { item });
        let Some((first, last)) = kept.first().zip(kept.last()) else {
            return Ok(Some(added.collect::<Vec<_>>().join(", ")));
        };
        let between = match &self.pieces[..] {
            [(one, _), (two, _), ..] => text.get(one.end..two.start).filter(|mark| !mark.contains("and")),
            _ => None,
        };
        let between = between.unwrap_or(", ");
        let piece = |at: &usize| &text[self.start_of(text, *at)..self.end_of(text, *at)];
        let mut out = String::new();
        if kept.len() == self.pieces.len() {
            out.push_str(text);
        } else if last - first + 1 == kept.len() {
            out.push_str(&text[self.start_of(text, *first)..self.end_of(text, *last)]);
        } else {
            out.push_str(&kept.iter().map(piece).collect::<Vec<_>>().join(between));
        }
        for item in added {
            out.push_str(between);
            out.push_str(&item);
        }
        Ok(Some(out))
    }

    /// Where a piece begins, with the emphasis around it.
    fn start_of(&self, text: &str, at: usize) -> usize {
        let start = self.pieces[at].0.start;
        let before = &text[..start];
        start - (before.len() - before.trim_end_matches(['`', '*', '#', '(']).len())
    }

    fn end_of(&self, text: &str, at: usize) -> usize {
        let end = self.pieces[at].0.end;
        let limit = self.pieces.get(at + 1).map_or(text.len(), |(next, _)| next.start);
        let after = &text[end..limit];
        let stop = after.find([',', ';', '&', '+']).or_else(|| after.find(" and ")).unwrap_or(after.len());
        end + after[..stop].trim_end().len()
    }
}
