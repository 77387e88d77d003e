//! Rules and items of the plan that a report says it kept to, and tells otherwise: "with a single approval,
//! as gate G1 lays down", "for version 2.1.0, as the plan required".

use crate::statements::numbers::Unit;
use crate::statements::roots::Root;
use crate::statements::tokens::{Kind, Token};
use crate::statements::words::{says_any, says_one};

use super::super::super::{Case, targets};
use super::super::Entry;
use super::asides::bare;
use super::{Sentence, tell};

pub(super) fn judge(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    // What is kept to is a version, or one of something.
    let tells = |token: &Token| is_version(token) || token.is_any(&["single", "one", "sole", "lone"]);
    if !sentence.tokens.iter().any(tells) {
        return;
    }
    let kept = bare(sentence.tokens);
    let named = [
        "named in the plan",
        "in the plan",
        "in the success criteria",
        "in the criteria",
        "by the plan",
        "the plan names",
        "the plan named",
        "was to be",
        "had to be",
        "is to be",
        "the plan wants",
        "the plan asks",
        "the plan demands",
        "the plan calls for",
        "the plan required",
    ];
    let by_plan = kept.by_plan || says_one(sentence.tokens, &named);
    if !by_plan || says_any(&kept.tokens, &["not", "never", "instead", "than", "although"]) {
        return;
    }
    version(case, &kept.tokens);
    single(case, sentence);
}

/// A number with two dots or more: a version.
fn is_version(token: &Token) -> bool {
    let parts =
        token.text.split('.').filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    token.kind == Kind::Opaque && token.text.matches('.').count() >= 2 && parts.count() >= 3
}

fn version(case: &mut Case<'_>, tokens: &[Token]) {
    let mut versions = tokens.iter().filter(|token| is_version(token));
    let (Some(told), None) = (versions.next(), versions.next()) else { return };
    let said: Vec<Root> = case.book.roots.all(tokens);
    let found = case.book.find(&said, |entry| versions_of(case, entry).next().is_some());
    let Some(best) = found.first().filter(|best| best.named > 0.2) else { return };
    let known = found
        .iter()
        .any(|one| versions_of(case, &case.book.entries[one.entry]).any(|token| token.text == told.text));
    if known {
        case.held_more += 1;
        return;
    }
    let entry = &case.book.entries[best.entry];
    let Some(version) = versions_of(case, entry).next() else { return };
    let message = format!(
        "`{}` is not the version the plan names: {} ({})",
        case.slice(told.span),
        version.text,
        case.line(entry.document, entry.line)
    );
    tell(case, told.span, message, "tell the plan's version, or change it in the plan");
}

fn versions_of<'c>(case: &'c Case<'_>, entry: &Entry) -> impl Iterator<Item = &'c Token> + use<'c> {
    let passage = &case.book.documents[entry.document].report.passages[entry.place.0];
    passage.tokens[entry.place.1.clone()].iter().filter(|token| is_version(token))
}

/// "A single approval", where the rule that is said to be kept asks for two.
fn single(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let Some(at) = tokens.iter().position(|token| token.is_any(&["single", "one", "sole", "lone"])) else {
        return;
    };
    let Some(noun) = tokens.get(at + 1).and_then(|next| case.book.roots.of(next)) else { return };
    let said: Vec<Root> = case.book.roots.all(tokens);
    let found = case.book.find(&said, |entry| entry.words.contains(&noun));
    let Some(best) = found.first().filter(|best| best.named > 0.5) else { return };
    let entry = &case.book.entries[best.entry];
    let document = &case.book.documents[entry.document];
    let mut counts = entry.figures.iter().map(|(at, _)| &document.figures[*at]).filter(|figure| {
        let of_noun = figure.near.first().map(|word| case.book.roots.named(word)) == Some(noun);
        figure.unit == Unit::Count && of_noun && figure.low >= 2.0
    });
    let Some(wanted) = counts.next() else { return };
    let message = format!(
        "`{}` is not what the plan says: `{}` ({})",
        case.slice(tokens[at].span),
        targets::short(&wanted.text),
        case.line(entry.document, entry.line)
    );
    tell(case, tokens[at].span, message, "tell the plan's number, or change it in the plan");
}
