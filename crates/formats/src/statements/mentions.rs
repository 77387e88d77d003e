//! Which tasks of the plan a passage speaks of, by key or by title.

use std::ops::Range;

use super::tokens::{Cut, Kind, Token};
use super::vocabulary::{ByNumber, Word};
use super::words::{List, Words};

/// A task named in a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// Position among the tasks of all plans.
    pub(crate) task: u32,
    /// The tokens that name it.
    pub(crate) at: Range<usize>,
}

/// The words of a title, and its task.
type Title = (Vec<Word>, u32);

/// The tasks by their titles.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    /// By their first two words: those of many plans all begin with one verb.
    by_first: ByNumber<Word, ByNumber<Option<Word>, Vec<Title>>>,
}

impl Titles {
    /// Titles as stems. A title of one word is too easily meant otherwise, unless it is all the
    /// author gave, and then it must stand beside "task" or alone.
    pub(crate) fn new(titles: impl IntoIterator<Item = (u32, Cut)>) -> Self {
        let mut found = Self::default();
        let mut short: Vec<Title> = Vec::new();
        for (task, tokens) in titles {
            let words: Vec<Word> = content(&tokens).map(|token| token.stem.clone()).collect();
            short.extend(shorter(&tokens).into_iter().filter(|short| *short != words).map(|one| (one, task)));
            found.enter(words, task);
        }
        // What two titles may be called by is the name of neither.
        for at in 0..short.len() {
            let (words, task) = &short[at];
            let twice = short.iter().any(|(other, of)| of != task && other == words);
            if !twice && short[..at].iter().all(|(other, _)| other != words) {
                found.enter(words.clone(), *task);
            }
        }
        found
    }

    fn enter(&mut self, words: Vec<Word>, task: u32) {
        let Some(first) = words.first().cloned() else { return };
        let second = words.get(1).cloned();
        self.by_first.entry(first).or_default().entry(second).or_default().push((words, task));
    }

    /// The tasks named in some tokens, in order.
    pub(crate) fn mentions(&self, tokens: &[Token]) -> Vec<Mention> {
        let mut found: Vec<Mention> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let end = match tokens[at].kind {
                Kind::Key(task) => {
                    found.push(Mention { task, at: at..at + 1 });
                    at + 1
                }
                Kind::Word => match self.title_at(tokens, at) {
                    Some((task, end)) => {
                        // "7.3 Code quality" names one task twice.
                        let again =
                            found.last().is_some_and(|last| last.task == task && at - last.at.end <= 2);
                        if again {
                            if let Some(last) = found.last_mut() {
                                last.at.end = end;
                            }
                        } else {
                            found.push(Mention { task, at: at..end });
                        }
                        end
                    }
                    None => at + 1,
                },
                _ => at + 1,
            };
            at = end;
        }
        self.spell_out(tokens, &mut found);
        found
    }

    /// "7.1–7.3", "T-1 to T-4": the tasks between, where the plan has them in that order.
    fn spell_out(&self, tokens: &[Token], found: &mut Vec<Mention>) {
        let mut more = Vec::new();
        for pair in found.windows(2) {
            let between = tokens.get(pair[0].at.end..pair[1].at.start).unwrap_or_default();
            let ranged = matches!(between, [one] if one.is_sign('–') || one.is_sign('-') || one.is_any(&["to", "through"]));
            let (from, to) = (pair[0].task, pair[1].task);
            if ranged && from < to && to - from < 200 {
                more.extend((from + 1..to).map(|task| Mention { task, at: pair[0].at.clone() }));
            }
        }
        found.extend(more);
        found.sort_by_key(|mention| mention.at.start);
    }

    fn title_at(&self, tokens: &[Token], at: usize) -> Option<(u32, usize)> {
        let by_second = self.by_first.get(&tokens[at].stem)?;
        // The words of a title may have others between them that mean nothing.
        let next_word = |mut place: usize| {
            while tokens.get(place).is_some_and(|token| !is_content(token)) && place < at + 24 {
                place += 1;
            }
            place
        };
        let second = next_word(next_word(at) + 1);
        let second = tokens.get(second).and_then(|token| by_second.get(&Some(token.stem.clone())));
        let candidates = by_second.get(&None).into_iter().chain(second).flatten();
        let matched = candidates.filter_map(|(words, task)| {
            let mut place = at;
            for word in words {
                place = next_word(place);
                if tokens.get(place)?.stem != *word {
                    return None;
                }
                place += 1;
            }
            let alone = words.len() > 1
                || (at == 0 && place >= tokens.len())
                || tokens
                    .get(place)
                    .is_some_and(|next| next.is_any(&["task", "work", "step", "item", "stage"]));
            alone.then_some((*task, place, words.len()))
        });
        // The longest title that stands here; of two alike, neither.
        let mut best: Vec<(u32, usize, usize)> = matched.collect();
        best.sort_by_key(|(_, _, length)| std::cmp::Reverse(*length));
        match best.as_slice() {
            [one] => Some((one.0, one.1)),
            [one, next, ..] if one.2 > next.2 => Some((one.0, one.1)),
            _ => None,
        }
    }
}

/// What a title is called for short: without the verb it begins with and without what narrows it. "Convert
/// the label printer dialog" is the label printer dialog, "Mock move with empty beds" the mock move.
fn shorter(tokens: &[Token]) -> Vec<Vec<Word>> {
    let narrows = |token: &Token| {
        matches!(token.kind, Kind::Sign(',' | ':' | '(' | '–' | '—' | ';'))
            || token.is_any(&["with", "for", "in", "on", "from", "by", "to", "over", "and", "at"])
    };
    let words = |tokens: &[Token]| -> Vec<Word> { content(tokens).map(|token| token.stem.clone()).collect() };
    let is_verb = tokens.first().is_some_and(|first| first.is_in(VERBS));
    let body = if is_verb { &tokens[1..] } else { tokens };
    let end = body.iter().position(narrows).unwrap_or(body.len());
    let head = &body[..end];
    let state = head.last().is_some_and(|last| last.is_any(&["done", "finished", "complete", "running"]));
    let head = if state { &head[..head.len() - 1] } else { head };
    let mut found = vec![words(body), words(head)];
    found.retain(|words| (2..=5).contains(&words.len()));
    found.dedup();
    found
}

/// Verbs that titles of tasks begin with.
const VERBS: Words<'_> = Words::of(&[
    "add",
    "adapt",
    "build",
    "change",
    "clean",
    "compress",
    "configure",
    "convert",
    "create",
    "define",
    "delete",
    "deploy",
    "design",
    "document",
    "draft",
    "enable",
    "extend",
    "finish",
    "fix",
    "implement",
    "improve",
    "install",
    "introduce",
    "measure",
    "mend",
    "migrate",
    "move",
    "partition",
    "port",
    "prepare",
    "publish",
    "refactor",
    "release",
    "remove",
    "rename",
    "repair",
    "replace",
    "rewrite",
    "run",
    "set",
    "split",
    "switch",
    "test",
    "train",
    "translate",
    "tune",
    "update",
    "upgrade",
    "validate",
    "verify",
    "wire",
    "write",
]);

fn content(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    tokens.iter().filter(|token| is_content(token))
}

fn is_content(token: &Token) -> bool {
    token.is_word() && !token.is_of(List::Empty)
}
