//! What a figure in a plan's prose demands, or where it says that a measure begins.

use crate::statements::figures::{Figure, Role, Sense};
use crate::statements::numbers::Unit;
use crate::statements::tokens::Token;
use crate::statements::vocabulary::Word;

use super::yardsticks::{Demand, DemandKind};

/// What a figure of a plan demands, if anything.
pub(super) fn of_figure(figure: &Figure, is_criterion: bool, tokens: &[Token]) -> Option<Demand> {
    if figure.rough {
        return None;
    }
    let ahead = &tokens[..figure.tokens.start];
    // What is to be none of some is told by what becomes of them, which no count of them tells.
    let of_some = tokens[figure.tokens.start].is("none") && figure.low == 0.0 && figure.tokens.len() > 1;
    if of_some || tells_beginning(figure, tokens) {
        return None;
    }
    // "No transfer takes longer than 15 minutes"
    let forbidden = figure.low.is_finite()
        && figure.high == f64::INFINITY
        && figure.open
        && ahead.iter().any(|token| token.is_any(&["no", "none", "nobody", "nothing", "never"]));
    let turned = Figure { low: f64::NEG_INFINITY, high: figure.low, open: false, ..figure.clone() };
    let figure = if forbidden { &turned } else { figure };
    let bounded = figure.low != figure.high;
    // "All 26", "every one of the 26"
    let all = tokens[..figure.tokens.start]
        .iter()
        .rev()
        .take_while(|token| token.is_any(&["all", "every", "each", "one", "of", "the", "our"]))
        .any(|token| token.is_any(&["all", "every", "each"]));
    let base = Demand {
        low: figure.low,
        high: figure.high,
        open: figure.open,
        unit: figure.unit,
        scale: figure.scale,
        kind: DemandKind::Level,
        whole: figure.whole,
    };
    match figure.role {
        Role::Change(sense) if figure.unit == Unit::Percent => {
            let sense = if sense == Sense::Better && !is_rising(figure) { Sense::Down } else { sense };
            let (low, high) = match sense {
                Sense::Down if figure.low >= 0.0 => (-figure.high, -figure.low),
                _ => (figure.low, figure.high),
            };
            // "at least 25 % faster" asks for no end, "25 % faster" for that much or more.
            let (low, high) = if bounded {
                (low, high)
            } else if sense == Sense::Down {
                (f64::NEG_INFINITY, high)
            } else {
                (low, f64::INFINITY)
            };
            Some(Demand { low, high, kind: DemandKind::Change(sense), ..base })
        }
        Role::Change(_) | Role::Before => None,
        Role::Aside if !bounded => None,
        _ if bounded => Some(base),
        _ if figure.whole.is_some() => Some(Demand { low: figure.low, high: f64::INFINITY, ..base }),
        _ if !is_criterion => None,
        _ if figure.low == 0.0 => Some(Demand { low: f64::NEG_INFINITY, high: 0.0, ..base }),
        Role::Wanted => Some(Demand { high: f64::INFINITY, ..base }),
        _ => {
            let done = tokens.iter().any(|token| {
                token.is_any(&[
                    "implemented",
                    "migrated",
                    "added",
                    "covered",
                    "documented",
                    "written",
                    "completed",
                    "delivered",
                    "passing",
                    "pass",
                    "converted",
                    "moved",
                    "published",
                    "tested",
                    "installed",
                    "trained",
                    "reviewed",
                    "imported",
                    "created",
                    "approved",
                    "signed",
                    "registered",
                    "planted",
                    "shipped",
                ])
            });
            let counts = matches!(figure.unit, Unit::Count | Unit::Percent) && !figure.near.is_empty();
            match (counts, done, all) {
                (true, true, _) => {
                    let whole = if all { Some(figure.low) } else { base.whole };
                    Some(Demand { high: f64::INFINITY, whole, ..base })
                }
                (true, false, true) => Some(Demand {
                    low: 0.0,
                    high: 0.0,
                    kind: DemandKind::All,
                    whole: Some(figure.low),
                    ..base
                }),
                _ => None,
            }
        }
    }
}

/// "(today 48 minutes)", "from 400 minutes to …": how it is before the work, in a plan's own words.
pub(super) fn tells_beginning(figure: &Figure, tokens: &[Token]) -> bool {
    let before = figure.tokens.start.checked_sub(1).map(|at| &tokens[at]);
    figure.role == Role::Before
        || figure.low == figure.high
            && before.is_some_and(|before| {
                before.is_any(&["today", "currently", "now", "presently", "was", "formerly", "before", "at"])
            })
            && (0..figure.tokens.start).rev().take(3).any(|at| tokens[at].is_sign('('))
}

/// Whether better means more.
fn is_rising(figure: &Figure) -> bool {
    figure.sentence.iter().any(rises)
}

pub(super) fn rises(word: &Word) -> bool {
    matches!(
        &**word,
        "coverage"
            | "throughput"
            | "availability"
            | "uptime"
            | "accuracy"
            | "precision"
            | "recall"
            | "pass"
            | "satisfaction"
            | "yield"
    )
}
