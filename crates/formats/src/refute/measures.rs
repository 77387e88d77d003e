//! Figures of another measure offered for the plan's, and figures that contradict one another or the
//! plan's baseline.

use std::collections::BTreeMap;

use crate::statements::clauses::sentences;
use crate::statements::figures::{Admitted, Figure, Role};
use crate::statements::numbers::Unit;
use crate::statements::standings::Who;
use crate::statements::tokens::Token;
use crate::statements::vocabulary::Word;
use crate::statements::words::{Words, says_any, words};

use super::fit::{Fit, counts_failures};
use super::yardsticks::Yardstick;
use super::{Case, refutation, say, targets};

pub(super) fn judge(case: &mut Case<'_>) {
    offered(case);
    baselines(case);
    contradictions(case);
}

/// A warm figure where the plan asks for the cold one.
fn offered(case: &mut Case<'_>) {
    let (figures, fits) = (case.figures, case.fits);
    targets_of_another(case);
    for (at, figure) in figures.iter().enumerate() {
        let Fit::Other { yardstick, ours, theirs } = &fits[at] else { continue };
        let yardstick = *yardstick;
        let reported = matches!(figure.role, Role::Now | Role::Change(_)) && figure.admitted == Admitted::No;
        if !reported || case.yardsticks[yardstick].demand.is_none() {
            continue;
        }
        // Where the plan's own measure is told too, this one is told beside it.
        let told_too = figures.iter().zip(fits).any(|(other, fit)| {
            matches!(fit, Fit::Same(fits) if fits.contains(&yardstick))
                && matches!(other.role, Role::Now | Role::Change(_))
        });
        let named =
            (figure.sentence.contains(ours) || case.speaks_of(ours, yardstick)) && !rests_on(case, figure);
        let complete = case.complete(&[Who::Whole, Who::Criteria]).is_some();
        if told_too || named || !(figure.offered || complete || case.stands_for(at, yardstick)) {
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

/// "The limit was 250 ms at the median" where the plan's is at p95.
fn targets_of_another(case: &mut Case<'_>) {
    let (figures, fits) = (case.figures, case.fits);
    for (at, figure) in figures.iter().enumerate() {
        let (Role::Wanted, Fit::Other { yardstick, ours, theirs }) = (figure.role, &fits[at]) else {
            continue;
        };
        let target = &case.yardsticks[*yardstick];
        let Some(demand) = target.demand else { continue };
        let told = if figure.high.is_finite() { figure.high } else { figure.low };
        let same = demand.unit == figure.unit && [demand.low, demand.high].contains(&told);
        let tokens = &case.report.passages[figure.place.0].tokens[figure.place.1.clone()];
        let own =
            says_any(tokens, words!["own", "internal", "stretch", "informal", "too", "also", "additional"]);
        if !same || own {
            continue;
        }
        let message = format!(
            "the target is told of the {theirs} figure, and the plan's is about the {ours} one ({}: {})",
            case.place(target),
            targets::short(&target.text)
        );
        let found = refutation("report/contradicts", figure.span, message)
            .help("tell the plan's target, or change it in the plan");
        case.refute(at, found);
    }
}

/// "The cold target is met because the warm build takes 38 s": what is said to be reached is said to follow
/// from the figure.
fn rests_on(case: &Case<'_>, figure: &Figure) -> bool {
    const BECAUSE: Words<'_> =
        Words::of(&["because", "since", "so", "therefore", "hence", "thus", "thereby", "means", "which"]);
    let sentence = &case.report.passages[figure.place.0].tokens[figure.place.1.clone()];
    let as_it_is = sentence.windows(2).any(|two| {
        two[0].is_sign(',') && two[1].is_any(&["as", "that", "this"])
            || two[0].is_any(&["and", "with"]) && two[1].is_any(&["that", "this"])
            || two[0].is_sign(':')
    });
    figure.offered && (as_it_is || says_any(sentence, BECAUSE))
}

impl Case<'_> {
    /// Whether the report speaks of a qualifier in one breath with a measure, without a figure.
    fn speaks_of(&self, qualifier: &Word, yardstick: usize) -> bool {
        let core = &self.yardsticks[yardstick].core;
        let says = |tokens: &[Token]| tokens.iter().any(|token| token.telling && token.stem == *qualifier);
        self.report.passages.iter().filter(|passage| says(&passage.tokens)).any(|passage| {
            sentences(&passage.tokens).into_iter().any(|sentence| {
                let tokens = &passage.tokens[sentence];
                says(tokens) && tokens.iter().any(|token| core.contains(&token.stem))
            })
        })
    }

    /// Whether a figure is told among the results under the very name of a measure, as if it were that:
    /// "Build time: 38 % faster with a warm cache", whatever the report says of the whole.
    fn stands_for(&self, at: usize, yardstick: usize) -> bool {
        const RESULTS: &[&str] = &[
            "result",
            "outcom",
            "metric",
            "measure",
            "number",
            "figure",
            "achiev",
            "reach",
            "criteria",
            "criterion",
            "gate",
            "target",
            "goal",
            "kpi",
        ];
        let (figure, target) = (&self.figures[at], &self.yardsticks[yardstick]);
        let passage = &self.report.passages[figure.place.0];
        let among_results = self
            .report
            .headings(passage)
            .any(|heading| heading.tokens.iter().any(|token| RESULTS.iter().any(|word| token.stem == *word)));
        let known = |word: &Word| target.core.contains(word) || target.beside.contains(word);
        among_results && !figure.label.is_empty() && figure.label.iter().all(known)
    }

    fn same_place(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.figures[one], &self.figures[other]);
        a.place == b.place
            || self.rows.get(&a.place.0).is_some_and(|row| self.rows.get(&b.place.0) == Some(row))
    }
}

/// "Down from 60" where the plan began at 55.
fn baselines(case: &mut Case<'_>) {
    let (figures, all_fits) = (case.figures, case.fits);
    for (at, figure) in figures.iter().enumerate() {
        let (Role::Before, Fit::Same(fits), Some(value)) = (figure.role, &all_fits[at], figure.exact())
        else {
            continue;
        };
        let [fit] = fits.as_slice() else { continue };
        let Some((began, unit, line)) = case.yardsticks[*fit].baseline else { continue };
        // A step on the way began elsewhere.
        let named = &case.yardsticks[*fit];
        let on_the_way =
            told_on_the_way(&case.report.passages[figure.place.0].tokens[figure.place.1.clone()], named);
        // "Our initial build came in at 48 s, short of what was wanted": no beginning, but a first result.
        let result = figure.admitted == Admitted::Plainly;
        if unit != figure.unit || figure.whole.is_some() || on_the_way || result {
            continue;
        }
        case.held.insert(at);
        let step = figure.scale * 10f64.powi(-i32::from(figure.decimals));
        let blur = if unit == Unit::Count { 1e-9 } else { step };
        let is = |known: f64| (known - value).abs() < blur;
        if is(began) || named.others.iter().any(|other| is(*other)) {
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

/// Whether a sentence speaks of a time within the work: "in the second week", but not "a week" or "before
/// the sprint".
fn told_on_the_way(tokens: &[Token], named: &Yardstick) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let within = token.is_any(&[
            "week",
            "day",
            "month",
            "sprint",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
        ]);
        let before = &tokens[at.saturating_sub(3)..at];
        let apart = before.iter().any(|word| word.is_any(&["before", "prior"]))
            || before
                .last()
                .is_some_and(|word| word.is_any(&["per", "a", "an", "each", "every"]) || word.is_sign('/'));
        within && !apart && !named.core.contains(&token.stem) && !named.beside.contains(&token.stem)
    })
}

/// Two figures for one measure.
fn contradictions(case: &mut Case<'_>) {
    let mut by_fit: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let figures = case.figures;
    for (at, figure) in figures.iter().enumerate() {
        if let Fit::Same(fits) = &case.fits[at]
            && let [fit] = fits.as_slice()
            && figure.role == Role::Now
            && figure.exact().is_some()
            && !figure.far
            && !case.told.contains(&at)
            && plain(figure)
        {
            by_fit.entry(*fit).or_default().push(at);
        }
    }
    for stated in by_fit.into_values() {
        for pair in 1..stated.len() {
            let (first, second) = (&figures[stated[0]], &figures[stated[pair]]);
            // Two figures of one sentence are told as two things: parts, days, a whole and its part.
            if first.place == second.place
                || first.unit != second.unit
                || first.whole.is_some() != second.whole.is_some()
                || !same_scope(first, second)
                || counts_failures(first) != counts_failures(second)
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
