//! Sums that do not come out: what was, what is, and by how much it changed; parts, wholes and
//! percentages.

use model::diagnostic::Span;

use crate::statements::figures::{Figure, Role, Sense};
use crate::statements::numbers::Unit;
use crate::statements::words::{says_any, words};

use super::fit::{Fit, counts_failures};
use super::{Case, refutation, say};

pub(super) fn judge(case: &mut Case<'_>) {
    changes(case);
    percentages(case);
    every(case);
    rest(case);
    others(case);
}

/// "45 eliminated" where 55 − 34 is 21.
fn changes(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, figure) in figures.iter().enumerate() {
        let Role::Change(sense) = figure.role else { continue };
        let bounded = figure.low.is_finite() && !figure.rough && figure.unit == Unit::Percent;
        let Some(stated) = figure.exact().or(Some(figure.low).filter(|_| bounded)) else { continue };
        let Some((before, now)) = ends(case, at) else {
            continue;
        };
        let (Some(before), Some(now)) = (before.exact().zip(Some(&before)), now.exact().zip(Some(&now)))
        else {
            continue;
        };
        let (made, unit) = match figure.unit {
            Unit::Percent if before.0 != 0.0 => ((now.0 - before.0) / before.0 * 100.0, Unit::Percent),
            Unit::Times => continue,
            unit if unit == now.1.unit => (now.0 - before.0, unit),
            Unit::Points if now.1.unit == Unit::Percent => (now.0 - before.0, Unit::Points),
            _ => continue,
        };
        let step = 10f64.powi(-i32::from(figure.decimals));
        // A percentage may be cut or rounded; the ends may be rounded too.
        let blur = if unit == Unit::Percent {
            let half = |one: &Figure| one.scale * 0.5 * 10f64.powi(-i32::from(one.decimals));
            let of_ends = if now.1.unit == Unit::Count {
                0.0
            } else {
                100.0 * (half(before.1) + half(now.1)) / before.0.abs()
            };
            step + of_ends
        } else {
            1e-6 * stated.abs().max(1.0)
                + if figure.unit == Unit::Count { 0.0 } else { figure.scale * step * 0.6 }
        };
        let agrees = match sense {
            Sense::Down if stated >= 0.0 => (made + stated).abs() < blur,
            Sense::Down | Sense::Up => (made - stated).abs() < blur,
            _ => (made.abs() - stated.abs()).abs() < blur,
        };
        // "More than halved": any change at least as great is one.
        let beyond = figure.high == f64::INFINITY && made.abs() > stated.abs() - blur;
        let agrees = agrees
            || beyond && (made < 0.0) == (sense == Sense::Down || sense == Sense::Better && made < 0.0);
        case.held.insert(at);
        if agrees {
            continue;
        }
        let (first, second) =
            (say::value(before.0, before.1.unit, before.1.scale), say::value(now.0, now.1.unit, now.1.scale));
        let scale = if unit == Unit::Percent || unit == Unit::Points { 1.0 } else { figure.scale };
        let way = if made < 0.0 { "less" } else { "more" };
        let message = format!(
            "`{}` does not come out: from {first} to {second} is {} {way}",
            figure.text,
            say::value(made.abs(), unit, scale)
        );
        let found = refutation("report/arithmetic", figure.span, message)
            .also(now.1.span, "what it is now")
            .help("correct the difference, or the figures it is made of");
        let found =
            if before.1.span.range().is_empty() { found } else { found.also(before.1.span, "what it was") };
        case.refute(at, found);
    }
}

/// What a change leads from and to: of its own sentence, else of its measure anywhere.
fn ends(case: &Case<'_>, at: usize) -> Option<(Figure, Figure)> {
    let figure = &case.figures[at];
    let kin =
        |other: &Figure| other.unit == figure.unit || matches!(figure.unit, Unit::Percent | Unit::Points);
    let beside = |role: Role| {
        // Figures of one sentence or row stand side by side.
        let same = |place: &usize| same_breath(case, at, *place);
        let from = (0..at).rev().take_while(same).last().unwrap_or(at);
        let mut found = (from..case.figures.len()).take_while(same).filter_map(|place| {
            let other = &case.figures[place];
            (place != at && other.role == role && kin(other) && other.exact().is_some()).then_some(other)
        });
        let first = found.next()?;
        // Several such figures speak of several things.
        found.next().is_none().then_some(first)
    };
    let of_measure = |role: Role| {
        let Fit::Same(fits) = &case.fits[at] else { return None };
        let mut found = case.figures.iter().zip(case.fits).enumerate().filter(|(place, (other, fit))| {
            *place != at
                && other.role == role
                && kin(other)
                && other.exact().is_some()
                && counts_failures(other) == counts_failures(figure)
                && matches!(fit, Fit::Same(other) if other.iter().any(|fit| fits.contains(fit)))
        });
        found.next().map(|(_, (other, _))| other)
    };
    let now = beside(Role::Now).or_else(|| of_measure(Role::Now))?;
    let of_whole = || {
        figure.whole.map(|whole| Figure {
            low: whole,
            high: whole,
            role: Role::Before,
            whole: None,
            ..figure.clone()
        })
    };
    // "A dozen of the 55 remain, which means 43 were fixed"
    let of_rest = || {
        let whole = now.whole.filter(|_| {
            let fewer = figure.unit == Unit::Count && figure.role == Role::Change(Sense::Down);
            now.place == figure.place && fewer
        })?;
        Some(Figure { low: whole, high: whole, role: Role::Before, whole: None, ..now.clone() })
    };
    let before = of_whole()
        .or_else(|| beside(Role::Before).cloned())
        .or_else(of_rest)
        .or_else(|| of_measure(Role::Before).cloned());
    Some((before.or_else(|| from_plan(case, at))?, now.clone()))
}

/// Where the plan says that a measure began; it has no place in the report.
fn from_plan(case: &Case<'_>, at: usize) -> Option<Figure> {
    let Fit::Same(fits) = &case.fits[at] else { return None };
    let [fit] = fits.as_slice() else { return None };
    let (value, unit, _) = case.yardsticks[*fit].baseline?;
    let figure = &case.figures[at];
    let span = Span { start: figure.span.start, end: figure.span.start };
    Some(Figure {
        low: value,
        high: value,
        unit,
        span,
        role: Role::Before,
        whole: None,
        decimals: 0,
        scale: 1.0,
        ..figure.clone()
    })
}

/// Whether two figures stand in one sentence or one row.
fn same_breath(case: &Case<'_>, one: usize, other: usize) -> bool {
    let (a, b) = (&case.figures[one], &case.figures[other]);
    a.place == b.place || case.rows.get(&a.place.0).is_some_and(|row| case.rows.get(&b.place.0) == Some(row))
}

/// "626/630 (98 %)".
fn percentages(case: &mut Case<'_>) {
    let figures = case.figures;
    for at in 0..figures.len().saturating_sub(1) {
        let (part, percent) = (&figures[at], &figures[at + 1]);
        // "Approximately 98 %" is a percentage too.
        let stated = percent.exact().or(Some(percent.low).filter(|low| *low == percent.high));
        let (Some(whole), Some(value), Some(stated)) = (part.whole, part.exact(), stated) else {
            continue;
        };
        let tokens = &case.report.passages[percent.place.0].tokens;
        // "6 of the 85 signatures cover 75 % of the crashes": of something else.
        let of_another = tokens.get(percent.tokens.end).is_some_and(|next| next.is("of"));
        let close = percent.place == part.place && percent.tokens.start <= part.tokens.end + 7 && !of_another;
        if percent.unit != Unit::Percent
            || !close
            || whole <= 0.0
            || value > whole
            || !matches!(percent.role, Role::Now)
        {
            continue;
        }
        let made = value / whole * 100.0;
        let step = if percent.rough { 1.0 } else { 10f64.powi(-i32::from(percent.decimals)) };
        case.held.insert(at + 1);
        if (made - stated).abs() < step {
            continue;
        }
        let message = format!(
            "`{}` does not come out: {} of {} is {}",
            percent.text,
            say::number(value),
            say::number(whole),
            say::value(made, Unit::Percent, 1.0)
        );
        let found = refutation("report/arithmetic", percent.span, message)
            .also(part.span, "the part and the whole")
            .help("correct the percentage or the fraction");
        case.refute(at + 1, found);
    }
}

/// "59 of the 68 views were converted, leaving four", "with 626 of 630 passing, just three fail".
fn rest(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, pair) in figures.windows(2).enumerate() {
        let [part, rest] = pair else { continue };
        let (Some(whole), Some(value), Some(stated)) = (part.whole, part.exact(), rest.exact()) else {
            continue;
        };
        let plain = |figure: &Figure| figure.unit == Unit::Count && figure.role == Role::Now;
        let beside = part.place == rest.place && rest.whole.is_none() && plain(part) && plain(rest);
        let tokens = &case.report.passages[part.place.0].tokens;
        let between = tokens.get(part.tokens.end..rest.tokens.start).unwrap_or_default();
        let leaves = between.last().is_some_and(|token| token.is_any(&["leaving", "leaves", "left"]));
        let same = rest.near.iter().all(|word| part.near.contains(word));
        let fails =
            (counts_failures(rest) || rest.lacking) && same && !counts_failures(part) && !part.lacking;
        let so = says_any(between, &["so", "therefore", "leaving", "means"]);
        let lacks = part.lacking && !rest.lacking && same && so;
        if !beside || !(leaves || fails || lacks) || rest.rough || value > whole {
            continue;
        }
        case.held.insert(at + 1);
        let told = [(part.span, "the part and the whole")];
        leaves_so_many(case, (at + 1, rest), (value, whole, stated), &told);
    }
}

/// "Of the 630 tests 626 pass and the other six fail."
fn others(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, three) in figures.windows(3).enumerate() {
        let [whole, part, rest] = three else { continue };
        let (Some(all), Some(value), Some(stated)) = (whole.exact(), part.exact(), rest.exact()) else {
            continue;
        };
        let counted = |figure: &Figure| figure.unit == Unit::Count && figure.whole.is_none();
        if whole.place != part.place || part.place != rest.place || !three.iter().all(counted) {
            continue;
        }
        let tokens = &case.report.passages[whole.place.0].tokens;
        let of_whole = whole.role == Role::Aside
            && tokens[whole.place.1.start..whole.tokens.start].iter().any(|token| token.is("of"));
        let the_other = rest
            .tokens
            .start
            .checked_sub(1)
            .is_some_and(|before| tokens[before].is_any(&["other", "remaining", "rest"]));
        let plain = part.role == Role::Now && rest.role == Role::Now && !part.rough && !rest.rough;
        if !of_whole || !the_other || !plain || value > all {
            continue;
        }
        case.held.insert(at + 2);
        let told = [(part.span, "the part"), (whole.span, "the whole")];
        leaves_so_many(case, (at + 2, rest), (value, all, stated), &told);
    }
}

/// Refutes what is told of the rest where a part leaves another one of the whole; `told` is where the part
/// and the whole stand.
fn leaves_so_many(
    case: &mut Case<'_>,
    (at, rest): (usize, &Figure),
    (part, whole, stated): (f64, f64, f64),
    told: &[(Span, &str)],
) {
    let left = whole - part;
    if (left - stated).abs() < 1e-9 {
        return;
    }
    let message = format!(
        "`{}` does not come out: {} of {} leaves {}",
        rest.text,
        say::number(part),
        say::number(whole),
        say::number(left)
    );
    let found = refutation("report/arithmetic", rest.span, message)
        .help("correct the part, the whole or what is left");
    let found = told.iter().fold(found, |found, (span, what)| found.also(*span, *what));
    case.refute(at, found);
}

/// "Every test passes (627/630)".
fn every(case: &mut Case<'_>) {
    let figures = case.figures;
    for (at, figure) in figures.iter().enumerate() {
        let (Some(whole), Some(value), Role::Now) = (figure.whole, figure.exact(), figure.role) else {
            continue;
        };
        let (passage, sentence) = &figure.place;
        let tokens = &case.report.passages[*passage].tokens;
        let open = figure
            .tokens
            .start
            .checked_sub(1)
            .filter(|at| tokens[*at].is_sign('(') || tokens[*at].is_sign(':'));
        let Some(ahead) = open.and_then(|open| tokens.get(sentence.start..open)) else { continue };
        let closes =
            tokens.get(figure.tokens.end).is_none_or(|token| token.is_sign(')') || token.is_sign('.'));
        let all = ahead.first().is_some_and(|token| token.is_any(&["all", "every", "each"]));
        let hedged = says_any(
            &tokens[sentence.clone()],
            words![
                "but", "except", "apart", "not", "almost", "nearly", "run", "ran", "rerun", "executed",
                "checked"
            ],
        );
        if !all || !closes || hedged || value >= whole {
            continue;
        }
        let (span, text) = (figure.span, figure.text.clone());
        let message = format!("`{text}` is not all of them, and the sentence says all");
        let found = refutation("report/arithmetic", span, message)
            .help("say how many of how many, or what is left out");
        case.refute(at, found);
    }
}
