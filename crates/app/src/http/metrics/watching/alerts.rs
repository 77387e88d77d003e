//! Alert rules, as a file of rules for Prometheus.

use std::fmt::Write as _;

use super::name;
use crate::http::metrics::registry::{
    CI_FLAKES, CI_RUN, CI_VARIANCE, GATE_NO_CHECKPOINT, LEASE_EXPIRED, LOCK_CONTENTION, REVIEW_OLDEST,
    REVIEW_TICKETS, TASK_LATENCY, WAIVER_EXPIRY,
};

/// Where somebody who is woken reads what to do: each alert has a heading there.
const RUNBOOK: &str = "docs/guide/observability.md";

/// A rule.
pub(super) struct Alert {
    pub(super) name: &'static str,
    pub(super) expression: String,
    /// It must hold for so long; nothing: at once.
    holds: &'static str,
    severity: &'static str,
    summary: &'static str,
}

/// All of them.
pub(super) fn alerts() -> Vec<Alert> {
    let open = format!("{}{{status=\"open\"}}", name(REVIEW_TICKETS));
    let unassigned = format!("{}{{status=\"unassigned\"}}", name(REVIEW_TICKETS));
    let slowest = format!("histogram_quantile(0.95, sum by (le) (rate({}_bucket[15m])))", name(TASK_LATENCY));
    let alert =
        |name, expression, holds, severity, summary| Alert { name, expression, holds, severity, summary };
    vec![
        alert(
            "ReviewBacklog",
            format!("{open} > 12"),
            "10m",
            "warning",
            "{{ $value }} review tickets wait and nobody has begun on them",
        ),
        alert(
            "ReviewBacklogSevere",
            format!("{open} > 16"),
            "5m",
            "critical",
            "{{ $value }} review tickets wait and nobody has begun on them",
        ),
        alert(
            "ReviewUnassigned",
            format!("{unassigned} >= 3"),
            "10m",
            "warning",
            "{{ $value }} review tickets have nobody who looks at them",
        ),
        alert(
            "ReviewTooOld",
            format!("{} > 7200", name(REVIEW_OLDEST)),
            "",
            "warning",
            "the oldest review ticket has waited for {{ $value | humanizeDuration }}",
        ),
        alert(
            "TasksSlow",
            format!("{slowest} > 45"),
            "10m",
            "warning",
            "one task in twenty takes longer than {{ $value | humanizeDuration }}",
        ),
        alert(
            "TasksVerySlow",
            format!("{slowest} > 60"),
            "10m",
            "critical",
            "one task in twenty takes longer than {{ $value | humanizeDuration }}",
        ),
        alert(
            "GateFailureWithoutCheckpoint",
            format!("increase({}[15m]) > 0", name(GATE_NO_CHECKPOINT)),
            "",
            "critical",
            "a check failed, and no commit is on record to go back to",
        ),
        alert(
            "WaiverExpiring",
            format!("{} < 3 * 86400", name(WAIVER_EXPIRY)),
            "",
            "warning",
            "a waiver ends in {{ $value | humanizeDuration }}, and its gate shuts then",
        ),
        alert(
            "CiSlow",
            format!(
                "increase({0}_count[1h]) - on (workflow) increase({0}_bucket{{le=\"840\"}}[1h]) > 0",
                name(CI_RUN)
            ),
            "",
            "warning",
            "a run of {{ $labels.workflow }} took longer than its budget of 14 minutes",
        ),
        alert(
            "CiDurationVaries",
            format!("abs({}) > 0.2", name(CI_VARIANCE)),
            "",
            "warning",
            "a run of {{ $labels.workflow }} took {{ $value | humanizePercentage }} more or less than its baseline",
        ),
        alert(
            "CiFlaky",
            format!("{} > 0.05", name(CI_FLAKES)),
            "",
            "warning",
            "{{ $value | humanizePercentage }} of the runs of {{ $labels.workflow }} are flaky",
        ),
        alert(
            "LeaseStorm",
            format!("increase({}[10m]) > 5", name(LEASE_EXPIRED)),
            "",
            "warning",
            "{{ $value | humanize }} leases ran out within ten minutes: agents die or stall",
        ),
        alert(
            "LockContention",
            format!("increase({}[5m]) > 50", name(LOCK_CONTENTION)),
            "5m",
            "warning",
            "{{ $value | humanize }} commands within five minutes found somebody else there first",
        ),
    ]
}

/// The file of rules.
pub fn rules() -> String {
    let mut text = String::from(
        "# made by `cargo xtask gen`; edit the source instead\ngroups:\n  - name: countersign\n    rules:\n",
    );
    for Alert { name, expression, holds, severity, summary } in alerts() {
        let page = name.to_ascii_lowercase();
        // Writing to a text cannot fail.
        let _ = write!(text, "      - alert: {name}\n        expr: '{expression}'\n");
        if !holds.is_empty() {
            let _ = writeln!(text, "        for: {holds}");
        }
        let _ = write!(
            text,
            "        labels:\n          severity: {severity}\n        annotations:\n          \
             summary: '{summary}'\n          runbook_url: '{RUNBOOK}#{page}'\n"
        );
    }
    text
}
