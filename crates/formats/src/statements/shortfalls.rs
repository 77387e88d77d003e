//! What a report says is not met: one gate, criterion or target, known by the words beside it.

use model::diagnostic::Span;

use super::clauses::{clause, quoted, sentences};
use super::figures::stems;
use super::passages::{Place, Report};
use super::tokens::Token;
use super::vocabulary::Word;
use super::words::{List, Words, says_any, says_of, words};

/// A gate, criterion or target that is said not to be met.
#[derive(Debug, Clone)]
pub(crate) struct Shortfall {
    /// The words that say which; none where it is "one criterion".
    pub(crate) words: Vec<Word>,
    pub(crate) span: Span,
}

const NOUNS: Words<'_> = Words::of(&[
    "gate",
    "gates",
    "criterion",
    "criteria",
    "target",
    "targets",
    "goal",
    "goals",
    "objective",
    "objectives",
    "threshold",
    "requirement",
    "requirements",
]);
const VERBS: Words<'_> = Words::of(&[
    "is", "are", "was", "were", "remains", "remain", "remained", "stays", "stay", "stayed", "been",
]);
/// What a thing that is not met is.
const UNMET: Words<'_> = Words::of(&[
    "unmet",
    "missed",
    "unsatisfied",
    "unreached",
    "unfulfilled",
    "violated",
    "breached",
    "failed",
    "failing",
    "outstanding",
    "pending",
    "red",
]);
/// What a thing that is met is, where it is denied.
const MET: Words<'_> = Words::of(&[
    "met",
    "reached",
    "satisfied",
    "achieved",
    "fulfilled",
    "passed",
    "cleared",
    "attained",
    "hit",
    "green",
]);
const MISSES: Words<'_> =
    Words::of(&["misses", "missed", "fails", "failed", "breaches", "breached", "violates", "violated"]);
/// Words that make another thing of it: what the plan does not demand, hopes, what was once.
const OTHER: Words<'_> = Words::of(&[
    "stretch",
    "own",
    "internal",
    "personal",
    "optional",
    "next",
    "informal",
    "unofficial",
    "another",
    "whether",
    "if",
    "would",
    "could",
    "might",
    "should",
    "until",
    "unless",
    "had",
    "almost",
    "nearly",
    "no",
    "none",
    "nobody",
    "neither",
    "without",
    "nothing",
    "longer",
    "other",
    "every",
    "all",
    "any",
    "each",
]);

/// Every such statement. Where a number stands in it, the number is judged and not the words.
pub(crate) fn shortfalls(report: &Report) -> Vec<Shortfall> {
    let mut found = Vec::new();
    for passage in &report.passages {
        if matches!(passage.place, Place::Heading(_)) {
            continue;
        }
        let tokens = &passage.tokens;
        if !says_any(tokens, NOUNS) {
            continue;
        }
        for sentence in sentences(tokens) {
            for at in sentence.clone() {
                if !tokens[at].is_in(NOUNS) || quoted(tokens, &sentence, at) {
                    continue;
                }
                let stretch = clause(tokens, &sentence, at);
                let part = &tokens[stretch.clone()];
                let once = says_of(part, List::AtFirst) || says_of(part, List::AnotherTime);
                let counted = part.iter().any(|token| token.number().is_some());
                let asks = tokens[sentence.end - 1].is_sign('?');
                if once || counted || asks || says_any(part, OTHER) || !unmet(part, at - stretch.start) {
                    continue;
                }
                let which = |token: &Token| !token.is_in(NOUNS) && !token.is_in(UNMET) && !token.is_in(MET);
                let named: Vec<Token> = part.iter().filter(|token| which(token)).cloned().collect();
                let span = Span { start: part[0].span.start, end: part[part.len() - 1].span.end };
                found.push(Shortfall { words: stems(&named), span });
                break;
            }
        }
    }
    found
}

/// Whether the words around the noun at a place say that it is not met.
fn unmet(part: &[Token], at: usize) -> bool {
    let denied = |token: &Token| token.is_any(&["not", "never"]);
    // "misses its target"
    let ahead = &part[at.saturating_sub(5)..at];
    if let Some(verb) = ahead.iter().position(|token| token.is_in(MISSES)) {
        return !ahead.iter().any(denied) && !ahead[verb..].iter().any(|token| token.is_sign(','));
    }
    // "does not meet the gate"
    let meets = ahead
        .iter()
        .position(|token| token.is_any(&["meet", "reach", "satisfy", "fulfil", "pass", "achieve"]));
    if meets.is_some_and(|meets| ahead[..meets].last().is_some_and(denied)) {
        return true;
    }
    let behind = &part[at + 1..];
    let Some(verb) = behind.iter().position(|token| token.is_in(VERBS)) else { return false };
    let said = &behind[verb..behind.len().min(verb + 6)];
    let end = said.iter().position(|token| token.is_sign(',')).unwrap_or(said.len());
    let said = &said[..end];
    let denies = said.iter().any(denied);
    let still = says_any(said, words!["still", "remains", "remain", "remained", "stays", "stay", "yet"]);
    // A gate that is open may be one that lets through; one that remains open is not settled.
    let open = says_any(said, &["open"]) && (still || !part[at].is_any(&["gate", "gates"]));
    if denies { says_any(said, MET) } else { open || says_any(said, UNMET) }
}
