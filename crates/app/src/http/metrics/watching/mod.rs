//! What watches the figures: alert rules for Prometheus and a dashboard for Grafana, made from the
//! registry of metrics so that neither ever asks for a name there is not.

mod alerts;
mod dashboard;
#[cfg(test)]
mod tests;

pub use alerts::rules;
pub use dashboard::dashboard;

use super::registry::{Metric, PREFIX};

/// A metric's whole name.
fn name(metric: Metric) -> String {
    format!("{PREFIX}_{}", metric.name)
}
