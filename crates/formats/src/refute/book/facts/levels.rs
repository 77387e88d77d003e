//! How likely and how grave the plan has its risks.

use crate::statements::passages::Place;
use crate::statements::tokens::Token;
use crate::statements::words::{says_any, words};

use super::super::super::Case;
use super::super::Entry;
use super::{Sentence, tell};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Chance,
    Impact,
}

/// A level, by its rank.
fn level(token: &Token) -> Option<u8> {
    Some(match &*token.text {
        "low" | "unlikely" | "minor" | "small" => 1,
        "medium" | "moderate" => 2,
        "high" | "likely" | "severe" | "major" => 3,
        _ => return None,
    })
}

fn what(token: &Token) -> Option<What> {
    if token.is_any(&["likelihood", "probability", "chance", "chances", "likely", "unlikely", "probable"]) {
        Some(What::Chance)
    } else if token.is_any(&["impact", "severity", "consequence", "consequences", "damage", "severe"]) {
        Some(What::Impact)
    } else {
        None
    }
}

pub(super) fn judge(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    many(case, sentence);
    let of_risk = says_any(tokens, &["risk", "risks"]) || tokens.iter().any(|token| what(token).is_some());
    let mut levels = tokens.iter().enumerate().filter_map(|(at, token)| Some((at, level(token)?)));
    let (Some((at, told)), None) = (levels.next(), levels.next()) else { return };
    if !of_risk
        || says_any(
            tokens,
            words!["never", "was", "were", "all", "both", "every", "each", "now", "longer", "than"],
        )
    {
        return;
    }
    let said = case.book.roots.with_numbers(tokens);
    let known = |entry: &Entry| {
        stated(case, entry, What::Chance).is_some() || stated(case, entry, What::Impact).is_some()
    };
    let Some(best) = case.book.one_of_few(&said, known) else { return };
    let entry = &case.book.entries[best.entry];
    let theirs = &case.book.documents[entry.document].report.passages[entry.place.0].tokens;
    if says_any(tokens, &["not"]) && !says_any(theirs, &["not"]) {
        return;
    }
    let spoken = tokens.iter().filter_map(what).next();
    let of = |kind: What| stated(case, entry, kind);
    let right = match spoken {
        Some(kind) => of(kind).is_none_or(|known| known == told),
        None => of(What::Chance) == Some(told) || of(What::Impact) == Some(told),
    };
    if right {
        case.held_more += 1;
        return;
    }
    let names = ["low", "medium", "high"];
    let name = |level: Option<u8>| level.map_or("unsaid", |level| names[usize::from(level) - 1]);
    let message = format!(
        "`{}` is not how the plan has this risk: likelihood {}, impact {} ({})",
        case.slice(tokens[at].span),
        name(of(What::Chance)),
        name(of(What::Impact)),
        case.line(entry.document, entry.line)
    );
    tell(case, tokens[at].span, message, "tell the plan's level, or change it in the plan");
}

/// What an entry states of a risk: in a column, or behind the word.
fn stated(case: &Case<'_>, entry: &Entry, kind: What) -> Option<u8> {
    let report = &case.book.documents[entry.document].report;
    for (cell, _) in &entry.cells {
        let Place::Cell { table, column, .. } = report.passages[*cell].place else { continue };
        let header = report.tables.get(table).and_then(|table| table.header.get(column));
        if header.is_some_and(|header| header.iter().any(|token| what(token) == Some(kind))) {
            return report.passages[*cell].tokens.iter().find_map(level);
        }
    }
    if !entry.cells.is_empty() {
        return None;
    }
    let tokens = &report.passages[entry.place.0].tokens[entry.place.1.clone()];
    let at = tokens.iter().position(|token| what(token) == Some(kind))?;
    tokens[at + 1..].iter().take(3).find_map(level)
}

/// "All three risks have a high impact", "two of the risks are likely".
fn many(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let Some(noun) = tokens.iter().position(|token| token.is("risks")) else { return };
    let mut levels = tokens.iter().filter_map(level);
    let (Some(told), None) = (levels.next(), levels.next()) else { return };
    let Some(kind) = tokens.iter().find_map(what) else { return };
    if super::tells_otherwise(tokens)
        || says_any(tokens, words!["least", "most", "more", "other", "others", "owned", "whose"])
    {
        return;
    }
    let of_level = |entry: &&Entry| stated(case, entry, kind) == Some(told);
    let risks: Vec<&Entry> =
        case.book.entries.iter().filter(|entry| stated(case, entry, kind).is_some()).collect();
    let count = risks.iter().copied().filter(of_level).count();
    let figures = sentence.figures(case);
    let own: Vec<_> = figures
        .iter()
        .filter(|(_, figure)| {
            figure.exact().is_some() && figure.unit == crate::statements::numbers::Unit::Count
        })
        .collect();
    let all = tokens[..noun].iter().any(|token| token.is_any(&["all", "both", "every"]));
    let said = match own.as_slice() {
        _ if all => risks.len() as f64,
        [(_, figure)] if figure.tokens.start < sentence.range.start + noun => figure.low,
        _ => return,
    };
    if risks.is_empty() || said == count as f64 {
        return;
    }
    let message = format!("by the plan, {count} of {} risks have this level, and not {said}", risks.len());
    tell(case, sentence.span(), message, "count them in the plan, or change it there");
}
