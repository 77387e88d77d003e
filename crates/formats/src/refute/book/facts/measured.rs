//! What the plan is said to measure, told of another measure: "the target was defined for a warm cache",
//! "latency was gated at p99 instead of p95".

use crate::statements::figures::stems;
use crate::statements::roots::Root;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrase_at, says_any, words};

use super::super::super::qualifiers::Qualifiers;
use super::super::super::{Case, targets};
use super::super::Entry;
use super::{Sentence, tell};

/// What a demand is said to be about stands behind one of these.
const ABOUT: &[&str] = &[
    "defined for",
    "set for",
    "set at",
    "required of",
    "demanded of",
    "asked of",
    "gated at",
    "gated on",
    "measured at",
    "measured on",
    "measured with",
    "meant for",
    "stated for",
    "was about",
    "is about",
    "refers to",
    "referred to",
    "applies to",
    "applied to",
];

const DEMANDS: Words<'_> = Words::of(&[
    "target",
    "goal",
    "gate",
    "gated",
    "limit",
    "criterion",
    "required",
    "demanded",
    "bound",
    "threshold",
    "plan",
]);

pub(super) fn judge(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let tokens = sentence.tokens;
    if !says_any(tokens, DEMANDS)
        || says_any(tokens, words!["if", "would", "should", "own", "internal", "also", "both", "instead"])
            && !tokens.windows(2).any(|two| two[0].is("instead") && two[1].is("of"))
    {
        return;
    }
    let Some((at, end)) = (1..tokens.len()).find_map(|at| {
        let length = ABOUT.iter().find_map(|phrase| phrase_at(tokens, at, phrase))?;
        Some((at, at + length))
    }) else {
        return;
    };
    let denied = tokens[at.saturating_sub(3)..at].iter().any(|token| token.is_any(&["not", "never"]));
    // "Rather than a cold one", "and not the cold one": what it is said not to be.
    let stop = tokens[end..]
        .iter()
        .position(|token| token.is_sign(',') || token.is_any(&["rather", "instead", "not", "and", "but"]))
        .map_or(tokens.len(), |stop| end + stop);
    let said = carried(&tokens[end..stop]);
    let all: Vec<Token> = tokens[..at].iter().chain(&tokens[end..stop]).cloned().collect();
    if denied || said.is_empty() {
        return;
    }
    let Some(yardstick) = spoken_of(case, &all) else { return };
    let target = &case.yardsticks[yardstick];
    let Some((ours, theirs)) = target.qualifiers.clash(&said) else { return };
    let message = format!(
        "the plan's demand is about the {ours} figure, and not the {theirs} one ({}: {})",
        case.place(target),
        targets::short(&target.text)
    );
    tell(case, sentence.span(), message, "tell what the plan measures, or change it in the plan");
}

fn carried(tokens: &[Token]) -> Qualifiers {
    let mut found = Qualifiers::default();
    found.add(&stems(tokens));
    found
}

/// The one yardstick with a qualifier that a sentence names.
fn spoken_of(case: &Case<'_>, tokens: &[Token]) -> Option<usize> {
    let said: Vec<Root> = case.book.roots.all(tokens);
    let stands_at = |entry: &Entry| {
        case.yardsticks.iter().position(|one| {
            one.demand.is_some()
                && !one.qualifiers.is_empty()
                && (one.document, one.line) == (entry.document, entry.line)
        })
    };
    let best = case.book.find(&said, |entry| stands_at(entry).is_some()).first().copied()?;
    let enough = best.named > 0.3 || best.shared >= 2;
    stands_at(&case.book.entries[best.entry]).filter(|_| enough)
}
