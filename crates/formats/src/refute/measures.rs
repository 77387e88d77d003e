//! Figures of another measure offered for the plan's, and figures that contradict one another or the
//! plan's baseline.

use std::collections::BTreeMap;

use crate::statements::figures::{Admitted, Figure, Role};
use crate::statements::numbers::Unit;
use crate::statements::standings::Who;
use crate::statements::vocabulary::Word;

use super::fit::{Fit, counts_failures};
use super::{Case, refutation, say, targets};

pub(super) fn judge(case: &mut Case<'_>) {
    offered(case);
    baselines(case);
    contradictions(case);
}

/// A warm figure where the plan asks for the cold one.
fn offered(case: &mut Case<'_>) {
    for at in 0..case.figures.len() {
        let Fit::Other { yardstick, ours, theirs } = case.fits[at].clone() else { continue };
        let figure = case.figures[at].clone();
        let reported = matches!(figure.role, Role::Now | Role::Change(_)) && figure.admitted == Admitted::No;
        if !reported || case.yardsticks[yardstick].demand.is_none() {
            continue;
        }
        // Where the plan's own measure is told too, this one is told beside it.
        let told_too = case.figures.iter().zip(&case.fits).any(|(other, fit)| {
            matches!(fit, Fit::Same(fits) if fits.contains(&yardstick))
                && matches!(other.role, Role::Now | Role::Change(_))
        });
        let named = figure.sentence.contains(&ours) || case.speaks_of(&ours, yardstick);
        let complete = case.complete(&[Who::Whole, Who::Criteria]).is_some();
        if told_too || named || !(figure.offered || complete) {
            continue;
        }
        // A row or sentence with what was, what is and the change is one cause.
        if case.others.iter().any(|(known, place)| *known == yardstick && case.same_place(*place, at)) {
            continue;
        }
        case.others.push((yardstick, at));
        let target = &case.yardsticks[yardstick];
        let place = case.place(target);
        let message = format!(
            "`{}` is the {theirs} figure, and the plan's target is about the {ours} one ({place}: {})",
            figure.text,
            targets::short(&target.text)
        );
        let found = refutation("report/other-measure", figure.span, message)
            .help(format!("tell the {ours} figure, or say that it was not measured"));
        case.refute(at, found);
    }
}

impl Case<'_> {
    /// Whether the report speaks of a qualifier in one breath with a measure, without a figure.
    fn speaks_of(&self, qualifier: &Word, yardstick: usize) -> bool {
        let core = &self.yardsticks[yardstick].core;
        self.sentences.iter().any(|words| {
            words.iter().any(|word| word == qualifier) && words.iter().any(|word| core.contains(word))
        })
    }

    fn same_place(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.figures[one], &self.figures[other]);
        a.place == b.place
            || self.rows.get(&a.place.0).is_some_and(|row| self.rows.get(&b.place.0) == Some(row))
    }
}

/// "Down from 60" where the plan began at 55.
fn baselines(case: &mut Case<'_>) {
    for at in 0..case.figures.len() {
        let figure = case.figures[at].clone();
        let (Role::Before, Fit::Same(fits), Some(value)) =
            (figure.role, case.fits[at].clone(), figure.exact())
        else {
            continue;
        };
        let [fit] = fits.as_slice() else { continue };
        let Some((began, unit, line)) = case.yardsticks[*fit].baseline else { continue };
        // A step on the way began elsewhere.
        let on_the_way = figure.sentence.iter().any(|word| {
            matches!(
                &**word,
                "week"
                    | "day"
                    | "month"
                    | "sprint"
                    | "monday"
                    | "tuesday"
                    | "wednesday"
                    | "thursday"
                    | "friday"
            )
        });
        if unit != figure.unit || figure.whole.is_some() || on_the_way {
            continue;
        }
        case.held.insert(at);
        let step = figure.scale * 10f64.powi(-i32::from(figure.decimals));
        let blur = if unit == Unit::Count { 1e-9 } else { step };
        if (began - value).abs() < blur {
            continue;
        }
        let place = case.line(case.yardsticks[*fit].document, line);
        let message = format!(
            "`{}` is not where the plan began: {} ({place})",
            figure.text,
            say::value(began, unit, figure.scale)
        );
        let found = refutation("report/contradicts", figure.span, message)
            .help("tell the plan's baseline, or change it in the plan with the reason");
        case.refute(at, found);
    }
}

/// Two figures for one measure.
fn contradictions(case: &mut Case<'_>) {
    let mut by_fit: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, figure) in case.figures.iter().enumerate() {
        if let Fit::Same(fits) = &case.fits[at]
            && let [fit] = fits.as_slice()
            && figure.role == Role::Now
            && figure.exact().is_some()
            && !case.told.contains(&at)
            && plain(figure)
        {
            by_fit.entry(*fit).or_default().push(at);
        }
    }
    for stated in by_fit.into_values() {
        for pair in 1..stated.len() {
            let (first, second) = (case.figures[stated[0]].clone(), case.figures[stated[pair]].clone());
            // Two figures of one sentence are told as two things: parts, days, a whole and its part.
            if first.place == second.place
                || first.unit != second.unit
                || first.whole.is_some() != second.whole.is_some()
                || !same_scope(&first, &second)
                || counts_failures(&first) != counts_failures(&second)
            {
                continue;
            }
            let blur =
                first.scale.max(second.scale) * 10f64.powi(-i32::from(first.decimals.min(second.decimals)));
            let blur = if first.unit == Unit::Count { 1e-9 } else { blur };
            let differs = (first.low - second.low).abs() >= blur
                || (first.whole.is_some() && first.whole != second.whole);
            case.held.insert(stated[pair]);
            if differs {
                let message = format!("`{}` contradicts `{}` for the same measure", second.text, first.text);
                let found = refutation("report/contradicts", second.span, message)
                    .also(first.span, "told here")
                    .help("tell one figure, or what makes the two different");
                case.refute(stated[pair], found);
                break;
            }
        }
    }
}

fn plain(figure: &Figure) -> bool {
    figure.admitted == Admitted::No
}

/// Whether two figures are told of the same part of the work, as far as the words beside them say.
fn same_scope(one: &Figure, other: &Figure) -> bool {
    let outside = |a: &Figure, b: &Figure| {
        a.near
            .iter()
            .filter(|word| !b.near.contains(word) && !b.around.contains(word) && !b.outside.contains(word))
            .count()
    };
    outside(one, other) == 0 || outside(other, one) == 0
}
