//! Rows of metrics: where a measure began, what it is now, and what it is to reach.

use std::borrow::Cow;

use model::diagnostic::Span;
use model::draft::{DraftMetric, MetricRole};
use model::target::{Target, in_unit};

use super::columns::Column;
use super::gates::verdict;
use super::numbers::{compares, condition_target, is_in_two_units, measured, target_of};
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
        let unit = unit.filter(|unit| !unit.is_empty()).or(of_later);
        let measured = values.later.and_then(|amount| told_in(amount, unit.as_deref()));
        let others = others(table)
            .map(|(value, from)| told_in((value, from), unit.as_deref()).unwrap_or(value))
            .collect();
        if let Some(at) = table.column(Field::Value).or(table.column(Field::After))
            && may_be_written(table.cells[at], unit.as_deref(), target.as_ref())
        {
            self.column = Some((table.head, at));
            self.note_place(self.draft.metrics.len(), What::Value, table.cells[at]);
            self.column = None;
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
fn target(table: &Table<'_>, to_reach: Option<&str>) -> Option<Target> {
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

/// Whether a number may take the place of a cell's: readings are told in the unit of the target,
/// where there is one, and no other unit must stay behind them.
fn may_be_written(cell: &str, unit: Option<&str>, target: Option<&Target>) -> bool {
    let of_target = target.map(Target::unit).zip(unit).filter(|(to, from)| in_unit(1.0, from, to).is_some());
    let told_in = of_target.map(|(to, _)| to).or(unit);
    let of_cell = measured(&plain(cell)).and_then(|(_, unit)| unit);
    let same = |(own, other): (String, &str)| in_unit(1.0, &own, other).is_none_or(|factor| factor == 1.0);
    !is_in_two_units(cell) && of_cell.zip(told_in).is_none_or(same)
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
