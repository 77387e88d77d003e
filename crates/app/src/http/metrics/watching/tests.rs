use std::collections::BTreeSet;

use super::alerts::alerts;
use super::dashboard::panels;
use super::*;
use crate::http::metrics::registry::{Kind, METRICS, PROCESS};

/// The names of series in an expression.
fn names(expression: &str) -> Vec<&str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let ours = |word: &&str| word.starts_with("countersign_") || word.starts_with("process_");
    expression.split(word).filter(ours).collect()
}

fn known() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = PROCESS.iter().map(|metric| metric.name.to_owned()).collect();
    for metric in METRICS {
        match metric.kind {
            Kind::Histogram => {
                known.extend(["bucket", "sum", "count"].map(|ending| format!("{}_{ending}", name(*metric))));
            }
            _ => {
                known.insert(name(*metric));
            }
        }
    }
    known
}

#[test]
fn whatever_is_asked_for_is_in_the_registry() {
    let known = known();
    let panels = panels();
    let alerts = alerts();
    let lines = panels.iter().flat_map(|panel| panel.lines.iter().map(|(line, _)| line));
    let expressions = alerts.iter().map(|alert| &alert.expression);
    for expression in lines.chain(expressions) {
        let asked = names(expression);
        assert!(!asked.is_empty(), "{expression}");
        for name in asked {
            assert!(known.contains(name), "{name} in {expression}");
        }
    }
}

#[test]
fn every_alert_has_its_place_in_the_guide() {
    let guide = include_str!("../../../../../../docs/guide/observability.md");
    for alert in alerts() {
        let heading = format!("### {}\n", alert.name);
        assert!(guide.contains(&heading), "docs/guide/observability.md has no heading {}", alert.name);
    }
}

#[test]
fn the_committed_files_are_these() {
    let kept = include_str!("../../../../../../docs/observability/alerts.yml");
    assert!(kept == rules(), "the alert rules have changed: run `cargo xtask gen`");
    let kept = include_str!("../../../../../../docs/observability/grafana.json");
    assert!(kept == dashboard(), "the dashboard has changed: run `cargo xtask gen`");
}
