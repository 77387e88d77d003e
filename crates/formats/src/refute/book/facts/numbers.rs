//! Numbers of the plan told otherwise: how many there are of something, how long it is kept, what is set
//! aside for it, what was demanded.

use crate::statements::clauses::{divides, pauses};
use crate::statements::figures::{Figure, Role};
use crate::statements::numbers::Unit;
use crate::statements::roots::Root;
use crate::statements::tables::Column;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, phrases, says_any, says_one, words};

use super::super::super::{Case, targets};
use super::{Sentence, tell, tells_plan};

/// Words beside a number that make another number of it.
const OTHERS: Words<'_> = Words::of(&[
    "more",
    "less",
    "fewer",
    "another",
    "other",
    "others",
    "each",
    "apiece",
    "further",
    "additional",
    "extra",
    "remaining",
    "left",
    "still",
    "already",
    "far",
    "instead",
    "than",
    "half",
    "saved",
    "later",
    "earlier",
    "ago",
    "after",
    "before",
    "missing",
    "lost",
    "lacking",
    "without",
    "not",
    "never",
    "almost",
    "nearly",
    "about",
    "together",
    "altogether",
    "combined",
    "twice",
    "only",
    "average",
    "above",
    "below",
    "under",
    "over",
    "overspent",
    "underspent",
    "unspent",
    "short",
    "took",
    "needed",
    "lasted",
    "if",
    "would",
    "could",
]);

pub(super) fn judge(case: &mut Case<'_>, sentence: &Sentence<'_>) {
    let figures = sentence.figures(case);
    for (at, figure) in &figures {
        if case.told.contains(at) {
            continue;
        }
        // Where the plan's number is told beside it, this one is told against it.
        let against = figures.iter().any(|(_, other)| {
            other.place == figure.place
                && other.role == Role::Wanted
                && !std::ptr::eq(*other, *figure)
                && other.unit == figure.unit
                && figure.role == Role::Now
        });
        if !against {
            one(case, sentence, *at, figure);
        }
    }
}

fn one(case: &mut Case<'_>, sentence: &Sentence<'_>, at: usize, figure: &Figure) {
    let told = if figure.low.is_finite() { figure.low } else { figure.high };
    let change = matches!(figure.role, Role::Change(_) | Role::Before);
    let unit = figure.unit;
    if change || figure.rough || !told.is_finite() || matches!(unit, Unit::Points | Unit::Times) {
        return;
    }
    let all = &case.report.passages[sentence.passage].tokens;
    let own = part(all, &sentence.range, figure);
    let words = &all[own.clone()];
    // "At least 36 had to go before the target could be reached"
    if says_one(words, phrases!["had to go", "has to go", "have to go", "had to disappear", "must go"]) {
        return;
    }
    let as_planned = says_plan_was_kept(sentence.tokens);
    let of_plan = tells_plan(words) || as_planned || says_plan_behind(all, figure, sentence.range.end);
    let bounded = figure.low != figure.high;
    if bounded && !of_plan && !is_stative(words) {
        return;
    }
    let nth = figure.tokens.start.checked_sub(1).filter(|at| *at >= own.start).map(|at| &all[at]);
    if nth.is_some_and(|token| {
        token.is_any(&["first", "second", "third", "last", "next", "other", "these", "those"])
    }) {
        return;
    }
    let beside =
        &all[figure.tokens.start.saturating_sub(3).max(own.start)..own.end.min(figure.tokens.end + 4)];
    let limits = figure.tokens.clone();
    let others: Vec<&Token> = beside
        .iter()
        .enumerate()
        .filter(|(place, token)| {
            let place = figure.tokens.start.saturating_sub(3).max(own.start) + place;
            token.is_in(OTHERS) && !limits.contains(&place)
        })
        .map(|(_, token)| token)
        .collect();
    if others.iter().any(|token| !token.is_any(&["each", "apiece", "after", "before", "over"])) {
        return;
    }
    let beside = all[own.start..figure.tokens.start].iter().chain(&all[figure.tokens.end..own.end]);
    let roots: Vec<Root> = case.book.roots.all(&beside.collect::<Vec<&Token>>());
    // "Retried twelve times": the verb says what is counted.
    let times = figure.near.iter().all(|word| *word == "time");
    let noun = figure
        .near
        .last()
        .filter(|_| unit == Unit::Count && !times)
        .map(|_| figure.near.iter().map(|word| case.book.roots.named(word)).collect::<Vec<Root>>());
    if roots.is_empty() {
        return;
    }
    let fits = |other: &Figure, kind: Column, (sums, measures): (bool, bool)| {
        let in_money = unit == Unit::Money && other.unit == Unit::Count && kind == Column::Other && sums;
        let of_kind = (other.unit == unit || in_money)
            && Some(other.low) != figure.whole
            && (other.low != 0.0 || other.high != 0.0);
        // What was measured and what it is to be are told where the plan is spoken of.
        let fact = of_plan || matches!(kind, Column::Other | Column::Name | Column::Note) && !measures;
        let same_noun = noun.as_ref().is_none_or(|noun| {
            let theirs = || other.near.iter().chain(&other.around).map(|word| case.book.roots.named(word));
            theirs().any(|root| noun.contains(&root)) || kind == Column::Wanted || kind == Column::Before
        });
        of_kind && fact && same_noun
    };
    let figures = |entry: &super::super::Entry| -> Vec<&Figure> {
        let document = &case.book.documents[entry.document];
        let measures = entry.cells.iter().any(|(_, kind)| *kind == Column::Wanted);
        let sums = ["cost", "budget", "money", "euro"]
            .iter()
            .any(|word| entry.context.contains(&case.book.roots.written(word)));
        let own =
            entry.figures.iter().filter(|(at, kind)| fits(&document.figures[*at], *kind, (sums, measures)));
        own.map(|(at, _)| &document.figures[*at]).collect()
    };
    let found = case.book.find(&roots, |entry| !figures(entry).is_empty());
    let Some(best) = found.first() else { return };
    let strong = best.covered > 0.74 && best.shared >= 2 || best.covered > 0.9 && best.named > 0.6;
    let whole_is_known = || {
        let entry = &case.book.entries[best.entry];
        let document = &case.book.documents[entry.document];
        entry.figures.iter().any(|(at, _)| Some(document.figures[*at].low) == figure.whole)
    };
    let strong = strong && (figure.whole.is_none() || best.covered > 0.9 && whole_is_known());
    if !strong {
        return;
    }
    // Anything near that has the number is what is meant.
    let known = found.iter().filter(|one| one.score() > best.score() * 0.5).any(|one| {
        let entry = &case.book.entries[one.entry];
        let document = &case.book.documents[entry.document];
        entry.figures.iter().map(|(at, _)| &document.figures[*at]).any(|other| has(other, told))
    });
    if known {
        case.held.insert(at);
        return;
    }
    let entry = &case.book.entries[best.entry];
    // "At most 90 words each" may be told as "120 words each".
    let theirs = &case.book.documents[entry.document].report.passages[entry.place.0].tokens;
    if others.iter().any(|token| theirs.iter().all(|word| word.stem != token.stem)) {
        return;
    }
    let plain = figures(entry);
    let [wanted] = plain.as_slice() else {
        if !of_plan || plain.is_empty() {
            return;
        }
        return refute(case, at, figure, plain[plain.len() - 1], entry.document, entry.line);
    };
    // Money is spent otherwise than it was planned, and lengths of time come out otherwise.
    let fewer = unit == Unit::Count
        && figure.whole.is_none()
        && told < wanted.low
        && best.covered > 0.9
        && says_any(words, &["were", "was", "have", "has"])
        && !says_any(sentence.tokens, &["rest", "others", "so", "yet", "until"]);
    let stated = of_plan
        || fewer
        || unit == Unit::Count && is_stative(words)
        || unit != Unit::Money && is_stative(words);
    let same_end = bounded && (wanted.low.is_finite() == figure.low.is_finite());
    if !stated || (wanted.low != wanted.high || bounded) && !of_plan && !same_end {
        return;
    }
    refute(case, at, figure, wanted, entry.document, entry.line);
}

fn refute(case: &mut Case<'_>, at: usize, figure: &Figure, wanted: &Figure, document: usize, line: u32) {
    let message = format!(
        "`{}` is not what the plan says: `{}` ({})",
        figure.text,
        targets::short(&wanted.text),
        case.line(document, line)
    );
    case.held.insert(at);
    tell(case, figure.span, message, "tell the plan's number, or change it in the plan");
}

/// Whether a figure of the plan is a number, in whatever thousands it is written.
fn has(other: &Figure, told: f64) -> bool {
    let same = |known: f64| {
        known.is_finite()
            && [1.0, 1e3, 1e6, 1e-3, 1e-6]
                .iter()
                .any(|scale| (known * scale - told).abs() < 1e-6 * told.abs().max(1e-3))
    };
    same(other.low) || same(other.high) || other.whole.is_some_and(same)
}

/// The part of a sentence that a figure stands in: up to signs and words that begin another.
fn part(tokens: &[Token], sentence: &std::ops::Range<usize>, figure: &Figure) -> std::ops::Range<usize> {
    let ends = |at: usize| {
        let token = &tokens[at];
        divides(tokens, at)
            || pauses(token)
                && !token.is("or")
                && !token.is("and")
                && !token.is_sign('/')
                && !token.is_sign(':')
            || token.is("and")
                && tokens.get(at + 1).is_some_and(|next| next.is_any(&["we", "it", "they", "so", "thus"]))
    };
    let mut start = figure.tokens.start;
    while start > sentence.start && !ends(start - 1) {
        start -= 1;
    }
    let mut end = figure.tokens.end;
    while end < sentence.end && !ends(end) {
        end += 1;
    }
    // "Should the vendor be late, files are exchanged …": what comes first says of what.
    let leads =
        tokens[sentence.start].is_any(&["if", "should", "for", "in", "on", "at", "during", "as", "once"]);
    if leads && start > sentence.start { sentence.start..end } else { start..end }
}

/// "As planned", "as budgeted", "according to the plan": the number is said to be the plan's.
fn says_plan_was_kept(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|two| {
        two[0].is("as")
            && two[1].is_any(&[
                "planned",
                "budgeted",
                "agreed",
                "foreseen",
                "scheduled",
                "promised",
                "intended",
            ])
    }) || tokens.windows(4).any(|four| four[0].is("according") && four[3].is("plan"))
}

/// "The €68,000 the plan allows."
fn says_plan_behind(tokens: &[Token], figure: &Figure, end: usize) -> bool {
    let behind = &tokens[figure.tokens.end..end.min(figure.tokens.end + 4)];
    matches!(behind, [the, plan, asks, ..] if the.is_any(&["the", "our"]) && plan.is("plan")
        && asks.is_any(&["allows", "allowed", "asks", "asked", "foresees", "foresaw", "wants", "wanted", "demands", "has", "had", "sets", "gives", "permits"]))
}

/// Whether a part says how something is, rather than what came of it.
fn is_stative(tokens: &[Token]) -> bool {
    says_any(
        tokens,
        words![
            "is",
            "are",
            "has",
            "have",
            "lists",
            "contains",
            "comprises",
            "counts",
            "consists",
            "includes",
            "covers",
            "runs",
            "amounts",
            "spans",
            "holds",
            "shows",
            "makes",
            "stand",
            "stands",
            "exchanged",
            "kept",
            "there"
        ],
    ) && !says_any(tokens, &["now", "been", "today", "far", "currently"])
}
