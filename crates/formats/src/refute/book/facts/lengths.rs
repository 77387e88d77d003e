//! Lengths of working time in a sentence, and which they are: how long something took, what it was
//! estimated at, or by how much the two differ.

use std::ops::Range;

use crate::statements::tokens::Token;
use crate::statements::words::Words;

/// What a length of time tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Took,
    Estimate,
    /// The difference of both: whether it took longer.
    Over,
    Under,
    Unsaid,
}

/// A length of time.
#[derive(Debug)]
pub(super) struct Length {
    /// In working days.
    pub(super) days: f64,
    /// How fine it is told: half of the smallest step of it.
    pub(super) blur: f64,
    pub(super) at: Range<usize>,
    pub(super) kind: Kind,
    /// "About", "nearly".
    pub(super) rough: bool,
}

/// Words that say that it took longer.
pub(super) const LONGER: &[&str] = &[
    "longer",
    "slower",
    "later",
    "over",
    "beyond",
    "above",
    "overran",
    "overrun",
    "exceeded",
    "exceeding",
    "exceed",
    "exceeds",
    "overshot",
    "overshooting",
    "past",
    "late",
    "extra",
    "behind",
];
/// Words that say that it took less.
pub(super) const SHORTER: &[&str] = &[
    "faster",
    "quicker",
    "sooner",
    "earlier",
    "shorter",
    "under",
    "below",
    "ahead",
    "early",
    "undercut",
    "undercutting",
    "undershot",
    "short",
    "shy",
    "fewer",
    "saved",
    "saving",
];
/// Words that say that something was estimated.
pub(super) const ESTIMATED: Words<'_> = Words::of(&[
    "estimate",
    "estimates",
    "estimated",
    "planned",
    "plan",
    "budgeted",
    "budget",
    "allotted",
    "foreseen",
    "earmarked",
    "reserved",
    "allocated",
    "allowance",
    "allowed",
    "aside",
    "foresaw",
    "intended",
    "bargained",
    "assumed",
    "estimation",
]);
const TOOK: Words<'_> = Words::of(&[
    "took",
    "taken",
    "takes",
    "lasted",
    "needed",
    "required",
    "cost",
    "consumed",
    "spent",
    "used",
    "ate",
    "swallowed",
    "in",
    "after",
    "within",
    "finishing",
    "costing",
    "taking",
    "needing",
    "actual",
    "actually",
]);
const ROUGH: Words<'_> = Words::of(&[
    "about",
    "around",
    "nearly",
    "almost",
    "roughly",
    "some",
    "approximately",
    "over",
    "under",
    "than",
    "least",
    "most",
    "barely",
    "hardly",
    "just",
]);

/// The lengths of time of a sentence.
pub(super) fn lengths(tokens: &[Token]) -> Vec<Length> {
    let mut found: Vec<Length> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let again = || found.last().and_then(|last| the_same_again(tokens, at, last));
        match length_at(tokens, at).or_else(again) {
            Some((days, blur, end)) => {
                let rough = tokens[at.saturating_sub(2)..at].iter().any(|token| token.is_in(ROUGH));
                found.push(Length { days, blur, at: at..end, kind: Kind::Unsaid, rough });
                at = end;
            }
            None => at += 1,
        }
    }
    for place in 0..found.len() {
        let from = if place > 0 { found[place - 1].at.end } else { 0 };
        let to = found.get(place + 1).map_or(tokens.len(), |next| next.at.start);
        found[place].kind = kind(tokens, &found[place].at, from..to);
    }
    found
}

/// A number and the unit behind it: days, how fine they are told, and where they end.
fn length_at(tokens: &[Token], at: usize) -> Option<(f64, f64, usize)> {
    let token = &tokens[at];
    let (number, fine) = match token.number() {
        Some(number) => (number, 0.5 * 10_f64.powi(-decimals(token))),
        None if token.is_any(&["a", "an", "one", "single"]) => (1.0, 0.5),
        None => return None,
    };
    let mut end = at + 1;
    while tokens.get(end).is_some_and(|next| {
        next.is_any(&["whole", "full", "working", "entire", "work", "person", "solid", "long"])
            || next.is_sign('-') && !next.spaced
    }) {
        end += 1;
    }
    let unit = in_unit(&tokens.get(end)?.text)?;
    let half = if and_a_half(&tokens[end + 1..]) { 0.5 } else { 0.0 };
    let end = if half > 0.0 { (end + 4).min(tokens.len()) } else { end + 1 };
    Some(((number + half) * unit, if half > 0.0 { 0.25 } else { fine } * unit, end))
}

/// "A day and a half."
fn and_a_half(behind: &[Token]) -> bool {
    let half =
        |token: &Token| token.is("half") || token.number() == Some(0.5) || token.number() == Some(50.0);
    matches!(behind, [and, rest @ ..] if and.is("and") && rest.iter().take(2).any(half)
        && (rest[0].is("a") || half(&rest[0])))
}

/// "Three days instead of the two that had been set aside": a number in the unit of the one before.
fn the_same_again(tokens: &[Token], at: usize, last: &Length) -> Option<(f64, f64, usize)> {
    let the = at > 0 && tokens[at - 1].is_any(&["the", "its"]);
    let number = tokens[at].number().or(tokens[at].is("one").then_some(1.0))?;
    let next = tokens.get(at + 1)?;
    let told = next.is_any(&["that", "which"]) || next.is_in(ESTIMATED) || next.is("set");
    let unit = &tokens[last.at.clone()].iter().rev().find(|token| token.is_word())?.text;
    (the && told).then(|| in_unit(unit)).flatten().map(|unit| (number * unit, 0.5 * unit, at + 1))
}

fn in_unit(word: &str) -> Option<f64> {
    Some(match word {
        "day" | "days" | "d" => 1.0,
        "hour" | "hours" | "h" => 0.125,
        "week" | "weeks" => 5.0,
        _ => return None,
    })
}

fn decimals(token: &Token) -> i32 {
    match token.kind {
        crate::statements::tokens::Kind::Number(_, decimals) => i32::from(decimals),
        _ => 0,
    }
}

/// What a length tells, by the words right beside it, within the stretch that is its own.
fn kind(tokens: &[Token], own: &Range<usize>, stretch: Range<usize>) -> Kind {
    let ends = |token: &Token| token.is_sign(',') || token.is_sign(';');
    let mut behind = &tokens[own.end..stretch.end];
    if let Some(end) = behind.iter().position(ends) {
        behind = &behind[..end];
    }
    let mut ahead = &tokens[stretch.start..own.start];
    if let Some(start) = ahead.iter().rposition(ends) {
        ahead = &ahead[start + 1..];
    }
    let close = &behind[..behind.len().min(2)];
    let compared = |words: &[&str]| close.iter().any(|token| token.is_any(words));
    let by = ahead.last().is_some_and(|last| last.is("by"));
    // "Three days before the phase ends": when it is, and not how long it takes.
    if close.first().is_some_and(|next| next.is_any(&["before", "after", "from", "until", "into"])) {
        return Kind::Unsaid;
    }
    if compared(LONGER) || close.iter().any(|token| token.is("more")) {
        return Kind::Over;
    }
    if compared(SHORTER) || close.iter().any(|token| token.is("less")) {
        return Kind::Under;
    }
    if by && ahead.iter().any(|token| token.is_any(LONGER)) {
        return Kind::Over;
    }
    if by && ahead.iter().any(|token| token.is_any(SHORTER)) {
        return Kind::Under;
    }
    // "Its sixty-hour estimate", "the two set aside", "five days had been estimated".
    let near = &behind[..behind.len().min(5)];
    let took_behind = near.iter().any(|token| token.is_any(&["took", "needed", "spent"]));
    let ahead_near = &ahead[ahead.len().saturating_sub(4)..];
    let took = ahead_near.iter().any(|token| token.is_in(TOOK));
    let instead = ahead.iter().any(|token| token.is_any(&["instead", "against", "versus", "rather"]));
    let told = near.iter().any(|token| token.is_in(ESTIMATED)) && !took_behind
        || ahead.iter().any(|token| token.is_in(ESTIMATED)) && !took;
    if instead || told && (!took || ahead_near.iter().any(|token| token.is_in(ESTIMATED))) {
        return Kind::Estimate;
    }
    // "Within its sixty-hour estimate" is no time taken.
    if near.first().is_some_and(|next| next.is_in(ESTIMATED)) {
        return Kind::Estimate;
    }
    if took || took_behind || ahead.iter().any(|token| token.is_in(TOOK)) {
        return Kind::Took;
    }
    Kind::Unsaid
}
