//! Charts of how the work gets out: what runs take against their budget, what is deployed on which day,
//! and how long what was broken stayed broken. Each says in words what it shows, and has a table behind it.

use std::fmt::Write;

use lens::render::html::escape;
use lens::views::ci::RunRow;
use lens::views::delivery::{DeployDay, IncidentRow};
use lens::words::{count_of, seconds_in_words};

use super::charts::open;

/// So many runs are drawn, the latest of them.
pub(in crate::http::web) const MOST_RUNS: usize = 24;

/// The most bars of a chart that has one for each thing.
const MOST_BARS: usize = 12;

/// How wide every chart is.
const WIDE: usize = 420;

/// What the latest runs of a workflow took, oldest first, and what they may take.
pub(in crate::http::web) fn durations(runs: &[RunRow<'_>], budget: f64) -> String {
    const HIGH: usize = 176;
    const FLOOR: usize = 154;
    const TALL: f64 = 128.0;
    const STEP: usize = 17;
    const BAR: usize = 11;
    let longest = runs.iter().map(|run| run.seconds).fold(budget * 1.1, f64::max).max(1.0);
    let tall = |seconds: f64| ((seconds / longest).clamp(0.0, 1.0) * TALL).round() as usize;
    let told: Vec<String> = runs
        .iter()
        .map(|run| {
            let over = if run.seconds > budget { ", over the budget" } else { "" };
            format!("{}, {}{over}", seconds_in_words(run.seconds), run.result)
        })
        .collect();
    let says = match told.as_slice() {
        [] => "no run is on record".to_owned(),
        told => format!("oldest first: {}", told.join("; ")),
    };
    let mut svg = open(WIDE, HIGH, "What runs took", &says);
    let _ = write!(svg, "<path class=\"axis\" d=\"M6 {FLOOR}H{}\"/>", WIDE - 6);
    for (number, run) in runs.iter().enumerate() {
        let class = match run.result {
            "success" => "verified",
            "failure" => "late",
            _ => "aside",
        };
        let (x, high) = (8 + number * STEP, tall(run.seconds).max(2));
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{BAR}\" height=\"{high}\"/>",
            FLOOR - high
        );
    }
    let line = FLOOR - tall(budget);
    let _ = write!(
        svg,
        "<path class=\"budget\" d=\"M6 {line}H{}\"/><text class=\"soft end\" x=\"{}\" y=\"{}\">budget {}</text>",
        WIDE - 6,
        WIDE - 8,
        line - 5,
        seconds_in_words(budget)
    );
    let _ = write!(
        svg,
        "<text class=\"soft\" x=\"8\" y=\"{0}\">older</text><text class=\"soft end\" x=\"{1}\" y=\"{0}\">newer</text></svg>",
        FLOOR + 17,
        8 + runs.len().clamp(6, MOST_RUNS) * STEP
    );
    svg
}

/// What was deployed on each of the last days.
pub(in crate::http::web) fn deployments(days: &[DeployDay]) -> String {
    const HIGH: usize = 176;
    const FLOOR: usize = 140;
    const TALL: usize = 112;
    const STEP: usize = 13;
    const BAR: usize = 9;
    let most = days.iter().map(|day| day.succeeded + day.failed).max().unwrap_or(0).max(1) as usize;
    let told: Vec<String> = days
        .iter()
        .filter(|day| day.succeeded + day.failed > 0)
        .map(|day| format!("{}: {} succeeded, {} failed", day.day, day.succeeded, day.failed))
        .collect();
    let says = if told.is_empty() { "nothing was deployed".to_owned() } else { told.join("; ") };
    let mut svg = open(WIDE, HIGH, "Deployments a day", &says);
    let _ = write!(svg, "<path class=\"axis\" d=\"M6 {FLOOR}H{}\"/>", WIDE - 6);
    for (number, day) in days.iter().enumerate() {
        let x = 12 + number * STEP;
        let tall = |count: u32| count as usize * TALL / most;
        let (good, bad) = (tall(day.succeeded), tall(day.failed));
        for (class, high, above) in [("verified", good, good), ("late", bad, good + bad)] {
            if high > 0 {
                let y = FLOOR - above;
                let _ = write!(
                    svg,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{high}\"/>"
                );
            }
        }
        let both = day.succeeded + day.failed;
        if both > 0 {
            let (middle, y) = (x + BAR / 2, FLOOR - good - bad - 5);
            let _ = write!(svg, "<text class=\"mid\" x=\"{middle}\" y=\"{y}\">{both}</text>");
        }
        // Every tenth day is named, today last.
        if (days.len() - 1 - number).is_multiple_of(10) {
            let _ = write!(
                svg,
                "<text class=\"mid soft\" x=\"{}\" y=\"{}\">{}</text>",
                x + BAR / 2,
                FLOOR + 20,
                day.day.strftime("%-d %b")
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// How long each incident took, or has taken so far: those that have not ended first.
pub(in crate::http::web) fn incidents(rows: &[IncidentRow<'_>]) -> String {
    const LEFT: usize = 112;
    const ROOM: usize = 220;
    const STEP: usize = 30;
    let shown = &rows[..rows.len().min(MOST_BARS)];
    let longest = shown.iter().map(|row| row.seconds).fold(1.0, f64::max);
    let told: Vec<String> = shown
        .iter()
        .map(|row| {
            let how = if row.ended.is_some() { "took" } else { "is open for" };
            format!("{} {how} {}", row.incident, seconds_in_words(row.seconds))
        })
        .collect();
    let says = match (told.is_empty(), rows.len() - shown.len()) {
        (true, _) => "nothing was broken".to_owned(),
        (_, 0) => told.join("; "),
        (_, more) => format!("{}; and {}", told.join("; "), count_of(more, "older one")),
    };
    let mut svg = open(WIDE, shown.len().max(1) * STEP + 8, "How long incidents took", &says);
    for (number, row) in shown.iter().enumerate() {
        let y = number * STEP + 6;
        let text = y + 15;
        let class = if row.ended.is_some() { "waits" } else { "late" };
        let long = ((row.seconds / longest * ROOM as f64).round() as usize).max(3);
        let _ = write!(
            svg,
            "<text class=\"end\" x=\"{}\" y=\"{text}\">{}</text><rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{long}\" height=\"20\" rx=\"3\"/><text class=\"soft\" x=\"{}\" y=\"{text}\">{}</text>",
            LEFT - 10,
            escape(&super::fitting(row.incident, 14)),
            LEFT + long + 8,
            seconds_in_words(row.seconds)
        );
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_of_nothing_says_so() {
        assert!(durations(&[], 840.0).contains("<desc>no run is on record</desc>"));
        assert!(deployments(&[]).contains("<desc>nothing was deployed</desc>"));
        assert!(incidents(&[]).contains("<desc>nothing was broken</desc>"));
    }
}
