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
pub(crate) fn says_one(tokens: &[Token], phrases: &[&str]) -> bool {
    if tokens.is_empty() {
        return false;
    }
    let first = Marks::of(phrases.iter().map(|phrase| first_word(phrase)));
    (0..tokens.len()).any(|at| {
        first.may_have(&tokens[at]) && phrases.iter().any(|phrase| phrase_at(tokens, at, phrase).is_some())
    })
}

fn first_word(phrase: &str) -> &str {
    &phrase[..phrase.bytes().position(|byte| byte == b' ').unwrap_or(phrase.len())]
}

/// Whether any of some words stands in some tokens.
pub(crate) fn says_any(tokens: &[Token], words: &[&str]) -> bool {
    if tokens.is_empty() {
        return false;
    }
    let marks = Marks::of(words.iter().copied());
    tokens.iter().any(|token| marks.may_have(token) && token.is_any(words))
}

/// Whether any word of a list stands in some tokens.
pub(crate) fn says_of(tokens: &[Token], list: List) -> bool {
    tokens.iter().any(|token| token.is_of(list))
}
