//! Rows of metrics: where a measure began, what it is now, and what it is to reach.

use std::borrow::Cow;

use model::diagnostic::Span;
use model::draft::{DraftMetric, MetricRole};

use super::columns::Column;
use super::gates::verdict;
use super::numbers::{compares, condition_target, in_unit, is_in_two_units, measured, target_of};
use super::places::What;
use super::reader::Reader;
use super::tables::Table;
use crate::words::fields::Field;
use crate::words::is_empty;
use crate::words::plain::plain;

/// A number with its unit, as a cell tells it.
type Amount = (f64, Option<String>);

impl<'a> Reader<'a> {
    /// A row is one metric: where it began, with what was measured last beside it; where one of the
    /// two is told, that; else only the target.
    pub(super) fn metric_row(&mut self, table: &Table<'a>, row: Span) {
        let line = self.line(row);
        let source = told(table, Field::Sources).or_else(|| told(table, Field::Verify));
        let to_reach = told(table, Field::After).filter(|text| compares(text));
        let target = target(table, to_reach.as_deref());
        let values = self.values(table, to_reach.is_some());
        let (value, unit, role) = match values.stated {
            Some((amount, role)) => {
                let (value, unit) = amount.unzip();
                (value, unit.flatten(), role)
            }
            None => (None, target.as_ref().map(|target| target.unit().to_owned()), MetricRole::Target),
        };
        let of_later = values.later.as_ref().and_then(|(_, unit)| unit.clone());
        let unit = unit.filter(|unit| !unit.is_empty()).or_else(|| of_later.clone());
        let measured = values.later.and_then(|amount| told_in(amount, unit.as_deref()));
        let others = others(table)
            .map(|(value, from)| told_in((value, from), unit.as_deref()).unwrap_or(value))
            .collect();
        if let Some(at) = table.column(Field::Value).or(table.column(Field::After)) {
            // A number of another unit is not to be written in its place.
            let same = of_later.is_none_or(|later| unit.as_ref() == Some(&later));
            if same && !is_in_two_units(table.cells[at]) {
                self.column = Some((table.head, at));
                self.note_place(self.draft.metrics.len(), What::Value, table.cells[at]);
                self.column = None;
            }
        }
        self.draft.metrics.push(DraftMetric {
            name: name(table),
            value,
            unit,
            target,
            source: source.map(Cow::into_owned),
            role,
            measured,
            checked: if table.gates { verdict(table) } else { None },
            others,
            line,
            span: row,
        });
    }

    fn values(&self, table: &Table<'_>, after_is_to_reach: bool) -> Values {
        let began = told(table, Field::Baseline).or_else(|| told(table, Field::Before));
        let began = began.filter(|_| table.has(Field::Baseline) || !table.has(Field::After));
        let result = || told(table, Field::Verdict).filter(|text| measured(text).is_some());
        let now = told(table, Field::Value).or_else(result);
        if let Some(began) = began.as_deref().and_then(measured) {
            let after = told(table, Field::After).filter(|_| !after_is_to_reach);
            let later = now.or(after).as_deref().and_then(measured);
            return Values { stated: Some((Some(began), MetricRole::Baseline)), later };
        }
        let has_begun = table.has(Field::Baseline) || table.has(Field::Before);
        let begins = self.is_where_it_begins() && !has_begun;
        let value_is = if begins { MetricRole::Baseline } else { MetricRole::Claimed };
        let stated = now
            .map(|text| (text, value_is))
            .or_else(|| {
                let after = told(table, Field::After).filter(|_| !after_is_to_reach);
                after.map(|text| (text, MetricRole::Claimed))
            })
            .or_else(|| {
                let began = told(table, Field::Baseline).or_else(|| told(table, Field::Before));
                began.or_else(|| unnamed(table)).map(|text| (text, MetricRole::Baseline))
            });
        Values { stated: stated.map(|(text, role)| (measured(&text), role)), later: None }
    }
}

/// What a row states of its measure.
struct Values {
    stated: Option<(Option<Amount>, MetricRole)>,
    /// What was measured last, beside where it began.
    later: Option<Amount>,
}

fn name(table: &Table<'_>) -> String {
    let cells = table.columns.iter().zip(&table.cells).enumerate();
    let named = cells
        .filter(|(at, (column, _))| Some(*at) == table.title || column.field == Some(Field::Metric))
        .map(|(_, (_, cell))| plain(cell));
    named.collect::<Vec<_>>().join(" ")
}

/// What a row says in a column, where it says anything.
fn told<'a>(table: &Table<'a>, field: Field) -> Option<Cow<'a, str>> {
    table.column(field).map(|at| plain(table.cells[at])).filter(|cell| !is_empty(cell))
}

/// What the measure is to reach. Beside a measure, "Goal" heads that; "After" may as well, where it
/// compares: a comparison measures nothing.
fn target(table: &Table<'_>, to_reach: Option<&str>) -> Option<model::target::Target> {
    let wanted = told(table, Field::Target).or_else(|| told(table, Field::Objectives));
    let wanted = wanted.as_deref().or(to_reach).and_then(target_of);
    wanted.or_else(|| told(table, Field::Condition).and_then(|text| condition_target(&text)))
}

/// An amount as a number of another unit, where it can be told in that.
fn told_in((value, from): Amount, unit: Option<&str>) -> Option<f64> {
    match (from.as_deref(), unit) {
        (Some(from), Some(unit)) => in_unit(value, from, unit),
        _ => Some(value),
    }
}

/// Every number that the row tells of any time. Under a header of the author's own, such as "Old
/// ward", is how it is before the work.
fn others<'a>(table: &Table<'a>) -> impl Iterator<Item = Amount> {
    let own = |(at, (column, cell)): (usize, (&Column, &&'a str))| {
        let measures = Some(at) != table.title && column.field.is_none_or(is_of_a_time);
        measured(&plain(cell)).filter(|_| measures)
    };
    table.columns.iter().zip(&table.cells).enumerate().filter_map(own)
}

/// The one number beside a target under a header of the author's own.
fn unnamed<'a>(table: &Table<'a>) -> Option<Cow<'a, str>> {
    let own = |(at, (column, cell)): (usize, (&Column, &&'a str))| {
        let other = column.field.is_none() && Some(at) != table.title;
        let cell = plain(cell);
        (other && measured(&cell).is_some()).then_some(cell)
    };
    let mut cells = table.columns.iter().zip(&table.cells).enumerate().filter_map(own);
    let first = cells.next().filter(|_| table.has(Field::Target) || table.has(Field::Objectives));
    first.filter(|_| cells.next().is_none())
}

/// Whether a column may hold a measure as it was or is.
fn is_of_a_time(field: Field) -> bool {
    matches!(field, Field::Value | Field::Before | Field::After | Field::Baseline | Field::Status)
}
