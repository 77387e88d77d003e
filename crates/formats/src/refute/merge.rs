//! Joins what several places of a plan say of one measure.

use crate::statements::numbers::Unit;
use crate::statements::vocabulary::{ByNumber, Word};

use super::yardsticks::{DemandKind, Yardstick};

/// Joins what several places of the plan say of one measure.
pub(super) fn merge(found: Vec<Yardstick>) -> Vec<Yardstick> {
    let mut kept: Vec<Yardstick> = Vec::new();
    let mut index = Index::default();
    for one in found {
        let same = index.candidates(&one).filter(|at| is_same(&kept[*at], &one)).min();
        index.enter(&one, same.unwrap_or(kept.len()), same.is_none());
        match same.map(|at| &mut kept[at]) {
            Some(other) => {
                if other.demand.is_none() && one.demand.is_some() {
                    (other.demand, other.line) = (one.demand, one.line);
                    other.text.clone_from(&one.text);
                    other.document = one.document;
                }
                other.baseline = other.baseline.or(one.baseline);
                other.others.extend(one.others);
                for word in one.core.into_iter().chain(one.beside) {
                    if !other.core.contains(&word) && !other.beside.contains(&word) {
                        other.beside.push(word);
                    }
                }
                other.qualifiers.join(&one.qualifiers);
            }
            None => kept.push(one),
        }
    }
    kept
}

/// Finds those of one name: what is demanded is compared before any word, since a plan of a thousand
/// gates may have them all of a few words.
#[derive(Default)]
struct Index {
    /// By each word of the name.
    by_word: ByNumber<Word, ByDemand>,
    /// By the first word of the core.
    by_core: ByNumber<Word, ByDemand>,
}

type ByDemand = ByNumber<Option<(u64, u64, Unit)>, Vec<usize>>;

impl Index {
    /// Every one whose core may lie within the name of this one, or the other way round.
    fn candidates(&self, one: &Yardstick) -> impl Iterator<Item = usize> {
        let within = one.core.first().and_then(|word| self.by_word.get(word));
        let around = one.core.iter().chain(&one.beside).filter_map(|word| self.by_core.get(word));
        let wanted = demand_key(one);
        within.into_iter().chain(around).flat_map(move |by_demand| {
            // What demands nothing may be one of any demand, and any may be one of it.
            let (all, own, free) = match wanted {
                None => (Some(by_demand.values()), None, None),
                Some(_) => (None, by_demand.get(&wanted), by_demand.get(&None)),
            };
            all.into_iter().flatten().chain(own).chain(free).flatten().copied()
        })
    }

    fn enter(&mut self, one: &Yardstick, at: usize, is_new: bool) {
        let key = demand_key(one);
        for word in one.core.iter().chain(&one.beside) {
            let places = self.by_word.entry(word.clone()).or_default().entry(key).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
        if let Some(first) = one.core.first().filter(|_| is_new) {
            self.by_core.entry(first.clone()).or_default().entry(key).or_default().push(at);
        }
    }
}

fn demand_key(one: &Yardstick) -> Option<(u64, u64, Unit)> {
    // Nothing from below and nothing from above are one number.
    let bits = |number: f64| (number + 0.0).to_bits();
    one.demand.as_ref().map(|demand| (bits(demand.low), bits(demand.high), demand.unit))
}

fn is_same(other: &Yardstick, one: &Yardstick) -> bool {
    (match (&other.demand, &one.demand) {
        (Some(a), Some(b)) => {
            a.low == b.low && a.high == b.high && a.unit == b.unit && !of_two_parts(other, one)
        }
        _ => compatible(other, one),
    }) && same_name(other, one)
}

/// Whether each names something the other does not: the warnings of the importer and of the ledger.
fn of_two_parts(one: &Yardstick, other: &Yardstick) -> bool {
    let names_more = |a: &Yardstick, b: &Yardstick| {
        a.beside.iter().any(|word| !b.core.contains(word) && !b.beside.contains(word))
    };
    names_more(one, other) && names_more(other, one)
}

/// Whether everything the shorter name says is in the longer one, and no qualifier stands against it.
fn same_name(one: &Yardstick, other: &Yardstick) -> bool {
    let within =
        |a: &[Word], b: &Yardstick| a.iter().all(|word| b.core.contains(word) || b.beside.contains(word));
    (within(&one.core, other) || within(&other.core, one)) && !one.qualifiers.against(&other.qualifiers)
}

/// A baseline is one of a demand where both measure the same kind of thing.
fn compatible(one: &Yardstick, other: &Yardstick) -> bool {
    let unit = |yardstick: &Yardstick| yardstick.baseline.map(|(_, unit, _)| unit);
    let (demand, baseline) = match (&one.demand, &other.demand) {
        (Some(demand), None) => (demand, unit(other)),
        (None, Some(demand)) => (demand, unit(one)),
        _ => return unit(one) == unit(other),
    };
    baseline.is_none_or(|unit| unit == demand.unit || matches!(demand.kind, DemandKind::Change(_)))
}
