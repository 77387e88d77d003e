//! Whether a figure says by how much something changed, and which way.

use std::ops::Range;

use super::amounts::{Amount, Limit};
use super::figures::Sense;
use super::numbers::Unit;
use super::tokens::{Kind, Token};
use super::words::List;

/// Whether the figure says by how much something changed, and which way.
pub(super) fn changed(
    tokens: &[Token],
    sentence: &Range<usize>,
    clause: &Range<usize>,
    amount: &Amount,
) -> Option<Sense> {
    let own = &amount.tokens;
    let before =
        |back: usize| own.start.checked_sub(back).filter(|at| *at >= clause.start).map(|at| &tokens[at]);
    if amount.signed && (amount.unit != Unit::Count || stands_as_change(tokens, sentence, own)) {
        return Some(if amount.value < 0.0 { Sense::Down } else { Sense::Up });
    }
    let ahead = &tokens[clause.start..own.start];
    let behind = without_brackets(tokens, own.end, sentence.end);
    let behind = &behind[..];
    // "There are four more beds than before", "126 less than at the outset"
    let compared = behind.iter().take_while(|token| !token.is_sign(',')).position(|token| token.is("than"));
    if let Some(than) = compared
        && let [first, ..] = behind
        && first.is_any(&["more", "fewer", "less"])
        && behind[than + 1..].iter().take(3).any(|token| token.is("before") || token.is_of(List::AtFirst))
    {
        return Some(if first.is("more") { Sense::Up } else { Sense::Down });
    }
    // "36 below the baseline"
    if let [side, the, first, ..] = behind
        && side.is_any(&["below", "under", "above", "over"])
        && the.is_any(&["the", "our", "its"])
        && first.is_any(&["baseline", "original", "starting", "initial"])
    {
        return Some(if side.is_any(&["below", "under"]) { Sense::Down } else { Sense::Up });
    }
    let to = before(1).is_some_and(|token| {
        token.is_any(&["to", "at", "is", "are", "was", "were", "now", "leaving", "leaves", "with"])
    }) && amount.bound == Limit::Exact
        || before(1).is_some_and(|token| token.is_any(&["to", "at", "is", "are", "stays", "stayed", "kept"]));
    // "cut in half"
    let halved = amount.unit == Unit::Percent
        && before(1).is_some_and(|token| token.is("in"))
        && (before(2).is_some_and(|token| token.is_any(&["cut", "slashed", "split"]))
            || before(2).is_some_and(|token| token.is_any(&["precisely", "exactly", "nearly", "almost"]))
                && before(3).is_some_and(|token| token.is_any(&["cut", "slashed"])));
    if halved {
        return Some(Sense::Down);
    }
    // "by 38 %": the nearest word of direction says which way.
    if before(1).is_some_and(|token| token.is("by")) {
        let sense = direction(ahead.iter().rev()).or_else(|| direction(behind.iter().copied()));
        return Some(sense.unwrap_or(Sense::Unknown));
    }
    // "38 % faster", "45 fewer warnings", "a 38 % reduction", "45 warnings gone"
    let mut steps = 0;
    for &token in behind {
        if token.is_of(List::WentDown) && !token.is_any(&["came", "went", "cut"])
            || token.is_of(List::Better)
            || token.is_of(List::WentUp)
            || token.is_of(List::Worse)
        {
            if token.is_any(&["down", "up"]) && steps > 0
                || token.is_any(&["more", "fell", "falls", "rose"]) && amount.unit == Unit::Count && steps > 0
            {
                break;
            }
            if to && amount.unit == Unit::Count {
                break;
            }
            return direction(std::iter::once(token));
        }
        if token.is_of(List::Removed) && !(to && amount.unit == Unit::Count) {
            return Some(Sense::Down);
        }
        let joins = token.is_sign('-')
            || token.is_any(&[
                "of",
                "the",
                "were",
                "was",
                "are",
                "is",
                "have",
                "has",
                "been",
                "our",
                "them",
                "all",
                "in",
                "a",
                "an",
                "since",
                "already",
                "now",
                "meanwhile",
            ])
            || (token.is_word() && !token.is_of(List::Empty));
        if !joins || token.is_any(&["remain", "remaining", "left", "remains", "while", "after"]) {
            break;
        }
        steps += 1;
        if steps > 5 {
            break;
        }
    }
    if to {
        return None;
    }
    // "eliminated 45 warnings", "down 38 %", "fixed nearly 45"
    let mut back = 1;
    while let Some(token) = before(back) {
        if token.is_any(&[
            "another",
            "the",
            "a",
            "all",
            "some",
            "total",
            "of",
            "full",
            "whopping",
            "further",
            "its",
            "our",
            "exactly",
            "precisely",
            "just",
            "fully",
        ]) && back < 4
        {
            back += 1;
            continue;
        }
        // "fell below 20" says where it is, not by how much it fell.
        let level = tokens[own.start].is_any(&["below", "under", "above", "over", "beyond", "beneath"]);
        if level {
            return None;
        }
        if token.is_of(List::Removed) && !(token.is("took") && amount.unit == Unit::Seconds) {
            return Some(Sense::Down);
        }
        let noun = token.is_any(&[
            "reduction",
            "decrease",
            "drop",
            "improvement",
            "saving",
            "savings",
            "gain",
            "increase",
            "speedup",
            "cut",
            "growth",
            "decline",
        ]);
        // "The files take up 1,600 GB": as much as that.
        let fills = token.is("up")
            && before(back + 1).is_some_and(|verb| {
                verb.is_any(&[
                    "take", "takes", "took", "taking", "make", "makes", "made", "use", "uses", "used",
                ])
            });
        let directed = !fills
            && token.is_any(&[
                "down", "up", "saved", "saves", "shaved", "shed", "gained", "gain", "added", "improved",
                "fell", "dropped", "rose", "grew", "cut",
            ]);
        // "has lost a quarter of its weight"
        if token.is_any(&["lost", "loses"]) && amount.unit == Unit::Percent {
            return Some(Sense::Down);
        }
        if directed || (noun && back > 1) || (noun && amount.unit != Unit::Count) {
            return direction(std::iter::once(token));
        }
        // "speedup: 38 %", "Reduction = 38 %"
        if (token.is_sign(':') || token.is_sign('='))
            && before(back + 1).is_some_and(|word| {
                word.is_any(&[
                    "reduction",
                    "decrease",
                    "improvement",
                    "change",
                    "delta",
                    "speedup",
                    "saving",
                    "savings",
                    "gain",
                ])
            })
        {
            return before(back + 1)
                .and_then(|word| direction(std::iter::once(word)))
                .or(Some(Sense::Unknown));
        }
        break;
    }
    None
}

/// The tokens of a clause without what stands in brackets.
fn without_brackets(tokens: &[Token], from: usize, end: usize) -> Vec<&Token> {
    let mut kept = Vec::with_capacity((end - from).min(17));
    let mut depth = 0;
    for at in from..end {
        match tokens[at].kind {
            Kind::Sign('(') => depth += 1,
            Kind::Sign(')') if depth == 0 => break,
            Kind::Sign(')') => depth -= 1,
            _ if depth > 0 => {}
            _ if super::clauses::divides(tokens, at) => break,
            _ => kept.push(&tokens[at]),
        }
        if kept.len() > 16 {
            break;
        }
    }
    kept
}

/// "(-21)", "Δ -21": a signed count that stands for a change.
fn stands_as_change(tokens: &[Token], sentence: &Range<usize>, own: &Range<usize>) -> bool {
    let alone = own.start == sentence.start && own.end == sentence.end;
    let bracketed = own.start > sentence.start
        && tokens[own.start - 1].is_sign('(')
        && tokens
            .get(own.end)
            .is_some_and(|token| token.is_sign(')') || token.is_sign(',') || token.is_sign(';'));
    let marked = own.start > sentence.start
        && (tokens[own.start - 1].text == "δ" || tokens[own.start - 1].is("delta"));
    bracketed || marked || alone
}

fn direction<'a>(mut words: impl Iterator<Item = &'a Token>) -> Option<Sense> {
    words.find_map(|token| {
        if token.is_of(List::Better) {
            Some(Sense::Better)
        } else if token.is_of(List::Worse) {
            Some(Sense::Worse)
        } else if token.is_of(List::WentDown) || token.is_of(List::Removed) {
            Some(Sense::Down)
        } else if token.is_of(List::WentUp) {
            Some(Sense::Up)
        } else {
            None
        }
    })
}
