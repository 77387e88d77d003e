//! Figures told against what they were before: "a third of what it was", "half its former size",
//! "halved", "one in fifty". Each is turned into a percentage that can be held against something.

use std::ops::Range;

use super::amounts::{Amount, Limit};
use super::clauses::divides;
use super::figures::Sense;
use super::numbers::Unit;
use super::tokens::{Kind, Token};
use super::words::{List, Words, phrase_at};

/// Words for what was before.
const FORMER: Words<'_> = Words::of(&[
    "original", "former", "previous", "earlier", "old", "initial", "baseline", "starting", "past",
]);

/// Nouns of amount: half of one is half of what it was.
const AMOUNTS: Words<'_> = Words::of(&[
    "size",
    "weight",
    "time",
    "count",
    "number",
    "figure",
    "value",
    "level",
    "duration",
    "length",
    "amount",
    "volume",
    "footprint",
    "total",
    "rate",
    "cost",
    "latency",
    "speed",
]);

/// Words that say of what a noun names how it was: "what it was", "the time it used to take".
const WAS: &[&str] = &[
    "it was",
    "they were",
    "it had",
    "they had",
    "it used",
    "they used",
    "it took",
    "they took",
    "it began",
    "they began",
    "it started",
    "they started",
    "we had",
    "we began",
    "we started",
    "was before",
    "were before",
    "there was",
    "there were",
    "there used",
];

/// "Halved", "doubled": a change told in one word, with how much it is.
pub(super) fn in_one_word(token: &Token) -> Option<(f64, Sense)> {
    if !token.is_word() {
        return None;
    }
    Some(match &*token.text {
        "halved" | "halves" | "halving" => (50.0, Sense::Down),
        "quartered" => (75.0, Sense::Down),
        "doubled" | "doubling" => (100.0, Sense::Up),
        "tripled" | "trebled" => (200.0, Sense::Up),
        "quadrupled" => (300.0, Sense::Up),
        _ => return None,
    })
}

/// Turns a share of what was into the change it makes; gives where the words for it end.
pub(super) fn of_former(tokens: &[Token], sentence: &Range<usize>, end: usize) -> Option<usize> {
    let stretch = &tokens[end.min(sentence.end)..sentence.end.min(end + 9)];
    let upto = (0..stretch.len())
        .find(|at| stretch[*at].is_sign(',') || stretch[*at].number().is_some() || divides(stretch, *at))
        .unwrap_or(stretch.len());
    let stretch = &stretch[..upto];
    let first = stretch.first()?;
    let was = |from: usize| {
        WAS.iter().find_map(|phrase| {
            (from..stretch.len()).find_map(|at| Some(at + phrase_at(stretch, at, phrase)?))
        })
    };
    let former = |at: usize| {
        let word = stretch.get(at).filter(|word| word.is_in(FORMER))?;
        let noun = stretch.get(at + 1).is_some_and(|next| next.is_in(AMOUNTS));
        (noun || word.is("baseline")).then_some(at + 1 + usize::from(noun))
    };
    let determined =
        |at: usize| stretch.get(at).is_some_and(|word| word.is_any(&["the", "its", "their", "our"]));
    let found = if first.is("of") && stretch.get(1).is_some_and(|next| next.is_any(&["what", "where"])) {
        was(2)
    } else if first.is("of") && determined(1) {
        // "four fifths of the time they used to need"
        former(2).or_else(|| {
            let noun = stretch.get(2).is_some_and(|next| next.is_in(AMOUNTS));
            was(3).filter(|_| noun)
        })
    } else if determined(0) {
        // "half the time it used to take", "half its former size"
        former(1).or_else(|| {
            let noun = stretch.get(1).is_some_and(|next| next.is_in(AMOUNTS));
            was(2).filter(|_| noun)
        })
    } else if first.is("as") {
        // "half as many as before"
        let second = (2..stretch.len().min(5)).find(|at| stretch[*at].is("as"))?;
        let back = stretch.get(second + 1).filter(|next| next.is_any(&["before", "originally", "initially"]));
        back.map(|_| second + 2).or_else(|| was(second + 1))
    } else {
        None
    };
    found.map(|length| end + length)
}

/// A share of what was, as the change that leads there: a third of it is two thirds less.
pub(super) fn turn(amount: &mut Amount) {
    let left = amount.value;
    amount.change = Some(if left <= 100.0 { Sense::Down } else { Sense::Up });
    if left <= 100.0 {
        amount.value = 100.0 - left;
        amount.bound = match amount.bound {
            Limit::Below => Limit::Above,
            Limit::AtMost => Limit::AtLeast,
            Limit::Above => Limit::Below,
            Limit::AtLeast => Limit::AtMost,
            Limit::Exact => Limit::Exact,
        };
    } else {
        amount.value = left - 100.0;
    }
}

/// "One in fifty payments", "one payment in a hundred": how many of a hundred, and where it ends.
/// What follows must not be another noun, or the second number counts that.
pub(super) fn one_in(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Option<(f64, usize)> {
    let token = |place: usize| tokens.get(place).filter(|_| place < sentence.end);
    let part = token(at)?.number().filter(|part| (1.0..100.0).contains(part))?;
    let spelled =
        |place: usize| token(place).is_some_and(|token| token.text.chars().all(char::is_alphabetic));
    let beside = token(at + 1)?.is("in");
    let joint = if beside { at + 1 } else { at + 2 };
    if !token(joint)?.is("in") {
        return None;
    }
    let whole = token(joint + 1)?.number().filter(|whole| *whole > part && *whole >= 5.0)?;
    // "5 in 1,000": in digits, a share is one of a round number.
    let round = beside && matches!(whole as u64, 100 | 1_000 | 10_000 | 100_000 | 1_000_000);
    // "One row in 250"
    let one = part == 1.0 && spelled(at) && whole >= 10.0;
    if !round && !one && (!spelled(at) || !spelled(joint + 1)) {
        return None;
    }
    let end = joint + 2;
    let ends = |token: &Token| {
        !token.is_word()
            || token.is_of(List::Empty)
            || token.stem == "fail"
            || token.stem == "pass"
            || token
                .is_any(&["hit", "saw", "got", "gave", "threw", "shows", "showed", "ended", "ran", "came"])
    };
    // "one in fifty payments" has its noun behind, "one payment in fifty" before.
    // "One loaf in fifteen goes into the bin": what is one has no other noun behind.
    let timed =
        token(end).is_some_and(|next| matches!(super::numbers::unit(&next.text), Some((Unit::Seconds, _))));
    let closed = if one && !spelled(joint + 1) {
        token(end).is_none_or(ends)
    } else {
        beside || token(end).is_none_or(ends) || part == 1.0 && !timed
    };
    let dated = token(joint + 1).is_some_and(|token| matches!(token.kind, Kind::Date(_)));
    (closed && !dated).then_some((part / whole * 100.0, end))
}

/// "A tenth of the forty swabs", "60 % of the 320 merchants": how many that is, of how many, and where it
/// ends.
pub(super) fn of_number(
    tokens: &[Token],
    sentence: &Range<usize>,
    end: usize,
    percent: f64,
) -> Option<(f64, f64, usize)> {
    let token = |place: usize| tokens.get(place).filter(|_| place < sentence.end);
    if !token(end)?.is("of") {
        return None;
    }
    let mut at = end + 1;
    while token(at)?.is_any(&["the", "our", "all", "these", "those", "its", "original", "initial"]) {
        at += 1;
    }
    let whole = token(at)?.number().filter(|whole| *whole >= 2.0)?;
    // What is counted is things: a share of 40 minutes is a length of time.
    let counted = token(at + 1)?.is_word() && super::numbers::unit(&token(at + 1)?.text).is_none();
    counted.then_some((whole * percent / 100.0, whole, at + 1))
}

/// Whether an amount may be a share of what was.
pub(super) fn is_share(amount: &Amount) -> bool {
    amount.unit == Unit::Percent && amount.second.is_none() && !amount.signed && amount.value > 0.0
}
