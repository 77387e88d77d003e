//! What a sentence says of how something lies to what was wanted of it: over the limit, short of the
//! target, three seconds inside the budget.

use std::ops::Range;

use super::tokens::Token;
use super::words::{List, Words, says_any, says_of};

/// On which side of what was wanted something is said to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Above,
    Below,
    /// Where it should be, whichever side that is.
    Inside,
    /// Not where it should be, whichever side that is.
    Outside,
}

impl Side {
    /// What is left when it is denied: "not below" is where it should not be, if that is below.
    fn denied(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::Below => Self::Above,
            Self::Inside => Self::Outside,
            Self::Outside => Self::Inside,
        }
    }
}

/// Words that put something above a limit that stands behind them.
const ABOVE: &[&str] = &[
    "above",
    "over",
    "beyond",
    "past",
    "exceeding",
    "exceeds",
    "exceeded",
    "exceed",
    "outside",
    "more",
    "higher",
    "longer",
    "slower",
    "larger",
    "bigger",
    "heavier",
    "later",
    "greater",
    "twice",
    "double",
    "triple",
    "times",
    "overshoots",
    "overshot",
];

/// Words that put something below it.
const BELOW: &[&str] = &[
    "below",
    "under",
    "beneath",
    "short",
    "shy",
    "fewer",
    "less",
    "lower",
    "shorter",
    "smaller",
    "undercuts",
    "undercut",
    "behind",
];

/// Those that tell a place rather than compare.
const PLACES: Words<'_> = Words::of(&[
    "above", "over", "beyond", "past", "outside", "below", "under", "beneath", "inside", "within", "on",
]);

const INSIDE: &[&str] = &["inside", "within", "on"];

/// Verbs for being where one should not be.
const FAILS: Words<'_> =
    Words::of(&["fails", "misses", "breaks", "violates", "breaches", "overshoots", "exceeds", "busts"]);

/// Words for so much of a quality that it is more than was wanted.
const TOO_MUCH: Words<'_> =
    Words::of(&["large", "big", "high", "slow", "many", "much", "heavy", "long", "late", "expensive"]);
const TOO_LITTLE: &[&str] = &["small", "low", "few", "little", "short"];

/// So many words may stand between a word of place and the limit it is about.
const REACH: usize = 7;

/// On which side of what was wanted a clause puts what it speaks of.
pub(super) fn side(clause: &[Token]) -> Option<Side> {
    if !says_of(clause, List::Limit) {
        return None;
    }
    for (at, token) in clause.iter().enumerate() {
        // "Fails the warning gate"
        if token.is_in(FAILS) && reaches(clause, at + 1) {
            let once = clause[at.saturating_sub(3)..at]
                .iter()
                .any(|before| before.is_any(&["not", "no", "never", "nor", "nothing", "none", "nobody"]));
            if !once {
                return Some(Side::Outside);
            }
        }
        let denied = || {
            clause[at.saturating_sub(3)..at]
                .iter()
                .any(|before| before.is_any(&["not", "no", "never", "nor"]))
        };
        if token.is("too") {
            let quality = clause.get(at + 1)?;
            let side = if quality.is_in(TOO_MUCH) {
                Side::Above
            } else if quality.is_any(TOO_LITTLE) {
                Side::Below
            } else {
                continue;
            };
            let about = clause[at + 2..].first().is_some_and(|next| next.is_any(&["for", "by"]));
            if about && !denied() && reaches(clause, at + 2) {
                return Some(side);
            }
            continue;
        }
        let Some(side) = place(token) else { continue };
        // "Sails past the goal" is no overshoot.
        let past_goal =
            token.is("past") && says_any(&clause[at..], &["goal", "target", "mark", "requirement"]);
        if reaches(clause, at + 1) && !past_goal {
            // "No less than what was asked": a denied comparison says little of where it lies.
            let compares = !token.is_in(PLACES);
            match denied() {
                false => return Some(side),
                true if compares => {}
                true => return Some(side.denied()),
            }
        }
    }
    None
}

fn place(token: &Token) -> Option<Side> {
    [(ABOVE, Side::Above), (BELOW, Side::Below), (INSIDE, Side::Inside)]
        .into_iter()
        .find_map(|(words, side)| token.is_any(words).then_some(side))
}

/// Whether a word for what was wanted stands behind, before anything else begins.
fn reaches(clause: &[Token], from: usize) -> bool {
    clause[from.min(clause.len())..]
        .iter()
        .take(REACH)
        .take_while(|token| !token.is_sign(',') && !token.is_any(&["and", "but", "on"]))
        .any(|token| token.is_of(List::Limit))
}

/// Whether an amount is by how much something lies beside what was wanted: "three seconds over the
/// limit", "missed its target by half a minute", "with a tenth of a second to spare".
pub(super) fn is_margin(
    tokens: &[Token],
    sentence: &Range<usize>,
    clause: &Range<usize>,
    own: &Range<usize>,
) -> bool {
    let behind = &tokens[own.end.min(sentence.end)..sentence.end];
    if let [to, spare, ..] = behind
        && (to.is("to") && spare.is("spare")
            || to.is("of") && spare.is_any(&["headroom", "slack", "leeway", "margin", "room"]))
    {
        return true;
    }
    // "Falls one percentage point short"
    let short = behind.iter().take(3).position(|token| token.is("short"));
    let falls = &tokens[clause.start..own.start.max(clause.start)];
    if short.is_some_and(|at| behind.get(at + 1).is_none_or(|next| !next.is_word()))
        && falls.last().is_some_and(|last| last.is_any(&["falls", "fell", "comes", "came", "is", "was"]))
    {
        return true;
    }
    if !says_of(&tokens[sentence.clone()], List::Limit) {
        return false;
    }
    // "One too many for the target"
    if let [too, quality, ..] = behind
        && too.is("too")
        && (quality.is_in(TOO_MUCH) || quality.is_any(TOO_LITTLE))
        && reaches(behind, 2)
    {
        return true;
    }
    // "two tests more than the gate allows"
    let unit = behind.iter().take(2).take_while(|token| token.telling && place(token).is_none()).count();
    let beside = behind.get(unit).is_some_and(|token| {
        place(token).is_some_and(|side| side != Side::Inside)
            || token.is_any(&["better", "worse", "away", "off"])
    });
    // "34 over the limit of 20" is where it stands.
    let own_number =
        |from: usize| behind[from..].iter().take(REACH + 2).any(|token| token.number().is_some());
    if beside && reaches(behind, unit + 1) && !own_number(unit + 1) {
        return true;
    }
    // "by half a minute"
    let ahead = &tokens[clause.start..own.start.max(clause.start)];
    if !ahead.last().is_some_and(|token| token.is("by")) {
        return false;
    }
    let Some(limit) = ahead.iter().rposition(|token| token.is_of(List::Limit)) else { return false };
    let moved = ahead[limit..].iter().any(|token| {
        [List::WentDown, List::WentUp, List::Removed, List::Better, List::Worse]
            .into_iter()
            .any(|list| token.is_of(list))
    });
    let placed = ahead.iter().any(|token| {
        place(token).is_some()
            || token.is_any(&[
                "missed",
                "misses",
                "miss",
                "missing",
                "fails",
                "failed",
                "beats",
                "beat",
                "beaten",
                "clears",
                "cleared",
                "meets",
                "met",
                "overshoots",
                "breached",
            ])
    });
    placed && !moved
}
