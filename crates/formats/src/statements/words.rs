//! How the words are looked for that say what a figure or a statement is about: targets, beginnings,
//! hopes, denials.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

pub(crate) use super::lists::{
    ADMITS, ANOTHER_TIME, AT_FIRST, BETTER, EMPTY, GOES_ON, NOT_FACT, PLAIN, REACHED, REMOVED, WANTED,
    WENT_DOWN, WENT_UP, WORSE,
};
use super::lists::{LIMIT, OFFERING, OWNING, TURNS};
use super::tokens::{Marks, Token, mark};
use super::{amounts, numbers};

/// A list of words that is asked for often: which of them a word is in is looked up once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List {
    Empty,
    Wanted,
    NotFact,
    AtFirst,
    AnotherTime,
    Removed,
    WentDown,
    WentUp,
    Better,
    Worse,
    Admits,
    GoesOn,
    Reached,
    Turns,
    /// What it takes for a sentence to own up to falling short.
    Owning,
    /// What it takes for a sentence to say that what was wanted is reached.
    Offering,
    /// What something may lie above, below or inside of.
    Limit,
    /// What a number in words may be made of.
    Counts,
    Month,
    /// What ends a phrase that bounds the number behind it: "at least", "no more than".
    Bounds,
}

/// The lists a word may be in.
const LISTS: &[(List, &[&str])] = &[
    (List::Empty, EMPTY),
    (List::Wanted, WANTED),
    (List::NotFact, NOT_FACT),
    (List::AtFirst, AT_FIRST),
    (List::AnotherTime, ANOTHER_TIME),
    (List::Removed, REMOVED),
    (List::WentDown, WENT_DOWN),
    (List::WentUp, WENT_UP),
    (List::Better, BETTER),
    (List::Worse, WORSE),
    (List::Admits, ADMITS),
    (List::GoesOn, GOES_ON),
    (List::Reached, REACHED),
    (List::Turns, TURNS),
    (List::Owning, ADMITS),
    (List::Owning, GOES_ON),
    (List::Owning, OWNING),
    (List::Offering, OFFERING),
    (List::Limit, WANTED),
    (List::Limit, LIMIT),
];

/// The lists a word is in, as bits.
pub(super) fn lists_of(word: &str) -> u32 {
    static BY_WORD: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
        let mut found: HashMap<&str, u32> = HashMap::new();
        for (list, words) in LISTS {
            for word in *words {
                *found.entry(word).or_default() |= 1 << *list as u32;
            }
        }
        found
    });
    BY_WORD.get(word).copied().unwrap_or_default()
}

/// What a word may be a part of, whatever it means: as bits, like the lists.
pub(super) fn forms_of(word: &str) -> u32 {
    let forms = [
        (List::Counts, numbers::may_count(word)),
        (List::Month, numbers::month(word).is_some()),
        (List::Bounds, amounts::ends_limit(word)),
    ];
    forms.into_iter().filter(|(_, is)| *is).fold(0, |bits, (list, _)| bits | 1 << list as u32)
}

/// Whether a word, with its stem, means something for what is measured.
pub(super) fn is_telling(word: &str, stem: &str) -> bool {
    static SILENT: LazyLock<HashSet<&str>> = LazyLock::new(|| EMPTY.iter().copied().collect());
    static NEUTRAL: LazyLock<HashSet<&str>> = LazyLock::new(|| PLAIN.iter().copied().collect());
    !SILENT.contains(word) && !NEUTRAL.contains(stem)
}

/// Where a phrase ends right before `at`: gives how many tokens it takes.
pub(crate) fn phrase_before(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    let (mut place, mut rest) = (at, phrase);
    loop {
        place = place.checked_sub(1)?;
        let space = rest.bytes().rposition(|byte| byte == b' ');
        if !tokens.get(place)?.is(&rest[space.map_or(0, |space| space + 1)..]) {
            return None;
        }
        match space {
            Some(space) => rest = &rest[..space],
            None => return Some(at - place),
        }
    }
}

/// Whether a phrase begins at `at`: gives how many tokens it takes.
pub(crate) fn phrase_at(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    if !tokens.get(at)?.begins_as(phrase) {
        return None;
    }
    let (mut place, mut rest) = (at, phrase);
    loop {
        let space = rest.bytes().position(|byte| byte == b' ');
        if !tokens.get(place)?.is(&rest[..space.unwrap_or(rest.len())]) {
            return None;
        }
        place += 1;
        match space {
            Some(space) => rest = &rest[space + 1..],
            None => return Some(place - at),
        }
    }
}

/// Whether a phrase stands anywhere in some tokens.
pub(crate) fn says(tokens: &[Token], phrase: &str) -> bool {
    let first = mark(first_word(phrase));
    (0..tokens.len()).any(|at| tokens[at].mark == first && phrase_at(tokens, at, phrase).is_some())
}

/// Whether any of some phrases stands anywhere in some tokens.
#[inline]
pub(crate) fn says_one<'w>(tokens: &[Token], phrases: impl Into<Phrases<'w>>) -> bool {
    !tokens.is_empty() && phrases.into().stand_in(tokens)
}

/// Whether any of some words stands in some tokens.
#[inline]
pub(crate) fn says_any<'w>(tokens: &[Token], words: impl Into<Words<'w>>) -> bool {
    !tokens.is_empty() && words.into().stand_in(tokens)
}

/// The words of a list that is asked for in one place, with their marks gathered by the compiler.
macro_rules! words {
    ($($word:literal),+ $(,)?) => { const { $crate::statements::words::Words::of(&[$($word),+]) } };
}
pub(crate) use words;

/// The same of phrases.
macro_rules! phrases {
    ($($phrase:literal),+ $(,)?) => { const { $crate::statements::words::Phrases::of(&[$($phrase),+]) } };
}
pub(crate) use phrases;

/// Words that are looked for together. As a constant, their marks are gathered once and for all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'w> {
    words: &'w [&'w str],
    marks: Marks,
}

impl<'w> Words<'w> {
    pub(crate) const fn of(words: &'w [&'w str]) -> Self {
        let (mut marks, mut at) = (Marks::none(), 0);
        while at < words.len() {
            marks = marks.with(mark(words[at]));
            at += 1;
        }
        Self { words, marks }
    }

    #[inline]
    pub(crate) fn have(&self, token: &Token) -> bool {
        self.marks.may_have(token) && token.is_any(self.words)
    }

    fn stand_in(&self, tokens: &[Token]) -> bool {
        tokens.iter().any(|token| self.have(token))
    }
}

impl<'w> From<&'w [&'w str]> for Words<'w> {
    fn from(words: &'w [&'w str]) -> Self {
        Self::of(words)
    }
}

impl<'w, const N: usize> From<&'w [&'w str; N]> for Words<'w> {
    #[inline]
    fn from(words: &'w [&'w str; N]) -> Self {
        Self::of(words)
    }
}

/// Phrases that are looked for together, as [`Words`] are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phrases<'w> {
    phrases: &'w [&'w str],
    /// Of the words they begin with.
    marks: Marks,
}

impl<'w> Phrases<'w> {
    pub(crate) const fn of(phrases: &'w [&'w str]) -> Self {
        let (mut marks, mut at) = (Marks::none(), 0);
        while at < phrases.len() {
            marks = marks.with(mark(first_word(phrases[at])));
            at += 1;
        }
        Self { phrases, marks }
    }

    fn stand_in(&self, tokens: &[Token]) -> bool {
        let begins = |at: &usize| self.marks.may_have(&tokens[*at]);
        let stands = |at: usize| self.phrases.iter().any(|phrase| phrase_at(tokens, at, phrase).is_some());
        (0..tokens.len()).filter(begins).any(stands)
    }
}

impl<'w> From<&'w [&'w str]> for Phrases<'w> {
    fn from(phrases: &'w [&'w str]) -> Self {
        Self::of(phrases)
    }
}

impl<'w, const N: usize> From<&'w [&'w str; N]> for Phrases<'w> {
    #[inline]
    fn from(phrases: &'w [&'w str; N]) -> Self {
        Self::of(phrases)
    }
}

const fn first_word(phrase: &str) -> &str {
    let (bytes, mut end) = (phrase.as_bytes(), 0);
    while end < bytes.len() && bytes[end] != b' ' {
        end += 1;
    }
    phrase.split_at(end).0
}

/// Whether any word of a list stands in some tokens.
pub(crate) fn says_of(tokens: &[Token], list: List) -> bool {
    tokens.iter().any(|token| token.is_of(list))
}
