//! When something is said to be: a day, or a stretch of a month ("mid-April", "the first week of May").

use std::ops::Range;

use jiff::civil::Date;

use crate::statements::tokens::{Kind, Token};
use crate::statements::words::List;

use super::super::date;

/// A day, or the days of a month it may be.
#[derive(Debug, Clone)]
pub(super) struct When {
    /// The year, where it is said.
    year: Option<i16>,
    month: i8,
    days: (i8, i8),
    /// The tokens that say it.
    pub(super) at: Range<usize>,
}

/// So many days around a stretch of a month still count as in it.
const LOOSE: i8 = 2;

impl When {
    pub(super) fn is_day(&self) -> bool {
        self.days.0 == self.days.1
    }

    /// Whether a day may be meant.
    pub(super) fn may_be(&self, day: Date) -> bool {
        // A date without a year has that of 2000.
        let years = self.year.is_none_or(|year| year == day.year()) || day.year() == 2000;
        let loose = if self.is_day() { 0 } else { LOOSE };
        // The day of the year by months of 31 days, so that the first of May is near the end of April.
        let of_year = |month: i8, day: i8| i16::from(month) * 31 + i16::from(day);
        let told = of_year(day.month(), day.day());
        let from = of_year(self.month, self.days.0 - loose);
        let to = of_year(self.month, self.days.1 + loose);
        years && (from..=to).contains(&told)
    }
}

/// Every moment of a sentence.
pub(super) fn whens(tokens: &[Token]) -> Vec<When> {
    let mut found = Vec::new();
    // Each of them has a date or a month in it.
    if !tokens.iter().any(|token| token.is_of(List::Month) || date(token).is_some()) {
        return found;
    }
    let mut at = 0;
    while at < tokens.len() {
        match when_at(tokens, at) {
            Some(when) => {
                at = when.at.end;
                found.push(when);
            }
            None => at += 1,
        }
    }
    found
}

fn when_at(tokens: &[Token], at: usize) -> Option<When> {
    if let Some(date) = date(&tokens[at]) {
        let year = Some(date.year()).filter(|year| *year != 2000);
        return Some(When { year, month: date.month(), days: (date.day(), date.day()), at: at..at + 1 });
    }
    let word = &tokens[at];
    let (days, next) = if word.is("mid") {
        ((11, 20), at + 1 + usize::from(tokens.get(at + 1).is_some_and(|next| next.is_sign('-'))))
    } else if word.is_any(&["early", "late"]) {
        (if word.is("early") { (1, 10) } else { (21, 31) }, at + 1)
    } else if word.is_any(&["beginning", "start", "middle", "end"]) && is_of(tokens, at + 1) {
        let days = match &*word.text {
            "middle" => (11, 20),
            "end" => (21, 31),
            _ => (1, 10),
        };
        (days, at + 2)
    } else if let Some((nth, length)) = ordinal(tokens, at) {
        let at = at + length - 1;
        match tokens.get(at + 1) {
            Some(next) if next.is("week") && is_of(tokens, at + 2) => (week(nth), at + 3),
            Some(_) if is_of(tokens, at + 1) && (1..=31).contains(&nth) => ((nth, nth), at + 2),
            _ => return None,
        }
    } else {
        return None;
    };
    let month = month(tokens.get(next)?)?;
    let year = tokens.get(next + 1).and_then(|year| match year.kind {
        Kind::Number(year, 0) if (1990.0..2200.0).contains(&year) => Some(year as i16),
        _ => None,
    });
    Some(When { year, month, days, at: at..next + 1 + usize::from(year.is_some()) })
}

/// "First", "twenty-eighth": the number, and how many tokens it takes.
fn ordinal(tokens: &[Token], at: usize) -> Option<(i8, usize)> {
    let tens = match tokens[at].number() {
        Some(20.0) => 20,
        Some(30.0) => 30,
        _ => return nth(&tokens[at]).map(|nth| (nth, 1)),
    };
    let hyphen = tokens.get(at + 1).is_some_and(|next| next.is_sign('-'));
    let nth = nth(tokens.get(at + 1 + usize::from(hyphen))?).filter(|nth| *nth < 10)?;
    Some((tens + nth, 2 + usize::from(hyphen)))
}

fn is_of(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.is("of"))
}

/// "First", "6th"; the last of all is 32.
fn nth(token: &Token) -> Option<i8> {
    const NTH: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth",
    ];
    if token.is("last") {
        return Some(32);
    }
    let written = || {
        let digits = token.text.strip_suffix("th").or_else(|| token.text.strip_suffix("st"));
        let digits =
            digits.or_else(|| token.text.strip_suffix("nd")).or_else(|| token.text.strip_suffix("rd"))?;
        digits.parse().ok().filter(|day| (1..=31).contains(day))
    };
    NTH.iter().position(|nth| token.is(nth)).and_then(|at| i8::try_from(at + 1).ok()).or_else(written)
}

fn week(nth: i8) -> (i8, i8) {
    match nth {
        1..=4 => (nth * 7 - 6, nth * 7),
        _ => (23, 31),
    }
}

fn month(token: &Token) -> Option<i8> {
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
    let at = MONTHS.iter().position(|month| token.is(month))?;
    i8::try_from(at + 1).ok()
}
