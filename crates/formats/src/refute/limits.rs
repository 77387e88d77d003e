//! What a sentence says of where its own figure lies: inside a limit that the same sentence names and the
//! figure breaks, or outside of a target that it meets.

use crate::statements::clauses::clause;
use crate::statements::figures::{Admitted, Figure, Role};
use crate::statements::limits::Side;
use crate::statements::tokens::Token;
use crate::statements::words::{Phrases, phrase_at, says_any, says_one, words};

use super::fit::Fit;
use super::targets::{self, Held};
use super::yardsticks::DemandKind;
use super::{Case, refutation, say};
use crate::statements::numbers::Unit;

pub(super) fn judge(case: &mut Case<'_>) {
    within_its_own(case);
    meets_after_all(case);
    margins(case);
}

/// "After 2,100 s, safely within its half-hour limit": the limit is told beside the figure.
fn within_its_own(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, figure) in figures.iter().enumerate() {
        let (Role::Now, Some(value)) = (figure.role, figure.exact()) else { continue };
        let mut beside = figures.iter().filter(|other| other.place == figure.place);
        let tokens = &case.report.passages[figure.place.0].tokens;
        let Some(limit) = figures.get(at + 1).filter(|next| {
            next.place == figure.place && next.role == Role::Wanted && next.unit == figure.unit
        }) else {
            continue;
        };
        let Some(wanted) = limit.exact() else { continue };
        let between = &tokens[figure.tokens.end..limit.tokens.start.max(figure.tokens.end)];
        let alone = beside.all(|other| std::ptr::eq(other, figure) || std::ptr::eq(other, limit));
        let inside =
            between.iter().rev().take(4).any(|token| token.is_any(&["within", "inside", "under", "below"]));
        let denied = says_any(between, &["not", "no", "never", "than"]) || figure.whole.is_some();
        if !alone || !inside || denied || value <= wanted {
            continue;
        }
        let message = format!("`{}` is not within `{}`", figure.text, limit.text);
        let found = refutation("report/contradicts", figure.span, message)
            .also(limit.span, "the limit it is said to keep")
            .help("correct the figure or the limit, or say that it is missed");
        case.refute(at, found);
    }
}

/// "At 880 MB it is still too large for its gate" where the gate lets 900 MB through.
fn meets_after_all(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, figure) in figures.iter().enumerate() {
        let Fit::Same(fits) = &case.fits[at] else { continue };
        let [fit] = fits.as_slice() else { continue };
        let told = match figure.role {
            Role::Now => figure.exact().is_some(),
            // "About 27 % below the baseline" is inside of a range all the same.
            Role::Change(_) => figure.low == figure.high,
            _ => false,
        };
        if !told || figure.far {
            continue;
        }
        let Some(demand) = case.yardsticks[*fit].demand else { continue };
        let outside = match figure.side {
            Some(Side::Above) => demand.high.is_finite(),
            Some(Side::Below) => {
                demand.low.is_finite() && !demand.high.is_finite()
                    || matches!(demand.kind, DemandKind::Change(_))
            }
            Some(Side::Outside) => true,
            Some(Side::Inside) => false,
            None => says_missed(case, figure),
        };
        if !outside || told_of_another(case, figure) {
            continue;
        }
        let met = targets::held(case, figure, &case.yardsticks[*fit], *fit)
            .is_some_and(|(held, _)| held == Held::Met);
        let alone = figures
            .iter()
            .zip(case.fits)
            .filter(|(other, theirs)| {
                let same = matches!(theirs, Fit::Same(fits) if fits.contains(fit));
                other.place == figure.place
                    && !std::ptr::eq(*other, figure)
                    && matches!(other.role, Role::Wanted | Role::Now | Role::Change(_))
                    && !same
            })
            .count()
            == 0;
        if !met || !alone {
            continue;
        }
        let yardstick = &case.yardsticks[*fit];
        let place = case.place(yardstick);
        let message = format!(
            "`{}` meets the plan's target {}, and the sentence says it does not ({place}: {})",
            figure.text,
            say::demand(&demand),
            targets::short(&yardstick.text)
        );
        let found = refutation("report/contradicts", figure.span, message)
            .help("tell the plan's target, or change it in the plan");
        case.refute(at, found);
    }
}

/// "… is 240 ms, so the criterion is not met."
fn says_missed(case: &Case<'_>, figure: &Figure) -> bool {
    if figure.admitted != Admitted::Plainly {
        return false;
    }
    let tokens = &case.report.passages[figure.place.0].tokens;
    let behind = tokens.get(figure.tokens.end..figure.place.1.end).unwrap_or_default();
    let joint = behind
        .iter()
        .position(|token| token.is_any(&["so", "hence", "therefore", "thus", "means", "which"]))
        .or_else(|| (0..behind.len()).find(|at| phrase_at(behind, *at, "is not").is_some()));
    let Some(joint) = joint else { return false };
    let rest = &behind[joint..];
    const MISSED: Phrases<'_> = Phrases::of(&[
        "not met",
        "not reached",
        "is missed",
        "was missed",
        "not satisfied",
        "has failed",
        "is unmet",
        "gate failed",
        "criterion failed",
        "target failed",
        "not good enough",
        "not enough",
    ]);
    says_one(rest, MISSED)
        && says_any(rest, &["criterion", "target", "gate", "limit", "goal"])
        && !says_any(behind, words!["but", "yet", "other", "second", "also", "only"])
}

/// "At 231 ms, with 29 ms to spare" where the limit is 250 ms.
fn margins(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, margin) in figures.iter().enumerate().filter(|(_, figure)| figure.margin) {
        let Some(told) = margin.exact() else { continue };
        let tokens: &[Token] = &case.report.passages[margin.place.0].tokens;
        let own = clause(tokens, &margin.place.1, margin.tokens.start);
        let mut beside = figures.iter().enumerate().filter(|(_, other)| {
            other.place == margin.place
                && other.role == Role::Now
                && other.exact().is_some()
                && own.contains(&other.tokens.start)
        });
        let (Some((place, figure)), None) = (beside.next(), beside.next()) else { continue };
        let Fit::Same(fits) = &case.fits[place] else { continue };
        let ([fit], Some(value)) = (fits.as_slice(), figure.exact()) else { continue };
        let Some(demand) = case.yardsticks[*fit].demand else { continue };
        let limit = if demand.high.is_finite() { demand.high } else { demand.low };
        let one_limit = demand.high.is_finite() != demand.low.is_finite();
        let alike = margin.unit == figure.unit && figure.unit == demand.unit && demand.whole.is_none();
        if !one_limit || !alike || demand.kind != DemandKind::Level || told_of_another(case, margin) {
            continue;
        }
        case.held.insert(at);
        let made = (limit - value).abs();
        let step =
            10f64.powi(-i32::from(margin.decimals.min(figure.decimals))) * margin.scale.max(figure.scale);
        // Of a count below a limit that is left out, the last that is let through may be meant.
        let slack = if margin.unit == Unit::Count { f64::from(u8::from(demand.open)) + 1e-9 } else { step };
        if (made - told).abs() <= slack {
            continue;
        }
        let yardstick = &case.yardsticks[*fit];
        let message = format!(
            "`{}` does not come out: from `{}` to the plan's limit {} it is {} ({}: {})",
            margin.text,
            figure.text,
            say::demand(&demand),
            say::value(made, margin.unit, margin.scale),
            case.place(yardstick),
            targets::short(&yardstick.text)
        );
        let found = refutation("report/arithmetic", margin.span, message)
            .also(figure.span, "where it is")
            .help("correct the distance, or the figure it is told of");
        case.refute(at, found);
    }
}

/// Whether the clause speaks of some other limit than the plan's, or of another time.
fn told_of_another(case: &Case<'_>, figure: &Figure) -> bool {
    let tokens: &[Token] = &case.report.passages[figure.place.0].tokens;
    let stretch = clause(tokens, &figure.place.1, figure.tokens.start);
    says_any(
        &tokens[stretch],
        words![
            "stretch", "own", "internal", "old", "new", "next", "later", "ideal", "previous", "original",
            "informal", "personal", "other", "another", "if", "would", "could", "might", "should", "twice",
            "double", "times", "half"
        ],
    )
}
