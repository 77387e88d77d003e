//! Figures outside what the plan demands, and figures of another measure offered in the place of it.

use crate::statements::clauses::clause;
use crate::statements::figures::{Admitted, Figure, Role, Sense};
use crate::statements::limits::Side;
use crate::statements::numbers::Unit;
use crate::statements::standings::Who;
use crate::statements::tokens::Token;
use crate::statements::words::{Words, says_any, says_one};

use super::fit::{Fit, counts_failures};
use super::yardsticks::{Demand, DemandKind, Yardstick};
use super::{Case, levels, marks, refutation, say};
use crate::statements::vocabulary::Word;

/// What holding a figure against a demand gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Held {
    Met,
    Missed,
    /// It can be neither said.
    Open,
}

pub(super) fn judge(case: &mut Case<'_>) {
    let (figures, all_fits) = (case.figures, case.fits);
    for (at, figure) in figures.iter().enumerate() {
        let Fit::Same(fits) = &all_fits[at] else { continue };
        if figure.role == Role::Wanted {
            quoted_target(case, at, figure, fits);
            continue;
        }
        let outcomes: Vec<(usize, Held, f64)> = fits
            .iter()
            .filter_map(|fit| {
                held(case, figure, &case.yardsticks[*fit], *fit).map(|(held, value)| (*fit, held, value))
            })
            .collect();
        if outcomes.is_empty() {
            continue;
        }
        case.held.insert(at);
        if !outcomes.iter().all(|(_, held, _)| *held == Held::Missed) {
            continue;
        }
        if is_on_the_way(case, at) {
            continue;
        }
        let (fit, _, value) = outcomes[0];
        let yardstick = &case.yardsticks[fit];
        let Some(demand) = &yardstick.demand else { continue };
        if is_admitted(case, figure, demand)
            || names_limit(case, at, demand)
            || has_no_limit(case, figure)
            || is_plans_own(case, figure, yardstick, value)
            || says_where(figure, demand, value)
            || is_a_rivals(case, figure, yardstick)
        {
            continue;
        }
        let said = if demand.kind == DemandKind::All {
            format!("`{}` is not all of them", figure.text)
        } else if figure.exact() == Some(value) {
            format!("`{}` is outside the plan's target {}", figure.text, say::demand(demand))
        } else {
            format!(
                "`{}` makes {}, which is outside the plan's target {}",
                figure.text,
                say::value(value, demand.unit, demand.scale),
                say::demand(demand)
            )
        };
        let place = case.place(yardstick);
        let message = format!("{said} ({place}: {})", short(&yardstick.text));
        let found = refutation("report/target-missed", figure.span, message)
            .help("state what was reached and that the target is missed, or reach it");
        case.refute(at, found);
    }
}

/// "Stood at 34 in the second week and is at 18 now": a later figure of the same sentence says how it
/// ended.
fn is_on_the_way(case: &Case<'_>, at: usize) -> bool {
    let figure = &case.figures[at];
    let Fit::Same(fits) = &case.fits[at] else { return false };
    let tokens = &case.report.passages[figure.place.0].tokens;
    let later = case.figures[at + 1..].iter().zip(&case.fits[at + 1..]);
    let mut later = later.take_while(|(other, _)| other.place == figure.place).filter(|(other, fit)| {
        let same = matches!(fit, Fit::Same(theirs) if theirs.iter().any(|fit| fits.contains(fit)));
        other.role == Role::Now && other.unit == figure.unit && same
    });
    let ahead = tokens.get(figure.place.1.start..figure.tokens.start).unwrap_or_default();
    let was = ahead
        .iter()
        .any(|token| token.is_any(&["was", "were", "stood", "had", "began", "started", "peaked", "ran"]));
    let ended = |to: usize| {
        let between = tokens.get(figure.tokens.end..tokens.len().min(to + 3)).unwrap_or_default();
        between.iter().any(|token| {
            token.is_any(&["now", "is", "are", "ended", "finished", "today", "currently", "end", "finally"])
        })
    };
    was && later.any(|(other, _)| ended(other.tokens.end))
}

/// Whether the report owns up to a figure falling short: in so many words, or by saying that the work
/// goes on.
fn is_admitted(case: &Case<'_>, figure: &Figure, demand: &Demand) -> bool {
    // "With 24 remaining we are below the permitted number" owns up to nothing.
    let inside = match figure.side {
        Some(Side::Below) => demand.high.is_finite(),
        Some(Side::Above) => !demand.high.is_finite(),
        Some(Side::Inside) => true,
        _ => false,
    };
    if inside && figure.admitted == Admitted::InPart {
        return false;
    }
    let complete = case.complete(&[Who::Whole, Who::Criteria]).is_some();
    // "With 34 of the original 55 left": whoever counts what is left of a whole is on the way.
    let tokens = &case.report.passages[figure.place.0].tokens;
    let behind = tokens.get(figure.tokens.end..figure.place.1.end).unwrap_or_default();
    let left = behind.iter().take(4).any(|token| token.is_any(&["left", "remaining"]));
    // "Got rid of 21, not 45": a number that is put right.
    let corrects = behind
        .windows(3)
        .any(|three| three[0].is_sign(',') && three[1].is("not") && three[2].number().is_some());
    // "Twenty-one of the 55 were removed, leaving 34": a sum, and no boast.
    let ahead = tokens.get(figure.place.1.start..figure.tokens.start).unwrap_or_default();
    let sums = ahead.last().is_some_and(|last| last.is("leaving"))
        && case.figures.iter().any(|other| other.place == figure.place && other.whole.is_some());
    if (figure.whole.is_some() && left || corrects || sums) && !complete && !figure.offered {
        return true;
    }
    match figure.admitted {
        Admitted::Plainly => true,
        Admitted::InPart => !complete && !figure.offered,
        Admitted::No => !figure.offered && case.says_incomplete(),
    }
}

/// Whether the plan itself has it there: whoever says so, and does not say that all is done, tells nothing new.
fn is_plans_own(case: &Case<'_>, figure: &Figure, yardstick: &Yardstick, value: f64) -> bool {
    let near = |known: &f64| (known - value).abs() <= known.abs() * 0.02;
    !figure.offered
        && yardstick.measured.as_ref().is_some_and(near)
        && case.complete(&[Who::Whole, Who::Criteria]).is_none()
}

/// "A figure for which the plan sets no limit."
fn has_no_limit(case: &Case<'_>, figure: &Figure) -> bool {
    let sentence = &case.report.passages[figure.place.0].tokens[figure.place.1.clone()];
    sentence.windows(3).any(|three| {
        three[0].is_any(&["sets", "set", "has", "have", "gives", "names", "knows", "with", "is", "there"])
            && three[1].is("no")
            && three[2].is_any(&["limit", "target", "gate", "goal", "criterion", "threshold", "requirement"])
    })
}

/// "Five are still around although no more than two were allowed": whoever names the limit beside the figure
/// hides nothing, unless the limit is said to be kept or all to be done.
fn names_limit(case: &Case<'_>, at: usize, demand: &Demand) -> bool {
    let figure = &case.figures[at];
    let bounds = [demand.low, demand.high];
    let limit = case.figures.iter().filter(|other| other.place == figure.place).any(|other| {
        let told = if other.high.is_finite() { other.high } else { other.low };
        other.role == Role::Wanted && other.unit == demand.unit && bounds.contains(&told)
    });
    limit && !figure.offered && case.complete(&[Who::Whole, Who::Criteria]).is_none()
}

/// "The linker emits 31 warnings" where the plan is about Clippy's: what is counted has a name beside it in
/// the plan that the sentence does not say, and the sentence names something that the plan does not know.
fn is_a_rivals(case: &Case<'_>, figure: &Figure, yardstick: &Yardstick) -> bool {
    let said = |word: &Word| figure.near.contains(word) || figure.around.contains(word);
    let unsaid = yardstick.core.iter().any(|word| !said(word));
    if !unsaid || figure.near.is_empty() || figure.unit != Unit::Count {
        return false;
    }
    let tokens = &case.report.passages[figure.place.0].tokens;
    let from = clause(tokens, &figure.place.1, figure.tokens.start).start;
    let ahead = &tokens[from..figure.tokens.start];
    let strange = |token: &Token| {
        token.is_word()
            && token.telling
            && !case.lexer.is_of_plan(&token.stem)
            && !marks::changes_nothing(&token.stem)
    };
    // "The linter prints", "Rustdoc emits"
    let opens = matches!(ahead, [first, verb, ..]
        if first.span.start == tokens[figure.place.1.start].span.start
            && strange(first)
            && verb.is_word()
            && verb.text.ends_with('s'));
    opens || ahead.windows(2).any(|two| two[0].is_any(&["the", "a", "an", "our"]) && strange(&two[1]))
}

/// Whether the clause of a figure that misses a demand says on which side of it the figure lies.
fn says_where(figure: &Figure, demand: &Demand, value: f64) -> bool {
    let (low, high) = (demand.low, demand.high);
    match figure.side {
        Some(Side::Above) => high.is_finite() && value >= high,
        Some(Side::Below) => low.is_finite() && value <= low,
        Some(Side::Outside) => true,
        _ => false,
    }
}

/// Whether a figure lies outside a yardstick's demand.
pub(super) fn misses(case: &Case<'_>, figure: &Figure, fit: usize) -> bool {
    held(case, figure, &case.yardsticks[fit], fit).is_some_and(|(held, _)| held == Held::Missed)
}

/// A target told otherwise than the plan has it.
fn quoted_target(case: &mut Case<'_>, at: usize, figure: &Figure, fits: &[usize]) {
    let numbers = |demand: &Demand| {
        [demand.low, demand.high].into_iter().filter(|number| number.is_finite()).collect::<Vec<f64>>()
    };
    let demands: Vec<&Demand> = fits
        .iter()
        .filter_map(|fit| case.yardsticks[*fit].demand.as_ref())
        .filter(|demand| demand.unit == figure.unit && demand.kind != DemandKind::All)
        .collect();
    let told: Vec<f64> =
        [figure.low, figure.high].into_iter().filter(|number| number.is_finite()).map(f64::abs).collect();
    if demands.is_empty() || told.is_empty() {
        return;
    }
    // "626 out of 640" where it is to be 626 of 630.
    if let Some(whole) = figure.whole {
        let of_whole: Vec<&&Demand> = demands.iter().filter(|demand| demand.whole.is_some()).collect();
        let same = |demand: &Demand| demand.whole == Some(whole) && numbers(demand).contains(&told[0]);
        let [only] = of_whole.as_slice() else { return };
        let (same, only) = (same(only), ***only);
        case.held.insert(at);
        if !same {
            tell_quoted(case, at, figure, fits[0], only);
        }
        return;
    }
    case.held.insert(at);
    let known = demands.iter().any(|demand| {
        let has = |told: &f64| numbers(demand).iter().any(|number| (number.abs() - told).abs() < 1e-9);
        // A range is told with both of its ends.
        if told.len() == 2 && numbers(demand).len() == 2 && told[0] != told[1] {
            told.iter().all(has)
        } else {
            told.iter().any(has)
        }
    });
    let demand = *demands[0];
    // "Tolerates exactly twenty" where fewer are wanted.
    let tokens = &case.report.passages[figure.place.0].tokens;
    let ahead = &tokens[figure.place.1.start..figure.tokens.start];
    let own = &tokens[figure.place.1.start..figure.tokens.end];
    let counts_in = ahead.last().is_some_and(|last| last.is_any(&["including", "exactly"]))
        || says_one(own, &["as many as", "up to and including"]);
    const LETS: Words<'_> = Words::of(&[
        "tolerates",
        "tolerated",
        "permits",
        "permitted",
        "allows",
        "allowed",
        "accepts",
        "accepted",
    ]);
    let let_in = counts_in && says_any(ahead, LETS) && demand.open && figure.unit == Unit::Count;
    if known && !let_in {
        return;
    }
    tell_quoted(case, at, figure, fits[0], demand);
}

fn tell_quoted(case: &mut Case<'_>, at: usize, figure: &Figure, fit: usize, demand: Demand) {
    let yardstick = &case.yardsticks[fit];
    let place = case.place(yardstick);
    let message = format!(
        "the target is told as `{}`, and the plan has {} ({place}: {})",
        figure.text,
        say::demand(&demand),
        short(&yardstick.text)
    );
    let found = refutation("report/contradicts", figure.span, message)
        .help("tell the plan's target, or change it in the plan");
    case.refute(at, found);
}

/// Holds a figure against a demand; gives the value that was held.
pub(super) fn held(
    case: &Case<'_>,
    figure: &Figure,
    yardstick: &Yardstick,
    fit: usize,
) -> Option<(Held, f64)> {
    let demand = yardstick.demand.as_ref()?;
    if counts_losses(figure, demand) || none_is_left(case, figure) || counts_done(case, figure, yardstick) {
        return None;
    }
    // "Eight percent slower, yet there is no regression"
    let regressed = figure.role == Role::Change(Sense::Worse) && figure.low > 0.0 && figure.offered;
    // "There are no regressions, although throughput got 12 % worse"
    let tokens = &case.report.passages[figure.place.0].tokens[figure.place.1.clone()];
    let denied = tokens.windows(3).any(|three| {
        three[0].is("no") && three[1..].iter().any(|token| token.is_any(&["regression", "regressions"]))
    });
    let worse = figure.role == Role::Change(Sense::Worse) && figure.low > 0.0;
    let regressed = regressed || worse && denied;
    if regressed && demand.high == 0.0 && yardstick.core.iter().any(|word| *word == "regress") {
        return Some((Held::Missed, figure.low));
    }
    match (demand.kind, figure.role) {
        (DemandKind::All, Role::Now) if tells_another(figure, yardstick) => None,
        (DemandKind::All, Role::Now)
            if demand.whole.zip(figure.whole).is_some_and(|(ours, theirs)| ours != theirs) =>
        {
            None
        }
        (DemandKind::All, Role::Now) => all(figure),
        // "2,310 of the 2,400 duplicates have been merged": what is left is what the demand is about.
        (DemandKind::Level, Role::Now)
            if figure.unit == Unit::Count
                && is_done(case, figure)
                && yardstick.baseline.is_some_and(|(began, ..)| figure.whole == Some(began)) =>
        {
            let whole = figure.whole?;
            let left = Figure { low: whole - figure.high, high: whole - figure.low, ..figure.clone() };
            Some((within(&left, demand), left.low))
        }
        // Parts of another whole are other things.
        (DemandKind::Level, _)
            if demand.whole.zip(figure.whole).is_some_and(|(ours, theirs)| ours != theirs) =>
        {
            None
        }
        // "Nine tests fail" where 626 of 630 are to pass.
        (DemandKind::Level, Role::Now) if counts_failures(figure) && figure.unit == Unit::Count => {
            let Some(whole) = demand.rest() else { return Some((within(figure, demand), figure.low)) };
            let passing = Figure { low: whole - figure.high, high: whole - figure.low, ..figure.clone() };
            Some((within(&passing, demand), passing.high))
        }
        // "5 % fail" where 98 % are to pass.
        (DemandKind::Level, Role::Now) if counts_failures(figure) && tells_passing(yardstick, figure) => {
            let passing = Figure { low: 100.0 - figure.high, high: 100.0 - figure.low, ..figure.clone() };
            Some((within(&passing, demand), passing.high))
        }
        // "940 of 1,000 passed" where 98 % are to.
        (DemandKind::Level, Role::Now) if figure.whole.is_some() && tells_passing(yardstick, figure) => {
            let (value, whole) = (figure.exact()?, figure.whole.filter(|whole| *whole > 0.0)?);
            let percent = value / whole * 100.0;
            Some((within(&Figure { low: percent, high: percent, ..figure.clone() }, demand), percent))
        }
        (DemandKind::Level, Role::Now) if figure.unit == demand.unit => {
            Some((within(figure, demand), figure.low))
        }
        // "Settled by 3 mm" where it is to settle by less.
        (DemandKind::Level, Role::Change(Sense::Unknown))
            if figure.unit == demand.unit && yardstick.baseline.is_none() && figure.unit != Unit::Percent =>
        {
            Some((within(figure, demand), figure.low))
        }
        (DemandKind::Level, Role::Change(sense)) => {
            levels::after(case, figure, sense, yardstick, fit, demand)
        }
        (DemandKind::Change(wanted), Role::Change(sense)) => {
            let relative = in_percent(figure, yardstick);
            change(relative.as_ref().unwrap_or(figure), sense, wanted, demand)
        }
        (DemandKind::Change(_), Role::Now) => from_baseline(case, figure, yardstick, fit, demand),
        _ => None,
    }
}

/// "Not a single one went missing" where so many are demanded: what is none is another thing.
fn counts_losses(figure: &Figure, demand: &Demand) -> bool {
    let lost = |word: &Word| matches!(&**word, "lose" | "miss" | "missing" | "wrong" | "fail" | "damag");
    figure.high == 0.0 && demand.low > 0.0 && figure.sentence.iter().any(lost)
}

/// "93 are in, 0 left."
fn none_is_left(case: &Case<'_>, figure: &Figure) -> bool {
    let next = case.report.passages[figure.place.0].tokens.get(figure.tokens.end);
    figure.high == 0.0
        && next.is_some_and(|next| next.is_any(&["left", "remaining", "missing", "outstanding", "open"]))
}

/// "64 have been converted" where at most four may be left: what is done is not what is left.
fn counts_done(case: &Case<'_>, figure: &Figure, yardstick: &Yardstick) -> bool {
    let left = |text: &str| {
        text.split(|c: char| !c.is_alphabetic())
            .any(|word| matches!(word, "left" | "remaining" | "remain" | "remains" | "open" | "outstanding"))
    };
    left(&yardstick.text.to_lowercase()) && is_done(case, figure)
}

/// Whether what a figure counts is said to have been done something with: "have been merged".
fn is_done(case: &Case<'_>, figure: &Figure) -> bool {
    let tokens = &case.report.passages[figure.place.0].tokens;
    let end = figure.place.1.end.min(figure.tokens.end + 5);
    let behind = tokens.get(figure.tokens.end..end).unwrap_or_default();
    behind.windows(2).any(|two| {
        two[0].is_any(&["been", "were", "are", "was"])
            && two[1].text.ends_with("ed")
            && !two[1].is_any(&["needed", "unmigrated"])
    })
}

/// Whether a yardstick demands a percentage of what passes, and a figure tells a share of the same.
pub(super) fn tells_passing(yardstick: &Yardstick, figure: &Figure) -> bool {
    let of_rate = yardstick.demand.is_some_and(|demand| {
        demand.kind == DemandKind::Level && demand.unit == Unit::Percent && demand.whole.is_none()
    });
    let share = figure.unit == Unit::Percent || figure.unit == Unit::Count && figure.whole.is_some();
    let said = |word: &Word| {
        figure.near.contains(word) || figure.around.contains(word) || figure.outside.contains(word)
    };
    let passes = |word: &Word| *word == "pass" && counts_failures(figure);
    of_rate
        && share
        && yardstick.core.iter().any(|word| *word == "pass")
        && yardstick.core.iter().all(|word| said(word) || passes(word))
}

/// Of all that are to be translated, those that are translated count, not those that are redesigned.
fn tells_another(figure: &Figure, yardstick: &Yardstick) -> bool {
    let mut predicate = yardstick.beside.iter().filter(|word| !yardstick.core.contains(word)).peekable();
    let known = |word: &Word| yardstick.core.contains(word) || yardstick.beside.contains(word);
    predicate.peek().is_some()
        && !predicate.any(|word| figure.sentence.contains(word))
        && !counts_failures(figure)
        && figure.near.iter().chain(&figure.around).any(|word| !known(word))
}

fn all(figure: &Figure) -> Option<(Held, f64)> {
    let value = figure.exact()?;
    let failures = counts_failures(figure);
    match (figure.whole, figure.unit) {
        (_, Unit::Count) if failures => Some((if value > 0.0 { Held::Missed } else { Held::Met }, value)),
        (Some(whole), _) => Some((if value < whole { Held::Missed } else { Held::Met }, value)),
        // "One card in sixty" is told of something else than all of them.
        (None, Unit::Percent) if value < 50.0 => None,
        (None, Unit::Percent) => Some((if value < 100.0 { Held::Missed } else { Held::Met }, value)),
        _ => None,
    }
}

/// Whether all that a figure may be lies within a demand, or none of it.
pub(super) fn within(figure: &Figure, demand: &Demand) -> Held {
    let slack = if figure.rough { figure.low.abs().max(figure.high.abs()).min(1e12) * 0.05 } else { 0.0 };
    let (low, high) = (figure.low - slack, figure.high + slack);
    let below =
        |value: f64| value < demand.low || (value == demand.low && demand.open && demand.low.is_finite());
    let above =
        |value: f64| value > demand.high || (value == demand.high && demand.open && demand.high.is_finite());
    // An open end of a bound does not take its number in.
    let misses_above = above(low) || (figure.open && low.is_finite() && low >= demand.high);
    let misses_below = below(high) || (figure.open && high.is_finite() && high <= demand.low);
    if misses_above || misses_below {
        return Held::Missed;
    }
    if !below(low) && !above(high) { Held::Met } else { Held::Open }
}

/// "Twelve seconds quicker" than the 60 s where it began: a fifth.
fn in_percent(figure: &Figure, yardstick: &Yardstick) -> Option<Figure> {
    let (began, unit, _) = yardstick.baseline.filter(|(began, ..)| *began > 0.0)?;
    let exact = figure.exact().filter(|_| figure.unit == unit && unit != Unit::Percent)?;
    let percent = exact / began * 100.0;
    Some(Figure { low: percent, high: percent, unit: Unit::Percent, ..figure.clone() })
}

fn change(figure: &Figure, sense: Sense, wanted: Sense, demand: &Demand) -> Option<(Held, f64)> {
    let percent = |value: f64| match figure.unit {
        Unit::Percent => Some(value),
        // "1.5× faster" takes two thirds of the time.
        Unit::Times if value > 0.0 => Some((1.0 - 1.0 / value) * 100.0),
        _ => None,
    };
    let (low, high) = (percent(figure.low)?, percent(figure.high)?);
    let (low, high) = match sense {
        Sense::Down if low >= 0.0 => (-high, -low),
        Sense::Better if wanted == Sense::Down && low >= 0.0 => (-high, -low),
        Sense::Worse if wanted == Sense::Down => (low, high),
        Sense::Worse => (-high, -low),
        Sense::Unknown if wanted == Sense::Down && low >= 0.0 => (-high, -low),
        _ => (low, high),
    };
    let turned = Figure { low, high, ..figure.clone() };
    // Where the plan does not say which way, only the size counts.
    let size = if wanted == Sense::Unknown && low < 0.0 && demand.low >= 0.0 {
        Figure { low: -high, high: -low, ..figure.clone() }
    } else {
        turned
    };
    // "Over a half" has one end to tell.
    let told = if size.low.is_finite() { size.low } else { size.high };
    Some((within(&size, demand), told))
}

/// The change from where the measure began, where only a level is stated.
fn from_baseline(
    case: &Case<'_>,
    figure: &Figure,
    yardstick: &Yardstick,
    fit: usize,
    demand: &Demand,
) -> Option<(Held, f64)> {
    let now = figure.exact()?;
    let stated = case.figures.iter().zip(case.fits).any(|(other, other_fit)| {
        matches!(other.role, Role::Change(_))
            && other.unit == Unit::Percent
            && matches!(other_fit, Fit::Same(fits) if fits.contains(&fit))
    });
    if stated {
        return None;
    }
    let (before, unit) =
        case.before(fit, figure).or_else(|| yardstick.baseline.map(|(value, unit, _)| (value, unit)))?;
    if unit != figure.unit || before <= 0.0 {
        return None;
    }
    let percent = (now - before) / before * 100.0;
    // Rounded figures give a rounded change.
    // Half of what rounding may hide: "0.8 minutes" is not told of 45 s.
    let step = 100.0 * figure.scale * 0.25 * 10f64.powi(-i32::from(figure.decimals)) / before;
    let turned = Figure { low: percent - step, high: percent + step, open: false, ..figure.clone() };
    let size = if demand.low >= 0.0 && percent < 0.0 {
        Figure { low: -turned.high, high: -turned.low, ..turned }
    } else {
        turned
    };
    Some((within(&size, demand), percent))
}

impl Case<'_> {
    /// Where a measure began, by the report's own words: of the same sentence first.
    pub(super) fn before(&self, fit: usize, beside: &Figure) -> Option<(f64, Unit)> {
        let mut stated = self.figures.iter().zip(self.fits).filter(|(other, other_fit)| {
            other.role == Role::Before
                && matches!(other_fit, Fit::Same(fits) if fits.contains(&fit))
                && other.unit == beside.unit
        });
        let first = stated.clone().find(|(other, _)| other.place == beside.place).or_else(|| stated.next());
        first.and_then(|(other, _)| Some((other.exact()?, other.unit)))
    }
}

pub(super) fn short(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}
