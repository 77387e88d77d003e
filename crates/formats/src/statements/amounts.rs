//! Amounts: a number as it is written, with its comparison, its unit, the other end of its range and the
//! whole it is a part of.

use std::ops::Range;

use super::clauses::divides;
use super::figures::Sense;
use super::numbers::{self, Unit};
use super::shares;
use super::tokens::{Kind, Token};
use super::words::{List, Words, phrase_before};

/// A number as written, with its comparison and unit.
#[derive(Debug, Clone)]
pub(crate) struct Amount {
    /// First and one past the last token, comparison and unit included.
    pub(crate) tokens: Range<usize>,
    /// The tokens of the number itself.
    pub(crate) number: Range<usize>,
    pub(crate) value: f64,
    /// The other end of a range.
    pub(crate) second: Option<f64>,
    pub(crate) whole: Option<f64>,
    pub(crate) unit: Unit,
    pub(crate) scale: f64,
    pub(crate) decimals: u8,
    pub(crate) bound: Limit,
    pub(crate) rough: bool,
    pub(crate) signed: bool,
    /// "All but two", of how many is not said.
    pub(crate) left_out: bool,
    /// Which way it changed, where the amount itself says so: "halved", "a third of what it was".
    pub(crate) change: Option<Sense>,
}

impl Amount {
    /// Exactly so much, told by some tokens.
    fn of(tokens: Range<usize>, value: f64, unit: Unit) -> Self {
        Self {
            number: tokens.clone(),
            tokens,
            value,
            second: None,
            whole: None,
            unit,
            scale: 1.0,
            decimals: 0,
            bound: Limit::Exact,
            rough: false,
            signed: false,
            left_out: false,
            change: None,
        }
    }
}

/// How a number bounds what is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Exact,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Limit {
    /// What is left when it is denied: not below is at least.
    pub(crate) fn denied(self) -> Self {
        match self {
            Self::Exact => Self::Exact,
            Self::Below => Self::AtLeast,
            Self::AtMost => Self::Above,
            Self::Above => Self::AtMost,
            Self::AtLeast => Self::Below,
        }
    }
}

const LIMITS: &[(&str, Limit)] = &[
    ("no more than", Limit::AtMost),
    ("not more than", Limit::AtMost),
    ("no fewer than", Limit::AtLeast),
    ("no less than", Limit::AtLeast),
    ("not less than", Limit::AtLeast),
    ("not even", Limit::Below),
    ("fewer than", Limit::Below),
    ("less than", Limit::Below),
    ("no lower than", Limit::AtLeast),
    ("not lower than", Limit::AtLeast),
    ("no higher than", Limit::AtMost),
    ("no longer than", Limit::AtMost),
    ("no larger than", Limit::AtMost),
    ("lower than", Limit::Below),
    ("smaller than", Limit::Below),
    ("shorter than", Limit::Below),
    ("faster than", Limit::Below),
    ("more than", Limit::Above),
    ("greater than", Limit::Above),
    ("higher than", Limit::Above),
    ("longer than", Limit::Above),
    ("slower than", Limit::Above),
    ("at least", Limit::AtLeast),
    ("at most", Limit::AtMost),
    ("up to", Limit::AtMost),
    ("as many as", Limit::AtMost),
    ("as few as", Limit::AtLeast),
    ("a maximum of", Limit::AtMost),
    ("maximum of", Limit::AtMost),
    ("maximum", Limit::AtMost),
    ("max", Limit::AtMost),
    ("a minimum of", Limit::AtLeast),
    ("minimum of", Limit::AtLeast),
    ("minimum", Limit::AtLeast),
    ("min", Limit::AtLeast),
    ("below", Limit::Below),
    ("beneath", Limit::Below),
    ("under", Limit::Below),
    ("above", Limit::Above),
    ("over", Limit::Above),
    ("beyond", Limit::Above),
    ("exceed", Limit::Above),
    ("exceeds", Limit::Above),
    ("exceeded", Limit::Above),
    ("exceeding", Limit::Above),
    ("upwards of", Limit::AtLeast),
    ("within", Limit::AtMost),
];

/// Whether a word ends a phrase that bounds the number behind it.
pub(super) fn ends_limit(word: &str) -> bool {
    LIMITS.iter().any(|(phrase, _)| phrase.rsplit(' ').next() == Some(word))
}

const ROUGHLY: Words<'_> = Words::of(&[
    "about",
    "around",
    "roughly",
    "approximately",
    "approx",
    "some",
    "circa",
    "ca",
    "nearly",
    "almost",
    "close",
]);

/// Reads the amount whose number is the token at `at`.
pub(super) fn amount(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Option<Amount> {
    let (value, decimals, number_end) = match tokens[at].kind {
        Kind::Number(value, decimals) => (value, decimals, at + 1),
        Kind::Word => return nothing(tokens, sentence, at).or_else(|| in_one_word(tokens, sentence, at)),
        _ => return None,
    };
    let mut end = number_end;
    let mut found = Amount { decimals, ..Amount::of(at..end, value, Unit::Count) };
    if let Some((percent, after)) = shares::one_in(tokens, sentence, at) {
        (found.value, found.unit, found.decimals) = (percent, Unit::Percent, 1);
        (found.number, end) = (at..after, after);
        let mut start = at;
        take_limit(tokens, sentence, &mut start, &mut end, &mut found);
        found.tokens = start..end;
        return Some(found);
    }
    let next = |place: usize| tokens.get(place).filter(|_| place < sentence.end);
    take_unit(tokens, sentence, &mut found, &mut end);
    // A range: `25–40 %`, `25 to 40 %`, `-25 %..-40 %`.
    if let Some((second, after)) = range_end(tokens, sentence, end, found.unit)
        .filter(|(second, after)| !steps(tokens, at, *second, *after, &found))
    {
        let from_to = found.number.start.checked_sub(1).is_some_and(|before| tokens[before].is("from"))
            && next(end).is_some_and(|joint| joint.is("to"));
        if !from_to {
            found.second =
                tokens[second].number().map(|number| if negative(tokens, second) { -number } else { number });
            if let Kind::Number(_, more) = tokens[second].kind {
                found.decimals = found.decimals.max(more);
            }
            end = after;
            found.number.end = after;
            let mut again = Amount { unit: Unit::Count, ..found.clone() };
            take_unit(tokens, sentence, &mut again, &mut end);
            if found.unit == Unit::Count {
                found = again;
            }
        }
    }
    // A part of a whole: `626/630`, `626 of 630`, `626 out of the 630`.
    if let Some((whole, after)) =
        whole(tokens, sentence, found.number.end).filter(|_| found.unit == Unit::Count)
    {
        found.whole = Some(whole);
        end = after;
        found.number.end = after;
        let mut unit = Amount { unit: Unit::Count, ..found.clone() };
        take_unit(tokens, sentence, &mut unit, &mut end);
        if unit.unit != Unit::Percent {
            (found.unit, found.scale) = (unit.unit, unit.scale);
        } else {
            end = after;
        }
    }
    let mut start = at;
    if negative(tokens, at) {
        start -= 1;
        found.signed = true;
        found.value = -found.value;
    } else if at > sentence.start && tokens[at - 1].is_sign('+') {
        start -= 1;
        found.signed = true;
    }
    take_limit(tokens, sentence, &mut start, &mut end, &mut found);
    if found.unit == Unit::Count && start > sentence.start && is_currency(&tokens[start - 1]) {
        start -= 1;
        found.unit = Unit::Money;
        take_limit(tokens, sentence, &mut start, &mut end, &mut found);
    }
    if let Some(length) =
        phrase_before(tokens, start, "all but").filter(|length| start - length >= sentence.start)
        && found.bound == Limit::Exact
        && found.second.is_none()
    {
        start -= length;
        match (found.unit, found.whole) {
            (Unit::Percent, _) => found.value = 100.0 - found.value,
            (_, Some(whole)) => found.value = whole - found.value,
            _ => found.left_out = true,
        }
    }
    if shares::is_share(&found)
        && let Some((value, whole, after)) = shares::of_number(tokens, sentence, end, found.value)
    {
        (found.unit, found.scale, found.value, found.whole) = (Unit::Count, 1.0, value.round(), Some(whole));
        found.rough |= (value - value.round()).abs() > 1e-6;
        found.number.end = after;
        end = after;
    }
    if shares::is_share(&found)
        && let Some(after) = shares::of_former(tokens, sentence, end)
    {
        // "Shaved off 18 seconds, that is thirty percent of what it was": so much was the change.
        if !in_apposition(tokens, sentence, start) {
            shares::turn(&mut found);
        }
        end = after;
    }
    found.tokens = start..end;
    Some(found)
}

/// Whether an amount tells another one again: "18 seconds, that is thirty percent".
fn in_apposition(tokens: &[Token], sentence: &Range<usize>, start: usize) -> bool {
    let ahead = &tokens[sentence.start.min(start)..start];
    let again = matches!(ahead, [.., that, is] if that.is_any(&["that", "which"]) && is.is("is"))
        || ahead.last().is_some_and(|last| last.is_any(&["or", "namely"]));
    again && ahead.iter().any(|token| token.number().is_some())
}

/// "€ 140", "EUR 140".
pub(super) fn is_currency(token: &Token) -> bool {
    matches!(token.kind, Kind::Sign('$' | '€' | '£'))
        || token.is_any(&["eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "jpy"])
}

/// "Halved", "more than doubled".
fn in_one_word(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Option<Amount> {
    let (value, sense) = shares::in_one_word(&tokens[at])?;
    let mut found = Amount { change: Some(sense), ..Amount::of(at..at + 1, value, Unit::Percent) };
    let (mut start, mut end) = (at, at + 1);
    if at > sentence.start && tokens[at - 1].is("than") {
        take_limit(tokens, sentence, &mut start, &mut end, &mut found);
    } else if at > sentence.start && tokens[at - 1].is_in(ROUGHLY) {
        (found.rough, start) = (true, at - 1);
    }
    found.tokens = start..end;
    Some(found)
}

/// "no warnings", "none of the warnings", "not a single warning": a count of nothing.
fn nothing(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Option<Amount> {
    let word = |place: usize| tokens.get(place).filter(|token| place < sentence.end && token.is_word());
    let end = if tokens[at].is("no") {
        let next = word(at + 1)?;
        const NOT_COUNTED: Words<'_> = Words::of(&[
            "longer", "more", "fewer", "less", "one", "doubt", "later", "need", "change", "matter", "way",
            "other", "further", "such", "sign", "earlier",
        ]);
        if next.is_in(NOT_COUNTED) || next.is_of(List::Empty) {
            return None;
        }
        at + 1
    } else if tokens[at].is("none") && word(at + 1).is_some_and(|next| next.is("of")) {
        let the = word(at + 2).is_some_and(|next| next.is_any(&["the", "our", "these", "those", "all"]));
        let end = at + 2 + usize::from(the);
        let counted =
            tokens.get(end).filter(|_| end < sentence.end).is_some_and(|token| token.number().is_some());
        end + usize::from(counted)
    } else if tokens[at].is("not")
        && word(at + 1).is_some_and(|next| next.is("a"))
        && word(at + 2).is_some_and(|next| next.is("single"))
    {
        at + 3
    } else if tokens[at].is_any(&["nil", "nought", "none"]) && stands_alone(tokens, sentence, at) {
        at + 1
    } else {
        return None;
    };
    Some(Amount::of(at..end, 0.0, Unit::Count))
}

/// "Clippy warnings: none".
fn stands_alone(tokens: &[Token], sentence: &Range<usize>, at: usize) -> bool {
    let before = at == sentence.start
        || tokens[at - 1].is_sign(':')
        || tokens[at - 1].is_any(&["to", "is", "are", "at"]);
    let after = at + 1 == sentence.end || !tokens[at + 1].is_word();
    before && after
}

fn negative(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    tokens[before].is_sign('-')
        && !tokens[at].spaced
        && (before == 0
            || tokens[before].spaced
            || matches!(tokens[before - 1].kind, Kind::Sign('(' | '.' | ':' | '|' | '→')))
}

fn take_unit(tokens: &[Token], sentence: &Range<usize>, found: &mut Amount, end: &mut usize) {
    let Some(next) = tokens.get(*end).filter(|_| *end < sentence.end) else { return };
    let hyphen = next.is_sign('-') && !next.spaced;
    // "two whole days"
    let filled = next.is_any(&["whole", "full", "entire", "solid", "working", "business", "calendar"])
        && tokens.get(*end + 1).is_some_and(|unit| numbers::unit(&unit.text).is_some());
    let at = if hyphen || filled { *end + 1 } else { *end };
    let Some(token) = tokens.get(at).filter(|_| at < sentence.end) else { return };
    if token.is("per") && tokens.get(at + 1).is_some_and(|cent| cent.is("cent")) {
        (found.unit, found.scale) = (Unit::Percent, 1.0);
        *end = at + 2;
        return;
    }
    if token.is_any(&["percentage", "percent"])
        && tokens.get(at + 1).is_some_and(|next| next.is_any(&["point", "points"]))
    {
        (found.unit, found.scale) = (Unit::Points, 1.0);
        *end = at + 2;
        return;
    }
    if token.is("times")
        && tokens
            .get(at + 1)
            .is_some_and(|next| next.is_any(&["faster", "as", "smaller", "slower", "quicker"]))
    {
        (found.unit, found.scale) = (Unit::Times, 1.0);
        *end = at + 1;
        return;
    }
    if token.is_any(&["point", "points"]) && !hyphen {
        (found.unit, found.scale) = (Unit::Points, 1.0);
        *end = at + 1;
        return;
    }
    // A lone "m", "d", "b", "s" or "x" is a unit only where it is glued to its number.
    let single = token.text.len() == 1 && token.is_word();
    if single && token.spaced && !matches!(&*token.text, "s" | "h" | "d") {
        return;
    }
    let Some((unit, scale)) = numbers::unit(&token.text) else { return };
    let ms = token.text == "ms";
    if found.unit == Unit::Count {
        (found.unit, found.scale) = (unit, scale);
        found.value *= scale;
        found.second = found.second.map(|second| second * scale);
        found.scale = scale;
        *end = at + 1;
    } else {
        return;
    }
    // "2 min 30 s"
    let more = tokens.get(*end).filter(|_| *end < sentence.end).and_then(Token::number);
    let smaller = tokens.get(*end + 1).and_then(|token| numbers::unit(&token.text));
    if let (Unit::Seconds, Some(number), Some((Unit::Seconds, small))) = (found.unit, more, smaller)
        && small < scale
        && !ms
    {
        found.value += number * small;
        *end += 2;
        found.number.end = *end;
    }
}

/// The number that ends a range, and what follows it. Hyphens between plain numbers must touch them.
fn range_end(tokens: &[Token], sentence: &Range<usize>, at: usize, first: Unit) -> Option<(usize, usize)> {
    let token = |place: usize| tokens.get(place).filter(|_| place < sentence.end);
    let joint = token(at)?;
    let mut next = match joint.kind {
        Kind::Sign('–') => at + 1,
        Kind::Sign('-') if !joint.spaced => at + 1,
        Kind::Sign('.') if token(at + 1)?.is_sign('.') => at + 2,
        Kind::Sign('…') => at + 1,
        Kind::Word
            if joint.is_any(&["to", "and", "through"])
                && (!joint.is("and") || between(tokens, sentence, at)) =>
        {
            at + 1
        }
        _ => return None,
    };
    if token(next)?.is_sign('=') || token(next)?.is_sign('.') {
        next += 1;
    }
    if token(next)?.is_sign('-') {
        next += 1;
    }
    token(next)?.number()?;
    // "Clippy – 34" is no range, nor is "14 - 3 left".
    // "60 % to 14" goes from one to another.
    let unit = token(next + 1).and_then(|token| numbers::unit(&token.text)).map(|(unit, _)| unit);
    if first != Unit::Count && unit != Some(first) {
        return None;
    }
    let tight = !joint.spaced && !token(at + 1)?.spaced;
    (tight || joint.is_word() || matches!(joint.kind, Kind::Sign('–' | '…'))).then_some((next, next + 1))
}

/// "by 45 to 14" is a step and where it leads, not a range.
fn steps(tokens: &[Token], at: usize, second: usize, after: usize, found: &Amount) -> bool {
    let word = tokens[found.number.end..second].iter().any(|token| token.is("to"));
    let (one, other) = (found.value.abs(), tokens[second].number().unwrap_or(0.0).abs() * found.scale);
    let by = at.checked_sub(1).is_some_and(|before| tokens[before].is("by"));
    let unit = tokens.get(after).and_then(|token| numbers::unit(&token.text)).is_some();
    // "By nine seconds to 51 s": the first has its own unit.
    word && (other <= one || by && (!unit || found.unit != Unit::Count))
}

fn between(tokens: &[Token], sentence: &Range<usize>, at: usize) -> bool {
    (sentence.start.max(at.saturating_sub(4))..at).any(|place| tokens[place].is("between"))
}

fn whole(tokens: &[Token], sentence: &Range<usize>, at: usize) -> Option<(f64, usize)> {
    let token = |place: usize| tokens.get(place).filter(|_| place < sentence.end);
    // "626 tests out of 630"
    let noun =
        (at..at + 3).find(|place| token(*place).is_none_or(|token| !token.is_word() || token.is("out")));
    let at = noun.filter(|place| token(*place).is_some_and(|token| token.is("out"))).unwrap_or(at);
    let joint = token(at)?;
    let mut next = if joint.is_sign('/') || joint.is("of") {
        at + 1
    } else if joint.is("out") && token(at + 1)?.is("of") {
        at + 2
    } else {
        return None;
    };
    if joint.is_word() {
        while token(next)?
            .is_any(&["the", "our", "all", "its", "a", "total", "original", "initial", "these", "those"])
        {
            next += 1;
        }
    }
    let value = token(next)?.number()?;
    // "1/2/2025" is a date.
    let goes_on = token(next + 1).is_some_and(|after| {
        after.is_sign('/') && token(next + 2).is_some_and(|more| more.number().is_some())
    });
    (!goes_on).then_some((value, next + 1))
}

/// Takes "at least", "<", "about", "does not exceed" from before a number, and "or fewer" from behind.
fn take_limit(
    tokens: &[Token],
    sentence: &Range<usize>,
    start: &mut usize,
    end: &mut usize,
    found: &mut Amount,
) {
    while let Some(before) = start.checked_sub(1).filter(|before| *before >= sentence.start) {
        let token = &tokens[before];
        let sign = match token.kind {
            Kind::Sign('<') => Some(Limit::Below),
            Kind::Sign('≤') => Some(Limit::AtMost),
            Kind::Sign('>') => Some(Limit::Above),
            Kind::Sign('≥') => Some(Limit::AtLeast),
            _ => None,
        };
        if let Some(limit) = sign {
            found.bound = limit;
            *start = before;
            continue;
        }
        if token.is_sign('~') || token.is_in(ROUGHLY) {
            found.rough = true;
            *start = before;
            continue;
        }
        if token.is("to") && before > sentence.start && tokens[before - 1].is("close") {
            found.rough = true;
            *start = before - 1;
            continue;
        }
        if token.is("just") || (token.is_sign('=') && found.bound == Limit::Exact) {
            *start = before;
            continue;
        }
        let the = token.is_any(&["the", "our", "a", "an"]) && found.bound == Limit::Exact;
        let upto = if the { before } else { *start };
        let bounds = found.bound == Limit::Exact
            && upto.checked_sub(1).is_some_and(|last| tokens[last].is_of(List::Bounds));
        let phrase = LIMITS
            .iter()
            .filter(|(phrase, _)| bounds && phrase.ends_with(&*tokens[upto - 1].text))
            .find_map(|(phrase, limit)| Some((phrase_before(tokens, upto, phrase)?, *limit)));
        // "The room warmed up to 27 °C": that is where it went.
        let phrase = phrase.filter(|(length, limit)| {
            let up_to = *limit == Limit::AtMost && *length == 2 && tokens[upto - 2].is("up");
            let verb =
                (upto - length).checked_sub(1).filter(|at| *at >= sentence.start).map(|at| &tokens[at]);
            !(up_to && verb.is_some_and(went_up))
        });
        match phrase.filter(|(length, _)| upto - length >= sentence.start) {
            Some((length, limit)) => {
                found.bound = limit;
                *start = upto - length;
                // "does not exceed 20", "isn't below 80"
                let denied = (sentence.start.max(start.saturating_sub(3))..*start).any(|place| {
                    tokens[place].is_any(&["not", "never", "no", "without"]) && !divides(tokens, place)
                });
                if denied {
                    found.bound = limit.denied();
                }
            }
            None => break,
        }
    }
    if found.bound == Limit::Exact {
        let next = |place: usize| tokens.get(place).filter(|_| place < sentence.end);
        let or = next(*end).is_some_and(|token| token.is("or"));
        let limit = |token: &Token| match &*token.text {
            "less" | "fewer" | "lower" | "below" | "faster" | "under" => Some(Limit::AtMost),
            "more" | "higher" | "above" | "better" | "over" | "greater" => Some(Limit::AtLeast),
            _ => None,
        };
        if or && let Some(limit) = next(*end + 1).and_then(limit) {
            found.bound = limit;
            *end += 2;
        } else if next(*end).is_some_and(|token| token.is_sign('+') && !token.spaced) {
            found.bound = Limit::AtLeast;
            *end += 1;
        } else if next(*end).is_some_and(|token| token.is_any(&["max", "maximum"])) {
            found.bound = Limit::AtMost;
            *end += 1;
        }
    }
}

/// Whether a verb says that something went somewhere: "warmed up to", "went up to".
fn went_up(verb: &Token) -> bool {
    verb.is_word()
        && (verb.text.ends_with("ed")
            && !verb.is_any(&["need", "allowed", "permitted", "retried", "accepted", "used"])
            || verb.is_any(&[
                "went", "goes", "go", "came", "comes", "rose", "climbs", "shot", "ran", "sped", "grew",
            ]))
}
