//! Changes where the plan demands a level: what they lead to from where the measure began.

use crate::statements::figures::{Figure, Role, Sense};
use crate::statements::numbers::Unit;
use crate::statements::vocabulary::Word;
use crate::statements::words::{REMOVED, WENT_DOWN, WENT_UP};

use super::Case;
use super::fit::Fit;
use super::targets::{Held, within};
use super::yardsticks::{Demand, Yardstick};

/// Where a change leads: "fell by half" from 120 to 60. A percentage of a percentage may be points
/// too, and what is 30 % faster may take 30 % less time or 1/1.3 of it: only what is outside the
/// demand in every reading is missed.
pub(super) fn after(
    case: &Case<'_>,
    figure: &Figure,
    sense: Sense,
    yardstick: &Yardstick,
    fit: usize,
    demand: &Demand,
) -> Option<(Held, f64)> {
    if let Some(found) = taken_off(figure, sense, yardstick, demand) {
        return Some(found);
    }
    if figure.unit != Unit::Percent || figure.whole.is_some() || !names_it(figure, yardstick, demand.unit) {
        return None;
    }
    // Where the level itself is told, that is judged.
    let told = case.figures.iter().zip(case.fits).any(|(other, other_fit)| {
        other.role == Role::Now
            && (other.place == figure.place || matches!(other_fit, Fit::Same(fits) if fits.contains(&fit)))
    });
    let (began, unit) =
        case.before(fit, figure).or_else(|| yardstick.baseline.map(|(value, unit, _)| (value, unit)))?;
    if told || unit != demand.unit || began <= 0.0 {
        return None;
    }
    let falls = match sense {
        Sense::Down => true,
        Sense::Up => false,
        Sense::Better => demand.high.is_finite(),
        Sense::Worse => !demand.high.is_finite(),
        Sense::Unknown => return None,
    };
    // "A third" is not 33 %, and 33 % may be rounded.
    let (low, high) = (figure.low.abs().min(figure.high.abs()), figure.low.abs().max(figure.high.abs()));
    let (low, high) = ((low - 0.5).max(0.0) / 100.0, (high + 0.5) / 100.0);
    let reading = |level: &dyn Fn(f64) -> f64| {
        let (one, other) = (level(low), level(high));
        let ends =
            Figure { low: one.min(other), high: one.max(other), rough: figure.rough, ..figure.clone() };
        (within(&ends, demand), (one + other) / 2.0)
    };
    let sign = if falls { -1.0 } else { 1.0 };
    let first = reading(&|share| began * (1.0 + sign * share));
    let mut all = vec![first];
    if matches!(sense, Sense::Better | Sense::Worse) {
        all.push(reading(&|share| {
            if falls { began / (1.0 + share) } else { began / (1.0 - share).max(0.01) }
        }));
    }
    if demand.unit == Unit::Percent {
        all.push(reading(&|share| began + sign * share * 100.0));
    }
    let held = match () {
        () if all.iter().all(|(held, _)| *held == Held::Missed) => Held::Missed,
        () if all.iter().all(|(held, _)| *held == Held::Met) => Held::Met,
        () => Held::Open,
    };
    let told = if first.1.is_finite() { first.1 } else { began * (1.0 + sign * low) };
    Some((held, told))
}

/// "Thirty of the 55 were removed, and with that the target is reached": where a change in the measure's
/// own unit leads, where it is said to be enough.
fn taken_off(figure: &Figure, sense: Sense, yardstick: &Yardstick, demand: &Demand) -> Option<(Held, f64)> {
    let (began, unit, _) = yardstick.baseline?;
    let alike = figure.unit == demand.unit && unit == demand.unit && figure.unit != Unit::Percent;
    let changed = figure.exact().filter(|_| alike && figure.offered && sense == Sense::Down)?;
    if figure.whole.is_some_and(|whole| whole != began) || changed > began {
        return None;
    }
    let left = began - changed;
    let held = within(&Figure { low: left, high: left, whole: None, ..figure.clone() }, demand);
    Some((held, left))
}

/// What is measured, by the unit it is measured in.
const KINDS: &[(Unit, &[&str])] = &[
    (Unit::Seconds, &["time", "latency", "duration", "delay", "lag", "runtime"]),
    (Unit::Bytes, &["size", "weight", "footprint", "storage", "volume"]),
    (Unit::Money, &["cost", "price", "bill", "spend"]),
    (Unit::Metres, &["distance", "length", "height", "width", "walk"]),
];

/// Whether the words around a change name the yardstick and nothing beside it: without a unit, there
/// is nothing else to tell the size of a build from its time.
fn names_it(figure: &Figure, yardstick: &Yardstick, unit: Unit) -> bool {
    let said = || figure.near.iter().chain(&figure.around).chain(&figure.outside);
    let unsaid =
        yardstick.core.iter().filter(|word| !said().any(|other| other == *word) && !is_kind(word, unit));
    // "The slowest query" of the slowest single query: one word of several may be left out.
    let all_said = unsaid.clone().count() <= usize::from(yardstick.core.len() > 1)
        && unsaid.clone().all(|word| units_of(word).next().is_none());
    let known = |word: &Word| {
        yardstick.core.contains(word)
            || yardstick.beside.contains(word)
            || yardstick.qualifiers.names(word)
            || is_kind(word, unit)
            || is_direction(word)
    };
    let on_the_way = figure.sentence.iter().any(|word| {
        matches!(
            &**word,
            "week"
                | "day"
                | "month"
                | "sprint"
                | "round"
                | "step"
                | "monday"
                | "tuesday"
                | "wednesday"
                | "thursday"
                | "friday"
                | "half"
                | "first"
                | "second"
        )
    });
    all_said && !on_the_way && said().all(known)
}

/// The units in which what a word names is measured.
pub(super) fn units_of(word: &Word) -> impl Iterator<Item = Unit> {
    KINDS.iter().filter(|(_, words)| words.contains(&&**word)).map(|(unit, _)| *unit)
}

fn is_kind(word: &Word, unit: Unit) -> bool {
    KINDS.iter().any(|(kind, words)| *kind == unit && words.contains(&&**word))
}

/// Whether a stem is of a verb that says which way something went.
fn is_direction(word: &Word) -> bool {
    const MORE: &[&str] = &[
        "lost",
        "shed",
        "shrink",
        "shrunk",
        "halv",
        "doubl",
        "drop",
        "sank",
        "cut",
        "trimm",
        "trim",
        "slash",
        "reduc",
        "declin",
        "lower",
        "climb",
        "gain",
        "ris",
        "rais",
        "former",
        "original",
        "origin",
        "previou",
        "previous",
        "earlier",
        "us",
        "used",
        "rid",
        "get",
        "got",
        "sufficient",
        "satisfi",
        "satisfy",
        "baselin",
        "nearly",
        "almost",
        "roughly",
        "exactly",
    ];
    MORE.contains(&&**word)
        || REMOVED.contains(&&**word)
        || WENT_DOWN.contains(&&**word)
        || WENT_UP.contains(&&**word)
}
