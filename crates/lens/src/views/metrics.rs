//! Metrics against their targets. Only a reading is judged; what a document says is shown as its
//! word, and what nobody measured is `n/a`.

use jiff::Timestamp;
use model::registers::{Metric, Reading};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, ago};

/// The metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// In plan order.
    pub metrics: Vec<MetricRow<'a>>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRow<'a> {
    /// What is measured.
    pub name: &'a str,
    /// Its unit.
    pub unit: Option<&'a str>,
    /// What it must satisfy.
    pub target: Option<String>,
    /// Where it stood before the work.
    pub baseline: Option<ReadingRow<'a>>,
    /// What the document says it is, unverified.
    pub claimed: Option<ReadingRow<'a>>,
    /// The last reading.
    pub latest: Option<ReadingRow<'a>>,
    /// How many readings there were.
    pub readings: u32,
    /// Whether the last reading satisfies the target; nothing where either is missing.
    pub met: Option<bool>,
    /// Whether the document says something else than the last reading.
    pub disputed: bool,
}

/// A value and where it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadingRow<'a> {
    /// The number.
    pub value: f64,
    /// A command and commit, a file, or a person.
    pub source: &'a str,
    /// Who recorded it, and how known.
    pub by: Who,
    /// When.
    pub at: Timestamp,
}

/// The metrics.
pub fn metrics<'a>(look: &Look<'a>) -> Metrics<'a> {
    Metrics { plan: look.head(), metrics: look.plan.metrics.iter().map(row).collect() }
}

fn row(metric: &Metric) -> MetricRow<'_> {
    let Metric { name, unit, target, baseline, claimed, last, readings } = metric;
    MetricRow {
        name,
        unit: unit.as_deref(),
        target: target.as_ref().map(ToString::to_string),
        baseline: baseline.as_ref().map(reading),
        claimed: claimed.as_ref().map(reading),
        latest: last.as_ref().map(reading),
        readings: *readings,
        met: target.as_ref().zip(last.as_ref()).map(|(target, last)| target.met_by(last.value)),
        disputed: claimed
            .as_ref()
            .zip(last.as_ref())
            .is_some_and(|(claimed, last)| claimed.value != last.value),
    }
}

fn reading(reading: &Reading) -> ReadingRow<'_> {
    ReadingRow { value: reading.value, source: &reading.source, by: Who::from(&reading.by), at: reading.at }
}

impl MetricRow<'_> {
    fn value(&self, reading: Option<&ReadingRow<'_>>) -> String {
        match (reading, self.unit) {
            (None, _) => "n/a".to_owned(),
            (Some(reading), Some(unit)) => format!("{} {unit}", reading.value),
            (Some(reading), None) => reading.value.to_string(),
        }
    }

    fn source(&self, now: Timestamp) -> String {
        match &self.latest {
            Some(latest) => format!("{}, {}", latest.source, ago(latest.at, now)),
            None => String::new(),
        }
    }
}

impl Answer for Metrics<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.metrics.is_empty() {
            page.paragraph("the plan names no metric");
        }
        show(&mut page, &self.metrics, self.plan.now);
        self.plan.warn(&mut page);
        page
    }
}

/// Adds metrics to a page: a table, and below it which sources disagree.
fn show(page: &mut Page, metrics: &[MetricRow<'_>], now: Timestamp) {
    let mut table = Table::new([
        Column::whole("Metric"),
        Column::number("Baseline"),
        Column::number("Target"),
        Column::number("Latest"),
        Column::whole("Met"),
        Column::number("Document says"),
        Column::text("Read from"),
    ]);
    for metric in metrics {
        let claimed = match &metric.claimed {
            Some(claimed) => format!("{} (unverified)", metric.value(Some(claimed))),
            None => String::new(),
        };
        table.row([
            Tone::Strong.cell(metric.name),
            Cell::from(metric.value(metric.baseline.as_ref())),
            Cell::from(metric.target.as_deref().unwrap_or("none")),
            Cell::from(metric.value(metric.latest.as_ref())),
            match metric.met {
                Some(true) => Tone::Good.cell("yes"),
                Some(false) => Tone::Bad.cell("no"),
                None => Tone::Faint.cell("n/a"),
            },
            if metric.disputed { Tone::Bad.cell(claimed) } else { Tone::Faint.cell(claimed) },
            Tone::Faint.cell(metric.source(now)),
        ]);
    }
    page.table(table.without_empty_columns());
    for metric in metrics.iter().filter(|metric| metric.disputed) {
        let (Some(claimed), Some(latest)) = (&metric.claimed, &metric.latest) else { continue };
        page.paragraph(Tone::Bad.cell(format!(
            "{}: {} says {}, {} says {}",
            metric.name, claimed.source, claimed.value, latest.source, latest.value
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, check, definition};
    use model::command::Command;
    use model::definition::MetricDefinition;
    use model::draft::MetricRole;
    use model::target::Target;

    #[test]
    fn only_readings_are_judged_and_two_sources_that_disagree_are_named() {
        let mut plan = definition("# P\n");
        let stated = |name: &str, role, value| MetricDefinition {
            name: name.to_owned(),
            unit: None,
            target: Target::parse("< 20"),
            value: Some((value, role)),
            source: "PLAN.md:4".to_owned(),
        };
        plan.metrics.push(stated("warnings", MetricRole::Claimed, 12.0));
        plan.metrics.push(stated("warnings", MetricRole::Baseline, 80.0));
        plan.metrics.push(stated("crashes", MetricRole::Claimed, 3.0));
        let mut world = World::empty();
        world.does("Ada", Command::AdoptPlan(Box::new(plan)));
        let reading = Command::RecordReading {
            name: "warnings".to_owned(),
            value: 34.0,
            unit: None,
            source: "make lint".to_owned(),
            role: None,
        };
        world.does("Rae", reading).later(3);
        check(
            &metrics(&world.look()),
            "
| Metric | Baseline | Target | Latest | Met | Document says | Read from |
| --- | ---: | ---: | ---: | --- | ---: | --- |
| **warnings** | 80 | < 20 | 34 | no | 12 (unverified) | make lint, 3 hours ago |
| **crashes** | n/a | < 20 | n/a | n/a | 3 (unverified) |  |

warnings: PLAN.md:4 says 12, make lint says 34
",
        );
    }
}
