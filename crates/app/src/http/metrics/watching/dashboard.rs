//! A dashboard for Grafana, as JSON to import.

use serde_json::{Value, json};

use super::name;
use crate::http::metrics::registry::{
    CI_FLAKES, CI_RUN, CI_VARIANCE, DEPLOYMENTS, EVENTS, GATE_NO_CHECKPOINT, GATE_VERDICT, GUARDRAIL,
    LEASE_EXPIRED, LEASES, LOCK_CONTENTION, PROCESS_CPU, PROCESS_MEMORY, REFUSED, REVIEW_CLOSED,
    REVIEW_OLDEST, REVIEW_TICKETS, REVIEW_VELOCITY, SUBSCRIBERS, TASK_LATENCY, TASKS, TEST_DURATION,
    WAIVER_EXPIRY, WAIVERS,
};

/// Columns of a dashboard.
const COLUMNS: usize = 24;

/// How wide and high a panel is.
const SIZE: (usize, usize) = (8, 8);

/// A picture: its title, what its numbers are, whether it is one number, and its lines.
pub(super) struct Panel {
    title: &'static str,
    unit: &'static str,
    single: bool,
    pub(super) lines: Vec<(String, &'static str)>,
}

/// All of them, row by row.
pub(super) fn panels() -> Vec<Panel> {
    let graph = |title, unit, lines| Panel { title, unit, single: false, lines };
    let number = |title, unit, line: String| Panel { title, unit, single: true, lines: vec![(line, "")] };
    let quantile = |q: &str, metric| {
        format!("histogram_quantile({q}, sum by (le) (rate({}_bucket[15m])))", name(metric))
    };
    let rate = |metric, by: &str| format!("sum by ({by}) (rate({}[5m]))", name(metric));
    vec![
        number("Open reviews", "short", format!("sum({}{{status=\"open\"}})", name(REVIEW_TICKETS))),
        number("Oldest review", "s", format!("max({})", name(REVIEW_OLDEST))),
        number("Reviews resolved a day", "short", format!("sum({})", name(REVIEW_VELOCITY))),
        graph(
            "Review tickets",
            "short",
            vec![(format!("sum by (status) ({})", name(REVIEW_TICKETS)), "{{status}}")],
        ),
        graph(
            "Reviews closed",
            "short",
            vec![(
                format!("sum by (reviewer, outcome) (increase({}[1d]))", name(REVIEW_CLOSED)),
                "{{reviewer}} {{outcome}}",
            )],
        ),
        graph("Tasks", "short", vec![(format!("sum by (state) ({})", name(TASKS)), "{{state}}")]),
        graph(
            "What tasks take",
            "s",
            vec![(quantile("0.5", TASK_LATENCY), "half"), (quantile("0.95", TASK_LATENCY), "95 %")],
        ),
        graph(
            "What checks take",
            "s",
            vec![(quantile("0.5", TEST_DURATION), "half"), (quantile("0.95", TEST_DURATION), "95 %")],
        ),
        graph(
            "What CI takes, 95 %",
            "s",
            vec![(
                format!(
                    "histogram_quantile(0.95, sum by (le, workflow) (rate({}_bucket[1d])))",
                    name(CI_RUN)
                ),
                "{{workflow}}",
            )],
        ),
        graph(
            "CI: flaky runs, and difference from the baseline",
            "percentunit",
            vec![(name(CI_FLAKES), "{{workflow}} flaky"), (name(CI_VARIANCE), "{{workflow}} longer")],
        ),
        graph(
            "Deployments a day",
            "short",
            vec![(
                format!("sum by (environment, result) (increase({}[1d]))", name(DEPLOYMENTS)),
                "{{environment}} {{result}}",
            )],
        ),
        graph("Gate verdicts", "ops", vec![(rate(GATE_VERDICT, "gate, verdict"), "{{gate}} {{verdict}}")]),
        graph(
            "Guardrails",
            "ops",
            vec![(rate(GUARDRAIL, "decision, policy_id"), "{{decision}} {{policy_id}}")],
        ),
        graph("Refused", "ops", vec![(rate(REFUSED, "code"), "{{code}}")]),
        graph(
            "Failures without a commit to go back to",
            "short",
            vec![(format!("increase({}[1h])", name(GATE_NO_CHECKPOINT)), "in an hour")],
        ),
        graph("Waivers", "short", vec![(format!("sum by (state) ({})", name(WAIVERS)), "{{state}}")]),
        number("Next waiver ends in", "s", format!("min({})", name(WAIVER_EXPIRY))),
        graph(
            "Leases",
            "short",
            vec![
                (format!("sum by (state) ({})", name(LEASES)), "{{state}}"),
                (format!("increase({}[10m])", name(LEASE_EXPIRED)), "ran out in ten minutes"),
            ],
        ),
        graph("Contention", "ops", vec![(format!("rate({}[5m])", name(LOCK_CONTENTION)), "refused")]),
        graph("Events", "ops", vec![(rate(EVENTS, "kind"), "{{kind}}")]),
        graph("Listeners", "short", vec![(name(SUBSCRIBERS), "event stream")]),
        graph("Processor", "percentunit", vec![(format!("rate({}[5m])", PROCESS_CPU.name), "used")]),
        graph("Memory", "bytes", vec![(PROCESS_MEMORY.name.to_owned(), "held")]),
    ]
}

/// The dashboard.
pub fn dashboard() -> String {
    let source = json!({ "type": "prometheus", "uid": "${datasource}" });
    let (width, height) = SIZE;
    let panels: Vec<Value> = panels()
        .into_iter()
        .enumerate()
        .map(|(place, Panel { title, unit, single, lines })| {
            let letters = ('A'..='Z').map(String::from);
            let targets: Vec<Value> = lines
                .iter()
                .zip(letters)
                .map(|((line, legend), letter)| {
                    json!({ "refId": letter, "datasource": source, "expr": line, "legendFormat": legend })
                })
                .collect();
            let across = COLUMNS / width;
            json!({
                "id": place + 1,
                "type": if single { "stat" } else { "timeseries" },
                "title": title,
                "datasource": source,
                "gridPos": { "x": place % across * width, "y": place / across * height, "w": width, "h": height },
                "fieldConfig": { "defaults": { "unit": unit }, "overrides": [] },
                "targets": targets,
            })
        })
        .collect();
    let whole = json!({
        "title": "Countersign",
        "uid": "countersign",
        "tags": ["countersign"],
        "schemaVersion": 39,
        "version": 1,
        "editable": true,
        "refresh": "30s",
        "time": { "from": "now-24h", "to": "now" },
        "templating": { "list": [
            { "name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus" },
        ] },
        "annotations": { "list": [] },
        "panels": panels,
    });
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}
