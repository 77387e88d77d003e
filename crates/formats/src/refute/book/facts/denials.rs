//! Demands of the plan that a report denies: "no target was set for the build time", "the changelog was
//! never among the success criteria".

use crate::statements::roots::Root;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrase_at, says_any, words};

use super::super::super::yardsticks::DemandKind;
use super::super::super::{Case, targets};
use super::super::{Entry, Found};
use super::asides::bare;
use super::{Sentence, tell};

/// Words for what is demanded.
const DEMANDS: Words<'_> = Words::of(&[
    "target",
    "targets",
    "limit",
    "limits",
    "goal",
    "gate",
    "gates",
    "threshold",
    "requirement",
    "ceiling",
    "bound",
    "criterion",
    "criteria",
]);

/// Verbs by which a plan has a demand or has none.
const SETS: Words<'_> = Words::of(&[
    "sets",
    "set",
    "has",
    "have",
    "had",
    "gives",
    "gave",
    "names",
    "named",
    "contains",
    "contained",
    "defines",
    "defined",
    "puts",
    "knows",
    "imposes",
    "imposed",
    "specifies",
    "specified",
    "is",
    "was",
    "there",
    "foresees",
]);

/// Phrases for belonging to the plan's demands, behind "not" or "never".
const AMONG: &[&str] = &["among", "part of", "one of", "in", "listed among", "on the list of"];

pub(super) fn judge(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    is_let_through(case, sentence);
    let denies = |token: &Token| token.is_any(&["no", "never", "not", "without"]);
    if !says_any(sentence.tokens, DEMANDS) || !sentence.tokens.iter().any(denies) {
        return;
    }
    let tokens = &*bare(sentence.tokens).tokens;
    let hedged = says_any(
        tokens,
        words![
            "other", "further", "else", "if", "would", "separate", "another", "yet", "longer", "but",
            "except"
        ],
    );
    let figures = tokens.iter().any(|token| token.number().is_some());
    if hedged || figures {
        return;
    }
    if let Some(about) = none_is_set(tokens) {
        if let Some(found) = demanded(case, about) {
            deny(case, sentence, found);
        }
    } else if let Some(about) = is_none_of_them(tokens)
        && let Some(found) = listed(case, about)
    {
        deny(case, sentence, found);
    }
}

/// "A slight regression was acceptable under the criteria", where one of them wants none.
fn is_let_through(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    let Some(at) = tokens
        .iter()
        .position(|token| token.is_any(&["acceptable", "allowed", "permitted", "tolerated", "tolerable"]))
    else {
        return;
    };
    let some =
        tokens[..at].iter().take(3).any(|token| token.is_any(&["some", "a", "slight", "small", "minor"]));
    let by_plan =
        says_any(&tokens[at..], &["criteria", "plan", "handoff", "criterion"]) || bare(tokens).by_plan;
    let near = &tokens[..tokens.len().min(at + 7)];
    let hedged = says_any(near, words!["not", "no", "never", "if", "would", "nor", "neither", "than"]);
    if !some || !by_plan || hedged || tokens.iter().any(|token| token.number().is_some()) {
        return;
    }
    let said: Vec<Root> = case.book.roots.all(&tokens[..at]);
    let wants_none = |entry: &Entry| {
        let passage = &case.book.documents[entry.document].report.passages[entry.place.0];
        passage.tokens.iter().find(|token| token.is_word()).is_some_and(|first| first.is("no"))
    };
    let found = case.book.find(&said, wants_none);
    if let Some(best) = found.first().filter(|best| best.named > 0.3).copied() {
        deny(case, sentence, best);
    }
}

/// "No target was set for …", "the plan sets no limit on …": what is said to have none.
fn none_is_set(tokens: &[Token]) -> Option<&[Token]> {
    let at = (0..tokens.len()).find(|at| {
        // "Does not set any target"
        let any = tokens[*at].is("any")
            && tokens[at.saturating_sub(4)..*at].iter().any(|before| before.is_any(&["not", "never"]));
        (tokens[*at].is("no") || any) && tokens[at + 1..].iter().take(3).any(|next| next.is_in(DEMANDS))
    })?;
    let noun = at + 1 + tokens[at + 1..].iter().position(|next| next.is_in(DEMANDS))?;
    // "No gate was missed": nothing is said of there being none.
    let sets = |part: &[Token]| part.iter().any(|token| token.is_in(SETS));
    let ahead = &tokens[at.saturating_sub(4)..at];
    let behind = &tokens[noun + 1..];
    let joint = behind.iter().position(|token| token.is_any(&["for", "on", "about", "of"]))?;
    let between = &behind[..joint];
    let verb = between.iter().all(|token| {
        token.is_any(&["was", "were", "is", "are", "at", "all"]) || token.is_in(SETS) || token.is("given")
    });
    (verb && (sets(ahead) || at == 0 && sets(between))).then_some(&behind[joint + 1..])
}

/// "… was never among the success criteria": what is said not to be one of them.
fn is_none_of_them(tokens: &[Token]) -> Option<&[Token]> {
    let at = tokens.iter().position(|token| token.is_any(&["never", "not"])).filter(|at| *at > 1)?;
    let verb = tokens[at - 1].is_any(&["was", "is", "were", "are", "has"]);
    let from = at + 1 + usize::from(tokens.get(at + 1)?.is("been"));
    let length = AMONG.iter().find_map(|phrase| phrase_at(tokens, from, phrase))?;
    let rest = &tokens[from + length..];
    let noun =
        rest.iter().position(|token| token.is_any(&["criteria", "gates", "targets", "requirements"]))?;
    let plain = rest[..noun].iter().all(|token| {
        token.is_any(&["the", "our", "plan", "s", "success", "acceptance", "its", "'"]) || token.is_sign('\'')
    });
    (verb && plain && rest.len() <= noun + 4).then_some(&tokens[..at - 1])
}

/// The entry with a limit that some words, and nothing else, speak of.
fn demanded(case: &Case<'_>, about: &[Token]) -> Option<Found> {
    let said: Vec<Root> = case.book.roots.all(about);
    let lines: Vec<(usize, u32)> = case
        .yardsticks
        .iter()
        .filter(|one| one.demand.as_ref().is_some_and(|demand| demand.kind != DemandKind::All))
        .map(|one| (one.document, one.line))
        .collect();
    let found = case.book.find(&said, |entry| lines.contains(&(entry.document, entry.line)));
    found.first().filter(|best| best.covered > 0.99 && best.named > 0.3).copied()
}

/// The criterion that some words, and hardly anything else, speak of.
fn listed(case: &Case<'_>, about: &[Token]) -> Option<Found> {
    let said: Vec<Root> = case.book.roots.all(about);
    let lines: Vec<(usize, u32)> = case
        .plans
        .iter()
        .enumerate()
        .flat_map(|(document, (_, draft))| draft.criteria.iter().map(move |one| (document, one.line)))
        .collect();
    let found = case.book.find(&said, |entry| lines.contains(&(entry.document, entry.line)));
    found.first().filter(|best| best.covered > 0.99 && best.named > 0.2).copied()
}

fn deny(case: &mut Case<'_>, sentence: &Sentence<'_>, found: Found) {
    let entry = &case.book.entries[found.entry];
    let place = case.line(entry.document, entry.line);
    let document = &case.book.documents[entry.document];
    let passage = &document.report.passages[entry.place.0];
    let (Some(first), Some(last)) = (passage.tokens.first(), passage.tokens.last()) else { return };
    let text = case.read[entry.document].1.text.get(first.span.start as usize..last.span.end as usize);
    let message = format!("the plan does demand it ({place}: {})", targets::short(text.unwrap_or_default()));
    tell(case, sentence.span(), message, "tell the plan's demand, or change it in the plan");
}
