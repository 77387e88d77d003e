//! What a sentence says of where its own figure lies: inside a limit that the same sentence names and the
//! figure breaks, or outside of a target that it meets.

use crate::statements::clauses::clause;
use crate::statements::figures::{Figure, Role};
use crate::statements::limits::Side;
use crate::statements::tokens::Token;
use crate::statements::words::says_any;

use super::fit::Fit;
use super::targets::{self, Held};
use super::{Case, refutation, say};

pub(super) fn judge(case: &mut Case<'_>) {
    within_its_own(case);
    meets_after_all(case);
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
        if figure.role != Role::Now || figure.exact().is_none() || figure.far || told_of_another(case, figure)
        {
            continue;
        }
        let Some(demand) = case.yardsticks[*fit].demand else { continue };
        let outside = match figure.side {
            Some(Side::Above) => demand.high.is_finite(),
            Some(Side::Below) => demand.low.is_finite() && !demand.high.is_finite(),
            _ => false,
        };
        let met = targets::held(case, figure, &case.yardsticks[*fit], *fit)
            .is_some_and(|(held, _)| held == Held::Met);
        let alone = figures
            .iter()
            .filter(|other| other.place == figure.place && matches!(other.role, Role::Now | Role::Wanted))
            .count()
            == 1;
        if !outside || !met || !alone {
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

/// Whether the clause speaks of some other limit than the plan's, or of another time.
fn told_of_another(case: &Case<'_>, figure: &Figure) -> bool {
    let tokens: &[Token] = &case.report.passages[figure.place.0].tokens;
    let stretch = clause(tokens, &figure.place.1, figure.tokens.start);
    says_any(
        &tokens[stretch],
        &[
            "stretch", "own", "internal", "old", "new", "next", "later", "ideal", "previous", "original",
            "informal", "personal", "other", "another", "if", "would", "could", "might", "should", "twice",
            "double", "times", "half",
        ],
    )
}
