//! Numbers in words, dates in words, and the units that follow numbers.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

use jiff::civil::Date;
use model::diagnostic::Span;

use super::tokens::{Kind, Lexer, Token};
use super::vocabulary::Spread;
use super::words::{List, Words, says_of};

/// What a number is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Unit {
    /// Things.
    Count,
    Percent,
    /// Percentage points.
    Points,
    /// Seconds.
    Seconds,
    Bytes,
    Metres,
    /// "1.4×".
    Times,
    Money,
}

/// The unit words with the unit and how many of it one is.
const UNITS: &[(&str, Unit, f64)] = &[
    ("%", Unit::Percent, 1.0),
    ("percent", Unit::Percent, 1.0),
    ("pct", Unit::Percent, 1.0),
    ("pp", Unit::Points, 1.0),
    ("ms", Unit::Seconds, 0.001),
    ("msec", Unit::Seconds, 0.001),
    ("millisecond", Unit::Seconds, 0.001),
    ("milliseconds", Unit::Seconds, 0.001),
    ("µs", Unit::Seconds, 1e-6),
    ("us", Unit::Seconds, 1e-6),
    ("microseconds", Unit::Seconds, 1e-6),
    ("s", Unit::Seconds, 1.0),
    ("sec", Unit::Seconds, 1.0),
    ("secs", Unit::Seconds, 1.0),
    ("second", Unit::Seconds, 1.0),
    ("seconds", Unit::Seconds, 1.0),
    ("m", Unit::Seconds, 60.0),
    ("min", Unit::Seconds, 60.0),
    ("mins", Unit::Seconds, 60.0),
    ("minute", Unit::Seconds, 60.0),
    ("minutes", Unit::Seconds, 60.0),
    ("h", Unit::Seconds, 3600.0),
    ("hr", Unit::Seconds, 3600.0),
    ("hrs", Unit::Seconds, 3600.0),
    ("hour", Unit::Seconds, 3600.0),
    ("hours", Unit::Seconds, 3600.0),
    ("d", Unit::Seconds, 86400.0),
    ("day", Unit::Seconds, 86400.0),
    ("days", Unit::Seconds, 86400.0),
    ("week", Unit::Seconds, 604_800.0),
    ("weeks", Unit::Seconds, 604_800.0),
    ("b", Unit::Bytes, 1.0),
    ("byte", Unit::Bytes, 1.0),
    ("bytes", Unit::Bytes, 1.0),
    ("kb", Unit::Bytes, 1e3),
    ("mb", Unit::Bytes, 1e6),
    ("gb", Unit::Bytes, 1e9),
    ("tb", Unit::Bytes, 1e12),
    ("kib", Unit::Bytes, 1024.0),
    ("mib", Unit::Bytes, 1_048_576.0),
    ("gib", Unit::Bytes, 1_073_741_824.0),
    ("megabytes", Unit::Bytes, 1e6),
    ("gigabytes", Unit::Bytes, 1e9),
    ("kilobytes", Unit::Bytes, 1e3),
    ("terabytes", Unit::Bytes, 1e12),
    ("km", Unit::Metres, 1e3),
    ("kilometre", Unit::Metres, 1e3),
    ("kilometres", Unit::Metres, 1e3),
    ("kilometer", Unit::Metres, 1e3),
    ("kilometers", Unit::Metres, 1e3),
    ("metre", Unit::Metres, 1.0),
    ("metres", Unit::Metres, 1.0),
    ("meter", Unit::Metres, 1.0),
    ("meters", Unit::Metres, 1.0),
    ("mm", Unit::Metres, 1e-3),
    ("cm", Unit::Metres, 1e-2),
    ("eur", Unit::Money, 1.0),
    ("euro", Unit::Money, 1.0),
    ("euros", Unit::Money, 1.0),
    ("usd", Unit::Money, 1.0),
    ("dollar", Unit::Money, 1.0),
    ("dollars", Unit::Money, 1.0),
    ("gbp", Unit::Money, 1.0),
    ("chf", Unit::Money, 1.0),
    ("pound", Unit::Money, 1.0),
    ("pounds", Unit::Money, 1.0),
    ("kroner", Unit::Money, 1.0),
    ("krone", Unit::Money, 1.0),
    ("kronor", Unit::Money, 1.0),
    ("sek", Unit::Money, 1.0),
    ("nok", Unit::Money, 1.0),
    ("dkk", Unit::Money, 1.0),
    ("francs", Unit::Money, 1.0),
    ("yen", Unit::Money, 1.0),
    ("rupees", Unit::Money, 1.0),
    ("zloty", Unit::Money, 1.0),
    ("cents", Unit::Money, 0.01),
    ("x", Unit::Times, 1.0),
    ("×", Unit::Times, 1.0),
    ("fold", Unit::Times, 1.0),
];

/// The unit a word names.
pub(crate) fn unit(word: &str) -> Option<(Unit, f64)> {
    static BY_WORD: LazyLock<HashMap<&str, (Unit, f64), BuildHasherDefault<Spread>>> =
        LazyLock::new(|| UNITS.iter().map(|(name, unit, factor)| (*name, (*unit, *factor))).collect());
    BY_WORD.get(word).copied()
}

/// Whether a text begins with a unit, as a whole word.
pub(crate) fn begins_with_unit(text: &str) -> bool {
    if text.starts_with(['%', '×']) {
        return true;
    }
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    end > 0 && unit(&text[..end].to_lowercase()).is_some()
}

const ONES: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

fn small(word: &str) -> Option<f64> {
    let ones = ONES.iter().position(|known| *known == word).map(|value| value as f64);
    ones.or_else(|| tens(word))
}

fn tens(word: &str) -> Option<f64> {
    TENS.iter().position(|known| *known == word).map(|place| (place as f64 + 2.0) * 10.0)
}

/// Parts of a whole: "a third", "two thirds", "half".
fn part(word: &str) -> Option<f64> {
    Some(match word {
        "half" | "halves" => 1.0 / 2.0,
        "third" | "thirds" => 1.0 / 3.0,
        "quarter" | "quarters" => 1.0 / 4.0,
        "fifth" | "fifths" => 1.0 / 5.0,
        "sixth" | "sixths" => 1.0 / 6.0,
        "seventh" | "sevenths" => 1.0 / 7.0,
        "eighth" | "eighths" => 1.0 / 8.0,
        "tenth" | "tenths" => 1.0 / 10.0,
        _ => return None,
    })
}

/// Makes one number of the words that spell one, and of "a third" a percentage.
pub(crate) fn join_words(tokens: &mut Vec<Token>, lexer: &Lexer) {
    if !says_of(tokens, List::Counts) {
        return;
    }
    let old = std::mem::take(tokens);
    let mut at = 0;
    while at < old.len() {
        if let Some((value, length)) = one_unit(&old, at) {
            let filled = usize::from(length == 3);
            let (first, unit) = (&old[at], &old[at + 1 + filled]);
            let number = Token::other(Kind::Number(value, 2), first.text.clone(), lexer.word(""), first.span);
            tokens.push(Token { spaced: first.spaced, fresh: first.fresh, ..number });
            let end = old[at + length - 1].span.end;
            tokens.push(Token { span: Span { start: unit.span.start, end }, ..unit.clone() });
            at += length;
            continue;
        }
        let joined = thousands(&old, at)
            .or_else(|| part_of_whole(&old, at, tokens.last()))
            .or_else(|| spelled(&old, at, tokens.last()));
        let plain = || old[at].number().map(|value| (value, 0, 1, false));
        let joined = joined.or_else(|| plain().filter(|_| and_part(&old, at + 1).is_some())).map(
            |(value, decimals, length, is_part)| match and_part(&old, at + length) {
                Some((more, decimals, longer)) if !is_part => {
                    (value + more, decimals, length + longer, false)
                }
                _ => (value, decimals, length, is_part),
            },
        );
        if let Some((value, decimals, length, is_part)) = joined {
            let span = Span { start: old[at].span.start, end: old[at + length - 1].span.end };
            let spaced = old[at].spaced;
            let kind = Kind::Number(value, decimals);
            let text = old[at].text.clone();
            let fresh = old[at].fresh;
            let number = Token::other(kind, text, lexer.word(""), span);
            tokens.push(Token { spaced, fresh, ..number });
            if is_part {
                tokens.push(Token::other(Kind::Sign('%'), lexer.word("%"), lexer.word(""), span));
            }
            at += length;
        } else {
            tokens.push(old[at].clone());
            at += 1;
        }
    }
}

pub(super) fn may_count(word: &str) -> bool {
    small(word).is_some()
        || part(word).is_some()
        || matches!(word, "dozen" | "hundred" | "thousand" | "million" | "minute" | "hour")
}

/// "Eleven and a half minutes", "three and three quarters": the part behind a number, its decimals and how
/// many tokens say it.
fn and_part(tokens: &[Token], from: usize) -> Option<(f64, u8, usize)> {
    let word = |place: usize| tokens.get(place).filter(|token| token.is_word());
    word(from).filter(|token| token.is("and"))?;
    let count = word(from + 1)?;
    let share = part(&word(from + 2)?.text)?;
    let decimals = if share == 0.5 { 1 } else { 2 };
    match &*count.text {
        "a" => Some((share, decimals, 3)),
        count => {
            let several = small(count).filter(|several| (2.0..10.0).contains(several))?;
            (several * share < 1.0).then_some((several * share, decimals, 3))
        }
    }
}

/// "In a minute", "took an hour and a quarter": one of a unit, with how many tokens say it.
fn one_unit(tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let word = |place: usize| tokens.get(place).filter(|token| token.is_word());
    let before = at.checked_sub(1).and_then(word)?;
    let takes = before.is_any(&[
        "in", "within", "after", "for", "take", "takes", "took", "need", "needs", "needed", "lasts",
        "lasted", "than", "about", "exactly", "under", "over",
    ]);
    let unit = |token: &Token| token.is_any(&["minute", "hour", "day", "week"]);
    let article = word(at)?.is_any(&["a", "an"]);
    // "a full minute"
    if article && takes && word(at + 1)?.is_any(&["full", "whole", "entire"]) && unit(word(at + 2)?) {
        return Some((1.0, 3));
    }
    let timed = article && unit(word(at + 1)?);
    // "Cost the reviewer a day and a half": with a part behind it, it is an amount after any word.
    if !timed || !takes && and_part(tokens, at + 2).is_none() {
        return None;
    }
    let more =
        word(at + 2).filter(|next| next.is("and")).and_then(|_| word(at + 3)).filter(|next| next.is("a"));
    let share = more.and_then(|_| part(&word(at + 4)?.text));
    // "a minute and three quarters"
    let several = word(at + 2).filter(|next| next.is("and")).and_then(|_| small(&word(at + 3)?.text));
    if let Some(several) = several.filter(|several| *several < 10.0)
        && let Some(share) = word(at + 4).and_then(|next| part(&next.text))
    {
        return Some((1.0 + several * share, 5));
    }
    let later = word(at + 2).is_some_and(|next| next.is_any(&["ago", "later", "before", "after"]));
    match share {
        Some(share) => Some((1.0 + share, 5)),
        None => (!later).then_some((1.0, 2)),
    }
}

/// "12.4 million".
fn thousands(tokens: &[Token], at: usize) -> Option<(f64, u8, usize, bool)> {
    let Kind::Number(value, _) = tokens[at].kind else { return None };
    let scale = match &*tokens.get(at + 1).filter(|next| next.is_word())?.text {
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        _ => return None,
    };
    Some((value * scale, 0, 2, false))
}

/// "a third", "two thirds", "half", "three quarters" as (percent, decimals, length, true).
fn part_of_whole(tokens: &[Token], at: usize, before: Option<&Token>) -> Option<(f64, u8, usize, bool)> {
    let word = |place: usize| tokens.get(place).filter(|token| token.is_word()).map(|token| &*token.text);
    let hyphen = |place: usize| tokens.get(place).is_some_and(|token| token.is_sign('-'));
    let first = word(at)?;
    let dozen_next = |place: usize| word(place) == Some("a") && word(place + 1) == Some("dozen");
    let unit_next = |place: usize| word(place).and_then(unit).is_some();
    if first == "half" && matches!(word(at + 1), Some("a" | "an")) && unit_next(at + 2) {
        return Some((0.5, 1, 2, false));
    }
    // "its half-hour limit"
    if first == "half" && hyphen(at + 1) && unit_next(at + 2) {
        return Some((0.5, 1, 1, false));
    }
    // "has lost half its weight", "half of what it was", "half as many as before"
    let shared = first == "half"
        && (matches!(word(at + 1), Some("as"))
            || word(at + 1) == Some("of") && matches!(word(at + 2), Some("the" | "our" | "all" | "these"))
            || word(at + 1) == Some("of") && matches!(word(at + 2), Some("what"))
            || before.is_some_and(|before| before.is_any(&["lost", "lose", "loses", "shed", "halfway"]))
                && matches!(word(at + 1), Some("of" | "its" | "their" | "the"))
            || matches!(word(at + 1), Some("its" | "the" | "their"))
                && (at + 2..at + 6).any(|place| {
                    matches!(word(place), Some("former" | "original" | "used" | "previous" | "was" | "were"))
                }));
    if shared {
        return Some((50.0, 0, 1, true));
    }
    if first == "half"
        && !dozen_next(at + 1)
        && before.is_some_and(|before| {
            before.is_any(&[
                "by", "in", "to", "only", "about", "roughly", "nearly", "almost", "over", "than", "least",
                "most", "exactly",
            ])
        })
    {
        return Some((50.0, 0, 1, true));
    }
    let (count, next) = match first {
        "a" | "one" => (1.0, at + 1),
        _ => (small(first).filter(|count| (2.0..10.0).contains(count))?, at + 1),
    };
    let next = if hyphen(next) { next + 1 } else { next };
    let share = part(word(next)?)?;
    // "a quarter of an hour" is an amount of its own.
    if word(next + 1) == Some("of") && matches!(word(next + 2), Some("a" | "an")) && unit_next(next + 3) {
        return Some((count * share, 2, next + 3 - at, false));
    }
    let ordinal_use = word(next + 1).is_some_and(|after| {
        matches!(after, "party" | "time" | "phase" | "week" | "round" | "attempt" | "run")
    });
    (!ordinal_use && count * share <= 1.0).then_some((count * share * 100.0, 0, next + 1 - at, true))
}

/// "thirty-four", "one hundred and five", "a dozen", "two thousand".
fn spelled(tokens: &[Token], at: usize, before: Option<&Token>) -> Option<(f64, u8, usize, bool)> {
    let word = |place: usize| tokens.get(place).filter(|token| token.is_word()).map(|token| &*token.text);
    let mut place = at;
    let mut total = 0.0;
    let mut group: Option<f64> = None;
    let first = word(at)?;
    if is_name(tokens, at) {
        return None;
    }
    if first == "half" && word(at + 1) == Some("a") && word(at + 2) == Some("dozen") {
        return Some((6.0, 0, 3, false));
    }
    if matches!(first, "a" | "one")
        && matches!(word(at + 1), Some("dozen" | "hundred" | "thousand" | "million"))
    {
        group = Some(1.0);
        place += 1;
    } else if first == "one" && !is_counted(tokens, at, before) {
        return None;
    }
    while let Some(next) = word(place) {
        match next {
            "dozen" => group = Some(group? * 12.0),
            "hundred" => group = Some(group.unwrap_or(1.0) * 100.0),
            "thousand" => {
                total += group.take().unwrap_or(1.0) * 1e3;
            }
            "million" => {
                total += group.take().unwrap_or(1.0) * 1e6;
            }
            "and"
                if group.is_some_and(|value| value >= 100.0) && word(place + 1).and_then(small).is_some() => {
            }
            _ => {
                let Some(value) = small(next) else { break };
                match group {
                    None => group = Some(value),
                    Some(so_far) if so_far >= 100.0 && so_far % 100.0 == 0.0 => group = Some(so_far + value),
                    Some(so_far)
                        if value < 10.0 && value > 0.0 && so_far % 100.0 >= 20.0 && so_far % 10.0 == 0.0 =>
                    {
                        group = Some(so_far + value);
                    }
                    Some(_) => break,
                }
            }
        }
        place += 1;
        // The hyphen of "thirty-four".
        if tokens.get(place).is_some_and(|token| token.is_sign('-') && !token.spaced)
            && word(place - 1).and_then(tens).is_some()
            && word(place + 1).and_then(small).is_some_and(|value| value < 10.0)
        {
            place += 1;
        }
    }
    let value = total + group.unwrap_or(0.0);
    let any = place > at && (group.is_some() || total > 0.0);
    any.then_some((value, 0, place - at, false))
}

/// "in week one", "at stage two of five": the number is the name of what stands before it.
fn is_name(tokens: &[Token], at: usize) -> bool {
    let word = |back: usize| at.checked_sub(back).and_then(|place| tokens.get(place));
    // "severity-two", but not "twenty-two"
    let glued = !tokens[at].spaced && word(1).is_some_and(|hyphen| hyphen.is_sign('-') && !hyphen.spaced);
    if glued && word(2).is_some_and(names_by_number) {
        return true;
    }
    word(1).is_some_and(|noun| {
        noun.is_any(&[
            "week", "day", "step", "stage", "phase", "round", "wave", "sprint", "chapter", "version",
        ])
    }) && !word(2).is_some_and(|before| {
        before.is_any(&[
            "this", "that", "the", "last", "next", "per", "a", "each", "every", "previous", "first",
        ])
    })
}

/// Whether a number glued to a word by a hyphen is a part of its name.
pub(super) fn names_by_number(word: &Token) -> bool {
    word.is_word() && word.telling && small(&word.text).is_none() && !may_count(&word.text) && !word.is("sub")
}

/// Whether "one" counts something rather than standing for it.
fn is_counted(tokens: &[Token], at: usize, before: Option<&Token>) -> bool {
    const STANDS_FOR: Words<'_> = Words::of(&[
        "this", "that", "the", "no", "each", "every", "any", "which", "first", "last", "next", "cold",
        "warm", "new", "old", "other", "another", "same", "latter", "former", "some", "by", "good",
        "previous",
    ]);
    let next = tokens.get(at + 1);
    !before.is_some_and(|before| before.is_in(STANDS_FOR))
        && next.is_some_and(|next| {
            next.is_word()
                && !next.is_any(&[
                    "another", "by", "can", "should", "must", "day", "is", "was", "who", "which", "that",
                ])
        })
}

const MONTHS: &[&str] = &[
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

pub(super) fn month(word: &str) -> Option<i8> {
    if word.len() < 3 {
        return None;
    }
    let place = MONTHS
        .iter()
        .position(|name| *name == word || (*name != "may" && word.len() <= 4 && name.starts_with(word)))?;
    i8::try_from(place + 1).ok()
}

/// Makes one date of "24 October 2025", "October 24, 2025", "24 Oct". Without a year, the year of the
/// nearest date before is taken, else 2000: such dates are only compared with one another.
pub(crate) fn join_dates(tokens: &mut Vec<Token>, lexer: &Lexer) {
    if !says_of(tokens, List::Month) {
        return;
    }
    let mut at = 0;
    while at < tokens.len() {
        let Some((date, from, length)) = date_at(tokens, at) else {
            at += 1;
            continue;
        };
        let span = Span { start: tokens[from].span.start, end: tokens[from + length - 1].span.end };
        let (spaced, fresh) = (tokens[from].spaced, tokens[from].fresh);
        let date = Token::other(Kind::Date(date), lexer.word("date"), lexer.word(""), span);
        let token = Token { spaced, fresh, ..date };
        tokens.splice(from..from + length, [token]);
        at = from + 1;
    }
}

fn date_at(tokens: &[Token], at: usize) -> Option<(Date, usize, usize)> {
    let month = month(tokens.get(at).filter(|token| token.is_word()).map(|token| &*token.text)?)?;
    let day = |place: usize| -> Option<i8> {
        let token = tokens.get(place)?;
        let digits = token.text.trim_end_matches(char::is_alphabetic);
        let plain = matches!(token.kind, Kind::Number(_, 0) | Kind::Opaque);
        digits.parse().ok().filter(|day| plain && (1..=31).contains(day))
    };
    let year = |place: usize| -> Option<i16> {
        tokens.get(place)?.text.parse().ok().filter(|year| (1990..2200).contains(year))
    };
    let comma = |place: usize| usize::from(tokens.get(place).is_some_and(|token| token.is_sign(',')));
    let (from, number, end) = match at.checked_sub(1).and_then(|before| Some((before, day(before)?))) {
        Some((before, number)) => (before, number, at + 1),
        None => (at, day(at + 1)?, at + 2),
    };
    let gap = comma(end);
    let (year, end) = match year(end + gap) {
        Some(year) => (year, end + gap + 1),
        None => (2000, end),
    };
    Some((Date::new(year, month, number).ok()?, from, end - from))
}
