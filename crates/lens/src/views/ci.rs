//! Continuous integration: what runs take, how many are green, how many are flaky, how long they wait.

use jiff::Timestamp;
use model::delivery::{
    BUDGET_SECONDS, CiResult, FLAKE_PERCENT, Run, Tests, Threshold, VARIANCE_PERCENT, Workflow, median,
};
use serde::Serialize;

use crate::look::{Head, Look};
use crate::page::{Answer, Cell, Column, Page, Table, Tone};
use crate::words::{Who, ago, seconds_in_words};

/// Continuous integration of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ci<'a> {
    /// The plan.
    pub plan: Head<'a>,
    /// What a run may take, in seconds.
    pub budget_seconds: f64,
    /// As they were first heard of.
    pub workflows: Vec<WorkflowRow<'a>>,
}

/// One workflow, over its latest runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkflowRow<'a> {
    /// Its name where it runs.
    pub workflow: &'a str,
    /// How many runs there were.
    pub runs_total: u64,
    /// Over how many of them the figures here are.
    pub runs: usize,
    /// How many were green in a row, the latest first, whoever told of them.
    pub green_in_a_row: usize,
    /// How many percent were green.
    pub pass_percent: Option<f64>,
    /// How many were flaky.
    pub flaky: usize,
    /// How many percent that is; nothing while there are too few to say.
    pub flake_percent: Option<f64>,
    /// Whether that is too many.
    pub flaky_alert: bool,
    /// What the middle one took, in seconds.
    pub median_seconds: Option<f64>,
    /// What the first green ones took, in seconds.
    pub baseline_seconds: Option<f64>,
    /// By how many percent the last one took more than those.
    pub variance_percent: Option<f64>,
    /// Whether that is worth a look.
    pub variance_alert: bool,
    /// Whether the last one took longer than the budget.
    pub over_budget: bool,
    /// How long the middle one waited to begin, in seconds.
    pub queue_seconds: Option<f64>,
    /// The last one.
    pub last: Option<RunRow<'a>>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRow<'a> {
    /// How it ended: `success`, `failure` or `cancelled`.
    pub result: &'static str,
    /// What it took, in seconds.
    pub seconds: f64,
    /// Of which commit.
    pub commit: Option<&'a str>,
    /// Of which branch.
    pub branch: Option<&'a str>,
    /// Where it can be looked at.
    pub url: Option<&'a str>,
    /// What its tests came to.
    pub tests: Option<RunTests>,
    /// When it ended.
    pub ended: Timestamp,
    /// Who told, and how known.
    pub by: Who,
}

/// What the tests of a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RunTests {
    /// How many there were.
    pub total: u32,
    /// How many failed.
    pub failed: u32,
    /// How many were left out.
    pub skipped: u32,
    /// How many failed first and passed when they were run again.
    pub flaky: u32,
    /// What they took together, in seconds.
    pub seconds: f64,
}

impl RunTests {
    fn of(told: Tests) -> Self {
        let Tests { total, failed, skipped, flaky, seconds } = told;
        Self { total, failed, skipped, flaky, seconds }
    }
}

/// Continuous integration of a plan.
pub fn ci<'a>(look: &Look<'a>) -> Ci<'a> {
    let workflows = look.plan.delivery.workflows.iter().map(row).collect();
    Ci { plan: look.head(), budget_seconds: BUDGET_SECONDS, workflows }
}

/// The latest runs of a workflow, oldest first.
pub fn latest_runs<'a>(look: &Look<'a>, workflow: &str, most: usize) -> Vec<RunRow<'a>> {
    let known = look.plan.delivery.workflows.iter().find(|known| known.name == workflow);
    let runs = known.map_or(&[][..], |known| &known.runs);
    runs[runs.len().saturating_sub(most)..].iter().map(run).collect()
}

fn row(known: &Workflow) -> WorkflowRow<'_> {
    let variance = known.variance_percent();
    let two = |number: f64| (number * 100.0).round() / 100.0;
    WorkflowRow {
        workflow: &known.name,
        runs_total: known.total,
        runs: known.finished().count(),
        green_in_a_row: known.finished().rev().take_while(|run| run.what.result == CiResult::Success).count(),
        pass_percent: known.pass_percent().map(two),
        flaky: known.flaky(),
        flake_percent: known.flake_percent().map(two),
        flaky_alert: known.is_over(Threshold::Flakes),
        median_seconds: median(known.finished().map(|run| run.what.seconds).collect()),
        baseline_seconds: known.baseline_seconds(),
        variance_percent: variance.map(two),
        variance_alert: variance.is_some_and(|percent| percent.abs() > VARIANCE_PERCENT),
        over_budget: known.is_over(Threshold::Duration),
        queue_seconds: median(known.finished().filter_map(|run| run.what.queue_seconds).collect()),
        last: known.runs.last().map(run),
    }
}

fn run(run: &Run) -> RunRow<'_> {
    RunRow {
        result: run.what.result.as_str(),
        seconds: run.what.seconds,
        commit: run.what.commit.as_deref(),
        branch: run.what.branch.as_deref(),
        url: run.what.url.as_deref(),
        tests: run.what.tests.map(RunTests::of),
        ended: run.ended,
        by: Who::from(&run.by),
    }
}

impl Answer for Ci<'_> {
    fn page(&self) -> Page {
        let mut page = Page::default();
        if self.workflows.is_empty() {
            page.paragraph("no run of continuous integration is on record");
        }
        let mut table = Table::new([
            Column::text("Workflow"),
            Column::number("Runs"),
            Column::text("Last"),
            Column::number("Green"),
            Column::number("Flaky"),
            Column::number("Takes"),
            Column::number("Against baseline"),
            Column::number("Waits"),
        ]);
        let time = |seconds: Option<f64>| seconds.map_or_else(|| "n/a".to_owned(), seconds_in_words);
        for row in &self.workflows {
            let percent = |number: Option<f64>| number.map_or_else(|| "n/a".to_owned(), |n| format!("{n} %"));
            let told =
                |alert: bool, text: String| if alert { Tone::Bad.cell(text) } else { Cell::from(text) };
            table.row([
                Tone::Strong.cell(row.workflow),
                Cell::from(row.runs_total.to_string()),
                last(row.last.as_ref(), self.plan.now),
                Cell::from(percent(row.pass_percent)),
                told(row.flaky_alert, percent(row.flake_percent)),
                told(row.over_budget, time(row.median_seconds)),
                match row.variance_percent {
                    Some(by) if row.variance_alert => Tone::Warn.cell(format!("{by:+} %")),
                    Some(by) => Cell::from(format!("{by:+} %")),
                    None => Tone::Faint.cell("n/a"),
                },
                Cell::from(time(row.queue_seconds)),
            ]);
        }
        page.table(table);
        for row in &self.workflows {
            if row.over_budget {
                let (took, budget) = (row.last.as_ref().map(|last| last.seconds), self.budget_seconds);
                page.paragraph(format!(
                    "the last run of `{}` took {}, and the budget is {}",
                    row.workflow,
                    time(took),
                    seconds_in_words(budget)
                ));
            }
            if row.flaky_alert {
                page.paragraph(format!(
                    "`{}` is flaky: more than {FLAKE_PERCENT} % of its runs",
                    row.workflow
                ));
            }
        }
        self.plan.warn(&mut page);
        page
    }
}

fn last(run: Option<&RunRow<'_>>, now: Timestamp) -> Cell {
    let Some(run) = run else { return Tone::Faint.cell("n/a") };
    let text = format!("{}, {}", run.result, ago(run.ended, now));
    match CiResult::parse(run.result) {
        Some(CiResult::Success) => Tone::Good.cell(text),
        Some(CiResult::Failure) => Tone::Bad.cell(text),
        Some(CiResult::Cancelled) | None => Tone::Faint.cell(text),
    }
}
