//! What rows of a plan's tables say of a measure in their own words: bounds behind the number, money,
//! shares. The plan's structure keeps plain numbers; what it could not keep is read from the row.

use std::collections::HashMap;

use crate::statements::figures::Figure;
use crate::statements::numbers::Unit;
use crate::statements::tables::Column;

use super::super::yardsticks::{Demand, DemandKind, Yardstick};
use super::Book;

impl Book {
    /// Makes yardsticks say what their rows say.
    pub(in crate::refute) fn refine(&self, yardsticks: &mut [Yardstick]) {
        let mut by_line: HashMap<(usize, u32), Vec<usize>> = HashMap::new();
        for (at, one) in yardsticks.iter().enumerate() {
            by_line.entry((one.document, one.line)).or_default().push(at);
        }
        for entry in self.entries.iter().filter(|entry| !entry.cells.is_empty()) {
            let document = &self.documents[entry.document];
            let figure = |kinds: &[Column]| -> Option<&Figure> {
                let mut those = entry.figures.iter().filter(|(_, kind)| kinds.contains(kind));
                those.next().filter(|_| those.next().is_none()).map(|(at, _)| &document.figures[*at])
            };
            let Some(wanted) = figure(&[Column::Wanted]) else { continue };
            let began = figure(&[Column::Before])
                .or_else(|| figure(&[Column::Now]))
                .or_else(|| figure(&[Column::Other]));
            for at in by_line.get(&(entry.document, entry.line)).into_iter().flatten() {
                let yardstick = &mut yardsticks[*at];
                take_wanted(yardstick, wanted);
                if let Some(began) = began.filter(|began| began.low == began.high) {
                    let known = yardstick
                        .baseline
                        .is_some_and(|(_, unit, _)| unit != Unit::Count || began.unit == Unit::Count);
                    if !known {
                        yardstick.baseline = Some((began.low, began.unit, entry.line));
                    }
                }
            }
        }
        yardsticks.iter_mut().for_each(open_end);
    }
}

/// Takes the demand of a row's cell where it says more than a bare number.
fn take_wanted(yardstick: &mut Yardstick, wanted: &Figure) {
    let bounded = wanted.low != wanted.high;
    let known = yardstick.demand.is_some_and(|demand| {
        demand.kind != DemandKind::Level
            || demand.unit != Unit::Count
            || wanted.unit == Unit::Count && !bounded
    });
    let plain = !matches!(wanted.unit, Unit::Points | Unit::Times) && wanted.whole.is_none() && !wanted.rough;
    if known
        || !plain
        || yardstick.baseline.is_some_and(|(_, unit, _)| unit != Unit::Count && unit != wanted.unit)
    {
        return;
    }
    yardstick.demand = Some(Demand {
        low: wanted.low,
        high: wanted.high,
        open: wanted.open,
        unit: wanted.unit,
        scale: wanted.scale,
        kind: DemandKind::Level,
        whole: None,
    });
}

/// Who wants 28 beds where there are 24 wants at least so many.
fn open_end(yardstick: &mut Yardstick) {
    let rises = yardstick.rises();
    let Some(demand) = yardstick.demand.as_mut() else { return };
    if demand.low != demand.high || demand.kind != DemandKind::Level || demand.whole.is_some() {
        return;
    }
    match yardstick.baseline.filter(|(_, unit, _)| *unit == demand.unit) {
        Some((began, ..)) if began < demand.low => demand.high = f64::INFINITY,
        Some((began, ..)) if began > demand.low => demand.low = f64::NEG_INFINITY,
        None if rises => demand.high = f64::INFINITY,
        _ => {}
    }
}
