//! Roots: what words of one meaning share across parts of speech, so that a sentence can be found in a
//! plan that says it otherwise. "Insured" and "insurance" have one root, "price" and "cost" mean the same.
//! Coarser than stems, and never used to tell measures apart.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;

use super::meanings::same_as;
use super::silent::says_nothing;
use super::tokens::{Kind, Token};
use super::vocabulary::{ByNumber, Word};
use super::words::{List, Words};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A root, by its number.
pub(crate) type Root = u32;

/// The roots that were met.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    numbers: RefCell<HashMap<Box<str>, Root>>,
    by_word: RefCell<ByNumber<u64, Option<Root>>>,
    /// The roots of words that are no tokens, by their numbers.
    named: RefCell<ByNumber<u32, Root>>,
}

impl Roots {
    /// The root of a token; none where it is no word, or one that says nothing by itself.
    pub(crate) fn of(&self, token: &Token) -> Option<Root> {
        match token.kind {
            Kind::Word if !token.is_of(List::Empty) => self.of_word(&token.text, &token.stem),
            Kind::Key(task) => Some(self.number(&format!("§{task}"))),
            Kind::Opaque if token.text.contains(char::is_alphabetic) && token.text.len() > 2 => {
                Some(self.number(&token.text))
            }
            Kind::Date(date) => Some(self.number(MONTHS[usize::from(date.month().unsigned_abs()) - 1])),
            _ => None,
        }
    }

    /// The key that a token is, if it is one.
    pub(crate) fn key(&self, token: &Token) -> Option<Root> {
        match token.kind {
            Kind::Key(_) | Kind::Opaque => self.of(token),
            Kind::Word if token.text.len() <= 4 && token.text.ends_with(|c: char| c.is_ascii_digit()) => {
                self.of(token)
            }
            _ => None,
        }
    }

    fn of_word(&self, text: &Word, stem: &Word) -> Option<Root> {
        // "Rolling back" has the stem of "rollback" there, and its own elsewhere.
        let number = (text.number() as u64) << 32 | stem.number() as u64;
        if let Some(known) = self.by_word.borrow().get(&number) {
            return *known;
        }
        let silent = says_nothing(text) || text.len() == 1;
        let root = (!silent).then(|| self.number(&root(text, stem)));
        self.by_word.borrow_mut().insert(number, root);
        root
    }

    fn number(&self, root: &str) -> Root {
        let mut numbers = self.numbers.borrow_mut();
        if let Some(known) = numbers.get(root) {
            return *known;
        }
        let number = numbers.len() as Root;
        numbers.insert(root.into(), number);
        number
    }

    /// The root of a word that is no token.
    pub(crate) fn named(&self, word: &Word) -> Root {
        let number = word.number() as u32;
        let known = self.named.borrow().get(&number).copied();
        known.unwrap_or_else(|| {
            let found = self.written(word);
            self.named.borrow_mut().insert(number, found);
            found
        })
    }

    /// The root of a word as it is written here.
    pub(crate) fn written(&self, word: &str) -> Root {
        self.number(&root(word, &super::stems::stem(word)))
    }

    /// The roots of some tokens, each once. "Phase 2" and "the second phase" have one more, of their own.
    pub(crate) fn all<T: Borrow<Token>>(&self, tokens: &[T]) -> Vec<Root> {
        let mut found = Vec::with_capacity(tokens.len());
        for (at, token) in tokens.iter().enumerate() {
            let own = self.of(token.borrow()).into_iter();
            for root in own.chain(numbered(tokens, at).map(|name| self.number(&name))) {
                if !found.contains(&root) {
                    found.push(root);
                }
            }
        }
        found
    }
}

impl Roots {
    /// The roots of some tokens, and of their numbers: "nine robots" are not three.
    pub(crate) fn with_numbers<T: Borrow<Token>>(&self, tokens: &[T]) -> Vec<Root> {
        let mut found = self.all(tokens);
        let numbers = tokens.iter().filter_map(|token| token.borrow().number());
        for value in numbers.filter(|value| value.fract() == 0.0 && *value > 1.0) {
            let root = self.number(&format!("={value}"));
            if !found.contains(&root) {
                found.push(root);
            }
        }
        found
    }
}

/// "phase 2", "gate B", "the second stage": what a numbered thing is called, whichever way.
fn numbered<T: Borrow<Token>>(tokens: &[T], at: usize) -> Option<String> {
    const NOUNS: Words<'_> = Words::of(&[
        "phase",
        "stage",
        "gate",
        "milestone",
        "step",
        "wave",
        "sprint",
        "package",
        "part",
        "round",
        "lot",
    ]);
    const NTH: &[&str] =
        &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    let noun = tokens.get(at).map(Borrow::borrow).filter(|token| token.is_in(NOUNS))?;
    let before = at.checked_sub(1).map(|before| tokens[before].borrow());
    let nth = before.and_then(|before| NTH.iter().position(|nth| before.is(nth))).map(|place| place + 1);
    let behind = || {
        let next = tokens.get(at + 1)?.borrow();
        let letter = || match next.text.as_bytes() {
            [letter @ b'a'..=b'h']
                if next.is_word() && !next.is("a") || next.is("a") && at + 2 == tokens.len() =>
            {
                Some(usize::from(letter - b'a') + 1)
            }
            _ => None,
        };
        match next.kind {
            Kind::Number(value, 0) if (1.0..50.0).contains(&value) => Some(value as usize),
            _ => next.text.parse::<usize>().ok().or_else(letter),
        }
    };
    nth.or_else(behind).map(|number| format!("{}#{number}", &*noun.text))
}

/// The root of a word with its stem.
pub(super) fn root(word: &str, stem: &str) -> String {
    // A compound of two words is known by its stem alone.
    if !stem.is_empty() && stem.chars().next() == word.chars().next() && stem.len() > word.len() + 1 {
        return plain(stem);
    }
    if let Some(same) = same_as(word).or_else(|| same_as(stem)) {
        return same.to_owned();
    }
    let plain = plain(stem);
    same_as(&plain).map_or(plain, str::to_owned)
}

/// A stem without the endings that make one part of speech of another.
fn plain(stem: &str) -> String {
    const ENDINGS: &[&str] = &[
        "isation", "ization", "ational", "ations", "ation", "ition", "ment", "ance", "ence", "ancy", "ency",
        "icat", "anc", "enc", "iv", "abl", "ibl", "ag", "ness", "ally", "ical", "able", "ible", "ful", "ive",
        "ing", "ion", "ure", "age", "ity", "ery", "ory", "ary", "ist", "ial", "ed", "er", "or", "al", "ic",
        "ly", "y", "e",
    ];
    if !stem.is_ascii() {
        return stem.to_owned();
    }
    let mut plain = stem;
    for _ in 0..2 {
        let shorter =
            ENDINGS.iter().find_map(|ending| plain.strip_suffix(ending).filter(|rest| rest.len() >= 4));
        match shorter {
            Some(shorter) => plain = shorter,
            None => break,
        }
    }
    // "Retried" is of "retry".
    let plain = plain.strip_suffix('i').filter(|rest| rest.len() >= 4).unwrap_or(plain);
    let bytes = plain.as_bytes();
    let doubled = bytes.len() > 4 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2];
    if doubled { plain[..plain.len() - 1].to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> String {
        root(word, &super::super::stems::stem(word))
    }

    #[test]
    fn words_of_one_meaning_share_a_root() {
        for family in [
            &["insured", "insurance"][..],
            &["price", "spending", "cost"],
            &["delivered", "delivery", "delivers"],
            &["relocation", "moved"],
            &["certificate", "certification"],
            &["complaint", "complained"],
            &["inspector", "inspection", "inspected"],
        ] {
            assert!(
                family.iter().all(|word| of(word) == of(family[0])),
                "{:?}",
                family.iter().map(|word| of(word)).collect::<Vec<_>>()
            );
        }
        assert_ne!(of("gas"), of("lift"));
    }
}
