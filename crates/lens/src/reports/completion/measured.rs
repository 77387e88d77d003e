//! Metrics against their targets, each number with where it was read. What a check measured counts
//! as much as what somebody recorded; the newer of the two is the number.

use std::collections::HashMap;

use jiff::Timestamp;
use model::check::Probe;
use model::plan::Plan;
use model::registers::{Metric, Reading};
use serde::Serialize;

use crate::look::Look;
use crate::origin::Origin;
use crate::page::{Cell, Column, Table, Tone};

/// A metric against its target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured<'a> {
    /// What is measured.
    pub name: &'a str,
    /// Its unit.
    pub unit: Option<&'a str>,
    /// What it must satisfy.
    pub target: Option<String>,
    /// The latest measurement; nothing where nobody measured it.
    pub actual: Option<Figure<'a>>,
    /// Whether that satisfies the target; nothing where either is missing.
    pub met: Option<bool>,
    /// Where it stood before the work.
    pub baseline: Option<Figure<'a>>,
    /// What the document says it is, unverified.
    pub claimed: Option<Figure<'a>>,
    /// Whether the document says something else than what was measured.
    pub disputed: bool,
}

/// A number and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure<'a> {
    /// The number.
    pub value: f64,
    /// Where it comes from.
    pub origin: Origin<'a>,
    /// Whether nothing but a word stands behind it.
    pub unverified: bool,
}

/// The metrics of a plan, in plan order.
pub(in crate::reports) fn measured<'a>(look: &Look<'a>) -> Vec<Measured<'a>> {
    let by_checks = by_checks(look.plan);
    let row = |metric: &'a Metric| {
        let last = metric.last.as_ref().map(|last| (last.at, figure(look.plan, last)));
        let checked = by_checks.get(&metric.name.to_ascii_lowercase());
        let actual = match (last, checked) {
            (Some((at, own)), Some((later, _))) if at > *later => Some(own),
            (_, Some((_, checked))) => Some(checked.clone()),
            (own, None) => own.map(|(_, own)| own),
        };
        let claimed = metric.claimed.as_ref().map(|claimed| figure(look.plan, claimed));
        Measured {
            name: &metric.name,
            unit: metric.unit.as_deref(),
            target: metric.target.as_ref().map(ToString::to_string),
            met: metric
                .target
                .as_ref()
                .zip(actual.as_ref())
                .map(|(target, actual)| target.met_by(actual.value)),
            disputed: claimed
                .as_ref()
                .zip(actual.as_ref())
                .is_some_and(|(one, other)| one.value != other.value),
            actual,
            baseline: metric.baseline.as_ref().map(|baseline| figure(look.plan, baseline)),
            claimed,
        }
    };
    look.plan.metrics.iter().map(row).collect()
}

/// The latest number that a check measured under the specification in force, by metric.
fn by_checks(plan: &Plan) -> HashMap<String, (Timestamp, Figure<'_>)> {
    let mut found: HashMap<String, (Timestamp, Figure<'_>)> = HashMap::new();
    for (_, check) in plan.checks() {
        let Probe::Metric { name, command: Some(command), .. } = &check.spec.probe else { continue };
        let Some(verdict) = check.current_verdict() else { continue };
        let Some(value) = verdict.evidence.value else { continue };
        let figure = Figure { value, origin: Origin::of_verdict(command, verdict), unverified: false };
        let slot = found.entry(name.to_ascii_lowercase());
        slot.and_modify(|known| {
            if verdict.at >= known.0 {
                *known = (verdict.at, figure.clone());
            }
        })
        .or_insert_with(|| (verdict.at, figure));
    }
    found
}

fn figure<'a>(plan: &'a Plan, reading: &'a Reading) -> Figure<'a> {
    let origin = Origin::of_stated(plan, reading);
    Figure { value: reading.value, unverified: origin.is_claim(), origin }
}

/// Metrics as a table.
pub(in crate::reports) fn table(rows: &[Measured<'_>]) -> Table {
    let mut table = Table::new([
        Column::whole("Metric"),
        Column::whole("Target"),
        Column::number("Actual"),
        Column::whole("Met"),
        Column::text("Where that comes from"),
        Column::text("Before the work"),
        Column::text("Document says"),
    ]);
    for row in rows {
        let value = |figure: &Figure<'_>| match row.unit {
            Some(unit) => format!("{} {unit}", figure.value),
            None => figure.value.to_string(),
        };
        let with_origin = |figure: Option<&Figure<'_>>| {
            figure.map(|figure| format!("{} ({})", value(figure), figure.origin.text())).unwrap_or_default()
        };
        let met = match row.met {
            Some(true) => Tone::Good.cell("yes"),
            Some(false) => Tone::Bad.cell("no"),
            None => Tone::Faint.cell("n/a"),
        };
        let actual = row.actual.as_ref();
        table.row([
            Tone::Strong.cell(row.name),
            Cell::from(row.target.as_deref().unwrap_or_default()),
            Cell::from(actual.map_or_else(|| "n/a".to_owned(), value)),
            met,
            Tone::Faint.cell(actual.map(|actual| actual.origin.text()).unwrap_or_default()),
            Cell::from(with_origin(row.baseline.as_ref())),
            if row.disputed { Tone::Bad } else { Tone::Faint }.cell(with_origin(row.claimed.as_ref())),
        ]);
    }
    table.without_empty_columns()
}
